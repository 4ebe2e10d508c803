"""``hanlin export``: a conversation as a file."""

import argparse
import sys
from pathlib import Path

from hanlin.bootstrap import open_store
from hanlin.cli.output import Console
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths
from hanlin.services.transfer.service import FORMATS, Printer, TransferService
from hanlin.store.conversations import Store

printer: Printer | None = None
"""Draws PDF; given by the launcher, which alone may know the window's part."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("export", help=_("write a conversation as a file"))
    parser.add_argument(
        "id", metavar="ID", nargs="?", help=_("the conversation; “hanlin search” names it")
    )
    parser.add_argument("--to", required=True, choices=list(FORMATS), help=_("the format to write"))
    parser.add_argument(
        "--output", "-o", type=Path, metavar=_("FILE"), help=_("where to; without: to the output")
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Write the conversation, the one used last without an ID."""
    with open_store(find_paths(arguments.data_dir)) as store:
        transfer = TransferService(store, EventBus(), printer)
        identity = _find(store, arguments.id)
        if arguments.output is not None:
            transfer.write(identity, arguments.to, arguments.output)
            console.note(_("Written: {path}").format(path=arguments.output))
            return 0
        content = transfer.content(identity, arguments.to)
    if sys.stdout.isatty() and arguments.to in ("pdf", "docx"):
        raise KnownError(
            _("This format is no text"),
            _("A terminal cannot show it."),
            _("Name a file with --output."),
        )
    sys.stdout.buffer.write(content)
    sys.stdout.flush()
    return 0


def _find(store: Store, identity: str | None) -> str:
    """Return the id of the conversation that is meant; its beginning is enough."""
    known = store.conversations()
    found = [one.id for one in known if identity is None or one.id.startswith(identity)]
    if identity is not None and len(found) > 1:
        raise KnownError(
            _("Which conversation?"),
            _("Several begin with “{identity}”.").format(identity=identity),
            _("Give more of the ID."),
        )
    if not found:
        raise KnownError(
            _("Not found"),
            _("There is no such conversation."),
            _("“hanlin search” names conversations."),
        )
    return found[0]
