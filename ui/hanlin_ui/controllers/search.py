"""The search at work: what is typed above the conversations, and the jump to the place."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QVBoxLayout

from hanlin.domain.search import Findings, Hit
from hanlin.services.events import IndexGrew
from hanlin_ui.desk import Desk
from hanlin_ui.search.panel import SearchPanel
from hanlin_ui.sidebar.panel import Sidebar


class SearchController(QObject):
    """Puts the search into the sidebar."""

    place_chosen = Signal(str, str, str)
    """Conversation, message ("" for none) and what was looked for; the place is visible now."""
    left = Signal()

    def __init__(self, sidebar: Sidebar, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._sidebar = sidebar
        self._desk = desk
        self.panel = SearchPanel()
        layout = sidebar.layout()
        if isinstance(layout, QVBoxLayout):
            layout.insertWidget(1, self.panel)
        self.panel.begun.connect(desk.app.search.read_ahead)
        self.panel.wanted.connect(self._on_wanted)
        self.panel.chosen.connect(self._on_chosen)
        self.panel.left.connect(self.left)
        sidebar.trash_toggled.connect(self._on_trash_toggled)
        desk.events.listen(IndexGrew, self._on_index_grew)

    def begin(self) -> None:
        """Let something be looked for."""
        self._sidebar.show()
        self.panel.show()
        self.panel.begin()

    def _on_wanted(self, text: str) -> None:
        searching = bool(text)
        self._sidebar.show_list(shown=not searching)
        layout = self._sidebar.layout()
        if isinstance(layout, QVBoxLayout):
            layout.setStretchFactor(self.panel, 100 if searching else 0)
        if searching:
            task = self._desk.tasks.run(self, lambda: self._find(text))
            task.on_success(self._on_found).on_failure(self._desk.report)

    def _find(self, text: str) -> Findings:
        if text != self.panel.text():  # more was typed meanwhile: nobody waits for this
            return Findings(text)
        return self._desk.app.search.search(text)

    def _on_found(self, findings: Findings) -> None:
        if findings.query == self.panel.text():
            self.panel.show_findings(findings)

    def _on_chosen(self, hit: Hit) -> None:
        query, message_id = self.panel.text(), hit.message_id or ""

        def reveal() -> None:
            if message_id:
                self._desk.app.chat.show_path_to(message_id)

        task = self._desk.tasks.run(self, reveal)
        task.on_success(
            lambda _none: self.place_chosen.emit(hit.conversation_id, message_id, query)
        ).on_failure(self._desk.report)

    def _on_trash_toggled(self, shown: bool) -> None:  # noqa: FBT001 - a Qt slot
        if shown:
            self.panel.box.clear()
        self.panel.setVisible(not shown)

    def _on_index_grew(self, event: IndexGrew) -> None:
        if self.panel.text() and event.done == event.total:
            self._on_wanted(self.panel.text())
