"""What computes a model here: a graphics card that passed its trial, or the processor.

For each model there is a ladder: the card, the card again, less of the card, the next
card, the processor, and the processor without anything new. Whoever loads climbs down
when the engine dies, and where it held is remembered: trials for each driver, the
ladder's place for each model, threads for each model and processor.
"""

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

import psutil

from hanlin.domain.models import Model
from hanlin.engine import backends, files, processors, trials
from hanlin.engine.backends import Backend
from hanlin.engine.base import LoadedModel, LoadOptions
from hanlin.engine.launching import TINY_BYTES
from hanlin.engine.protocol import CacheType
from hanlin.engine.trials import Outcome, Verdict
from hanlin.kernel.files import write_atomically
from hanlin.kernel.i18n import _

_LESS = 0.5
_HARMLESS = (Outcome.GOOD, Outcome.NO_DEVICE)
_MOST_MODELS = 200
"""Models whose place and threads are remembered; the oldest are forgotten first."""
_log = logging.getLogger(__name__)


class LoadChoices(Protocol):
    """The person's choices that concern loading; 0 means automatic."""

    @property
    def context(self) -> int:
        """Tokens of context."""
        ...

    @property
    def graphics(self) -> str:
        """``auto`` or ``off``."""
        ...

    @property
    def gpu_layers(self) -> int:
        """Layers given to the graphics card."""
        ...

    @property
    def threads(self) -> int:
        """Threads that compute."""
        ...

    @property
    def cache_type(self) -> str:
        """How keys and values are kept."""
        ...


@dataclass(frozen=True, slots=True)
class Rung:
    """One way to compute; ``share`` of the card's free memory may be taken."""

    backend: Backend | None
    share: float = 1.0
    plain: bool = False


@dataclass(frozen=True, slots=True)
class Finding:
    """A module for graphics cards and what its trial gave; None: not tried yet."""

    backend: Backend
    verdict: Verdict | None

    @property
    def failed(self) -> bool:
        """Whether a driver that is there does not do its work."""
        return self.verdict is not None and self.verdict.outcome not in _HARMLESS

    @property
    def sentence(self) -> str:
        """Return it in the interface's language."""
        name = self.backend.name
        if self.verdict is None:
            return _("{name}: tried when a large model is loaded first").format(name=name)
        words = {
            Outcome.GOOD: lambda: _("{name}: works with {device}"),
            Outcome.NO_DEVICE: lambda: _("{name}: no card or no driver found"),
            Outcome.CRASHED: lambda: _("{name}: its driver crashed, so it is not used"),
            Outcome.HUNG: lambda: _("{name}: its driver did not answer, so it is not used"),
            Outcome.ERROR: lambda: _("{name}: its driver reported an error, so it is not used"),
            Outcome.WRONG: lambda: _("{name}: it computes wrongly, so it is not used"),
        }
        return words[self.verdict.outcome]().format(name=name, device=self.verdict.device)


class Ladder:
    """The ways to load one model, from the best to the safest. Not thread-safe."""

    def __init__(self, hardware: "Hardware", key: str, rungs: Sequence[Rung], at: int) -> None:
        self._hardware = hardware
        self._key = key
        self._rungs = list(rungs)
        self._at = min(at, len(self._rungs) - 1)

    @property
    def rung(self) -> Rung:
        """The way to load now."""
        return self._rungs[self._at]

    def options(self, options: LoadOptions) -> LoadOptions:
        """Return ``options`` with what this way needs."""
        rung = self.rung
        return replace(
            options,
            backend=rung.backend.path if rung.backend is not None else None,
            share=rung.share,
            plain=rung.plain,
        )

    @property
    def lowered(self) -> bool:
        """Whether a card computes in a way that is not its best any more."""
        return self.rung.backend is not None and self.rung != self._rungs[0]

    def step(self, *, instruction: bool, tried_twice: bool = False) -> str | None:
        """Take the next way after the engine died; return the sentence that tells it.

        None: there is none. ``instruction``: it died of an instruction that this processor
        does not know; nothing else makes the plain module worth trying. ``tried_twice``:
        another way, not the same once more.
        """
        before = self.rung
        rest = range(self._at + 1, len(self._rungs))
        at = next((i for i in rest if not tried_twice or self._rungs[i] != before), None)
        if at is None or (self._rungs[at].plain and not instruction):
            return None
        self._at = at
        if self.rung != before:
            self._hardware.remember_place(self._key, self._rungs, at)
        return _told(before, self.rung)


class Hardware:
    """Knows what may compute. May be called from any thread.

    ``file`` keeps what was learned. ``starter`` is the small model for trials, None
    when there is none; ``find`` returns the modules of this computer.
    """

    def __init__(
        self,
        file: Path,
        starter: Path | None,
        *,
        find: Callable[[], Sequence[Backend]] = backends.find,
        try_out: Callable[[Backend, Path], Verdict] = trials.run,
    ) -> None:
        self._file = file
        self._starter = starter
        self._find = find
        self._try_out = try_out
        self._lock = threading.RLock()
        self._trying = threading.Lock()
        self._card: tuple[Finding | None] | None = None
        """What computes large models, once it was looked up: a window asks at each move."""

    def options(self, model: Model, choices: LoadChoices) -> LoadOptions:
        """Return how ``model`` is loaded: by its own choices, else by those for all models.

        The ladder adds what computes.
        """
        own = model.defaults
        context = choices.context if own.context is None else own.context
        if limit := model.trained_context:
            context = min(context, limit) if context else limit
        known = self._known("threads").get(self._key(model.path), 0)
        threads = choices.threads or (known if isinstance(known, int) else 0)
        return LoadOptions(
            context=context,
            gpu_layers=choices.gpu_layers if own.gpu_layers is None else own.gpu_layers,
            threads=threads,
            cache=CacheType(choices.cache_type),
            tune=threads == 0,
            overrides=model.overrides,
            projector=files.projector(model.path),
        )

    def needs_trial(self, path: Path, choices: LoadChoices) -> bool:
        """Return whether ``ladder`` would have to try a module first, which takes a while."""
        return self._wanted(path, choices) and any(
            finding.verdict is None for finding in self.findings()
        )

    def ladder(self, path: Path, choices: LoadChoices) -> Ladder:
        """Return the ways to load the model at ``path``; tries modules that are new here."""
        good: list[Backend] = []
        if self._wanted(path, choices):
            good = [each.backend for each in self.try_new() if each.verdict and each.verdict.good]
        rungs: list[Rung] = []
        for backend in good:
            rungs += [Rung(backend), Rung(backend), Rung(backend, _LESS)]
        rungs += [Rung(None), Rung(None, plain=True)]
        place = self._known("places").get(self._key(path))
        at = 0
        if isinstance(place, dict) and place.get("ways") == _ways(rungs):
            at = place["at"] if isinstance(place.get("at"), int) else 0
        return Ladder(self, self._key(path), rungs, at)

    def findings(self) -> list[Finding]:
        """Return every module of this computer with what is known of it."""
        known = self._known("trials")
        found = []
        for backend in self._find():
            entry = known.get(backend.name)
            verdict = None
            if isinstance(entry, dict) and entry.get("for") == backends.fingerprint(backend):
                verdict = _verdict(entry)
            found.append(Finding(backend, verdict))
        return found

    def try_new(self, *, again: bool = False) -> list[Finding]:
        """Try every module whose driver is new here, or all of them; return all findings."""
        with self._trying:
            for finding in self.findings():
                if (finding.verdict is None or again) and self._starter is not None:
                    self._try(finding.backend, self._starter)
            return self.findings()

    def untried(self, choices: LoadChoices) -> bool:
        """Return whether a module is new here and the person lets cards compute."""
        return (
            choices.graphics != "off"
            and self._starter is not None
            and any(finding.verdict is None for finding in self.findings())
        )

    def card(self, choices: LoadChoices) -> Finding | None:
        """Return what computes large models, None where the processor does."""
        if choices.graphics == "off":
            return None
        known = self._card
        if known is None:
            good = (each for each in self.findings() if each.verdict and each.verdict.good)
            self._card = known = (next(good, None),)
        return known[0]

    def graphics_memory(self, choices: LoadChoices) -> int:
        """Return the bytes that were free on the card when it was tried, 0 without one.

        A card that shares the computer's memory brings none.
        """
        card = self.card(choices)
        return card.verdict.memory if card is not None and card.verdict is not None else 0

    def remember_threads(self, loaded: LoadedModel, options: LoadOptions) -> None:
        """Keep how many threads were found fastest for the model."""
        if options.tune and loaded.gpu_layers == 0:
            self._keep("threads", self._key(loaded.path), loaded.threads)

    def remember_place(self, key: str, rungs: Sequence[Rung], at: int) -> None:
        """Keep how far down the ladder a model had to go."""
        self._keep("places", key, {"ways": _ways(rungs), "at": at})

    def _wanted(self, path: Path, choices: LoadChoices) -> bool:
        # A tiny model is computed sooner than a card is asked.
        return choices.graphics != "off" and files.size(path) >= TINY_BYTES

    def _try(self, backend: Backend, starter: Path) -> None:
        verdict = self._try_out(backend, starter)
        _log.info("trial of %s: %s", backend.name, verdict.outcome)
        entry = {"for": backends.fingerprint(backend), **asdict(verdict)}
        self._keep("trials", backend.name, entry)
        self._card = None

    def _key(self, path: Path) -> str:
        """Return what stands for a model on this processor; no file's name is kept."""
        machine = (psutil.cpu_count(), processors.usable_threads(), processors.performance_cores())
        facts = f"{path.name}:{files.size(path)}:{machine}"
        return hashlib.sha256(facts.encode("utf-8", "surrogatepass")).hexdigest()[:16]

    def _known(self, what: str) -> dict[str, object]:
        with self._lock:
            try:
                content = json.loads(self._file.read_text(encoding="utf-8"))[what]
            except (OSError, ValueError, KeyError, TypeError):
                return {}
            return content if isinstance(content, dict) else {}

    def _keep(self, what: str, key: str, value: object) -> None:
        with self._lock:
            content = {name: self._known(name) for name in ("trials", "places", "threads")}
            content[what].pop(key, None)
            content[what][key] = value
            for old in list(content[what])[:-_MOST_MODELS]:
                del content[what][old]
            try:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                write_atomically(self._file, json.dumps(content, indent=1).encode())
            except OSError as error:  # then it is learned anew next time
                _log.warning("what was learned of this computer is not kept: %s", error)


def _ways(rungs: Sequence[Rung]) -> str:
    """Return what changes when the ladder has other ways: then a place on it means nothing."""
    words = [
        f"{rung.backend.name}/{backends.fingerprint(rung.backend)}" if rung.backend else "cpu"
        for rung in rungs
    ]
    return hashlib.sha256(",".join(words).encode()).hexdigest()[:16]


def _told(before: Rung, after: Rung) -> str:
    if after == before:
        return _("The graphics card failed. It is tried once more.")
    if after.backend is None and after.plain:
        return _("The engine now avoids what only newer processors can, which is slower.")
    if after.backend is None:
        return _("The graphics card failed with this model. The processor computes it from now on.")
    if after.backend == before.backend:
        return _("The graphics card failed with this model. It computes less of it from now on.")
    return _("The graphics card failed with this model. {name} is used instead.").format(
        name=after.backend.name
    )


def _verdict(entry: dict[str, object]) -> Verdict | None:
    try:
        return Verdict(
            Outcome(str(entry["outcome"])),
            str(entry.get("device", "")),
            str(entry.get("detail", "")),
            int(str(entry["memory"])),
        )
    except (KeyError, ValueError):
        return None
