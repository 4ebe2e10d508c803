"""A field for words that are to come more often or more rarely, one on each line."""

from typing import Final

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QLabel, QPlainTextEdit

from hanlin.domain.biases import read_bias, write_bias
from hanlin.domain.generation import TokenBias
from hanlin.kernel.i18n import _
from hanlin_ui.widgets.tips import tip

_LINES: Final = 3
_MARGIN: Final = 22


class BiasField(QPlainTextEdit):
    """Lines such as ``word=-5``. ``problem`` says which of them cannot be read."""

    correct = Signal(bool)
    """Told after each change: whether every line can be read."""

    def __init__(self, biases: tuple[TokenBias, ...]) -> None:
        super().__init__("\n".join(map(write_bias, biases)))
        self.label: Final = _("Weight of words")
        self.setProperty("role", "field")
        self.setTabChangesFocus(True)
        self.setFixedHeight(_LINES * self.fontMetrics().lineSpacing() + _MARGIN)
        self.problem = QLabel()
        self.problem.setProperty("role", "warning")
        self.problem.setWordWrap(True)
        self.problem.hide()
        self.textChanged.connect(self._check)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
            self._check()

    def biases(self) -> tuple[TokenBias, ...]:
        """Return what can be read of it."""
        read = map(read_bias, self._lines())
        return tuple(each for each in read if each is not None)

    def _retranslate(self) -> None:
        hint = _(
            "One on each line: “word=5” comes more often, “word=-5” more rarely, “word=-100” never."
            " #123 is the token with that number."
        )
        self.setAccessibleName(_("Weight of words"))
        self.setAccessibleDescription(hint)
        self.setToolTip(tip(hint))
        self.setPlaceholderText(_("not set; for example: however=-5"))

    def _lines(self) -> list[str]:
        return [line for line in self.toPlainText().splitlines() if line.strip()]

    def _check(self) -> None:
        wrong = next((line for line in self._lines() if read_bias(line) is None), None)
        self.problem.setVisible(wrong is not None)
        if wrong is not None:
            said = _("“{line}” cannot be read. Write a word, = and a number from -100 to 100.")
            self.problem.setText(said.format(line=wrong.strip()[:40]))
        self.correct.emit(wrong is None)
