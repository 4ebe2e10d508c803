"""Looking around at the Hub: one click, one question, and no connection without a click."""

import re
from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QPushButton

from hanlin.domain.catalogue import CatalogueEntry, FitEstimate
from hanlin.domain.hub import FoundRepository, Offer
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import _
from hanlin_models import fit, hub
from hanlin_models.online import Look
from hanlin_ui.library import hub_details
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.catalogue import computer_now
from hanlin_ui.library.entry_details import GET, LOOK
from hanlin_ui.library.hub_filter import HubFilter, is_too_large
from hanlin_ui.library.services import LibraryDesk
from hanlin_ui.library.token import TokenDialog

_EXACT = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)


class HubController(QObject):
    """Keeps the page of the search true."""

    wanted = Signal(object)
    """A :class:`Wanted` that is to be fetched."""

    def __init__(self, page: BrowsePage, library: LibraryDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._library = library
        self._found: list[FoundRepository] = []
        self._looks: dict[str, Look] = {}
        self._searched = False
        self._asking = ""
        self._words = QLineEdit()
        self._words.setClearButtonEnabled(True)
        self._search = QPushButton()
        self._search.setProperty("role", "primary")
        self._usable = QCheckBox()
        self._usable.setChecked(True)
        self._open = QCheckBox()
        self._token = QPushButton()
        page.bar.addWidget(self._words, stretch=1)
        for widget in (self._search, self._token):
            page.bar.addWidget(widget)
        self._filter = HubFilter(self)
        for each in (self._filter.orders, self._filter.tasks, self._usable, self._open):
            each.setMinimumHeight(self._filter.orders.sizeHint().height())
            page.add_filter(each)
        self._filter.changed.connect(self._show_found)
        self._words.returnPressed.connect(self._on_search)
        self._search.clicked.connect(self._on_search)
        self._usable.toggled.connect(lambda _on: self._show_found())
        self._open.toggled.connect(lambda _on: self._show_found())
        self._token.clicked.connect(lambda: TokenDialog(page, library).open())
        page.chosen.connect(lambda _key: self._show_details(""))
        page.choice_made.connect(self._show_details)
        page.opened.connect(self._look)
        page.acted.connect(self._on_acted)
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._words.setPlaceholderText(_("What to look for, such as qwen 4b, or owner/name"))
        self._words.setAccessibleName(_("What to look for at the Hub"))
        self._search.setText(_("Search"))
        self._usable.setText(_("Only what runs here"))
        self._open.setText(_("Without terms"))
        self._open.setToolTip(_("Hide what wants agreement to its terms"))
        self._token.setText(_("Token…"))
        self._usable.setToolTip(
            _("Hide what the engine does not know, and what is far too large for this computer")
        )
        self._filter.retranslate()
        self._show_found()

    def _on_search(self) -> None:
        text = self._words.text().strip()
        if not text or self._asking:
            return
        self._searching(busy=True)
        online = self._library.online
        exact = text if _EXACT.fullmatch(text) else ""

        order = self._filter.order

        def search() -> list[FoundRepository]:
            return online.hub.find(exact) if exact else online.hub.search(text, order=order)

        self._ask(text, search, self._on_found)

    def _on_found(self, found: list[FoundRepository]) -> None:
        self._found, self._searched = found, True
        self._show_found()
        if self._shown() and self._words.hasFocus():
            self._page.list.setFocus()

    def _searching(self, *, busy: bool) -> None:
        self._search.setEnabled(not busy)
        self._search.setText(_("Asking…") if busy else _("Search"))

    def _shown(self) -> list[FoundRepository]:
        return [
            one
            for one in self._filter.shown(self._found)
            if not (self._usable.isChecked() and (one.problem or self._is_too_large(one)))
            and not (self._open.isChecked() and one.gated)
        ]

    def _is_too_large(self, found: FoundRepository) -> bool:
        memory = self._library.memory
        return is_too_large(found, memory.total + memory.graphics)

    def _show_found(self) -> None:
        shown = self._shown()
        if shown:
            self._page.set_empty("")
        elif self._found:
            self._page.set_empty(_("Everything that was found is filtered out."))
        elif self._searched:
            self._page.set_empty(_("Nothing was found. Try fewer words."))
        else:
            self._page.set_empty(
                _("Finds GGUF models at the Hub. Nothing connects before you press Search.")
            )
        self._page.set_cards(
            [hub_details.card(one, too_large=self._is_too_large(one)) for one in shown]
        )

    def _current(self) -> FoundRepository | None:
        key = self._page.list.current_key()
        return next((one for one in self._found if one.name == key), None)

    def _show_details(self, chosen: str) -> None:
        found = self._current()
        if found is None:
            self._page.show_details(None)
            return
        look = self._looks.get(found.name)
        offer = self._offer(look, chosen)
        self._page.show_details(
            hub_details.details(
                found,
                look,
                self._estimate(look, offer),
                (offer.quantisation or offer.label) if offer is not None else "",
                computer_now(self._library),
                self._known(found),
                busy=self._asking == found.name,
            )
        )

    def _offer(self, look: Look | None, chosen: str) -> Offer | None:
        if look is None:
            return None
        named = (o for o in look.listing.offers if chosen and chosen in (o.quantisation, o.label))
        return next(named, look.offer)

    def _estimate(self, look: Look | None, offer: Offer | None) -> FitEstimate | None:
        if look is None or offer is None:
            return None
        projector = look.listing.projector
        total = offer.bytes + (projector.size if projector is not None else 0)
        return fit.with_weights(look.estimate, total, self._library.memory)

    def _known(self, found: FoundRepository) -> CatalogueEntry | None:
        try:
            return self._library.online.catalogue.find(found.name)
        except KnownError:
            return None

    def _on_acted(self, action: str, choice: str) -> None:
        found = self._current()
        if found is None:
            return
        if action == LOOK:
            self._look(found.name)
        elif action == GET and (look := self._looks.get(found.name)) is not None:
            offer = self._offer(look, choice)
            if offer is not None:
                self._fetch(look, offer)

    def _look(self, name: str) -> None:
        if self._asking or name in self._looks:
            return
        online = self._library.online
        self._ask(name, lambda: online.look(name), lambda look: self._looked(name, look))
        self._show_details("")

    def _looked(self, name: str, look: Look) -> None:
        self._looks[name] = look
        self._show_details("")

    def _fetch(self, look: Look, offer: Offer) -> None:
        try:
            self.wanted.emit(hub.wanted(look.listing, offer))
        except HanlinError as error:
            self._library.report(error)

    def _ask(self, what: str, work: Callable[[], object], then: Callable[..., object]) -> None:
        self._asking = what

        def ended() -> None:
            self._asking = ""
            self._searching(busy=False)

        def done(result: object) -> None:
            ended()
            then(result)

        def failed(error: HanlinError) -> None:
            ended()
            self._show_details("")
            self._library.report(error)

        self._library.net.run(self, work).on_success(done).on_failure(failed)
