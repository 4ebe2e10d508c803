"""The texts of JSON: values, never keys; identifiers, addresses and colours stay."""

import json
import re
from collections.abc import Sequence
from typing import Final

from hanlin.documents.splicing import Edit, Found, Unit, UnreadableError, has_words

_STRING: Final = re.compile(r'"(?:\\.|[^"\\])*"')
_NO_TEXT: Final = re.compile(
    r"[a-z0-9]+(?:[-_./:@#][\w-]+)+|[a-z]+[A-Z]\w*|#[0-9A-Fa-f]{3,8}|(?:https?|mailto):\S+|"
    r"[\w.-]+\.\w{1,4}|true|false|null|[A-Z0-9_]*_[A-Z0-9_]*"
)


def values(source: str) -> Found:
    """Find the texts of a JSON file."""
    try:
        json.loads(source)
    except (ValueError, RecursionError) as error:
        raise UnreadableError("damaged", str(error)) from error
    found = Found(source)
    for match in _STRING.finditer(source):
        if source[match.end() :].lstrip()[:1] == ":":
            continue
        text = json.loads(match.group())
        if has_words(text) and not _NO_TEXT.fullmatch(text):
            found.units.append(_value(match, text))
    return found


def _value(match: "re.Match[str]", text: str) -> Unit:
    ascii_only = match.string.isascii()

    def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
        words = f"{text}\n{target}" if bilingual else target
        return (Edit(*match.span(), json.dumps(words, ensure_ascii=ascii_only)),)

    return Unit(text, write)
