"""Loading a model as a command wishes: on the processor, or as much as fits on graphics cards.

What a card refuses goes back to the processor step by step, in this process; what ends
the process is the parent's ladder to climb down.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from hanlin.engine import files, processors
from hanlin.engine.commands import Load
from hanlin.engine.protocol import Code
from hanlin.engine.worker.aside import Aside
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.offload import Split, split
from hanlin.engine.worker.senses import Senses
from hanlin.engine.worker.session import Session
from hanlin.engine.worker.sizing import beside, bytes_per_token, cache_of, choose_context
from hanlin.engine.worker.tensors import read_weights

_CARD_PROBLEMS: Final = (Code.MEMORY, Code.DAMAGED, Code.COMPUTE)
"""What llama.cpp says when a card refuses; it may be true of the file, too."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A model that answers, and how many of its layers graphics cards compute."""

    model: Model
    session: Session
    gpu_layers: int
    control: tuple[str, ...]
    """The texts that template text turns into control tokens."""
    blind: str | None = None
    """Why its projector cannot be used, None when it can, or when there is none."""


def open_model(
    llama: Llama, command: Load, progress: Callable[[float], bool], aside: Aside
) -> Opened:
    """Load the model. Raises RefusedError; then nothing of it is left in memory.

    ``aside`` does meanwhile what llama.cpp need not wait for.
    """
    if not command.backend or not llama.add_backend(command.backend):
        return _open(llama, command, Split(command.context, 0), progress, aside)
    for wanted in _attempts(_split(llama, command)):
        try:
            return _open(llama, command, wanted, progress, aside)
        except RefusedError as refusal:
            if wanted.gpu_layers == 0 or refusal.code not in _CARD_PROBLEMS:
                raise
    raise AssertionError("the last attempt is the processor's")


def _split(llama: Llama, command: Load) -> Split:
    if command.gpu_layers:
        return Split(command.context, command.gpu_layers)
    path = Path(command.path)
    sketch = Model(llama, path, 0, lambda _fraction: True, measure_only=True)
    try:
        weights = read_weights(llama, files.parts(path), sketch.width)
        per_token = bytes_per_token(sketch, cache_of(sketch, command.cache))
        trained = int(llama.c.llama_model_n_ctx_train(sketch.pointer))
        left = beside(sketch)
    finally:
        sketch.free()
    if weights is None:
        return Split(command.context, 0)
    card = int(llama.free_graphics_memory() * command.share)
    projector = files.size(Path(command.projector)) if command.projector else 0  # lies there, too
    found = split(
        weights,
        asked=command.context,
        trained=trained,
        ram_context=choose_context(0, trained, per_token, command.free_memory, left),
        per_token=per_token,
        free=max(0, card - projector),
    )
    return found if found.gpu_layers else Split(command.context, 0)


def _attempts(first: Split) -> Iterator[Split]:
    layers = first.gpu_layers
    while layers > 1:
        yield Split(first.context, layers)
        layers //= 2
    yield Split(first.context, 0)


def _open(
    llama: Llama,
    command: Load,
    wanted: Split,
    progress: Callable[[float], bool],
    aside: Aside,
) -> Opened:
    gpu_layers = wanted.gpu_layers
    model = Model(llama, Path(command.path), gpu_layers, progress, overrides=command.overrides)
    senses: Senses | None = None
    blind: str | None = None
    vocabulary = _Reading(model, aside)
    try:
        model.check_answers()
        try:
            senses = _senses(llama, model, command, gpu=gpu_layers > 0)
        except RefusedError as refusal:  # it answers all the same
            blind = refusal.detail
        session = Session(
            llama,
            model,
            context=wanted.context,
            threads=command.threads,
            free_memory=command.free_memory,
            gpu=gpu_layers > 0,
            cache=command.cache,
            senses=senses,
        )
    except RefusedError:
        vocabulary.wait()
        if senses is not None:
            senses.free()
        model.free()
        raise
    if command.tune and not gpu_layers:
        session.tune(_candidates(command.threads))
    return Opened(model, session, min(gpu_layers, model.layers + 1), vocabulary.wait(), blind)


class _Reading:
    """Looks through the vocabulary on another thread, while llama.cpp makes the context.

    150,000 tokens take as long as that. Only what never changes is read; the model is not to
    be freed before ``wait`` returned.
    """

    def __init__(self, model: Model, aside: Aside) -> None:
        self._found: tuple[str, ...] = ()
        self._model = model
        self._aside = aside
        aside.begin(self._read)

    def _read(self) -> None:
        self._found = self._model.control_texts()

    def wait(self) -> tuple[str, ...]:
        """Return the texts of the control tokens."""
        self._aside.wait()
        return self._found


def _senses(llama: Llama, model: Model, command: Load, *, gpu: bool) -> Senses | None:
    if not command.projector:
        return None
    return Senses(
        llama,
        model,
        Path(command.projector),
        threads=command.threads,
        gpu=gpu,
        most_tokens=command.media_tokens,
    )


def _candidates(cores: int) -> list[int]:
    """Return the numbers of threads worth measuring, the likeliest first."""
    numbers = (cores, processors.usable_threads(), (cores + 1) // 2)
    return list(dict.fromkeys(number for number in numbers if number > 0))
