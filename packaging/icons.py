"""Draws what must be image files into resources/hanlin_resources/icons.

The program's icon, a seal with 翰, and the few glyphs that a style sheet can only take
from files. All other icons are drawn while the program runs (hanlin_ui.theme.icons).

Run when the design changes: `python packaging/icons.py`. Needs the font Noto Serif CJK SC.
"""

import os
import sys
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter, QPainterPath, QPen

TARGET = Path(__file__).resolve().parents[1] / "resources" / "hanlin_resources" / "icons"
SIZES = (16, 24, 32, 48, 64, 128, 256, 512)
FRAMED_FROM = 48
"""The smallest size with the inner frame of a seal: below that it would be a blur."""
SEAL, PAPER = "#a5382a", "#fdf6ea"
GLYPHS = {
    "tick": ("#ffffff", "5,12.5 10,17.5 19,7"),
    "down": ("#8d8578", "5,9 12,16 19,9"),
    "up": ("#8d8578", "5,15 12,8 19,15"),
    "right": ("#8d8578", "9,5 16,12 9,19"),
}
"""Colour, seen well on light and dark, and a line on a grid of 24."""
GLYPH_SIZES = {"": 12, "-large": 24}
"""Pixels. A style sheet makes an image smaller and never larger: with letters above 100 % it
takes the large ones."""


def draw(size: int) -> QImage:
    """Return the icon ``size`` pixels wide, drawn for that size."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    edge = size * 0.04
    area = QRectF(edge, edge, size - 2 * edge, size - 2 * edge)
    shape = QPainterPath()
    shape.addRoundedRect(area, size * 0.2, size * 0.2)
    painter.fillPath(shape, QColor(SEAL))
    if size >= FRAMED_FROM:
        inset = size * 0.075
        frame = area.adjusted(inset, inset, -inset, -inset)
        painter.setPen(QPen(QColor(PAPER), size * 0.018))
        painter.drawRoundedRect(frame, size * 0.13, size * 0.13)
    font = QFont("Noto Serif CJK SC")
    font.setWeight(QFont.Weight.Bold)
    font.setPixelSize(round(size * (0.6 if size >= FRAMED_FROM else 0.76)))
    glyph = QPainterPath()
    glyph.addText(0, 0, font, "翰")
    box = glyph.boundingRect()
    glyph.translate(area.center() - box.center())
    painter.fillPath(glyph, QColor(PAPER))
    painter.end()
    return image


def draw_glyph(colour: str, line: str, size: int) -> QImage:
    """Return the glyph ``size`` pixels wide."""
    image = QImage(size, size, QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(Qt.GlobalColor.transparent)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(size / 24, size / 24)
    pen = QPen(QColor(colour), 3)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    points = (point.split(",") for point in line.split())
    painter.drawPolyline([QPointF(float(x), float(y)) for x, y in points])
    painter.end()
    return image


def main() -> int:
    """Draw every size."""
    application = QGuiApplication([])
    TARGET.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        draw(size).save(str(TARGET / f"hanlin-{size}.png"))
    for name, (colour, line) in GLYPHS.items():
        for large, size in GLYPH_SIZES.items():
            draw_glyph(colour, line, size).save(str(TARGET / f"{name}{large}.png"))
            draw_glyph(colour, line, 2 * size).save(str(TARGET / f"{name}{large}@2x.png"))
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
