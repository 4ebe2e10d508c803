"""The folder for USB sticks, and what a person's computer may be like when it starts there.

``dev.py build portable`` runs these.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from hanlin.kernel import paths
from hanlin.store.connection import connect
from hanlin.store.conversations import Store
from hanlin.vault import Vault
from hanlin_fakes.clock import FakeClock

pytestmark = pytest.mark.timeout(300)
_NAME = "hanlin.exe" if sys.platform == "win32" else "hanlin"


@pytest.fixture(scope="module")
def stick(made: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a stick with the unpacked folder on it."""
    archive = made("portable")
    folder = tmp_path_factory.mktemp("stick") / "张 三" / "U 盘"
    folder.mkdir(parents=True)
    if archive.suffix == ".zip":
        shutil.unpack_archive(archive, folder)
    else:
        shutil.unpack_archive(archive, folder, filter="data")
    return folder


def _chat(
    program: Path, *words: str, says: str = "你好\n", environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Talk in a terminal, on a computer without a session bus."""
    own = {**os.environ, **(environment or {})}
    for name in ("DBUS_SESSION_BUS_ADDRESS", "HANLIN_DATA_DIR"):
        own.pop(name, None)
    return subprocess.run(
        [str(program), "--language", "en", *words, "chat"],
        input=says,
        env=own,
        capture_output=True,
        encoding="utf-8",
        check=False,
    )


def _titles(root: Path) -> list[str]:
    folders = paths.under(root)
    key = Vault(folders.keys, folders.database, lambda: None).open().key
    with Store.open(folders.database, key, FakeClock()) as store:
        return [conversation.title for conversation in store.conversations()]


def test_its_data_lies_beside_it_and_nowhere_else(stick: Path, sandboxed_home: Path) -> None:
    done = _chat(stick / "hanlin" / _NAME)
    assert done.returncode == 0, done.stderr
    assert len(_titles(stick / "hanlin/hanlin-data")) == 1
    left = [path for path in sandboxed_home.rglob("*") if "hanlin" in path.name]
    assert left == []


@pytest.mark.skipif(sys.platform == "win32", reason="a home on Windows can always be written")
def test_it_needs_no_home(stick: Path) -> None:
    # Nobody, root neither, can make a folder there.
    homeless = {name: "/proc/self/nothing" for name in os.environ if name.startswith("XDG_")}
    done = _chat(stick / "hanlin" / _NAME, environment={**homeless, "HOME": "/proc/self/nothing"})
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(sys.platform == "win32", reason="a home on Windows can always be written")
def test_installed_it_says_when_a_home_cannot_be_written(program: Path) -> None:
    homeless = {name: "/proc/self/nothing" for name in os.environ if name.startswith("XDG_")}
    done = _chat(program, environment={**homeless, "HOME": "/proc/self/nothing"})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "/proc/self/nothing" in done.stderr


def test_two_versions_do_not_see_each_other(stick: Path) -> None:
    second = stick / "hanlin 2"
    for file in (stick / "hanlin").rglob("*"):
        relative = file.relative_to(stick / "hanlin")
        if file.is_file() and relative.parts[0] != "hanlin-data":
            (second / relative).parent.mkdir(parents=True, exist_ok=True)
            os.link(file, second / relative)
    done = _chat(second / _NAME, says="Who are you?\n")
    assert done.returncode == 0, done.stderr
    assert _titles(second / "hanlin-data") == ["Who are you?"]
    assert "Who are you?" not in _titles(stick / "hanlin/hanlin-data")


def test_data_of_a_newer_version_is_refused_in_a_sentence_and_left(
    program: Path, data: Path
) -> None:
    assert _chat(program, "--data-dir", str(data)).returncode == 0
    folders = paths.under(data)
    key = Vault(folders.keys, folders.database, lambda: None).open().key
    connection = connect(folders.database, key)
    connection.pragma("user_version", 9_999)
    connection.close()
    before = folders.database.read_bytes()
    done = _chat(program, "--data-dir", str(data))
    assert done.returncode == 1
    assert "newer version" in done.stderr
    assert "Traceback" not in done.stderr
    assert folders.database.read_bytes() == before
