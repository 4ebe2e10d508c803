"""What appears on the screen while the program starts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QToolButton, QWidget
from pytestqt.qtbot import QtBot

from hanlin.kernel import paths
from hanlin.kernel.clock import SystemClock
from hanlin_bench.bench import Bench
from hanlin_hunters.qt import Dialogs
from hanlin_ui import application, workbench
from hanlin_ui.lean import PUT_OFF
from hanlin_ui.main_window import MainWindow
from hanlin_ui.widgets.menu_bar import FOLDS


class _Shown(QObject):
    """Every window that was shown."""

    def __init__(self) -> None:
        super().__init__()
        self.windows: list[QWidget] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.windows.append(watched)
        return False


def test_nothing_flashes_up_before_the_first_window(qtbot: QtBot, qapp: QApplication) -> None:
    shown = _Shown()
    qapp.installEventFilter(shown)
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    qapp.removeEventFilter(shown)
    assert shown.windows == [window]


def test_what_the_first_paint_does_not_show_is_not_built_before_it(qtbot: QtBot) -> None:
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    assert len(window.status_line.findChildren(QLabel)) == 1, "the connections alone are shown"
    assert window.status_line.findChildren(QToolButton) == []
    assert bool(window.menuBar().actions()) is not FOLDS


def test_a_menu_bar_that_stays_is_there_in_the_first_paint(qtbot: QtBot) -> None:
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    window.menus.set_bar_stays(True)
    names = [one.text() for one in window.menuBar().actions()]
    assert names == ["&File", "&Edit", "&Settings", "&Help"]
    window.furnish()
    assert [one.text() for one in window.menuBar().actions()] == names


def _said_by(program: str) -> str:
    """Return what another process prints, in which nothing of PySide6 was imported before."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return done.stdout


def test_no_source_is_read_on_the_way_to_the_first_window() -> None:
    look = (
        "import linecache, hanlin_ui.main_window;"
        "print(*(name for name in linecache.cache if 'hanlin_ui' in name))"
    )
    assert _said_by(look).split() == [], "PySide6 has another way of looking into our modules"


_BUILD = """
import sys
from hanlin_ui.lean import PUT_OFF
from hanlin_ui.interface import make_application
from hanlin_ui.main_window import MainWindow
from hanlin.kernel.clock import SystemClock

application = make_application(())
window = MainWindow(SystemClock())
"""


def test_what_pyside6_words_errors_with_is_not_run_on_the_way_to_the_first_window() -> None:
    look = "print(*(name for name in PUT_OFF if '__file__' not in vars(sys.modules[name])))"
    assert set(_said_by(_BUILD + look).split()) == PUT_OFF, "PySide6 brings it in another way"


def test_what_was_put_off_still_words_errors_and_help() -> None:
    provoke = """
try:
    window.resize("wide")
except TypeError as error:
    print(error)
print(MainWindow.resize.__doc__)
from PySide6.support.signature.lib.pyi_generator import generate_pyi
print(generate_pyi.__name__)
"""
    words = _said_by(_BUILD + provoke)
    assert "resize(w: int, h: int, /)\n" in words, words
    assert "resize(self, w: int, h: int, /) -> None" in words, words
    assert "generate_pyi" in words, words


def test_a_computer_that_cannot_draw_chinese_is_told_so_in_letters_it_can_draw(
    qtbot: QtBot, tmp_path: Path, dialogs: Dialogs, monkeypatch: pytest.MonkeyPatch
) -> None:
    del dialogs
    monkeypatch.setattr(workbench, "draws_chinese", lambda _font: False)
    bench = Bench(qtbot, tmp_path / "bench", "zh_CN")
    try:
        bench.until(bench.window.page.notice.isVisible)
        assert "fonts-noto-cjk" in bench.window.page.notice.text()
        assert bench.window.page.notice.text().isascii()
    finally:
        bench.close()


def test_a_start_that_fails_says_so_in_the_programs_own_looks(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, bool]] = []

    def look() -> None:
        (dialog,) = [one for one in QApplication.topLevelWidgets() if isinstance(one, QDialog)]
        words = " ".join(label.text() for label in dialog.findChildren(QLabel))
        seen.append((words, bool(qapp.styleSheet())))
        dialog.close()
        dialog.deleteLater()

    folder = tmp_path / "data"
    folder.write_text("a file in the folder's place")
    monkeypatch.setattr(application, "make_application", lambda _words: qapp)
    monkeypatch.setattr(qapp, "exec", look)
    qapp.setStyleSheet("")
    assert application.run(paths.under(folder)) == 1
    ((words, dressed),) = seen
    assert str(folder) in words
    assert dressed
