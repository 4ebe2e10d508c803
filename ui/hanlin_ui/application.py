"""The window's process up to the first paint, and its end.

The order matters: nothing is imported or opened here that the first paint does
not need. What happens behind the painted window is :mod:`hanlin_ui.backstage`.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from hanlin.domain.start import StartRequest
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import HanlinError, KnownError, from_home_error
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.kernel.instance import FileLock
from hanlin.kernel.paths import Paths
from hanlin.settings.store import Settings, State
from hanlin_ui.interface import Interface, make_application
from hanlin_ui.main_window import MainWindow
from hanlin_ui.theme.looks import Looks

if TYPE_CHECKING:
    from hanlin.bootstrap import Application
    from hanlin_ui.backstage import Backstage

Opener = Callable[[], "Application"]
_PLAIN = StartRequest()


def run(paths: Paths, request: StartRequest = _PLAIN, opener: Opener | None = None) -> int:
    """Show the window on the data folder ``paths`` until it is closed; return the exit code.

    ``request`` is what the start is for; a window that runs already does it instead.
    ``opener`` builds the program; it is called in the background after the first paint.
    """
    application = make_application(())
    lock = FileLock(paths.instance_lock)
    try:
        paths.create()
        first = lock.try_acquire()
    except OSError as error:
        return _fail(application, paths, from_home_error(error, str(paths.data)))
    if not first and (left := _leave_to_first(application, paths, request, lock)) is not None:
        return left
    state = State(paths.window_state, glance=True)
    choices = Settings(paths.settings, EventBus(), glance=True)
    interface = Interface(application, Looks.of(choices), dressed=False)
    window = MainWindow(SystemClock())
    interface.dress()
    window.restore(state.window_geometry, state.window_layout, state.code_width)
    window.menus.set_bar_stays(choices.menu_bar)
    behind: list[Backstage] = []

    def open_program() -> None:
        from hanlin_ui.backstage import Backstage  # noqa: PLC0415 - after the first paint

        behind.append(Backstage(window, interface, paths, request, opener or _opener(paths)))

    window.first_painted.connect(open_program)
    # A window in the tray is no open window, nor is the last one that closes the program's end.
    application.setQuitOnLastWindowClosed(False)
    application.commitDataRequest.connect(window.prepare_to_leave)
    window.closing.connect(application.quit, Qt.ConnectionType.QueuedConnection)
    window.show()
    code = application.exec()
    for backstage in behind:
        backstage.close()
    lock.release()
    return code


def _opener(paths: Paths) -> Opener:
    def open_application() -> "Application":
        from hanlin.bootstrap import open_application as build  # noqa: PLC0415 - after the paint

        return build(paths)

    return open_application


def _leave_to_first(
    application: QApplication, paths: Paths, request: StartRequest, lock: FileLock
) -> int | None:
    """Return the exit code of a second start; None when the first ended and the lock is ours."""
    from hanlin_ui.instance import tell_first  # noqa: PLC0415 - only a second start needs it

    if tell_first(paths, request, lock.try_acquire):
        return 0
    if lock.held:
        return None
    return _fail(
        application,
        paths,
        KnownError(
            _("Hanlin is already running"),
            _("Another program window uses this data folder and does not answer."),
            _("Close it, or wait a moment and start again."),
        ),
    )


def _fail(application: QApplication, paths: Paths, error: HanlinError) -> int:
    """Tell of ``error`` in the looks and letters of every other dialog."""
    from hanlin_ui.dialogs.message import show_error  # noqa: PLC0415 - the rare way

    interface = Interface(application, Looks.of(Settings(paths.settings, EventBus(), glance=True)))
    show_error(None, error)
    application.exec()
    del interface  # Qt's own words go with it
    return 1
