"""The Python environments: made by the standard library, filled by uv from the lock files.

Each is stamped with what it was filled from, so that a second run costs next to
nothing. What the computer itself must have is the business of ``system``.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
import venv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devtools import system
from devtools.console import Failure, follow, tell
from devtools.places import (
    CORE_VENV,
    ROOT,
    SOURCE_ROOTS,
    TOOLS_VENV,
    VENV,
    python_of,
    site_packages_of,
)

LOCKS: Final = {
    "runtime": ROOT / "requirements.lock",
    "test": ROOT / "tests/requirements.lock",
    "build": ROOT / "packaging/requirements.lock",
}
TOOLS_LOCK: Final = ROOT / "packaging/tools.lock"
ENGINE: Final = "llama-cpp-python"
"""What llama.cpp comes with."""
_NOT_IN_CORE: Final = frozenset({ENGINE, "pyside6-essentials", "shiboken6", "pytest-qt"})
_ENTRY: Final = re.compile(r"^([A-Za-z0-9][\w.-]*)==(\S+)")
_COMPILED: Final = re.compile(r"\[(\d+)/(\d+)\]")


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment and what is left out of it."""

    folder: Path
    leave_out: frozenset[str] = frozenset()

    @property
    def python(self) -> Path:
        """The environment's interpreter."""
        return python_of(self.folder)

    @property
    def _stamp(self) -> Path:
        return self.folder / ".hanlin-synced.json"

    @property
    def purpose(self) -> system.Purpose:
        """What making this environment asks of the computer."""
        purpose = system.Purpose(0)
        if not (self.python.exists() and TOOLS_VENV.exists()):
            purpose |= system.Purpose.SETUP
        if self._engine_must_be_built():
            purpose |= system.Purpose.COMPILE
        return purpose

    def provide(self, groups: Iterable[str]) -> None:
        """Fill the environment from the locks of ``groups``; groups it already has stay.

        Costs milliseconds when nothing changed. The computer must already serve
        ``purpose``. Raises Failure.
        """
        wanted = sorted(set(groups) | set(self._synced_groups()))
        fingerprint = self._fingerprint(wanted)
        if self.python.exists() and self._synced() == (wanted, fingerprint):
            return
        self._stamp.unlink(missing_ok=True)
        _make(self.folder)
        # The sources themselves are importable from where they lie.
        paths = "".join(f"{root}\n" for root in SOURCE_ROOTS)
        pth = site_packages_of(self.folder) / "hanlin-source.pth"
        pth.write_text(paths, encoding="utf-8")
        self._sync(wanted)
        self._compile_for_children()
        content = {"groups": wanted, "fingerprint": fingerprint}
        self._stamp.write_text(json.dumps(content), encoding="utf-8")

    def _synced(self) -> tuple[list[str], str]:
        try:
            content = json.loads(self._stamp.read_text(encoding="utf-8"))
            return list(content["groups"]), str(content["fingerprint"])
        except (OSError, ValueError, KeyError, TypeError):
            return [], ""

    def _synced_groups(self) -> list[str]:
        return self._synced()[0]

    def _fingerprint(self, groups: Iterable[str]) -> str:
        digest = hashlib.sha256(repr((str(ROOT), sorted(self.leave_out))).encode())
        for file in (ROOT / "pyproject.toml", TOOLS_LOCK, *(LOCKS[group] for group in groups)):
            digest.update(file.read_bytes())
        return digest.hexdigest()

    def _sync(self, groups: Iterable[str]) -> None:
        installer = uv()
        locks = [self.lock_without_left_out(LOCKS[group]) for group in groups]
        doing = "Installing Python packages"
        if self._engine_must_be_built():
            tell(
                "llama.cpp is compiled once for this computer: 5 to 10 minutes on 2 cores.\n"
                "Later starts take seconds."
            )
            doing = "Compiling llama.cpp"
        follow(
            [
                installer,
                "pip",
                "sync",
                "--verbose",
                "--require-hashes",
                "--python",
                self.python,
                *locks,
            ],
            doing,
            self.folder / "sync.log",
            environment=_uv_environment(),
            progress=_compiled_files,
        )

    def _compile_for_children(self) -> None:
        """Leave bytecode for what only children import: their sandbox lets them write none."""
        engine = site_packages_of(self.folder) / "llama_cpp"
        folders = [folder for folder in (engine, ROOT / "app") if folder.is_dir()]
        subprocess.run([self.python, "-m", "compileall", "-q", *folders], check=False)

    def lock_without_left_out(self, lock: Path) -> Path:
        """Return ``lock``, or a copy of it in the environment that lacks what is left out."""
        if not self.leave_out:
            return lock
        kept: list[str] = []
        keeping = True
        for line in lock.read_text(encoding="utf-8").splitlines(keepends=True):
            if entry := _ENTRY.match(line):
                keeping = entry[1] not in self.leave_out
            if keeping:
                kept.append(line)
        reduced = self.folder / f"{lock.parent.name}.lock"
        reduced.write_text("".join(kept), encoding="utf-8")
        return reduced

    def _engine_must_be_built(self) -> bool:
        if ENGINE in self.leave_out:
            return False
        if not self.python.exists():
            return True
        info = f"{ENGINE.replace('-', '_')}-{locked(ENGINE)}.dist-info"
        return not (site_packages_of(self.folder) / info).is_dir()


MAIN: Final = Environment(VENV)
"""Everything: the program, its tests, its freezer."""
CORE: Final = Environment(CORE_VENV, _NOT_IN_CORE)
"""No Qt and no llama.cpp: what is tested here cannot lean on them."""


def locked(package: str) -> str:
    """Return the version of ``package`` that the program is locked to."""
    entries = map(_ENTRY.match, LOCKS["runtime"].read_text(encoding="utf-8").splitlines())
    return next(entry[2] for entry in entries if entry and entry[1] == package)


def uv() -> Path:
    """Return the uv of the checkout's own, installed at the first call."""
    _make(TOOLS_VENV, with_pip=True)
    program = python_of(TOOLS_VENV).with_name("uv.exe" if sys.platform == "win32" else "uv")
    if not program.exists():
        words = ["-m", "pip", "install", "--disable-pip-version-check", "--require-hashes", "-r"]
        follow(
            [python_of(TOOLS_VENV), *words, TOOLS_LOCK],
            "Installing uv",
            TOOLS_VENV / "install.log",
        )
    return program


def _make(folder: Path, *, with_pip: bool = False) -> None:
    if python_of(folder).exists():
        return
    try:
        venv.create(folder, with_pip=with_pip)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Failure(f"The Python environment {folder} could not be made: {error}") from error


def _compiled_files(line: str) -> str | None:
    count = _COMPILED.search(line)
    return f"{count[1]} of {count[2]} files" if count else None


def _uv_environment() -> dict[str, str]:
    """Return the environment for uv: pip's mirror is ours too, build settings are pyproject's."""
    # uv's cache does not see CMAKE_ARGS: with it one computer's build would pass for another's.
    environment = {key: value for key, value in os.environ.items() if key != "CMAKE_ARGS"}
    environment.setdefault("UV_HTTP_TIMEOUT", "180")
    if "UV_DEFAULT_INDEX" not in environment and (index := _index_of_pip()):
        environment["UV_DEFAULT_INDEX"] = index
    return environment


def _index_of_pip() -> str:
    """Return the package index that the person chose for pip, "" for none: uv does not look."""
    if named := os.environ.get("PIP_INDEX_URL"):
        return named
    command = [str(python_of(TOOLS_VENV)), "-m", "pip", "config", "get", "global.index-url"]
    answer = subprocess.run(command, capture_output=True, text=True, check=False)
    return answer.stdout.strip() if answer.returncode == 0 else ""
