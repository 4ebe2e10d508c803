"""The window's process from start to end.

The order matters: the window is painted first, then the database is opened and
the model loads, in the background. Whatever fails says so in a dialog.
"""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from socket import socketpair
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QSocketNotifier, Qt, Signal, Slot
from PySide6.QtWidgets import QApplication

from hanlin.kernel import crash, logs
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import BugError, HanlinError, KnownError, from_os_error
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.kernel.instance import FileLock
from hanlin.kernel.paths import Paths
from hanlin.settings.store import Settings, State
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.main_window import MainWindow

if TYPE_CHECKING:
    from hanlin.bootstrap import Application

Opener = Callable[[], "Application"]


def run(paths: Paths, files: Sequence[Path] = (), opener: Opener | None = None) -> int:
    """Show the window on the data folder ``paths`` until it is closed; return the exit code.

    ``files`` are models to add. ``opener`` builds the program; it is called in the
    background after the first paint.
    """
    application = make_application(())
    lock = FileLock(paths.instance_lock)
    try:
        paths.create()
        first = lock.try_acquire()
    except OSError as error:
        return _fail(application, from_os_error(error, str(paths.data)))
    if not first:
        return _leave_to_first(application, paths, files)
    errors = _ErrorDesk()
    with closing(logs.start(paths.logs, "window")) as log, crash.install(paths.logs, errors.take):
        code = _show(application, paths, files, opener or _opener(paths), log)
    lock.release()
    return code


def _show(
    application: QApplication,
    paths: Paths,
    files: Sequence[Path],
    opener: Opener,
    log: logs.LogBook,
) -> int:
    state = State(paths.window_state)
    interface = Interface(application, Settings(paths.settings, EventBus()).appearance)
    window = MainWindow(SystemClock())
    window.restore(state.window_geometry, state.window_layout)
    process = _Process(window, interface, paths, files, opener, log)
    with _signals_close(window):
        window.show()
        code = application.exec()
    process.close()
    return code


def _opener(paths: Paths) -> Opener:
    def open_application() -> "Application":
        from hanlin.bootstrap import open_application as build  # noqa: PLC0415 - after the paint

        return build(paths)

    return open_application


def _leave_to_first(application: QApplication, paths: Paths, files: Sequence[Path]) -> int:
    from hanlin_ui.instance import tell_first  # noqa: PLC0415 - only a second start needs it

    if tell_first(paths, files):
        return 0
    return _fail(
        application,
        KnownError(
            _("Hanlin is already running"),
            _("Another program window uses this data folder and does not answer."),
            _("Close it, or wait a moment and start again."),
        ),
    )


def _fail(application: QApplication, error: HanlinError) -> int:
    from hanlin_ui.dialogs.message import show_error  # noqa: PLC0415 - the rare way

    show_error(None, error)
    application.exec()
    return 1


class _Process(QObject):
    """Opens the program behind the window, and closes it after the window."""

    def __init__(
        self,
        window: MainWindow,
        interface: Interface,
        paths: Paths,
        files: Sequence[Path],
        opener: Opener,
        log: logs.LogBook,
    ) -> None:
        super().__init__(window)
        self._window = window
        self._interface = interface
        self._paths = paths
        self._files = files
        self._opener = opener
        self._log = log
        self._tasks = Tasks()
        self._app: Application | None = None
        self._closing = False
        window.first_painted.connect(self._open)
        window.closing.connect(self._on_window_closing)

    def close(self) -> None:
        """End what is still running: the background thread, then the program."""
        self._tasks.close()
        if self._app is not None:
            self._app.close()

    def _open(self) -> None:
        task = self._tasks.run(self._window, self._build)
        task.on_success(self._attach).on_failure(self._on_failure)

    def _build(self) -> "Application":
        """Build the program; on the background thread."""
        self._app = self._opener()
        return self._app

    def _attach(self, app: "Application") -> None:
        from hanlin_ui.instance import FirstInstance  # noqa: PLC0415 - after the first paint
        from hanlin_ui.workbench import Workbench  # noqa: PLC0415

        if self._closing:
            return
        self._workbench = Workbench(
            self._window, app, self._tasks, self._interface, self._log.last_lines
        )
        self._window.closing.connect(self._workbench.close)
        self._first = FirstInstance(self._paths, self)
        self._first.asked.connect(self._on_asked)
        self._workbench.begin()
        self._on_asked(list(self._files), forward=False)

    def _on_asked(self, files: list[Path], *, forward: bool = True) -> None:
        if forward:
            self._window.come_forward()
        for path in files:
            self._workbench.add_model(path)

    def _on_failure(self, error: HanlinError) -> None:
        """Say why the program cannot be opened, and end with it."""
        from hanlin_ui.dialogs.message import show_error  # noqa: PLC0415 - the rare way

        show_error(self._window, error).finished.connect(self._window.close)

    @Slot()
    def _on_window_closing(self) -> None:
        self._closing = True


@contextmanager
def _signals_close(window: MainWindow) -> Iterator[None]:
    """Close the window on SIGINT and SIGTERM, which Python would only see between two events."""
    reader, writer = socketpair()
    for end in (reader, writer):
        end.settimeout(0)
    before = signal.set_wakeup_fd(writer.fileno(), warn_on_full_buffer=False)
    handled = (signal.SIGINT, signal.SIGTERM)
    old = {number: signal.signal(number, lambda *_args: None) for number in handled}
    notifier = QSocketNotifier(reader.fileno(), QSocketNotifier.Type.Read)
    notifier.activated.connect(window.close)
    try:
        yield
    finally:
        notifier.setEnabled(False)
        signal.set_wakeup_fd(before)
        for number, handler in old.items():
            signal.signal(number, handler)
        reader.close()
        writer.close()


class _ErrorDesk(QObject):
    """Brings errors that nobody caught to the GUI thread, one dialog at a time."""

    _raised = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self._shown = False
        self._raised.connect(self._on_raised, Qt.ConnectionType.QueuedConnection)

    def take(self, error: BaseException) -> None:
        """Show ``error``; on any thread."""
        if isinstance(error, HanlinError):
            self._raised.emit(error)
        elif isinstance(error, Exception):
            self._raised.emit(
                BugError(
                    _("Something went wrong"),
                    _("The program made a mistake: {error}").format(error=repr(error)),
                    _("Help → Report shows a text that helps to find it."),
                )
            )

    @Slot(object)
    def _on_raised(self, error: HanlinError) -> None:
        if self._shown:
            return
        from hanlin_ui.dialogs.message import show_error  # noqa: PLC0415 - the rare way

        self._shown = True
        show_error(QApplication.activeWindow(), error).finished.connect(self._on_closed)

    @Slot()
    def _on_closed(self) -> None:
        self._shown = False
