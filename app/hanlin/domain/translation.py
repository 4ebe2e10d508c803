"""What is asked of a translation and what comes back: pure values."""

from dataclasses import dataclass
from enum import StrEnum

from hanlin.domain.glossary import Term


class Tone(StrEnum):
    """How a translation is to sound."""

    DEFAULT = ""
    FORMAL = "formal"
    PLAIN = "plain"
    LITERAL = "literal"


class Origin(StrEnum):
    """Where the translation of a sentence comes from."""

    MODEL = "model"
    MEMORY = "memory"
    """An exact match of the translation memory."""
    CONVERTED = "converted"
    """From simplified to traditional characters or back."""
    SAME = "same"
    """There was nothing to translate."""


class Problem(StrEnum):
    """What is wrong with the translation of a sentence."""

    EMPTY = "empty"
    LANGUAGE = "language"
    """It is not in the language that was asked for."""
    ENDLESS = "endless"
    REFUSED = "refused"
    """The model says that it cannot."""
    TOO_LONG = "too-long"
    """The sentence does not fit the model's context."""
    NUMBERS = "numbers"
    """Its numbers are not those of the source: worth a look."""
    TERMS = "terms"
    """A required term is not in it: see ``missed``."""
    MENDED = "mended"
    """A required term was put in afterwards: see ``mended``; worth a look."""


@dataclass(frozen=True, slots=True)
class Direction:
    """From one language (a code) to another."""

    source: str
    target: str

    def reversed(self) -> "Direction":
        """Return the way back."""
        return Direction(self.target, self.source)


@dataclass(frozen=True, slots=True)
class Entry:
    """A pair of sentences of a translation memory."""

    direction: Direction
    source: str
    target: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of a text: ``before`` and ``after`` are the white space around it."""

    text: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Match:
    """An entry of the translation memory that resembles a sentence: ``percent`` of 100."""

    source: str
    target: str
    percent: int


@dataclass(frozen=True, slots=True)
class Translation:
    """The translation of one sentence, and everything a person should know of it."""

    source: str
    target: str
    origin: Origin
    problems: tuple[Problem, ...] = ()
    terms: tuple[Term, ...] = ()
    """The required terms."""
    missed: tuple[Term, ...] = ()
    """Those that are not in the translation."""
    mended: tuple[Term, ...] = ()
    """Those that the model left out, and that were put in the place of its words for them."""
    masked: int = 0
    """How many placeholders, tags, addresses and the like were kept as they are."""
    tries: int = 0
    """How often the model was asked."""
    match: Match | None = None
    """The closest entry of the memory, where it is no exact one."""


class FileState(StrEnum):
    """Where a file of the queue stands."""

    WAITING = "waiting"
    RUNNING = "running"
    PAUSED = "paused"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class FileJob:
    """A file of the queue, and how many of its sentences are done.

    ``doubtful`` of them are worth a look; ``joined`` styled passages look like the words around
    them; ``note`` says why the file failed.
    """

    id: str
    path: str
    output: str
    digest: str
    direction: Direction
    tone: Tone = Tone.DEFAULT
    bilingual: bool = False
    state: FileState = FileState.WAITING
    note: str = ""
    total: int = 0
    done: int = 0
    doubtful: int = 0
    joined: int = 0
