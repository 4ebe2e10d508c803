"""Long or strange code in an answer: how much of it is drawn before a person asks for the rest.

What is drawn, and how, is not decided here.
"""

import re
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.chat.letters import restless_from
from hanlin_ui.chat.undrawn import second_script

FOLD_ABOVE: Final = 200_000
"""Characters above which only the beginning is shown; a line without end is reason enough."""
_FOLDED: Final = 20_000
_LONGEST_LINE: Final = 4_000
_ENDLESS_LINE: Final = re.compile(rf"[^\n]{{{_LONGEST_LINE + 1}}}")
"""A line that takes Qt a tenth of a second and more to lay out."""
_MOST_CHANGES: Final = 100
"""Changes between unusual scripts that are laid out at once."""
_REST_SIDE: Final = 8
_LINK_SIDE: Final = 4
"""What a button that looks like a link keeps free of words at its left."""


def folds(code: str) -> bool:
    """Tell whether only the beginning of ``code`` is to be shown."""
    large = len(code) > FOLD_ABOVE or _ENDLESS_LINE.search(code) is not None
    return large or is_strange(code)


def is_strange(code: str) -> bool:
    """Tell whether its scripts are the reason, which nobody can draw here or are too many."""
    return _strange_from(code) is not None


def beginning(code: str) -> str:
    """Return the beginning of a code that folds, its lines cut where they have no end.

    Of one in strange scripts, what comes before too many of them.
    """
    most = min(_FOLDED, _strange_from(code) or _FOLDED)
    return "\n".join(line[:_LONGEST_LINE] for line in code[:most].split("\n"))


def _strange_from(code: str) -> int | None:
    """Return where a second script begins that nobody can draw here, or scripts change too often.

    None where both is not so.
    """
    places = (second_script(code), restless_from(code, _MOST_CHANGES))
    return min((place for place in places if place is not None), default=None)


class RestOfCode(QWidget):
    """Stands for the rest of a code that is not shown, and says why where one would wonder."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._why = QLabel()
        self._why.setProperty("role", "muted")
        self._why.setWordWrap(True)
        self._why.setContentsMargins(_LINK_SIDE, 0, _LINK_SIDE, 0)
        self._show = QPushButton()
        self._show.setProperty("role", "link")
        self._show.clicked.connect(self.wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_REST_SIDE, 0, _REST_SIDE, 0)
        layout.setSpacing(0)
        layout.addWidget(self._why)
        layout.addWidget(self._show, alignment=Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    def say_why(self, *, strange: bool) -> None:
        """Say so if strange scripts are the reason; length speaks for itself."""
        self._why.setVisible(strange)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._why.setText(
            _(
                "What follows is in many scripts, or in some that no font here has; drawing it"
                " takes a moment."
            )
        )
        self._show.setText(_("Show all of this code"))
