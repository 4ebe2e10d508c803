"""The context is nearly full: what can be done about it, above the composer."""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.services.events import ContextFilling
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.tips import tip


class RoomNotice(QFrame):
    """Three ways out; hidden until there is something to choose."""

    chosen = Signal(str, bool)
    """``summarise``, ``drop`` or ``enlarge``, and whether it is to be so from now on."""
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "notice")
        self._filling: ContextFilling | None = None
        self._working = False
        self._label = wrapped_label()
        self._close = IconButton("close", 14)
        self._close.clicked.connect(self.closed)
        self._close.clicked.connect(self.hide)
        self._summarise = self._button("summarise")
        self._drop = self._button("drop")
        self._enlarge = self._button("enlarge")
        self._always = QCheckBox()
        above = QHBoxLayout()
        above.addWidget(self._label, stretch=1)
        above.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        below = FlowLayout()
        for widget in (self._summarise, self._drop, self._enlarge, self._always):
            below.addWidget(widget)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 8, 8, 10)
        layout.addLayout(above)
        layout.addLayout(below)
        self.hide()
        self._retranslate()

    def text(self) -> str:
        """Return the sentence shown."""
        return self._label.text()

    def offer(self, filling: ContextFilling) -> None:
        """Show what can be chosen."""
        self._filling, self._working = filling, False
        self._always.setChecked(False)
        self._retranslate()
        motion.unfold(self)

    def set_working(self) -> None:
        """Say that older turns are being summarised."""
        self._working = True
        self._retranslate()
        motion.unfold(self)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _button(self, way: str) -> QPushButton:
        button = QPushButton()
        button.setObjectName(way)
        button.clicked.connect(lambda: self.chosen.emit(way, self._always.isChecked()))
        return button

    def _retranslate(self) -> None:
        self._close.set_label(_("Close"))
        self._summarise.setText(_("Summarise older turns"))
        self._drop.setText(_("Leave out the oldest"))
        self._enlarge.setText(_("Enlarge the context"))
        self._always.setText(_("Always do this"))
        self._always.setMinimumHeight(self._drop.sizeHint().height())  # one line with the buttons
        self._always.setToolTip(_("Holds for summarising and leaving out. Settings changes it."))
        filling = self._filling
        for widget in (self._summarise, self._drop, self._enlarge, self._always):
            widget.setVisible(not self._working)
        if self._working:
            self._label.setText(_("Older turns are being summarised…"))
        elif filling is not None:
            self._label.setText(_sentence(filling))
            self._summarise.setEnabled(filling.summarises)
            self._enlarge.setEnabled(filling.larger > 0)
            self._summarise.setToolTip(
                _("The model remembers them in short; you keep every word")
                if filling.summarises
                else _("There are no older turns to summarise")
            )
            self._drop.setToolTip(_("The model forgets them; you keep every word"))
            self._enlarge.setToolTip(
                tip(
                    _("Loads the model again with {count} tokens of context").format(
                        count=f"{filling.larger:,}"
                    )
                    if filling.larger
                    else _("This model, or the free memory, allows no larger one")
                )
            )


def _sentence(filling: ContextFilling) -> str:
    if filling.full:
        return _(
            "This conversation no longer fits the model's context of {size} tokens. "
            "What shall the model do?"
        ).format(size=f"{filling.size:,}")
    percent = round(100 * filling.used / max(filling.size, 1))
    return _(
        "{percent} % of the model's context is used. Soon it cannot remember all of this "
        "conversation. What shall it do?"
    ).format(percent=percent)
