"""A window that cannot start says why on the screen, and ends when that is closed."""

import os
import subprocess
import sys
from pathlib import Path

from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin.store.conversations import Store
from hanlin.store.filing import Filing
from hanlin.vault import Vault

SECONDS = 60
# Closes the first dialog that opens and prints what it said.
PROGRAM = """
import sys
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog, QLabel
from hanlin_ui import application, interface

def look():
    for dialog in QApplication.topLevelWidgets():
        if isinstance(dialog, QDialog) and dialog.isVisible():
            print([label.text() for label in dialog.findChildren(QLabel) if label.text()])
            dialog.accept()

def make(words):
    made = interface.make_application(words)
    timer = QTimer(made)
    timer.timeout.connect(look)
    timer.start(50)
    return made

application.make_application = make
from hanlin.__main__ import main
sys.exit(main([]))
"""

# Types and presses Enter in the first frame, and prints what the engine is asked in the end.
TYPING = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from hanlin.bootstrap import open_application
from hanlin.kernel import paths
from hanlin_bench.models import write_models
from hanlin_fakes.engine import ScriptedEngine
from hanlin_ui.application import run
from hanlin_ui.main_window import MainWindow

folders = paths.under(Path(sys.argv[1]))
write_models(folders)
engine = ScriptedEngine()
engine.enqueue("Good morning.")
paint = MainWindow.paintEvent
windows = []

def press(entry, key, text):
    for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
        QCoreApplication.postEvent(
            entry, QKeyEvent(kind, key, Qt.KeyboardModifier.NoModifier, text)
        )

def first_paint(window, event):
    paint(window, event)
    if windows:
        return
    windows.append(window)
    for letter in "good day":
        press(window.page.composer.entry, ord(letter.upper()), letter)
    press(window.page.composer.entry, Qt.Key.Key_Return, "\\r")
    timer = QTimer(window)
    timer.timeout.connect(look)
    timer.start(50)

def look():
    if engine.asked:
        print(engine.asked[0].turns[-1].text)
        windows[0].leave()

MainWindow.paintEvent = first_paint
run(folders, opener=lambda: open_application(folders, engine=engine, find_keyring=lambda: None))
"""

# Types in the first frame and closes the window in the second.
LEAVING = TYPING.replace("timer.timeout.connect(look)", "timer.timeout.connect(window.leave)")


def test_what_is_typed_in_the_first_frame_is_asked_when_the_program_is_open(tmp_path: Path) -> None:
    done = _run(TYPING, tmp_path, str(tmp_path / "data"))
    assert done.stdout.split("\n")[0] == "good day", done.stderr


def test_what_is_typed_in_the_first_frame_outlives_a_window_closed_in_the_second(
    tmp_path: Path,
) -> None:
    assert LEAVING != TYPING
    done = _run(LEAVING, tmp_path, str(tmp_path / "data"))
    folders = paths.under(tmp_path / "data")
    key = Vault(folders.keys, folders.database, lambda: None).open().key
    with Store.open(folders.database, key, SystemClock()) as store:
        kept = [one.text() for all_ in store.conversations() for one in store.transcript(all_.id)]
        assert "good day" in (kept or Filing(store).drafts().values()), done.stderr


def test_a_data_folder_that_cannot_be_made_is_told_in_a_dialog(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    done = _run(PROGRAM, tmp_path / "file" / "data")
    assert done.returncode == 1, done.stderr
    assert str(tmp_path / "file" / "data") in done.stdout


def _run(program: str, data: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program, *words],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(root for root in sys.path if root),
            "QT_QPA_PLATFORM": "offscreen",
            "HANLIN_DATA_DIR": str(data),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
