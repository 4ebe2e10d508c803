"""Everything about models from elsewhere, put together: catalogue, search, downloads, record.

Made once by the composition root. Nothing here connects by being made.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from hanlin.domain.catalogue import CatalogueEntry, FitEstimate, Memory, Runs
from hanlin.domain.downloads import Download, Wanted
from hanlin.domain.hub import Listing, Offer
from hanlin.domain.models import Model
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _, joined
from hanlin.kernel.paths import Paths
from hanlin.settings.store import SettingChanged
from hanlin.vault import Keyring
from hanlin_models import catalogue, fit, hub, loading, proxies
from hanlin_models.account import HubAccount
from hanlin_models.catalogue import Catalogue
from hanlin_models.connections_log import ConnectionsLog
from hanlin_models.downloads import DownloadService
from hanlin_models.downloads_progress import describe
from hanlin_models.fetching import Fetching
from hanlin_models.hub import HubSearch
from hanlin_models.loading import Prospect
from hanlin_models.orders import Network, Source, SourceKind
from hanlin_models.sources import own_source, public_sources
from hanlin_models.verification import Checksums

_KILOBYTE = 1000


class Choices(Protocol):
    """What the person chose about connections."""

    @property
    def never_connect(self) -> bool:
        """Whether no connection may be made."""
        ...

    @property
    def model_sources(self) -> str:
        """``all``, ``hub`` or ``own``."""
        ...

    @property
    def download_limit(self) -> int:
        """Kilobytes a second, 0 for no limit."""
        ...

    @property
    def own_source(self) -> str:
        """Addresses and folders with semicolons between them, the first asked first, or ""."""
        ...

    @property
    def proxy(self) -> str:
        """An address, "none", or "" for the environment's."""
        ...

    @property
    def extra_authorities(self) -> str:
        """A file, or ""."""
        ...


@dataclass(frozen=True, slots=True)
class Look:
    """What can be said of a model before it is fetched."""

    listing: Listing
    offer: Offer
    prospect: Prospect
    estimate: FitEstimate


class Online:
    """The services. ``memory`` returns what this computer has now.

    ``queue`` False keeps no list of downloads: for one command alone.
    """

    def __init__(
        self,
        paths: Paths,
        catalogue_folder: Path,
        choices: Choices,
        bus: EventBus,
        adopt: Callable[[Path], Model | None],
        find_keyring: Callable[[], Keyring | None],
        count: Callable[[], object],
        *,
        memory: Callable[[], Memory],
        queue: bool = True,
    ) -> None:
        self._memory = memory
        self._choices = choices
        self.account = HubAccount(find_keyring)
        self.catalogue = Catalogue(catalogue_folder)
        self.connections = ConnectionsLog(paths.data / "connections.jsonl", SystemClock(), count)
        self._fetching = Fetching(
            paths.models, self.connections, self._network, lambda: not choices.never_connect
        )
        self.hub = HubSearch(self._fetching, self.sources)
        self.downloads = DownloadService(
            paths.models,
            paths.data / "downloads.json" if queue else None,
            self._fetching,
            self.sources,
            bus,
            adopt,
            Checksums(paths.data / "checksums.json").keep,
        )
        self._apply_limit()
        self._forget = bus.subscribe(SettingChanged, lambda _changed: self._apply_limit())

    def sources(self) -> tuple[Source, ...]:
        """Return where models come from, the person's own source first. Raises KnownError.

        Where connections are switched off, folders are left, if there are any.
        """
        kind = self._choices.model_sources
        named = (one.strip() for one in self._choices.own_source.split(";"))
        own = tuple(own_source(one) for one in named if one)
        folders = tuple(one for one in own if one.kind is SourceKind.FOLDER)
        if self._choices.never_connect and folders:
            return folders
        if kind == "own" and own:
            return own
        return (*own, *public_sources(mirrors=kind == "all"))

    def wanted(self, name: str, quantisation: str = "", *, projector: bool = True) -> Wanted:
        """Return what to fetch for a model of the catalogue or a repository of the Hub.

        Asks the Hub where the catalogue does not know the files. Raises KnownError.
        """
        repository = name
        if "/" not in name:
            entry = self.catalogue.find(name)
            if entry.files or entry.runs is not Runs.YES:
                return catalogue.wanted(entry, quantisation, projector=projector)
            repository = entry.repository
            if not repository:
                raise KnownError(
                    _("No such file"),
                    _("The catalogue knows no file of {name}.").format(name=entry.name),
                    _("Look for it with “hanlin models search”."),
                )
        seen = self.look(repository, quantisation)
        if not seen.prospect.loads:
            raise KnownError(
                _("This model cannot be used here"),
                joined(": ", (seen.offer.label, seen.prospect.problem)),
                _("Nothing was downloaded."),
            )
        return hub.wanted(seen.listing, seen.offer, projector=projector)

    def look(self, repository: str, quantisation: str = "") -> Look:
        """Return whether a repository's model loads and fits, from its first bytes alone.

        Takes the balanced packing unless told otherwise. Raises KnownError.
        """
        listing = self.hub.listing(repository)
        offer = hub.choose(listing.offers, quantisation)
        header = self.hub.header(listing, offer)
        total = offer.bytes + (listing.projector.size if listing.projector else 0)
        estimate = fit.estimate_file(header, total, self._memory())
        return Look(listing, offer, loading.prospect(header), estimate)

    def fit(self, entry: CatalogueEntry) -> FitEstimate:
        """Return how a model of the catalogue suits this computer now."""
        return fit.estimate_entry(entry, self._memory())

    def packing_words(self, quantisation: str) -> str:
        """Return in a word what a quantisation means."""
        return hub.packing_words(quantisation)

    def describe(self, download: Download) -> str:
        """Return in words where a download stands."""
        return describe(download, SystemClock().monotonic())

    def close(self) -> None:
        """End what is running; what came is kept."""
        self._forget()
        self._fetching.close()
        self.downloads.close()

    def _apply_limit(self) -> None:
        self.downloads.set_limit(self._choices.download_limit * _KILOBYTE)

    def _network(self) -> Network:
        way = proxies.way(self._choices.proxy)
        return Network(
            proxy=way.proxy,
            no_proxy=way.no_proxy,
            authorities=self._choices.extra_authorities,
            token=self.account.token(),
        )
