"""The catalogue at work: what fits this computer, per task; one click fetches it.

Serves two pages, one with the best model per task, one with all of them.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QPushButton

from hanlin.domain.catalogue import CatalogueEntry, Runs, Task
from hanlin.domain.downloads import Wanted
from hanlin.domain.hub import Listing
from hanlin.kernel.errors import HanlinError, join_sentences
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models import fit
from hanlin_ui.library import entry_details, words
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.cards import Card, heading
from hanlin_ui.library.entry_details import GET, LOOK, USE, Computer
from hanlin_ui.library.services import LibraryDesk

_ORDER = (
    Task.GENERAL,
    Task.CODING,
    Task.REASONING,
    Task.TRANSLATION,
    Task.VISION,
    Task.AUDIO,
    Task.EDGE,
    Task.EMBEDDING,
)


def computer_now(library: LibraryDesk) -> Computer:
    """Return what is known of this computer."""
    folder = library.desk.app.paths.models
    return Computer(library.memory, disk_free(folder), library.speed)


def disk_free(folder: Path) -> int:
    """Return the bytes that the disk of ``folder`` has left, 0 where it does not say."""
    there = next((path for path in (folder, *folder.parents) if path.is_dir()), None)
    try:
        return shutil.disk_usage(there).free if there is not None else 0
    except OSError:
        return 0


class CatalogueController(QObject):
    """Keeps one page true. ``recommended`` shows one model per task, else all of them."""

    wanted = Signal(object)
    """A :class:`Wanted` that is to be fetched."""
    measure_requested = Signal()
    use_requested = Signal(str)
    """The path of a model that is here already."""

    def __init__(
        self,
        page: BrowsePage,
        library: LibraryDesk,
        parent: QObject,
        *,
        recommended: bool,
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._library = library
        self._recommended = recommended
        self._entries: dict[str, CatalogueEntry] = {}
        self._listings: dict[str, Listing] = {}
        self._asking = ""
        self._task = QComboBox()
        self._words = QLineEdit()
        self._words.setClearButtonEnabled(True)
        self._usable = QCheckBox()
        self._usable.setChecked(True)
        self._measure = QPushButton()
        self._measure.clicked.connect(self.measure_requested)
        if not recommended:
            self._measure.setParent(page)
            self._measure.hide()
            page.bar.addWidget(self._task)
            page.bar.addWidget(self._words, stretch=1)
            page.bar.addWidget(self._usable)
        else:
            page.bar.addWidget(self._measure)
            page.bar.addStretch()
            for unused in (self._task, self._words, self._usable):
                unused.setParent(page)
                unused.hide()
        page.chosen.connect(lambda _key: self._show_details())
        page.acted.connect(self._on_acted)
        page.opened.connect(lambda _key: self._on_acted(GET, page.details.choice()))
        self._task.activated.connect(lambda _row: self.refresh())
        self._words.textChanged.connect(lambda _text: self.refresh())
        self._usable.toggled.connect(lambda _on: self.refresh())
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        chosen = max(self._task.currentIndex(), 0)
        self._task.clear()
        self._task.addItem(_("All tasks"), None)
        for which in Task:
            self._task.addItem(words.task(which), which)
        self._task.setCurrentIndex(chosen)
        self._task.setAccessibleName(_("Task"))
        self._words.setPlaceholderText(_("Name or family"))
        self._words.setAccessibleName(_("Name or family"))
        self._usable.setText(_("Only what runs here"))
        self._measure.setText(_("Measure the speed of this computer (20 seconds)"))
        self.refresh()

    def refresh(self) -> None:
        """Read catalogue and computer again."""
        computer = computer_now(self._library)
        entries = list(self._library.online.catalogue)
        self._entries = {entry.id: entry for entry in entries}
        if self._recommended:
            cards = self._best(entries, computer)
            self._page.set_head(_head(computer))
            self._page.set_empty(
                ""
                if cards
                else join_sentences(
                    _("No model of the catalogue fits the memory that is free now."),
                    _("Close other programs, then look again."),
                )
            )
        else:
            cards = [
                entry_details.card(entry, fit.estimate_entry(entry, computer.memory), computer)
                for entry in self._filtered(entries)
            ]
            self._page.set_empty("" if cards else _("Nothing in the catalogue is like that."))
        self._page.set_cards(cards)

    def _best(self, entries: list[CatalogueEntry], computer: Computer) -> list[Card]:
        cards: list[Card] = []
        shown: set[str] = set()
        for which in _ORDER:
            entry = fit.recommend(entries, which, computer.memory, computer.speed)
            if entry is None:
                continue
            cards.append(heading(words.task(which)))
            estimate = fit.estimate_entry(entry, computer.memory)
            card = entry_details.recommendation(entry, estimate, computer)
            # A list knows each key once; the same model may be best for two tasks.
            key = entry.id if entry.id not in shown else f"{entry.id}#{which}"
            shown.add(entry.id)
            cards.append(Card(key, card.title, card.text, card.facts, card.label, card.tone))
        return cards

    def _filtered(self, entries: list[CatalogueEntry]) -> list[CatalogueEntry]:
        which, wished = self._task.currentData(), self._words.text().casefold().split()

        def suits(entry: CatalogueEntry) -> bool:
            said = f"{entry.name} {entry.family} {entry.id} {entry.text}".casefold()
            return (
                (which is None or which in entry.tasks)
                and all(word in said for word in wished)
                and (not self._usable.isChecked() or entry.runs is Runs.YES)
            )

        found = [entry for entry in entries if suits(entry)]
        return sorted(found, key=lambda entry: (entry.runs is not Runs.YES, not entry.recommended))

    def _current(self) -> CatalogueEntry | None:
        return self._entries.get(self._page.list.current_key().partition("#")[0])

    def _show_details(self) -> None:
        entry = self._current()
        if entry is None:
            self._page.show_details(None)
            return
        self._page.show_details(
            entry_details.details(
                entry,
                fit.estimate_entry(entry, self._library.memory),
                computer_now(self._library),
                self._listings.get(entry.id),
                here=bool(self._path_here(entry)),
                busy=self._asking == entry.id,
            )
        )

    def _path_here(self, entry: CatalogueEntry) -> str:
        """Return where the model lies already, ""."""
        names = {file.name for file in entry.files}
        models = self._library.desk.app.session.registry.models()
        found = (model.path for model in models if model.path.name in names and not model.missing)
        return str(next(found, ""))

    def _on_acted(self, action: str, choice: str) -> None:
        entry = self._current()
        if entry is None or self._asking:
            return
        online = self._library.online
        if action == GET:
            named = entry.repository if entry.id in self._listings else entry.id
            self._ask(entry, lambda: online.wanted(named, choice), self._on_wanted)
        elif action == LOOK:
            self._ask(entry, lambda: online.hub.listing(entry.repository), self._on_listing(entry))
        elif action == USE:
            self.use_requested.emit(self._path_here(entry))

    def _ask(
        self, entry: CatalogueEntry, work: Callable[[], object], then: Callable[..., None]
    ) -> None:
        """Do on the network's thread what may have to ask the Hub."""
        self._asking = entry.id
        self._show_details()
        task = self._library.net.run(self, work)
        task.on_success(lambda result: self._answered(then, result)).on_failure(self._failed)

    def _answered(self, then: Callable[..., None], result: object) -> None:
        self._asking = ""
        then(result)
        self._show_details()

    def _failed(self, error: HanlinError) -> None:
        self._asking = ""
        self._show_details()
        self._library.report(error)

    def _on_wanted(self, wanted: Wanted) -> None:
        self.wanted.emit(wanted)

    def _on_listing(self, entry: CatalogueEntry) -> Callable[[Listing], None]:
        def keep(listing: Listing) -> None:
            self._listings[entry.id] = listing

        return keep


def _head(computer: Computer) -> str:
    memory = computer.memory
    if memory.graphics:
        about = _(
            "For this computer with {total} of memory, {free} of it free now, and {graphics} "
            "free on its graphics card: the ablest that write at a comfortable pace. A click "
            "fetches a model, verifies it and adds it."
        )
    else:
        about = _(
            "For this computer with {total} of memory, {free} of it free now: the ablest that "
            "write at a comfortable pace. A click fetches a model, verifies it and adds it."
        )
    said = about.format(
        total=size(memory.total), free=size(memory.free), graphics=size(memory.graphics)
    )
    if computer.speed.card_measured if memory.graphics else computer.speed.measured:
        return said
    return join_sentences(said, _("The pace is a guess until you measure it."))
