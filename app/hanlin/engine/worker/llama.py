"""The one door to llama.cpp: loads the library, its backends and its log.

Only the ctypes layer of llama-cpp-python is used; its package is registered bare,
because importing it the usual way pulls in numpy, jinja2 and diskcache. What is
done with a model belongs to ``model`` and ``session``.
"""

import collections
import ctypes
import importlib
import importlib.util
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from hanlin.engine.protocol import Device

_WARNING: Final = 3
_ERROR: Final = 4
_DEVICE_KINDS: Final = {0: "cpu", 1: "gpu", 2: "gpu", 3: "accelerator"}
_ABORT_CALLBACK: Final = ctypes.CFUNCTYPE(None, ctypes.c_char_p)


class LibraryError(Exception):
    """llama.cpp cannot be used on this computer; the text says why."""


class Llama:
    """The loaded library. One for the process; every call belongs to the engine's thread."""

    def __init__(self) -> None:
        """Load the library and the best backends. Raises LibraryError."""
        package = _register_bare_package()
        try:
            self.c: Any = importlib.import_module("llama_cpp.llama_cpp")
        except (OSError, RuntimeError, ImportError) as error:
            raise LibraryError(str(error)) from error
        self._lib: ctypes.CDLL = self.c._lib  # noqa: SLF001 - ggml is reached through this handle alone
        self.errors: collections.deque[str] = collections.deque(maxlen=40)
        """What llama.cpp said was wrong, newest last."""
        self.cpu_module = ""
        self._keep = (self._take_log(), self._take_abort())
        self._declare_ggml()
        for folder in _backend_folders(package):
            self._lib.ggml_backend_load_all_from_path(str(folder).encode())
            break
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

    def _take_log(self) -> object:
        """Let warnings and errors go to stderr, where the parent keeps the last lines."""
        loaded_cpu = re.compile(r"loaded CPU backend from .*?(?:lib)?ggml-cpu-(\w+)\.")

        def log(level: int, text: bytes | None, _data: object) -> None:
            line = (text or b"").decode("utf-8", "replace").rstrip()
            if found := loaded_cpu.search(line):
                self.cpu_module = found[1]
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
            ("ggml_backend_load_all_from_path", [ctypes.c_char_p], None),
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


def _register_bare_package() -> Path:
    """Make the ctypes layer importable without its package's imports; return the folder."""
    spec = importlib.util.find_spec("llama_cpp")
    if spec is None or not spec.submodule_search_locations:
        raise LibraryError("llama-cpp-python is not installed")
    folders = list(spec.submodule_search_locations)
    package = types.ModuleType("llama_cpp")
    package.__path__ = folders
    sys.modules.setdefault("llama_cpp", package)
    return Path(folders[0])


def _backend_folders(package: Path) -> list[Path]:
    """Return the folders with loadable CPU modules: none for a build made for one processor.

    llama.cpp's own search would also look into the current directory.
    """
    candidates = (package / "lib", package.parent / "bin", package.parent / "lib")
    return [
        folder
        for folder in candidates
        if any(folder.glob("*ggml-cpu-*.so")) or any(folder.glob("*ggml-cpu-*.dll"))
    ]
