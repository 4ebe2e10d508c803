"""A later start on the same data folder: a living window hears it, a hanging one is known."""

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
from hanlin_ui.instance import FirstInstance

SECONDS = 30
LATER_START = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication
from hanlin.kernel import paths
from hanlin.domain.start import StartRequest
from hanlin_ui import instance
application = QCoreApplication([])
instance._ANSWER_MS = int(sys.argv[2])
files = tuple(Path(name) for name in sys.argv[3:])
request = StartRequest("quick", "天气\\n\U0001f600", files)
heard = instance.tell_first(paths.under(Path(sys.argv[1])), request)
sys.exit(0 if heard else 1)
"""


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


@pytest.mark.usefixtures("first")
def test_a_window_that_hangs_is_not_taken_for_one_that_heard(tmp_path: Path) -> None:
    later = start(tmp_path, 200)  # no event loop runs here meanwhile
    assert later.wait(SECONDS) == 1
