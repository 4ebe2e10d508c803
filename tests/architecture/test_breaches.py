"""The rules bite: a breach planted in a copy of the tree turns each of the three guards red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin_rules.sources import PACKAGES, ROOT

_SENTENCES = "tests/architecture/test_sentences.py"
_LOADED = "tests/architecture/test_loaded_modules.py"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of everything the guards read."""
    root = tmp_path / "copy"
    ignored = shutil.ignore_patterns("__pycache__", "*.gguf", "test_breaches.py")
    for folder in (*PACKAGES.values(), "tests/architecture", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, root / file)
    return root


def _import_linter(root: Path) -> subprocess.CompletedProcess[str]:
    return _run(root, str(Path(sys.executable).with_name("lint-imports")))


def _pytest(root: Path, file: str) -> subprocess.CompletedProcess[str]:
    return _run(root, sys.executable, "-P", "-m", "pytest", "-q", "-p", "no:cacheprovider", file)


def _run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Before site-packages, where the real tree is named.
    roots = os.pathsep.join(str(root / folder.split("/")[0]) for folder in PACKAGES.values())
    environment = {**os.environ, "PYTHONPATH": roots, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, env=environment, check=False
    )


def test_the_untouched_copy_is_clean(copy: Path) -> None:
    for guard in (_import_linter(copy), _pytest(copy, _SENTENCES), _pytest(copy, _LOADED)):
        assert guard.returncode == 0, guard.stdout + guard.stderr


@pytest.mark.parametrize(
    ("file", "line", "linter_says", "seen_by"),
    [
        pytest.param(
            "app/hanlin/kernel/clock.py",
            "import PySide6.QtCore",
            "PySide6 is imported by the window only BROKEN",
            (_SENTENCES, _LOADED),
            id="Qt in the kernel",
        ),
        pytest.param(
            "app/hanlin/services/__init__.py",
            "import llama_cpp",
            "llama.cpp is touched by the engine worker only BROKEN",
            (_SENTENCES, _LOADED),
            id="llama.cpp in the services",
        ),
        pytest.param(
            "models/hanlin_models/gguf.py",
            "import http.client",
            "The Hub, HTTP and TLS live in the fetcher only BROKEN",
            (_SENTENCES, _LOADED),
            id="HTTP outside the fetcher",
        ),
        pytest.param(
            "app/hanlin/services/__init__.py",
            "def late():\n    import keyring",
            "The keyring is asked by the vault only BROKEN",
            (_SENTENCES,),
            id="the keyring in the services, inside a function",
        ),
        pytest.param(
            "app/hanlin/kernel/clock.py",
            "import hanlin.services",
            "Inside the application every arrow points down BROKEN",
            (_SENTENCES,),
            id="an arrow that points up",
        ),
        pytest.param(
            "models/hanlin_models/gguf.py",
            "import hanlin_ui",
            "The window stands on the model library, which stands on the application BROKEN",
            (),
            id="the window in the model library",
        ),
    ],
)
def test_a_planted_breach_is_found(
    copy: Path, file: str, line: str, linter_says: str, seen_by: tuple[str, ...]
) -> None:
    with (copy / file).open("a", encoding="utf-8") as source:
        source.write(f"\n{line}\n")
    linter = _import_linter(copy)
    assert linter.returncode == 1, linter.stdout + linter.stderr
    assert linter_says in " ".join(linter.stdout.split())
    for guard in seen_by:
        tests = _pytest(copy, guard)
        assert tests.returncode == 1, tests.stdout + tests.stderr
        assert "FAILED" in tests.stdout
