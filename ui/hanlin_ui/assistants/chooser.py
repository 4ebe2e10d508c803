"""The assistants on the page of an empty conversation: one button each."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from hanlin.domain.assistants import Assistant
from hanlin_ui.assistants.pill import label, picture
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.tips import tip

_MOST = 12


class AssistantChooser(QWidget):
    """Shows which is chosen; a second click chooses none."""

    chosen = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._row = FlowLayout(self, 8, centred=True)
        self._buttons: dict[str, QPushButton] = {}
        self._assistants: Sequence[Assistant] = ()

    def show_assistants(self, assistants: Sequence[Assistant], current: Assistant | None) -> None:
        """Offer ``assistants``."""
        while self._row.count():
            item = self._row.takeAt(0)
            if item is not None and (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self._buttons.clear()
        for assistant in assistants[:_MOST]:
            button = QPushButton(label(assistant), self)
            button.setProperty("role", "assistant")
            button.setCheckable(True)
            button.setToolTip(tip(assistant.about))
            button.setAccessibleDescription(assistant.about)
            button.clicked.connect(
                lambda checked, one=assistant: self.chosen.emit(one if checked else None)
            )
            self._row.addWidget(button)
            self._buttons[assistant.id] = button
            button.show()
        self._assistants = assistants[:_MOST]
        self._draw()
        self.show_current(current)

    def changeEvent(self, event: QEvent) -> None:
        """Follow theme and letters."""
        super().changeEvent(event)
        if event.type() in appearance.WORN_ANEW:
            self._draw()

    def _draw(self) -> None:
        for assistant in self._assistants:
            self._buttons[assistant.id].setIcon(picture(assistant))

    def show_current(self, current: Assistant | None) -> None:
        """Mark the one that is chosen."""
        for identity, button in self._buttons.items():
            button.setChecked(current is not None and identity == current.id)
