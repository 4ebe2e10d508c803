"""The figures of the window: `python packaging/benchmarks/window.py`.

Prints one JSON object: the first paint against that of a bare PySide6 window, the
modules that must not be in the window's process, the gaps of the event loop while
an answer streams against those of an idle loop in another process at the same time,
and the memory in use. Everything that is compared runs side by side in one go. The
tests do not run this.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = [str(ROOT / name) for name in ("app", "ui", "models", "resources", "tests/support")]
STREAM = Path(__file__).with_name("window_stream.py")


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="starts of each window")
    parser.add_argument("--seconds", type=float, default=20.0, help="of streaming")
    parser.add_argument(
        "--messages",
        type=int,
        nargs="*",
        default=[2, 10_000],
        help="in the conversations that are streamed into",
    )
    parser.add_argument("--part", choices=["bare", "ours"], help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.part == "bare":
        _paint_bare()
    elif arguments.part == "ours":
        _paint_ours()
    else:
        _report(arguments.rounds, arguments.seconds, arguments.messages)
    return 0


def _report(rounds: int, seconds: float, messages: list[int]) -> None:
    for part in ("bare", "ours"):
        _run(__file__, "--part", part)  # warms the disk cache and the compiled modules of both
    pairs = [
        (_run(__file__, "--part", "bare"), _run(__file__, "--part", "ours"))
        for _round in range(rounds)
    ]
    bare = statistics.median(_seconds(b) for b, _ours in pairs)
    ours = statistics.median(_seconds(o) for _bare, o in pairs)
    result = {
        "first_paint": {
            "bare_ms": round(1000 * bare),
            "ours_ms": round(1000 * ours),
            "ratio": round(statistics.median(_seconds(o) / _seconds(b) for b, o in pairs), 2),
            "rounds": rounds,
        },
        "stream": [
            _run(STREAM, f"--seconds={seconds}", f"--messages={count}") for count in messages
        ],
    }
    sys.stdout.write(json.dumps(result, indent=2, ensure_ascii=False) + "\n")


def _seconds(facts: dict[str, object]) -> float:
    return float(str(facts["seconds"]))


def _run(script: str | Path, *words: str) -> dict[str, object]:
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(SOURCES),
        "BENCH_STARTED": repr(time.monotonic()),
    }
    environment.setdefault("QT_QPA_PLATFORM", "offscreen")
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # nobody starts a program without it twice
    done = subprocess.run(
        [sys.executable, str(script), *words],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    answer: dict[str, object] = json.loads(done.stdout.splitlines()[-1])
    return answer


def _say(**facts: object) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def _since_start() -> float:
    return time.monotonic() - float(os.environ["BENCH_STARTED"])


def _paint_bare() -> None:
    """Show the least that PySide6 can show."""
    from PySide6.QtCore import QTimer  # noqa: PLC0415 - its import is part of what is measured
    from PySide6.QtGui import QPaintEvent  # noqa: PLC0415 - see above
    from PySide6.QtWidgets import QApplication, QMainWindow  # noqa: PLC0415

    class Bare(QMainWindow):
        def paintEvent(self, event: QPaintEvent) -> None:
            super().paintEvent(event)
            QTimer.singleShot(0, self, _end)

    application = QApplication([])
    window = Bare()
    window.resize(1120, 760)
    window.show()
    application.exec()


def _paint_ours() -> None:
    """Start the program the way its launcher does, up to its first paint."""
    from hanlin.preparing import hurry, prepare  # noqa: PLC0415 - as in the launcher

    hurry()
    from hanlin_ui.application import run  # noqa: PLC0415
    from hanlin_ui.main_window import MainWindow  # noqa: PLC0415

    with tempfile.TemporaryDirectory() as folder:
        paths = prepare(["--data-dir", folder])
        # What a window begins with in the turn after its first paint; that of the bare one ends.
        setattr(MainWindow, "_on_painted", lambda _window: _end())  # noqa: B010 - its own affair
        run(paths)


def _end() -> None:
    """Tell how long it took until all that is in the window was painted."""
    _say(seconds=_since_start())
    os._exit(0)


if __name__ == "__main__":
    sys.exit(main())
