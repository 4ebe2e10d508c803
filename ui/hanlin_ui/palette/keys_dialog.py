"""The dialog that lists all keys and lets them be changed; a conflict is told, not made."""

from collections.abc import Callable, Mapping, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin_ui.palette import keys as shortcuts
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting


class KeysDialog(QDialog):
    """Changes the actions at once and tells what is to be kept."""

    def __init__(
        self,
        parent: QWidget,
        actions: Mapping[str, QAction],
        defaults: Mapping[str, Sequence[QKeySequence]],
        kept: str,
        keep: Callable[[str], object],
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Keyboard shortcuts"))
        self.resize(fitting(self, 560, 520))
        self._actions, self._defaults, self._keep = actions, defaults, keep
        self._chosen = shortcuts.read(kept)
        self._names = list(actions)
        self.table = QTableWidget(len(self._names), 2)
        self.table.setHorizontalHeaderLabels([_("Command"), _("Keys")])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.setColumnWidth(1, fitting(self, 170, 0).width())
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QTableWidget.EditTrigger.NoEditTriggers)
        self.table.setTabKeyNavigation(False)  # Tab leads to the new keys
        self.table.setAccessibleName(_("Keyboard shortcuts"))
        self.table.currentCellChanged.connect(lambda *_cells: self._on_chosen())
        self.edit = QKeySequenceEdit()
        self.edit.setMaximumSequenceLength(1)
        self.edit.setAccessibleName(_("New keys"))
        self.edit.editingFinished.connect(self._on_edited)
        self._note = wrapped_label("", "careful")
        self._note.hide()
        back = QPushButton(_("As it was made"))
        back.clicked.connect(self._on_back)
        none = QPushButton(_("No keys"))
        none.clicked.connect(lambda: self._take(QKeySequence()))
        close = QPushButton(_("Close"))
        close.clicked.connect(self.accept)
        row = QHBoxLayout()
        row.addWidget(QLabel(_("New keys")))
        row.addWidget(self.edit, stretch=1)
        for button in (none, back, close):
            button.setAutoDefault(False)
            row.addWidget(button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 14, 14, 14)
        layout.setSpacing(10)
        layout.addWidget(self.table, stretch=1)
        layout.addWidget(self._note)
        layout.addLayout(row)
        self._fill()
        self.table.setCurrentCell(0, 0)

    def _fill(self) -> None:
        for number, name in enumerate(self._names):
            action = self._actions[name]
            shown = (plain(action), action.shortcut().toString(_NATIVE))
            for column, text in enumerate(shown):
                self.table.setItem(number, column, QTableWidgetItem(text))

    def _name(self) -> str:
        return self._names[max(self.table.currentRow(), 0)]

    def _on_chosen(self) -> None:
        self.edit.setKeySequence(self._actions[self._name()].shortcut())
        self._note.hide()

    def _on_edited(self) -> None:
        if self.edit.keySequence() != self._actions[self._name()].shortcut():
            self._take(self.edit.keySequence())

    def _on_back(self) -> None:
        self._take(self._given(self._name()))

    def _given(self, name: str) -> QKeySequence:
        """Return the first of the keys that the program gives the action."""
        return next(iter(self._defaults[name]), QKeySequence())

    def _take(self, keys: QKeySequence) -> None:
        name = self._name()
        if shortcuts.is_typed(keys):
            self._refuse(
                _("{keys} alone writes or moves. Add Ctrl or Alt, or take F1 to F12.").format(
                    keys=keys.toString(_NATIVE)
                )
            )
            return
        other = shortcuts.conflict(self._actions, name, keys)
        if other is not None:
            self._refuse(
                _("{keys} already does “{command}”. Change that first.").format(
                    keys=keys.toString(_NATIVE), command=plain(other)
                )
            )
            return
        self._note.hide()
        if keys == self._given(name):
            self._actions[name].setShortcuts(self._defaults[name])
            self._chosen.pop(name, None)
        else:
            self._actions[name].setShortcut(keys)
            self._chosen[name] = keys.toString(QKeySequence.SequenceFormat.PortableText)
        self._keep(shortcuts.write(self._chosen))
        self._fill()
        self.edit.setKeySequence(keys)

    def _refuse(self, why: str) -> None:
        """Say why the keys were not taken, and show those that hold."""
        self._note.setText(why)
        self._note.show()
        self.edit.setKeySequence(self._actions[self._name()].shortcut())


_NATIVE = QKeySequence.SequenceFormat.NativeText


def plain(action: QAction) -> str:
    """Return what an action is called, without the mark of its letter and its shown keys."""
    text = action.text().partition("\t")[0].rstrip("…")
    if text.endswith(")") and "(&" in text:
        text = text[: text.rindex("(&")]
    return text.replace("&&", "\0").replace("&", "").replace("\0", "&")
