"""The opening child: one foreign file, opened in a sandboxed process that ends with it."""

import json
from typing import Final

from hanlin.documents.opening.kinds import opened
from hanlin.documents.opening.opened import Opened, View
from hanlin.documents.splicing import UnreadableError
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

_LARGEST: Final = 2048
"""Pixels of the longer side that ever leave."""


def main(channel: Channel) -> int:
    """Answer until told to end; return the exit status."""
    work = _Work()
    return child.serve(
        channel,
        {
            "open": work.open,
            "texts": work.texts,
            "drawn": work.drawn,
            "picture": work.picture,
            "encoded": work.encoded,
            "samples": work.samples,
        },
    )


class _Work:
    def __init__(self) -> None:
        self._file: Opened | None = None

    def open(self, message: Message, payload: bytes) -> child.Answer:
        """Open the file in the payload; answer with what it is."""
        try:
            self._file = opened(str(message["name"]), payload)
            return self._file.facts()
        except UnreadableError as error:
            return _refused(error)

    def texts(self, message: Message, _payload: bytes) -> child.Answer:
        """Answer with the texts of some pages, as JSON."""
        try:
            found = self._opened().texts(_number(message, "first"), _number(message, "last"))
        except UnreadableError as error:
            return _refused(error)
        return {}, json.dumps(list(found)).encode()

    def drawn(self, message: Message, _payload: bytes) -> child.Answer:
        """Answer with those of some pages that show anything."""
        pages = message.get("pages")
        if not isinstance(pages, list):
            raise TypeError("pages is no list")
        try:
            return {
                "pages": self._opened().drawn([page for page in pages if isinstance(page, int)])
            }
        except UnreadableError as error:
            return _refused(error)

    def picture(self, message: Message, _payload: bytes) -> child.Answer:
        """Answer with pixels."""
        try:
            seen = self._opened().picture(_view(message))
        except UnreadableError as error:
            return _refused(error)
        return {"width": seen.width, "height": seen.height}, seen.rgb

    def encoded(self, message: Message, _payload: bytes) -> child.Answer:
        """Answer with a file of pixels only."""
        try:
            made = self._opened().encoded(_view(message))
        except UnreadableError as error:
            return _refused(error)
        return {"mime": made.mime, "width": made.width, "height": made.height}, made.content

    def samples(self, message: Message, _payload: bytes) -> child.Answer:
        """Answer with what is heard."""
        try:
            return {}, self._opened().samples(_number(message, "rate"))
        except UnreadableError as error:
            return _refused(error)

    def _opened(self) -> Opened:
        if self._file is None:
            raise UnreadableError("unknown", "nothing is open")
        return self._file


def _view(message: Message) -> View:
    crop = message.get("crop")
    shares = [float(one) for one in crop] if isinstance(crop, list) else [0.0, 0.0, 1.0, 1.0]
    left, top, right, bottom = shares
    return View(
        min(_LARGEST, max(1, _number(message, "side"))),
        _number(message, "turn"),
        (left, top, right, bottom),
        _number(message, "page"),
    )


def _number(message: Message, name: str) -> int:
    value = message.get(name)
    if not isinstance(value, int):
        raise TypeError(f"{name} is no number")
    return value


def _refused(error: UnreadableError) -> dict[str, object]:
    return {"refused": error.code, "detail": error.detail[:500]}
