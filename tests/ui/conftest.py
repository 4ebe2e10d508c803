"""What holds for tests of the window's parts: nothing of Qt is left over, no dialog blocks."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from hanlin.kernel import paths
from hanlin_bench.bench import Bench
from hanlin_bench.library import REPOSITORY, use_hub
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.server import Server, servers
from hanlin_hub.shelf import Repository, Shelf
from hanlin_hunters.qt import Dialogs, no_qt_left, nothing_flashes_up, remember_who_makes_widgets
from hanlin_ui.theme.fonts import interface_font


@pytest.fixture(scope="session", autouse=True)
def widgets_know_who_made_them() -> Iterator[None]:
    """Let the hunter for leftover windows name a line."""
    with pytest.MonkeyPatch.context() as patch:
        remember_who_makes_widgets(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def the_programs_font(qapp: QApplication) -> None:
    """Let every width be reckoned with the font that people see."""
    qapp.setFont(interface_font(qapp.font()))


@pytest.fixture(scope="session", autouse=True)
def garbage_waits_for_the_gui_thread(qapp: QApplication) -> Iterator[None]:
    """Let no thread of a test end the widgets of another, as the program does (``pauses``)."""
    gc.collect()
    gc.freeze()
    gc.disable()
    yield
    gc.enable()
    gc.unfreeze()


@pytest.fixture(autouse=True)
def no_garbage_left(garbage_waits_for_the_gui_thread: None) -> Iterator[None]:
    """End what the test left in circles before the next begins."""
    yield
    gc.collect()


@pytest.fixture(autouse=True)
def nothing_of_qt_left(
    qapp: QApplication, nothing_left_running: None, no_garbage_left: None
) -> Iterator[None]:
    """Fail the test that leaves a timer, a QThread or a window behind, and name the line."""
    with no_qt_left(), nothing_flashes_up():
        yield


@pytest.fixture(autouse=True)
def dialogs(nothing_of_qt_left: None) -> Iterator[Dialogs]:
    """Answer the dialogs a test expects, and fail at any other instead of waiting for ever."""
    answers = Dialogs()
    with answers.guarding():
        yield answers


@pytest.fixture
def bench(qtbot: QtBot, tmp_path: Path, dialogs: Dialogs) -> Iterator[Bench]:
    """Return an open window over a scripted engine."""
    opened = Bench(qtbot, tmp_path / "bench")
    yield opened
    opened.close()


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    """Return who vouches for the test Hub."""
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(tmp_path: Path, authority: Authority) -> Iterator[Server]:
    """Return a test Hub with one small model, which ``online_bench`` knows."""
    shelf = Shelf()
    data = write_random(tmp_path / "m.gguf").read_bytes()
    shelf.add(Repository(REPOSITORY, {"m-Q4_K_M.gguf": data, "m-Q8_0.gguf": data + bytes(64)}))
    server = Server(authority, shelf)
    use_hub(paths.under(tmp_path / "bench"), server, authority)
    with servers(server):
        yield server


@pytest.fixture
def online_bench(qtbot: QtBot, tmp_path: Path, hub: Server, dialogs: Dialogs) -> Iterator[Bench]:
    """Return an open window that may ask the test Hub. For tests marked ``loopback``."""
    opened = Bench(qtbot, tmp_path / "bench")
    yield opened
    opened.close()
