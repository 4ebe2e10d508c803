"""``hanlin import``: conversations of other programs, with a report of what came over."""

import argparse
from pathlib import Path

from hanlin.bootstrap import open_store
from hanlin.cli.output import Console
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _, ngettext
from hanlin.preparing import find_paths
from hanlin.services.transfer.service import TransferService, sentences


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser(
        "import", help=_("take in conversations of ChatGPT, Jan, LM Studio or Cherry Studio")
    )
    parser.add_argument(
        "path", type=Path, metavar=_("FILE"), help=_("an exported file, archive or folder")
    )
    parser.add_argument("--json", action="store_true", help=_("print one JSON object per line"))


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Store what can be read and print the report; 1 when there was nothing to take in."""
    with open_store(find_paths(arguments.data_dir)) as store:
        transfer = TransferService(store, EventBus())
        report = transfer.take_in(
            arguments.path,
            lambda count: console.status(
                ngettext("{count} conversation…", "{count} conversations…", count).format(
                    count=count
                )
            ),
        )
    console.clear_status()
    if console.json_lines:
        console.event(
            {
                "program": report.program,
                "conversations": report.conversations,
                "messages": report.messages,
                "grown": report.grown,
                "already_here": report.here,
                "in_trash": report.trashed,
                "problems": report.problems,
                "left_out": report.left_out,
            }
        )
    else:
        for line in sentences(report):
            console.line(line)
    return 0 if report.conversations or report.here else 1
