"""Above the composer: an answer changes files, or has changed them and can be taken back."""

from PySide6.QtCore import QEvent, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QWidget

from hanlin.kernel.i18n import _, said_again
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.labels import wrapped_label


class ChangesBar(QFrame):
    """Hidden until there is something to review or to undo."""

    review_requested = Signal()
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._said = ""
        self._label = wrapped_label()
        self._review = QPushButton()
        self._review.setProperty("role", "primary")
        self._review.clicked.connect(self.review_requested)
        self._undo = QPushButton()
        self._undo.clicked.connect(self.undo_requested)
        self._close = IconButton("close", 14)
        self._close.clicked.connect(self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(14, 8, 8, 8)
        row.addWidget(self._label, stretch=1)
        row.addWidget(self._review)
        row.addWidget(self._undo)
        row.addWidget(self._close)
        self.hide()
        self._retranslate()

    def text(self) -> str:
        """Return what is said."""
        return self._label.text()

    def offer_review(self, said: str) -> None:
        """Say that an answer changes files."""
        self._offer(said, reviews=True)

    def offer_undo(self, said: str) -> None:
        """Say that files were changed."""
        self._offer(said, reviews=False)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _offer(self, said: str, *, reviews: bool) -> None:
        self._said = said
        self._label.setText(said)
        self._review.setVisible(reviews)
        self._undo.setVisible(not reviews)
        self.show()

    def _retranslate(self) -> None:
        self._label.setText(said_again(self._said))
        self._review.setText(_("&Review changes…"))
        self._undo.setText(_("&Undo the changes"))
        self._close.set_label(_("Close"))
