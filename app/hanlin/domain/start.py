"""What a start of the program asks of the window: its own, or of one that runs already."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

QUICK: Final = "quick"
"""The small window for one question; the text is asked at once."""

TRANSLATE_SELECTION: Final = "translate"
"""The small window for a translation; without a text what is selected is translated."""


@dataclass(frozen=True, slots=True)
class StartRequest:
    """A wish from outside the window. Verbs that nobody knows bring the window forward."""

    verb: str = ""
    """What is to be done, "" to bring the window forward."""
    text: str = ""
    """What it is to be done with."""
    files: tuple[Path, ...] = ()
    """Models to add."""
