"""What the program orders from the fetcher: the values that travel to it, and its own words.

Both sides of the pipe import this module, so it knows nothing of HTTP and nothing of
queues. A value becomes a JSON object by ``to_message`` and comes back by ``from_message``,
which refuses whatever is not of the right kind.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Final

HUB: Final = "https://huggingface.co"
RESERVE: Final = 2 * 1000**3
"""Bytes that stay free before a download starts."""
RUNNING_RESERVE: Final = 1000**3
"""Bytes at which a running download stops."""
MAX_FILE_ON_FAT: Final = 2**32 - 1


class SourceKind(StrEnum):
    """How a source is asked."""

    HUB = "hub"
    """Speaks the Hub's own interface: the Hub, a mirror of it, a person's own endpoint."""
    MODELSCOPE = "modelscope"
    FOLDER = "folder"
    """A folder on this computer or in the local network, laid out owner/repository/file."""


@dataclass(frozen=True, slots=True)
class Source:
    """One place that may have a file. ``address`` is an https address or a folder's path."""

    name: str
    kind: SourceKind
    address: str


@dataclass(frozen=True, slots=True)
class Network:
    """How connections are made.

    ``token`` goes to the origin ``token_origin`` and nowhere else, whatever redirects say.
    ``proxy`` "" is the one that Windows or macOS names, "none" is none at all; hosts that
    ``no_proxy`` names with commas between them are reached without it.
    ``authorities`` is a file with certificate authorities beyond the system's, or "".
    """

    proxy: str = ""
    no_proxy: str = ""
    authorities: str = ""
    token: str = field(default="", repr=False)
    token_origin: str = HUB
    patience: float = 30.0
    """Seconds without a byte, or with hardly any, until a source counts as stalled."""


@dataclass(frozen=True, slots=True)
class FileOrder:
    """One file to fetch. ``target`` is its final path; size and hash may be unknown yet."""

    name: str
    target: str
    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class DownloadOrder:
    """Files of one repository, best source first.

    ``limit`` is bytes per second, 0 for none; ``persistence`` is for how many seconds
    without a byte the fetcher goes on trying by itself. A block is written out and
    noted down after ``block_bytes`` or ``block_seconds``, whichever comes first.
    """

    repository: str
    revision: str
    files: tuple[FileOrder, ...]
    sources: tuple[Source, ...]
    limit: int = 0
    room: int = RESERVE
    reserve: int = RUNNING_RESERVE
    persistence: float = 900.0
    block_bytes: int = 64 * 2**20
    block_seconds: float = 1.0
    max_file: int = 0
    """The largest file the disk can hold, 0 where there is no such limit."""

    def to_message(self) -> dict[str, object]:
        """Return the form that travels."""
        return asdict(self)

    @classmethod
    def from_message(cls, message: Mapping[str, Any]) -> "DownloadOrder":
        """Return the order in ``message``. Raises TypeError, KeyError or ValueError."""
        fields = dict(message)
        fields["files"] = tuple(FileOrder(**one) for one in fields["files"])
        fields["sources"] = sources_from(fields["sources"])
        return cls(**fields)


def sources_from(value: list[dict[str, str]]) -> tuple[Source, ...]:
    """Return the sources in a message. Raises TypeError, KeyError or ValueError."""
    return tuple(Source(one["name"], SourceKind(one["kind"]), one["address"]) for one in value)
