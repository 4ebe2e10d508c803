"""The one door to llama.cpp: loads the library, its backends and its log.

Only the ctypes layer of llama-cpp-python is used; its package is registered bare,
because importing it the usual way pulls in numpy, jinja2 and diskcache. What is
done with a model belongs to ``model`` and ``session``.
"""

import collections
import contextlib
import ctypes
import importlib
import importlib.util
import os
import re
import sys
import types
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, TypeAlias

from hanlin.engine import backends
from hanlin.engine.events import Device
from hanlin.engine.protocol import PLAIN_CPU

_WARNING: Final = 3
_ERROR: Final = 4
_DEVICE_KINDS: Final = {0: "cpu", 1: "gpu", 2: "integrated", 3: "accelerator"}
_ABORT_CALLBACK: Final = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


class LibraryError(Exception):
    """llama.cpp cannot be used on this computer; the text says why."""


class Llama:
    """The loaded library. One for the process; every call belongs to the engine's thread."""

    def __init__(self) -> None:
        """Load the library and the best module for the processor. Raises LibraryError."""
        _register_bare_package()
        try:
            with _bare_extensions():
                self.c: Any = importlib.import_module("llama_cpp.llama_cpp")
        except (OSError, RuntimeError, ImportError) as error:
            raise LibraryError(str(error)) from error
        self._lib: ctypes.CDLL = self.c._lib  # noqa: SLF001 - ggml is reached through this handle alone
        self.errors: collections.deque[str] = collections.deque(maxlen=40)
        """What llama.cpp said was wrong, newest last."""
        self.repacked = 0
        """The bytes of weights that it told to have in another format than the file's."""
        self.cpu_module = ""
        self.log = self._take_log()
        """What libraries beside this one log through."""
        self._keep = self._take_abort()
        self._declare_ggml()
        if module := _cpu_module(plain=PLAIN_CPU in os.environ):
            self._lib.ggml_backend_load(str(module).encode())
        self.c.llama_backend_init()
        self.devices = self._find_devices()
        if not any(device.kind == "cpu" for device in self.devices):
            raise LibraryError("no module for this processor was found")

    @property
    def system(self) -> str:
        """Return the instruction sets in use, in llama.cpp's words."""
        return str(self.c.llama_print_system_info().decode("utf-8", "replace"))

    @property
    def build(self) -> str:
        """Return which llama.cpp this is."""
        return _text(self._lib.ggml_commit())

    def add_backend(self, path: str) -> bool:
        """Load a module for graphics cards; return whether there is a device to compute on.

        May end the process: drivers do. Without a module to load, what is linked in counts.
        """
        if not self.graphics and Path(path).is_file():
            self._lib.ggml_backend_load(path.encode())
            self.devices = self._find_devices()
        return bool(self.graphics)

    @property
    def ggml(self) -> ctypes.CDLL:
        """The library below llama.cpp; it is reached through the same handle."""
        return self._lib

    @property
    def graphics(self) -> tuple[Device, ...]:
        """The devices that are no processors."""
        return tuple(device for device in self.devices if device.kind != "cpu")

    def free_graphics_memory(self) -> int:
        """Return the bytes that are free on all graphics devices together, now."""
        return sum(device.free for device in self._find_devices() if device.kind != "cpu")

    def _take_log(self) -> Any:  # noqa: ANN401 - a C callback
        """Let warnings and errors go to stderr, where the parent keeps the last lines."""
        loaded_cpu = re.compile(r"loaded CPU backend from .*?(?:lib)?ggml-cpu-(\w+)\.")
        repacked = re.compile(r" CPU_REPACK model buffer size = +([\d.]+) MiB")

        def log(level: int, text: bytes | None, _data: object) -> None:
            line = (text or b"").decode("utf-8", "replace").rstrip()
            if found := loaded_cpu.search(line):
                self.cpu_module = found[1]
            if found := repacked.search(line):
                self.repacked += round(float(found[1]) * 2**20)
            if level == _ERROR:
                self.errors.append(line)
            if level in (_WARNING, _ERROR):
                print(line, file=sys.stderr, flush=True)  # noqa: T201 - stderr is our log

        callback = self.c.llama_log_callback(log)
        self.c.llama_log_set(callback, None)
        return callback

    def _take_abort(self) -> object:
        """Print ggml's last words before it aborts the process."""

        def abort(message: bytes | None) -> None:
            text = (message or b"").decode("utf-8", "replace")
            print(f"ggml: {text}", file=sys.stderr, flush=True)  # noqa: T201 - stderr is our log

        callback = _ABORT_CALLBACK(abort)
        setter = self._lib.ggml_set_abort_callback
        setter.argtypes, setter.restype = [_ABORT_CALLBACK], ctypes.c_void_p
        setter(callback)
        return callback

    def _declare_ggml(self) -> None:
        size = ctypes.POINTER(ctypes.c_size_t)
        for name, arguments, result in (
            ("ggml_commit", [], ctypes.c_char_p),
            ("ggml_backend_load", [ctypes.c_char_p], ctypes.c_void_p),
            ("ggml_backend_dev_count", [], ctypes.c_size_t),
            ("ggml_backend_dev_get", [ctypes.c_size_t], ctypes.c_void_p),
            ("ggml_backend_dev_type", [ctypes.c_void_p], ctypes.c_int),
            ("ggml_backend_dev_name", [ctypes.c_void_p], ctypes.c_char_p),
            ("ggml_backend_dev_description", [ctypes.c_void_p], ctypes.c_char_p),
            ("ggml_backend_dev_memory", [ctypes.c_void_p, size, size], None),
        ):
            function = getattr(self._lib, name)
            function.argtypes, function.restype = arguments, result

    def _find_devices(self) -> tuple[Device, ...]:
        lib = self._lib
        found = []
        for index in range(lib.ggml_backend_dev_count()):
            device = lib.ggml_backend_dev_get(index)
            free, total = ctypes.c_size_t(), ctypes.c_size_t()
            lib.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
            found.append(
                Device(
                    kind=_DEVICE_KINDS.get(lib.ggml_backend_dev_type(device), "other"),
                    name=_text(lib.ggml_backend_dev_name(device)),
                    description=_text(lib.ggml_backend_dev_description(device)),
                    memory=total.value,
                    free=free.value,
                )
            )
        return tuple(found)


def text_of(call: Callable[[Any, int], int], size: int = 256) -> str | None:
    """Return the text that a C function of the ``(buffer, size) -> length`` kind writes.

    None when it returns a negative length: there is no such text.
    """
    while True:
        buffer = ctypes.create_string_buffer(size)
        length = call(buffer, size)
        if length < 0:
            return None
        if length < size:
            return buffer.raw[:length].decode("utf-8", "replace")
        size = length + 1


def _text(value: bytes | None) -> str:
    return (value or b"").decode("utf-8", "replace")


def _register_bare_package() -> None:
    """Make the ctypes layer importable without its package's imports."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise LibraryError("llama-cpp-python is not installed")
    folders = list(spec.submodule_search_locations)
    package = types.ModuleType("llama_cpp")
    package.__path__ = folders
    package.__spec__ = spec  # who looks for the package again finds it
    sys.modules.setdefault("llama_cpp", package)


@contextlib.contextmanager
def _bare_extensions() -> Iterator[None]:
    """Stand in for typing_extensions, of which the ctypes layer takes a name that typing has.

    The whole of it is imported three times as long as that layer.
    """
    name = "typing_extensions"
    if name in sys.modules:
        yield
        return
    module = sys.modules[name] = types.ModuleType(name)
    vars(module)["TypeAlias"] = TypeAlias
    try:
        yield
    finally:
        del sys.modules[name]  # who needs more of it gets it


def _cpu_module(*, plain: bool) -> Path | None:
    """Return the module to load for this processor; None for a build that has it linked in.

    llama.cpp's own search would also look into the current directory, and load whatever
    else lies beside the module: graphics drivers, too. ``plain``: the simplest one.
    """
    for folder in backends.folders():
        scored = [
            (score, path)
            for path in sorted((*folder.glob("*ggml-cpu-*.so"), *folder.glob("*ggml-cpu-*.dll")))
            if (score := _score(path)) > 0
        ]
        if scored:
            return (min if plain else max)(scored)[1]
    return None


def _score(path: Path) -> int:
    """Return how well a module suits this processor, 0 when not at all."""
    try:
        return int(ctypes.CDLL(str(path)).ggml_backend_score())
    except (OSError, AttributeError):
        return 0
