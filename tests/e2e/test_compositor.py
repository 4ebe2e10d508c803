"""Whether windows may have transparent parts, asked of a real X server."""

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from PySide6.QtGui import QGuiApplication

from hanlin_ui.quick import compositor

_INPUT_ONLY = 2


class _Screens(ctypes.Structure):
    _fields_ = (
        ("first", ctypes.POINTER(ctypes.c_uint32)),
        ("left", ctypes.c_int),
        ("index", ctypes.c_int),
    )


@contextmanager
def a_compositor() -> Iterator[None]:
    """Own the selection that a compositor owns; it composes nothing."""
    xcb = ctypes.CDLL("libxcb.so.1")
    xcb.xcb_connect.restype = xcb.xcb_get_setup.restype = ctypes.c_void_p
    xcb.xcb_setup_roots_iterator.restype = _Screens
    xcb.xcb_setup_roots_iterator.argtypes = [ctypes.c_void_p]
    connection = ctypes.c_void_p(xcb.xcb_connect(None, None))
    root = xcb.xcb_setup_roots_iterator(xcb.xcb_get_setup(connection)).first[0]
    window = xcb.xcb_generate_id(connection)
    atom = compositor.Display(connection).atom(b"_NET_WM_CM_S0")
    shape = (ctypes.c_int16(0), ctypes.c_int16(0), *[ctypes.c_uint16(1)] * 2, ctypes.c_uint16(0))
    xcb.xcb_create_window(
        connection, ctypes.c_uint8(0), window, root, *shape, _INPUT_ONLY, 0, 0, None
    )
    xcb.xcb_set_selection_owner(connection, window, atom, 0)
    assert compositor.Display(connection).owner(atom) == window
    yield
    xcb.xcb_disconnect(connection)


def test_without_a_compositor_nothing_is_transparent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    assert not compositor.blends()
    with a_compositor():
        assert compositor.blends()


def test_a_server_that_is_not_there_blends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "xcb")
    monkeypatch.setenv("DISPLAY", ":63999")
    assert not compositor.blends()
    monkeypatch.setattr(QGuiApplication, "platformName", lambda: "wayland")
    assert compositor.blends()
