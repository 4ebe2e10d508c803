"""Which part of a document is sent: from page to page, with what that costs."""

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.attachments import Attachment, Prepared
from hanlin.kernel.i18n import _
from hanlin_ui.chat.attachments import words
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.numbers import NumberField
from hanlin_ui.widgets.sizes import fitting

_SHOWN = 4_000
"""Characters of the first page that are shown."""


class PagesDialog(QDialog):
    """Lets a part be chosen; ``weigh`` returns the document with it."""

    chosen = Signal(int, int)

    def __init__(
        self,
        document: Prepared,
        weigh: Callable[[int, int], Attachment],
        context: int,
        parent: QWidget,
        *,
        most: int = 0,
    ) -> None:
        """``most`` pages at once, 0 for any number."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        about = document.attachment
        self._document = document
        self._weigh = weigh
        self._context = context
        self._most = most
        self.setWindowTitle(_("Choose a part"))
        self.resize(fitting(self, 520, 440))
        name = wrapped_label(about.name, "heading")
        self.first, self.last = NumberField(), NumberField()
        for box, value, label in (
            (self.first, about.first or 1, _("First")),
            (self.last, self._last(), _("Last")),
        ):
            box.setRange(1, about.pages)
            box.setValue(value)
            box.setAccessibleName(label)
            box.valueChanged.connect(self._refresh)
        row = QHBoxLayout()
        row.addWidget(QLabel(_("From page") if about.paged else _("From section")))
        row.addWidget(self.first)
        row.addWidget(QLabel(_("to")))
        row.addWidget(self.last)
        row.addWidget(QLabel(_("of {count}").format(count=f"{about.pages:,}")))
        row.addStretch()
        self._cost = QLabel()
        self._cost.setProperty("role", "muted")
        self._cost.setWordWrap(True)
        self._text = QPlainTextEdit()
        self._text.setProperty("role", "field")
        self._text.setReadOnly(True)
        self._text.setPlaceholderText(_("This page has no text: it is a picture, or empty."))
        self._text.setTabChangesFocus(True)
        self._text.setAccessibleName(_("How it begins"))
        buttons = QDialogButtonBox()
        self._use = buttons.addButton(_("Use"), QDialogButtonBox.ButtonRole.AcceptRole)
        self._use.setProperty("role", "primary")
        buttons.addButton(_("Cancel"), QDialogButtonBox.ButtonRole.RejectRole)
        buttons.accepted.connect(self._on_accepted)
        buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 16, 18, 14)
        layout.setSpacing(10)
        layout.addWidget(name)
        layout.addLayout(row)
        layout.addWidget(self._cost)
        layout.addWidget(self._text, stretch=1)
        layout.addWidget(buttons)
        self._refresh()
        # What is typed takes the place of what stands there, as after Tab.
        self.first.selectAll()

    def _last(self) -> int:
        """Return the page that is last at first."""
        about = self._document.attachment
        last = about.last or about.pages
        return min(last, (about.first or 1) + self._most - 1) if self._most else last

    def _refresh(self) -> None:
        count = self.last.value() - self.first.value() + 1
        if self._most and count > self._most:
            self._use.setEnabled(False)
            self._cost.setText(_("At most {count} pages at once.").format(count=f"{self._most:,}"))
            return
        self._use.setEnabled(count > 0)
        weighed = self._weigh(self.first.value(), self.last.value())
        said = words.cost(weighed)
        if self._context:
            said = _("{cost}; the model's context has {count}").format(
                cost=said, count=f"{self._context:,}"
            )
        self._cost.setText(said)
        self._text.setPlainText(self._document.pages[self.first.value() - 1][:_SHOWN])

    def _on_accepted(self) -> None:
        self.chosen.emit(self.first.value(), self.last.value())
        self.accept()
