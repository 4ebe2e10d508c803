"""Downloads at work: what a click on a row does, and what the fetcher's news change."""

from collections.abc import Callable
from datetime import datetime

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel

from hanlin.domain.downloads import Download, DownloadState, Wanted
from hanlin.kernel.i18n import _
from hanlin.services.events import ModelsChanged
from hanlin.settings.schema import SettingsSchema
from hanlin_models.downloads import DownloadProgressed, DownloadsChanged
from hanlin_ui.dialogs.message import ask, show_text
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.services import LibraryDesk
from hanlin_ui.widgets.numbers import NumberField


class DownloadsController(QObject):
    """Keeps the page true."""

    use_requested = Signal(str)
    """The path of a model that was downloaded."""
    arrived = Signal(str, str)
    """The title and the path of a model that has just become usable."""

    def __init__(self, page: DownloadsPage, library: LibraryDesk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._library = library
        self._downloads = library.online.downloads
        self._done = self._finished(self._downloads.downloads)
        self._limit_label = QLabel()
        self._limit = NumberField()
        setting = SettingsSchema.download_limit
        self._limit.setRange(setting.minimum, setting.maximum)
        self._limit.setSingleStep(setting.step)
        self._limit.setKeyboardTracking(False)
        self._limit.setValue(library.desk.app.settings.download_limit)
        self._limit.valueChanged.connect(self._on_limit)
        self._limit_label.setBuddy(self._limit)
        page.bar.addWidget(self._limit_label)
        page.bar.addWidget(self._limit)
        page.bar.addStretch()
        page.asked.connect(self._on_asked)
        events = library.desk.events
        events.listen(DownloadsChanged, self._on_changed)
        events.listen(ModelsChanged, lambda _event: self._forget_missing())
        events.listen(DownloadProgressed, lambda event: page.show_download(event.download))
        self.retranslate()
        self._forget_missing()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._limit_label.setText(_("Speed limit"))
        self._limit.setSuffix(" " + _("kB a second"))
        self._limit.setSpecialValueText(_("none"))
        self._page.retranslate()
        self._page.set_downloads(self._downloads.downloads)

    def add(self, wanted: Wanted) -> None:
        """Fetch a model; it waits for its turn."""
        self._run(lambda: self._downloads.add(wanted))

    def _forget_missing(self) -> None:
        """Offer nothing that was deleted elsewhere, as by the command line."""
        self._library.disk.run(self, self._downloads.forget_missing)

    def _on_limit(self, kilobytes: int) -> None:
        settings = self._library.desk.app.settings

        def keep() -> None:
            settings.download_limit = kilobytes

        self._run(keep)

    def _on_changed(self, event: DownloadsChanged) -> None:
        self._page.set_downloads(event.downloads)
        done = self._finished(event.downloads)
        for identity in done.keys() - self._done.keys():
            wanted = done[identity]
            self.arrived.emit(wanted.title, str(self._downloads.path_of(wanted)))
        self._done = done

    def _on_asked(self, what: str, identity: str) -> None:
        download = self._downloads.find(identity)
        if download is None:
            return
        if what == "use":
            self.use_requested.emit(str(self._downloads.path_of(download.wanted)))
        elif what == "pause":
            self._run(lambda: self._downloads.pause(identity))
        elif what == "resume":
            self._run(lambda: self._downloads.resume(identity))
        elif what in ("up", "down"):
            self._move(identity, -1 if what == "up" else 1)
        elif what == "log":
            self._show_log(download)
        else:
            self._remove(download)

    def _move(self, identity: str, step: int) -> None:
        """Let it change places with its neighbour among those with a turn to come."""
        listed = self._downloads.downloads
        coming = [one.id for one in listed if one.has_turn_to_come]
        there = coming.index(identity) + step if identity in coming else -1
        if 0 <= there < len(coming):
            place = [one.id for one in listed].index(coming[there])
            self._run(lambda: self._downloads.move(identity, place))

    def _remove(self, download: Download) -> None:
        def remove() -> None:
            self._run(lambda: self._downloads.remove(download.id))

        if download.state is DownloadState.DONE or not download.done:
            remove()
            return
        ask(
            self._page,
            _("Cancel this download?"),
            download.wanted.title,
            _("Cancel the download"),
            remove,
            _("What came so far is deleted. “Pause” keeps it."),
            no=_("Keep it"),
        )

    def _show_log(self, download: Download) -> None:
        lines = (
            f"{datetime.fromtimestamp(line.time_ms / 1000).astimezone():%Y-%m-%d %H:%M:%S}"
            f"  {line.text}"
            for line in download.log
        )
        text = "\n".join(lines)
        show_text(self._page, _("Log of a download"), download.wanted.title, text)

    def _run(self, work: Callable[[], object]) -> None:
        self._library.desk.tasks.run(self, work).on_failure(self._library.report)

    @staticmethod
    def _finished(downloads: tuple[Download, ...]) -> dict[str, Wanted]:
        return {one.id: one.wanted for one in downloads if one.state is DownloadState.DONE}
