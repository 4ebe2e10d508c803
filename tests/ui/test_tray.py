"""The icon in the tray: closing the window keeps the program, where that is wanted."""

import pytest
from PySide6.QtWidgets import QSystemTrayIcon

from hanlin_bench.bench import Bench

pytestmark = pytest.mark.qt_log_ignore(
    "No Icon set", "systemTrayWindowChanged", "does not support raise", extend=True
)


@pytest.fixture
def has_tray(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the desktop have a tray: the one of the tests has none."""
    monkeypatch.setattr(QSystemTrayIcon, "isSystemTrayAvailable", staticmethod(lambda: True))


def words(bench: Bench) -> list[str]:
    menu = bench.workbench.tray.menu
    assert menu is not None
    return [action.text() for action in menu.actions() if not action.isSeparator()]


@pytest.mark.usefixtures("has_tray")
def test_a_closed_window_comes_back_from_the_tray_with_what_was_there(bench: Bench) -> None:
    bench.ask("q", "a")
    bench.app.settings.keep_running = True
    bench.until(lambda: bench.window.hides_on_close)
    bench.window.close()
    assert not bench.window.isVisible()
    assert words(bench) == ["Open Hanlin", "Quick question", "New conversation", "Quit"]
    menu = bench.workbench.tray.menu
    assert menu is not None
    menu.actions()[0].trigger()
    bench.until(bench.window.isVisible)
    bench.ask("r", "b")
    bench.window.close()
    with bench.qtbot.waitSignal(bench.window.closing):
        menu.actions()[-1].trigger()


@pytest.mark.usefixtures("has_tray")
def test_switched_off_again_closing_is_the_end(bench: Bench) -> None:
    bench.app.settings.keep_running = True
    bench.until(lambda: bench.window.hides_on_close)
    bench.app.settings.keep_running = False
    bench.until(lambda: not bench.window.hides_on_close)
    assert bench.workbench.tray.icon is None


def test_without_a_tray_closing_is_the_end_whatever_was_chosen(bench: Bench) -> None:
    assert not QSystemTrayIcon.isSystemTrayAvailable()
    bench.app.settings.keep_running = True
    with bench.qtbot.waitSignal(bench.window.closing):
        bench.window.close()
