"""The system's keyrings: which are trusted, and how they are asked without waiting for ever.

The only place that imports ``keyring``. What is kept in one is the vault's business.
"""

import importlib
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Final, Protocol, TypeVar, runtime_checkable

T = TypeVar("T")
KEYRING_SECONDS: Final = 5.0
# By class, because a plug-in may offer a file of plain text as a "keyring".
_TRUSTED = frozenset(
    {
        "keyring.backends.macOS.Keyring",
        "keyring.backends.Windows.WinVaultKeyring",
        "keyring.backends.SecretService.Keyring",
        "keyring.backends.libsecret.Keyring",
        "keyring.backends.kwallet.DBusKeyring",
        "keyring.backends.kwallet.DBusKeyringKWallet4",
    }
)


@runtime_checkable
class Keyring(Protocol):
    """What the vault asks of a keyring: that of the ``keyring`` library's back ends."""

    def get_password(self, service: str, username: str) -> str | None:
        """Return the secret, None when there is none."""
        ...

    def set_password(self, service: str, username: str, password: str) -> None:
        """Store the secret."""
        ...


def backend_name(keyring: object) -> str:
    """Return the name under which a keyring is remembered: that of its class."""
    return f"{type(keyring).__module__}.{type(keyring).__qualname__}"


def trusted(backend: object) -> Keyring | None:
    """Return the operating system's keyring that ``backend`` is or chains, None without one."""
    candidates = [backend, *getattr(backend, "backends", ())]
    for candidate in candidates:
        if backend_name(candidate) in _TRUSTED and isinstance(candidate, Keyring):
            return candidate
    return None


def system_keyring() -> Keyring | None:
    """Return the operating system's keyring, None where there is none. May hang."""
    # Imported when needed: it looks for back ends, which takes longer than our whole start.
    return trusted(importlib.import_module("keyring").get_keyring())


class KeyringError(Exception):
    """The keyring raised something; back ends raise what they like."""


class NoAnswerError(KeyringError):
    """The keyring did not answer in time."""


def ask(call: Callable[[], T], limit_s: float) -> T:
    """Return what ``call`` returns within ``limit_s`` seconds, or raise KeyringError.

    It runs on a thread of its own, which is left behind when it hangs.
    """
    answer: Future[T] = Future()

    def run() -> None:
        try:
            answer.set_result(call())
        except Exception as error:  # noqa: BLE001 - told to the thread that asked
            answer.set_exception(KeyringError(type(error).__name__))

    # Not an executor's thread: those keep a program from ending as long as they hang.
    threading.Thread(target=run, name="keyring", daemon=True).start()
    try:
        return answer.result(limit_s)
    except TimeoutError as error:
        raise NoAnswerError(f"no answer within {limit_s} s") from error
