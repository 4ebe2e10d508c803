"""Files that could not be read, told together; those that were interrupted can be read again.

How a file is read, and where its chip stands, is ``attaching``'s.
"""

from collections.abc import Callable
from typing import Final

from PySide6.QtWidgets import QWidget

from hanlin.documents.interrupted import InterruptedReadingError
from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import _, joined, ngettext
from hanlin_ui.dialogs.message import ask

_TOLD: Final = 6
"""Files that one dialog names; more would leave the screen."""


class ReadingFaults:
    """Of files that were given together, until the last of them is read. For the GUI thread."""

    def __init__(self, page: QWidget, report: Callable[[HanlinError], object]) -> None:
        self._page = page
        self._report = report
        self._faults: list[HanlinError] = []
        self._again: list[Callable[[], object]] = []

    def add(self, error: HanlinError, again: Callable[[], object] | None) -> None:
        """Take why one could not be read; ``again`` reads it once more."""
        self._faults.append(error)
        if again is not None and isinstance(error, InterruptedReadingError):
            self._again.append(again)

    def tell(self) -> None:
        """Say what could not be read, in one dialog: of twenty files also the last is named."""
        faults, self._faults = self._faults, []
        again, self._again = self._again, []
        if not faults:
            return
        error = faults[0] if len(faults) == 1 else _together(faults)
        if not again:
            self._report(error)
            return
        ask(
            self._page.window(),
            error.title,
            error.message,
            _("Read again"),
            lambda: [read() for read in again],
            error.hint,
            no=_("Close"),
        )


def _together(faults: list[HanlinError]) -> KnownError:
    title = ngettext(
        "{count} file cannot be attached", "{count} files cannot be attached", len(faults)
    ).format(count=len(faults))
    told = [str(fault) for fault in faults[:_TOLD]]
    if left := len(faults) - len(told):
        told.append(ngettext("{count} more.", "{count} more.", left).format(count=left))
    return KnownError(title, joined("\n\n", told))
