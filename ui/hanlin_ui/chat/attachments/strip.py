"""What goes along with the message that is being written: chips, and what stands in the way."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from hanlin_ui.chat.attachments.chip import AttachmentChip
from hanlin_ui.widgets.flow import FlowLayout
from hanlin_ui.widgets.notice import Notice

_STEPS: Final[dict[int, int]] = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}


class AttachmentStrip(QWidget):
    """Above the text of the composer; hidden while there is nothing.

    Arrows, Home and End go from chip to chip, Up to what the sentence offers; Down and Escape
    go back to the text.
    """

    help_requested = Signal()
    """What the sentence offers is wanted."""

    def __init__(self, entry: QWidget) -> None:
        """Tab goes from ``entry`` to what stands here: notice and chips are made later than all."""
        super().__init__()
        self._entry = entry
        self._shown: list[AttachmentChip] = []
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
        self._shown = list(chips)
        for chip in chips:
            self._flow.addWidget(chip)
            chip.show()
        chain = [self._entry, *self._notice.focus_chain()]
        for chip in chips:
            chain += chip.focus_chain()
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)
        self.setVisible(bool(chips))
        self._chips.updateGeometry()

    def take_keyboard(self, place: int = 0) -> None:
        """Give the keyboard to a chip, the last one if there are fewer, or to the text if none."""
        if not self._shown:
            self._entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
            return
        chip = self._shown[min(place, len(self._shown) - 1)]
        chip.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def holder(self) -> AttachmentChip | None:
        """Return the chip that has the keyboard of its window, None for none."""
        held = self.window().focusWidget()
        return next((one for one in self._shown if held in one.focus_chain()), None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Let the arrows do what the eye expects; the chip has had the other keys."""
        key, chip = event.key(), self.holder()
        if key in (Qt.Key.Key_Escape, Qt.Key.Key_Down):
            self._entry.setFocus(Qt.FocusReason.ShortcutFocusReason)
        elif key == Qt.Key.Key_Up:
            self._notice.take_keyboard()
        elif chip is not None and (step := _STEPS.get(key)):
            self.take_keyboard(max(0, self._shown.index(chip) + step))
        elif key == Qt.Key.Key_Home:
            self.take_keyboard()
        elif key == Qt.Key.Key_End:
            self.take_keyboard(len(self._shown))
        else:
            super().keyPressEvent(event)

    def say(self, sentence: str, action: str = "") -> None:
        """Say what stands in the way, with a button that helps; "" takes it away."""
        self._notice.set_text(sentence)
        self._notice.set_action(action)
        self._notice.setVisible(bool(sentence))

    def sentence(self) -> str:
        """Return what is said, "" for nothing."""
        return "" if self._notice.isHidden() else self._notice.text()
