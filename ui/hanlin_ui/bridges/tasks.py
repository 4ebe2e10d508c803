"""Work that may wait for a disk, kept off the GUI thread.

One background thread runs everything in order, so two clicks cannot overtake
each other; only what waits for a child process for seconds gets a thread of its
own. Answers come back on the GUI thread, and only while the widget that asked
still lives. Long computations belong into a child process, not here.
"""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal, Slot

from hanlin.kernel.errors import HanlinError, from_bug

T = TypeVar("T")
_log = logging.getLogger(__name__)


class Task(Generic[T]):
    """A piece of work under way; tell it what to do with its end.

    Whichever thread lets go of it last ends with it what it holds. Work and callbacks hold
    widgets, which only the GUI thread may end: hence ``deliver`` takes everything out of it.
    """

    def __init__(self, owner: QObject, work: Callable[[], T]) -> None:
        self._owner: QObject | None = owner
        self._work: Callable[[], T] | None = work
        self._success: Callable[[T], object] | None = None
        self._failure: Callable[[HanlinError], object] | None = None
        self._result: list[T] = []
        self._error: HanlinError | None = None

    def on_success(self, callback: Callable[[T], object]) -> "Task[T]":
        """Call ``callback`` with the result, on the GUI thread."""
        self._success = callback
        return self

    def on_failure(self, callback: Callable[[HanlinError], object]) -> "Task[T]":
        """Call ``callback`` with the error, on the GUI thread."""
        self._failure = callback
        return self

    def run(self) -> None:
        """Do the work on the calling thread; every exception becomes an error to show."""
        if self._work is None:
            raise RuntimeError
        try:
            self._result.append(self._work())
        except HanlinError as error:
            self._error = error
        except Exception as error:  # noqa: BLE001 - a bug in the background must become visible
            _log.exception("a background task failed")
            self._error = from_bug(error)

    def deliver(self) -> None:
        """Call back on the GUI thread unless the owner is gone. To be called once."""
        owner, success, failure = self._owner, self._success, self._failure
        result, error = self._result, self._error
        self._owner = self._work = self._success = self._failure = self._error = None
        self._result = []
        if owner is None or not shiboken6.isValid(owner):
            return
        if error is None:
            if success is not None:
                success(result[0])
        elif failure is not None:
            failure(error)
        else:
            raise error


class Tasks(QObject):
    """The background threads of the window. Lives on the GUI thread."""

    _done = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._queue: queue.SimpleQueue[Task[object] | None] = queue.SimpleQueue()
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)
        self._aside: list[threading.Thread] = []
        self._thread = threading.Thread(target=self._run, name="window tasks", daemon=True)
        self._thread.start()

    def run(self, owner: QObject, work: Callable[[], T]) -> Task[T]:
        """Queue ``work``; attach the callbacks before returning to the event loop.

        A failure that nobody takes is raised on the GUI thread, where the excepthook shows it.
        """
        task = Task(owner, work)
        self._queue.put(task)  # type: ignore[arg-type]  # the queue never looks into T
        return task

    def run_aside(self, owner: QObject, work: Callable[[], T]) -> Task[T]:
        """Do ``work`` as ``run`` does, but at once and beside everything else.

        For what waits for a child process; whoever asks for it ends it before ``close``.
        """
        task = Task(owner, work)

        def carry_out() -> None:
            task.run()
            self._done.emit(task)

        self._aside = [one for one in self._aside if one.is_alive()]
        self._aside.append(threading.Thread(target=carry_out, name="window task", daemon=True))
        self._aside[-1].start()
        return task

    def close(self) -> None:
        """Finish what is queued and what goes on aside, then end the threads."""
        self._queue.put(None)
        for thread in (*self._aside, self._thread):
            thread.join()

    def _run(self) -> None:
        while (task := self._queue.get()) is not None:
            task.run()
            self._done.emit(task)

    @Slot(object)
    def _on_done(self, task: Task[object]) -> None:
        task.deliver()
