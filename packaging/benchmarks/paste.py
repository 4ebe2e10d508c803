"""How long the window stands still when ten megabytes are pasted: `paste.py [MEGABYTES]`.

Pastes text into the message field of the real window (off screen) until the chip says that it
is read, and prints one JSON object: the gaps between two ticks of a timer, idle and meanwhile,
with the processor time of the window's thread in them. The tests do not run this.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QApplication

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
from window_gaps import Gaps

LINE = "This line was copied from somewhere 这一行是从别处复制来的。\n"
_SETTLE = 3.0
_PATIENCE = 120.0


def main() -> int:
    """Measure and print."""
    megabytes = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    text = LINE * round(megabytes * 1e6 / len(LINE.encode()))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = make_application(())
    with tempfile.TemporaryDirectory() as folder:
        folders = paths.under(Path(folder))
        write_models(folders)
        app = open_application(folders, engine=ScriptedEngine(), find_keyring=lambda: None)
        window, tasks = MainWindow(SystemClock()), Tasks()
        workbench = Workbench(window, app, tasks, Interface(application, Looks("light")))
        window.closing.connect(workbench.close)
        window.show()
        workbench.begin()
        pauses.shorten()  # as backstage does
        gaps = Gaps()
        run(application, _SETTLE)
        gaps.start()
        run(application, _SETTLE)
        result: dict[str, object] = {"megabytes": megabytes, "idle": gaps.stop()}
        QGuiApplication.clipboard().setText(text)
        run(application, _SETTLE)
        gaps.start()
        began = time.monotonic()
        window.page.composer.entry.paste()
        while not workbench.attaching.is_ready and time.monotonic() < began + _PATIENCE:
            application.processEvents()
            time.sleep(0.0005)
        result["read_after_seconds"] = round(time.monotonic() - began, 1)
        run(application, 1.0)
        result["pasting"] = gaps.stop()
        result["read"] = workbench.attaching.is_ready
        window.close()
        tasks.close()
        app.close()
    sys.stdout.write(json.dumps(result, indent=2) + "\n")
    return 0


def run(application: QApplication, seconds: float) -> None:
    """Let the event loop work for a while."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        application.processEvents()
        time.sleep(0.0005)


if __name__ == "__main__":
    sys.exit(main())
