"""Asks the recognising child for the text of a picture, where the OCR pack is installed.

The pack (RapidOCR with its models and onnxruntime, 200 MB unpacked) is no part of the program:
``pack`` puts it into the data folder, or it is the extra ``ocr`` of a checkout.
"""

import importlib.util
import logging
from pathlib import Path
from typing import Final

from hanlin.documents.interrupted import interrupted
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
from hanlin.processes.limits import Limits
from hanlin.processes.policy import Policy

DEADLINE: Final = 300.0
"""Seconds: a slow computer that does much else needs minutes for a large screenshot."""
PICTURES: Final = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff"})
_MEMORY: Final = 6 * 2**30
"""Of address space: the pack's libraries reserve far more than they use."""
_PACK: Final = "rapidocr"
_BROKEN: Final = frozenset({"ImportError", "ModuleNotFoundError", "FileNotFoundError"})
"""What a pack that lacks something raises."""
_SHOWN: Final = 200
"""Characters of a library's complaint."""
_log = logging.getLogger(__name__)


def is_picture(name: str) -> bool:
    """Tell by its name whether a file is a picture whose text can be asked for."""
    return Path(name).suffix.lower() in PICTURES


class PackMissingError(KnownError):
    """The pack is not installed; somebody may offer to do it."""


def folder_of(data: Path) -> Path:
    """Return where the pack lies in a data folder."""
    return data / "packs" / "ocr"


class Recogniser:
    """Calls block and may come from any thread, one after the other; ``close`` ends the child."""

    def __init__(self, data: Path, deadline: float = DEADLINE) -> None:
        """Look for the pack in the data folder first. Raises KnownError when there is none."""
        folder = folder_of(data)
        installed = (folder / _PACK).is_dir()
        if not installed and importlib.util.find_spec(_PACK) is None:
            raise PackMissingError(
                _("Pictures cannot be read yet"),
                _("The pack that reads the text of pictures is not installed."),
                _("Install it once from its file: hanlin ocr install FILE"),
            )
        self._pack = str(folder) if installed else ""
        policy = Policy(read=(folder,) if installed else ())
        self._deadline = deadline
        self._caller = Caller(command.build("recognising", policy, Limits(memory=_MEMORY)))

    def text(self, name: str, content: bytes) -> str:
        """Return the lines of a picture, "" when there are none. Raises KnownError."""
        message = {"command": "recognise", "pack": self._pack}
        try:
            received = self._caller.call(message, content, seconds=self._deadline)
        except CallError as error:
            _log.warning("the recognising child: %s", error)
            raise self._unanswered(name, error) from error
        if "refused" in received.message:
            _log.info("%s: %s", received.message["refused"], received.message.get("detail"))
            raise _unread(name)
        return received.payload.decode()

    def close(self) -> None:
        """End the child."""
        self._caller.close()

    def _unanswered(self, name: str, error: CallError) -> KnownError:
        """Say what it was: the computer, the pack, or the picture."""
        if isinstance(error, CallTimedOutError):
            return KnownError(
                _("Reading the picture took too long"),
                _("{name} was not read within {seconds:.0f} seconds.").format(
                    name=name, seconds=self._deadline
                ),
                _("Try a smaller part of the screen, or when the computer has less to do."),
            )
        if isinstance(error, CallerDiedError) and error.interrupted:
            return interrupted(name)
        if isinstance(error, CallFailedError) and error.error in _BROKEN:
            return KnownError(
                _("The pack that reads pictures does not work"),
                _("Something of it is missing, or was made for another Python: {detail}.").format(
                    detail=error.detail[:_SHOWN].rstrip(".")
                ),
                _("Install it anew from its file: hanlin ocr install FILE"),
            )
        return _unread(name)


def _unread(name: str) -> KnownError:
    return KnownError(
        _("The picture cannot be read"),
        _("{name} is damaged, too large, or no picture.").format(name=name),
        _("Take the screenshot anew, and save it as PNG."),
    )
