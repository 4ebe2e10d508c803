"""The changes of an answer, file by file, to be looked at before anything is written."""

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.services.workspace.changes import Change, Proposal
from hanlin_ui.widgets.diff_view import DiffView, counts
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.sizes import fitting
from hanlin_ui.widgets.tips import tip


class ReviewDialog(QDialog):
    """Deletes itself when it is closed. ``applied`` carries the changes that were ticked."""

    applied = Signal(tuple)

    def __init__(self, parent: QWidget, proposal: Proposal) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(_("Review changes"))
        self.resize(fitting(self, 860, 600))
        self._changes = proposal.changes
        self.files = QListWidget()
        self.files.setProperty("role", "sections")
        self.files.setAccessibleName(_("Changed files"))
        self.view = DiffView()
        refused = wrapped_label(
            "\n".join(refusal.reason for refusal in proposal.refusals), "careful"
        )
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
        halves.setSizes([self.width() // 4, self.width() * 3 // 4])
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
        added, removed = counts(change.old_text, change.new_text)
        new = "  " + _("new") if change.before is None else ""
        item = QListWidgetItem(f"{change.path}{new}\n+{added} −{removed}")
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(Qt.CheckState.Checked)
        item.setToolTip(tip(change.path))
        self.files.addItem(item)

    def _on_row(self, row: int) -> None:
        if 0 <= row < len(self._changes):
            change = self._changes[row]
            self.view.show_texts(change.old_text, change.new_text)

    def _count(self) -> None:
        self._apply.setEnabled(bool(self.ticked()))

    def _on_apply(self) -> None:
        ticked = self.ticked()
        self.accept()
        self.applied.emit(ticked)
