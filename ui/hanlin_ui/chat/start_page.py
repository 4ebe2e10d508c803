"""What an empty conversation shows: who answers, what it is good for, and a first step."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _, in_language
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.labels import wrapped_label

if TYPE_CHECKING:
    from hanlin.domain.assistants import Assistant

_WIDTH = 690
_SEAL = 60
_GAP = 10
_SIDE = 20
_ROOMY, _TIGHT = 14, 6
"""Pixels between the rows, of which the page has more where it is high enough."""
_WAYS = ((_ROOMY, True), (_ROOMY, False), (_GAP, False), (_TIGHT, False))
"""Gap, and whether there is a seal: the first that fits is taken."""


@dataclass(frozen=True, slots=True)
class Offer:
    """A real model for this computer, and in few words how it suits it."""

    name: str
    label: str


def suggestions() -> Sequence[str]:
    """Return first questions that also the starter model can answer."""
    return (
        _("What can you do?"),
        _("How do I add a model file?"),
        _("Into Chinese: Thank you for your help."),
        _("A Python function that adds two numbers"),
    )


class StartPage(QWidget):
    """Greets, and offers suggestions; for the starter model also its card and the way beyond it."""

    suggestion_chosen = Signal(str)
    beginning_chosen = Signal(str)
    """A question of which only the beginning is there."""
    real_model_requested = Signal()
    import_requested = Signal()
    """Models are to be taken in from a USB stick."""
    about_model_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._starter = False
        self._sentence: dict[str, str] = {}
        self._model_name = ""
        self._assistant: Assistant | None = None
        self._offer: Offer | None = None
        self._begins = False
        self._known = False
        """Whether it has been said yet which model answers."""
        self._seal = QLabel()
        self._seal.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._seal.setPixmap(QApplication.windowIcon().pixmap(_SEAL, _SEAL))
        self._title = QLabel()
        self._title.setProperty("role", "title")
        self._title.setWordWrap(True)
        self._title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._badge = QLabel()
        self._badge.setProperty("role", "badge")
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._about = wrapped_label("", "muted")
        self._about.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._real_model = QPushButton()
        self._real_model.setProperty("role", "chip")
        self._real_model.clicked.connect(self.real_model_requested)
        self._import = QPushButton()
        self._import.setProperty("role", "link")
        self._import.clicked.connect(self.import_requested)
        self._card = QPushButton()
        self._card.setProperty("role", "link")
        self._card.clicked.connect(self.about_model_requested)
        self._arrange()
        self._retranslate()

    def set_model(self, name: str, *, starter: bool, sentence: dict[str, str]) -> None:
        """Say who answers; ``sentence`` maps languages to the starter's one sentence."""
        self._known = True
        self._model_name = name
        self._starter = starter
        self._sentence = sentence
        self._retranslate()

    def set_assistant(self, assistant: "Assistant | None") -> None:
        """Show whose first questions are offered; None for the program's own."""
        self._assistant = assistant
        self._retranslate()

    def add_row(self, row: QWidget) -> None:
        """Show ``row`` below the suggestions."""
        self._rows.addWidget(row)

    def set_offer(self, offer: Offer | None) -> None:
        """Name the real model that would suit this computer, None when none is known."""
        self._offer = offer
        self._retranslate()

    def set_greeting(self, *, begins: bool) -> None:
        """Greet a person who has not talked here yet as one who arrives."""
        self._begins = begins
        self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything readable on a small screen."""
        super().resizeEvent(event)
        self._place_chips()
        self._make_room()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and letters."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange:
            self._place_chips()
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Make room when something came to the page, or grew on it."""
        if watched is self._area.widget() and event.type() is QEvent.Type.LayoutRequest:
            self._make_room()
        return super().eventFilter(watched, event)

    def _make_room(self) -> None:
        """Let the seal and then the gaps leave their room to what can be used on a low page."""
        height = self._area.viewport().height()
        gap, seal = next((way for way in _WAYS if self._needed(*way) <= height), _WAYS[-1])
        self._seal.setVisible(seal)
        if gap != self._inside.spacing():
            self._inside.setSpacing(gap)

    def _needed(self, gap: int, seal: bool) -> int:  # noqa: FBT001 - half of a way
        """Return how high the page is with ``gap`` between its rows."""
        width = self._column.contentsRect().width()
        texts = (self._title, self._about)
        tall = [one.heightForWidth(width) for one in texts if not one.isHidden()]
        tall += [
            one.heightForWidth(width) if one.hasHeightForWidth() else one.sizeHint().height()
            for one in self._lines
            if not one.isEmpty()
        ]
        return sum(tall) + gap * len(tall) + (_SEAL + gap) * seal + gap

    def _arrange(self) -> None:
        self._grid = QGridLayout()
        self._grid.setSpacing(_GAP)
        # With a parent from the start: one shown without flashes up as a window of its own.
        self._chips = [QPushButton(self) for _number in suggestions()]
        for number, chip in enumerate(self._chips):
            chip.setProperty("role", "chip")
            chip.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            chip.clicked.connect(lambda _checked=False, n=number: self._on_chip(n))
        self._column = column = QWidget()
        self._inside = inside = QVBoxLayout(column)
        inside.setContentsMargins(_SIDE, 0, _SIDE, 0)
        inside.setSpacing(_ROOMY)
        inside.addStretch(3)
        inside.addWidget(self._seal)
        inside.addWidget(self._title)
        self._grid.setContentsMargins(0, _GAP, 0, 0)
        self._rows = QVBoxLayout()
        self._lines: tuple[QLayout, ...] = (
            _centred(self._name, self._badge),
            self._grid,
            self._rows,
            _centred(self._real_model),
            _centred(self._import, self._card),
        )
        for line in self._lines:
            inside.addLayout(line)
        inside.insertWidget(inside.indexOf(self._lines[1]), self._about)
        inside.addStretch(4)
        middle = QWidget()
        sides = QHBoxLayout(middle)
        sides.setContentsMargins(0, 0, 0, 0)
        sides.addStretch()  # has what the column leaves
        sides.addWidget(column, stretch=1)
        sides.addStretch()
        self._area = area = QScrollArea()
        area.setWidget(middle)
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        middle.installEventFilter(self)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)

    def _place_chips(self) -> None:
        """Put the suggestions into two columns where both have room for the longest."""
        widest = max(chip.sizeHint().width() for chip in self._chips)
        widest_page = appearance.looks().sized(_WIDTH)
        self._column.setMaximumWidth(widest_page)
        room = min(widest_page, self.width()) - 2 * _SIDE
        columns = 2 if room >= 2 * widest + 4 * _GAP else 1
        for number, chip in enumerate(self._chips):
            self._grid.addWidget(chip, number // columns, number % columns)
        self._grid.setColumnStretch(0, 1)
        self._grid.setColumnStretch(1, columns - 1)

    def _on_chip(self, number: int) -> None:
        text = self._suggestions()[number]
        whole = not text.endswith((":", "："))
        (self.suggestion_chosen if whole else self.beginning_chosen).emit(text)

    def _suggestions(self) -> Sequence[str]:
        offered = self._assistant.starters if self._assistant is not None else ()
        return offered[: len(self._chips)] or suggestions()

    def _retranslate(self) -> None:
        chosen = self._assistant
        self._title.setText(chosen.name if chosen else self._greeting())
        self._badge.setText(_("starter"))
        self._badge.setVisible(self._starter)
        self._name.setText(self._model_name)
        self._about.setText(self._about_text())
        offered = self._suggestions()
        for number, chip in enumerate(self._chips):
            chip.setVisible(number < len(offered))
            if number < len(offered):
                chip.setText(offered[number].replace("&", "&&"))
        self._place_chips()
        self._real_model.setText(self._offer_text())
        self._import.setText(_("Import from USB…"))
        self._card.setText(_("About this model"))
        lacks = self._starter or (self._known and not self._model_name)
        self._real_model.setVisible(lacks)
        self._import.setVisible(lacks)
        self._card.setVisible(self._starter)

    def _greeting(self) -> str:
        if self._begins:
            return _("Welcome. What shall we write?")
        return _("What shall we write?")

    def _offer_text(self) -> str:
        if self._offer is None:
            return _("Get a real model")
        return _("Get a real model: {name} ({label})").format(
            name=self._offer.name, label=self._offer.label
        )

    def _about_text(self) -> str:
        if self._assistant is not None and self._assistant.about:
            return self._assistant.about
        if self._known and not self._model_name:
            return _("No model is chosen yet. Add one, and ask away.")
        if not self._starter:
            return _("Everything stays on this computer.")
        return in_language(self._sentence) or _(
            "A very small model to begin with: it knows this program, greetings, "
            "everyday translation and small sums. For anything else, get a real model."
        )


def _centred(*widgets: QWidget) -> QHBoxLayout:
    """Return a line in whose middle ``widgets`` stand side by side."""
    line = QHBoxLayout()
    line.setSpacing(_GAP)
    line.addStretch()
    for widget in widgets:
        line.addWidget(widget)
    line.addStretch()
    return line
