"""What is known of one model, and what can be done with it: facts, notes, choices, buttons.

Made from a value; which facts and which buttons there are is decided elsewhere.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractButton,
    QButtonGroup,
    QFrame,
    QGridLayout,
    QPushButton,
    QRadioButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin_ui.library.cards import Tone
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.labels import plain_label
from hanlin_ui.widgets.tips import tip

MAIN_KEYS: Final = ("Ctrl+Return", "Ctrl+Enter")
"""Of the main button of a page; the second is the one beside the digits."""
PRIMARY: Final = "primary"


@dataclass(frozen=True, slots=True)
class Choice:
    """One of several things to choose from, such as a quantisation."""

    key: str
    words: str
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Action:
    """A button."""

    key: str
    label: str
    primary: bool = False
    enabled: bool = True


@dataclass(frozen=True, slots=True)
class Details:
    """Everything the panel shows. All texts are plain text."""

    title: str
    text: str = ""
    verdict: str = ""
    tone: Tone = Tone.PLAIN
    facts: Sequence[tuple[str, str]] = ()
    notes: Sequence[str] = ()
    choices: Sequence[Choice] = ()
    chosen: str = ""
    actions: Sequence[Action] = ()


class DetailsPanel(QScrollArea):
    """Shows one :class:`Details`, or nothing. Ctrl+Enter is the main button of what is shown."""

    acted = Signal(str, str)
    """The key of a button, and of the choice that was made, ""."""
    choice_made = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._details: Details | None = None
        self._group = QButtonGroup(self)
        for key in MAIN_KEYS:
            QShortcut(QKeySequence(key), self).activated.connect(self._act)
        self.show_details(None)

    def details(self) -> Details | None:
        """Return what is shown."""
        return self._details

    def choice(self) -> str:
        """Return the key of the choice that is made, ""."""
        button = self._group.checkedButton()
        return str(button.property("key")) if button is not None else ""

    def show_details(self, details: Details | None) -> None:
        """Show ``details`` instead; the keyboard stays where it was, or else in the panel."""
        if details == self._details and self.widget() is not None:
            return
        focused = self.window().focusWidget()
        held = focused is self or self.isAncestorOf(focused)  # of None it is none
        key = focused.property("key") if held else None
        if details is not None and isinstance(focused, QRadioButton):
            key = details.chosen  # an arrow has chosen it before it gets the keyboard
        self._details = details
        self._group = QButtonGroup(self)
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(18, 14, 18, 14)
        layout.setSpacing(8)
        if details is not None:
            self._fill(layout, details)
        layout.addStretch()
        # What is shown until now may be in the middle of telling that it was clicked.
        if (old := self.takeWidget()) is not None:
            old.hide()
            old.deleteLater()
        self.setWidget(page)
        if held:
            self._take_keyboard(key)

    def _take_keyboard(self, key: object) -> None:
        """Give the keyboard to the button called ``key``, else to the first, else keep it here."""
        buttons = [one for one in self._buttons_shown() if one.isEnabled()]
        same = [one for one in buttons if key and one.property("key") == key]
        heirs: list[QWidget] = [*same, *buttons, self]
        heirs[0].setFocus()

    def _buttons_shown(self) -> list[QAbstractButton]:
        page = self.widget()
        return page.findChildren(QAbstractButton) if page is not None else []

    def _act(self) -> None:
        """Do what the main button does, if it can do it now."""
        for button in self._buttons_shown():
            if button.property("role") == PRIMARY and button.isEnabled():
                button.click()
                return

    def _fill(self, layout: QVBoxLayout, details: Details) -> None:
        layout.addWidget(plain_label(details.title, "heading"))
        if details.text:
            layout.addWidget(plain_label(details.text))
        if details.verdict:
            layout.addWidget(plain_label(details.verdict, str(details.tone)))
        if details.actions:
            layout.addWidget(self._buttons(details.actions))
        if details.choices:
            layout.addWidget(self._choices(details))
        if details.facts:
            layout.addWidget(_facts(details.facts))
        for note in details.notes:
            layout.addWidget(plain_label(note, "muted"))

    def _buttons(self, actions: Sequence[Action]) -> QWidget:
        row = QWidget()
        layout = FlowLayout(row)
        for action in actions:
            button = QPushButton(action.label)
            button.setProperty("key", action.key)
            button.setEnabled(action.enabled)
            if action.primary:
                button.setProperty("role", PRIMARY)
                button.setToolTip(tip(main_key()))
            button.clicked.connect(
                lambda _checked=False, key=action.key: self.acted.emit(key, self.choice())
            )
            layout.addWidget(button)
        return row

    def _choices(self, details: Details) -> QWidget:
        box = QWidget()
        box.setAccessibleName(_("Quantisation"))
        layout = QVBoxLayout(box)
        layout.setContentsMargins(0, 4, 0, 4)
        layout.setSpacing(5)
        for choice in details.choices:
            radio = QRadioButton(choice.words.replace("&", "&&"))
            radio.setProperty("key", choice.key)
            radio.setEnabled(choice.enabled)
            radio.setChecked(choice.key == details.chosen)
            radio.clicked.connect(lambda _on=False, key=choice.key: self.choice_made.emit(key))
            self._group.addButton(radio)
            layout.addWidget(radio)
        return box


def _facts(facts: Sequence[tuple[str, str]]) -> QWidget:
    box = QWidget()
    grid = QGridLayout(box)
    grid.setContentsMargins(0, 6, 0, 6)
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(5)
    grid.setColumnStretch(1, 1)
    for row, (name, value) in enumerate(facts):
        grid.addWidget(plain_label(name, "muted"), row, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(plain_label(value), row, 1)
    return box


def main_key() -> str:
    """Return how the key of a page's main button is written."""
    return QKeySequence(MAIN_KEYS[0]).toString(QKeySequence.SequenceFormat.NativeText)
