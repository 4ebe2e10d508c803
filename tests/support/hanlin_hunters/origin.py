"""Which line of ours started something: remembered cheaply, told when it is left over."""

import sys
from pathlib import Path

_ROOT = str(Path(__file__).resolve().parents[3])
_IGNORED = (str(Path(__file__).parent), f"{_ROOT}/.venv")
ATTRIBUTE = "_hanlin_origin"


def line() -> str:
    """Return ``file:line`` of the innermost frame in the checkout's sources or tests."""
    frame = sys._getframe(1)
    outermost = ""
    while frame is not None:
        name = frame.f_code.co_filename
        outermost = f"{name}:{frame.f_lineno}"
        if name.startswith(_ROOT) and not name.startswith(_IGNORED):
            return outermost.removeprefix(f"{_ROOT}/")
        if frame.f_back is None:
            break
        frame = frame.f_back
    return outermost


def of(thing: object) -> str:
    """Return the line that started ``thing``, as far as it is known."""
    return str(getattr(thing, ATTRIBUTE, "a line that is not known"))
