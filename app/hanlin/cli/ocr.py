"""``hanlin ocr``: the pack that reads the text of pictures, installed from files, no network."""

import argparse
from pathlib import Path

import hanlin_resources
from hanlin.cli.output import Console
from hanlin.documents import pack
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("ocr", help=_("the pack that reads the text of pictures"))
    actions = parser.add_subparsers(
        title=_("commands"), dest="action", required=True, metavar=_("COMMAND")
    )
    actions.add_parser(
        "list",
        help=_("print what “pip download --no-deps --require-hashes -r LIST -d FOLDER” needs"),
    )
    install = actions.add_parser("install", help=_("install the pack from its files"))
    install.add_argument(
        "files",
        metavar="FILE",
        type=Path,
        nargs="+",
        help=_("the pack (.zip), its wheels (.whl), or the folder they are in"),
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Print the list, or install; return the exit code."""
    folder = hanlin_resources.folder("packs")
    lock = (folder / "ocr.lock").read_text(encoding="utf-8")
    if arguments.action == "list":
        console.write(lock)
        return 0
    console.status(_("The pack is unpacked and tried…"))
    pack.install(
        arguments.files,
        find_paths(arguments.data_dir).data,
        pack.known(lock),
        (folder / "try.png").read_bytes(),
    )
    console.line(_("The pack is installed: pictures can be read now."))
    return 0
