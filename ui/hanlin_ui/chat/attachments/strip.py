"""What goes along with the message that is being written: chips, and what stands in the way."""

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.notice import Notice


class AttachmentStrip(QWidget):
    """Above the text of the composer; hidden while there is nothing."""

    help_requested = Signal()
    """What the sentence offers is wanted."""

    def __init__(self) -> None:
        super().__init__()
        self._chips = QWidget()
        self._flow = FlowLayout(self._chips, 6)
        self._notice = Notice()
        self._notice.action_requested.connect(self.help_requested)
        self._notice.hide()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 6, 0)
        layout.setSpacing(6)
        layout.addWidget(self._notice)
        layout.addWidget(self._chips)
        self.hide()

    def show_chips(self, chips: Sequence[AttachmentChip]) -> None:
        """Show ``chips`` in this order; others stay hidden until they are deleted."""
        while (item := self._flow.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget not in chips:
                widget.hide()
        for chip in chips:
            self._flow.addWidget(chip)
            chip.show()
        self.setVisible(bool(chips))
        self._chips.updateGeometry()

    def say(self, sentence: str, action: str = "") -> None:
        """Say what stands in the way, with a button that helps; "" takes it away."""
        self._notice.set_text(sentence)
        self._notice.set_action(action)
        self._notice.setVisible(bool(sentence))

    def sentence(self) -> str:
        """Return what is said, "" for nothing."""
        return "" if self._notice.isHidden() else self._notice.text()
