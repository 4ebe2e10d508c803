"""Keys and keyrings: whatever a keyring does, nothing is lost and no second key is made."""

import base64
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from keyring.backends import SecretService, chainer, fail, null
from keyring.errors import KeyringLocked

from hanlin.kernel.errors import KnownError
from hanlin.vault import Keyring, Vault, backend_name, trusted
from hanlin_fakes import disks

SECONDS = 30.0
"""No test waits this long: only what is meant to hang gets a short limit."""


class GoodKeyring:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.entries: dict[tuple[str, str], str] = {}
        self.refusal: Exception | None = None

    def get_password(self, service: str, username: str) -> str | None:
        if self.refusal is not None:
            raise self.refusal
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password


class OtherKeyring(GoodKeyring):
    """Another one, as after a change of desktop."""


class ForgetfulKeyring(GoodKeyring):
    """Accepts everything and keeps nothing."""

    def set_password(self, service: str, username: str, password: str) -> None:
        pass


class AlteringKeyring(GoodKeyring):
    """Keeps something else."""

    def set_password(self, service: str, username: str, password: str) -> None:
        super().set_password(service, username, password[:-1])


class ThrowingKeyring(GoodKeyring):
    """Raises what it likes, as back ends do."""

    def get_password(self, service: str, username: str) -> str | None:
        raise OSError(f"D-Bus is gone: {service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        raise RuntimeError(f"{service}/{username}: {len(password)} letters are too many")


class HangingKeyring(GoodKeyring):
    """Waits for somebody who never comes, until the test ends."""

    def __init__(self, end: threading.Event) -> None:
        super().__init__()
        self.end = end

    def get_password(self, service: str, username: str) -> str | None:
        self.end.wait()
        return super().get_password(service, username)

    def set_password(self, service: str, username: str, password: str) -> None:
        self.end.wait()
        super().set_password(service, username, password)


class PlaintextKeyring(GoodKeyring):
    """A plug-in that writes secrets into a file."""


@pytest.fixture
def end_of_test() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


def vault(folder: Path, keyring: Keyring | None, limit_s: float = SECONDS) -> Vault:
    return Vault(folder / "keys.json", folder / "hanlin.db", lambda: keyring, limit_s)


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def data_folder(tmp_path: Path, keyring: Keyring) -> tuple[Path, bytes]:
    """Make a folder whose key lies in ``keyring``, with a database in it."""
    folder = tmp_path / "data"
    key = vault(folder, keyring).open().key
    (folder / "hanlin.db").write_bytes(b"somebody's conversations")
    return folder, key


def test_the_first_start_puts_the_key_into_the_keyring(tmp_path: Path) -> None:
    keyring = GoodKeyring()
    first = vault(tmp_path, keyring).open()
    assert first.protected
    assert first.slot == "os-keyring"
    assert len(first.key) == 32
    assert vault(tmp_path, keyring).open() == first
    assert first.key.hex() not in repr(first)
    assert repr(first.key) not in repr(first)


def test_the_key_is_on_the_disk_in_no_form_when_a_keyring_holds_it(tmp_path: Path) -> None:
    key = vault(tmp_path, GoodKeyring()).open().key
    stored = (tmp_path / "keys.json").read_text()
    slots = json.loads(stored)["slots"]
    assert [slot["kind"] for slot in slots] == ["os-keyring"]
    assert "key" not in slots[0]
    assert key.hex() not in stored


def test_two_data_folders_have_two_keys_in_one_keyring(tmp_path: Path) -> None:
    keyring = GoodKeyring()
    one, two = (vault(tmp_path / name, keyring).open() for name in ("one", "two"))
    assert one.key != two.key
    assert len(keyring.entries) == 2
    assert vault(tmp_path / "one", keyring).open() == one


@pytest.mark.parametrize(
    "keyring", [None, ForgetfulKeyring(), AlteringKeyring(), ThrowingKeyring()]
)
def test_without_a_usable_keyring_the_slot_is_open_and_says_so(
    tmp_path: Path, keyring: Keyring | None
) -> None:
    first = vault(tmp_path, keyring).open()
    assert not first.protected
    assert vault(tmp_path, keyring).open() == first
    assert vault(tmp_path, GoodKeyring()).open() == first


def test_a_keyring_that_hangs_at_the_first_start_is_given_up(
    tmp_path: Path, end_of_test: threading.Event
) -> None:
    unlocked = vault(tmp_path, HangingKeyring(end_of_test), limit_s=0.05).open()
    assert not unlocked.protected


def _deleted(keyring: GoodKeyring) -> Keyring:
    keyring.entries.clear()
    return keyring


def _wrong_value(keyring: GoodKeyring) -> Keyring:
    for name in keyring.entries:
        keyring.entries[name] = "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE="
    return keyring


def _not_base64(keyring: GoodKeyring) -> Keyring:
    for name in keyring.entries:
        keyring.entries[name] = "你好"
    return keyring


def _locked(keyring: GoodKeyring) -> Keyring:
    keyring.refusal = KeyringLocked("the collection is locked")
    return keyring


def _throws(keyring: GoodKeyring) -> Keyring:
    keyring.refusal = ValueError("anything")
    return keyring


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (lambda _keyring: None, "is not there"),
        (lambda _keyring: OtherKeyring(), "another keyring"),
        (lambda _keyring: trusted(PlaintextKeyring()), "is not there"),
        (_locked, "locked or refused"),
        (_throws, "locked or refused"),
        (_deleted, "no longer holds"),
        (_wrong_value, "no longer holds"),
        (_not_base64, "no longer holds"),
    ],
)
def test_trouble_with_the_keyring_is_a_sentence_and_changes_nothing(
    tmp_path: Path, trouble: Callable[[GoodKeyring], Keyring | None], sentence: str
) -> None:
    keyring = GoodKeyring()
    folder, _key = data_folder(tmp_path, keyring)
    before = contents(folder)
    troubled = trouble(keyring)
    for _attempt in range(100):
        with pytest.raises(KnownError, match=sentence) as caught:
            vault(folder, troubled).open()
        assert "Nothing was changed or lost" in caught.value.hint
    assert contents(folder) == before


def test_a_keyring_that_hangs_is_a_sentence_and_changes_nothing(
    tmp_path: Path, end_of_test: threading.Event
) -> None:
    hanging = HangingKeyring(end_of_test)
    folder = tmp_path / "data"
    good = GoodKeyring()
    vault(folder, good).open()
    keys = folder / "keys.json"
    for file in (keys, folder / "keys.json.bak"):
        file.write_text(file.read_text().replace(backend_name(good), backend_name(hanging)))
    before = contents(folder)
    with pytest.raises(KnownError, match="did not answer"):
        vault(folder, hanging, limit_s=0.05).open()
    assert contents(folder) == before


def test_a_search_for_a_keyring_that_hangs_is_given_up(
    tmp_path: Path, end_of_test: threading.Event
) -> None:
    def search() -> Keyring | None:
        end_of_test.wait()
        return None

    folder, _key = data_folder(tmp_path, GoodKeyring())
    with pytest.raises(KnownError, match="did not answer"):
        Vault(folder / "keys.json", folder / "hanlin.db", search, limit_s=0.05).open()


def test_after_the_trouble_the_key_is_the_same(tmp_path: Path) -> None:
    keyring = GoodKeyring()
    folder, key = data_folder(tmp_path, keyring)
    with pytest.raises(KnownError):
        vault(folder, None).open()
    assert vault(folder, keyring).open().key == key


def test_a_hanging_keyring_does_not_keep_the_program_from_ending(tmp_path: Path) -> None:
    program = """
import sys, threading
from pathlib import Path
from hanlin.vault import Vault
class Hanging:
    def get_password(self, service, username): threading.Event().wait()
    def set_password(self, service, username, password): threading.Event().wait()
folder = Path(sys.argv[1])
vault = Vault(folder / "keys.json", folder / "hanlin.db", Hanging, limit_s=0.05)
print(vault.open().protected)
"""
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert done.stdout.strip() == "False"


def test_a_missing_key_file_beside_a_database_makes_no_new_key(tmp_path: Path) -> None:
    (tmp_path / "hanlin.db").write_bytes(b"somebody's conversations")
    before = contents(tmp_path)
    with pytest.raises(KnownError, match="missing or damaged"):
        vault(tmp_path, GoodKeyring()).open()
    assert contents(tmp_path) == before


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b'{"version": 1, "slots": []}', b"\xff\xfe"])
def test_a_damaged_key_file_is_replaced_by_its_mirror_or_reported(
    tmp_path: Path, damage: bytes
) -> None:
    keyring = GoodKeyring()
    folder, key = data_folder(tmp_path, keyring)
    (folder / "keys.json").write_bytes(damage)
    assert vault(folder, keyring).open().key == key
    (folder / "keys.json.bak").write_bytes(damage)
    before = contents(folder)
    with pytest.raises(KnownError, match="missing or damaged"):
        vault(folder, keyring).open()
    assert contents(folder) == before


def test_a_damaged_open_slot_is_reported(tmp_path: Path) -> None:
    vault(tmp_path, None).open()
    for damage in ("AAAA", "你好", ""):
        content = {"version": 1, "slots": [{"kind": "open", "key": damage}]}
        (tmp_path / "keys.json").write_text(json.dumps(content))
        with pytest.raises(KnownError, match="missing or damaged"):
            vault(tmp_path, None).open()


def test_a_newer_key_file_is_refused_and_left_alone(tmp_path: Path) -> None:
    vault(tmp_path, None).open()
    newer = b'{"version": 2, "slots": [{"kind": "quantum"}]}'
    (tmp_path / "keys.json").write_bytes(newer)
    with pytest.raises(KnownError, match="newer version"):
        vault(tmp_path, None).open()
    assert (tmp_path / "keys.json").read_bytes() == newer


def test_a_recovery_code_opens_without_the_keyring(tmp_path: Path) -> None:
    keyring = GoodKeyring()
    folder, key = data_folder(tmp_path, keyring)
    code = vault(folder, keyring).add_recovery_code(vault(folder, keyring).open())
    assert len(code) == 8 * 4 + 7
    typed = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    unlocked = vault(folder, None).open_with_recovery_code(typed)
    assert (unlocked.key, unlocked.protected) == (key, True)
    with pytest.raises(KnownError, match="recovery code or passphrase"):
        vault(folder, None).open()
    assert vault(folder, keyring).open().key == key


def test_a_new_recovery_code_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    keys = vault(tmp_path, None)
    unlocked = keys.open()
    old, new = keys.add_recovery_code(unlocked), keys.add_recovery_code(unlocked)
    assert keys.open_with_recovery_code(new).key == unlocked.key
    with pytest.raises(KnownError, match="not it"):
        keys.open_with_recovery_code(old)
    for name in ("keys.json", "keys.json.bak"):
        kinds = [slot["kind"] for slot in json.loads((tmp_path / name).read_text())["slots"]]
        assert kinds == ["open", "recovery-code"]


def test_a_passphrase_opens_and_a_wrong_one_does_not(tmp_path: Path) -> None:
    keys = vault(tmp_path, GoodKeyring())
    unlocked = keys.open()
    keys.add_passphrase(unlocked, "床前明月光 42")
    assert keys.open_with_passphrase("床前明月光 42").key == unlocked.key
    before = contents(tmp_path)
    for wrong in ("", "床前明月光 43"):
        with pytest.raises(KnownError, match="not it"):
            keys.open_with_passphrase(wrong)
    with pytest.raises(KnownError, match="No such way"):
        keys.open_with_recovery_code("AAAA")
    assert contents(tmp_path) == before


@pytest.mark.parametrize("cost", [2**40, 0, -1, "1", None])
def test_a_meddled_cost_does_not_make_us_compute_for_hours(tmp_path: Path, cost: object) -> None:
    keys = vault(tmp_path, None)
    keys.add_passphrase(keys.open(), "x")
    content = json.loads((tmp_path / "keys.json").read_text())
    content["slots"][1]["cost"] = cost
    (tmp_path / "keys.json").write_text(json.dumps(content))
    with pytest.raises(KnownError):
        keys.open_with_passphrase("x")


def test_slots_cannot_be_exchanged(tmp_path: Path) -> None:
    keys = vault(tmp_path, None)
    keys.add_passphrase(keys.open(), "AAAA")
    path = tmp_path / "keys.json"
    path.write_text(path.read_text().replace('"passphrase"', '"recovery-code"'))
    with pytest.raises(KnownError, match="not it"):
        keys.open_with_recovery_code("AAAA")


def test_two_programs_that_start_at_once_agree_on_one_key(tmp_path: Path) -> None:
    start = threading.Barrier(6)
    keys: list[bytes] = []

    keyring = GoodKeyring()

    def begin() -> None:
        start.wait()
        keys.append(vault(tmp_path, keyring).open().key)

    threads = [threading.Thread(target=begin) for _n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(keys) == 6
    assert len(set(keys)) == 1


def test_a_folder_that_may_not_be_written_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with disks.read_only(folder), pytest.raises(KnownError, match="may not be written"):
        vault(folder, GoodKeyring()).open()
    assert contents(folder) == {}


def test_a_full_disk_at_the_first_start_is_said(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as folder:
        ballast = disks.fill(folder)
        with pytest.raises(KnownError, match="no room left"):
            vault(folder, GoodKeyring()).open()
        ballast.unlink()
        assert vault(folder, GoodKeyring()).open().protected


def made(kind: Callable[..., object]) -> object:
    return kind()


def test_only_keyrings_of_operating_systems_are_trusted() -> None:
    assert trusted(made(fail.Keyring)) is None
    assert trusted(made(null.Keyring)) is None
    assert trusted(PlaintextKeyring()) is None
    system = made(SecretService.Keyring)
    assert trusted(system) is system

    class Chain(chainer.ChainerBackend):
        backends = (PlaintextKeyring(), system)

    assert trusted(made(Chain)) is system


# A keyring that comes later


def with_open_slot(folder: Path) -> bytes:
    """Make a folder whose key lies open in it, with a database; return the key."""
    key = vault(folder, None).open().key
    (folder / "hanlin.db").write_bytes(b"somebody's conversations")
    return key


def test_an_open_key_moves_into_the_keyring_that_came_later(tmp_path: Path) -> None:
    key, keyring = with_open_slot(tmp_path), GoodKeyring()
    assert vault(tmp_path, keyring).protect()
    assert not vault(tmp_path, keyring).protect()
    unlocked = vault(tmp_path, keyring).open()
    assert (unlocked.key, unlocked.protected) == (key, True)
    for content in contents(tmp_path).values():
        assert base64.b64encode(key) not in content


@pytest.mark.parametrize(
    "keyring", [None, ForgetfulKeyring(), AlteringKeyring(), ThrowingKeyring()]
)
def test_a_keyring_not_to_be_relied_on_does_not_get_it(
    tmp_path: Path, keyring: Keyring | None
) -> None:
    key = with_open_slot(tmp_path)
    before = contents(tmp_path)
    assert not vault(tmp_path, keyring).protect()
    assert contents(tmp_path) == before
    assert vault(tmp_path, keyring).open().key == key


def test_the_other_ways_to_open_it_stay(tmp_path: Path) -> None:
    with_open_slot(tmp_path)
    opened = vault(tmp_path, None).open()
    code = vault(tmp_path, None).add_recovery_code(opened)
    assert vault(tmp_path, GoodKeyring()).protect()
    assert vault(tmp_path, None).open_with_recovery_code(code).key == opened.key


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_kill_at_any_moment_of_the_move_loses_no_key(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "hanlin_fakes.protecting", str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
        timeout=110,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 15


def test_the_right_mirror_is_not_overwritten_before_the_key_proved_right(tmp_path: Path) -> None:
    with_open_slot(tmp_path / "one")
    with_open_slot(tmp_path / "other")
    (tmp_path / "one" / "keys.json").write_bytes((tmp_path / "other" / "keys.json").read_bytes())
    before = contents(tmp_path / "one")
    vault(tmp_path / "one", None).open()
    assert contents(tmp_path / "one") == before
