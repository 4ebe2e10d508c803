"""Opens a foreign file in a child of its own: what it is, its text, its pixels, its sound.

One child for one file: what a hostile one makes of it ends with it. Which file is wanted
and what becomes of it belong to the services.
"""

import json
import logging
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Self

from hanlin.documents.interrupted import interrupted
from hanlin.domain.attachments import Encoded, Pixels, Samples
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.processes import command
from hanlin.processes.caller import (
    Caller,
    CallerDiedError,
    CallError,
    CallFailedError,
    CallTimedOutError,
)
from hanlin.processes.channel import Message, Received
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

DEADLINE: Final = 25.0
"""Seconds for each thing that is asked."""
LARGEST_FILE: Final = 200 * 2**20
_MEMORY: Final = 1024 * 2**20
_CPU_SECONDS: Final = 60
"""Of a whole file: a long scanned one is asked for page by page."""
_PIXEL: Final = 3
_OUT_OF_TIME: Final = getattr(signal, "SIGXCPU", -1)
# Pages of a PDF that brings no fonts of its own are drawn with these.
_FONTS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
_log = logging.getLogger(__name__)


class OpenFile:
    """One file in one child. Calls block, one after the other; leave it with ``with``."""

    def __init__(self, name: str, content: bytes, deadline: float = DEADLINE) -> None:
        """Open the file. Raises KnownError, naming why it cannot be."""
        self._name = name
        self._deadline = deadline
        if len(content) > LARGEST_FILE:
            raise refused(name, "too-large")  # before a child is started for it
        self._caller = Caller(
            command.build(
                "opening",
                Policy(read=_FONTS),
                Limits(memory=_MEMORY, cpu_seconds=_CPU_SECONDS),
            )
        )
        self.facts: Message = {}
        try:
            self.take(name, content)
        except BaseException:
            self._caller.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def close(self) -> None:
        """End the child."""
        self._caller.close()

    def take(self, name: str, content: bytes) -> None:
        """Put another file in the place of this one, in the same child. Raises KnownError.

        Only for files of one origin: what a hostile one does to the child stays there.
        """
        if len(content) > LARGEST_FILE:
            raise refused(name, "too-large")
        self._name = name
        self.facts = self._ask({"command": "open", "name": name}, content).message

    def texts(self, first: int, last: int) -> list[str]:
        """Return the texts of some pages, counted from 1. Raises KnownError."""
        message = {"command": "texts", "first": first, "last": last}
        try:
            found = json.loads(self._ask(message).payload)
        except ValueError as error:
            raise refused(self._name, "damaged") from error
        return [str(text) for text in found] if isinstance(found, list) else []

    def drawn(self, pages: Sequence[int]) -> list[int]:
        """Return those of the pages that show anything. Raises KnownError."""
        if not pages:
            return []
        found = self._ask({"command": "drawn", "pages": list(pages)}).message.get("pages")
        return [page for page in found if page in pages] if isinstance(found, list) else []

    def picture(
        self,
        side: int,
        *,
        turn: int = 0,
        crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
        page: int = 1,
    ) -> Pixels:
        """Return what is seen, at most ``side`` pixels wide and high. Raises KnownError."""
        answer = self._ask(_view("picture", side, turn, crop, page))
        width, height = answer.message.get("width"), answer.message.get("height")
        if (
            not isinstance(width, int)
            or not isinstance(height, int)
            or len(answer.payload) != width * height * _PIXEL
        ):
            raise refused(self._name, "damaged")
        return Pixels(width, height, answer.payload)

    def encoded(
        self,
        side: int,
        *,
        turn: int = 0,
        crop: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0),
        page: int = 1,
    ) -> Encoded:
        """Return what is seen as a file of pixels only. Raises KnownError."""
        answer = self._ask(_view("encoded", side, turn, crop, page))
        width, height = answer.message.get("width"), answer.message.get("height")
        if not isinstance(width, int) or not isinstance(height, int):
            raise refused(self._name, "damaged")
        return Encoded(str(answer.message.get("mime")), width, height, answer.payload)

    def samples(self, rate: int) -> Samples:
        """Return what is heard. Raises KnownError."""
        return Samples(rate, self._ask({"command": "samples", "rate": rate}).payload)

    def _ask(self, message: dict[str, object], payload: bytes = b"") -> Received:
        try:
            received = self._caller.call(message, payload, seconds=self._deadline)
        except CallTimedOutError as error:
            raise refused(self._name, "too-long-to-read") from error
        except CallFailedError as error:
            _log.warning("the opening child: %s", error)
            code = "too-large" if error.error == "MemoryError" else "damaged"
            raise refused(self._name, code) from error
        except CallerDiedError as error:
            _log.warning("the opening child: %s", error)
            if error.interrupted:
                raise interrupted(self._name) from error
            late = error.report.signal == _OUT_OF_TIME
            raise refused(self._name, "too-long-to-read" if late else "damaged") from error
        except CallError as error:
            _log.warning("the opening child: %s", error)
            raise refused(self._name, "damaged") from error
        if "refused" in received.message:
            code = str(received.message["refused"])
            _log.info("refused: %s: %s", code, received.message.get("detail"))
            raise refused(self._name, code)
        return received


def _view(
    what: str, side: int, turn: int, crop: tuple[float, float, float, float], page: int
) -> dict[str, object]:
    return {"command": what, "side": side, "turn": turn, "crop": list(crop), "page": page}


def refused(name: str, code: str) -> KnownError:
    """Return the sentence for a file that cannot be opened; ``code`` says why."""
    again = _("Open it in its own program and save it anew.")
    message, hint = {
        "protected": (
            _("{name} is protected with a password, or from a very old program."),
            _("Open it in its own program and save it without a password, in a newer format."),
        ),
        "gone": (
            _("{name} is not kept with this conversation any more."),
            _("Attach it again."),
        ),
        "empty": (_("{name} is empty."), _("Choose another file.")),
        "too-large": (
            _("{name} is too large to be read here."),
            _("Attach a part of it, or a smaller copy."),
        ),
        "too-long-to-read": (
            _("{name} takes too long to read."),
            _("Attach a part of it, or a simpler copy."),
        ),
        "too-many-pixels": (
            _("The picture {name} has more than 100 million pixels."),
            _("Save a smaller copy of it and attach that."),
        ),
        "too-long": (
            _("The sound {name} is longer than an hour."),
            _("Cut it into shorter pieces."),
        ),
        "bomb": (
            _("{name} would become hundreds of megabytes when unpacked, and was not opened."),
            _("Do not trust where it came from. If you do, save a smaller copy."),
        ),
        "heic": (
            _("{name} is a HEIC or AVIF picture, which cannot be opened here."),
            _("Save it as JPEG or PNG, or take a screenshot of it."),
        ),
        "sound-kind": (
            _("{name} holds sound of a kind that cannot be opened here."),
            _("Save it as WAV, MP3 or FLAC."),
        ),
        "video": (
            _("{name} is a video, which no model here can watch."),
            _("Attach pictures of it, or its sound as WAV, MP3 or FLAC."),
        ),
        "unknown": (
            _("{name} is of a kind that cannot be read here."),
            _("Pictures, PDF, Word, PowerPoint, Excel, web pages, texts and sounds can."),
        ),
    }.get(code, (_("{name} is damaged, or not what its name says."), again))
    return KnownError(_("The file cannot be attached"), message.format(name=name), hint)
