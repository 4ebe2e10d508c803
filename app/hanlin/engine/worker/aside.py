"""Threads for what is done while the engine's thread computes; there before memory is short.

Python waits for ever for a new thread that finds no memory for its first call: it ends
without the word that ``Thread.start`` waits for, and its heartbeat goes on. So those that
an answer or a load needs start with the worker, and their work begins and ends without
asking for any memory. What they do belongs to ``outlet`` and ``loading``.
"""

import threading
from collections.abc import Callable


class Aside:
    """One thread, which does one job after the other. Used from the engine's thread alone."""

    def __init__(self) -> None:
        self.busy = False
        self._job: Callable[[], None] | None = None
        self._failure: BaseException | None = None
        self._begin = signal()
        self._end = signal()
        threading.Thread(target=self._work, name="aside", daemon=True).start()

    def begin(self, job: Callable[[], None]) -> None:
        """Have the job done; ``wait`` must follow before the next."""
        self.busy = True
        self._job = job
        self._begin.release()

    def wait(self) -> None:
        """Wait until the job is done. Raises what it raised."""
        self._end.acquire()
        failure, self._failure = self._failure, None
        self.busy = False
        if failure is not None:
            raise failure

    def _work(self) -> None:
        while True:
            self._begin.acquire()
            try:
                if self._job is not None:
                    self._job()
            except BaseException as failure:  # noqa: BLE001 - raised by ``wait``
                self._failure = failure
            self._job = None
            self._end.release()


class Asides:
    """As many as are used at once: an answer beside has another in its midst, and no more."""

    def __init__(self) -> None:
        self._all = (Aside(), Aside())

    def idle(self) -> Aside:
        """Return one that has nothing to do. Raises MemoryError when none came back."""
        for aside in self._all:
            if not aside.busy:
                return aside
        raise MemoryError


def signal() -> threading.Lock:
    """Return a lock that is released to wake the one who acquires it: that takes no memory."""
    lock = threading.Lock()
    lock.acquire()
    return lock
