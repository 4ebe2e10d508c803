"""A conversation as PDF: drawn as the window draws it, with the fonts inside the file.

Qt is used because it is here and embeds the glyphs of whichever fonts the text needs, which
PDF libraries leave to the caller. Runs on any thread; a QGuiApplication must exist.
"""

import os
from collections.abc import Callable
from contextlib import closing
from typing import Final

from PySide6.QtCore import QBuffer, QIODevice, QLoggingCategory, QMarginsF, QUrl
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontInfo,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QPageLayout,
    QPageSize,
    QPdfWriter,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
    QTextImageFormat,
    QTextLength,
)

from hanlin.documents.opener import OpenFile
from hanlin.domain.conversation import Role
from hanlin.domain.transfer import CarriedConversation, CarriedFile, CarriedMessage
from hanlin.formulas.client import FormulaClient
from hanlin.kernel.errors import HanlinError
from hanlin.services.transfer.documents import about, who
from hanlin.services.transfer.service import patient
from hanlin_ui.chat.formulas import PrintedFormulas
from hanlin_ui.chat.markdown.parse import parse
from hanlin_ui.chat.markdown.render import BULLET, RULE, TASK, Renderer
from hanlin_ui.pdf_text import readable
from hanlin_ui.theme.fonts import interface_font
from hanlin_ui.theme.palette import PAPER

_MARGIN_MM: Final = 18.0
_POINTS: Final = 10.5
_DPI: Final = 144
_POINTS_AN_INCH: Final = 72
_LINES_IN_ONE: Final = 200
"""Of a question on one ground: it is white between paragraphs, and Qt is slow with long ones."""
_SIDE: Final = 1600
"""Pixels of a picture, at most."""
_WIDEST: Final = 900.0
_HIGHEST: Final = 1100.0
"""Of the page's own, so that what was written about a picture is on its page."""
_IMAGE: Final = QTextDocument.ResourceType.ImageResource.value
_SIGNS: Final = ("•  ", "☐ ", "☑ ")
"""Before a point of a list, a task, and one that is done."""
_application: QGuiApplication | None = None


def pdf(
    carried: CarriedConversation, make_client: Callable[[], FormulaClient] = FormulaClient
) -> bytes:
    """Return the visible conversation as a PDF file; ``make_client`` makes who draws formulas.

    Pictures that were attached are opened in a child, as everywhere.
    """
    _have_application()
    document = QTextDocument()
    font = interface_font(QGuiApplication.font())
    font.setPointSizeF(_POINTS)
    # Noto Sans CJK has figures of its own among Latin letters, which stand for no character: they
    # would be read out of the file as nothing.
    font.setFeature(QFont.Tag("locl"), 0)
    document.setDefaultFont(font)
    scale = _POINTS * _DPI / _POINTS_AN_INCH / QFontInfo(font).pixelSize()
    with closing(make_client()) as client:
        drawings = PrintedFormulas(patient(client.draw, None), PAPER.text, scale)
        _draw(document, carried, font, drawings)
        _draw_signs(document)
        return _printed(document, carried.title)


def _printed(document: QTextDocument, title: str) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setResolution(_DPI)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    margins = QMarginsF(_MARGIN_MM, _MARGIN_MM, _MARGIN_MM, _MARGIN_MM)
    writer.setPageMargins(margins, QPageLayout.Unit.Millimeter)
    writer.setTitle(title)
    writer.setCreator("Hanlin")
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(writer.pageLayout().paintRectPixels(_DPI).size().toSizeF())
    document.print_(writer)
    del writer  # writes the end of the file
    return readable(bytes(buffer.data().data()))


def _draw(
    document: QTextDocument, carried: CarriedConversation, font: QFont, drawings: PrintedFormulas
) -> None:
    cursor = QTextCursor(document)
    title = QTextCharFormat()
    title.setFont(font)
    title.setFontPointSize(_POINTS * 1.7)
    title.setFontWeight(QFont.Weight.Bold)
    cursor.insertText(" ".join(carried.title.split()), title)
    for message in carried.path():
        _begin(cursor, message, font)
        for file in message.files:
            _attach(cursor, file, font)
        if message.thinking:
            for line in message.thinking.splitlines():
                cursor.insertBlock(_layout(0, indent=12), _ink(font, PAPER.muted))
                cursor.insertText(line)
        if message.role is Role.USER:
            lines = message.text.splitlines()
            for first in range(0, len(lines), _LINES_IN_ONE):
                cursor.insertBlock(_layout(0, ground=PAPER.bubble), _ink(font, PAPER.text))
                together = lines[first : first + _LINES_IN_ONE]
                cursor.insertText("\N{LINE SEPARATOR}".join(together))
            continue
        renderer = Renderer(document, PAPER, drawings)
        cursor.insertBlock(_layout(0), _ink(font, PAPER.text))
        for placed in parse(message.text):
            renderer.append(placed.block)
        cursor.movePosition(QTextCursor.MoveOperation.End)


def _draw_signs(document: QTextDocument) -> None:
    """Draw dots and boxes of lists and rules, which the window paints beside the text."""
    block = document.firstBlock()
    while block.isValid():
        layout = block.blockFormat()
        if layout.boolProperty(RULE):
            layout.setProperty(
                QTextFormat.Property.BlockTrailingHorizontalRulerWidth.value,
                QTextLength(QTextLength.Type.PercentageLength, 100),
            )
            QTextCursor(block).setBlockFormat(layout)
        if layout.intProperty(BULLET):
            sign = _SIGNS[layout.intProperty(TASK)]
            cursor = QTextCursor(block)
            cursor.insertText(sign, QTextCharFormat())
            layout.setTextIndent(-QFontMetricsF(document.defaultFont()).horizontalAdvance(sign))
            cursor.setBlockFormat(layout)
        block = block.next()


def _begin(cursor: QTextCursor, message: CarriedMessage, font: QFont) -> None:
    small = QFont(font)
    small.setPointSizeF(_POINTS * 0.85)
    cursor.insertBlock(_layout(16), _ink(small, PAPER.muted))
    cursor.insertText(who(message))


def _attach(cursor: QTextCursor, file: CarriedFile, font: QFont) -> None:
    """Show what was attached: a picture, and the name of anything."""
    image = _image(file) if file.shown else None
    if image is not None:
        cursor.insertBlock(QTextBlockFormat())
        scale = min(1.0, _WIDEST / image.width(), _HIGHEST / image.height())
        cursor.document().addResource(_IMAGE, QUrl(f"file{cursor.position()}"), image)
        picture = QTextImageFormat()
        picture.setName(f"file{cursor.position()}")
        picture.setWidth(image.width() * scale)
        picture.setHeight(image.height() * scale)
        cursor.insertImage(picture)
    small = QFont(font)
    small.setPointSizeF(_POINTS * 0.85)
    cursor.insertBlock(_layout(0), _ink(small, PAPER.muted))
    cursor.insertText(about(file))


def _image(file: CarriedFile) -> QImage | None:
    """Return a picture's pixels, None where it cannot be opened."""
    try:
        with OpenFile(file.name, file.content) as opened:
            seen = opened.picture(_SIDE)
    except HanlinError:
        return None
    kind = QImage.Format.Format_RGB888
    return QImage(seen.rgb, seen.width, seen.height, 3 * seen.width, kind).copy()


def _layout(above: float, indent: float = 0.0, ground: str = "") -> QTextBlockFormat:
    layout = QTextBlockFormat()
    if ground:
        layout.setBackground(QColor(ground))
    layout.setTopMargin(above)
    layout.setLeftMargin(indent)
    layout.setLineHeight(125.0, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
    return layout


def _ink(font: QFont, colour: str) -> QTextCharFormat:
    style = QTextCharFormat()
    style.setFont(font)
    style.setForeground(QColor(colour))
    return style


def _have_application() -> None:
    """Make the application object that fonts need, for a command without a window.

    It is not told which fonts were tried in vain for a script: another one has it.
    """
    global _application  # noqa: PLW0603 - there is one for a process
    if QGuiApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        QLoggingCategory.setFilterRules("qt.text.font.db.info=false")
        _application = QGuiApplication(["hanlin"])
