"""A later start on the same data folder: a window that lives hears it, others are told apart."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from hanlin.domain.start import StartRequest
from hanlin.kernel import paths
from hanlin.kernel.instance import FileLock
from hanlin_ui.instance import FirstInstance

SECONDS = 30
LATER_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from hanlin.kernel import paths
from hanlin.kernel.instance import FileLock
from hanlin.domain.start import StartRequest
from hanlin_ui import instance
application = QCoreApplication([])
instance._ANSWER_MS = int(sys.argv[2])
files = tuple(Path(name) for name in sys.argv[3:])
request = StartRequest("quick", "天气\\n\U0001f600", files)
here = paths.under(Path(sys.argv[1]))
lock = FileLock(here.instance_lock)
heard = instance.tell_first(here, request, lock.try_acquire)
sys.exit(0 if heard else 2 if lock.held else 1)
"""


@pytest.fixture
def held(tmp_path: Path) -> Iterator[FileLock]:
    """What the first one holds until its end."""
    folders = paths.under(tmp_path)
    folders.create()
    lock = FileLock(folders.instance_lock)
    assert lock.try_acquire()
    yield lock
    lock.release()


@pytest.fixture
def first(tmp_path: Path) -> Iterator[FirstInstance]:
    parent = QObject()
    listening = FirstInstance(paths.under(tmp_path), parent)
    yield listening
    listening.close()


def start(folder: Path, milliseconds: int, *files: Path) -> "subprocess.Popen[bytes]":
    roots = os.pathsep.join(root for root in sys.path if root)
    words = [str(folder), str(milliseconds), *map(str, files)]
    return subprocess.Popen(
        [sys.executable, "-c", LATER_START, *words], env={**os.environ, "PYTHONPATH": roots}
    )


def test_a_window_that_lives_hears_and_says_so(
    qtbot: QtBot, first: FirstInstance, tmp_path: Path
) -> None:
    with qtbot.waitSignal(first.asked, timeout=SECONDS * 1000) as asked:
        later = start(tmp_path, SECONDS * 1000, tmp_path / "模型.gguf")
    qtbot.waitUntil(lambda: later.poll() is not None, timeout=SECONDS * 1000)
    assert later.returncode == 0
    assert asked.args == [StartRequest("quick", "天气\n\U0001f600", (tmp_path / "模型.gguf",))]


@pytest.mark.usefixtures("first", "held")
def test_a_window_that_hangs_is_not_taken_for_one_that_heard(tmp_path: Path) -> None:
    later = start(tmp_path, 200)  # no event loop runs here meanwhile
    assert later.wait(SECONDS) == 1


def test_a_window_that_ends_leaves_its_place_to_the_next(
    qtbot: QtBot, first: FirstInstance, held: FileLock, tmp_path: Path
) -> None:
    first.close()
    later = start(tmp_path, SECONDS * 1000)
    qtbot.wait(1000)  # it finds nobody that listens, while the states go to the disk
    assert later.poll() is None
    held.release()
    assert later.wait(SECONDS) == 2
