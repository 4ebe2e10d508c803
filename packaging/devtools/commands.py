"""The words after ``dev.py``, and what each of them calls."""

import io
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from devtools import artefacts, checks, locks, ocr, stages, system, vulkan
from devtools.console import Failure, tell
from devtools.environment import MAIN
from devtools.places import ROOT, site_packages_of

_USAGE: Final = """\
usage: python3 packaging/dev.py COMMAND

  run [WORDS...]        set everything up and open the window; words go to the program:
                        run ask "你好". Without a display: the conversation in the terminal
  test [ARGS...]        set everything up and pass the tests; pytest's arguments are passed on
  sync                  make or refresh .venv, with what the tests need
  check                 format, lint, types, import rules
  build WHAT [WHAT...]  freeze the program into dist/hanlin, pack it, and try what came out:
                        portable   a folder for USB sticks that keeps its data beside itself
                        deb        the package for Debian and Ubuntu
                        appimage [--runtime FILE]   one file for any Linux; without the runtime
                                   that devtools/appimage.py pins, its payload
                        windows    the installer (on Windows, with NSIS)
                        macos      the disk image (on macOS)
  build vulkan [--sdk FOLDER]
                        compile llama.cpp's module for graphics cards; FOLDER holds newer headers
  build ocr             download the wheels that read the text of pictures into one file
  messages              collect the texts to translate, compile the translations
  lock                  write the lock files anew, with today's versions
"""


def main(words: Sequence[str]) -> int:
    """Do what ``words`` say; return the exit code: 2 for words that say nothing, 3 for a need."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # Windows would use its old code pages
            stream.reconfigure(encoding="utf-8", errors="replace")
    command = _COMMANDS.get(words[0]) if words else None
    if command is None:
        tell(_USAGE)
        return 0 if words and words[0] in ("-h", "--help", "help") else 2
    try:
        return command(words[1:])
    except Failure as failure:
        print(failure.message, file=sys.stderr, flush=True)
        return failure.code
    except KeyboardInterrupt:
        return 130


def _run(words: Sequence[str]) -> int:
    display = system.has_display()
    window = display or system.is_root_on_debian()
    system.provide(MAIN.purpose | (system.Purpose.WINDOW if window else system.Purpose(0)))
    MAIN.provide(["runtime"])
    if display:
        system.check_libraries(_qt_files())
    # -P: the folder one stands in is no place to import from.
    command = [str(MAIN.python), "-P", "-m", "hanlin", *words]
    if sys.platform == "win32":  # there, exec would give the shell its prompt back
        return subprocess.run(command, check=False).returncode
    return os.execv(command[0], command)  # noqa: S606 - the program takes this process over


def _test(words: Sequence[str]) -> int:
    system.provide(MAIN.purpose | system.Purpose.WINDOW | system.Purpose.TEST)
    MAIN.provide(["runtime", "test"])
    system.check_libraries(_qt_files())
    return stages.run(words)


def _sync(words: Sequence[str]) -> int:
    _refuse(words)
    system.provide(MAIN.purpose)
    MAIN.provide(["runtime", "test"])
    tell(f"Ready: {MAIN.folder}")
    return 0


def _check(words: Sequence[str]) -> int:
    _refuse(words)
    system.provide(MAIN.purpose)
    MAIN.provide(["runtime", "test"])
    return checks.run()


def _build(words: Sequence[str]) -> int:
    if words[:1] == ["vulkan"] and len(words) in (1, 3) and words[1:2] in ([], ["--sdk"]):
        system.provide(MAIN.purpose)
        MAIN.provide(["runtime", "test"])
        return vulkan.build(Path(words[2]).absolute() if words[2:] else None)
    if words == ["ocr"]:
        system.provide(MAIN.purpose)
        MAIN.provide(["runtime", "test"])
        return ocr.build()
    wanted = artefacts.order(words)
    system.provide(MAIN.purpose | wanted.purpose)
    MAIN.provide(["runtime", "test", "build"])
    return artefacts.build(wanted)


def _messages(words: Sequence[str]) -> int:
    _refuse(words)
    system.provide(MAIN.purpose)
    MAIN.provide(["runtime", "test"])
    command = [str(MAIN.python), "-m", "devtools.messages"]
    return subprocess.run(command, cwd=ROOT / "packaging", check=False).returncode


def _lock(words: Sequence[str]) -> int:
    _refuse(words)
    locks.write()
    return 0


def _refuse(words: Sequence[str]) -> None:
    if words:
        raise Failure(f"This command takes no further words: {' '.join(words)}", 2)


def _qt_files() -> list[Path]:
    qt = site_packages_of(MAIN.folder) / "PySide6"
    platforms = (qt / "Qt/plugins/platforms").glob("libq*.so")
    wanted = ("libqxcb", "libqoffscreen", "libqwayland")
    return [
        *qt.glob("QtWidgets*.so"),
        *(file for file in platforms if file.name.startswith(wanted)),
    ]


_COMMANDS: Final[dict[str, Callable[[Sequence[str]], int]]] = {
    "run": _run,
    "test": _test,
    "sync": _sync,
    "check": _check,
    "build": _build,
    "messages": _messages,
    "lock": _lock,
}
