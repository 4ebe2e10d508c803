"""Formulas on screen: asked for on a thread, kept once they are drawn, painted as outlines.

A formula is an object in a text's document, as large as its drawing. What lays it out is a
child process; no drawing of the same formula is asked for twice.
"""

import queue
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from PySide6.QtCore import QObject, QPointF, QRect, QRectF, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPainterPath,
    QPyTextObject,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)

from hanlin.formulas.client import FormulaClient
from hanlin.formulas.shape import Shape
from hanlin_ui.theme import appearance

if TYPE_CHECKING:
    from hanlin.services.transfer.documents import Draw

OBJECT: Final = QTextFormat.ObjectTypes.UserObject.value + 1
SOURCE: Final = QTextFormat.Property.UserProperty.value + 20
DISPLAY: Final = SOURCE + 1
SIZE: Final = SOURCE + 2
"""Pixels of the font around it."""
_KEPT: Final = 4_000
_SMALLEST: Final = 0.45
"""How far a formula is made smaller that is wider than its text."""
_LARGER: Final = 1.12
"""Mathematical letters look smaller than those of an interface."""


class Key(NamedTuple):
    """One formula: its LaTeX, and whether it stands by itself."""

    source: str
    display: bool


@dataclass(frozen=True, slots=True)
class Drawing:
    """A formula ready to be painted, in units of the font's size."""

    shape: Shape
    path: QPainterPath


class Drawings(Protocol):
    """Who has the drawings of formulas, and the objects that stand for them in a document."""

    objects: "FormulaObjects"
    scale: float
    """How many of the document's pixels are one of the screen's."""

    def is_broken(self, key: Key) -> bool:
        """Tell whether it is known that the formula cannot be drawn."""
        ...

    def drawing(self, key: Key) -> Drawing | None:
        """Return the drawing, None where there is none, or none yet."""
        ...


class PrintedFormulas:
    """Formulas of a text that is printed: each is drawn before anything goes on.

    For one thread, which waits until ``draw`` has an answer.
    """

    def __init__(self, draw: "Draw", ink: str, scale: float) -> None:
        self.scale = scale
        self.objects = FormulaObjects(self, ink)
        self._draw = draw
        self._kept: dict[Key, Drawing | None] = {}

    def is_broken(self, key: Key) -> bool:
        """Tell whether the formula cannot be drawn."""
        return self.drawing(key) is None

    def drawing(self, key: Key) -> Drawing | None:
        """Return the drawing, None where there is none."""
        if key not in self._kept:
            shape = self._draw(key.source, display=key.display)
            self._kept[key] = None if shape is None else Drawing(shape, _path(shape))
        return self._kept[key]


class FormulaHub(QObject):
    """Lives as long as the window; everything but the child's work is on the GUI thread."""

    drawn = Signal(object)
    """A Key: its drawing is there, or it is known to have none."""
    _done = Signal(object, object)

    def __init__(self, make: Callable[[], FormulaClient], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._make = make
        self.scale = 1.0
        self._kept: OrderedDict[Key, Drawing | None] = OrderedDict()
        self._asked: set[Key] = set()
        self._wanted: queue.SimpleQueue[Key | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self.objects = FormulaObjects(self, parent=self)
        self._done.connect(self._on_done, Qt.ConnectionType.QueuedConnection)

    def is_broken(self, key: Key) -> bool:
        """Tell whether it is known that the formula cannot be drawn."""
        return key in self._kept and self._kept[key] is None

    def drawing(self, key: Key) -> Drawing | None:
        """Return the drawing; one that is not there yet is asked for."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key]
        if key not in self._asked:
            self._asked.add(key)
            self._wanted.put(key)
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name="formulas", daemon=True)
                self._thread.start()
        return None

    def close(self) -> None:
        """Leave no thread and no process."""
        if self._thread is not None:
            while not self._wanted.empty():
                self._wanted.get()
            self._wanted.put(None)
            self._thread.join()
            self._thread = None

    def _work(self) -> None:
        client = self._make()
        while (key := self._wanted.get()) is not None:
            self._done.emit(key, client.draw(key.source, display=key.display))
        client.close()

    @Slot(object, object)
    def _on_done(self, key: Key, shape: Shape | None) -> None:
        self._asked.discard(key)
        self._kept[key] = None if shape is None else Drawing(shape, _path(shape))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self.drawn.emit(key)


_hubs: list[FormulaHub] = []


def use(hub: FormulaHub | None) -> None:
    """Have formulas drawn by ``hub`` from now on; None shows their sources."""
    _hubs[:] = [hub] if hub is not None else []


def current() -> FormulaHub | None:
    """Return who draws formulas."""
    return _hubs[0] if _hubs else None


class FormulaObjects(QPyTextObject):
    """Tells a document's layout how large formulas are, and paints them."""

    def __init__(self, hub: Drawings, ink: str = "", parent: QObject | None = None) -> None:
        """Make it; ``ink`` is a colour for all of them, "" for the text's of the theme worn."""
        super().__init__(parent)
        self._hub = hub
        self._ink = ink

    def intrinsicSize(self, doc: QTextDocument, _place: int, style: QTextFormat) -> QSizeF:
        """Return the room that the formula takes, its base line on the text's."""
        drawing = self._hub.drawing(key_of(style))
        em = float(style.doubleProperty(SIZE)) * _LARGER
        if drawing is None:
            return QSizeF(2 * em, em)
        em *= _fitting(drawing, em, doc)
        half = _half_x(style)
        height = max(2 * drawing.shape.ascent * em - half, 2 * drawing.shape.descent * em + half)
        return QSizeF(drawing.shape.width * em, height)

    def drawObject(
        self,
        painter: QPainter,
        area: QRectF | QRect,
        doc: QTextDocument,
        _place: int,
        style: QTextFormat,
    ) -> None:
        """Paint the formula."""
        drawing = self._hub.drawing(key_of(style))
        if drawing is None:
            return
        em = float(style.doubleProperty(SIZE)) * _LARGER
        em *= _fitting(drawing, em, doc)
        colour = QColor(self._ink or appearance.current().text)
        base = area.top() + (area.height() + _half_x(style)) / 2
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(area.left(), base)
        painter.scale(em, em)
        painter.fillPath(drawing.path, colour)
        painter.restore()
        painter.setPen(colour)
        for letter in drawing.shape.letters:
            font = QFont(doc.defaultFont())
            font.setPixelSize(max(1, round(letter.size * em)))
            painter.setFont(font)
            place = QPointF(area.left() + letter.left * em, base + letter.base * em)
            painter.drawText(place, letter.text)


def insert(cursor: QTextCursor, key: Key, size: float, drawings: Drawings | None = None) -> bool:
    """Put the formula into the text; return False when its source should be shown instead.

    Who has no ``drawings`` of its own shares the window's.
    """
    hub = drawings or current()
    if hub is None or hub.is_broken(key):
        return False
    layout = cursor.document().documentLayout()
    if layout.handlerForObject(OBJECT) is None:
        layout.registerHandler(OBJECT, hub.objects)
    style = QTextCharFormat()
    style.setObjectType(OBJECT)
    style.setProperty(SOURCE, key.source)
    style.setProperty(DISPLAY, key.display)
    style.setProperty(SIZE, size * hub.scale)
    style.setVerticalAlignment(QTextCharFormat.VerticalAlignment.AlignMiddle)
    cursor.insertText("\N{OBJECT REPLACEMENT CHARACTER}", style)
    return True


def key_of(style: QTextFormat) -> Key:
    """Return which formula ``style`` stands for."""
    return Key(str(style.property(SOURCE) or ""), bool(style.property(DISPLAY)))


def source_text(key: Key) -> str:
    """Return the formula as a person would write it."""
    return f"$${key.source}$$" if key.display else f"${key.source}$"


def _half_x(style: QTextFormat) -> float:
    """Return what Qt's layout adds above the middle of such an object."""
    return QFontMetrics(style.toCharFormat().font()).xHeight() / 2


def _fitting(drawing: Drawing, em: float, doc: QTextDocument) -> float:
    room = doc.textWidth()
    wanted = drawing.shape.width * em
    return max(_SMALLEST, room / wanted) if 0 < room < wanted else 1.0


def _path(shape: Shape) -> QPainterPath:
    path = QPainterPath()
    path.setFillRule(Qt.FillRule.WindingFill)
    for command, numbers in shape.outline:
        match command:
            case "M":
                path.moveTo(*numbers)
            case "L":
                path.lineTo(*numbers)
            case "Q":
                path.quadTo(*numbers)
            case "C":
                path.cubicTo(*numbers)
            case _:
                path.closeSubpath()
    return path
