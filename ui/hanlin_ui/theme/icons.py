"""The icons, drawn with strokes on a grid of 24, in whatever colour is asked for.

No image files and no SVG plugin: an icon is a few lines of numbers, sharp at
every scale, and follows the theme by being drawn again. How large one is depends on the
size of the letters beside it, and is said here alone: who shows an icon names the size it has
at 100 %, and asks again when it hears what ``appearance.WORN_ANEW`` lists.
"""

import functools
import math
from typing import Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QPainter, QPainterPath, QPen, QPixmap
from PySide6.QtWidgets import QAbstractButton

from hanlin_ui.theme import appearance

# A stroke is a polyline "x,y x,y …", a circle "o cx,cy,r", an arc "a cx,cy,r,start,span"
# (degrees, counter-clockwise from three o'clock), a rounded box "r x,y,w,h,radius",
# or a filled box "f x,y,w,h,radius".
_STROKES: Final[dict[str, tuple[str, ...]]] = {
    "add": ("12,5 12,19", "5,12 19,12"),
    "send": ("12,19 12,5", "6,11 12,5 18,11"),
    "stop": ("f 7,7,10,10,2",),
    "copy": ("r 9,9,11,11,2", "15,9 15,6 13,4 6,4 4,6 4,13 6,15 9,15"),
    "done": ("5,12.5 10,17.5 19,7",),
    "again": ("a 12,12,7.5,40,280", "18,3.5 18,8 13.5,8"),
    "edit": ("4,20 4.8,16 15.5,5.3 18.7,8.5 8,19.2 4,20", "13.5,7.3 16.7,10.5"),
    "trash": ("5,7 19,7", "9,7 9,4.5 15,4.5 15,7", "6.5,7 7.3,19.5 16.7,19.5 17.5,7"),
    "restore": ("a 12,12,7.5,-160,280", "4,14 5.5,8.5 10,11.5"),
    "left": ("14.5,6 8.5,12 14.5,18",),
    "right": ("9.5,6 15.5,12 9.5,18",),
    "up": ("6,14.5 12,8.5 18,14.5",),
    "down": ("6,9.5 12,15.5 18,9.5",),
    "think": (
        "a 12,10,6,-40,260",
        "9.2,19.3 14.8,19.3",
        "9.3,16.5 14.7,16.5",
        "7.4,13.8 9.3,16.5",
        "16.6,13.8 14.7,16.5",
    ),
    "model": (
        "12,3.5 19.5,7.7 19.5,16.3 12,20.5 4.5,16.3 4.5,7.7 12,3.5",
        "4.5,7.7 12,12 19.5,7.7",
        "12,12 12,20.5",
    ),
    "menu": ("4,7 20,7", "4,12 20,12", "4,17 20,17"),
    "sidebar": ("r 3.5,5,17,14,2.5", "9.5,5 9.5,19"),
    "settings": ("4,8 20,8", "4,16 20,16", "o 9,8,2.4", "o 15,16,2.4"),
    "warning": ("12,4 21,19.5 3,19.5 12,4", "12,10 12,14", "12,16.6 12,16.8"),
    "chat": ("r 4,5,16,11,3", "9,16 9,20 13,16"),
    "spark": ("12,4 13.8,10.2 20,12 13.8,13.8 12,20 10.2,13.8 4,12 10.2,10.2 12,4",),
    "building": (
        "4,9.5 12,4 20,9.5 4,9.5",
        "6.5,10 6.5,17",
        "12,10 12,17",
        "17.5,10 17.5,17",
        "4,19.5 20,19.5",
    ),
    "list": (
        "9,6.5 20,6.5",
        "9,12 20,12",
        "9,17.5 20,17.5",
        "o 5,6.5,0.7",
        "o 5,12,0.7",
        "o 5,17.5,0.7",
    ),
    "cap": ("2.5,10 12,5.5 21.5,10 12,14.5 2.5,10", "6.5,12.2 6.5,16.5 12,19 17.5,16.5 17.5,12.2"),
    "globe": ("o 12,12,8", "4,12 20,12", "12,4 8.6,8 8.6,16 12,20 15.4,16 15.4,8 12,4"),
    "code": ("8,7 3,12 8,17", "16,7 21,12 16,17", "13.5,5 10.5,19"),
    "search": ("o 10.5,10.5,5.8", "14.8,14.8 20,20"),
    "more": ("f 3.4,10.2,3.6,3.6,1.8", "f 10.2,10.2,3.6,3.6,1.8", "f 17,10.2,3.6,3.6,1.8"),
    "go on": ("6,5.5 15,12 6,18.5", "18.5,5.5 18.5,18.5"),
    "pin": ("9,4 15,4", "10,4 10,10 7,13.5 17,13.5 14,10 14,4", "12,13.5 12,20"),
    "folder": ("4,18.5 4,6 9.5,6 11.5,8.5 20,8.5 20,18.5 4,18.5",),
    "tag": ("12.5,4 20,4 20,11.5 11,20.5 3.5,13 12.5,4", "o 16.2,7.8,1.2"),
    "temporary": ("a 12,12,8,100,340", "12,7.5 12,12 15,14"),
    "wrap": (
        "4,6 20,6",
        "4,12 17,12",
        "a 17,15,3,-90,180",
        "17,18 11,18",
        "13.5,15.5 11,18 13.5,20.5",
        "4,18 7,18",
    ),
    "save": ("12,4 12,15", "7,10.5 12,15.5 17,10.5", "5,19.5 19,19.5"),
    "tool": ("a 16,8,4.2,-20,290", "13,11 5,19", "4,17.5 6.5,20", "16,8 19.5,4.5"),
    "swap": ("4,9 20,9", "16,5 20,9 16,13", "20,16 4,16", "8,12 4,16 8,20"),
    "run": ("8,5.5 18,12 8,18.5 8,5.5",),
    "attach": (
        "a 8.5,15.5,4,135,180",
        "5.7,12.7 12.5,5.9",
        "a 14.9,8.3,3.4,-45,180",
        "17.3,10.7 10.6,17.4",
        "11.3,18.3 10.6,17.4",
        "14.6,8.6 8.6,14.6",
    ),
    "picture": ("r 3.5,5,17,14,2", "o 8.5,9.7,1.5", "4,17 9.5,12.5 13,15.5 16,12.5 20,16.5"),
    "document": (
        "6,3.5 14,3.5 18.5,8 18.5,20.5 6,20.5 6,3.5",
        "14,3.5 14,8 18.5,8",
        "9,12.5 15.5,12.5",
        "9,16 15.5,16",
    ),
    "sound": ("4,10 4,14", "8,7 8,17", "12,4 12,20", "16,8 16,16", "20,10.5 20,13.5"),
    "minus": ("5,12 19,12",),
    "fit": ("4,9 4,4 9,4", "15,4 20,4 20,9", "20,15 20,20 15,20", "9,20 4,20 4,15"),
    "microphone": (
        "r 9,3.5,6,11,3",
        "a 12,11,6.5,180,180",
        "12,17.5 12,20.5",
        "8.5,20.5 15.5,20.5",
    ),
    "close": ("6,6 18,18", "18,6 6,18"),
    "assistant": ("o 12,8,4", "a 12,20,7.5,0,180"),
}
_GRID = 24.0


def extent(size: int) -> QSize:
    """Return how large an icon is now that has ``size`` logical pixels at 100 %."""
    side = appearance.looks().sized(size)
    return QSize(side, side)


def icon(name: str, colour: str, size: int = 18, *, disabled: str | None = None) -> QIcon:
    """Return the icon ``name`` in ``colour`` (and ``disabled``), ``size`` pixels large at 100 %."""
    return _drawn(name, colour, extent(size).width(), disabled)


def pixmap(name: str, colour: str, size: int) -> QPixmap:
    """Return the icon as a label shows it."""
    return icon(name, colour, size).pixmap(extent(size))


def put_on(
    button: QAbstractButton, name: str, colour: str, size: int, *, disabled: str | None = None
) -> None:
    """Show the icon on ``button``."""
    button.setIconSize(extent(size))
    button.setIcon(icon(name, colour, size, disabled=disabled))


@functools.lru_cache(maxsize=256)
def _drawn(name: str, colour: str, size: int, disabled: str | None) -> QIcon:
    result = QIcon()
    screens = QGuiApplication.screens()
    for scale in {1, *(math.ceil(screen.devicePixelRatio()) for screen in screens)}:
        result.addPixmap(_pixmap(name, colour, size, scale), QIcon.Mode.Normal)
        if disabled is not None:
            result.addPixmap(_pixmap(name, disabled, size, scale), QIcon.Mode.Disabled)
    return result


def names() -> tuple[str, ...]:
    """Return the names of all icons."""
    return tuple(_STROKES)


def _pixmap(name: str, colour: str, size: int, scale: int) -> QPixmap:
    pixmap = QPixmap(size * scale, size * scale)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size * scale / _GRID, size * scale / _GRID)
    pen = QPen(QColor(colour), 1.7)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    for stroke in _STROKES[name]:
        _draw(painter, stroke, QColor(colour))
    painter.end()
    pixmap.setDevicePixelRatio(scale)
    return pixmap


def _draw(painter: QPainter, stroke: str, colour: QColor) -> None:
    kind, _blank, rest = stroke.partition(" ")
    if kind == "o":
        x, y, radius = _numbers(rest)
        painter.drawEllipse(QPointF(x, y), radius, radius)
    elif kind == "a":
        x, y, radius, start, span = _numbers(rest)
        box = QRectF(x - radius, y - radius, 2 * radius, 2 * radius)
        painter.drawArc(box, round(start * 16), round(span * 16))
    elif kind in {"r", "f"}:
        x, y, width, height, radius = _numbers(rest)
        path = QPainterPath()
        path.addRoundedRect(QRectF(x, y, width, height), radius, radius)
        if kind == "f":
            painter.fillPath(path, colour)
        else:
            painter.drawPath(path)
    else:
        painter.drawPolyline([QPointF(*_numbers(point)) for point in stroke.split()])


def _numbers(text: str) -> list[float]:
    return [float(number) for number in text.split(",")]
