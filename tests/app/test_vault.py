"""Keys and keyrings: whatever a keyring does, nothing is lost and no second key is made."""

import json
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
from hanlin_fakes.keyrings import (
    AlteringKeyring,
    ForgetfulKeyring,
    GoodKeyring,
    HangingKeyring,
    OtherKeyring,
    PlaintextKeyring,
    ThrowingKeyring,
    contents,
    data_folder,
    vault,
)


@pytest.fixture
def end_of_test() -> Iterator[threading.Event]:
    event = threading.Event()
    yield event
    event.set()


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
