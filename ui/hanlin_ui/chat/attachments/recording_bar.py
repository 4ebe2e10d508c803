"""While something is recorded: how loud it is, how long it is, and how it ends."""

from collections import deque
from typing import Final

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QWidget

from hanlin.kernel.i18n import Said, _, said_again
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import pixmap
from hanlin_ui.widgets.labels import wrapped_label

_BAR, _GAP = 3, 2
_LEAST: Final = 0.06
"""Of the height: also silence is seen going on."""
_QUIET: Final = 0.01
"""Forty decibels below the loudest: a microphone that is switched off is below."""
_QUIET_MS: Final = 2_500
_MILLISECONDS: Final = 1_000
_SECONDS: Final = 60


class LevelMeter(QWidget):
    """The last levels as bars, the newest at the right."""

    def __init__(self) -> None:
        super().__init__()
        self._levels: deque[float] = deque([0.0], maxlen=400)
        self.setMinimumWidth(60)
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(_("Level"))

    def add(self, level: float) -> None:
        """Show one more level, from 0 to 1."""
        self._levels.append(min(1.0, max(0.0, level)))
        self.update()

    def loudest(self) -> float:
        """Return the highest level that is still shown."""
        return max(self._levels)

    def sizeHint(self) -> QSize:
        """Return how large it likes to be."""
        return QSize(240, 28)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw the bars; what is loud in the colour that stands out."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        theme = appearance.current()
        right, height = self.width(), self.height()
        for level in reversed(self._levels):
            right -= _BAR + _GAP
            if right < 0:
                break
            # As ears hear it: half as loud is not half as high.
            tall = max(_LEAST, level**0.5) * height
            painter.setBrush(QColor(theme.accent if level > _QUIET else theme.border))
            painter.drawRoundedRect(QRectF(right, (height - tall) / 2, _BAR, tall), 1.5, 1.5)


class RecordingBar(QFrame):
    """Above the text of the composer; Enter attaches what was recorded, Esc forgets it."""

    finished = Signal()
    cancelled = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self._sign = QLabel()
        self._meter = LevelMeter()
        self._time = QLabel()
        self._hint = wrapped_label("", "muted")
        self._advice = self._said = ""
        self._done = QPushButton()
        self._done.setProperty("role", "primary")
        self._done.setAutoDefault(True)
        self._done.clicked.connect(self.finished)
        self._cancel = QPushButton()
        self._cancel.clicked.connect(self.cancelled)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(10, 6, 8, 6)
        layout.setSpacing(10)
        layout.addWidget(self._sign)
        layout.addWidget(self._time)
        layout.addWidget(self._meter, stretch=1)
        layout.addWidget(self._hint, stretch=1)
        layout.addWidget(self._done)
        layout.addWidget(self._cancel)
        self._retranslate()
        self.hide()

    def begin(self, advice: str) -> None:
        """Come up; ``advice`` is what the person should know meanwhile."""
        self._advice = advice
        self._say(Said(lambda: _("The microphone is being opened…")))
        self._done.setEnabled(False)
        self._time.setText("0:00")
        self.show()
        self._cancel.setFocus()

    def show_heard(self, level: float, milliseconds: int) -> None:
        """Show how loud it is now, and how long in all."""
        if not self._done.isEnabled():
            self._done.setEnabled(True)
            self._done.setFocus()
        self._meter.add(level)
        seconds = milliseconds // _MILLISECONDS
        self._time.setText(f"{seconds // _SECONDS}:{seconds % _SECONDS:02}")
        silent = milliseconds > _QUIET_MS and self._meter.loudest() <= _QUIET
        nothing = Said(lambda: _("Nothing is heard. Is the microphone switched on?"))
        self._say(nothing if silent else self._advice)
        self._hint.setVisible(bool(self._hint.text()))

    def _say(self, hint: str) -> None:
        self._said = hint
        self._hint.setText(hint)

    def hint(self) -> str:
        """Return what is said beside the meter."""
        return self._hint.text()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """End with Esc; Enter presses the button that has the focus."""
        if event.key() == Qt.Key.Key_Escape:
            self.cancelled.emit()
        else:
            super().keyPressEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _retranslate(self) -> None:
        self._say(said_again(self._said))
        self._advice = said_again(self._advice)
        self._done.setText(_("Attach the recording"))
        self._cancel.setText(_("Cancel"))
        self._sign.setPixmap(pixmap("microphone", appearance.current().warning, 18))
