"""Text as XML takes it: what a document may not hold is replaced, what is markup is escaped."""

import re
from html import escape
from typing import Final

_FORBIDDEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def text(said: str) -> str:
    """Return ``said`` as it stands between tags."""
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", said), quote=False)


def attribute(said: str) -> str:
    """Return ``said`` as it stands between the quotes of an attribute."""
    return escape(_FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", said))
