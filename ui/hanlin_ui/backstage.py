"""Behind the painted window: the log, the program's opening and its end, and what goes wrong.

Imported after the first paint. What the program does with the window while both
are there is :mod:`hanlin_ui.workbench`.
"""

import importlib
import signal
from contextlib import ExitStack, suppress
from socket import socketpair
from types import FrameType
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal, Slot

from hanlin.domain.start import StartRequest
from hanlin.kernel import crash, logs
from hanlin.kernel.errors import HanlinError, from_bug
from hanlin.kernel.paths import Paths
from hanlin_ui import desktop_bus, pauses
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.dialogs.message import show_error
from hanlin_ui.instance import FirstInstance
from hanlin_ui.interface import Interface
from hanlin_ui.main_window import MainWindow
from hanlin_ui.wishes import EarlyWishes

if TYPE_CHECKING:
    from collections.abc import Callable

    from hanlin.bootstrap import Application
    from hanlin_ui.workbench import Workbench


class Backstage(QObject):
    """Opens the program in the background, and closes it after the window."""

    def __init__(
        self,
        window: MainWindow,
        interface: Interface,
        paths: Paths,
        request: StartRequest,
        opener: "Callable[[], Application]",
    ) -> None:
        super().__init__(window)
        self._window = window
        self._interface = interface
        self._requests = [request]
        self._opener = opener
        self._app: Application | None = None
        self._workbench: Workbench | None = None
        self._closing = False
        self._typed = ""
        """While the program opened, when the window closed before it was open."""
        self._errors = _ErrorDesk(window)
        self._open_things = ExitStack()
        self._log = logs.start(paths.logs, "window")
        self._open_things.callback(self._log.close)
        self._open_things.enter_context(crash.install(paths.logs, self._errors.take))
        signals = _SignalWatch(window)
        self._open_things.callback(signals.close)
        self._tasks = Tasks()
        self._wishes = EarlyWishes(window)
        window.closing.connect(self._on_window_closing)
        # Before the program is open: unlocking may take seconds, and a second start waits.
        self._first = FirstInstance(paths, self)
        self._first.asked.connect(self._on_asked)
        task = self._tasks.run(window, self._build)
        task.on_success(self._attach).on_failure(self._on_failure)

    def close(self) -> None:
        """End what is still running: the background thread, then the program."""
        self._tasks.close()
        if self._app is not None:
            if self._typed:
                with suppress(HanlinError):  # there is no window left to say it in
                    self._app.filing.keep_draft("", self._typed)
            self._app.close()
        self._open_things.close()

    def _build(self) -> "Application":
        """Build the program; on the background thread, which also does the slow imports."""
        for name in ("hanlin_ui.workbench", "hanlin_ui.chat.transcript"):
            importlib.import_module(name)
        self._app = self._opener()
        return self._app

    def _attach(self, app: "Application") -> None:
        from hanlin_ui.workbench import Workbench  # noqa: PLC0415 - imported in _build

        if self._closing:
            return
        self._workbench = Workbench(
            self._window, app, self._tasks, self._interface, self._log.last_lines
        )
        self._window.closing.connect(self._workbench.close)
        self._workbench.begin()
        for request in self._requests:
            self._workbench.take(request)
        self._wishes.grant()
        pauses.shorten()
        if desktop_bus.is_there():
            self._bus = desktop_bus.DesktopBus(self)
            self._bus.asked.connect(self._on_asked)
            self._open_things.callback(self._bus.close)

    @Slot(object)
    def _on_asked(self, request: StartRequest) -> None:
        if self._workbench is None:
            self._window.come_forward()
            self._requests.append(request)
            return
        if not self._workbench.understands(request):
            self._window.come_forward()
        self._workbench.take(request)

    def _on_failure(self, error: HanlinError) -> None:
        """Say why the program cannot be opened, and end with it."""
        show_error(self._window, error).finished.connect(self._window.leave)

    @Slot()
    def _on_window_closing(self) -> None:
        self._closing = True
        self._first.close()  # the next start is to be the first, as soon as all is on the disk
        if self._workbench is None:
            self._typed = self._window.page.composer.text()


class _SignalWatch:
    """Closes the window on SIGINT and SIGTERM, which Python alone would see between two events."""

    def __init__(self, window: MainWindow) -> None:
        self._reader, self._writer = socketpair()
        for end in (self._reader, self._writer):
            end.settimeout(0)
        self._fd_before = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        handled = (signal.SIGINT, signal.SIGTERM)
        self._before = {number: signal.signal(number, _ignore) for number in handled}
        self._notifier = QSocketNotifier(self._reader.fileno(), QSocketNotifier.Type.Read)
        self._notifier.activated.connect(window.leave)

    def close(self) -> None:
        """Leave the signals as they were."""
        self._notifier.setEnabled(False)
        signal.set_wakeup_fd(self._fd_before)
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._reader.close()
        self._writer.close()


def _ignore(_number: int, _frame: FrameType | None) -> None:
    """Do nothing: the byte on the wake-up descriptor does the work."""


class _ErrorDesk(QObject):
    """Brings errors that nobody caught to the GUI thread."""

    _raised = Signal(object)

    def __init__(self, window: MainWindow) -> None:
        super().__init__()
        self._raised.connect(window.report, Qt.ConnectionType.QueuedConnection)

    def take(self, error: BaseException) -> None:
        """Have ``error`` shown; on any thread."""
        if isinstance(error, HanlinError):
            self._raised.emit(error)
        elif isinstance(error, Exception):
            self._raised.emit(from_bug(error))
