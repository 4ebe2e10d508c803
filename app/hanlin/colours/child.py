"""The child that finds the colours of code; runs in its own sandboxed process."""

import re
import signal
from array import array
from bisect import bisect_left
from collections.abc import Mapping
from typing import Final

from pygments.lexer import Lexer
from pygments.lexers import get_all_lexers, get_lexer_by_name
from pygments.token import _TokenType

from hanlin.colours.runs import KINDS
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

SECONDS: Final = 2.0
"""Processor time that one code may take; then the system ends this process."""
_WIDE: Final = re.compile("[\U00010000-\U0010ffff]")
_ENDINGS: Final[Mapping[str, str]] = {
    alias: next((one[1:] for one in patterns if one[:2] == "*." and one[2:].isalnum()), "")
    for _name, aliases, patterns, _types in get_all_lexers(plugins=False)
    for alias in aliases
}
"""The languages that are known, and how the names of their files end."""
_lexers: dict[str, Lexer] = {}


def main(channel: Channel) -> int:
    """Answer ``colour`` until told to end; return the exit status."""
    return child.serve(channel, {"colour": _colour})


def _colour(message: Message, payload: bytes) -> child.Answer:
    """Return the ending of such a file's name, and three numbers for each coloured run."""
    language = str(message["language"]).lower()
    if language not in _ENDINGS:
        return {"ending": ""}, b""
    limited = hasattr(signal, "setitimer")
    if limited:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        runs = _runs(language, payload.decode("utf-8", "replace"))
    finally:
        if limited:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return {"ending": _ENDINGS[language]}, runs.tobytes()


def _runs(language: str, text: str) -> "array[int]":
    """Return place, length and kind of each coloured run, counted in UTF-16 units as Qt does."""
    if language not in _lexers:
        _lexers[language] = get_lexer_by_name(language, stripnl=False, ensurenl=False)
    wide = [found.start() for found in _WIDE.finditer(text)]
    result = array("I")
    # In some languages a comment is one only with the end of its line.
    for place, token, value in _lexers[language].get_tokens_unprocessed(f"{text}\n"):
        end = min(place + len(value), len(text))
        if place < end and (kind := _kind(token)) is not None:
            before, within = bisect_left(wide, place), bisect_left(wide, end)
            result.extend((place + before, end - place + within - before, kind))
    return result


def _kind(token: _TokenType) -> int | None:
    name = ".".join(token).removeprefix("Literal.")
    return next((number for number, kind in enumerate(KINDS) if name.startswith(kind)), None)
