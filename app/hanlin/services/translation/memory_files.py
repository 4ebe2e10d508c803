"""Translation memories as TMX files: read from other programs, written for them."""

from collections.abc import Iterable
from html import escape  # XML's own module would bring a client for HTTP along
from typing import Final

from hanlin import __version__
from hanlin.documents.client import DocumentClient
from hanlin.domain.languages import find_language
from hanlin.domain.translation import Direction, Entry
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _

_CODES: Final = {"zh": "zh-CN", "zh-Hant": "zh-TW"}
"""What other programs call the two ways of writing Chinese."""


def read(content: bytes, name: str, documents: DocumentClient) -> tuple[list[Entry], int]:
    """Return the pairs of a TMX file, and how many are in languages not known here.

    Raises KnownError when it is no TMX file or holds no pair that can be used.
    """
    entries: list[Entry] = []
    unknown = 0
    for source_name, target_name, source, target in documents.pairs(name, content):
        one, other = find_language(source_name), find_language(target_name)
        if one is None or other is None or one.code == other.code:
            unknown += 1
        else:
            entries.append(Entry(Direction(one.code, other.code), source, target))
    if not entries:
        raise KnownError(
            _("Nothing was taken over"),
            _("{name} holds no pairs of sentences in languages that are known here.").format(
                name=name
            ),
            _("A translation memory is a TMX file with at least two languages."),
        )
    return entries, unknown


def write(entries: Iterable[Entry]) -> bytes:
    """Return the pairs as TMX 1.4."""
    units = "".join(
        f"<tu srclang={_code(entry.direction.source)}>"
        f"<tuv xml:lang={_code(entry.direction.source)}><seg>{_text(entry.source)}</seg></tuv>"
        f"<tuv xml:lang={_code(entry.direction.target)}><seg>{_text(entry.target)}</seg></tuv>"
        "</tu>\n"
        for entry in entries
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<tmx version="1.4">\n'
        f'<header creationtool="Hanlin" creationtoolversion="{__version__}" segtype="sentence" '
        'o-tmf="Hanlin" adminlang="en" srclang="*all*" datatype="plaintext"/>\n'
        f"<body>\n{units}</body>\n</tmx>\n"
    ).encode()


def _code(language: str) -> str:
    return f'"{escape(_CODES.get(language, language))}"'


def _text(words: str) -> str:
    """Return ``words`` as XML can hold them."""
    return escape(
        "".join(letter for letter in words if letter >= " " or letter in "\n\t"), quote=False
    )
