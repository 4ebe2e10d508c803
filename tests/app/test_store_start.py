"""The whole start of the program on a data folder in trouble: one sentence, nothing lost."""

import os
import queue
import sys
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.bootstrap import Application, open_application
from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin.kernel import paths
from hanlin.kernel.errors import KnownError
from hanlin.services.events import KeyProtected
from hanlin.vault import Keyring
from hanlin_fakes import disks
from hanlin_fakes.engine import ScriptedEngine


def start(folder: Path, keyring: Keyring | None = None) -> Application:
    engine = ScriptedEngine()
    try:
        return open_application(paths.under(folder), engine=engine, find_keyring=lambda: keyring)
    except BaseException:
        engine.close()
        raise


def talk(folder: Path) -> list[str]:
    """Leave a conversation behind; return its title."""
    app = start(folder)
    try:
        conversation = app.store.create_conversation("天气")
        parts = (Part(PartKind.TEXT, "今天天气怎么样？"),)
        app.store.add_message(conversation.id, None, Role.USER, Status.COMPLETE, parts)
        return titles(app)
    finally:
        app.close()


def titles(app: Application) -> list[str]:
    return [conversation.title for conversation in app.chat.conversations()]


def found_again(folder: Path) -> list[str]:
    app = start(folder)
    try:
        return titles(app)
    finally:
        app.close()


def files(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_a_folder_with_chinese_and_spaces(tmp_path: Path) -> None:
    folder = tmp_path / "张 三" / "资料 夹"
    assert talk(folder) == ["天气"]
    assert found_again(folder) == ["天气"]


def test_a_folder_that_may_not_be_written(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with disks.read_only(folder), pytest.raises(KnownError, match="may not be written"):
        start(folder)
    assert files(folder) == {}
    talk(folder)
    before = files(folder)
    with disks.read_only(folder), pytest.raises(KnownError, match="may not be written") as refused:
        start(folder)
    assert "start with another folder" in refused.value.hint
    assert files(folder) == before
    assert found_again(folder) == ["天气"]


def test_a_full_disk_at_the_very_first_start(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "2m") as folder:
        ballast = disks.fill(folder)
        with pytest.raises(KnownError, match="no room left"):
            start(folder)
        ballast.unlink()
        assert talk(folder) == ["天气"]


@pytest.mark.parametrize("leave", [0, 4096, 8192, 16384, 40960, 65536])
def test_a_disk_that_fills_up_between_two_starts(tmp_path: Path, leave: int) -> None:
    with disks.small_disk(tmp_path / "disk", "2m") as folder:
        talk(folder)
        ballast = disks.fill(folder, leave=leave)
        try:
            found = found_again(folder)
        except KnownError as error:
            said = str(error)
        else:
            said = ""
            assert found == ["天气"]
        assert said == "" or "no room left" in said
        ballast.unlink()
        assert found_again(folder) == ["天气"]


def test_a_key_file_that_is_gone(tmp_path: Path) -> None:
    talk(tmp_path)
    keys = paths.under(tmp_path).keys
    kept = {path: path.read_bytes() for path in keys.parent.glob("keys.json*")}
    for path in kept:
        path.unlink()
    before = files(tmp_path)
    with pytest.raises(KnownError, match="key file"):
        start(tmp_path)
    assert files(tmp_path) == before
    for path, content in kept.items():
        path.write_bytes(content)
    assert found_again(tmp_path) == ["天气"]


def test_a_keyring_that_hangs_and_comes_back(tmp_path: Path) -> None:
    class SlowKeyring:
        def __init__(self) -> None:
            self.free = threading.Event()
            self.free.set()
            self.entries: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            self.free.wait()
            return self.entries.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.entries[service, username] = password

    keyring = SlowKeyring()

    app = start(tmp_path, keyring)
    app.store.create_conversation("天气")
    assert app.protection.protected
    app.close()
    before = files(tmp_path)
    keyring.free.clear()
    with pytest.raises(KnownError, match="did not answer"):
        start(tmp_path, keyring)
    assert files(tmp_path) == before
    keyring.free.set()
    app = start(tmp_path, keyring)
    assert titles(app) == ["天气"]
    app.close()


def test_two_programs_on_one_folder_at_once(tmp_path: Path) -> None:
    window = start(tmp_path)
    terminal = start(tmp_path)
    terminal.store.create_conversation("from the terminal")
    window.store.create_conversation("from the window")
    assert titles(window) == titles(terminal) == ["from the window", "from the terminal"]
    terminal.close()
    assert titles(window) == ["from the window", "from the terminal"]
    window.close()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such rights")
def test_nobody_else_may_read_a_file_of_the_data_folder(tmp_path: Path) -> None:
    house = tmp_path / "house"

    def open_to_others() -> list[str]:
        return [
            f"{path.relative_to(house)} {path.stat().st_mode:o}"
            for path in sorted(house.rglob("*"))
            if path.stat().st_mode & 0o077
        ]

    before = os.umask(0)
    try:
        app = start(house)
        app.store.create_conversation("天气")
        assert {"hanlin.db", "hanlin.db-wal", "hanlin.db-shm"} <= {
            path.name for path in (house / "data").iterdir()
        }
        assert open_to_others() == []
        for path in house.rglob("*"):  # as an older version left them
            path.chmod(0o755 if path.is_dir() else 0o644)
        app.close()
        app = start(house)
        still = {one.rpartition(" ")[0] for one in open_to_others()}
        assert (
            still & {"data", "data/hanlin.db", "data/hanlin.db-wal", "data/hanlin.db-shm"} == set()
        )
        app.close()
    finally:
        os.umask(before)


def test_a_keyring_that_comes_later_gets_the_key_unless_the_folder_is_carried(
    tmp_path: Path,
) -> None:
    class LateKeyring:
        def __init__(self) -> None:
            self.entries: dict[tuple[str, str], str] = {}

        def get_password(self, service: str, username: str) -> str | None:
            return self.entries.get((service, username))

        def set_password(self, service: str, username: str, password: str) -> None:
            self.entries[service, username] = password

    keyring = LateKeyring()
    for carried in (True, False):
        talk(tmp_path)
        folders = replace(paths.under(tmp_path), carried=carried)
        app = open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: keyring)
        told: queue.SimpleQueue[KeyProtected] = queue.SimpleQueue()
        app.bus.subscribe(KeyProtected, told.put)
        app.protect_later()
        if not carried:
            told.get(timeout=30)
        app.close()
        assert app.protection.protected is not carried
    app = start(tmp_path, keyring)
    assert (app.protection.protected, titles(app)) == (True, ["天气", "天气"])
    app.close()


def test_states_go_with_their_conversation_and_with_the_room_for_them(tmp_path: Path) -> None:
    folders = paths.under(tmp_path)
    engine = ScriptedEngine()
    with open_application(folders, engine=engine, find_keyring=lambda: None) as app:
        conversation = app.store.create_conversation("kept").id
        app.kit.executor.close()  # the tidying of this start is over before anything is written
        states = app.kit.states
        assert states is not None
        for name in (conversation, "deleted"):
            writer = states.write(name, "f", 3)
            assert writer is not None
            writer.add(b"abc")
            writer.commit()
    assert len(list(folders.states.iterdir())) == 2
    with open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: None) as app:
        app.kit.executor.close()
        assert len(list(folders.states.iterdir())) == 1
    with open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: None) as app:
        app.settings.kept_states = 0
        app.kit.executor.close()
        assert list(folders.states.iterdir()) == []
