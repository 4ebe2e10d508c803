"""What the fetcher's words mean for a download, and how they are put to a person. Pure."""

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

from hanlin.domain.downloads import Cause, Download, DownloadState, Wanted
from hanlin.kernel.errors import join_sentences
from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.units import size as size_words
from hanlin.processes.channel import Message
from hanlin_models import causes, downloads_file
from hanlin_models.causes import LONG, MINUTE
from hanlin_models.fetching import Ending, cause_of

_log = logging.getLogger(__name__)


def after(download: Download, message: Message, now: float) -> Download:
    """Return the download after the fetcher told ``message`` at ``now``, in monotonic seconds."""
    match message.get("event"):
        case "progress" | "fault" | "resolved":
            return _after_news(download, message)
        case "phase":
            return _after_phase(download, message, now)
        case _:
            return download


def _after_phase(download: Download, message: Message, now: float) -> Download:
    match message.get("phase"):
        case "loading":
            source = str(message.get("source", ""))
            note = _failover(download, source)
            return replace(download, source=source, note=note, again_at=0.0)
        case "checking":
            return replace(download, state=DownloadState.CHECKING, speed=0.0)
        case "waiting":
            again_at = now + float(str(message.get("seconds", 0)))
            return replace(download, state=DownloadState.WAITING, speed=0.0, again_at=again_at)
        case "repairing":
            return replace(download, state=DownloadState.RUNNING, note=_damage(message))
        case _:
            return download


def _after_news(download: Download, message: Message) -> Download:
    match message:
        case {"event": "progress", "file": str(name), "done": int(done), "speed": int(speed)}:
            at = _bytes_before(download.wanted, name) + done
            return replace(
                download,
                state=DownloadState.RUNNING,
                done=at,
                speed=float(speed),
                cause=Cause.NONE,
            )
        case {"event": "fault", "source": str(source), "detail": str(detail)}:
            cause = cause_of(message)
            _log.info("download %s: %s: %s (%s)", download.id, source, cause, detail)
            return replace(download, cause=cause, detail=f"{source}: {detail}")
        case {"event": "resolved", "revision": str(revision), "files": list(files)}:
            wanted = _pinned(download.wanted, revision, files)
            return replace(download, wanted=wanted, total=downloads_file.total_of(wanted))
        case _:
            return download


def _failover(download: Download, source: str) -> str:
    """Return that another source took over, "" when none did; kept until the next change."""
    if not download.source or source == download.source:
        return download.note
    if download.cause is Cause.NONE:
        return ""
    return _("{old}: {what} Going on from {new} at {share}.").format(
        old=download.source,
        what=causes.sentence(download.cause),
        new=source,
        share=f"{_share(download):.0%}",
    )


def _damage(message: Message) -> str:
    """Return that it was this computer's disk, and no server, that changed what had come."""
    return _("{size} of it were damaged on this computer's disk and are fetched again.").format(
        size=size_words(int(str(message.get("damaged", 0))))
    )


def _share(download: Download) -> float:
    return download.done / download.total if download.total else 0.0


def happening(before: Download, message: Message) -> str:
    """Return the line of the log that the fetcher's ``message`` is worth, or ""."""
    match message:
        case {"event": "fault" | "tasted", "source": str(source), "cause": str()}:
            return f"{source}: {causes.sentence(cause_of(message))}"
        case {"event": "tasted", "source": str(source), "seconds": float(seconds)}:
            return _("{source} answered in {seconds:.1f} s").format(source=source, seconds=seconds)
        case {"event": "phase", "phase": str(phase)}:
            return _phase_words(before, phase, message)
        case _:
            return ""


def _phase_words(before: Download, phase: str, message: Message) -> str:
    source = str(message.get("source", ""))
    if phase == "checking":
        return _("Checking every byte")
    if phase == "repairing":
        return _damage(message)
    if phase == "waiting":
        return _("Waiting before trying {source} again").format(source=source)
    if phase != "loading" or (source == before.source and before.state is DownloadState.RUNNING):
        return ""
    share = f"{_share(before):.0%}"
    return _("Downloading from {source}, at {share}").format(source=source, share=share)


def _bytes_before(wanted: Wanted, name: str) -> int:
    before = 0
    for file in wanted.files:
        if file.name == name:
            break
        before += file.size or 0
    return before


def conclude(download: Download, ending: Ending) -> Download:
    """Return the download after its fetcher ended."""
    download = replace(download, speed=0.0, note="")
    if ending.answer is not None:
        total = downloads_file.total_of(download.wanted)
        return replace(
            download, state=DownloadState.DONE, done=total or download.done, cause=Cause.NONE
        )
    if ending.cause is Cause.NONE:
        state = DownloadState.QUEUED if download.state is DownloadState.QUEUED else None
        return replace(download, state=state or DownloadState.PAUSED)
    return replace(download, state=DownloadState.FAILED, cause=ending.cause, detail=ending.detail)


def describe(download: Download, now: float) -> str:
    """Return in words where a download stands at ``now``, in monotonic seconds."""
    words: dict[DownloadState, Callable[[], str]] = {
        DownloadState.QUEUED: lambda: _("Waiting for its turn"),
        DownloadState.RUNNING: lambda: _("Downloading from {source}").format(
            source=download.source or "…"
        ),
        DownloadState.WAITING: lambda: join_sentences(
            causes.sentence(download.cause), _again(download.again_at - now)
        ),
        DownloadState.CHECKING: lambda: _("Checking every byte"),
        DownloadState.PAUSED: lambda: _("Paused"),
        DownloadState.FAILED: lambda: (
            download.note
            or join_sentences(causes.sentence(download.cause), causes.hint(download.cause))
        ),
        DownloadState.DONE: lambda: _("Here and verified"),
    }
    return words[download.state]()


def _again(seconds: float) -> str:
    """Return when it is tried again, as a sentence."""
    if seconds <= 0:
        return _("Trying again by itself.")
    if seconds < LONG:
        count = math.ceil(seconds)
        said = ngettext(
            "Trying again in {count} second.", "Trying again in {count} seconds.", count
        )
    else:
        count = math.ceil(seconds / MINUTE)
        said = ngettext(
            "Trying again in {count} minute.", "Trying again in {count} minutes.", count
        )
    return said.format(count=count)


def _pinned(wanted: Wanted, revision: str, files: Sequence[object]) -> Wanted:
    """Return ``wanted`` with the sizes and hashes that were looked up."""
    known = [one for one in files if isinstance(one, dict)]
    if len(known) != len(wanted.files):
        return wanted
    pinned = tuple(
        replace(file, size=int(one["size"]), sha256=str(one["sha256"]))
        for file, one in zip(wanted.files, known, strict=True)
    )
    return replace(wanted, files=pinned, revision=revision)
