"""The small windows as commands of the desktop's message bus, for Linux desktops.

A desktop that lets no program take a key for itself (Wayland) still runs a command when a key
is pressed: this one costs no start of a program. Nothing is asked of anyone on the bus, nobody
is told anything, and other users have a bus of their own. Without a bus nothing happens.

    gdbus call --session -d hanlin.Desktop -o /hanlin/Desktop -m hanlin.Desktop.Translate ""
"""

import logging
import os
import sys
from typing import TYPE_CHECKING, Final, cast

from PySide6.QtCore import ClassInfo, QObject, Signal, Slot

from hanlin.domain.start import QUICK, TRANSLATE_SELECTION, StartRequest

if TYPE_CHECKING:
    from collections.abc import Callable

NAME: Final = "hanlin.Desktop"
PATH: Final = "/hanlin/Desktop"
_log = logging.getLogger(__name__)


def is_there() -> bool:
    """Tell whether the desktop has a message bus for this person."""
    return sys.platform == "linux" and bool(os.environ.get("DBUS_SESSION_BUS_ADDRESS"))


class DesktopBus(QObject):
    """Hears what is asked over the bus; the first program of a person has the name.

    Its slots are the interface, and named as the bus's methods are by custom: in capitals.
    """

    asked = Signal(object)
    """Somebody wants something: a StartRequest."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        from PySide6.QtDBus import QDBusConnection  # noqa: PLC0415 - after the first paint

        self._bus: QDBusConnection = QDBusConnection.sessionBus()
        kind = QDBusConnection.RegisterOption.ExportAllSlots
        if not self._bus.registerObject(PATH, self, kind) or not self._bus.registerService(NAME):
            _log.info("not on the message bus: %s", self._bus.lastError().message())

    def close(self) -> None:
        """Give the name back."""
        self._bus.unregisterObject(PATH)
        self._bus.unregisterService(NAME)

    @Slot()
    def Open(self) -> None:
        """Bring the window forward."""
        self.asked.emit(StartRequest())

    @Slot(str)
    def Ask(self, text: str) -> None:
        """Open the small window for a question; a text is asked at once."""
        self.asked.emit(StartRequest(QUICK, text))

    @Slot(str)
    def Translate(self, text: str) -> None:
        """Translate a text, or what is selected, in the small window."""
        self.asked.emit(StartRequest(TRANSLATE_SELECTION, text))


# PySide6's stubs do not say that it decorates a class.
_named = cast("Callable[[dict[str, str]], Callable[[type[QObject]], object]]", ClassInfo)
_named({"D-Bus Interface": NAME})(DesktopBus)
