"""The recognising child: the text of a picture, by RapidOCR and its PP-OCR models.

The pack is no part of the program: the first message says in which folder it lies, "" for one
that is installed beside us. Nothing is fetched; the models are in the pack's wheel.
"""

import importlib
import logging
import os
import sys
from typing import Any, Final

from hanlin.documents.opening.opened import View
from hanlin.documents.opening.pictures import Picture
from hanlin.documents.splicing import UnreadableError
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

_LONGEST_SIDE: Final = 2600
"""Pixels; small letters of a large screen are still read."""
_MOST_THREADS: Final = 4
_SMALL_SIDE: Final = 480
"""Pixels of the shorter side below which a picture is made larger before lines are looked for:
the pack's own 736 makes a strip of a screen 20 times as much work and reads no more."""


def main(channel: Channel) -> int:
    """Answer ``recognise`` until told to end; return the exit status."""
    return child.serve(channel, {"recognise": _Work().recognise})


class _Work:
    def __init__(self) -> None:
        self._engine: Any = None

    def recognise(self, message: Message, payload: bytes) -> child.Answer:
        """Return the lines of the picture in the payload, from top to bottom."""
        try:
            picture = Picture(payload).encoded(View(_LONGEST_SIDE)).content
        except UnreadableError as error:
            return {"refused": error.code, "detail": error.detail[:500]}
        if self._engine is None:
            self._engine = _load(str(message.get("pack", "")))
        found = self._engine(picture)
        return {}, "\n".join(found.txts or ()).encode()


def _load(pack: str) -> Any:  # noqa: ANN401 - the pack has types of its own, and may be absent
    if pack:
        sys.path.insert(0, pack)
    # The pack's own log goes to standard error with colours.
    logging.getLogger("RapidOCR").setLevel(logging.ERROR)
    module = importlib.import_module("rapidocr")
    # Its threads wait for each other spinning: beside other work, one thread for each processor
    # makes seconds of computing last for minutes. Half of them leave room for that work.
    threads = min(_MOST_THREADS, max(1, (os.cpu_count() or 1) // 2))
    wishes = {
        "EngineConfig.onnxruntime.intra_op_num_threads": threads,
        "EngineConfig.onnxruntime.inter_op_num_threads": 1,
        "Det.limit_side_len": _SMALL_SIDE,
        "Global.log_level": "error",
    }
    return module.RapidOCR(params=wishes)
