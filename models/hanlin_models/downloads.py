"""The downloads a person asked for: one after the other, in an order that can be changed.

Each running download is a fetcher of its own. How bytes come and are checked is the
fetcher's work; here is what is wanted, what is going on, and what happens next. Nothing
starts by itself when the program starts.
"""

import contextlib
import logging
import os
import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import psutil

from hanlin.domain.downloads import (
    Cause,
    Download,
    DownloadState,
    Happening,
    Wanted,
    WantedFile,
)
from hanlin.domain.models import Model
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.processes.channel import Message
from hanlin.services.executor import SerialExecutor
from hanlin_models import downloads_file, names
from hanlin_models.downloads_progress import after, conclude, describe, happening
from hanlin_models.fetching import Ending, Fetching, Job
from hanlin_models.orders import MAX_FILE_ON_FAT, DownloadOrder, FileOrder, Source
from hanlin_models.sources import folders_of, needs_no_network

_FAT = frozenset({"vfat", "msdos", "fat", "fat16", "fat32"})
_STOP_SECONDS = 10.0
_LONGEST_LOG = 200
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class DownloadsChanged:
    """A download began, moved, stopped, failed or was finished: the whole list, in order."""

    downloads: tuple[Download, ...]


@dataclass(frozen=True, slots=True)
class DownloadProgressed:
    """More of a download is there; at most ten times a second."""

    download: Download


@dataclass(slots=True)
class _Turn:
    """The download that has its turn. ``job`` is None until its fetcher was started."""

    download: Download
    job: Job | None = None


class DownloadService:
    """The list of downloads. Methods may be called from any thread and never wait for the net.

    ``state_path`` None keeps nothing beyond this object's life. Of each finished download
    ``verified`` hears every file with its checksum and then ``adopt`` the first file, on a
    thread of this service; both may raise HanlinError.
    """

    def __init__(
        self,
        folder: Path,
        state_path: Path | None,
        fetching: Fetching,
        sources: Callable[[], tuple[Source, ...]],
        bus: EventBus,
        adopt: Callable[[Path], Model | None],
        verified: Callable[[Path, str], None],
        **order_options: Any,
    ) -> None:
        self._folder = folder
        self._state_path = state_path
        self._fetching = fetching
        self._sources = sources
        self._bus = bus
        self._adopt = adopt
        self._verified = verified
        self._order_options = order_options
        self._executor = SerialExecutor("downloads")
        self._lock = threading.RLock()
        """Never held while a disk, a keyring or a process is waited for: the window asks too."""
        self._telling = threading.RLock()
        """Held from looking at the list to having told it, so that an older one is never last."""
        kept = downloads_file.read(state_path) if state_path is not None else []
        self._downloads = [self._as_it_lies_here(one) for one in kept]
        self._turn: _Turn | None = None
        self._limit = 0
        self._closed = False

    @property
    def downloads(self) -> tuple[Download, ...]:
        """The list, in the order in which they are worked on."""
        with self._lock:
            return tuple(self._downloads)

    def find(self, identity: str) -> Download | None:
        """Return one of them."""
        return next((one for one in self.downloads if one.id == identity), None)

    def path_of(self, wanted: Wanted) -> Path:
        """Return where the first file will lie. Raises KnownError for a name that may not be."""
        return names.target(self._folder, wanted.repository, wanted.files[0].name)

    def add(self, wanted: Wanted) -> Download:
        """Ask for a model; the same one twice is one download, started again if it stopped.

        Raises KnownError for names that may not be, and when nothing may be kept.
        """
        for file in wanted.files:
            names.target(self._folder, wanted.repository, file.name)
        with self._lock:
            known = next((one for one in self._downloads if _is_same(one.wanted, wanted)), None)
            if known is None:
                total = downloads_file.total_of(wanted)
                known = Download(secrets.token_hex(8), wanted, DownloadState.QUEUED, 0, total)
                self._downloads.append(known)
            elif not known.active:
                self._set(replace(known, state=DownloadState.QUEUED, cause=Cause.NONE, note=""))
        self._changed()
        self._start_next()
        return self.find(known.id) or known

    def resume(self, identity: str) -> None:
        """Go on with a download that was paused or failed."""
        with self._lock:
            download = self.find(identity)
            if download is None or download.active or download.state is DownloadState.DONE:
                return
            self._set(replace(download, state=DownloadState.QUEUED, cause=Cause.NONE, note=""))
        self._changed()
        self._start_next()

    def pause(self, identity: str) -> None:
        """Stop a download and keep what came."""
        with self._lock:
            download = self.find(identity)
            if download is None or download.state in (DownloadState.DONE, DownloadState.FAILED):
                return
            self._set(replace(download, state=DownloadState.PAUSED, speed=0.0))
            job = self._job_of(identity)
        if job is not None:
            job.stop()
        self._changed()

    def remove(self, identity: str) -> None:
        """Take a download off the list; of an unfinished one everything that came is deleted."""
        with self._lock:
            download = self.find(identity)
            if download is None:
                return
            self._downloads.remove(download)
            job = self._job_of(identity)
        if job is not None:
            job.kill()
            job.wait(_STOP_SECONDS)
        if download.state is not DownloadState.DONE:
            self._delete_parts(download.wanted)
        self._changed()
        self._start_next()

    def forget(self, path: Path) -> None:
        """Take finished downloads of the file at ``path`` off the list: it is gone from there."""
        self._forget_where(lambda one: one == path)

    def forget_missing(self) -> None:
        """Take finished downloads off the list whose files somebody deleted; waits for the disk.

        Where the whole folder is not there its disk may come back.
        """
        if self._folder.is_dir():
            self._forget_where(lambda one: not one.exists())

    def _forget_where(self, gone: Callable[[Path], bool]) -> None:
        done = (one for one in self.downloads if one.state is DownloadState.DONE)
        for download in done:
            with contextlib.suppress(HanlinError):  # somebody wrote into the list by hand
                if gone(self.path_of(download.wanted)):
                    self.remove(download.id)

    def move(self, identity: str, position: int) -> None:
        """Change when a download's turn comes; the running one goes on."""
        with self._lock:
            download = self.find(identity)
            if download is None:
                return
            self._downloads.remove(download)
            self._downloads.insert(position, download)
        self._changed()

    def set_limit(self, bytes_per_second: int) -> None:
        """Limit the speed, also of what is running; 0 is no limit."""
        with self._lock:
            self._limit = bytes_per_second
            job = self._turn.job if self._turn is not None else None
        if job is not None:
            job.limit(bytes_per_second)

    def close(self) -> None:
        """Stop, keep what came, and return when no fetcher is left."""
        with self._lock:
            self._closed = True
            job = self._turn.job if self._turn is not None else None
        if job is not None:
            job.stop()
            job.wait(_STOP_SECONDS)
        self._executor.close()
        with self._lock:
            late = self._turn.job if self._turn is not None else None
        if late is not None:  # its fetcher was just being started
            late.wait(_STOP_SECONDS)

    def _start_next(self) -> None:
        """Have the next download started: asking the keyring for the token may take a while."""
        self._executor.post(self._start_now)

    def _start_now(self) -> None:
        """Start the first download in the queue unless one is running."""
        while (turn := self._next_turn()) is not None:
            self._changed()
            try:
                job = self._start(turn)
            except HanlinError as error:
                with self._lock:
                    self._turn = None
                    if (download := self.find(turn.download.id)) and download.active:
                        failed = DownloadState.FAILED
                        self._set(replace(download, state=failed, note=str(error)))
                self._changed()
                continue
            with self._lock:
                turn.job = job
                download, limit = self.find(turn.download.id), self._limit
                unwanted = self._closed or download is None or not download.active
            if unwanted:  # paused or taken off the list while it was being started
                job.stop()
            else:
                job.limit(limit)

    def _next_turn(self) -> _Turn | None:
        """Give the first download in the queue its turn, if there is one and nobody has it."""
        with self._lock:
            waiting = (one for one in self._downloads if one.state is DownloadState.QUEUED)
            download = next(waiting, None)
            if self._turn is not None or self._closed or download is None:
                return None
            self._set(replace(download, state=DownloadState.RUNNING, cause=Cause.NONE, note=""))
            self._turn = _Turn(download)
            return self._turn

    def _start(self, turn: _Turn) -> Job:
        """Start the fetcher; may wait for the keyring. Raises HanlinError."""
        identity = turn.download.id
        order = self._order(turn.download.wanted)
        return self._fetching.start(
            {
                "job": "download",
                "order": order.to_message(),
                "quarantine": os.fspath(self._folder / ".quarantine"),
            },
            f"download {turn.download.wanted.title}",
            lambda message: self._hear(identity, message),
            lambda ending: self._ended(turn, ending),
            folders_of(order.sources),
            offline=needs_no_network(order),
        )

    def _order(self, wanted: Wanted) -> DownloadOrder:
        files = tuple(
            FileOrder(
                file.name,
                os.fspath(names.target(self._folder, wanted.repository, file.name)),
                file.size,
                file.sha256,
            )
            for file in wanted.files
        )
        return DownloadOrder(
            wanted.repository,
            wanted.revision,
            files,
            self._sources(),
            limit=self._limit,
            max_file=largest_file_on(self._folder),
            **self._order_options,
        )

    def _hear(self, identity: str, message: Message) -> None:
        """Take in what the fetcher tells; runs on the job's thread."""
        with self._lock:
            download = self.find(identity)
            if download is None or not download.active:
                return
            changed = after(download, message, SystemClock().monotonic())
            changed = _logged(changed, happening(download, message))
            self._set(changed)
        if changed.state is download.state and changed.cause is download.cause:
            self._bus.publish(DownloadProgressed(changed))
        else:
            self._changed()

    def _ended(self, turn: _Turn, ending: Ending) -> None:
        """Note how a fetcher ended and start the next; runs on the job's thread."""
        identity = turn.download.id
        download = self.find(identity)
        if download is None:  # taken off the list: what was still written then goes too
            self._delete_parts(turn.download.wanted)
        else:
            download = conclude(download, ending)
            download = _logged(download, describe(download, SystemClock().monotonic()))
            if download.state is DownloadState.DONE:
                # Before anybody hears of it: who leaves on the word "done" has the model.
                download = self._adopt_files(download)
        with self._lock:
            self._turn = None
            if download is not None and self.find(identity) is not None:
                self._set(download)
        self._changed()
        self._start_next()

    def _adopt_files(self, download: Download) -> Download:
        """Hand a finished download over; return it, with a note where that failed."""
        wanted = download.wanted
        try:
            for file in wanted.files:
                path = names.target(self._folder, wanted.repository, file.name)
                self._verified(path, file.sha256 or "")
            self._adopt(self.path_of(wanted))
        except HanlinError as error:
            return replace(download, note=str(error))
        return download

    def _delete_parts(self, wanted: Wanted) -> None:
        for file in wanted.files:
            path = names.target(self._folder, wanted.repository, file.name)
            for suffix in ("part", "journal", "lock"):
                try:
                    path.with_name(f".{path.name}.{suffix}").unlink(missing_ok=True)
                except OSError as error:
                    _log.warning("cannot delete a part: %s", error)

    def _as_it_lies_here(self, download: Download) -> Download:
        """Return a download that was kept, with what of it is on the disk: a killed program's."""
        if download.state is DownloadState.DONE:
            return download
        done = 0
        for file in download.wanted.files:
            try:
                path = names.target(self._folder, download.wanted.repository, file.name)
            except HanlinError:  # somebody wrote into the list by hand
                continue
            sizes = (_size_of(path), _size_of(path.with_name(f".{path.name}.part")))
            done += next((size for size in sizes if size), 0)
        return replace(download, done=min(done, download.total or done))

    def _job_of(self, identity: str) -> Job | None:
        turn = self._turn
        return turn.job if turn is not None and turn.download.id == identity else None

    def _set(self, download: Download) -> None:
        self._downloads = [download if one.id == download.id else one for one in self._downloads]

    def _changed(self) -> None:
        """Keep the list and tell it."""
        with self._telling:
            downloads = self.downloads
            if self._state_path is not None:
                try:
                    downloads_file.write(self._state_path, list(downloads))
                except HanlinError as error:
                    _log.warning("the list of downloads cannot be kept: %s", error)
            self._bus.publish(DownloadsChanged(downloads))


def largest_file_on(folder: Path) -> int:
    """Return the largest file the disk of ``folder`` can hold, 0 where that is no matter."""
    place = folder.absolute()
    holding: tuple[int, str] = (0, "")
    for partition in psutil.disk_partitions(all=True):
        mount = Path(partition.mountpoint)
        if place == mount or mount in place.parents:
            holding = max(holding, (len(mount.parts), partition.fstype.lower()))
    return MAX_FILE_ON_FAT if holding[1] in _FAT else 0


def _size_of(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0


def _logged(download: Download, words: str) -> Download:
    """Return the download with one more line in its log, if there is one to add."""
    if not words or (download.log and download.log[-1].text == words):
        return download
    line = Happening(SystemClock().now_ms(), words)
    return replace(download, log=(*download.log, line)[-_LONGEST_LOG:])


def _is_same(one: Wanted, other: Wanted) -> bool:
    return one.repository == other.repository and _names(one.files) == _names(other.files)


def _names(files: Iterable[WantedFile]) -> list[str]:
    return [file.name for file in files]
