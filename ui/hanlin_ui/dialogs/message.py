"""Dialogs that say one thing: an error with its hint, or a question with its two answers.

All text is plain text, whatever it holds, and no dialog blocks the event loop.
"""

from collections.abc import Callable

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QGuiApplication, QShowEvent, QTextBlockFormat, QTextCursor
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextEdit,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _, said_again
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.theme.icons import pixmap
from hanlin_ui.widgets.labels import plain_label
from hanlin_ui.widgets.sizes import fitting

_TAB = 20
"""Columns; blanks do not line up beside Chinese letters."""
_LINE_GAP = 4
_without_parent: set["MessageDialog"] = set()
"""Dialogs that no window owns: without a reference Python would delete them while they are open."""


class MessageDialog(QDialog):
    """A title, a sentence, a quieter sentence, and buttons. Deletes itself when closed.

    What it says follows a change of the language, if it was given as ``_`` returns it.
    """

    def __init__(
        self, parent: QWidget | None, title: str, message: str, hint: str = "", *, sign: str = ""
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        if parent is None:
            _without_parent.add(self)
            self.finished.connect(lambda _code: _without_parent.discard(self))
        self._said: list[tuple[Callable[[str], object], str]] = []
        self.say(self.setWindowTitle, title)
        self.setMinimumWidth(fitting(self, 460, 0).width())
        text = QVBoxLayout()
        text.setSpacing(8)
        for sentence, role in ((title, "heading"), (message, ""), (hint, "muted")):
            if sentence:
                label = plain_label("", role)
                self.say(label.setText, sentence)
                text.addWidget(label)
        row = QHBoxLayout()
        row.setSpacing(14)
        if sign:
            mark = QLabel()
            mark.setPixmap(pixmap(sign, appearance.current().warning, 28))
            row.addWidget(mark, alignment=Qt.AlignmentFlag.AlignTop)
        row.addLayout(text, stretch=1)
        self.buttons = QDialogButtonBox()
        self.extra = QVBoxLayout()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(22, 20, 22, 16)
        layout.setSpacing(16)
        layout.addLayout(row)
        layout.addLayout(self.extra)
        layout.addWidget(self.buttons)

    def say(self, where: Callable[[str], object], text: str) -> None:
        """Have ``where`` show ``text``, also in the language of later."""
        self._said.append((where, text))
        where(text)

    def showEvent(self, event: QShowEvent) -> None:
        """Be as high as the sentences need."""
        self._fit()
        super().showEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            for where, text in self._said:
                where(said_again(text))
            self._fit()

    def _fit(self) -> None:
        """Take the height that is needed in this width: Qt reckons with narrower lines."""
        layout = self.layout()
        if layout is not None:
            width = max(self.width(), layout.sizeHint().width())
            self.resize(width, layout.totalHeightForWidth(width))

    def add_button(
        self, label: str, action: Callable[[], object] | None = None, *, primary: bool = False
    ) -> QPushButton:
        """Add a button that closes the dialog and then does ``action``."""
        role = QDialogButtonBox.ButtonRole
        button = QPushButton()
        self.say(button.setText, label)
        if primary:
            button.setProperty("role", "primary")
            button.setDefault(True)
        self.buttons.addButton(button, role.AcceptRole if primary else role.RejectRole)
        button.clicked.connect(self.accept if primary else self.reject)
        if action is not None:
            button.clicked.connect(action)
        return button


def show_error(parent: QWidget | None, error: HanlinError) -> MessageDialog:
    """Show ``error`` and return the dialog."""
    dialog = MessageDialog(parent, error.title, error.message, error.hint, sign="warning")
    dialog.add_button(_("Close"), primary=True)
    dialog.open()
    return dialog


def ask(
    parent: QWidget,
    title: str,
    message: str,
    yes: str,
    action: Callable[[], object],
    hint: str = "",
    *,
    no: str = "",
    final: bool = False,
) -> MessageDialog:
    """Ask before ``action`` is done; return the dialog.

    ``no`` is said instead of Cancel. What is ``final`` is not done by just pressing Enter.
    """
    dialog = MessageDialog(parent, title, message, hint)
    refuse = dialog.add_button(no or _("Cancel"))
    dialog.add_button(yes, action, primary=True)
    if final:
        refuse.setDefault(True)
        refuse.setFocus()
    dialog.open()
    return dialog


def ask_to_discard(dialog: QDialog, go_on: Callable[[], object] | None = None) -> MessageDialog:
    """Ask before what was written in ``dialog`` is lost: by closing it, or by ``go_on``."""
    title = _("Close without saving?") if go_on is None else _("Go on without saving?")
    leave = go_on or (lambda: dialog.done(QDialog.DialogCode.Rejected.value))
    message = _("What you changed here would be lost.")
    return ask(dialog, title, message, _("Discard"), leave, final=True)


def show_text(
    parent: QWidget, title: str, message: str, text: str, *, prose: bool = False
) -> MessageDialog:
    """Show a longer text, its columns and tabs kept, that can be copied.

    ``prose`` is set like the rest of the window; a long line goes on behind its first tab.
    """
    dialog = MessageDialog(parent, title, message)
    box = _prose(text) if prose else _columns(text)
    box.setReadOnly(True)
    dialog.say(box.setAccessibleName, title)
    box.setMinimumSize(fitting(dialog, 560, 260))
    dialog.extra.addWidget(box)
    copy = dialog.buttons.addButton("", QDialogButtonBox.ButtonRole.ActionRole)
    dialog.say(copy.setText, _("Copy"))
    copy.clicked.connect(lambda: _copy(text, copy))
    dialog.add_button(_("Close"), primary=True)
    dialog.open()
    return dialog


def _columns(text: str) -> QPlainTextEdit:
    box = QPlainTextEdit(text)
    box.setFont(code_font(box.font()))
    box.setTabStopDistance(box.fontMetrics().horizontalAdvance("0") * _TAB)
    return box


def _prose(text: str) -> QTextEdit:
    box = QTextEdit()
    box.setPlainText(text)
    box.document().setDocumentMargin(0)  # its edge is that of the sentence above
    tab = box.fontMetrics().horizontalAdvance("0") * _TAB
    box.setTabStopDistance(tab)
    layout = QTextBlockFormat()
    layout.setBottomMargin(_LINE_GAP)
    if "\t" in text:
        layout.setLeftMargin(tab)
        layout.setTextIndent(-tab)
    cursor = box.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    cursor.mergeBlockFormat(layout)
    return box


def _copy(text: str, button: QPushButton) -> None:
    QGuiApplication.clipboard().setText(text)
    button.setText(_("Copied"))
