"""The line at the bottom: which model answers, how it does, and that nothing leaves.

Knows no service; each figure is set by whoever knows it.
"""

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QMenu, QProgressBar, QToolButton, QWidget

from hanlin.kernel.i18n import _, ngettext
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets.tips import tip

_BAR_WIDTH = 90


class StatusLine(QWidget):
    """Model, progress, speed, context, connections, and badges for what is not as it should be."""

    stop_requested = Signal()
    """What the engine does, loading or answering, shall end."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "status")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._model_name = ""
        self._computed = ""
        self._state = ""
        self._speed = 0.0
        self._context = (0, 0)
        self._writing = 0
        self._count = 0
        self._unprotected = ""
        self._sandbox = ""
        self._silence = 0
        self._filled = False
        self._connections = self._label("muted")
        self._layout = layout = QHBoxLayout(self)
        layout.setContentsMargins(13, 3, 12, 3)
        layout.setSpacing(10)
        layout.addStretch()
        layout.addWidget(self._connections)
        self._retranslate()

    def fill(self, models: QMenu) -> None:
        """Bring in, once, what the first paint does without; ``models`` opens from the name.

        Before, nothing but the connections can be set.
        """
        self._model = QToolButton()
        self._model.setProperty("role", "status")
        self._model.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._model.hide()
        self._model.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._model.setMenu(models)
        self._badge = self._label("badge")
        self._state_label = self._label("muted")
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setFixedSize(_BAR_WIDTH, 4)
        self._progress.setMaximum(100)
        self._progress.hide()
        self._stop = QToolButton()
        self._stop.setProperty("role", "status")
        self._stop.clicked.connect(self.stop_requested)
        self._stop.setObjectName("stop")
        self._stop.hide()
        self._speed_label = self._label("muted")
        self._context_label = self._label("muted")
        self._protection = self._label("warning")
        self._sandbox_label = self._label("warning")
        left = (self._model, self._badge, self._state_label, self._progress, self._stop)
        for place, widget in enumerate(left):
            self._layout.insertWidget(place, widget)
        right = (self._sandbox_label, self._protection, self._speed_label, self._context_label)
        for place, label in enumerate(right, start=self._layout.count() - 1):
            self._layout.insertWidget(place, label)
        self._filled = True
        self._retranslate()

    def set_model(self, name: str, *, starter: bool, computed: str = "") -> None:
        """Name the model, and say what computes it."""
        self._model_name = name
        self._computed = computed
        self._model.show()
        self._badge.setVisible(starter)
        self._retranslate()

    def set_loading(self, fraction: float | None) -> None:
        """Show how far loading is; None when nothing is loading."""
        self._progress.setVisible(fraction is not None)
        self._state = "" if fraction is None else "loading"
        self._progress.setValue(round(100 * (fraction or 0.0)))
        self._retranslate()

    def set_silence(self, seconds: int) -> None:
        """Say for how long the engine has given no sign of life; 0 says nothing."""
        self._silence = seconds
        self._retranslate()

    def set_failed(self, *, stopped: bool = False) -> None:
        """Say that the model could not be loaded, or that somebody stopped that."""
        self._progress.hide()
        self._state = "stopped" if stopped else "failed"
        self._retranslate()

    def set_resting(self) -> None:
        """Say that the model is not in memory at the moment."""
        self._state = "resting"
        self._retranslate()

    def set_speed(self, tokens_per_second: float) -> None:
        """Show the speed of the last answer; 0 shows none."""
        self._speed = tokens_per_second
        self._retranslate()

    def set_context(self, used: int, size: int, writing: int = 0) -> None:
        """Show how full the context is, ``writing`` of it with what is not sent yet.

        0 of 0 shows nothing.
        """
        self._context = (used, size)
        self._writing = writing
        self._retranslate()

    def set_connections(self, count: int) -> None:
        """Show how many connections were tried since the start."""
        if count != self._count:
            self._count = count
            self._retranslate()

    def set_protection(self, sentence: str) -> None:
        """Say that the conversations are not protected, and why; "" when they are."""
        self._unprotected = sentence
        self._retranslate()

    def set_sandbox_note(self, sentence: str) -> None:
        """Say that a child runs without its sandbox, and why; "" when all is well."""
        self._sandbox = sentence
        self._retranslate()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Say less where there is less room."""
        super().resizeEvent(event)
        if self._filled:
            self._make_room()

    def _make_room(self) -> None:
        """Hide the least important figures that do not fit; the badges and connections stay."""
        optional = [label for label in (self._speed_label, self._context_label) if label.text()]
        for label in optional:
            label.show()
        for label in optional:
            self._layout.invalidate()
            if self._layout.sizeHint().width() <= self.width():
                return
            label.hide()

    def _label(self, role: str) -> QLabel:
        label = QLabel()
        label.setProperty("role", role)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.hide()
        return label

    def _retranslate(self) -> None:
        connections = ngettext(
            "{count} connection since start", "{count} connections since start", self._count
        ).format(count=f"{self._count:,}")
        _say(self._connections, connections)
        self._connections.setToolTip(
            _("Connections to other computers that this window tried to open")
        )
        if self._filled:
            self._say_the_rest()
            self._make_room()

    def _say_the_rest(self) -> None:
        self._model.setText(self._model_name or _("No model"))
        put_on(self._model, "model", appearance.current().accent, 16)
        self._model.setAccessibleName(
            _("Model: {name}. Choose another").format(name=self._model_name or _("none"))
        )
        words = (self._computed, _("Choose a model"))
        self._model.setToolTip(tip("\n".join(filter(None, words))))
        self._badge.setText(_("starter"))
        states = {
            "loading": _("Loading… {percent} %").format(percent=self._progress.value()),
            "failed": _("Could not be loaded"),
            "stopped": _("Loading was stopped"),
            "resting": _("resting"),
            "": "",
        }
        silence = ngettext(
            "The engine has not answered for {count} second",
            "The engine has not answered for {count} seconds",
            self._silence,
        ).format(count=self._silence)
        _say(self._state_label, silence if self._silence else states[self._state])
        self._stop.setText(_("Stop"))
        self._stop.setToolTip(_("Stop what the engine is doing"))
        self._stop.setVisible(self._state == "loading" or bool(self._silence))
        self._progress.setAccessibleName(_("Loading the model"))
        speed = _("{speed:,.0f} tokens/s").format(speed=self._speed) if self._speed else ""
        _say(self._speed_label, speed)
        used, size = self._context
        _say(
            self._context_label,
            _("Context {used:,} / {size:,}").format(used=used, size=size) if size else "",
            _(
                "Your next message would send {used:,} tokens: the instructions, the conversation "
                "so far, and {writing:,} for what is written and attached. {left:,} are left for "
                "the answer. When nothing is left you are asked what to do: summarise older "
                "turns, leave out the oldest, or load a larger context."
            ).format(used=used, writing=self._writing, left=max(size - used, 0)),
        )
        _say(self._protection, _("not protected") if self._unprotected else "", self._unprotected)
        _say(self._sandbox_label, _("engine not confined") if self._sandbox else "", self._sandbox)


def _say(label: QLabel, text: str, explanation: str = "") -> None:
    label.setText(text)
    label.setToolTip(tip(explanation))
    label.setAccessibleDescription(explanation)
    label.setVisible(bool(text))
