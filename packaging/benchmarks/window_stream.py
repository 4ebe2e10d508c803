"""One part of the window's figures: the event loop while idle, then while an answer streams.

It streams into a conversation of ten thousand messages. Run by ``window.py``. The engine is
a script inside the process, so the flood of tokens is the window's alone to bear; the gaps
are those between two ticks of a timer.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import psutil
from PySide6.QtCore import QElapsedTimer, QObject, Qt, QTimer

from hanlin.bootstrap import Application, open_application
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

FORBIDDEN = ("llama_cpp", "numpy", "huggingface_hub", "http.client", "httpx", "requests", "urllib3")
TOKENS_PER_SECOND = 1_000
TOKENS_PER_DELTA = 20
"""The worker joins the tokens of up to 33 ms, so this is how a fast model's arrive."""
TICK_MS = 2
MESSAGES = 10_000
SETTLE_MS = 2_000
TEXT = (
    "## 标题 heading {n}\n\nA paragraph with **bold**, *italic* and `code`, "
    "中文也要流畅地显示出来，这样才好读。 It goes on for a while, as answers do.\n\n"
    "- one point\n- another point\n\n"
    "```python\ndef f{n}(x: int) -> int:\n    return x + {n}\n```\n\n"
    "| a | b |\n|---|---|\n| 1 | 2 |\n\n"
)


class Gaps(QObject):
    """Measures how long the event loop lets a timer wait."""

    def __init__(self) -> None:
        super().__init__()
        self._found: list[float] = []
        self._work: list[float] = []
        self._worked = 0.0
        self._watch = QElapsedTimer()
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._on_tick)

    def start(self) -> None:
        """Begin anew."""
        self._found.clear()
        self._work.clear()
        self._worked = time.thread_time()
        self._watch.start()
        self._timer.start(TICK_MS)

    def stop(self) -> dict[str, float]:
        """Return the 99th percentile and the longest in milliseconds.

        ``work`` is the processor time of the window's thread between two ticks: what the
        gap would be on a computer that does nothing else.
        """
        self._timer.stop()
        found, work = sorted(self._found), sorted(self._work)
        return {
            "p99_ms": round(found[int(len(found) * 0.99)], 1),
            "longest_ms": round(found[-1], 1),
            "work_p99_ms": round(work[int(len(work) * 0.99)], 1),
            "work_longest_ms": round(work[-1], 1),
        }

    def _on_tick(self) -> None:
        self._found.append(self._watch.nsecsElapsed() / 1e6)
        self._watch.restart()
        worked = time.thread_time()
        self._work.append(1000 * (worked - self._worked))
        self._worked = worked


class Course(QObject):
    """Settle, idle, stream, report."""

    def __init__(
        self, window: MainWindow, app: Application, workbench: Workbench, seconds: float
    ) -> None:
        super().__init__(window)
        self.facts: dict[str, object] = {}
        self._window = window
        self._app = app
        self._seconds = seconds
        self._gaps = Gaps()
        self._began = 0.0
        workbench.chat.answer_finished.connect(self._on_finished)
        QTimer.singleShot(SETTLE_MS, self, self._gaps.start)
        QTimer.singleShot(SETTLE_MS + round(seconds * 1000), self, self._begin)

    def _begin(self) -> None:
        self.facts["idle"] = self._gaps.stop()
        self._window.page.composer.send_requested.emit("go on")
        self._began = time.monotonic()
        self._gaps.start()

    def _on_finished(self) -> None:
        self.facts["streaming"] = self._gaps.stop()
        took = time.monotonic() - self._began
        self.facts["tokens_per_second"] = round(self._seconds * TOKENS_PER_SECOND / took)
        self.facts["resident_mb"] = round(psutil.Process().memory_info().rss / 1e6, 1)
        self.facts["forbidden_modules"] = [name for name in FORBIDDEN if name in sys.modules]
        QTimer.singleShot(0, self._window, self._window.close)


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


def measure(seconds: float) -> dict[str, object]:
    """Run the window through its course."""
    application = make_application(())
    with tempfile.TemporaryDirectory() as folder:
        folders = paths.under(Path(folder))
        write_models(folders)
        engine = ScriptedEngine()
        engine.enqueue(
            *tokens(round(seconds * TOKENS_PER_SECOND)),
            seconds_per_piece=TOKENS_PER_DELTA / TOKENS_PER_SECOND,
        )
        app = open_application(folders, engine=engine, find_keyring=lambda: None)
        fill(app.store, MESSAGES)
        window, tasks = MainWindow(SystemClock()), Tasks()
        workbench = Workbench(window, app, tasks, Interface(application, Looks("light")))
        window.closing.connect(workbench.close)
        course = Course(window, app, workbench, seconds)
        window.show()
        workbench.begin()
        workbench.conversations.open_stored(app.store.conversations()[0].id)
        pauses.shorten()  # as backstage does
        application.exec()
        tasks.close()
        app.close()
    return course.facts


if __name__ == "__main__":
    sys.stdout.write(json.dumps(measure(float(sys.argv[1]))) + "\n")
