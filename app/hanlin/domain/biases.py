"""How people write that a token is to come more often, or more rarely: ``word=-5``.

``#123=5`` means the token with that number. What it does is the engine's.
"""

import re
from typing import Final

from hanlin.domain.generation import TokenBias

MOST: Final = 100.0
"""The strongest bias; the token is forbidden at the other end of the scale."""
_WRITTEN: Final = re.compile(r"\s*(?P<text>\S(?:.*\S)?)\s*=\s*(?P<bias>[+-]?\d+(?:\.\d+)?)\s*")
_NUMBER: Final = re.compile(r"#(\d{1,9})")


def read_bias(written: str) -> TokenBias | None:
    """Return the bias that was written down, None for what is none."""
    found = _WRITTEN.fullmatch(written)
    if found is None or abs(bias := float(found["bias"])) > MOST:
        return None
    if number := _NUMBER.fullmatch(found["text"]):
        return TokenBias(int(number[1]), bias)
    return TokenBias(-1, bias, found["text"])


def write_bias(bias: TokenBias) -> str:
    """Return the bias as ``read_bias`` reads it."""
    return f"{bias.text or f'#{bias.token}'}={bias.bias:g}"
