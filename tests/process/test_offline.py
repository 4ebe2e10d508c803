"""Nothing of the program opens a network socket: the kernel's calls of every process are watched.

The guards of other tests sit inside Python and see only Python; here ``strace`` follows
the program, its children and their libraries from outside.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from hanlin_fakes.gguf_models import write_scripted

SECONDS = 90
FORBIDDEN = frozenset(
    {"AF_INET", "AF_INET6", "AF_NETLINK", "AF_PACKET", "AF_VSOCK", "AF_BLUETOOTH"}
)
_SOCKET = re.compile(r"\bsocket\((\w+)")
_CONTROL = """
import socket, subprocess, sys
if sys.argv[1:]:
    socket.socket(socket.AF_INET6, socket.SOCK_DGRAM).close()
else:
    socket.socket(socket.AF_INET).close()
    socket.if_nameindex()
    subprocess.run([sys.executable, "-c", sys.stdin.read(), "child"], check=True)
"""


@cache
def why_not_watched() -> str:
    """Return why system calls cannot be watched here, "" when they can."""
    if sys.platform != "linux":
        return "only Linux has strace"
    strace = shutil.which("strace")
    if strace is None:
        return "strace is not installed"
    harmless = [strace, "-qq", "-e", "trace=none", sys.executable, "-c", ""]
    tried = subprocess.run(harmless, capture_output=True, text=True, check=False)
    return "" if tried.returncode == 0 else f"strace may not watch here: {tried.stderr.strip()}"


pytestmark = [
    pytest.mark.skipif(bool(why_not_watched()), reason=why_not_watched()),
    pytest.mark.timeout(4 * SECONDS),
]


class Watched:
    """A program run to its end, its output, and the sockets it and its children asked for."""

    def __init__(self, folder: Path, *words: str, stdin: str = "") -> None:
        record = folder / "calls.txt"
        strace = ["strace", "-f", "-qq", "-s", "0", "-e", "trace=socket", "-o", str(record)]
        roots = os.pathsep.join(root for root in sys.path if root)
        done = subprocess.run(
            [*strace, sys.executable, *words],
            input=stdin,
            capture_output=True,
            text=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, "PYTHONPATH": roots, "QT_QPA_PLATFORM": "offscreen"},
        )
        assert done.returncode == 0, done.stderr
        self.output = done.stdout
        calls = record.read_text(encoding="utf-8")
        self.families = Counter(_SOCKET.findall(calls))

    @property
    def forbidden(self) -> frozenset[str]:
        """The families of sockets that lead off this computer."""
        return FORBIDDEN & set(self.families)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return write_scripted(tmp_path / "小.gguf", ["你好", "，", "here I am."])


def test_the_watcher_sees_sockets_of_libraries_and_of_children(tmp_path: Path) -> None:
    watched = Watched(tmp_path, "-c", _CONTROL, stdin=_CONTROL)
    assert watched.forbidden == {"AF_INET", "AF_INET6", "AF_NETLINK"}


def test_a_question_on_the_command_line_opens_no_network_socket(
    tmp_path: Path, model: Path
) -> None:
    watched = Watched(tmp_path, "-m", "hanlin", "ask", "--model", str(model), "在吗")
    assert watched.output == "你好，here I am.\n"
    assert watched.forbidden == set()


def test_a_conversation_in_the_window_opens_no_network_socket(tmp_path: Path, model: Path) -> None:
    for words in (("models", "add", str(model)), ("chat", "--model", model.stem)):
        watched = Watched(tmp_path, "-m", "hanlin", *words, stdin="在吗\n")
        assert watched.forbidden == set()
    watched = Watched(tmp_path, "-m", "hanlin_bench.asking_window", "hello")
    assert watched.output == "你好，here I am.\n"
    assert watched.forbidden == set()
    assert watched.families["AF_UNIX"], "the window listens for a second start"
