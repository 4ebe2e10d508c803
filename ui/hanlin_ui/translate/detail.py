"""One sentence in detail: its translation to be corrected, others, the way back, the memory."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from hanlin.domain.translation import Origin, Translation
from hanlin.kernel.i18n import _
from hanlin.services.translation import words
from hanlin.services.translation.dictionary import Word
from hanlin_ui.chat.entry import TextEntry
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.labels import wrapped_label


class SentenceDetail(QFrame):
    """Emits wishes; what it shows is given to it."""

    saved = Signal(str)
    """The person's own translation of the sentence."""
    alternatives_wanted = Signal()
    back_wanted = Signal(str)
    closed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "card")
        self._shown: Translation | None = None
        self._known: Sequence[Word] = ()
        self._source = wrapped_label("", "muted")
        self._words = wrapped_label("", "muted")
        self._badge = QLabel()
        self._badge.setProperty("role", "badge")
        self._close = IconButton("close")
        self._close.clicked.connect(self.closed)
        self._entry = TextEntry()
        self._entry.submitted.connect(self._save)
        self._entry.dismissed.connect(self.closed)
        self._entry.textChanged.connect(self._refresh)
        self._notes = wrapped_label("", "careful")
        self._back = wrapped_label("", "muted")
        self._match = QPushButton()
        self._match.setProperty("role", "link")
        self._match.clicked.connect(self._use_match)
        self._others = QVBoxLayout()
        self._others.setSpacing(0)
        self._save_button = QPushButton()
        self._save_button.clicked.connect(self._save)
        self._other_button = QPushButton()
        self._other_button.clicked.connect(self.alternatives_wanted)
        self._back_button = QPushButton()
        self._back_button.clicked.connect(lambda: self.back_wanted.emit(self._entry.toPlainText()))
        self._lay_out()
        self._retranslate()

    def _lay_out(self) -> None:
        frame = QFrame()
        frame.setProperty("role", "code")
        inner = QVBoxLayout(frame)
        inner.setContentsMargins(8, 4, 8, 4)
        inner.addWidget(self._entry)
        top = QHBoxLayout()
        top.addWidget(self._source, stretch=1)
        top.addWidget(self._badge, alignment=Qt.AlignmentFlag.AlignTop)
        top.addWidget(self._close, alignment=Qt.AlignmentFlag.AlignTop)
        row = QHBoxLayout()
        row.setSpacing(8)
        for button in (self._save_button, self._other_button, self._back_button):
            row.addWidget(button)
        row.addStretch()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(14, 10, 10, 12)
        layout.setSpacing(7)
        layout.addLayout(top)
        layout.addWidget(self._words)
        layout.addWidget(frame)
        layout.addWidget(self._notes)
        layout.addWidget(self._match)
        layout.addWidget(self._back)
        layout.addLayout(self._others)
        layout.addLayout(row)

    def show_sentence(self, one: Translation, words: Sequence[Word] = ()) -> None:
        """Show a sentence and its translation; of single ``words`` how they are read, too."""
        self._shown = one
        self._known = words
        self._source.setText(one.source)
        self._entry.setPlainText(one.target)
        self._back.setText("")
        self._clear_others()
        self._retranslate()

    def add_alternative(self, target: str) -> None:
        """Offer another translation."""
        button = QPushButton(target.replace("&", "&&"))
        button.setProperty("role", "link")
        button.clicked.connect(lambda: self.saved.emit(target))
        self._others.addWidget(button)

    def show_back(self, text: str) -> None:
        """Show what the translation says in the source's language."""
        self._back.setText(_("Back: {text}").format(text=text))
        self._back.show()

    def words_text(self) -> str:
        """Return what is shown of single words."""
        return self._words.text()

    def back_text(self) -> str:
        """Return what is shown of the way back."""
        return self._back.text()

    def notes_text(self) -> str:
        """Return what is said to be wrong."""
        return self._notes.text()

    def set_busy(self, *, busy: bool) -> None:
        """Offer what needs the model only while it is free."""
        self._other_button.setEnabled(not busy)
        self._back_button.setEnabled(not busy)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _save(self) -> None:
        if text := self._entry.toPlainText().strip():
            self.saved.emit(text)

    def _use_match(self) -> None:
        if self._shown is not None and self._shown.match is not None:
            self._entry.setPlainText(self._shown.match.target)

    def _refresh(self) -> None:
        one = self._shown
        changed = one is not None and self._entry.toPlainText().strip() != one.target
        self._save_button.setEnabled(changed)

    def _clear_others(self) -> None:
        while (item := self._others.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()

    def _retranslate(self) -> None:
        self._save_button.setText(_("Save correction"))
        self._save_button.setToolTip(_("The memory keeps it: the sentence is translated so again."))
        self._other_button.setText(_("Alternatives"))
        self._back_button.setText(_("Translate back"))
        self._close.set_label(_("Close"))
        self._entry.setAccessibleName(_("Translation of the sentence"))
        one = self._shown
        if one is None:
            return
        badge = {
            Origin.MEMORY: _("From memory"),
            Origin.CONVERTED: _("Characters converted"),
            Origin.SAME: _("Nothing to translate"),
        }.get(one.origin, "")
        self._badge.setText(badge)
        self._badge.setVisible(bool(badge))
        known = "\n".join(filter(None, map(_entry, self._known)))
        self._words.setText(known)
        self._words.setVisible(bool(known))
        self._notes.setText(words.sentence(one))
        self._notes.setVisible(bool(one.problems))
        self._back.setVisible(bool(self._back.text()))
        match = one.match
        self._match.setVisible(match is not None)
        if match is not None:
            text = _("Memory, {percent} %: {source} → {target}").format(
                percent=match.percent, source=match.source, target=match.target
            )
            self._match.setText(text.replace("&", "&&"))
        self._refresh()


def _entry(word: Word) -> str:
    """Return how a word is read and written otherwise, "" when nothing is known of it."""
    other = _("also written {word}").format(word=word.other) if word.other else ""
    known = "  ·  ".join(filter(None, (word.reading, other)))
    return f"{word.text}  {known}" if known else ""
