"""The frozen program dist/hanlin: one folder that runs without Python being installed.

Packing it for a system is the work of ``portable``, ``debian``, ``appimage``, ``windows``
and ``macos``; what is inside is decided in ``packaging/pyinstaller``.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from devtools.console import follow, tell
from devtools.environment import MAIN
from devtools.places import BUILD, DIST, ROOT

PROGRAM: Final = DIST / "hanlin"
_MAGIC: Final = b"\x7fELF"


def freeze() -> Path:
    """Freeze the program into dist/hanlin and return the folder. Raises Failure."""
    shutil.rmtree(PROGRAM, ignore_errors=True)
    folders = ["--distpath", str(DIST), "--workpath", str(BUILD / "pyinstaller")]
    spec = ROOT / "packaging/pyinstaller/hanlin.spec"
    follow(
        [MAIN.python, "-m", "PyInstaller", "--noconfirm", "--clean", *folders, spec],
        "Freezing the program",
        BUILD / "pyinstaller.log",
        environment=repeatable(),
    )
    if sys.platform == "linux":
        _strip()
    size = sum(file.stat().st_size for file in PROGRAM.rglob("*") if not file.is_symlink())
    tell(f"{PROGRAM}: {size / 1e6:.0f} MB")
    return PROGRAM


def repeatable() -> Mapping[str, str]:
    """Return the environment in which two builds of one commit are the same bytes."""
    # No hash seed, no clock of the day, and dates in the same place.
    fixed = {"PYTHONHASHSEED": "1", "SOURCE_DATE_EPOCH": str(time_of_commit()), "TZ": "UTC"}
    return {**os.environ, **fixed}


@cache
def time_of_commit() -> int:
    """Return when the checkout's commit was made, 0 where nobody can tell."""
    git = shutil.which("git")
    if git is None:
        return 0
    command = [git, "log", "-1", "--format=%ct"]
    head = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return int(head.stdout.strip() or 0)


def version() -> str:
    """Return the program's version."""
    text = (ROOT / "app/hanlin/__init__.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "([^"]+)"', text, re.MULTILINE)
    if found is None:
        raise ValueError("hanlin/__init__.py names no version")
    return found[1]


def is_native_code(file: Path) -> bool:
    """Tell whether ``file`` is a Linux program or library."""
    if not file.is_file() or file.is_symlink():
        return False
    with file.open("rb") as stream:
        return stream.read(len(_MAGIC)) == _MAGIC


def _strip() -> None:
    """Take the names for debuggers out of the libraries (of a Python built here, 20 MB)."""
    program = shutil.which("strip")
    if program is None:
        return
    # Not the two programs: PyInstaller appends their Python modules to them.
    for file in sorted((PROGRAM / "_internal").rglob("*.so*")):
        if is_native_code(file):
            subprocess.run([program, "--strip-unneeded", "-p", str(file)], check=True)
