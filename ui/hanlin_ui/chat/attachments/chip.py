"""One attachment as a small card: a picture of it, its name, its size."""

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QImage, QKeyEvent, QMouseEvent, QPixmap
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QVBoxLayout, QWidget

from hanlin.domain.attachments import Attachment, Thumbnail
from hanlin.kernel.i18n import _
from hanlin_ui.chat.attachments import words
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import pixmap
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.tips import tip

if TYPE_CHECKING:
    from collections.abc import Callable

_SIDE: Final = 44
_NAME_WIDTH: Final = 190


def pixmap_of(small: Thumbnail) -> QPixmap:
    """Return a picture of plain pixels, which nothing has to decode."""
    image = QImage(
        small.pixels, small.width, small.height, 3 * small.width, QImage.Format.Format_RGB888
    )
    return QPixmap.fromImage(image)


class AttachmentChip(QFrame):
    """Shows one attachment; Enter, Space or a click asks to look at it."""

    opened = Signal()
    removed = Signal()
    changed_wanted = Signal()
    """What can be done with it is wanted, as a menu below the chip."""

    def __init__(self, *, removable: bool) -> None:
        super().__init__()
        self.setProperty("role", "card")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._about: Attachment | None = None
        self._picture = QLabel()
        self._picture.setFixedSize(_SIDE, _SIDE)
        self._picture.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._words: Callable[[], str] = str
        """What is said below the name, in the interface's language."""
        self._details = QLabel()
        self._details.setProperty("role", "muted")
        self._details.setTextFormat(Qt.TextFormat.PlainText)
        self._progress = QProgressBar()
        self._progress.setFixedHeight(4)
        self._progress.setTextVisible(False)
        self._progress.hide()
        texts = QVBoxLayout()
        texts.setSpacing(1)
        texts.addWidget(self._name)
        texts.addWidget(self._details)
        texts.addWidget(self._progress)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(5, 5, 6, 5)
        layout.setSpacing(8)
        layout.addWidget(self._picture)
        layout.addLayout(texts)
        self._more = IconButton("more", 14)
        self._more.clicked.connect(self.changed_wanted)
        self._remove = IconButton("close", 12)
        self._remove.clicked.connect(self.removed)
        for button in (self._more, self._remove):
            layout.addWidget(button, alignment=Qt.AlignmentFlag.AlignTop)
            button.setVisible(removable)

    def show_reading(self, name: str, done: int = 0, total: int = 0) -> None:
        """Say that a file is being read, and how far."""
        self._words = lambda: (
            _("page {page} of {pages}").format(page=done, pages=total)
            if total
            else _("is being read…")
        )
        self._set_name(name)
        self._progress.setRange(0, total)
        self._progress.setValue(done)
        self._progress.show()
        if self._more.hasFocus():
            self.setFocus()  # else the keyboard would be somewhere when the button goes
        self._more.hide()
        self._draw("document", None)

    def show_attachment(
        self, about: Attachment, small: Thumbnail | None, *, cost: bool = True
    ) -> None:
        """Show what is attached."""
        self._about = about
        self._progress.hide()
        said = [words.size, words.cost] if cost else [words.size]
        self._words = lambda: " · ".join(say(about) for say in said)
        self._set_name(about.name)
        self._more.setVisible(cost)
        self._draw(words.KINDS[about.kind], small)

    def focus_chain(self) -> list[QWidget]:
        """Return what takes the keyboard, in order."""
        return [self, self._more, self._remove]

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Open with Enter or Space, remove with Delete."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removed.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Open with a click."""
        if event.button() is Qt.MouseButton.LeftButton and self.rect().contains(
            event.position().toPoint()
        ):
            self.opened.emit()
        event.accept()

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Show by the menu key and the right button what the small button shows."""
        if self._more.isVisible():
            self.changed_wanted.emit()
            event.accept()
        else:
            super().contextMenuEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _set_name(self, name: str) -> None:
        elided = self._name.fontMetrics().elidedText(
            name, Qt.TextElideMode.ElideMiddle, _NAME_WIDTH
        )
        self._name.setText(elided)
        self.setToolTip(tip(name if elided != name else ""))
        self.setAccessibleName(name)
        self._retranslate()

    def _retranslate(self) -> None:
        name = self.accessibleName()
        self._details.setText(self._words())
        self._progress.setAccessibleName(_("Reading {name}").format(name=name))
        self._remove.set_label(_("Remove {name}").format(name=name))
        self._more.set_label(_("What can be done with {name}").format(name=name))

    def _draw(self, sign: str, small: Thumbnail | None) -> None:
        if small is None:
            self._picture.setPixmap(pixmap(sign, appearance.current().muted, 24))
            return
        ratio = self.devicePixelRatioF()
        side = round(_SIDE * ratio)
        picture = pixmap_of(small).scaled(
            side,
            side,
            Qt.AspectRatioMode.KeepAspectRatio,
            Qt.TransformationMode.SmoothTransformation,
        )
        picture.setDevicePixelRatio(ratio)
        self._picture.setPixmap(picture)
