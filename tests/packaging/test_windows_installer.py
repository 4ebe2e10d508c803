"""The installer's script: compiled with a stand-in for the program, and run under wine.

The stand-in has the program's file names. What only Windows can show (shortcuts in the
menu, the question at the end, a program in use) is not shown here.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from devtools import windows

_PATIENCE = 120
"""Seconds for one program under wine."""
pytestmark = [
    pytest.mark.timeout(1800),
    pytest.mark.skipif(shutil.which("makensis") is None, reason="makensis (nsis) is not installed"),
]


def _payload(folder: Path, version: str) -> Path:
    """Return a folder that has the frozen program's shape."""
    program = folder / f"payload {version}"
    (program / "_internal").mkdir(parents=True)
    for name in ("hanlin.exe", "hanlin-child.exe"):
        (program / name).write_text(version, encoding="utf-8")
    (program / "_internal" / f"only-in-{version}.txt").write_text("x", encoding="utf-8")
    return program


@pytest.fixture(scope="module")
def setups(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Return an installer and its successor."""
    folder = tmp_path_factory.mktemp("setups")
    made = []
    for version in ("one", "two"):
        target = folder / f"hanlin-{version}-setup.exe"
        windows.compile_installer(_payload(folder, version), target, wide=True)
        made.append(target)
    return made[0], made[1]


def test_the_script_compiles_as_it_does_on_windows(tmp_path: Path) -> None:
    target = tmp_path / "hanlin-setup.exe"
    windows.compile_installer(_payload(tmp_path, "one"), target)
    assert target.read_bytes()[:2] == b"MZ"


class Wine:
    """A Windows of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        own = {"WINEPREFIX": str(folder), "WINEDEBUG": "-all", "HOME": str(folder.parent)}
        # No window for the missing .NET and browser, which nothing here needs.
        own["WINEDLLOVERRIDES"] = "mscoree,mshtml="
        self._environment = {**os.environ, **own}

    def run(self, *words: object) -> int:
        """Run a program and what it leaves behind; skip the test where wine itself hangs."""
        try:
            code = self._wait_for("wine", *map(str, words))
            # The processes that a program leaves to finish its work: an uninstaller's copy.
            self._wait_for("wineserver", "-w")
        except subprocess.TimeoutExpired:
            self.end()
            pytest.skip(f"wine hangs at {words[0]}")
        return code

    def end(self) -> None:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._wait_for("wineserver", "-k")

    def _wait_for(self, *command: str) -> int:
        # No pipes: wine's services keep them open when the program has ended.
        nothing = subprocess.DEVNULL
        return subprocess.run(
            command,
            env=self._environment,
            stdin=nothing,
            stdout=nothing,
            stderr=nothing,
            timeout=_PATIENCE,
            check=False,
        ).returncode

    @property
    def local(self) -> Path:
        """Return the person's folder for programs and data."""
        return next((self.folder / "drive_c/users").glob("*/AppData/Local"))

    def knows(self, key: str) -> bool:
        return self.run("reg", "query", key) == 0


@pytest.fixture
def wine(tmp_path: Path) -> Iterator[Wine]:
    if shutil.which("wine") is None or shutil.which("wineserver") is None:
        pytest.skip("wine is not installed")
    system = Wine(tmp_path / "wine")
    if system.run("wineboot", "--init"):
        system.end()
        pytest.skip("wine does not start here")
    yield system
    system.end()


_UNINSTALL = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Hanlin"


def test_it_installs_upgrades_and_goes_without_a_word(
    wine: Wine, setups: tuple[Path, Path]
) -> None:
    installed = wine.local / "Programs/Hanlin"
    chats = wine.local / "hanlin/hanlin.db"
    chats.parent.mkdir()
    chats.write_text("chats", encoding="utf-8")
    assert wine.run(setups[0], "/S") == 0
    assert (installed / "hanlin.exe").read_text(encoding="utf-8") == "one"
    assert (installed / "_internal/only-in-one.txt").exists()
    assert wine.knows(_UNINSTALL)

    assert wine.run(setups[1], "/S") == 0
    assert (installed / "hanlin.exe").read_text(encoding="utf-8") == "two"
    assert [path.name for path in (installed / "_internal").iterdir()] == ["only-in-two.txt"]

    assert wine.run(installed / "uninstall.exe", "/S") == 0
    assert not installed.exists()
    assert not wine.knows(_UNINSTALL)
    assert chats.read_text(encoding="utf-8") == "chats"


def test_conversations_go_when_that_is_asked_for(wine: Wine, setups: tuple[Path, Path]) -> None:
    chats = wine.local / "hanlin/hanlin.db"
    chats.parent.mkdir()
    chats.write_text("chats", encoding="utf-8")
    assert wine.run(setups[0], "/S") == 0
    assert wine.run(wine.local / "Programs/Hanlin/uninstall.exe", "/S", "/ALLDATA") == 0
    assert not chats.parent.exists()


def test_a_folder_full_of_other_things_is_left_alone(wine: Wine, setups: tuple[Path, Path]) -> None:
    folder = wine.folder / "drive_c/other"
    (folder / "_internal").mkdir(parents=True)
    (folder / "_internal/mine.txt").write_text("mine", encoding="utf-8")
    assert wine.run(setups[0], "/S", r"/D=C:\other") != 0
    assert (folder / "_internal/mine.txt").exists()
    assert not (folder / "hanlin.exe").exists()
