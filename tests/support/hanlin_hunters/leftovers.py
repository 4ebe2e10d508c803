"""Threads and child processes that outlive the test that started them.

What Qt leaves behind is hunted in ``qt``.
"""

import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import psutil
import pytest

from hanlin_hunters import origin

T = TypeVar("T")
GRACE_SECONDS = 3.0
"""How long something that was told to end may take to be gone."""


def wait_until_gone(present: Callable[[], list[T]]) -> list[T]:
    """Return what is still there after the grace, at once when nothing is."""
    deadline = time.monotonic() + GRACE_SECONDS
    while (left := present()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return left


@contextmanager
def no_threads_left() -> Iterator[None]:
    """Fail when a thread that began inside is still alive after the end."""
    before = set(threading.enumerate())
    start = threading.Thread.start

    def remembering_start(thread: threading.Thread) -> None:
        setattr(thread, origin.ATTRIBUTE, origin.line())
        start(thread)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threading.Thread, "start", remembering_start)
        yield
    left = wait_until_gone(lambda: [t for t in threading.enumerate() if t not in before])
    if left:
        lines = "\n".join(f"  {thread.name!r}, started by {origin.of(thread)}" for thread in left)
        pytest.fail(f"threads left over:\n{lines}", pytrace=False)


@contextmanager
def no_children_left() -> Iterator[None]:
    """Fail when a process that began inside is still there after the end, and end it."""
    before = set(_children())
    started: dict[int, str] = {}
    create = subprocess.Popen.__init__

    def remembering_init(popen: subprocess.Popen[Any], *arguments: Any, **options: Any) -> None:
        create(popen, *arguments, **options)
        started[popen.pid] = origin.line()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(subprocess.Popen, "__init__", remembering_init)
        yield
    left = wait_until_gone(lambda: [child for child in _children() if child not in before])
    if left:
        lines = "\n".join(_describe(child, started) for child in left)
        for child in left:
            child.kill()
        pytest.fail(f"processes left over:\n{lines}", pytrace=False)


def _children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def _describe(child: psutil.Process, started: dict[int, str]) -> str:
    who = started.get(child.pid, "a line that is not known (a child's child?)")
    try:
        what = " ".join(child.cmdline())
    except psutil.ZombieProcess:
        what = "a zombie: it ended and nobody waited for it"
    except psutil.NoSuchProcess:
        what = "gone by now"
    return f"  {child.pid} ({what}), started by {who}"
