"""Where an assistant's picture is chosen: one of the drawn ones, or an emoji that is typed."""

from typing import Final

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QComboBox, QWidget

from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import extent, icon, names

_OFFERED: Final = (
    "edit", "spark", "building", "list", "cap", "globe", "code", "chat",
    "think", "document", "search", "tool", "picture", "sound", "folder", "tag",
)  # fmt: skip
_SIZE: Final = 18
_WIDTH: Final = 76
_LONGEST: Final = 16
"""Characters: one emoji may be made of many."""


class PictureField(QComboBox):
    """Shows a drawn picture as it looks; its name, such as ``:edit``, is nobody's business."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        for name in _OFFERED:
            self.addItem("", f":{name}")
        if (line := self.lineEdit()) is not None:
            line.setMaxLength(_LONGEST)
        self.currentIndexChanged.connect(self._on_chosen)
        self.setCurrentIndex(-1)
        self._draw()

    def set_label(self, label: str) -> None:
        """Name the field, and the line in it, which has the keyboard."""
        self.setAccessibleName(label)
        if (line := self.lineEdit()) is not None:
            line.setAccessibleName(label)

    def picture(self) -> str:
        """Return ``:name`` of a drawn picture, an emoji, or "" for none."""
        return self.currentText().strip() or str(self.currentData() or "")

    def set_picture(self, picture: str) -> None:
        """Show ``picture``."""
        if picture.startswith(":") and picture[1:] in names() and self.findData(picture) < 0:
            self.addItem("", picture)
            self._draw()
        self.setCurrentIndex(self.findData(picture) if picture else -1)
        self.setEditText(picture if self.currentIndex() < 0 else "")

    def changeEvent(self, event: QEvent) -> None:
        """Draw the pictures again for what is worn now."""
        super().changeEvent(event)
        if event.type() in appearance.WORN_ANEW:
            self._draw()

    def _on_chosen(self, number: int) -> None:
        """Hint at an emoji where nothing is drawn."""
        if (line := self.lineEdit()) is not None:
            line.setPlaceholderText("🙂" if number < 0 else "")

    def _draw(self) -> None:
        self.setIconSize(extent(_SIZE))
        self.setFixedWidth(appearance.looks().sized(_WIDTH))
        for number in range(self.count()):
            name = str(self.itemData(number))[1:]
            self.setItemData(number, name, Qt.ItemDataRole.AccessibleTextRole)
            self.setItemIcon(number, icon(name, appearance.current().accent, _SIZE))
