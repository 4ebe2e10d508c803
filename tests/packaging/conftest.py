"""What ``dev.py build`` made and hands over in variables; without it these tests say why."""

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest


def _made(what: str) -> Path:
    path = os.environ.get(f"HANLIN_{what.upper()}")
    if not path:
        word = "portable" if what == "program" else what
        pytest.skip(f"`dev.py build {word}` makes what this tries, and runs it")
    return Path(path)


@pytest.fixture(scope="session")
def made() -> Callable[[str], Path]:
    """Return what leads to a thing that was made, such as ``deb``; skips where it was not."""
    return _made


@pytest.fixture(scope="session")
def frozen() -> Path:
    """Return the folder of the frozen program."""
    return _made("program")


@pytest.fixture
def program(frozen: Path) -> Path:
    """Return the frozen program."""
    return frozen / ("hanlin.exe" if sys.platform == "win32" else "hanlin")


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Return a data folder of the kind people have."""
    return tmp_path / "张 三" / "资料 夹"
