"""What a GGUF file says about itself, read in plain Python without trusting a byte of it.

Only the header is read: metadata and the table of tensors. Every length is compared
with what is left of the file and with a cap before anything is allocated, so a hostile
file costs a refusal, not memory. Whether the engine can run the model is not known here.
"""

import io
import math
import stat
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from hanlin.kernel.errors import from_os_error
from hanlin.kernel.i18n import _
from hanlin_models.ggml_types import ARRAY, BLOCKS, QUANTISATIONS, SCALARS, STRING
from hanlin_models.refusals import (
    MAGIC,
    again,
    check_beginning,
    check_version,
    incomplete,
    not_gguf,
    refusal,
    unknown_packing,
    unreadable,
)

_MOST_KEYS = 65_536
_MOST_TENSORS = 262_144
_MOST_ELEMENTS = 16_777_216
_LONGEST_KEY = 65_535
_LONGEST_NAME = 63
_LONGEST_TEXT = 4_194_304
_LARGEST_HEADER = 1 << 30
_MOST_PARTS = 10_000
_BEGINNING = 512
_SHOWN = 120
_WANTED = frozenset(
    {
        b"general.architecture",
        b"general.name",
        b"general.type",
        b"general.license",
        b"general.file_type",
        b"general.alignment",
        b"tokenizer.chat_template",
        b"tokenizer.ggml.model",
        b"split.no",
        b"split.count",
    }
)
_MOST_LISTS = 64
_MOST_KEPT = 1024
"""A list of numbers up to this length is about layers and is kept; longer ones are vocabularies."""
_LENGTH = struct.Struct("<Q")
_DEFAULT_ALIGNMENT = 32
_LARGEST_ALIGNMENT = 1 << 20

Value = int | float | bool | str
Fact = Value | list[int]
TOKENS = "tokenizer.ggml.tokens"


@dataclass(frozen=True, slots=True)
class GgufInfo:
    """The facts of a GGUF file. ``bytes`` is the file's size, ``parameters`` the count of weights.

    Texts come from the file: show them as plain text.
    """

    bytes: int
    version: int
    architecture: str
    name: str
    quantisation: str
    """Such as ``Q4_K_M``, or "" when the file does not say."""
    context_length: int | None
    has_chat_template: bool
    tokenizer: str
    tensors: int
    parameters: int
    kind: str
    """``model``, ``mmproj``, ``adapter``, …"""
    part: int
    """Number of this file among the parts of a split model, from 0."""
    parts: int

    @property
    def is_projector(self) -> bool:
        """Tell whether the file is a model's eye, useless without its model."""
        return self.kind == "mmproj" or self.architecture == "clip"


@dataclass(frozen=True, slots=True)
class Header:
    """Everything a file says about itself. ``facts`` are its metadata by their GGUF keys.

    Of a list only its length is kept, unless it is short and holds whole numbers.
    """

    info: GgufInfo
    facts: Mapping[str, Fact]

    def of_model(self, name: str) -> Fact | None:
        """Return a fact about the architecture, such as ``block_count``."""
        return self.facts.get(f"{self.info.architecture}.{name}")


class _EndedEarly(Exception):
    """The file stops before what it announced."""


class _Nonsense(Exception):
    """The file announces what cannot be."""


def read(path: Path) -> GgufInfo:
    """Return what the file at ``path`` says; raises KnownError with what is wrong with it.

    A file that is shorter than its own table of tensors demands is refused as incomplete.
    """
    return read_header(path).info


def read_header(path: Path) -> Header:
    """Return the whole header of the file at ``path``; raises as :func:`read` does."""
    try:
        if path.is_dir():
            raise refusal(_("{name} is a folder."), path, _("Choose the .gguf file inside it."))
        if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe waits for its writer, for ever
            raise not_gguf(path)
        with path.open("rb") as file:
            _check_kind(path, file.read(_BEGINNING))
            return _Header(path, file, file.seek(0, 2)).read()
    except PermissionError as error:
        raise unreadable(path) from error
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    except _EndedEarly as error:
        raise refusal(_("{name} is incomplete: it ends in the middle."), path, again()) from error
    except _Nonsense as error:
        raise refusal(_("{name} is damaged."), path, again()) from error


def read_beginning(beginning: bytes, name: str, size: int) -> Header | None:
    """Return the header in the first bytes of a file of ``size`` bytes, None if it needs more.

    Raises KnownError as :func:`read` does; ``name`` is what the file is called there.
    """
    path = Path(name)
    try:
        _check_kind(path, beginning[:_BEGINNING])
        return _Header(path, io.BytesIO(beginning), size).read()
    except _EndedEarly as error:
        if len(beginning) < size:
            return None
        raise refusal(_("{name} is incomplete: it ends in the middle."), path, again()) from error
    except _Nonsense as error:
        raise refusal(_("{name} is damaged."), path, again()) from error


def _check_kind(path: Path, beginning: bytes) -> None:
    if beginning and len(beginning) < len(MAGIC) and MAGIC.startswith(beginning):
        raise _EndedEarly
    check_beginning(path, beginning)


class _Header:
    """Reads the header of one file from front to back."""

    def __init__(self, path: Path, file: BinaryIO, size: int) -> None:
        self._path = path
        self._file = file
        self._size = size
        self._at = 0
        self._facts: dict[str, Fact] = {}
        self._lists = 0

    def read(self) -> Header:
        self._file.seek(0)
        self._skip(len(MAGIC))
        version = self._number("I")
        check_version(self._path, version)
        tensors = self._at_most(self._number("Q"), _MOST_TENSORS)
        keys = self._at_most(self._number("Q"), _MOST_KEYS)
        self._read_metadata(keys)
        parameters, needed = self._read_tensors(tensors)
        if self._size < needed:
            raise incomplete(self._path, self._size, needed)
        return Header(self._info(version, tensors, parameters), self._facts)

    def _info(self, version: int, tensors: int, parameters: int) -> GgufInfo:
        architecture = self._text("general.architecture")
        part, parts = self._whole("split.no", 0), max(1, self._whole("split.count", 1))
        if not 0 <= part < parts <= _MOST_PARTS:
            raise _Nonsense
        context = self._facts.get(f"{architecture}.context_length")
        return GgufInfo(
            bytes=self._size,
            version=version,
            architecture=architecture,
            name=self._text("general.name"),
            quantisation=QUANTISATIONS.get(self._whole("general.file_type", -1), ""),
            context_length=context if isinstance(context, int) and context > 0 else None,
            has_chat_template=bool(self._facts.get("tokenizer.chat_template")),
            tokenizer=self._text("tokenizer.ggml.model"),
            tensors=tensors,
            parameters=parameters,
            kind=self._text("general.type") or "model",
            part=part,
            parts=parts,
        )

    def _read_metadata(self, count: int) -> None:
        seen: set[bytes] = set()
        for _number in range(count):
            key = self._take(self._at_most(self._number("Q"), _LONGEST_KEY))
            if not key or key in seen:
                raise _Nonsense
            seen.add(key)
            value = self._value(self._number("I"), wanted=_is_wanted(key))
            if value is not None:
                self._facts[key.decode("utf-8", "replace")] = value

    def _value(self, kind: int, *, wanted: bool) -> Fact | None:
        """Read one value; return a number or truth value, a wanted text, what is kept of a list."""
        if kind == ARRAY:
            return self._array(self._number("I"), self._number("Q"))
        if kind == STRING:
            length = self._number("Q")
            if not wanted:
                self._skip(length)
                return None
            return self._take(self._at_most(length, _LONGEST_TEXT)).decode("utf-8", "replace")
        value = self._scalar(kind)
        return value if math.isfinite(value) else None

    def _array(self, kind: int, count: int) -> Fact:
        """Read a list; return its whole numbers if they are few, else its length."""
        self._at_most(count, _MOST_ELEMENTS)
        few = count <= _MOST_KEPT and self._lists < _MOST_LISTS
        if few and kind in SCALARS and SCALARS[kind] not in "fd":
            self._lists += 1
            return [int(self._scalar(kind)) for _number in range(count)]
        if kind == STRING:
            self._skip_texts(count)
        elif kind in SCALARS:
            self._skip(count * struct.calcsize("<" + SCALARS[kind]))
        else:
            raise _Nonsense
        return count

    def _skip_texts(self, count: int) -> None:
        """Skip a vocabulary: some hundred thousand texts, so nothing is done that need not be."""
        read, prefix_bytes, length_of = self._file.read, _LENGTH.size, _LENGTH.unpack
        for _number in range(count):
            prefix = read(prefix_bytes)
            if len(prefix) < prefix_bytes:
                raise _EndedEarly
            (length,) = length_of(prefix)
            self._advance(prefix_bytes + length)
            if length > _LONGEST_KEY:
                self._file.seek(length, 1)
            else:
                read(length)

    def _read_tensors(self, count: int) -> tuple[int, int]:
        """Return how many weights there are and how long the file has to be."""
        alignment = self._whole("general.alignment", _DEFAULT_ALIGNMENT)
        if not 0 < alignment <= _LARGEST_ALIGNMENT or alignment & (alignment - 1):
            raise _Nonsense
        seen: set[bytes] = set()
        parameters = end = 0
        for _number in range(count):
            name = self._take(self._at_most(self._number("Q"), _LONGEST_NAME))
            if name in seen:
                raise _Nonsense
            seen.add(name)
            weights, size = self._shape()
            offset = self._number("Q")
            if offset % alignment:
                raise _Nonsense
            parameters += weights
            end = max(end, offset + size)
        data = -(-self._at // alignment) * alignment
        return parameters, data + end if count else self._at

    def _shape(self) -> tuple[int, int]:
        """Return the weights and the bytes of the next tensor of the table."""
        sizes = [self._number("Q") for _axis in range(self._at_most(self._number("I"), 4))]
        kind = self._number("I")
        if kind not in BLOCKS:
            raise unknown_packing(self._path, kind)
        weights = 1
        for size in sizes:
            weights *= size
        per_block, block_bytes = BLOCKS[kind]
        row = sizes[0] if sizes else 1
        if row % per_block:
            raise _Nonsense
        return weights, weights // per_block * block_bytes

    def _whole(self, key: str, default: int) -> int:
        value = self._facts.get(key, default)
        return value if isinstance(value, int) else default

    def _text(self, key: str) -> str:
        """Return a fact as one printable line of reasonable length."""
        value = self._facts.get(key, "")
        if not isinstance(value, str):
            return ""
        printable = "".join(letter if letter.isprintable() else " " for letter in value)
        return " ".join(printable.split())[:_SHOWN]

    def _scalar(self, kind: int) -> float:
        if kind not in SCALARS:
            raise _Nonsense
        form = "<" + SCALARS[kind]
        value: float = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _number(self, letter: str) -> int:
        form = "<" + letter
        value: int = struct.unpack(form, self._take(struct.calcsize(form)))[0]
        return value

    def _at_most(self, value: int, limit: int) -> int:
        if value > limit:
            raise _Nonsense
        return value

    def _take(self, count: int) -> bytes:
        self._advance(count)
        data = self._file.read(count)
        if len(data) < count:
            raise _EndedEarly
        return data

    def _skip(self, count: int) -> None:
        self._advance(count)
        self._file.seek(count, 1)

    def _advance(self, count: int) -> None:
        """Move on, within the file and within what a header may be."""
        self._at += count
        if self._at > self._size:
            raise _EndedEarly
        if self._at > _LARGEST_HEADER:
            raise _Nonsense


def _is_wanted(key: bytes) -> bool:
    return key in _WANTED or key.endswith(b".context_length")
