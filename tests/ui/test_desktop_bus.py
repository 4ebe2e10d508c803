"""The small windows as commands of the desktop's message bus, on a bus of the test's own."""

import os
import shutil
import subprocess
import sys

import pytest

from hanlin_ui import desktop_bus

SECONDS = 60
STARTER = shutil.which("dbus-run-session")
PROGRAM = """
import subprocess, sys
from PySide6.QtCore import QCoreApplication, QObject, QTimer
from hanlin_ui.desktop_bus import DesktopBus, is_there
assert is_there()
application = QCoreApplication([])
parent = QObject()
bus = DesktopBus(parent)
heard = []
def hear(request):
    heard.append((request.verb, request.text))
    if len(heard) == 3:
        application.quit()
bus.asked.connect(hear)
caller = subprocess.Popen([sys.executable, "-c", sys.argv[1]])
QTimer.singleShot(int(sys.argv[2]), application.quit)
application.exec()
caller.wait()
bus.close()
print(heard)
"""
CALLER = """
from PySide6.QtCore import QCoreApplication
from PySide6.QtDBus import QDBusInterface
application = QCoreApplication([])
desk = QDBusInterface("hanlin.Desktop", "/hanlin/Desktop", "hanlin.Desktop")
desk.call("Translate", "今天天气很好。")
desk.call("Ask", "1 + 1?")
desk.call("Open")
"""


@pytest.mark.skipif(STARTER is None, reason="no dbus-run-session here")
def test_what_is_asked_over_the_bus_is_heard() -> None:
    roots = os.pathsep.join(root for root in sys.path if root)
    done = subprocess.run(
        [str(STARTER), "--", sys.executable, "-c", PROGRAM, CALLER, str(SECONDS * 1000)],
        env={**os.environ, "PYTHONPATH": roots},
        capture_output=True,
        text=True,
        check=True,
        timeout=2 * SECONDS,
    )
    expected = [("translate", "今天天气很好。"), ("quick", "1 + 1?"), ("", "")]
    assert done.stdout.strip() == str(expected)


def test_without_a_bus_there_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    assert not desktop_bus.is_there()
