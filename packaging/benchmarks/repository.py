"""A repository of 100,000 files opened beside the conversation: how long the window stands still.

``.venv/bin/python packaging/benchmarks/repository.py [FILES]`` prints one JSON line. The files
are made in a temporary folder, with rules and 32 lines each; the panel is the window's own, on
Qt's offscreen platform. A stall is the longest time between two beats of a timer of 5 ms while
the folder is listed, unfolded, filtered and counted, and the most processor time that the
window's thread spent between two; beside it stands an idle loop on the same machine a moment
before.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtCore import QEventLoop, QModelIndex, QTimer
from PySide6.QtWidgets import QApplication

from hanlin.kernel.events import EventBus
from hanlin.services.workspace.service import (
    FolderCounted,
    FolderListed,
    Workspace,
)
from hanlin_ui import pauses
from hanlin_ui.bridges.events import EventBridge
from hanlin_ui.code.panel import CodePanel
from hanlin_ui.interface import make_application

BEAT_MS = 5
IDLE_MS = 3_000
A_FOLDER = 100
LINES = 32
PATIENCE = 400.0


class Pulse:
    """Beats, and remembers the longest time between two beats since it was asked."""

    def __init__(self) -> None:
        self._last, self._worked = time.perf_counter(), time.thread_time()
        self._longest = self._most = 0.0
        self._timer = QTimer()
        self._timer.setInterval(BEAT_MS)
        self._timer.timeout.connect(self._beat)
        self._timer.start()

    def _beat(self) -> None:
        now, worked = time.perf_counter(), time.thread_time()
        self._longest = max(self._longest, now - self._last)
        self._most = max(self._most, worked - self._worked)
        self._last, self._worked = now, worked

    def taken(self) -> dict[str, float]:
        """Return the longest time in ms and the window's own work in one, and begin anew."""
        longest, most, self._longest, self._most = self._longest, self._most, 0.0, 0.0
        return {"stall": round(1000 * longest, 1), "work": round(1000 * most, 1)}


def make(root: Path, files: int) -> None:
    """Write the repository."""
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("*.log\n*.o\n/build/\n!keep.log\ndist/\n*.tmp\n")
    text = "".join(f"value_{number} = {number}  # 数值\n" for number in range(LINES))
    for number in range(files):
        folder = root / f"part{number // (A_FOLDER * A_FOLDER)}" / f"f{number // A_FOLDER}"
        if number % A_FOLDER == 0:
            folder.mkdir(parents=True)
        (folder / f"file{number}.py").write_text(text)


def until(application: QApplication, condition: list[bool]) -> float:
    """Run the event loop until ``condition`` holds something; return the seconds."""
    began = time.perf_counter()
    while not condition:
        application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)  # beats end it
        if time.perf_counter() - began > PATIENCE:
            raise TimeoutError
    return round(time.perf_counter() - began, 2)


def main() -> int:
    """Print the figures; return the exit status."""
    files = int([*sys.argv[1:], "100000"][0])
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application([])
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).resolve()
        make(root, files)
        bus = EventBus()
        bridge = EventBridge(bus)
        workspace = Workspace(bus)
        panel = CodePanel()
        panel.show()
        listed: list[bool] = []
        counted: list[bool] = []

        def on_listed(event: FolderListed) -> None:
            panel.show_listing(event.listing, workspace.tokens)
            listed.append(True)

        def on_counted(event: FolderCounted) -> None:
            panel.show_counted(event.files)
            if event.files == event.of:
                counted.append(True)

        bridge.listen(FolderListed, on_listed)
        bridge.listen(FolderCounted, on_counted)
        pulse = Pulse()
        pauses.shorten()
        pauses.Collector(panel)
        rested: list[bool] = []
        QTimer.singleShot(IDLE_MS, lambda: rested.append(True))
        application.processEvents()
        pulse.taken()
        until(application, rested)
        found: dict[str, object] = {"files": files, "idle ms": pulse.taken()}
        workspace.open(root)
        found["listed s"] = until(application, listed)
        found["listing ms"] = pulse.taken()
        first = panel.items.index(0, 0, QModelIndex())
        panel.tree.expand(first)
        panel.items.filter("file9 99")
        application.processEvents()
        panel.items.filter("")
        found["counted s"] = until(application, counted)
        found["counting ms"] = pulse.taken()
        found["tokens"] = sum(workspace.tokens.values())
        workspace.close()
        bridge.close()
        panel.close()
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
