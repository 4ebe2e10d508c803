"""Export and import as the window and the command line ask for them.

Files are written beside their place and moved there whole, so that a full disk or a power
cut leaves the old one. How a format looks is in the modules beside this one.
"""

import json
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path
from typing import Final, ParamSpec, TypeVar

from hanlin.colours.client import ColourClient
from hanlin.colours.runs import Colours
from hanlin.domain.transfer import OURS, CarriedConversation, ImportReport, Presence
from hanlin.formulas.client import FormulaClient
from hanlin.kernel import files
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _, ngettext
from hanlin.services.chat import title_from
from hanlin.services.events import ConversationsChanged
from hanlin.services.transfer import documents, word
from hanlin.services.transfer.foreign import FORMAT
from hanlin.services.transfer.reading import read
from hanlin.store.conversations import Store
from hanlin.store.transfer import presence, take_in, take_out

Printer = Callable[[CarriedConversation], bytes]
"""Draws a conversation as PDF; the window's fonts are needed for it."""
FORMATS: Final[Mapping[str, str]] = {
    "markdown": ".md",
    "html": ".html",
    "docx": ".docx",
    "pdf": ".pdf",
    "json": ".json",
}
VERSION: Final = 1
PICTURES: Final = 64 * 2**20
"""Bytes of all pictures in an exported file; what is beyond is named."""
PATIENCE: Final = 60.0
"""Seconds that the formulas, and the colours, of a whole conversation may take."""
_P = ParamSpec("_P")
_T = TypeVar("_T")


class TransferService:
    """Safe to use from any thread; every method waits for the disk and raises KnownError."""

    def __init__(self, store: Store, bus: EventBus, printer: Printer | None = None) -> None:
        self._store = store
        self._bus = bus
        self.printer = printer

    def content(self, conversation_id: str, kind: str) -> bytes:
        """Return the conversation in the format ``kind``, one of FORMATS."""
        shows = kind in ("html", "docx", "pdf")
        carried = take_out(self._store, conversation_id, PICTURES if shows else 0)
        if kind == "json":
            return to_json(carried).encode()
        if kind == "markdown":
            return documents.markdown(carried).encode()
        if kind == "html":
            with closing(FormulaClient()) as formulas, closing(ColourClient()) as colours:
                draw = patient(formulas.draw, None)
                return documents.html(carried, draw, patient(colours.find, Colours())).encode()
        if kind == "docx":
            with closing(FormulaClient()) as formulas:
                return word.docx(carried, patient(formulas.mathml, None))
        if self.printer is None:
            raise KnownError(
                _("No PDF can be written here"),
                _("Drawing one needs the window's part of the program."),
                _("Export HTML instead and print it from a browser."),
            )
        return self.printer(carried)

    def write(self, conversation_id: str, kind: str, path: Path) -> None:
        """Write the conversation to ``path``, in the place of what is there."""
        content = self.content(conversation_id, kind)
        try:
            files.write_atomically(path, content)
        except OSError as error:
            raise from_os_error(error, str(path)) from error

    def take_in(
        self, path: Path, tell: Callable[[int], object] = lambda _count: None
    ) -> ImportReport:
        """Store what another program exported to ``path``; ``tell`` hears how many came over.

        What is here already is left as it is; one that has grown since is stored anew, whole.
        """
        report = ImportReport()
        try:
            for carried in read(path, report):
                known = presence(self._store, carried)
                if known in (Presence.HERE, Presence.TRASHED):
                    report.here += 1
                    report.trashed += known is Presence.TRASHED
                    continue
                take_in(self._store, carried, carried.title or _first_line(carried))
                report.grown += known is Presence.GROWN
                report.conversations += 1
                report.messages += len(carried.messages)
                tell(report.conversations)
        finally:
            if report.conversations:
                self._bus.publish(ConversationsChanged())
        return report


def patient(ask: Callable[_P, _T], otherwise: _T, seconds: float = PATIENCE) -> Callable[_P, _T]:
    """Return ``ask`` as long as its answers take ``seconds`` together, then always ``otherwise``.

    One formula that is made to take long ends its child after some seconds; a conversation may
    have thousands of them.
    """
    left = seconds

    def asked(*arguments: _P.args, **named: _P.kwargs) -> _T:
        nonlocal left
        if left <= 0:
            return otherwise
        begun = time.monotonic()
        try:
            return ask(*arguments, **named)
        finally:
            left -= time.monotonic() - begun

    return asked


def to_json(carried: CarriedConversation) -> str:
    """Return the conversation as this program reads it again, with every version."""
    content = {
        "format": FORMAT,
        "version": VERSION,
        "conversations": [
            {
                "id": carried.source.removeprefix(f"{OURS}:"),
                "title": carried.title,
                "created_at": carried.created_at,
                "head": carried.head,
                "messages": [
                    {
                        "id": one.id,
                        "parent": one.parent,
                        "role": one.role.value,
                        "text": one.said(),
                        "thinking": one.thinking,
                        "model": one.model,
                        "created_at": one.created_at,
                    }
                    for one in carried.messages
                ],
            }
        ],
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def sentences(report: ImportReport) -> list[str]:
    """Return what came over and what not, in sentences."""
    conversations = ngettext(
        "{count} conversation came over", "{count} conversations came over", report.conversations
    ).format(count=f"{report.conversations:,}")
    messages = ngettext("{count} message", "{count} messages", report.messages).format(
        count=f"{report.messages:,}"
    )
    lines = [
        _("{program}: {conversations}, with {messages}.").format(
            program=report.program, conversations=conversations, messages=messages
        )
    ]
    if report.grown:
        lines.append(
            _("Of these, changed since they came over last: {count}").format(count=report.grown)
        )
    if report.here:
        lines.append(_("Already here: {count}").format(count=report.here))
    if report.trashed:
        lines.append(_("Of these, in the trash: {count}").format(count=report.trashed))
    lines += [
        _("Left out: {kind} ({count})").format(kind=kind, count=f"{count:,}")
        for kind, count in report.left_out.items()
    ]
    return lines + report.problems


def file_name(title: str, kind: str) -> str:
    """Return a name for a file, without what some system forbids in one."""
    kept = "".join(" " if one in '<>:"/\\|?*' or ord(one) < ord(" ") else one for one in title)
    name = " ".join(kept.split()).strip(". ")[:80]
    return (name or _("Conversation")) + FORMATS[kind]


def _first_line(carried: CarriedConversation) -> str:
    return title_from(carried.messages[0].text) if carried.messages else ""
