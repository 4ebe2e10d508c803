"""Fetching models from elsewhere: what is wanted, how far it is, why it stopped. Pure values."""

from dataclasses import dataclass
from enum import StrEnum


class Cause(StrEnum):
    """Why something could not be fetched. The words for it are in ``hanlin_models.causes``."""

    NONE = ""
    # The way there: worth trying again by itself.
    UNREACHABLE = "unreachable"
    NAME_UNKNOWN = "name-unknown"
    NAME_SLOW = "name-slow"
    STALLED = "stalled"
    CUT = "cut"
    SERVER_ERROR = "server-error"
    RATE_LIMITED = "rate-limited"
    PROXY = "proxy"
    # What the other side refuses, and a person can change.
    NO_SUCH_REPOSITORY = "no-such-repository"
    NO_SUCH_FILE = "no-such-file"
    GATED = "gated"
    ACCOUNT_REFUSED = "account-refused"
    FORBIDDEN = "forbidden"
    CLOCK = "clock"
    CERTIFICATE = "certificate"
    # Lies: nothing that came is kept.
    WEB_PAGE = "web-page"
    NOT_A_MODEL = "not-a-model"
    WRONG_RANGE = "wrong-range"
    RANGE_REFUSED = "range-refused"
    CHANGED = "changed"
    WRONG_SIZE = "wrong-size"
    EMPTY = "empty"
    TOO_LONG = "too-long"
    ENCODED = "encoded"
    NOT_ENCRYPTED = "not-encrypted"
    ODD_ANSWER = "odd-answer"
    WRONG_HASH = "wrong-hash"
    NO_HASH = "no-hash"
    # This computer.
    DAMAGED_HERE = "damaged-here"
    DISK_FULL = "disk-full"
    FILE_TOO_LARGE = "file-too-large"
    NOT_WRITABLE = "not-writable"
    IN_USE = "in-use"
    BAD_NAME = "bad-name"
    NEVER_CONNECT = "never-connect"
    INTERRUPTED = "interrupted"


class DownloadState(StrEnum):
    """Where a download stands."""

    QUEUED = "queued"
    RUNNING = "running"
    WAITING = "waiting"
    """It tries again by itself; ``cause`` says what happened."""
    CHECKING = "checking"
    PAUSED = "paused"
    FAILED = "failed"
    """It needs a person; ``cause`` says why. What came is kept unless it was a lie."""
    DONE = "done"


@dataclass(frozen=True, slots=True)
class WantedFile:
    """One file of a repository. Without size and hash, both are asked of the Hub first."""

    name: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """A model to fetch: the files that make it up, the first of them the one to load.

    ``revision`` is a commit, or "" for the newest one, which is then pinned.
    """

    title: str
    repository: str
    files: tuple[WantedFile, ...]
    revision: str = ""


@dataclass(frozen=True, slots=True)
class Happening:
    """One line of a download's log: when (ms since 1970), and what, for a person to read."""

    time_ms: int
    text: str


@dataclass(frozen=True, slots=True)
class Download:
    """One entry of the list of downloads.

    ``total`` is None until it is known; ``speed`` is bytes per second; ``again_at`` is when a
    waiting one tries again, on the clock that only ever grows, 0 when it is not known.
    ``detail`` is for a report, ``note`` a sentence for the person, ``log`` what happened.
    """

    id: str
    wanted: Wanted
    state: DownloadState
    done: int = 0
    total: int | None = None
    speed: float = 0.0
    again_at: float = 0.0
    source: str = ""
    cause: Cause = Cause.NONE
    note: str = ""
    detail: str = ""
    log: tuple[Happening, ...] = ()

    @property
    def active(self) -> bool:
        """Whether a helper works on it now."""
        return self.state in (
            DownloadState.RUNNING,
            DownloadState.WAITING,
            DownloadState.CHECKING,
        )

    @property
    def has_turn_to_come(self) -> bool:
        """Whether its place in the list decides anything yet."""
        return not self.active and self.state is not DownloadState.DONE
