"""What the worker does at each command: it loads, answers, reads ahead, counts, looks and listens.

In which order commands are obeyed, and what becomes of one that fails, is the loop's
(``__main__``).
"""

import gc
import operator
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Final, Protocol

from hanlin.domain.conversation import PartKind
from hanlin.domain.prompt import Token
from hanlin.engine.commands import (
    AnswerNow,
    Cancel,
    Command,
    Count,
    Describe,
    Embed,
    Generate,
    GiveEncoded,
    Hide,
    Load,
    Next,
    ReadAhead,
    Restore,
    Show,
    Snapshot,
    Split,
    StatePiece,
    Try,
    Weigh,
)
from hanlin.engine.events import (
    Answered,
    Counted,
    Described,
    Encoded,
    Event,
    HasRead,
    LoadProgress,
    Looping,
    ModelLoaded,
    Pieces,
    Prefill,
    Revisited,
    Text,
    TooLong,
    Weighed,
)
from hanlin.engine.protocol import PROTOCOL_VERSION, Code
from hanlin.engine.worker import repacked
from hanlin.engine.worker.aside import Asides
from hanlin.engine.worker.fingerprint import fingerprint
from hanlin.engine.worker.forms import grammar_of
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.loading import Opened, open_model
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.pages import Pages
from hanlin.engine.worker.prompt import tokenise
from hanlin.engine.worker.sampling import Sampler, recommended
from hanlin.engine.worker.senses import Shown
from hanlin.engine.worker.session import Listener, Request, Session
from hanlin.engine.worker.stream import AnswerParser, Piece, open_thought
from hanlin.engine.worker.transfers import Transfers
from hanlin.engine.worker.trial import compare
from hanlin.processes import child

_PROGRESS_STEP: Final = 0.01
_MOST_KEPT: Final = 128 * 2**20
"""Bytes of one picture's embeddings; more are made anew."""


class Tell(Protocol):
    """Tells the parent of an event, perhaps with bytes behind it."""

    def __call__(self, event: Event, payload: bytes = b"") -> None:
        """Return when the event is on its way."""
        ...


@dataclass(frozen=True, slots=True)
class Interruptions:
    """Commands that nobody waits for any more, and those to be ended soon; from any thread."""

    cancelled: set[int] = field(default_factory=set)
    hurried: set[int] = field(default_factory=set)


@dataclass(slots=True)
class Ahead:
    """A prompt's beginning that is being read ahead, and how many tokens of it were."""

    command: ReadAhead
    steps: Iterator[int]
    tokens: int = 0


class Handlers:
    """The model, and one way to obey for each kind of command. Raises RefusedError where it cannot.

    Belongs to the thread that computes. ``in_the_way`` tells whether somebody waits for something
    else than a picture that is being read ahead.
    """

    def __init__(
        self, tell: Tell, interruptions: Interruptions, in_the_way: Callable[[ReadAhead], bool]
    ) -> None:
        self._tell = tell
        self._interruptions = interruptions
        self._in_the_way = in_the_way
        self._asides = Asides()
        self._llama: Llama | None = None
        self._model: Model | None = None
        self._session: Session | None = None
        self._transfers = Transfers()
        self.pages = Pages(())
        self.ahead: Ahead | None = None

    def obey(self, command: Command, payload: bytes) -> None:
        """Obey a command; what comes of it is told."""
        match command:
            case Load():
                self._load(command)
            case Generate():
                self._stop_reading_ahead()
                self.generate(command)
            case ReadAhead():
                self._read_ahead(command)
            case Snapshot() | Next():
                self._tell(*self._transfers.give_out(command, self._loaded()[1]))
            case Restore() | StatePiece():
                self._take_in(command, payload)
            case Count():
                self._tell(Counted(command.id, self._count(command)))
            case Split():
                self._tell(Pieces(command.id, self._split(command)))
            case Show() | Embed() | GiveEncoded() | Hide():
                self._take_media(command, payload)
            case Weigh():
                self._tell(Weighed(command.id, self._weigh(command)))
            case Describe():
                llama = self.library()
                self._tell(Described(command.id, llama.cpu_module, llama.devices, llama.system))
            case Try():
                self._tell(compare(self.library(), command))
            case Cancel() | AnswerNow():  # the reader thread has seen to it
                pass

    def _load(self, command: Load) -> None:
        if command.version != PROTOCOL_VERSION:
            raise RefusedError(Code.VERSION, str(PROTOCOL_VERSION))
        llama = self.library()
        cancelled = self._interruptions.cancelled
        told = -1.0

        def progress(fraction: float) -> bool:
            nonlocal told
            if fraction - told >= _PROGRESS_STEP or fraction >= 1.0:
                told = fraction
                self._tell(LoadProgress(command.id, fraction))
            return command.id not in cancelled

        opened = open_model(llama, command, progress, self._asides.idle())
        model, session = opened.model, opened.session
        gpu = opened.gpu_layers > 0
        if command.id in cancelled:
            raise RefusedError(Code.CANCELLED)
        self._model, self._session = model, session
        session.revisit.ended = lambda marks: self._tell(Revisited(0, marks))
        files = [Path(part) for part in command.parts or (command.path,)]
        if not gpu:  # a card's driver may have taken hold of the pages
            unread = partial(repacked.unread, llama.ggml, files, model.repacked)
            self.pages = Pages(files, child.page_table(), unread)
        # What exists now stays: later collections need not look at it.
        gc.collect()
        gc.freeze()
        c = llama.c
        self._tell(
            ModelLoaded(
                id=command.id,
                architecture=model.metadata("general.architecture"),
                name=model.metadata("general.name"),
                parameters=c.llama_model_n_params(model.pointer),
                context=session.context,
                trained_context=c.llama_model_n_ctx_train(model.pointer),
                bos=model.text_of_token(c.llama_vocab_bos(model.vocab)),
                eos=model.text_of_token(c.llama_vocab_eos(model.vocab)),
                control=opened.control,
                template=model.template,
                device=", ".join(d.description for d in llama.graphics) if gpu else "CPU",
                cpu_module=llama.cpu_module,
                sampling=recommended(model),
                fingerprint=fingerprint(
                    # What was seen is part of a state, and other eyes see it otherwise.
                    (*files, *map(Path, _eyes(opened, command))),
                    PROTOCOL_VERSION,
                    llama.build,
                    opened.gpu_layers,
                    session.facts,
                    command.media_tokens if session.senses else 0,
                ),
                longest_context=session.longest_context,
                wrong_end=model.wrong_end,
                layers=model.layers,
                gpu_layers=opened.gpu_layers,
                threads=session.threads,
                cache=session.cache,
                fills=model.fill_format(),
                **self._senses_facts(command, opened),
            )
        )

    def _senses_facts(self, command: Load, opened: Opened) -> dict[str, Any]:
        """Return what is told of a model's eyes and ears."""
        senses = opened.session.senses
        if senses is None:
            told = opened.blind
            return {"blind": told is not None, "senses_refused": told or ""}
        opened.session.evaluator.encoded = self._tell_encoded
        files = (Path(command.projector),)
        kept = fingerprint(files, PROTOCOL_VERSION, self.library().build, command.media_tokens)
        facts = {"sees": senses.sees, "hears": senses.hears, "rate": senses.rate}
        return {**facts, "senses": kept}

    def _tell_encoded(self, hash_: str) -> None:
        """Give the embeddings out, so that nobody has to make them again."""
        _, session = self._loaded()
        data = session.senses.embeddings_of(hash_) if session.senses is not None else b""
        if 0 < len(data) <= _MOST_KEPT:
            self._tell(Encoded(0, hash_), data)

    def _take_media(self, command: Show | Embed | GiveEncoded | Hide, payload: bytes) -> None:
        _, session = self._loaded()
        senses = session.senses
        if senses is None:
            raise RefusedError(Code.MEDIUM, "senses")
        match command:
            case Show():
                size = (command.width, command.height)
                senses.show(Shown(command.hash, command.kind, *size, payload))
            case Embed():
                senses.embed(command.hash, payload)
            case GiveEncoded():
                self._tell_encoded(command.hash)
            case Hide():
                senses.hide(command.hash)

    def _weigh(self, command: Weigh) -> int:
        _, session = self._loaded()
        if session.senses is None:
            return 0
        return session.senses.weigh(command.kind, command.width, command.height)

    def _count(self, command: Count) -> tuple[int, ...]:
        model, session = self._loaded()
        control = command.control or (False,) * len(command.texts)
        counts = [
            len(model.tokenise(text, control=marked))
            for text, marked in zip(command.texts, control, strict=False)
        ]
        senses = session.senses
        for number, media in enumerate(command.media[: len(counts)]):
            for hash_ in media:
                shown = senses.tokens_of(hash_) if senses is not None else []
                counts[number] += len(shown) + session.surplus(shown)
        return tuple(counts)

    def _split(self, command: Split) -> tuple[Token, ...]:
        model, _session = self._loaded()
        tokens: list[int] = []
        for text, marked in zip(command.texts, command.control, strict=False):
            if len(tokens) < command.most:
                tokens += model.tokenise(text, control=marked)
        return tuple(Token(one, model.text_of_token(one)) for one in tokens[: command.most])

    def generate(self, command: Generate, attend: Callable[[], None] | None = None) -> None:
        """Answer; ``attend`` is called now and then where something else may go first."""
        model, session = self._loaded()
        prompt = tokenise(model, command.segments, session.written, session.senses)
        count = len(prompt.tokens) + session.surplus(prompt.tokens)
        if not count or count + command.reserve > session.context:
            self._tell(TooLong(command.id, count, session.context))
            return
        tail = command.segments[-1]
        asks = tail.control and not command.plain
        thought = open_thought(tail.text) if asks else None
        request = Request(
            prompt,
            Sampler(model, command.sampling, grammar_of(command.form)),
            AnswerParser(thought, command.stop, with_calls=command.calls, plain=command.plain),
            command.max_tokens,
            command.thinking_budget,
            repeatable=command.sampling.seed is not None,
            conversation=command.conversation,
            beside=command.beside,
            guess_ahead=command.guess_ahead,
        )
        listener = Listener(
            prefilled=lambda done, total: self._tell(Prefill(command.id, done, total)),
            wrote=lambda pieces: self._tell_pieces(command.id, pieces),
            looping=lambda: self._tell(Looping(command.id)),
            asides=self._asides,
            # Asked after every token: without a line of Python.
            cancelled=partial(operator.contains, self._interruptions.cancelled, command.id),
            hurried=lambda: command.id in self._interruptions.hurried,
            attend=attend,
        )
        try:
            answer = session.answer(request, listener)
        finally:
            request.sampler.free()
        self._tell(
            Answered(command.id, answer.reason, answer.usage, answer.timings, answer.context_used)
        )

    def _read_ahead(self, command: ReadAhead) -> None:
        self._stop_reading_ahead()
        model, session = self._loaded()
        prompt = tokenise(model, command.segments, session.written, session.senses)
        certain = max(len(prompt.tokens) - command.uncertain, 0)
        if certain and certain + session.surplus(prompt.tokens[:certain]) < session.context:
            in_the_way = partial(self._in_the_way, command)
            steps = session.read_ahead(prompt, certain, command.conversation, in_the_way)
            self.ahead = Ahead(command, steps)
        else:
            self._tell(HasRead(command.id, 0))

    def read_on(self, ahead: Ahead) -> None:
        """Read one bit further."""
        try:
            ahead.tokens += next(ahead.steps)
        except StopIteration:
            self._stop_reading_ahead()
        except BaseException:
            self.ahead = None
            raise

    def look_back(self, wanted: Callable[[], bool]) -> bool:
        """Prepare a bit for a change in the last question; False when there is nothing to do."""
        return self._session is not None and self._session.look_back(wanted)

    def _stop_reading_ahead(self) -> None:
        if (ahead := self.ahead) is not None:
            self.ahead = None
            self._tell(HasRead(ahead.command.id, ahead.tokens))

    def _take_in(self, command: Restore | StatePiece, payload: bytes) -> None:
        _, session = self._loaded()
        told = self._transfers.take_in(command, payload, session, self._stop_reading_ahead)
        if told is not None:
            self._tell(told)

    def _tell_pieces(self, request: int, pieces: list[Piece]) -> None:
        """Tell pieces, neighbours of one kind together; each call of a tool is whole."""
        start = 0
        for end in range(1, len(pieces) + 1):
            kind = pieces[start][0]
            alone = kind is PartKind.TOOL_CALL
            if end == len(pieces) or alone or pieces[end][0] is not kind:
                text = "".join(text for _, text in pieces[start:end])
                self._tell(Text(request, pieces[start][0], text))
                start = end

    def library(self) -> Llama:
        """Return llama.cpp, loaded at the first call. Raises LibraryError."""
        if self._llama is None:
            self._llama = Llama()
        return self._llama

    def _loaded(self) -> tuple[Model, Session]:
        if self._model is None or self._session is None:
            raise RefusedError(Code.NO_MODEL)
        return self._model, self._session


def _eyes(opened: Opened, command: Load) -> tuple[str, ...]:
    """Return the projector's path, if it is in use."""
    return (command.projector,) if opened.session.senses is not None else ()
