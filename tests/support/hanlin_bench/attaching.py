"""Files put into the composer of a bench: given, waited for, looked at."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QUrl

from hanlin.domain.attachments import AttachmentKind
from hanlin_bench.bench import Bench
from hanlin_ui.chat.attachments.chip import AttachmentChip


def file(folder: Path, name: str, content: bytes) -> Path:
    """Write a file; return its path."""
    path = folder / name
    path.write_bytes(content)
    return path


def given(*paths: Path) -> QMimeData:
    """Return files as they are dropped or pasted."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
    return data


def give_eyes(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loaded model see; each picture costs it 36 tokens."""
    loaded = bench.app.session.status().loaded
    assert loaded is not None
    status = replace(bench.app.session.status(), loaded=replace(loaded, sees=True))
    monkeypatch.setattr(bench.app.session, "status", lambda: status)
    monkeypatch.setattr(bench.engine, "weigh", lambda _kind, _width, _height: 36)


def ready(bench: Bench, count: int) -> Callable[[], bool]:
    """Return what tells whether ``count`` files are attached and read."""

    def look() -> bool:
        here = bench.workbench.attaching._here()
        return len(here) == count and all(item.prepared for item in here)

    return look


def chips(bench: Bench) -> list[AttachmentChip]:
    """Return the chips that are shown."""
    strip = bench.workbench.attaching.strip
    return [chip for chip in strip.findChildren(AttachmentChip) if chip.isVisible()]


def kinds(bench: Bench) -> list[AttachmentKind]:
    """Return what the files are taken for that are read."""
    return [one.attachment.kind for one in bench.workbench.attaching.prepared()]
