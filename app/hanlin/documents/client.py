"""Asks the parser child for the texts of a file, and for the file with others."""

import json
import logging
from collections.abc import Sequence
from typing import Final

from hanlin.documents.interrupted import interrupted
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.processes import command
from hanlin.processes.caller import Caller, CallerDiedError, CallError
from hanlin.processes.channel import MAX_PAYLOAD, Received
from hanlin.processes.limits import Limits

DEADLINE: Final = 120.0
MEMORY: Final = 2 * 2**30
_log = logging.getLogger(__name__)


class DocumentClient:
    """Calls block and may come from any thread, one after the other; ``close`` ends the child."""

    def __init__(self, deadline: float = DEADLINE) -> None:
        self._deadline = deadline
        self._caller = Caller(command.build("documents", limits=Limits(memory=MEMORY)))

    def texts(self, name: str, content: bytes) -> list[str]:
        """Return the texts of a file, in order. Raises KnownError."""
        found = json.loads(self._ask(name, {"command": "texts"}, content).payload)
        return [str(text) for text in found]

    def build(
        self,
        name: str,
        content: bytes,
        targets: Sequence[str | None],
        *,
        bilingual: bool,
        language: str = "",
    ) -> bytes:
        """Return the file with ``targets`` in the places of its texts. Raises KnownError.

        ``language`` is theirs.
        """
        head = json.dumps(list(targets)).encode()
        message: dict[str, object] = {"command": "build", "size": len(head)}
        message |= {"bilingual": bilingual, "language": language}
        return self._ask(name, message, head + content).payload

    def pairs(self, name: str, content: bytes) -> list[tuple[str, str, str, str]]:
        """Return source and target language, source and target of each pair of a TMX file.

        Raises KnownError.
        """
        found = json.loads(self._ask(name, {"command": "pairs"}, content).payload)
        return [(str(one), str(other), str(a), str(b)) for one, other, a, b in found]

    def close(self) -> None:
        """End the child."""
        self._caller.close()

    def _ask(self, name: str, message: dict[str, object], payload: bytes) -> Received:
        if len(payload) > MAX_PAYLOAD:
            raise _refused(name, "too-large")
        try:
            received = self._caller.call({**message, "name": name}, payload, seconds=self._deadline)
        except CallError as error:
            _log.warning("the parser child: %s", error)
            if isinstance(error, CallerDiedError) and error.interrupted:
                raise interrupted(name) from error
            raise _refused(name, "damaged") from error
        if "refused" in received.message:
            _log.info("%s: %s", received.message["refused"], received.message.get("detail"))
            raise _refused(name, str(received.message["refused"]))
        return received


def _refused(name: str, code: str) -> KnownError:
    message, hint = {
        "protected": (
            _("{name} is protected with a password, or from a very old program."),
            _("Open it in its own program and save it without a password."),
        ),
        "too-large": (
            _("{name} is too large to be read here."),
            _("Divide it into smaller files."),
        ),
        "unknown": (
            _("{name} is of a kind that is not translated here."),
            _(
                "Text, Markdown, HTML, subtitles, Word, PowerPoint, Excel, PDF, PO, XLIFF,"
                " Qt’s TS and JSON are."
            ),
        ),
        "no-text": (
            _("{name} has no text: its pages are pictures."),
            _("Have it read by a program for scanned pages first."),
        ),
    }.get(
        code,
        (
            _("{name} is damaged and cannot be read."),
            _("Open it in its own program and save it anew."),
        ),
    )
    return KnownError(_("The file cannot be read"), message.format(name=name), hint)
