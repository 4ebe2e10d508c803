"""The words of the models window: how a model fits, what a task is called, how long it takes.

Pure: values in, texts in the interface's language out.
"""

from collections.abc import Callable
from typing import Final

from hanlin.domain.catalogue import CatalogueEntry, Fit, FitEstimate, Memory, Runs, Task
from hanlin.domain.downloads import Download, DownloadState
from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.units import size
from hanlin_models.speed import COMFORT, SLOW, Speed
from hanlin_ui.library.cards import Tone

_MINUTE: Final = 60
_HOUR: Final = 3600
_TASKS: Final[dict[Task, Callable[[], str]]] = {
    Task.GENERAL: lambda: _("Conversation"),
    Task.CODING: lambda: _("Programming"),
    Task.REASONING: lambda: _("Thinking hard"),
    Task.TRANSLATION: lambda: _("Translating"),
    Task.VISION: lambda: _("Seeing pictures"),
    Task.AUDIO: lambda: _("Hearing speech"),
    Task.EDGE: lambda: _("Small computers"),
    Task.EMBEDDING: lambda: _("Searching by meaning"),
    Task.RERANKING: lambda: _("Sorting what was found"),
}


def task(which: Task) -> str:
    """Return what a task is called."""
    return _TASKS[which]()


def fit_label(estimate: FitEstimate, memory: Memory, speed: Speed) -> tuple[str, Tone]:
    """Return in few words how a model suits this computer."""
    needed, free = size(estimate.needed or 0), size(memory.free)
    if estimate.verdict is Fit.UNKNOWN:
        return _("size not known yet"), Tone.PLAIN
    if estimate.verdict is Fit.TOO_LARGE:
        said = _("does not fit: needs {needed}, {free} free").format(needed=needed, free=free)
        return said, Tone.BAD
    if estimate.verdict is Fit.TIGHT:
        said = _("tight: needs {needed}, {free} free").format(needed=needed, free=free)
        return said, Tone.CAREFUL
    return _pace_label(estimate, speed.tokens(estimate))


def _pace_label(estimate: FitEstimate, tokens: float) -> tuple[str, Tone]:
    """Return what to expect of a model that fits, at ``tokens`` a second."""
    if estimate.on_card >= 1:
        return _("fits the graphics card"), Tone.GOOD
    slow = tokens < SLOW
    if estimate.on_card:
        label = _("partly on the card, slow") if slow else _("partly on the card")
    elif tokens >= COMFORT:
        label = _("runs well")
    else:
        label = _("fits, slow") if slow else _("fits")
    return label, Tone.CAREFUL if slow else Tone.GOOD


def entry_label(
    entry: CatalogueEntry, estimate: FitEstimate, memory: Memory, speed: Speed
) -> tuple[str, Tone]:
    """Return in few words whether a model of the catalogue can be used here."""
    if entry.runs is not Runs.YES:
        return _("cannot be used here"), Tone.BAD
    return fit_label(estimate, memory, speed)


def left(download: Download) -> str:
    """Return how long a download will take, "" when nobody knows."""
    if download.state is not DownloadState.RUNNING or not download.speed or not download.total:
        return ""
    seconds = max(round((download.total - download.done) / download.speed), 1)
    if seconds < _MINUTE:
        text = ngettext("{count} second left", "{count} seconds left", seconds)
        return text.format(count=seconds)
    if seconds < _HOUR:
        minutes = round(seconds / _MINUTE)
        return ngettext("{count} minute left", "{count} minutes left", minutes).format(
            count=minutes
        )
    hours = round(seconds / _HOUR)
    return ngettext("about {count} hour left", "about {count} hours left", hours).format(
        count=hours
    )


def progress(download: Download) -> str:
    """Return how far a download is, how fast, and how long it will take."""
    if download.total:
        parts = [
            _("{done} of {total}").format(done=size(download.done), total=size(download.total))
        ]
    else:
        parts = [size(download.done)] if download.done else []
    if download.state is DownloadState.RUNNING and download.speed:
        parts.append(_("{speed} a second").format(speed=size(round(download.speed))))
    if remaining := left(download):
        parts.append(remaining)
    return " · ".join(parts)


def purpose(recorded: str) -> str:
    """Return in words what a request was for; the record itself is the same in all languages."""
    verb, _blank, what = recorded.partition(" ")
    known: dict[str, Callable[[], str]] = {
        "search": lambda: _("search for “{what}”"),
        "list": lambda: _("look at the files of {what}"),
        "look": lambda: _("look into {what}"),
        "download": lambda: _("download {what}"),
    }
    what = what.removeprefix("into ") if verb == "look" else what
    return known[verb]().format(what=what) if verb in known else recorded
