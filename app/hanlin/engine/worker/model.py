"""One model file in memory: what it says of itself, its tokens and their texts."""

import ctypes
import re
import stat
from collections.abc import Callable, Mapping, Sequence
from itertools import compress, repeat
from pathlib import Path
from typing import Any, Final

from hanlin.domain.filling import FORMATS
from hanlin.domain.models import Override
from hanlin.engine.protocol import Code
from hanlin.engine.worker import calls, ends, head
from hanlin.engine.worker.handles import Handle
from hanlin.engine.worker.llama import Llama, text_of
from hanlin.engine.worker.stream import TAGS

_HEAD: Final = 512
_CONTROL_TEXTS: Final = 4096
"""How many control tokens' texts are told: some vocabularies hold thousands of reserved ones."""
_END_OF_MESSAGE: Final = "tokenizer.ggml.eom_token_id"
"""The one end of an answer that llama.cpp has no function for."""


class RefusedError(Exception):
    """A command cannot be done; the worker goes on."""

    def __init__(self, code: Code, detail: str = "") -> None:
        super().__init__(code, detail)
        self.code = code
        self.detail = detail


class Model:
    """A loaded model. Belongs to the engine's thread; freed with the process, or by ``free``.

    ``progress`` is called with the fraction that is loaded and returns whether to go on.
    ``gpu_layers`` 0 keeps the graphics cards out of it. ``measure_only``: everything but
    the weights, to reckon with. ``overrides`` are read instead of what the file says.
    """

    def __init__(
        self,
        llama: Llama,
        path: Path,
        gpu_layers: int,
        progress: Callable[[float], bool],
        *,
        measure_only: bool = False,
        overrides: Sequence[Override] = (),
    ) -> None:
        """Load the file. Raises RefusedError."""
        check_head(path)
        self.c = llama.c
        self._ggml, self._path = llama.ggml, path
        self._measure_only = measure_only
        self.wrong_end = ""
        """The token that the file wrongly calls the end of an answer; it is not here."""
        known = {one.key: one.value for one in overrides}
        self._load(llama, path, gpu_layers, progress, known)
        if right := self._right_ends():
            self.wrong_end = self.text_of_token(self.c.llama_vocab_eos(self.vocab))
            self.free()
            self._load(llama, path, gpu_layers, progress, {**known, **right})
        self._pieces: dict[int, bytes] = {}
        self._controls = self._ids_of_controls()
        self.ends = self._ids_of_ends()
        """The tokens that end an answer; asked after every token, so that they are few."""
        self._visible = self._ids_of_tags()

    def _load(
        self,
        llama: Llama,
        path: Path,
        gpu_layers: int,
        progress: Callable[[float], bool],
        overrides: Mapping[str, int],
    ) -> None:
        """Read the file, with other values for some of its settings."""
        c = self.c
        parameters = c.llama_model_default_params()
        parameters.n_gpu_layers = gpu_layers
        no_devices = (ctypes.c_void_p * 1)(None)
        if gpu_layers == 0:
            parameters.devices = ctypes.addressof(no_devices)
        if self._measure_only:
            parameters.no_alloc = True
            parameters.load_mode = c.LLAMA_LOAD_MODE_NONE
        # The AMX kernels of this llama.cpp end the process with an illegal instruction (a tile is
        # read before it is configured); without their weight format the module's AVX-512 is used.
        parameters.use_extra_bufts = llama.cpu_module != "sapphirerapids"
        going_on = True

        def report(fraction: float, _data: object) -> bool:
            nonlocal going_on
            going_on = progress(fraction)
            return going_on

        parameters.kv_overrides = settings = self._overrides(overrides)
        parameters.progress_callback = callback = c.llama_progress_callback(report)
        llama.errors.clear()
        llama.repacked = 0
        pointer = c.llama_model_load_from_file(str(path).encode(), parameters)
        del callback, settings  # llama.cpp reads them during the load only
        if not pointer:
            raise _load_failure(llama.errors) if going_on else RefusedError(Code.CANCELLED)
        self._handle = Handle("model", pointer, c.llama_model_free)
        self._vocab = c.llama_model_get_vocab(pointer)
        self.repacked = llama.repacked
        """The bytes of its weights that llama.cpp keeps in another format, roughly."""
        self.size = c.llama_vocab_n_tokens(self.vocab)

    def _overrides(self, settings: Mapping[str, int]) -> Any:  # noqa: ANN401 - a ctypes array
        c = self.c
        array = (c.llama_model_kv_override * (len(settings) + 1))()  # the last one is empty
        for each, (key, value) in zip(array, settings.items(), strict=False):
            each.tag, each.key = c.LLAMA_KV_OVERRIDE_TYPE_INT, key.encode()
            each.value.val_i64 = value
        return array

    def _right_ends(self) -> dict[str, int]:
        """Return what the file should say of the end of an answer, {} when it is right."""
        c, eos = self.c, int(self.c.llama_vocab_eos(self.vocab))
        if eos < 0:
            return {}
        marked = c.LLAMA_TOKEN_ATTR_CONTROL | c.LLAMA_TOKEN_ATTR_USER_DEFINED
        ordinary = not c.llama_vocab_get_attr(self.vocab, eos) & marked
        if not ends.is_word(self.text_of_token(eos), ordinary=ordinary):
            return {}

        def control(text: str) -> int | None:
            found = self.tokenise(text, control=True)
            one = len(found) == 1 and c.llama_vocab_is_control(self.vocab, found[0])
            return found[0] if one else None

        return ends.right_ends(control, self.template)

    def free(self) -> None:
        """Give the memory back; nothing of it may be used any more."""
        self._handle.free()

    @property
    def pointer(self) -> Any:  # noqa: ANN401 - a C pointer
        """llama.cpp's model. Raises MisuseError."""
        return self._handle.pointer

    @property
    def vocab(self) -> Any:  # noqa: ANN401 - a C pointer
        """llama.cpp's vocabulary, which any thread may read. Raises MisuseError."""
        self._handle.check()
        return self._vocab

    @property
    def layers(self) -> int:
        """How many layers it has."""
        return int(self.c.llama_model_n_layer(self.pointer))

    @property
    def width(self) -> int:
        """How many numbers stand for a token between two layers."""
        return int(self.c.llama_model_n_embd(self.pointer))

    def check_answers(self) -> None:
        """Raise RefusedError for what cannot answer: encoders and bare vocabularies."""
        c = self.c
        # An encoder would be asked for logits it does not compute, and abort.
        encodes = c.llama_model_has_encoder(self.pointer) or not self._causal
        if self.size == 0 or encodes or not c.llama_model_has_decoder(self.pointer):
            raise RefusedError(Code.NOT_A_CHAT_MODEL, self.metadata("general.architecture"))

    def metadata(self, key: str) -> str:
        """Return the value of a metadata key as text, "" when it has none."""

        def read(buffer: Any, size: int) -> int:  # noqa: ANN401 - a ctypes buffer
            return int(self.c.llama_model_meta_val_str(self.pointer, key.encode(), buffer, size))

        return text_of(read) or ""

    def number(self, key: str) -> int:
        """Return the first whole number in the value of ``{architecture}.key``, 0 without one."""
        found = re.search(r"\d+", self.metadata(f"{self.metadata('general.architecture')}.{key}"))
        return int(found[0]) if found else 0

    def numbers(self, key: str) -> list[int]:
        """Return the whole numbers in the list ``{architecture}.key``, [] when it is no list."""
        architecture = self.metadata("general.architecture")
        return head.numbers(self._ggml, self._path, f"{architecture}.{key}")

    @property
    def _causal(self) -> bool:
        """Whether a token sees only those before it, as in every model that writes."""
        key = f"{self.metadata('general.architecture')}.attention.causal"
        return self.metadata(key) != "false"

    @property
    def template(self) -> str:
        """The chat template, "" when the file brings none."""
        pointer = self.c.llama_model_chat_template(self.pointer, None)
        return pointer.decode("utf-8", "replace") if pointer else ""

    @property
    def keeps_positions(self) -> bool:
        """Whether a part of what was read can be forgotten (no recurrent layers)."""
        c = self.c
        return not (
            c.llama_model_is_recurrent(self.pointer) or c.llama_model_is_hybrid(self.pointer)
        )

    @property
    def window(self) -> int:
        """How many tokens back its sliding layers look, 0 when none slides."""
        return int(self.c.llama_model_n_swa(self.pointer))

    @property
    def can_forget(self) -> bool:
        """Whether the newest of what was read can be forgotten, wherever it ends."""
        return self.keeps_positions and not self.window

    @property
    def first_token(self) -> int | None:
        """The token that every prompt begins with, None without one."""
        bos = int(self.c.llama_vocab_bos(self.vocab))
        return bos if bos >= 0 and self.c.llama_vocab_get_add_bos(self.vocab) else None

    def tokenise(self, text: str, *, control: bool) -> list[int]:
        """Return the tokens of ``text``; ``control``: texts of control tokens are those tokens."""
        data = text.encode("utf-8", "replace")
        room = len(data) + 8
        while True:
            buffer = (ctypes.c_int32 * room)()
            count = self.c.llama_tokenize(
                self.vocab,
                data,
                len(data),
                buffer,
                room,
                False,  # noqa: FBT003 - C
                control,
            )
            if count >= 0:
                return list(buffer[:count])
            room = -count

    def piece(self, token: int) -> bytes:
        """Return the bytes of ``token`` as a reader sees them; control tokens are invisible."""
        known = self._pieces.get(token)
        if known is None:
            known = self._pieces[token] = self._render(token, visible=token in self._visible)
        return known

    def text_of_token(self, token: int) -> str:
        """Return the text of a token as a template writes it, "" for none."""
        return self._render(token, visible=True).decode("utf-8", "replace") if token >= 0 else ""

    def control_texts(self) -> tuple[str, ...]:
        """Return the texts that template text turns into control tokens."""
        return tuple(map(self.text_of_token, self._controls[:_CONTROL_TEXTS]))

    def fill_format(self) -> str:
        """Return the name of the first format whose marks are each one token here, "" for none."""
        for known in FORMATS:
            marks = [mark for mark in known.marks if mark]
            if all(len(self.tokenise(mark, control=True)) == 1 for mark in marks):
                return known.name
        return ""

    def _render(self, token: int, *, visible: bool) -> bytes:
        size = 64
        while True:
            buffer = ctypes.create_string_buffer(size)
            length = self.c.llama_token_to_piece(self.vocab, token, buffer, size, 0, visible)
            if length >= 0:
                return buffer.raw[:length]
            size = -length

    def _ids_of_controls(self) -> list[int]:
        # All in C: 152,000 tokens are looked at while somebody waits for the model.
        control = map(self.c.llama_vocab_is_control, repeat(self.vocab), range(self.size))
        return list(compress(range(self.size), control))

    def _ids_of_ends(self) -> frozenset[int]:
        """Return llama.cpp's ends of an answer: control tokens, or those that the file names."""
        c, vocab = self.c, self.vocab
        named = (
            *(c.llama_vocab_eos, c.llama_vocab_eot),
            *(c.llama_vocab_fim_pad, c.llama_vocab_fim_rep, c.llama_vocab_fim_sep),
        )
        candidates = {*self._controls, *(int(name(vocab)) for name in named)}
        if (message := self.metadata(_END_OF_MESSAGE)).isdecimal():
            candidates.add(int(message))
        return frozenset(
            token for token in candidates if token >= 0 and c.llama_vocab_is_eog(vocab, token)
        )

    def _ids_of_tags(self) -> frozenset[int]:
        """Return the control tokens in the tags of thoughts and calls: the parser must see them."""
        texts = [text for tag in TAGS for text in (tag.opener, tag.closer)]
        texts += [text for each in calls.SPELLINGS for text in (each.opener, each.closer)]
        return frozenset(
            token
            for text in (*texts, *calls.WITHIN)
            for token in self.tokenise(text, control=True)
            if self.c.llama_vocab_is_control(self.vocab, token)
        )


def check_head(path: Path) -> None:
    """Refuse in plain terms what is certainly no model. Raises RefusedError."""
    try:
        kind = path.stat().st_mode
        if not (stat.S_ISREG(kind) or stat.S_ISDIR(kind)):  # opening a pipe waits for ever
            raise RefusedError(Code.NOT_GGUF)
        with path.open("rb") as file:
            head = file.read(_HEAD)
    except FileNotFoundError as error:
        raise RefusedError(Code.MISSING) from error
    except OSError as error:
        raise RefusedError(Code.UNREADABLE, error.strerror or str(error)) from error
    if not head:
        raise RefusedError(Code.EMPTY)
    if head.startswith(b"GGUF"):
        return
    if re.match(rb"\s*(<!doctype|<html|<\?xml|<head)", head, re.IGNORECASE):
        raise RefusedError(Code.HTML)
    raise RefusedError(Code.NOT_GGUF)


def _load_failure(errors: Sequence[str]) -> RefusedError:
    text = "\n".join(errors)
    if found := re.search(r"unknown (?:model )?architecture: '([^']*)'", text):
        return RefusedError(Code.ARCHITECTURE, found[1])
    if "CLIP cannot be used as main model" in text:
        return RefusedError(Code.NOT_A_CHAT_MODEL)
    if re.search(r"failed to allocate|out of memory|bad_alloc|unable to allocate", text):
        return RefusedError(Code.MEMORY, text[-300:])
    return RefusedError(Code.DAMAGED, text[-300:])
