"""The slots of a key: a recovery code, a passphrase, and an open one that a keyring takes later."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from hanlin.kernel.errors import KnownError
from hanlin.vault import Keyring
from hanlin_fakes.keyrings import (
    AlteringKeyring,
    ForgetfulKeyring,
    GoodKeyring,
    ThrowingKeyring,
    contents,
    data_folder,
    vault,
)


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
