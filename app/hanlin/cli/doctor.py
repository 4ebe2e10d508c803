"""``hanlin doctor``: what this computer offers, as a text to paste into a report."""

import argparse

from hanlin.bootstrap import open_hardware
from hanlin.cli.output import Console
from hanlin.engine.describing import describe
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.doctor import examine
from hanlin.vault import Vault


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("doctor", help=_("check this computer; the text names no files"))
    parser.add_argument(
        "--try-graphics", action="store_true", help=_("try the graphics cards out anew")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the findings; 1 when one of them keeps the program from working."""
    folders = find_paths(arguments.data_dir)
    vault = Vault(folders.keys, folders.database)
    hardware = open_hardware(folders)
    graphics = hardware.try_new(again=True) if arguments.try_graphics else hardware.findings()
    findings = examine(folders, describe(), vault.keyring_name, graphics)
    for finding in findings:
        if console.json_lines:
            console.event(
                {
                    "name": finding.name,
                    "ok": finding.ok,
                    "value": finding.value,
                    "hint": finding.hint,
                }
            )
        else:
            mark = "ok" if finding.ok else "!!"
            console.line(f"{mark}  {finding.name}: {finding.value}")
            if finding.hint:
                console.line(f"      {finding.hint}")
    return 0 if all(finding.ok for finding in findings if finding.essential) else 1
