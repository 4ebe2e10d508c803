"""The models window: opened when it is first wanted, its pages wired to each other."""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from hanlin.domain.downloads import Wanted
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin.services.events import CardsTried, NoticeCause
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.message import show_error
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.catalogue import CatalogueController
from hanlin_ui.library.connections import ConnectionsPage
from hanlin_ui.library.downloads import DownloadsController
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.here import HereController
from hanlin_ui.library.hub import HubController
from hanlin_ui.library.sections import Section
from hanlin_ui.library.services import LibraryDesk, Services
from hanlin_ui.library.window import LibraryWindow, Words
from hanlin_ui.library.work import DiskWork
from hanlin_ui.widgets.notice import Offer


class LibraryController(QObject):
    """Owns the window and what it works with; :meth:`close` it before the program goes."""

    use_requested = Signal(str)
    """The path of a model that is to answer from now on."""
    file_wanted = Signal()
    told = Signal(object, NoticeCause, Offer)
    """A sentence for the conversation's window."""

    def __init__(self, owner: QWidget, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._owner = owner
        self._desk = desk
        self._opening = False
        self._library: LibraryDesk | None = None
        self._wanted_page = ""
        self._to_take_in = False
        self.window: LibraryWindow | None = None

    def show(self, page: str = "") -> None:
        """Show the window, at the section ``page`` if one is named."""
        self._wanted_page = page
        if self.window is not None:
            self._come_forward(self.window)
        elif not self._opening:
            self._opening = True
            task = self._desk.tasks.run(self, lambda: Services.open(self._desk.app))
            task.on_success(self._open).on_failure(self._failed)

    def take_in(self) -> None:
        """Ask for an exported folder as soon as the window is there."""
        self._to_take_in = True
        if self.window is not None:
            self._come_forward(self.window)

    def fetch(self, wanted: Wanted) -> None:
        """Fetch a model and show how it comes."""
        self._downloads.add(wanted)
        if self.window is not None:
            self.window.show_page(Section.DOWNLOADS)

    def close(self) -> None:
        """End what is going on; downloads keep what came."""
        if self._library is None or self.window is None:
            return
        self._work.stop()
        self.window.close()
        self._library.online.close()
        self._library.net.close()
        self._library.disk.close()
        self._library = None

    def _open(self, services: Services) -> None:
        window = LibraryWindow(self._owner)
        library = LibraryDesk(
            self._desk, services, Tasks(self), Tasks(self), lambda error: show_error(window, error)
        )
        self.window, self._library = window, library
        self._work = DiskWork(window.work, library, self)
        here, best, catalogue, found = (BrowsePage() for _number in range(4))
        downloads = DownloadsPage()
        connections = ConnectionsPage(library)
        pages: tuple[tuple[Section, Words, QWidget], ...] = (
            (Section.HERE, lambda: _("On this computer"), here),
            (Section.RECOMMENDED, lambda: _("Recommended"), best),
            (Section.CATALOGUE, lambda: _("Catalogue"), catalogue),
            (Section.HUB, lambda: _("Search the Hub"), found),
            (Section.DOWNLOADS, lambda: _("Downloads"), downloads),
            (Section.CONNECTIONS, lambda: _("Connections"), connections),
        )
        self._here = HereController(here, library, self._work, self)
        self._best = CatalogueController(best, library, self, recommended=True)
        self._catalogue = CatalogueController(catalogue, library, self, recommended=False)
        self._hub = HubController(found, library, self)
        self._downloads = DownloadsController(downloads, library, self)
        for key, words, page in pages:
            window.add_page(key, words, page)
        for source in (self._here, self._best, self._catalogue, self._downloads):
            source.use_requested.connect(self.use_requested)
        for part in (
            self._here,
            self._best,
            self._catalogue,
            self._hub,
            self._downloads,
            connections,
        ):
            window.language_changed.connect(part.retranslate)
        for finder in (self._best, self._catalogue, self._hub):
            finder.wanted.connect(self.fetch)
        self._best.measure_requested.connect(self._measure)
        self._here.file_wanted.connect(self.file_wanted)
        self._downloads.arrived.connect(self._on_arrived)
        self._desk.events.listen(CardsTried, lambda _event: self._judge_anew())
        self._desk.app.session.try_cards()
        self._come_forward(window)

    def _come_forward(self, window: LibraryWindow) -> None:
        if self._wanted_page:
            window.show_page(self._wanted_page)
        window.come_forward()
        if self._to_take_in:
            self._to_take_in = False
            self._here.take_in()

    def _failed(self, error: HanlinError) -> None:
        self._opening = False
        self._desk.report(error)

    def _measure(self) -> None:
        library = self._library
        if library is None:
            return

        self._work.run(
            _("Measuring the speed"), library.measure_speed, lambda _speed: self._judge_anew()
        )

    def _judge_anew(self) -> None:
        """Say again what suits this computer: more is known of it now."""
        self._here.forget()
        for page in (self._here, self._best, self._catalogue):
            page.refresh()

    def _on_arrived(self, title: str, path: str) -> None:
        for finder in (self._best, self._catalogue):
            finder.refresh()
        self.told.emit(
            _("{name} is here and verified. Settings → Model switches to it.").format(name=title),
            NoticeCause.ARRIVED,
            Offer(lambda: _("Use it now"), lambda: self.use_requested.emit(path)),
        )
