"""Keyrings that do well, and whatever else back ends do; data folders whose key they hold."""

import threading
from pathlib import Path
from typing import Final

from hanlin.vault import Keyring, Vault

SECONDS: Final = 30.0
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


def vault(folder: Path, keyring: Keyring | None, limit_s: float = SECONDS) -> Vault:
    """Return the vault of a data folder in a session with that keyring."""
    return Vault(folder / "keys.json", folder / "hanlin.db", lambda: keyring, limit_s)


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of every file."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def data_folder(tmp_path: Path, keyring: Keyring) -> tuple[Path, bytes]:
    """Make a folder whose key lies in ``keyring``, with a database in it."""
    folder = tmp_path / "data"
    key = vault(folder, keyring).open().key
    (folder / "hanlin.db").write_bytes(b"somebody's conversations")
    return folder, key
