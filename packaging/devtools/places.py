"""Where things lie in the checkout. Making them is the work of the modules that own them."""

import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[2]
SOURCE_ROOTS: Final = tuple(ROOT / name for name in ("app", "ui", "models", "resources"))
VENV: Final = ROOT / ".venv"
CORE_VENV: Final = VENV / "core"
"""The environment without Qt and without llama.cpp, in which the unit tests run."""
TOOLS_VENV: Final = VENV / "tools"
"""Holds uv, which would remove itself from the environment it makes."""
DIST: Final = ROOT / "dist"
BUILD: Final = ROOT / "build"


def python_of(venv: Path) -> Path:
    """Return the interpreter of the environment ``venv``."""
    return venv / "Scripts/python.exe" if sys.platform == "win32" else venv / "bin/python"


def site_packages_of(venv: Path) -> Path:
    """Return the folder in which the environment ``venv`` holds its packages."""
    if sys.platform == "win32":
        return venv / "Lib/site-packages"
    # Not this interpreter's version: the environment may have been made by another one.
    return next((venv / "lib").glob("python3.*/site-packages"))
