"""The figures of the window: `python packaging/benchmarks/window.py`.

Prints one JSON object: the first paint against that of a bare PySide6 window, the
modules that must not be in the window's process, the gaps of the event loop while
an answer streams against those of an idle loop, and the memory in use. Everything
that is compared runs side by side in one go. The tests do not run this.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [str(ROOT / name) for name in ("app", "ui", "models", "resources", "tests/support")]
FORBIDDEN = ("llama_cpp", "numpy", "huggingface_hub", "http.client", "httpx", "requests", "urllib3")
TEXT = (
    "## 标题 heading {n}\n\nA paragraph with **bold**, *italic* and `code`, 中文也要流畅地显示出来，"
    "这样才好读。 It goes on for a while, as answers do.\n\n- one point\n- another point\n\n"
    "```python\ndef f{n}(x: int) -> int:\n    return x + {n}\n```\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="starts of each window")
    parser.add_argument("--seconds", type=float, default=20.0, help="of streaming and of idling")
    parser.add_argument("--part", choices=["bare", "ours", "stream"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part == "bare":
        _paint_bare()
    elif arguments.part == "ours":
        _paint_ours()
    elif arguments.part == "stream":
        _stream(arguments.seconds)
    else:
        _report(arguments.rounds, arguments.seconds)
    return 0


def _report(rounds: int, seconds: float) -> None:
    for part in ("bare", "ours"):
        _run(part)  # warms the disk cache and the compiled modules of both
    pairs = [(_run("bare"), _run("ours")) for _round in range(rounds)]
    bare = statistics.median(float(b["seconds"]) for b, _ours in pairs)
    ours = statistics.median(float(o["seconds"]) for _bare, o in pairs)
    result = {
        "first_paint": {
            "bare_ms": round(1000 * bare),
            "ours_ms": round(1000 * ours),
            "ratio": round(ours / bare, 2),
            "rounds": rounds,
        },
        "stream": _run("stream", "--seconds", str(seconds)),
    }
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def _run(part: str, *more: str) -> dict[str, float | list[str]]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(SOURCES),
        "BENCH_STARTED": repr(time.monotonic()),
    }
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    done = subprocess.run(
        [sys.executable, __file__, "--part", part, *more],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    answer: dict[str, float | list[str]] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _since_start() -> float:
    return time.monotonic() - float(os.environ["BENCH_STARTED"])


def _paint_bare() -> None:
    """Show the least that PySide6 can show."""
    from PySide6.QtGui import QPaintEvent  # noqa: PLC0415 - its import is part of what is measured
    from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: PLC0415

    class Bare(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            _say(seconds=_since_start())
            QApplication.quit()

    application = QApplication([])
    window = Bare()
    window.resize(1120, 760)
    window.show()
    application.exec()


def _paint_ours() -> None:
    """Start the program the way its launcher does, up to its first paint."""
    from hanlin.preparing import prepare  # noqa: PLC0415 - as in the launcher
    from hanlin_ui.application import run  # noqa: PLC0415
    from hanlin_ui.main_window import MainWindow  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        paths = prepare(["--data-dir", folder])
        paint = MainWindow.paintEvent

        def first_paint(window: MainWindow, event: object) -> None:
            paint(window, event)  # type: ignore[arg-type]  # Qt's own event
            _say(seconds=_since_start())
            sys.stdout.flush()
            os._exit(0)

        MainWindow.paintEvent = first_paint  # type: ignore[method-assign,assignment]
        run(paths)


def _stream(seconds: float) -> None:
    """Idle, then stream about 1,000 tokens a second, and say what the loop felt."""
    import psutil  # noqa: PLC0415 - only this part needs these
    from PySide6.QtCore import QCoreApplication, QElapsedTimer, Qt, QTimer  # noqa: PLC0415

    from hanlin.bootstrap import open_application  # noqa: PLC0415
    from hanlin.kernel import paths  # noqa: PLC0415
    from hanlin.kernel.clock import SystemClock  # noqa: PLC0415
    from hanlin_bench.models import write_models  # noqa: PLC0415
    from hanlin_fakes.engine import ScriptedEngine  # noqa: PLC0415
    from hanlin_ui.bridges.tasks import Tasks  # noqa: PLC0415
    from hanlin_ui.interface import Interface, make_application  # noqa: PLC0415
    from hanlin_ui.main_window import MainWindow  # noqa: PLC0415
    from hanlin_ui.workbench import Workbench  # noqa: PLC0415

    application = make_application(())
    with tempfile.TemporaryDirectory() as folder:
        folders = paths.under(Path(folder))
        write_models(folders)
        engine = ScriptedEngine()
        app = open_application(folders, engine=engine, find_keyring=lambda: None)
        window, tasks = MainWindow(SystemClock()), Tasks()
        workbench = Workbench(window, app, tasks, Interface(application, "light"))
        window.closing.connect(workbench.close)
        window.show()
        workbench.begin()

        gaps: list[float] = []
        ticking, watch = QTimer(), QElapsedTimer()
        ticking.setTimerType(Qt.TimerType.PreciseTimer)
        ticking.timeout.connect(lambda: gaps.append(watch.nsecsElapsed() / 1e6) or watch.restart())

        def measure(until: Callable[[], bool]) -> list[float]:
            gaps.clear()
            watch.start()
            ticking.start(1)
            while not until():
                QCoreApplication.processEvents()
                time.sleep(0)
            ticking.stop()
            return list(gaps)

        _settle(1.0)
        idle_end = time.monotonic() + seconds
        idle = measure(lambda: time.monotonic() > idle_end)
        tokens = _tokens(round(seconds * 1_000))
        engine.enqueue(*tokens, seconds_per_piece=0.0008)
        began = time.monotonic()
        window.page.composer.send_requested.emit("go on")
        _settle(0.5)
        streaming = measure(lambda: not app.chat.is_answering(workbench.conversations.current))
        rate = len(tokens) / (time.monotonic() - began)
        _settle(0.5)
        memory = psutil.Process().memory_info().rss
        loaded = [name for name in FORBIDDEN if name in sys.modules]
        window.close()
        tasks.close()
        app.close()
    _say(
        tokens_per_second=round(rate),
        idle_p99_ms=_percentile(idle),
        idle_longest_ms=round(max(idle), 1),
        streaming_p99_ms=_percentile(streaming),
        streaming_longest_ms=round(max(streaming), 1),
        resident_mb=round(memory / 1e6, 1),
        forbidden_modules=loaded,
    )


def _settle(seconds: float) -> None:
    from PySide6.QtCore import QCoreApplication  # noqa: PLC0415 - see above

    end = time.monotonic() + seconds
    while time.monotonic() < end:
        QCoreApplication.processEvents()
        time.sleep(0.001)


def _tokens(count: int) -> list[str]:
    """Return ``count`` pieces of text of about four characters."""
    pieces: list[str] = []
    number = 0
    while len(pieces) < count:
        text = TEXT.format(n=number)
        pieces.extend(text[i : i + 4] for i in range(0, len(text), 4))
        number += 1
    return pieces[:count]


def _percentile(gaps: Sequence[float]) -> float:
    return round(sorted(gaps)[int(len(gaps) * 0.99)], 1)


if __name__ == "__main__":
    sys.exit(main())
