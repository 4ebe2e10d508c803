"""Whether the desktop lets what is behind a window shine through, which Qt does not tell.

On X11 that is a compositor's work; without one, what should be transparent is black.
"""

import ctypes
from typing import Final

from PySide6.QtGui import QGuiApplication

_OWNER_OF_THE_SCREEN: Final = b"_NET_WM_CM_S%d"
"""The selection that a compositor holds, by the conventions of freedesktop.org."""


class _Cookie(ctypes.Structure):
    _fields_ = (("sequence", ctypes.c_uint),)


class _Reply(ctypes.Structure):
    """Both replies that are asked for here: of what is named, one number is of interest."""

    _fields_ = (("head", ctypes.c_uint8 * 8), ("value", ctypes.c_uint32))


class Display:
    """A connection to the X server, and the two questions asked there. OSError: no library."""

    def __init__(self, connection: ctypes.c_void_p | None = None) -> None:
        self._xcb, self._libc = ctypes.CDLL("libxcb.so.1"), ctypes.CDLL(None)
        self._xcb.xcb_connect.restype = ctypes.c_void_p
        for question in ("xcb_intern_atom", "xcb_get_selection_owner"):
            getattr(self._xcb, question).restype = _Cookie
            getattr(self._xcb, f"{question}_reply").restype = ctypes.POINTER(_Reply)
        screen = ctypes.c_int()
        self._connection = connection or ctypes.c_void_p(
            self._xcb.xcb_connect(None, ctypes.byref(screen))
        )
        self.screen = screen.value

    def is_open(self) -> bool:
        """Tell whether there is a server."""
        return not self._xcb.xcb_connection_has_error(self._connection)

    def atom(self, name: bytes) -> int:
        """Return the server's number for ``name``."""
        length = ctypes.c_uint16(len(name))
        return self._ask("xcb_intern_atom", ctypes.c_uint8(0), length, name)

    def owner(self, selection: int) -> int:
        """Return the window that owns a selection, 0 for none."""
        return self._ask("xcb_get_selection_owner", ctypes.c_uint32(selection))

    def close(self) -> None:
        """Leave the server."""
        self._xcb.xcb_disconnect(self._connection)

    def _ask(self, question: str, *words: object) -> int:
        cookie = getattr(self._xcb, question)(self._connection, *words)
        reply = getattr(self._xcb, f"{question}_reply")(self._connection, cookie, None)
        if not reply:
            return 0
        value = int(reply.contents.value)
        self._libc.free(reply)
        return value


def blends() -> bool:
    """Tell whether windows may have transparent parts now. It can change while one works."""
    if QGuiApplication.platformName() != "xcb":
        return True
    try:
        display = Display()
    except OSError:
        return False
    try:
        if not display.is_open():
            return False
        selection = display.atom(_OWNER_OF_THE_SCREEN % display.screen)
        return bool(selection) and display.owner(selection) != 0
    finally:
        display.close()
