"""The translator's page at work: asking the service, showing what comes, learning corrections."""

from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from hanlin.domain.translation import Direction, Origin, Sentence, Tone, Translation
from hanlin.kernel.i18n import current_language
from hanlin.services.events import ModelsChanged, SessionChanged
from hanlin.services.translation.service import (
    SentenceTranslated,
    TextOrder,
    TranslationBegun,
    TranslationEnded,
)
from hanlin.store.translations import Past
from hanlin_ui.desk import Desk
from hanlin_ui.translate.history import HistoryPanel
from hanlin_ui.translate.page import TranslatePage

_REDRAW_MS = 60
"""Sentences that are known come by the hundred: they are shown together."""


class TranslateController(QObject):
    """Keeps the page true for one text at a time."""

    def __init__(
        self, page: TranslatePage, history: HistoryPanel, desk: Desk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._history = history
        self._desk = desk
        self._service = desk.app.translation
        self._order = self._others = self._back = 0
        self._asked: TextOrder | None = None
        self._done: list[tuple[Sentence, Translation]] = []
        self._redraw = QTimer(self)
        self._redraw.setSingleShot(True)
        self._redraw.setInterval(_REDRAW_MS)
        self._redraw.timeout.connect(self._show_done)
        page.translate_requested.connect(self.translate)
        page.stop_requested.connect(self._on_stop)
        page.detail.saved.connect(self._on_saved)
        page.detail.alternatives_wanted.connect(self._on_alternatives)
        page.detail.back_wanted.connect(self._on_back)
        history.chosen.connect(self._on_past)
        history.new_requested.connect(self._on_new)
        history.clear_requested.connect(self._on_clear)
        desk.events.listen(TranslationBegun, self._on_begun)
        desk.events.listen(SentenceTranslated, self._on_sentence)
        desk.events.listen(TranslationEnded, self._on_ended)
        desk.events.listen(ModelsChanged, lambda _event: self.refresh())
        desk.events.listen(SessionChanged, lambda _event: self.refresh())
        self.refresh()
        page.target_language.choose("en" if current_language().startswith("zh") else "zh")
        self._target = desk.app.state.translation_target
        """The language that was chosen, "" as long as the likely one is right."""
        page.target_language.choose(self._target)
        page.target_language.chosen.connect(self._on_target_chosen)
        self._list_history()

    def refresh(self) -> None:
        """Offer the languages and tones of the model that translates."""
        sources, targets = self._service.languages()
        self._page.source_language.offer(sources)
        self._page.target_language.offer(targets)
        self._page.offer_tone(offered=self._service.takes_tone())

    def translate(self) -> None:
        """Translate the page's text, or show that there is none."""
        page = self._page
        text = page.text()
        order = TextOrder(
            text,
            page.source_language.code(),
            self._target if page.target_language.offers(self._target) else "",
            Tone(page.tone.currentData() or ""),
            current_language(),
        )
        if order == self._asked and self._order:
            return
        self._asked = order
        self._others = self._back = 0
        self._done = []
        self._redraw.stop()
        if not text.strip():
            self._order = 0
            self._service.stop()
            self._show_done()
            page.source_language.show_found("")
            page.end()
            return
        self._order = self._service.translate(order)

    def _on_target_chosen(self, code: str) -> None:
        self._target = self._desk.app.state.translation_target = code
        self.translate()

    def _on_begun(self, event: TranslationBegun) -> None:
        if event.order == self._order:
            self._page.begin(event.direction)

    def _on_sentence(self, event: SentenceTranslated) -> None:
        if event.order == self._order:
            self._done.append((event.sentence, event.translation))
            if not self._redraw.isActive():
                self._redraw.start()
        elif event.order == self._others:
            self._page.detail.add_alternative(event.translation.target)
        elif event.order == self._back:
            self._page.detail.show_back(event.translation.target)

    def _on_ended(self, event: TranslationEnded) -> None:
        if event.order not in (self._order, self._others, self._back):
            return
        if event.order == self._order:
            self._show_done()
        self._page.end(str(event.error) if event.error else "")
        if event.error is not None:
            self._asked = None
        elif event.order == self._order:
            self._list_history()

    def _show_done(self) -> None:
        self._redraw.stop()
        self._page.show_done(self._done)

    def _on_stop(self) -> None:
        self._service.stop()
        self._asked = None
        self._show_done()
        self._page.end()

    def _on_saved(self, target: str) -> None:
        number = self._page.chosen
        if not 0 <= number < len(self._done):
            return
        sentence, one = self._done[number]
        direction = self._page.direction
        self._done[number] = (
            sentence,
            replace(one, target=target, origin=Origin.MEMORY, problems=(), missed=(), match=None),
        )
        self._page.show_done(self._done)
        self._page.choose(number)
        self._desk.tasks.run(
            self, lambda: self._service.correct(direction, sentence.text, target)
        ).on_failure(self._desk.report)

    def _on_alternatives(self) -> None:
        if (one := self._chosen()) is not None:
            self._page.look_beside()
            order = self._in(self._page.direction, one.source)
            self._others = self._service.alternatives(one.source, order)

    def _on_back(self, text: str) -> None:
        if self._chosen() is not None and text.strip():
            self._page.look_beside()
            order = self._in(self._page.direction.reversed(), text)
            self._back = self._service.translate(order)

    def _in(self, direction: Direction, text: str) -> TextOrder:
        tone = Tone(self._page.tone.currentData() or "")
        return TextOrder(text, direction.source, direction.target, tone, remember=False)

    def _chosen(self) -> Translation | None:
        number = self._page.chosen
        return self._done[number][1] if 0 <= number < len(self._done) else None

    def _on_past(self, past: Past) -> None:
        page = self._page
        page.source_language.choose(past.direction.source)
        page.target_language.choose(past.direction.target)
        self._target = past.direction.target
        page.set_text(past.source)
        self.translate()

    def _on_new(self) -> None:
        page = self._page
        page.set_text("")
        page.source_language.choose("")
        self.translate()
        page.source.setFocus()

    def _on_clear(self) -> None:
        task = self._desk.tasks.run(self, self._service.memory.forget_history)
        task.on_success(lambda _none: self._list_history()).on_failure(self._desk.report)

    def _list_history(self) -> None:
        task = self._desk.tasks.run(self, self._service.memory.history)
        task.on_success(self._history.show_past).on_failure(self._desk.report)
