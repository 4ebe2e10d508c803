"""A program that moves a key into a keyring and is killed at every moment of it, in turn.

Run as ``python -m hanlin_fakes.protecting FOLDER``. Each file call that changes something
is once the last one, before it or after it: the process gets SIGKILL there. After each
death the key must open, and the move must succeed when it is tried again. Prints how many
deaths there were.
"""

import itertools
import json
import os
import signal
import sys
from pathlib import Path
from types import ModuleType

from hanlin.vault import Vault

SECONDS = 60.0


class FileKeyring:
    """Keeps its entries in a file, so that they outlive a process."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret."""
        return self._entries().get(f"{service}/{username}")

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store the secret."""
        entries = {**self._entries(), f"{service}/{username}": password}
        self._path.write_text(json.dumps(entries), "utf-8")

    def _entries(self) -> dict[str, str]:
        if not self._path.exists():
            return {}
        entries: dict[str, str] = json.loads(self._path.read_text("utf-8"))
        return entries


class _Fate:
    """Counts moments and kills at the chosen one."""

    def __init__(self, moment: int) -> None:
        self._left = moment

    def watch(self, owner: ModuleType | type, name: str) -> None:
        """Make a moment before and one after every call of ``owner.name``."""
        call = getattr(owner, name)

        def act(*arguments: object, **options: object) -> object:
            self._pass()
            result = call(*arguments, **options)
            self._pass()
            return result

        setattr(owner, name, act)

    def _pass(self) -> None:
        self._left -= 1
        if self._left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _vault(folder: Path, keyring: FileKeyring | None) -> Vault:
    return Vault(folder / "keys.json", folder / "hanlin.db", lambda: keyring, SECONDS)


def _protect_and_die(folder: Path, moment: int) -> None:
    fate = _Fate(moment)
    for name in ("open", "fsync", "close"):
        fate.watch(os, name)
    fate.watch(Path, "replace")
    _vault(folder, FileKeyring(folder / "keyring")).protect()


def _check(folder: Path, key: bytes) -> None:
    keyring = FileKeyring(folder / "keyring")
    again = _vault(folder, keyring)
    if again.open().key != key:
        raise AssertionError("another key")
    again.settle()
    if (folder / "keys.json").read_bytes() != (folder / "keys.json.bak").read_bytes():
        raise AssertionError("the mirror still opens in another way")
    again.protect()
    opened = again.open()
    if opened.key != key or not opened.protected:
        raise AssertionError("not protected at the second try")


def main(root: Path) -> int:
    """Kill at one moment after the other until there is none left."""
    for moment in itertools.count(1):
        folder = root / str(moment)
        key = _vault(folder, None).open().key
        (folder / "hanlin.db").write_bytes(b"somebody's conversations")
        child = os.fork()
        if child == 0:
            _protect_and_die(folder, moment)
            os._exit(0)
        killed = os.WIFSIGNALED(os.waitpid(child, 0)[1])
        _check(folder, key)
        if not killed:
            print(moment - 1)  # noqa: T201 - the answer
            return 0
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
