"""Keys: the only place that talks to the system's keyring.

The database is encrypted with a random key. That key lies in ``keys.json``, wrapped
once for each way to open it ("slot"): by a secret in the system's keyring, by a
recovery code, by a passphrase. Where no keyring can be used there is an open slot,
and the window says that nothing is protected.

Two promises: a failed unlock never creates, moves or deletes anything, and a new key
is made only where there is neither a key file nor a database. What the key encrypts
is the store's business.
"""

import base64
import importlib
import json
import logging
import os
import secrets
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError, from_os_error, join_sentences
from hanlin.kernel.files import write_atomically
from hanlin.kernel.i18n import _
from hanlin.kernel.instance import FileLock

T = TypeVar("T")
KEY_BYTES = 32
KEYRING_SECONDS = 5.0
_SERVICE = "hanlin"
_VERSION = 1
_OPEN, _KEYRING, _RECOVERY, _PASSPHRASE = "open", "os-keyring", "recovery-code", "passphrase"
_SCRYPT_COST = 2**15
_HIGHEST_SCRYPT_COST = 2**20
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS, _CODE_GROUP = 8, 4
_LOOKALIKES = str.maketrans("OIL", "011")
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
_log = logging.getLogger(__name__)

Slot = Mapping[str, object]


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


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The database's key, and whether anything but the disk is needed to get it."""

    key: bytes = field(repr=False)
    protected: bool
    slot: str
    """Which slot opened: ``os-keyring``, ``open``, ``recovery-code`` or ``passphrase``."""


class _KeyringError(Exception):
    """The keyring raised something; back ends raise what they like."""


class _NoAnswerError(_KeyringError):
    """The keyring did not answer in time."""


class Vault:
    """The key file of one data folder.

    ``find_keyring`` is asked anew for each unlocking. Every call into a keyring runs on
    a thread of its own and is given up after ``limit_s`` seconds; such a thread does not
    keep the program from ending.
    """

    def __init__(
        self,
        keys: Path,
        database: Path,
        find_keyring: Callable[[], Keyring | None] = system_keyring,
        limit_s: float = KEYRING_SECONDS,
    ) -> None:
        self._keys = keys
        self._database = database
        self._find_keyring = find_keyring
        self._limit_s = limit_s

    def open(self) -> Unlocked:
        """Return the key; on the very first start, make it.

        Raises KnownError with what to do when a keyring is locked, changed, silent or
        without the entry, and when the key file is gone or damaged. Calling again is
        always safe.
        """
        slots = self._read()
        if slots is None:
            return self._set_up()
        kinds = {str(slot.get("kind")): slot for slot in slots}
        if _OPEN in kinds:
            return Unlocked(self._from_open(kinds[_OPEN]), protected=False, slot=_OPEN)
        if _KEYRING in kinds:
            key = self._from_keyring(kinds[_KEYRING], others=len(kinds) > 1)
            return Unlocked(key, protected=True, slot=_KEYRING)
        raise _locked(_("It opens with its passphrase or its recovery code only."))

    def open_with_recovery_code(self, code: str) -> Unlocked:
        """Return the key for a recovery code, however it is spaced; raises KnownError."""
        return self._open_with(_RECOVERY, _plain_code(code))

    def open_with_passphrase(self, passphrase: str) -> Unlocked:
        """Return the key for the passphrase; raises KnownError. Takes about a tenth of a second."""
        return self._open_with(_PASSPHRASE, passphrase)

    def add_recovery_code(self, unlocked: Unlocked) -> str:
        """Make a recovery code in place of an earlier one; return it to be written down."""
        letters = [secrets.choice(_CODE_LETTERS) for _n in range(_CODE_GROUPS * _CODE_GROUP)]
        code = "".join(letters)
        self._add(_wrapped_by_words(_RECOVERY, code, unlocked.key))
        return "-".join(code[at : at + _CODE_GROUP] for at in range(0, len(code), _CODE_GROUP))

    def add_passphrase(self, unlocked: Unlocked, passphrase: str) -> None:
        """Let the passphrase open the database, replacing an earlier one; raises KnownError."""
        self._add(_wrapped_by_words(_PASSPHRASE, passphrase, unlocked.key))

    # The first start

    def _set_up(self) -> Unlocked:
        lock = FileLock(self._keys.with_name(f"{self._keys.name}.lock"))
        try:
            self._keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The other program asks the keyring three times at most.
            if not lock.acquire(4 * self._limit_s + 1):
                raise _locked(_("Another program is just setting it up."))
        except OSError as error:
            raise from_os_error(error, str(self._keys)) from error
        with lock:
            if self._read() is not None:  # another program was faster
                return self.open()
            key = os.urandom(KEY_BYTES)
            slot = self._keyring_slot(key) or {"kind": _OPEN, "key": _base64(key)}
            self._write([slot])
        return Unlocked(key, protected=slot["kind"] != _OPEN, slot=str(slot["kind"]))

    def _keyring_slot(self, key: bytes) -> Slot | None:
        """Return a slot that the system's keyring opens, None if there is none to rely on."""
        account, secret = f"database-{secrets.token_hex(8)}", os.urandom(KEY_BYTES)
        try:
            keyring = self._ask(self._find_keyring)
            if keyring is None:
                return None
            self._ask(lambda: keyring.set_password(_SERVICE, account, _base64(secret)))
            if self._ask(lambda: keyring.get_password(_SERVICE, account)) != _base64(secret):
                _log.warning("the keyring %s does not keep what it is given", backend_name(keyring))
                return None
        except _KeyringError as error:
            _log.warning("no usable keyring: %s", error)
            return None
        return {
            "backend": backend_name(keyring),
            "account": account,
            **_wrap(_KEYRING, secret, key),
        }

    def keyring_name(self) -> str:
        """Return the name of the usable keyring, "" without one or when it does not answer."""
        try:
            keyring = self._ask(self._find_keyring)
        except _KeyringError:
            return ""
        return backend_name(keyring) if keyring is not None else ""

    # Every later start

    def _from_open(self, slot: Slot) -> bytes:
        try:
            key = _bytes(slot, "key")
        except ValueError as error:
            raise self._unusable() from error
        if len(key) != KEY_BYTES:
            raise self._unusable()
        return key

    def _from_keyring(self, slot: Slot, *, others: bool) -> bytes:
        backend, account = str(slot.get("backend")), str(slot.get("account"))
        way_out = _("You can also open it with your recovery code or passphrase.") if others else ""
        stored: str | None = None
        try:
            keyring = self._ask(self._find_keyring)
            same = keyring is not None and backend_name(keyring) == backend
            if keyring is not None and same:
                stored = self._ask(lambda: keyring.get_password(_SERVICE, account))
        except _NoAnswerError as error:
            raise _locked(
                _("The system's keyring, which holds the key, did not answer."),
                _("If it asks for a password, enter it, then try again."),
                way_out,
            ) from error
        except _KeyringError as error:
            raise _locked(
                _("The system's keyring, which holds the key, is locked or refused."),
                _("Unlock it (log in again if need be), then try again."),
                way_out,
            ) from error
        if not same:
            raise _keyring_changed(backend, keyring, way_out)
        try:
            return _unwrap(slot, base64.b64decode(stored or "", validate=True))
        except (InvalidTag, ValueError) as error:
            raise _locked(
                _("The system's keyring no longer holds the right key (entry “{entry}”).").format(
                    entry=f"{_SERVICE}/{account}"
                ),
                _("Bring the entry back from a backup of the keyring, then try again."),
                way_out,
            ) from error

    def _open_with(self, kind: str, words: str) -> Unlocked:
        slot = next((slot for slot in self._read() or () if slot.get("kind") == kind), None)
        if slot is None:
            raise _locked(_("No such way to open it was set up."))
        try:
            key = _unwrap(slot, _stretched(words, slot))
        except (InvalidTag, ValueError) as error:
            raise _locked(_("That is not it."), _("Check every letter and try again.")) from error
        return Unlocked(key, protected=True, slot=kind)

    def _add(self, slot: Slot) -> None:
        slots = [old for old in self._read() or () if old.get("kind") != slot["kind"]]
        self._write([*slots, slot])

    def _ask(self, call: Callable[[], T]) -> T:
        """Return what ``call`` returns, or raise _KeyringError."""
        answer: Future[T] = Future()

        def ask() -> None:
            try:
                answer.set_result(call())
            except Exception as error:  # noqa: BLE001 - told to the thread that asked
                answer.set_exception(_KeyringError(type(error).__name__))

        # Not an executor's thread: those keep a program from ending as long as they hang.
        threading.Thread(target=ask, name="keyring", daemon=True).start()
        try:
            return answer.result(self._limit_s)
        except TimeoutError as error:
            raise _NoAnswerError(f"no answer within {self._limit_s} s") from error

    # The file

    def _read(self) -> list[Slot] | None:
        """Return the slots, or None where nothing was ever set up. Changes nothing."""
        damaged = False
        for path in (self._keys, self._mirror):
            try:
                content = jsonfile.parse(path.read_bytes())
                return _slots(content, path)
            except FileNotFoundError:
                continue
            except OSError as error:
                raise from_os_error(error, str(path)) from error
            except ValueError:
                damaged = True
        if damaged or (self._database.exists() and self._database.stat().st_size > 0):
            raise self._unusable()
        return None

    def _unusable(self) -> KnownError:
        return _locked(
            _("Its key file {path} is missing or damaged.").format(path=self._keys),
            _("Put the file back from a backup of the data folder, then try again."),
        )

    def _write(self, slots: list[Slot]) -> None:
        content = {"version": _VERSION, "slots": [dict(slot) for slot in slots]}
        data = json.dumps(content, indent=2).encode("ascii") + b"\n"
        try:
            write_atomically(self._keys, data)
            write_atomically(self._mirror, data)
        except OSError as error:
            raise from_os_error(error, str(self._keys)) from error

    @property
    def _mirror(self) -> Path:
        # The same content, not the one before: a passphrase that was replaced must not open.
        return self._keys.with_name(f"{self._keys.name}.bak")


def _slots(content: jsonfile.JsonObject, path: Path) -> list[Slot]:
    if content.get("version") != _VERSION:
        raise _locked(
            _("A newer version of this program wrote {path}.").format(path=path),
            _("Install the newest version and start it again."),
        )
    slots = content.get("slots")
    if not isinstance(slots, list) or not slots or not all(isinstance(s, dict) for s in slots):
        raise ValueError(path)
    return slots


def _wrap(kind: str, wrapping: bytes, key: bytes) -> Slot:
    nonce = os.urandom(12)
    wrapped = AESGCM(wrapping).encrypt(nonce, key, _purpose(kind))
    return {"kind": kind, "nonce": _base64(nonce), "wrapped": _base64(wrapped)}


def _unwrap(slot: Slot, wrapping: bytes) -> bytes:
    """Return the key; raises InvalidTag or ValueError when ``wrapping`` is not the right one."""
    nonce, wrapped = _bytes(slot, "nonce"), _bytes(slot, "wrapped")
    return AESGCM(wrapping).decrypt(nonce, wrapped, _purpose(str(slot["kind"])))


def _purpose(kind: str) -> bytes:
    """Bind a wrapped key to its kind of slot, so that slots cannot be exchanged."""
    return f"hanlin database key {_VERSION} {kind}".encode()


def _wrapped_by_words(kind: str, words: str, key: bytes) -> Slot:
    stretching: Slot = {"salt": _base64(os.urandom(16)), "cost": _SCRYPT_COST}
    return {**stretching, **_wrap(kind, _stretched(words, stretching), key)}


def _stretched(words: str, slot: Slot) -> bytes:
    cost = slot.get("cost")
    # The file may have been meddled with: it must not make us compute for hours.
    if not isinstance(cost, int) or not 1 < cost <= _HIGHEST_SCRYPT_COST:
        raise ValueError(cost)
    scrypt = Scrypt(salt=_bytes(slot, "salt"), length=KEY_BYTES, n=cost, r=8, p=1)
    return scrypt.derive(words.encode())


def _plain_code(code: str) -> str:
    return "".join(filter(str.isalnum, code.upper())).translate(_LOOKALIKES)


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _bytes(slot: Slot, name: str) -> bytes:
    return base64.b64decode(str(slot.get(name, "")), validate=True)


def _keyring_changed(backend: str, keyring: Keyring | None, way_out: str) -> KnownError:
    if keyring is None:
        what = _("The system's keyring, which holds the key, is not there.")
    else:
        what = _("The key lies in another keyring of the system than the one now in use.")
    hint = _("Bring back the keyring “{backend}” and start again.").format(backend=backend)
    return _locked(what, hint, way_out)


def _locked(what: str, *hints: str) -> KnownError:
    kept = _("Nothing was changed or lost.")
    return KnownError(
        _("The conversations cannot be unlocked"),
        what,
        join_sentences(*hints, kept),
    )
