"""The snippet child: runs one Python snippet, with the standard library and a scratch folder.

What it may touch was settled before this module was imported: no network, no program, no
file but the scratch folder's. Here are the limits that only a snippet needs.
"""

import builtins
import importlib.abc
import importlib.machinery
import linecache
import os
import sys
import threading
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType
from typing import Final

from hanlin.processes import child
from hanlin.processes.channel import Channel, Message
from hanlin.snippets.places import LARGEST_FILE, NAME, OUTPUT

if sys.platform != "win32":
    import resource

_OURS: Final = frozenset({"hanlin", "hanlin_models", "hanlin_resources", "hanlin_ui"})


def main(channel: Channel) -> int:
    """Run the one snippet that is sent; return the exit status."""
    return child.serve(channel, {"run": _on_run})


def _on_run(message: Message, payload: bytes) -> Mapping[str, object]:
    folder = Path(str(message["folder"]))
    os.chdir(folder)
    # C code and threads print on the descriptors, so these are what is redirected.
    target = os.open(folder / OUTPUT, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(target, 1)
    os.dup2(target, 2)
    os.close(target)
    if sys.platform != "win32":
        resource.setrlimit(resource.RLIMIT_FSIZE, (LARGEST_FILE, LARGEST_FILE))
    _only_the_standard_library(folder)
    return {"raised": _run(payload.decode("utf-8", "replace"))}


def _only_the_standard_library(folder: Path) -> None:
    """Let nothing else be imported but what lies in the scratch folder."""
    for name in [name for name in sys.modules if name.partition(".")[0] in _OURS]:
        del sys.modules[name]
    sys.path[:] = [str(folder), *(p for p in sys.path if "-packages" not in p)]
    sys.meta_path.insert(0, _Refusing(folder))


class _Refusing(importlib.abc.MetaPathFinder):
    """Finds nothing, and ends the search for what is not the standard library's."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        """Raise for foreign modules, leave the others to the finders behind."""
        del path, target
        first = name.partition(".")[0]
        own = (self._folder / first).exists() or (self._folder / f"{first}.py").exists()
        # sysconfig's own data, which zoneinfo asks for, is on no list.
        standard = first in sys.stdlib_module_names or first.startswith("_sysconfigdata_")
        if standard or own:
            return None
        text = f"No module named {name!r} (only Python's standard library is here)"
        raise ModuleNotFoundError(text, name=name)


def _run(source: str) -> bool:
    """Run ``source`` as a program; return whether it ended with an error, which is printed."""
    linecache.cache[NAME] = (len(source), None, source.splitlines(keepends=True), NAME)
    program = ModuleType("__main__")
    program.__dict__["__builtins__"] = builtins
    sys.modules["__main__"] = program
    sys.argv = [NAME]
    sys.stdout = sys.stderr = os.fdopen(1, "w", encoding="utf-8", errors="replace", buffering=1)
    raised = False
    try:
        exec(compile(source, NAME, "exec"), program.__dict__)  # noqa: S102 - that is the job
        for thread in threading.enumerate():
            if not thread.daemon and thread is not threading.main_thread():
                thread.join()
    except SystemExit as end:
        raised = end.code not in (None, 0)
        if isinstance(end.code, str):
            print(end.code)  # noqa: T201 - as Python does
    except BaseException as error:  # noqa: BLE001 - whatever it is, the person reads it
        raised = True
        trace = error.__traceback__
        traceback.print_exception(error.with_traceback(trace.tb_next if trace else None))
    try:
        sys.stdout.flush()
    except OSError:
        raised = True
    return raised
