"""The parser child: reads a file that came from anywhere; runs in its own sandboxed process."""

import json
from collections.abc import Mapping

from hanlin.documents.formats import tmx
from hanlin.documents.reading import read
from hanlin.documents.splicing import UnreadableError
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message


def main(channel: Channel) -> int:
    """Answer ``texts``, ``build`` and ``pairs`` until told to end; return the exit status."""
    return child.serve(channel, {"texts": _texts, "build": _build, "pairs": _pairs})


def _texts(message: Message, payload: bytes) -> child.Answer:
    """Return the texts of the file in the payload, as JSON in the answer's."""
    try:
        units = read(str(message["name"]), payload).units
    except UnreadableError as error:
        return _refused(error)
    return {}, json.dumps([unit.text for unit in units]).encode()


def _build(message: Message, payload: bytes) -> child.Answer:
    """Return the file anew: the payload is the texts as JSON, ``size`` bytes, then the file."""
    size = message["size"]
    if not isinstance(size, int):
        raise TypeError("build needs a size")
    targets = json.loads(payload[:size])
    try:
        language = str(message.get("language", ""))
        document = read(str(message["name"]), payload[size:], language)
        return {}, document.build(targets, bilingual=message.get("bilingual") is True)
    except UnreadableError as error:
        return _refused(error)


def _pairs(_message: Message, payload: bytes) -> child.Answer:
    """Return the pairs of sentences of the translation memory in the payload, as JSON."""
    try:
        return {}, json.dumps(tmx.pairs(payload)).encode()
    except UnreadableError as error:
        return _refused(error)


def _refused(error: UnreadableError) -> Mapping[str, object]:
    return {"refused": error.code, "detail": error.detail[:500]}
