"""One way to open the database: its key wrapped by a secret, as JSON that lies in ``keys.json``.

Where the secrets come from, and which ways there are at a time, is the vault's business.
"""

import base64
import os
import secrets
from collections.abc import Mapping
from typing import Final

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

KEY_BYTES: Final = 32
VERSION: Final = 1
OPEN, KEYRING, RECOVERY, PASSPHRASE = "open", "os-keyring", "recovery-code", "passphrase"
_SCRYPT_COST = 2**15
_HIGHEST_SCRYPT_COST = 2**20
_CODE_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE_GROUPS, _CODE_GROUP = 8, 4
_LOOKALIKES = str.maketrans("OIL", "011")

Slot = Mapping[str, object]


def new_code() -> str:
    """Return a fresh recovery code, without its dashes."""
    letters = [secrets.choice(_CODE_LETTERS) for _n in range(_CODE_GROUPS * _CODE_GROUP)]
    return "".join(letters)


def with_dashes(code: str) -> str:
    """Return the code as it is written down."""
    return "-".join(code[at : at + _CODE_GROUP] for at in range(0, len(code), _CODE_GROUP))


def wrap(kind: str, wrapping: bytes, key: bytes) -> Slot:
    """Return a slot of ``kind`` that ``wrapping`` opens."""
    nonce = os.urandom(12)
    wrapped = AESGCM(wrapping).encrypt(nonce, key, _purpose(kind))
    return {"kind": kind, "nonce": to_text(nonce), "wrapped": to_text(wrapped)}


def unwrap(slot: Slot, wrapping: bytes) -> bytes:
    """Return the key; raises InvalidTag or ValueError when ``wrapping`` is not the right one."""
    nonce, wrapped = from_text(slot, "nonce"), from_text(slot, "wrapped")
    return AESGCM(wrapping).decrypt(nonce, wrapped, _purpose(str(slot["kind"])))


def _purpose(kind: str) -> bytes:
    """Bind a wrapped key to its kind of slot, so that slots cannot be exchanged."""
    return f"hanlin database key {VERSION} {kind}".encode()


def wrapped_by_words(kind: str, words: str, key: bytes) -> Slot:
    """Return a slot that ``words`` open."""
    stretching: Slot = {"salt": to_text(os.urandom(16)), "cost": _SCRYPT_COST}
    return {**stretching, **wrap(kind, stretched(words, stretching), key)}


def stretched(words: str, slot: Slot) -> bytes:
    """Return the secret that ``words`` stand for; raises ValueError for a damaged slot."""
    cost = slot.get("cost")
    # The file may have been meddled with: it must not make us compute for hours.
    if not isinstance(cost, int) or not 1 < cost <= _HIGHEST_SCRYPT_COST:
        raise ValueError(cost)
    scrypt = Scrypt(salt=from_text(slot, "salt"), length=KEY_BYTES, n=cost, r=8, p=1)
    return scrypt.derive(words.encode())


def plain_code(code: str) -> str:
    """Return the code as it was made, however it was typed."""
    return "".join(filter(str.isalnum, code.upper())).translate(_LOOKALIKES)


def to_text(data: bytes) -> str:
    """Return bytes as they stand in a slot."""
    return base64.b64encode(data).decode("ascii")


def from_text(slot: Slot, name: str) -> bytes:
    """Return the bytes that stand in ``slot`` under ``name``; raises ValueError."""
    return base64.b64decode(str(slot.get(name, "")), validate=True)
