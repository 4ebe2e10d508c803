"""The rules bite: breaches planted in a copy of the tree turn each of the three guards red."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin_rules.sources import PACKAGES, ROOT

_SENTENCES = "tests/architecture/test_sentences.py"
_LOADED = "tests/architecture/test_loaded_modules.py"
_PLANTED = {
    "app/hanlin/kernel/clock.py": "import PySide6.QtCore\ndef late():\n    import hanlin.services",
    "app/hanlin/services/__init__.py": "import llama_cpp\ndef late():\n    import keyring",
    "app/hanlin/domain/ids.py": "def late():\n    import hanlin.engine.worker.__main__, apsw",
    "models/hanlin_models/gguf.py": "import http.client\ndef late():\n    import hanlin_ui",
}
_BROKEN_CONTRACTS = {
    "The window stands on the model library, which stands on the application",
    "Inside the application every arrow points down",
    "Nobody imports a program that runs as a child",
    "PySide6 is imported by the window only",
    "llama.cpp is touched by the engine worker only",
    "The keyring is asked by the vault only",
    "The database driver is used by the store only",
    "The Hub, HTTP and TLS live in the fetcher only",
}
_BROKEN_SENTENCES = {
    "test_the_application_knows_no_qt[hanlin]",
    "test_only_the_worker_knows_llama_cpp[hanlin]",
    "test_only_the_fetcher_knows_the_network[hanlin_models]",
    "test_only_the_vault_knows_the_keyring[hanlin]",
    "test_only_the_store_knows_the_database_driver[hanlin]",
    "test_the_kernel_knows_nobody",
}


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _copy_to(tmp_path_factory.mktemp("clean"))


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = _copy_to(tmp_path_factory.mktemp("planted"))
    for file, lines in _PLANTED.items():
        with (root / file).open("a", encoding="utf-8") as source:
            source.write(f"\n{lines}\n")
    return root


def _copy_to(root: Path) -> Path:
    """Copy everything the guards read."""
    ignored = shutil.ignore_patterns("__pycache__", "*.gguf", "test_breaches.py")
    for folder in (*PACKAGES.values(), "tests/architecture", "tests/support"):
        shutil.copytree(ROOT / folder, root / folder, ignore=ignored)
    for file in ("pyproject.toml", "tests/conftest.py"):
        shutil.copy(ROOT / file, root / file)
    return root


def _import_linter(root: Path) -> subprocess.CompletedProcess[str]:
    return _run(root, str(Path(sys.executable).with_name("lint-imports")))


def _pytest(root: Path, file: str) -> subprocess.CompletedProcess[str]:
    return _run(root, sys.executable, "-P", "-m", "pytest", "-vv", "-p", "no:cacheprovider", file)


def _run(root: Path, *command: str) -> subprocess.CompletedProcess[str]:
    # Before site-packages, where the real tree is named.
    roots = os.pathsep.join(str(root / folder.split("/")[0]) for folder in PACKAGES.values())
    environment = {**os.environ, "PYTHONPATH": roots, "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(
        command, cwd=root, capture_output=True, text=True, env=environment, check=False
    )


def _red(output: str) -> set[str]:
    """Return the names of the tests that failed."""
    lines = (line for line in output.splitlines() if line.startswith("FAILED ") and "::" in line)
    return {line.split("::")[1].split(" - ")[0] for line in lines}


def test_the_untouched_copy_is_clean(clean: Path) -> None:
    for guard in (_import_linter(clean), _pytest(clean, _SENTENCES), _pytest(clean, _LOADED)):
        assert guard.returncode == 0, guard.stdout + guard.stderr


def test_import_linter_finds_every_planted_breach(planted: Path) -> None:
    done = _import_linter(planted)
    assert done.returncode == 1, done.stdout + done.stderr
    said = " ".join(done.stdout.split())
    assert {name for name in _BROKEN_CONTRACTS if f"{name} BROKEN" in said} == _BROKEN_CONTRACTS


def test_the_sentences_find_every_planted_breach(planted: Path) -> None:
    done = _pytest(planted, _SENTENCES)
    assert _red(done.stdout) >= _BROKEN_SENTENCES, done.stdout + done.stderr


def test_what_is_loaded_shows_the_planted_breaches(planted: Path) -> None:
    done = _pytest(planted, _LOADED)
    assert len(_red(done.stdout)) == 2, done.stdout + done.stderr
    for name in ("'PySide6.QtCore'", "'llama_cpp.llama'", "'http.client'", "'numpy'"):
        assert name in done.stdout
