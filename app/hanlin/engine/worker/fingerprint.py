"""What a kept state must be used with again: the model's bytes, llama.cpp, the settings.

A whole model would take minutes to read, so its bytes are sampled: everything at the
beginning, where it says what it is, and parts of the weights all along the file.
"""

import hashlib
from pathlib import Path
from typing import Final

_BEGINNING: Final = 2**20
_SAMPLES: Final = 32
_SAMPLE: Final = 64 * 2**10


def fingerprint(files: tuple[Path, ...], *facts: object) -> str:
    """Return the same text for the same files' bytes and the same facts, only then.

    "" when a file cannot be read: then nothing is to be kept.
    """
    digest = hashlib.sha256(repr(facts).encode())
    try:
        for path in files:
            _add(digest, path)
    except OSError:
        return ""
    return digest.hexdigest()


def _add(digest: "hashlib._Hash", path: Path) -> None:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        # The time tells of weights that were changed in place, between the samples.
        digest.update(f"{size} {path.stat().st_mtime_ns}".encode())
        file.seek(0)
        digest.update(file.read(_BEGINNING))
        for number in range(1, _SAMPLES + 1):
            file.seek(max(size * number // _SAMPLES - _SAMPLE, 0))
            digest.update(file.read(_SAMPLE))
