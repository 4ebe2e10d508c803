"""Pictures and sounds for a model that sees or hears: its projector, through mtmd at the low level.

What is shown is cut into chunks; a chunk is encoded once, and its embeddings are read into the
context as often as need be. In a prompt's tokens a chunk is as many equal negative numbers as it
takes positions, made from the medium's hash: so the place in the list is the position, also where
a picture takes more tokens than positions (M-RoPE), and comparing prompts compares pictures. No
marker text is ever written, so nobody can type one. When something is read belongs to ``session``.
"""

import ctypes
import hashlib
import importlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from hanlin.domain.attachments import AttachmentKind
from hanlin.engine.protocol import Code
from hanlin.engine.worker import projectors
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model, RefusedError

_ROPES_OF_SEVERAL: Final = (8, 40)
"""LLAMA_ROPE_TYPE_MROPE and _IMROPE: a position has several coordinates."""
_LOOK_EVERY: Final = 48
"""Nodes of the encoder's graph between two looks at whether anybody still waits."""
_BYTES_PER_PIXEL: Final = 3
_BYTES_PER_SAMPLE: Final = 4
_NAME_BITS: Final = 2**30


@dataclass(frozen=True, slots=True)
class Chunk:
    """A part of a medium: ``tokens`` embeddings that take ``positions`` places."""

    name: int
    """What stands for it in a prompt, below zero."""
    pointer: Any
    tokens: int
    positions: int


@dataclass(slots=True)
class Medium:
    """Something that is shown: the text tokens and chunks it becomes, in their order."""

    hash: str
    pieces: list[list[int] | Chunk]
    whole: Any
    """mtmd's list, which owns the chunks."""
    embeddings: dict[int, Any] = field(default_factory=dict)

    @property
    def chunks(self) -> list[Chunk]:
        """Return the parts that must be encoded."""
        return [piece for piece in self.pieces if isinstance(piece, Chunk)]

    @property
    def tokens(self) -> list[int]:
        """Return what stands for it in a prompt."""
        found: list[int] = []
        for piece in self.pieces:
            found += [piece.name] * piece.positions if isinstance(piece, Chunk) else piece
        return found


@dataclass(frozen=True, slots=True)
class Shown:
    """What a medium is made of: ``width`` by ``height`` pixels of a picture, or samples."""

    hash: str
    kind: AttachmentKind
    width: int
    height: int
    data: bytes


class Senses:
    """The projector of a model and what is shown to it. Belongs to the engine's thread."""

    def __init__(
        self, llama: Llama, model: Model, path: Path, *, threads: int, gpu: bool, most_tokens: int
    ) -> None:
        """Load the projector. Raises RefusedError: PROJECTOR, with what is wrong with it."""
        self._c = c = importlib.import_module("llama_cpp.mtmd_cpp")
        self._llama = llama.c
        self._cancelled: Callable[[], bool] = _never
        self._nodes = 0
        self._media: dict[str, Medium] = {}
        self._chunks: dict[int, tuple[Medium, Chunk]] = {}
        self._refused: dict[str, tuple[Code, str]] = {}
        self.encodes = 0
        """How many chunks were encoded, ever."""
        if wrong := projectors.fault(llama, path):
            raise RefusedError(Code.PROJECTOR, wrong)
        parameters = c.mtmd_context_params_default()
        parameters.use_gpu = gpu
        parameters.print_timings = False
        parameters.n_threads = threads
        parameters.warmup = False
        # Without a limit a screenshot takes more tokens than most contexts have.
        parameters.image_max_tokens = most_tokens
        self._watch = llama.c.ggml_backend_sched_eval_callback(self._look)
        parameters.cb_eval = self._watch
        c.mtmd_log_set(llama.log, None)
        c.mtmd_helper_log_set(llama.log, None)
        llama.errors.clear()
        context = c.mtmd_init_from_file(str(path).encode(), model.pointer, parameters)
        if not context:
            raise RefusedError(Code.PROJECTOR, _reason(llama.errors))
        self._handle = Handle("projector", context, c.mtmd_free)
        self.sees = bool(c.mtmd_support_vision(context))
        self.hears = bool(c.mtmd_support_audio(context))
        self.rate = max(0, int(c.mtmd_get_audio_sample_rate(context))) if self.hears else 0
        """Samples a second of the sounds it hears."""
        self._width = int(llama.c.llama_model_n_embd_inp(model.pointer))

    def free(self) -> None:
        """Give everything back; nothing of it may be used any more."""
        for known in list(self._media):
            self.hide(known)
        self._handle.free()

    @property
    def _context(self) -> Any:  # noqa: ANN401 - a C pointer
        """Mtmd's context. Raises MisuseError."""
        return self._handle.pointer

    # What is shown

    def show(self, shown: Shown) -> Medium:
        """Take a picture or a sound in. Raises RefusedError, as does every prompt that shows it."""
        known = self._media.get(shown.hash)
        if known is not None:
            return known
        try:
            medium = self._open(shown)
        except RefusedError as refusal:
            self._refused[shown.hash] = (refusal.code, refusal.detail)
            raise
        self._refused.pop(shown.hash, None)
        self._media[shown.hash] = medium
        for chunk in medium.chunks:
            self._chunks[chunk.name] = medium, chunk
        return medium

    def hide(self, hash_: str) -> None:
        """Forget a picture or a sound, and its embeddings."""
        medium = self._media.pop(hash_, None)
        if medium is not None:
            for chunk in medium.chunks:
                self._chunks.pop(chunk.name, None)
            self._c.mtmd_input_chunks_free(medium.whole)

    def tokens_of(self, hash_: str) -> list[int]:
        """Return what stands for a medium in a prompt. Raises RefusedError when it is not here."""
        if hash_ not in self._media:
            unknown = (Code.BUG, "a picture that was not shown")
            raise RefusedError(*self._refused.get(hash_, unknown))
        return self._media[hash_].tokens

    def weigh(self, kind: AttachmentKind, width: int, height: int) -> int:
        """Return how many tokens a picture of that size takes. Raises RefusedError."""
        if kind is AttachmentKind.PICTURE:
            size = width * height * _BYTES_PER_PIXEL
        else:
            size = width * _BYTES_PER_SAMPLE
        medium = self._open(Shown("", kind, width, height, bytes(size)))
        count = sum(
            piece.tokens if isinstance(piece, Chunk) else len(piece) for piece in medium.pieces
        )
        self._c.mtmd_input_chunks_free(medium.whole)
        return count

    def chunk(self, name: int) -> Chunk:
        """Return the chunk of a name. Raises RefusedError when it is not here."""
        return self._known(name)[1]

    def surplus(self, tokens: Sequence[int]) -> int:
        """Return how many more tokens a prompt takes in the context than it has positions."""
        if not tokens or min(tokens) >= 0:
            return 0
        names = [name for name, _ in groupby(tokens) if name < 0]
        known = [self._chunks[name][1] for name in names if name in self._chunks]
        return sum(chunk.tokens - chunk.positions for chunk in known)

    def _known(self, name: int) -> tuple[Medium, Chunk]:
        found = self._chunks.get(name)
        if found is None:
            raise RefusedError(Code.BUG, "a picture that was not shown")
        return found

    def _open(self, shown: Shown) -> Medium:
        c = self._c
        bitmap = self._bitmap(shown)
        part = c.mtmd_input_part()
        part.bitmap = bitmap
        parts = (ctypes.POINTER(c.mtmd_input_part) * 1)(ctypes.pointer(part))
        whole = c.mtmd_input_chunks_init()
        status = c.mtmd_tokenize_from_parts(self._context, whole, parts, 1, False)  # noqa: FBT003 - C
        c.mtmd_bitmap_free(bitmap)
        if status != 0:
            c.mtmd_input_chunks_free(whole)
            raise RefusedError(Code.MEDIUM, str(status))
        return Medium(shown.hash, self._pieces(whole, shown.hash), whole)

    def _bitmap(self, shown: Shown) -> Any:  # noqa: ANN401 - a C pointer
        c = self._c
        if shown.kind is AttachmentKind.PICTURE:
            fits = len(shown.data) == shown.width * shown.height * _BYTES_PER_PIXEL
            if not (self.sees and fits and shown.data):
                raise RefusedError(Code.MEDIUM, "picture")
            pixels = (ctypes.c_uint8 * len(shown.data)).from_buffer_copy(shown.data)
            return c.mtmd_bitmap_init(shown.width, shown.height, pixels)
        count = len(shown.data) // _BYTES_PER_SAMPLE
        if not (self.hears and count):
            raise RefusedError(Code.MEDIUM, "sound")
        samples = (ctypes.c_float * count).from_buffer_copy(shown.data[: count * _BYTES_PER_SAMPLE])
        return c.mtmd_bitmap_init_from_audio(count, samples)

    def _pieces(self, whole: Any, hash_: str) -> list[list[int] | Chunk]:  # noqa: ANN401 - a C pointer
        c = self._c
        pieces: list[list[int] | Chunk] = []
        for number in range(c.mtmd_input_chunks_size(whole)):
            pointer = c.mtmd_input_chunks_get(whole, number)
            if c.mtmd_input_chunk_get_type(pointer) == c.MTMD_INPUT_CHUNK_TYPE_TEXT:
                count = ctypes.c_size_t()
                tokens = c.mtmd_input_chunk_get_tokens_text(pointer, ctypes.byref(count))
                pieces.append(list(tokens[: count.value]))
                continue
            positions = int(c.mtmd_input_chunk_get_n_pos(pointer))
            tokens = int(c.mtmd_input_chunk_get_n_tokens(pointer))
            pieces.append(Chunk(_name(hash_, number), pointer, tokens, positions))
        return pieces

    # Embeddings

    def embeddings_of(self, hash_: str) -> bytes:
        """Return all embeddings of a medium; b"" while one is missing."""
        medium = self._media.get(hash_)
        if medium is None or len(medium.embeddings) < len(medium.chunks):
            return b""
        return b"".join(bytes(medium.embeddings[chunk.name]) for chunk in medium.chunks)

    def embed(self, hash_: str, data: bytes) -> bool:
        """Take embeddings over that were made before; False when they do not fit."""
        medium = self._media.get(hash_)
        sizes = [chunk.tokens * self._width for chunk in medium.chunks] if medium else []
        if medium is None or sum(sizes) * _BYTES_PER_SAMPLE != len(data):
            return False
        start = 0
        for chunk, size in zip(medium.chunks, sizes, strict=True):
            medium.embeddings[chunk.name] = (ctypes.c_float * size).from_buffer_copy(data, start)
            start += size * _BYTES_PER_SAMPLE
        return True

    def encode(self, name: int, cancelled: Callable[[], bool]) -> str | None:
        """Make the embeddings of a chunk, unless they are there.

        Return the medium's hash when its last one was made, "" when there is nothing new, None
        when it was cancelled. Raises RefusedError.
        """
        medium, chunk = self._known(name)
        if chunk.name in medium.embeddings:
            return ""
        self._cancelled, self._nodes = cancelled, 0
        try:
            status = self._c.mtmd_encode_chunk(self._context, chunk.pointer)
        finally:
            self._cancelled = _never
        if cancelled():
            return None
        if status != 0:
            raise RefusedError(Code.COMPUTE, f"mtmd_encode_chunk: {status}")
        size = chunk.tokens * self._width
        made = self._c.mtmd_get_output_embd(self._context)
        copy = (ctypes.c_float * size)()
        ctypes.memmove(copy, made, ctypes.sizeof(copy))
        medium.embeddings[chunk.name] = copy
        self.encodes += 1
        return medium.hash if len(medium.embeddings) == len(medium.chunks) else ""

    def read(self, context: Any, name: int, position: int, sequence: int, batch: int) -> int:  # noqa: ANN401 - a C pointer
        """Read an encoded chunk into the context behind ``position``; return llama.cpp's status."""
        medium, chunk = self._known(name)
        after = self._llama.llama_pos(0)
        return int(
            self._c.mtmd_helper_decode_image_chunk(
                self._context,
                context,
                chunk.pointer,
                medium.embeddings[name],
                position,
                sequence,
                batch,
                ctypes.byref(after),
                self._c.mtmd_helper_post_decode_callback(),
                None,
            )
        )

    def _look(self, _tensor: object, ask: bool, _data: object) -> bool:  # noqa: FBT001 - C calls it
        """Stop the encoder when nobody waits any more; asked for every node of its graph."""
        if not ask:
            return not self._cancelled()
        self._nodes += 1
        return self._nodes % _LOOK_EVERY == 0


def has_several_positions(model: Model) -> bool:
    """Return whether a position has several coordinates in this model (M-RoPE)."""
    return int(model.c.llama_model_rope_type(model.pointer)) in _ROPES_OF_SEVERAL


def _name(hash_: str, number: int) -> int:
    digest = hashlib.sha256(f"{hash_} {number}".encode()).digest()
    return -1 - int.from_bytes(digest[:4], "little") % _NAME_BITS


def _never() -> bool:
    return False


def _reason(errors: Sequence[str]) -> str:
    """Return what is wrong with a projector: the two widths when it is another model's."""
    text = "\n".join(errors)
    if found := re.search(r"n_embd = (\d+)\)? .*?n_embd = (\d+)", text, re.DOTALL):
        return f"{found[1]} {found[2]}"
    return ""
