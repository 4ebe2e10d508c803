"""The key of one data folder: made once, kept in ``keys.json``, opened at every start.

The database is encrypted with a random key. That key lies in ``keys.json``, wrapped
once for each way to open it ("slot"): by a secret in the system's keyring, by a
recovery code, by a passphrase. Where no keyring can be used there is an open slot,
and the window says that nothing is protected.

Two promises: a failed unlock never creates, moves or deletes anything, and a new key
is made only where there is neither a key file nor a database. What the key encrypts
is the store's business.
"""

import base64
import json
import logging
import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from cryptography.exceptions import InvalidTag

from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError, from_os_error, join_sentences
from hanlin.kernel.files import write_atomically
from hanlin.kernel.i18n import _
from hanlin.kernel.instance import FileLock
from hanlin.vault.keyrings import (
    KEYRING_SECONDS,
    Keyring,
    KeyringError,
    NoAnswerError,
    ask,
    backend_name,
    system_keyring,
)
from hanlin.vault.slots import (
    KEY_BYTES,
    KEYRING,
    OPEN,
    PASSPHRASE,
    RECOVERY,
    VERSION,
    Slot,
    from_text,
    new_code,
    plain_code,
    stretched,
    to_text,
    unwrap,
    with_dashes,
    wrap,
    wrapped_by_words,
)

T = TypeVar("T")
_SERVICE: Final = "hanlin"
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Unlocked:
    """The database's key, and whether anything but the disk is needed to get it."""

    key: bytes = field(repr=False)
    protected: bool
    slot: str
    """Which slot opened: ``os-keyring``, ``open``, ``recovery-code`` or ``passphrase``."""


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
        if OPEN in kinds:
            return Unlocked(self._from_open(kinds[OPEN]), protected=False, slot=OPEN)
        if KEYRING in kinds:
            key = self._from_keyring(kinds[KEYRING], others=len(kinds) > 1)
            return Unlocked(key, protected=True, slot=KEYRING)
        raise _locked(_("It opens with its passphrase or its recovery code only."))

    def open_with_recovery_code(self, code: str) -> Unlocked:
        """Return the key for a recovery code, however it is spaced; raises KnownError."""
        return self._open_with(RECOVERY, plain_code(code))

    def open_with_passphrase(self, passphrase: str) -> Unlocked:
        """Return the key for the passphrase; raises KnownError. Takes about a tenth of a second."""
        return self._open_with(PASSPHRASE, passphrase)

    def add_recovery_code(self, unlocked: Unlocked) -> str:
        """Make a recovery code in place of an earlier one; return it to be written down."""
        code = new_code()
        self._add(wrapped_by_words(RECOVERY, code, unlocked.key))
        return with_dashes(code)

    def add_passphrase(self, unlocked: Unlocked, passphrase: str) -> None:
        """Let the passphrase open the database, replacing an earlier one; raises KnownError."""
        self._add(wrapped_by_words(PASSPHRASE, passphrase, unlocked.key))

    def settle(self) -> None:
        """Hear that the key opened the database: let the mirror hold what the key file holds.

        After a crash between the two it may still have a slot that was taken away, such as
        an open one. Before, it may be the only one that is right.
        """
        with suppress(OSError, ValueError):
            content = self._keys.read_bytes()
            jsonfile.parse(content)
            if self._mirror.read_bytes() != content:
                write_atomically(self._mirror, content)

    def protect(self) -> bool:
        """Move the key from an open slot into the system's keyring; return whether it did.

        For a keyring that was locked, silent or missing at the first start. A crash at
        any moment leaves a way to open the database. May take as long as three answers of
        the keyring; raises KnownError when the disk refuses.
        """
        with self._alone():
            slots = self._read() or []
            kinds = {str(slot.get("kind")): slot for slot in slots}
            if OPEN not in kinds:
                return False
            slot = self._keyring_slot(self._from_open(kinds[OPEN]))
            if slot is None:
                return False
            others = [old for old in slots if old.get("kind") not in (OPEN, KEYRING)]
            self._write([slot, *others])
        return True

    # The first start

    def _set_up(self) -> Unlocked:
        with self._alone():
            if self._read() is not None:  # another program was faster
                return self.open()
            key = os.urandom(KEY_BYTES)
            slot = self._keyring_slot(key) or {"kind": OPEN, "key": to_text(key)}
            self._write([slot])
        return Unlocked(key, protected=slot["kind"] != OPEN, slot=str(slot["kind"]))

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Let one program at a time change the key file."""
        lock = FileLock(self._keys.with_name(f"{self._keys.name}.lock"))
        try:
            self._keys.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # The other program asks the keyring three times at most.
            if not lock.acquire(4 * self._limit_s + 1):
                raise _locked(_("Another program is just setting it up."))
        except OSError as error:
            raise from_os_error(error, str(self._keys)) from error
        with lock:
            yield

    def _keyring_slot(self, key: bytes) -> Slot | None:
        """Return a slot that the system's keyring opens, None if there is none to rely on."""
        account, secret = f"database-{secrets.token_hex(8)}", os.urandom(KEY_BYTES)
        try:
            keyring = self._ask(self._find_keyring)
            if keyring is None:
                return None
            self._ask(lambda: keyring.set_password(_SERVICE, account, to_text(secret)))
            if self._ask(lambda: keyring.get_password(_SERVICE, account)) != to_text(secret):
                _log.warning("the keyring %s does not keep what it is given", backend_name(keyring))
                return None
        except KeyringError as error:
            _log.warning("no usable keyring: %s", error)
            return None
        return {
            "backend": backend_name(keyring),
            "account": account,
            **wrap(KEYRING, secret, key),
        }

    def keyring_name(self) -> str:
        """Return the name of the usable keyring, "" without one or when it does not answer."""
        try:
            keyring = self._ask(self._find_keyring)
        except KeyringError:
            return ""
        return backend_name(keyring) if keyring is not None else ""

    # Every later start

    def _from_open(self, slot: Slot) -> bytes:
        try:
            key = from_text(slot, "key")
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
        except NoAnswerError as error:
            raise _locked(
                _("The system's keyring, which holds the key, did not answer."),
                _("If it asks for a password, enter it, then try again."),
                way_out,
            ) from error
        except KeyringError as error:
            raise _locked(
                _("The system's keyring, which holds the key, is locked or refused."),
                _("Unlock it (log in again if need be), then try again."),
                way_out,
            ) from error
        if not same:
            raise _keyring_changed(backend, keyring, way_out)
        try:
            return unwrap(slot, base64.b64decode(stored or "", validate=True))
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
            key = unwrap(slot, stretched(words, slot))
        except (InvalidTag, ValueError) as error:
            raise _locked(_("That is not it."), _("Check every letter and try again.")) from error
        return Unlocked(key, protected=True, slot=kind)

    def _add(self, slot: Slot) -> None:
        slots = [old for old in self._read() or () if old.get("kind") != slot["kind"]]
        self._write([*slots, slot])

    def _ask(self, call: Callable[[], T]) -> T:
        return ask(call, self._limit_s)

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
        content = {"version": VERSION, "slots": [dict(slot) for slot in slots]}
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
    if content.get("version") != VERSION:
        raise _locked(
            _("A newer version of this program wrote {path}.").format(path=path),
            _("Install the newest version and start it again."),
        )
    slots = content.get("slots")
    if not isinstance(slots, list) or not slots or not all(isinstance(s, dict) for s in slots):
        raise ValueError(path)
    return slots


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
