"""A window that cannot start says why on the screen, and ends when that is closed."""

import os
import subprocess
import sys
from pathlib import Path

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


def test_a_data_folder_that_cannot_be_made_is_told_in_a_dialog(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join(root for root in sys.path if root),
            "QT_QPA_PLATFORM": "offscreen",
            "HANLIN_DATA_DIR": str(tmp_path / "file" / "data"),
        },
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert str(tmp_path / "file" / "data") in done.stdout
