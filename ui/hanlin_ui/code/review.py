"""The changes of an answer, file by file, to be looked at before anything is written."""

from difflib import SequenceMatcher
from typing import Final

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QColor, QTextBlockFormat, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.services.workspace import lines
from hanlin.services.workspace.changes import Change, Proposal
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font

_SIZE: Final = QSize(860, 600)
_AROUND: Final = 3
"""Lines that stay, shown around those that change."""
_STRENGTH: Final = 0.18
"""How much of the colour is behind a changed line."""
_MOST_LINES: Final = 5_000


class ReviewDialog(QDialog):
    """Deletes itself when it is closed. ``applied`` carries the changes that were ticked."""

    applied = Signal(tuple)

    def __init__(self, parent: QWidget, proposal: Proposal) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Review changes"))
        self.resize(_SIZE)
        self._changes = proposal.changes
        self.files = QListWidget()
        self.files.setProperty("role", "sections")
        self.files.setAccessibleName(_("Changed files"))
        self.view = DiffView()
        refused = QLabel("\n".join(refusal.reason for refusal in proposal.refusals))
        refused.setProperty("role", "careful")
        refused.setTextFormat(Qt.TextFormat.PlainText)
        refused.setWordWrap(True)
        if not proposal.refusals:
            refused.hide()
        self._apply = QPushButton(_("&Apply"))
        self._apply.setProperty("role", "primary")
        self._apply.setDefault(True)
        buttons = QDialogButtonBox()
        buttons.addButton(self._apply, QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.addButton(_("Close"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._on_apply)
        buttons.rejected.connect(self.reject)
        halves = QSplitter(Qt.Orientation.Horizontal)
        halves.setChildrenCollapsible(False)
        halves.addWidget(self.files)
        halves.addWidget(self.view)
        halves.setSizes([_SIZE.width() // 4, _SIZE.width() * 3 // 4])
        halves.setStretchFactor(1, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(halves, stretch=1)
        layout.addWidget(refused)
        layout.addWidget(buttons)
        for change in self._changes:
            self._list(change)
        halves.setVisible(bool(self._changes))
        self.files.currentRowChanged.connect(self._on_row)
        self.files.itemChanged.connect(lambda _item: self._count())
        self.files.setCurrentRow(0)
        self._count()
        self._apply.setFocus()

    def ticked(self) -> tuple[Change, ...]:
        """Return the changes that are ticked."""
        return tuple(
            change
            for row, change in enumerate(self._changes)
            if self.files.item(row).checkState() is Qt.CheckState.Checked
        )

    def _list(self, change: Change) -> None:
        added, removed = counts(change)
        new = "  " + _("new") if change.before is None else ""
        item = QListWidgetItem(f"{change.path}{new}\n+{added} −{removed}")
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked)
        item.setToolTip(change.path)
        self.files.addItem(item)

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._changes):
            self.view.show_change(self._changes[row])

    def _count(self) -> None:
        self._apply.setEnabled(bool(self.ticked()))

    def _on_apply(self) -> None:
        ticked = self.ticked()
        self.accept()
        self.applied.emit(ticked)


class DiffView(QPlainTextEdit):
    """One file's change: old and new line numbers, what goes and what comes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setReadOnly(True)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFont(code_font(self.font()))
        self.setUndoRedoEnabled(False)
        self.setAccessibleName(_("Difference"))
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )

    def show_change(self, change: Change) -> None:
        """Show what ``change`` does."""
        self.clear()
        theme = appearance.current()
        colours = {"+": theme.good, "-": theme.bad}
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        for number, (sign, text) in enumerate(diff_lines(change)):
            if number:
                cursor.insertBlock(QTextBlockFormat(), QTextCharFormat())
            if number == _MOST_LINES:
                cursor.insertText("…")
                break
            layout, letters = QTextBlockFormat(), QTextCharFormat()
            if sign in colours:
                layout.setBackground(_mixed(colours[sign], theme.raised))
            elif sign == "@":
                letters.setForeground(QColor(theme.muted))
            cursor.setBlockFormat(layout)
            cursor.setCharFormat(letters)
            cursor.insertText(text, letters)
        cursor.endEditBlock()
        self.moveCursor(QTextCursor.MoveOperation.Start)


def counts(change: Change) -> tuple[int, int]:
    """Return how many lines come and how many go."""
    signs = [sign for sign, _text in diff_lines(change)]
    return signs.count("+"), signs.count("-")


def diff_lines(change: Change) -> list[tuple[str, str]]:
    """Return the lines of the difference with their signs, "@" between places."""
    old, new = lines.split(change.old_text), lines.split(change.new_text)
    found: list[tuple[str, str]] = []
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for group in matcher.get_grouped_opcodes(_AROUND):
        if found:
            found.append(("@", "⋯"))
        for kind, i1, i2, j1, j2 in group:
            if kind == "equal":
                pairs = zip(range(i1, i2), range(j1, j2), strict=True)
                found += [(" ", _line(i, j, " ", old[i].text)) for i, j in pairs]
                continue
            found += [("-", _line(i, None, "−", old[i].text)) for i in range(i1, i2)]
            found += [("+", _line(None, j, "+", new[j].text)) for j in range(j1, j2)]
    return found


def _line(old: int | None, new: int | None, sign: str, text: str) -> str:
    left = "" if old is None else str(old + 1)
    right = "" if new is None else str(new + 1)
    return f"{left:>5} {right:>5} {sign} {text}"


def _mixed(colour: str, ground: str) -> QColor:
    over, under = QColor(colour), QColor(ground)
    pairs = (
        (over.red(), under.red()),
        (over.green(), under.green()),
        (over.blue(), under.blue()),
    )
    return QColor(*(round(_STRENGTH * a + (1 - _STRENGTH) * b) for a, b in pairs))
