"""What is left when something goes wrong that nobody expected.

A native crash leaves Python's stacks in a file of its own per run; an exception that
nobody caught, on any thread, is logged and told to a callback. Telling the person, and
making a report of it, is the caller's work. Nothing is ever sent.
"""

import contextlib
import datetime
import faulthandler
import logging
import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

OnError = Callable[[BaseException], None]
"""Called on the thread where the exception ended up; must not raise."""

_PREFIX = "crash-"
_FILES_KEPT = 10
_log = logging.getLogger(__name__)


def earlier_crashes(folder: Path) -> list[Path]:
    """Return the crash files that runs now over left behind, oldest first.

    A file is empty while its run goes well and is removed when that run ends cleanly.
    """
    return [path for path in sorted(folder.glob(f"{_PREFIX}*.txt")) if path.stat().st_size > 0]


class CrashGuard:
    """Watches over one process from :func:`install` to :meth:`close`."""

    def __init__(self, path: Path, file: TextIO | None, on_error: OnError) -> None:
        self.path = path
        self._file = file
        self._on_error = on_error
        self._hook_before = sys.excepthook
        self._thread_hook_before = threading.excepthook

    def close(self) -> None:
        """Give everything back, as at a clean end of the run. A second call does nothing."""
        if sys.excepthook == self._uncaught:
            sys.excepthook = self._hook_before
        if threading.excepthook == self._uncaught_on_thread:
            threading.excepthook = self._thread_hook_before
        if self._file is None:
            return
        faulthandler.disable()
        self._file.close()
        self._file = None
        # The folder may be gone by now, with the stick that it lay on.
        with contextlib.suppress(OSError):
            if self.path.stat().st_size == 0:
                self.path.unlink()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def watch(self) -> None:
        """Put the hooks in place."""
        if self._file is not None:
            faulthandler.enable(self._file, all_threads=True)
        sys.excepthook = self._uncaught
        threading.excepthook = self._uncaught_on_thread

    def _uncaught(
        self, kind: type[BaseException], error: BaseException, trace: TracebackType | None
    ) -> None:
        if issubclass(kind, KeyboardInterrupt):
            self._hook_before(kind, error, trace)
            return
        self._tell(error)

    def _uncaught_on_thread(self, args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
            self._tell(args.exc_value)

    def _tell(self, error: BaseException) -> None:
        _log.critical("nobody caught this", exc_info=error)
        self._on_error(error)


def install(folder: Path, on_error: OnError) -> CrashGuard:
    """Watch over this process; crash files go to ``folder``.

    A folder that cannot be written costs the file, not the start of the program.
    """
    moment = datetime.datetime.now(datetime.UTC)
    path = folder / f"{_PREFIX}{moment:%Y%m%d-%H%M%S-%f}-{os.getpid()}.txt"
    file: TextIO | None = None
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for old in earlier_crashes(folder)[: 1 - _FILES_KEPT]:
            old.unlink()
        file = path.open("w", encoding="utf-8")
    except OSError as error:
        _log.warning("no crash file: %s", error)
    guard = CrashGuard(path, file, on_error)
    guard.watch()
    return guard
