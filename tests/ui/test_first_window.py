"""What appears on the screen while the program starts."""

from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from hanlin.kernel.clock import SystemClock
from hanlin_bench.bench import Bench
from hanlin_hunters.qt import Dialogs
from hanlin_ui import workbench
from hanlin_ui.main_window import MainWindow


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
