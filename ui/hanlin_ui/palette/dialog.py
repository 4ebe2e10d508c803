"""The command palette: everything the window can do, found by typing.

Knows no service: it is given commands and runs the one that is chosen.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin_ui.palette.matching import score
from hanlin_ui.theme import appearance
from hanlin_ui.widgets.sizes import fitting

_MOST: Final = 60
_SIDE: Final = 12
_GAP: Final = 16
_BESIDE_ROLE: Final = Qt.ItemDataRole.UserRole + 1
"""What is said at the right of a row: its kind and its keys."""
_MOVES: Final = (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)


@dataclass(frozen=True, slots=True)
class Command:
    """One thing to do: what it is called, which keys do it, and where it belongs.

    ``also`` are words by which it is found and that are not shown.
    """

    name: str
    run: Callable[[], object]
    kind: str = ""
    keys: str = ""
    also: str = ""

    @property
    def words(self) -> str:
        """All the words by which it is found."""
        return f"{self.name} {self.kind} {self.also}"


class CommandPalette(QDialog):
    """Closes itself, and then does what was chosen."""

    def __init__(self, parent: QWidget, commands: Sequence[Command]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Command palette"))
        self.resize(fitting(self, 600, 420))
        self._commands = commands
        self.box = QLineEdit()
        self.box.setPlaceholderText(_("A command, a conversation, a model, a setting…"))
        self.box.setAccessibleName(_("Command palette"))
        self.box.textChanged.connect(self._show)
        self.box.returnPressed.connect(self._run_current)
        self.box.installEventFilter(self)
        self.found = QListWidget()
        self.found.setProperty("role", "sections")
        self.found.setItemDelegate(_Row(self.found))
        self.found.setAccessibleName(_("Found"))
        self.found.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.found.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.found.itemClicked.connect(lambda _item: self._run_current())
        self.nothing = QLabel(_("Nothing was found."))
        self.nothing.setProperty("role", "muted")
        above = QVBoxLayout(self.found.viewport())
        above.addWidget(self.nothing, 0, Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 12, 12, 12)
        layout.setSpacing(8)
        layout.addWidget(self.box)
        layout.addWidget(self.found, stretch=1)
        self._show("")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Move through what was found while the field keeps the keyboard."""
        pressed = event.type() == QEvent.Type.KeyPress
        moves = pressed and isinstance(event, QKeyEvent) and event.key() in _MOVES
        if watched is self.box and moves and isinstance(event, QKeyEvent):
            self.found.keyPressEvent(event)
            return True
        return super().eventFilter(watched, event)

    def names(self) -> list[str]:
        """Return what is shown, the best first."""
        items = [self.found.item(number) for number in range(self.found.count())]
        return [one.data(Qt.ItemDataRole.UserRole).name for one in items]

    def _show(self, text: str) -> None:
        wanted = text.strip()
        if wanted:
            scored = [(score(wanted, one.words), one) for one in self._commands]
            fitting = [pair for pair in scored if pair[0]]
            fitting.sort(key=lambda pair: -pair[0])
            shown = [one for _points, one in fitting[:_MOST]]
        else:
            shown = list(self._commands[:_MOST])
        self.found.clear()
        for one in shown:
            beside = "   ".join(part for part in (one.kind, one.keys) if part)
            item = QListWidgetItem(one.name)
            item.setData(Qt.ItemDataRole.UserRole, one)
            item.setData(_BESIDE_ROLE, beside)
            item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, beside)
            self.found.addItem(item)
        self.found.setCurrentRow(0)
        self.nothing.setVisible(not shown)

    def _run_current(self) -> None:
        if not self.found.count():
            return
        command = self.found.currentItem().data(Qt.ItemDataRole.UserRole)
        self.accept()
        command.run()


class _Row(QStyledItemDelegate):
    """Draws a command with its kind and keys quietly at the right."""

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        """Draw one row."""
        shown = QStyleOptionViewItem(option)
        self.initStyleOption(shown, index)
        name, beside = shown.text, str(index.data(_BESIDE_ROLE) or "")
        shown.text = ""
        style = shown.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, shown, painter, shown.widget)
        theme = appearance.current()
        area = shown.rect.adjusted(_SIDE, 0, -_SIDE, 0)
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.save()
        painter.setFont(shown.font)
        if beside:
            painter.setPen(QColor(theme.muted))
            painter.drawText(area, middle | Qt.AlignmentFlag.AlignRight, beside)
            area.adjust(0, 0, -shown.fontMetrics.horizontalAdvance(beside) - _GAP, 0)
        painter.setPen(QColor(theme.text))
        elided = shown.fontMetrics.elidedText(name, Qt.TextElideMode.ElideRight, area.width())
        painter.drawText(area, middle | Qt.AlignmentFlag.AlignLeft, elided)
        painter.restore()
