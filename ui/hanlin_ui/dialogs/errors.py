"""Errors of a window, told one at a time: never one dialog on top of another.

What an error says is its own; what a single dialog looks like is ``message``'s.
"""

from collections import deque

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QWidget

from hanlin.kernel.errors import HanlinError
from hanlin_ui.dialogs.message import show_error

_MOST = 3
"""More dialogs in a row help nobody: the log has the rest."""


class ErrorDialogs(QObject):
    """The errors above one window; the same sentence never waits twice."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._errors: deque[HanlinError] = deque()

    def report(self, error: HanlinError) -> None:
        """Show ``error`` now, or when those before it were closed."""
        said = any(str(error) == str(waiting) for waiting in self._errors)
        if said or len(self._errors) >= _MOST:
            return
        self._errors.append(error)
        if len(self._errors) == 1:
            self._show()

    def _show(self) -> None:
        show_error(self._window, self._errors[0]).finished.connect(self._on_closed)

    @Slot()
    def _on_closed(self) -> None:
        self._errors.popleft()
        if self._errors:
            self._show()
