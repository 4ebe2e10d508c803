"""One part of the window's figures: the event loop while an answer streams, and an idle one's.

The idle one is another process's, at the same time. Run by ``window.py``, or alone:
`python packaging/benchmarks/window_stream.py --seconds 30 --messages 10000`. The engine is a
script inside the process, so the flood of tokens is the window's alone to bear; the gaps
are those between two ticks of a timer.
"""

import argparse
import itertools
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TextIO

import psutil
from PySide6.QtCore import QObject, QTimer

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.bootstrap import open_application
from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin_bench.models import write_models
from hanlin_fakes.engine import ScriptedEngine
from hanlin_ui import pauses
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.main_window import MainWindow
from hanlin_ui.theme.looks import Looks
from hanlin_ui.workbench import Workbench
from opening import fill
from window_gaps import Gaps

FORBIDDEN = ("llama_cpp", "numpy", "huggingface_hub", "http.client", "httpx", "requests", "urllib3")
TOKENS_PER_SECOND = 1_000
TOKENS_PER_DELTA = 20
"""The worker joins the tokens of up to 33 ms, so this is how a fast model's arrive."""
BESIDE = Path(__file__).with_name("window_gaps.py")
SETTLE_MS = 2_000
AFTER_MS = 500
TEXT = (
    "## 标题 heading {n}\n\nA paragraph with **bold**, *italic* and `code`, "
    "中文也要流畅地显示出来，这样才好读。 It goes on for a while, as answers do.\n\n"
    "- one point\n- another point\n\n"
    "```python\ndef f{n}(x: int) -> int:\n    return x + {n}\n```\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
)


class Course(QObject):
    """Settle, stream, report."""

    def __init__(
        self,
        window: MainWindow,
        workbench: Workbench,
        seconds: float,
        beside: subprocess.Popen[str],
        stacks: TextIO | None,
    ) -> None:
        super().__init__(window)
        self.facts: dict[str, object] = {}
        self._window = window
        self._seconds = seconds
        self._beside = beside
        self._gaps = Gaps(stacks)
        self._began = 0.0
        self._written = 0
        workbench.chat.answer_finished.connect(self._on_finished)
        QTimer.singleShot(SETTLE_MS, self, self._begin)

    def _begin(self) -> None:
        self.facts["resident_before_mb"] = _resident()
        self._beside.stdin.write("begin\n")  # type: ignore[union-attr]  # it is a pipe
        self._beside.stdin.flush()  # type: ignore[union-attr]
        self._window.page.composer.send_requested.emit("go on")
        self._began = time.monotonic()
        self._written = psutil.Process().io_counters().write_bytes
        self._disk = _Disk(self)
        self._gaps.start()

    def _on_finished(self) -> None:
        took = time.monotonic() - self._began
        self.facts["tokens_per_second"] = round(self._seconds * TOKENS_PER_SECOND / took)
        QTimer.singleShot(AFTER_MS, self, self._report)  # its end is part of an answer, too

    def _report(self) -> None:
        self.facts["streaming"] = self._gaps.stop()
        took = time.monotonic() - self._began
        idle, _errors = self._beside.communicate()
        self.facts["idle_beside"] = json.loads(idle)
        written = psutil.Process().io_counters().write_bytes - self._written
        self.facts["disk_kb_a_second"] = round(written / took / 1000, 1)
        self.facts["disk_kb_of_each_second"] = self._disk.stop()
        self.facts["resident_mb"] = _resident()
        self.facts["forbidden_modules"] = [name for name in FORBIDDEN if name in sys.modules]
        QTimer.singleShot(0, self._window, self._window.close)


class _Disk(QObject):
    """What the kernel counts as written by the window's process, second by second."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._process = psutil.Process()
        self._counts = [self._count()]
        self._timer = QTimer(self)
        self._timer.timeout.connect(lambda: self._counts.append(self._count()))
        self._timer.start(1_000)

    def stop(self) -> dict[str, float]:
        """Return the median of the seconds, of the first and of the second half, and the most."""
        self._timer.stop()
        seconds = [
            (after - before) / 1000 for before, after in itertools.pairwise(self._counts)
        ] or [0.0]
        half = (len(seconds) + 1) // 2
        return {
            "median": round(statistics.median(seconds), 1),
            "median_of_first_half": round(statistics.median(seconds[:half]), 1),
            "median_of_second_half": round(statistics.median(seconds[half:] or seconds), 1),
            "most": round(max(seconds), 1),
        }

    def _count(self) -> int:
        return int(self._process.io_counters().write_bytes)


def _resident() -> float:
    return round(psutil.Process().memory_info().rss / 1e6, 1)


def tokens(count: int) -> list[str]:
    """Return ``count`` tokens of about four characters, joined to deltas."""
    pieces: list[str] = []
    number = 0
    while len(pieces) < count:
        text = TEXT.format(n=number)
        pieces.extend(text[i : i + 4] for i in range(0, len(text), 4))
        number += 1
    return [
        "".join(pieces[first : first + TOKENS_PER_DELTA])
        for first in range(0, count, TOKENS_PER_DELTA)
    ]


def prepare(folder: Path, messages: int) -> None:
    """Store a conversation of so many messages; in a process of its own, which takes memory."""
    folders = paths.under(folder)
    write_models(folders)
    app = open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: None)
    fill(app.store, messages, longest=messages)
    app.close()


def measure(folder: Path, seconds: float, stacks: TextIO | None) -> dict[str, object]:
    """Run the window through its course."""
    application = make_application(())
    engine = ScriptedEngine()
    engine.enqueue(
        *tokens(round(seconds * TOKENS_PER_SECOND)),
        seconds_per_piece=TOKENS_PER_DELTA / TOKENS_PER_SECOND,
    )
    app = open_application(paths.under(folder), engine=engine, find_keyring=lambda: None)
    window, tasks = MainWindow(SystemClock()), Tasks()
    workbench = Workbench(window, app, tasks, Interface(application, Looks("light")))
    window.closing.connect(workbench.close)
    beside = subprocess.Popen(
        [sys.executable, str(BESIDE)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    course = Course(window, workbench, seconds, beside, stacks)
    window.show()
    workbench.begin()
    workbench.conversations.open_stored(app.store.conversations()[0].id)
    pauses.shorten()  # as backstage does
    application.exec()
    tasks.close()
    app.close()
    return course.facts


def main() -> int:
    """Store the messages in a child, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=20.0, help="of streaming")
    parser.add_argument("--messages", type=int, default=10_000)
    parser.add_argument(
        "--stacks",
        type=argparse.FileType("w"),
        help="a file for what every thread does whenever the event loop is late",
    )
    parser.add_argument("--prepare", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    if arguments.prepare is not None:
        prepare(arguments.prepare, arguments.messages)
        return 0
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:  # /tmp may be no disk
        words = [f"--messages={arguments.messages}", f"--prepare={folder}"]
        subprocess.run([sys.executable, __file__, *words], check=True)
        facts = measure(Path(folder), arguments.seconds, arguments.stacks)
    sys.stdout.write(json.dumps({"messages": arguments.messages, **facts}) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
