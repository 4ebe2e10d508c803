"""The small translator at work: the selection of another program, its translation."""

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QClipboard, QGuiApplication

from hanlin.kernel.i18n import _, current_language
from hanlin.services.translation import words
from hanlin.services.translation.assembling import assembled
from hanlin.services.translation.service import (
    SentenceTranslated,
    TextOrder,
    TranslationBegun,
    TranslationEnded,
)
from hanlin_ui.desk import Desk
from hanlin_ui.quick.translation import QuickTranslation

if TYPE_CHECKING:
    from hanlin.domain.translation import Sentence, Translation


class QuickTranslationController(QObject):
    """Makes the window and keeps it true for one text at a time. For the GUI thread."""

    whole_wanted = Signal(str)
    """A text is wanted on the translator's page."""

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._service = desk.app.translation
        self.window = QuickTranslation()
        self._order = 0
        self._target = ""
        self._chosen = False
        self._done: list[tuple[Sentence, Translation]] = []
        self.window.translate_requested.connect(self.translate)
        self.window.language.chosen.connect(self._on_language)
        self.window.whole_requested.connect(self._on_whole)
        self.window.came_to_front.connect(self._on_front)
        desk.events.listen(TranslationBegun, self._on_begun)
        desk.events.listen(SentenceTranslated, self._on_sentence)
        desk.events.listen(TranslationEnded, self._on_ended)

    def show(self, text: str = "") -> None:
        """Bring the window forward and translate ``text``, or what is selected."""
        _sources, targets = self._service.languages()
        self.window.language.offer(targets)
        self.window.set_text(text or selection())
        self.window.come_forward()
        self.translate()

    def translate(self) -> None:
        """Translate what stands in the window."""
        text = self.window.source.toPlainText()
        self._done = []
        self.window.show_target("")
        if not text.strip():
            self._order = 0
            return
        target = self.window.language.code() if self._chosen else ""
        self._order = self._service.translate(
            TextOrder(text, "", target, interface=current_language())
        )

    def close(self) -> None:
        """Take the window away for good."""
        self.window.hide()
        self.window.deleteLater()

    def _on_language(self, _code: str) -> None:
        self._chosen = True

    def _on_front(self) -> None:
        # Where a selection is only shown to the program in front, it can be read now.
        if not self.window.source.toPlainText() and (text := selection()):
            self.window.set_text(text)
            self.translate()

    def _on_whole(self) -> None:
        self.window.hide()
        self.whole_wanted.emit(self.window.source.toPlainText())

    def _on_begun(self, event: TranslationBegun) -> None:
        if event.order == self._order:
            self._target = event.direction.target
            self.window.language.choose(event.direction.target)
            self.window.show_target("", _("Translating…"))

    def _on_sentence(self, event: SentenceTranslated) -> None:
        if event.order == self._order:
            self._done.append((event.sentence, event.translation))
            self.window.show_target(assembled(self._done, self._target), _("Translating…"))

    def _on_ended(self, event: TranslationEnded) -> None:
        if event.order != self._order:
            return
        problems = (words.sentence(one) for _sentence, one in self._done if one.problems)
        state = str(event.error) if event.error else next(problems, "")
        self.window.show_target(assembled(self._done, self._target), state)


def selection() -> str:
    """Return what is selected in the program in front; what was copied, where none can be seen."""
    clipboard = QGuiApplication.clipboard()
    if clipboard.supportsSelection():
        return clipboard.text(QClipboard.Mode.Selection)
    return clipboard.text()
