"""Orders as the tests place them: small blocks, short patience."""

import os
import random
from pathlib import Path

from hanlin_hub.server import Server
from hanlin_hub.shelf import sha256
from hanlin_models.orders import DownloadOrder, FileOrder, Source, SourceKind

REPOSITORY = "someone/Small-GGUF"
NAME = "small-Q4_K_M.gguf"


def model_bytes(size: int, seed: int = 1) -> bytes:
    """Return bytes that begin like a model and are never the same."""
    return b"GGUF\x03\0\0\0" + random.Random(seed).randbytes(size - 8)


def source(server: Server, name: str = "hub", kind: SourceKind = SourceKind.HUB) -> Source:
    """Return the source that ``server`` is."""
    return Source(name, kind, server.address)


def order(folder: Path, data: bytes, *sources: Source, **changes: object) -> DownloadOrder:
    """Return the order for one file whose bytes are known."""
    target = folder / REPOSITORY / NAME
    file = FileOrder(NAME, os.fspath(target), len(data), sha256(data))
    usual: dict[str, object] = {
        "persistence": 3.0,
        "block_bytes": 1 << 16,
        "block_seconds": 0.2,
        "reserve": 0,
        "room": 0,
    }
    return DownloadOrder(REPOSITORY, "", (file,), sources, **{**usual, **changes})  # type: ignore[arg-type] # names checked by the call
