"""A block of code in an answer: its language, a copy button, and the code as it is.

Code is never wrapped, unless a line is absurdly long; it scrolls sideways by
itself. Colours come in small slices, so that a long file does not stop the window.
"""

import re
import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QGuiApplication,
    QResizeEvent,
    QTextCharFormat,
    QTextLayout,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.filling import Gap
from hanlin.kernel.i18n import _
from hanlin.services.coding import gap_in
from hanlin_ui.chat.code_actions import COMPLETE, BlockState, CodeActions, RunView
from hanlin_ui.chat.colouring import find_colours, formats
from hanlin_ui.chat.letters import restless_from
from hanlin_ui.chat.undrawn import second_script
from hanlin_ui.theme import appearance
from hanlin_ui.theme.fonts import code_font
from hanlin_ui.theme.icons import icon
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.selection import selected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hanlin.colours.runs import Colours
    from hanlin_ui.chat.completion import CompletionView

FOLD_ABOVE: Final = 200_000
"""Characters above which only the beginning is shown until a person asks for the rest; a line
without end is reason enough."""
_FOLDED: Final = 20_000
_LONGEST_LINE: Final = 4_000
_ENDLESS_LINE: Final = re.compile(rf"[^\n]{{{_LONGEST_LINE + 1}}}")
"""A line that takes Qt a tenth of a second and more to lay out."""
_MOST_CHANGES: Final = 100
"""Changes between unusual scripts that are laid out at once."""
_WRAP_ABOVE: Final = 3_000
_MEASURED_LINES: Final = 1_500
_SLICE_SECONDS: Final = 0.006
_COPIED_MS: Final = 1_500
_BUTTON: Final = 26
_REST_SIDE: Final = 8
_LINK_SIDE: Final = 4
"""What a button that looks like a link keeps free of words at its left."""
_LEAST_BELOW: Final = 24
"""Pixels of code that are seen below the header as long as any is."""


class CodeView(QFrame):
    """One block of code."""

    _completion: "CompletionView | None" = None
    """What a model wrote into it, once it did."""
    _ending = ""
    """How files in its language end, once that is known."""

    acted = Signal(str)
    """What the person wants of it: see ``CodeActions``, ``RunView`` and ``CompletionView``."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "code")
        self._code = ""
        self._language = ""
        self._shown_all = False
        self._above = 0
        self._theme = appearance.current()
        self._runs: Iterator[tuple[int, int, str]] = iter(())
        self._looking: object = None
        """Stands for the text whose colours are looked for."""
        self._name = QLabel()
        self._name.setTextFormat(Qt.TextFormat.PlainText)
        self._name.setProperty("role", "muted")
        self._copy = QToolButton()
        self._copy.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._copy.setIconSize(QSize(14, 14))
        self._copy.clicked.connect(self._on_copy)
        self._wrap = IconButton("wrap", 14)
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._on_wrap)
        self._save = IconButton("save", 14)
        self._save.clicked.connect(self._on_save)
        self._more: _Rest | None = None
        self._text = _CodeText()
        self._text.ringed.connect(self._on_ringed)
        self._header = QFrame(self)
        self._header.setProperty("role", "code-head")
        header = QHBoxLayout(self._header)
        header.setContentsMargins(12, 4, 6, 0)
        header.setSpacing(2)
        header.addWidget(self._name)
        header.addStretch()
        self._actions = CodeActions()
        self._actions.acted.connect(self.acted)
        self._run: RunView | None = None
        header.addWidget(self._actions)
        for button in (*self._actions.buttons(), self._wrap, self._save, self._copy):
            button.setFixedHeight(_BUTTON)  # of one height, so that Tab goes along them
        for button in (self._wrap, self._save, self._copy):
            header.addWidget(button)
        layout = QVBoxLayout(self)
        # The header is no part of the layout: it stays in sight while long code scrolls by.
        layout.setContentsMargins(0, self._header.sizeHint().height(), 0, 6)
        layout.setSpacing(0)
        inside = QHBoxLayout()
        inside.setContentsMargins(6, 0, 6, 0)
        inside.addWidget(self._text)
        layout.addLayout(inside)
        self._layout = layout
        self._colouring = QTimer(self)
        self._colouring.setInterval(0)
        self._colouring.timeout.connect(self._colour_slice)
        self._retranslate()

    def code(self) -> str:
        """Return the whole code."""
        return self._code

    def shown_code(self) -> str:
        """Return the code as far as it is shown."""
        return self._text.toPlainText()

    def colours(self) -> int:
        """Return how many runs of characters of the first line are coloured."""
        return len(self._text.document().firstBlock().layout().formats())

    def forget(self, *, unfolded: bool) -> None:
        """Be as new, and show all of a long code if ``unfolded``."""
        self._code = self._language = self._ending = ""
        self._shown_all = unfolded
        self._above = 0
        self._wrap.setChecked(False)
        for below in (self._run, self._completion):
            if below is not None:
                below.hide()
        self._stop_colouring()
        self._show()
        self._retranslate()

    def show_state(self, state: BlockState) -> None:
        """Show below the code what was done with it."""
        if state.run.running or state.run.ran is not None:
            if self._run is None:
                self._run = RunView()
                self._run.acted.connect(self.acted)
                self._layout.addWidget(self._run)
            self._run.show_state(state.run)
            self._run.show()
        if state.completion.gap is not None:
            if self._completion is None:
                from hanlin_ui.chat.completion import CompletionView  # noqa: PLC0415 - rarely

                self._completion = CompletionView()
                self._completion.acted.connect(self.acted)
                self._layout.addWidget(self._completion)
            self._completion.show_state(state.completion)
            self._completion.show()
        elif self._completion is not None:
            self._completion.hide()

    def complete(self) -> None:
        """Ask for what is missing at the cursor."""
        self.acted.emit(COMPLETE)

    def gap(self) -> Gap:
        """Return where code is wanted: in place of the selection, else at the cursor.

        Where nobody has put the cursor, and in code that is folded, it is the mark or the end.
        """
        first, last = selected(self._text)
        code = self._code
        untouched = first == last and first in (0, len(code))
        return gap_in(code) if untouched or self._is_folded() else gap_in(code, first, last)

    def is_unfolded(self) -> bool:
        """Tell whether all of a long code was asked for."""
        return self._shown_all

    def has_selection(self) -> bool:
        """Tell whether a part of the code is selected."""
        return self._text.textCursor().hasSelection()

    def height_for(self, width: int) -> int:
        """Return how tall the view is at ``width`` pixels."""
        if width != self.width():
            self.resize(width, self.height())
        self._layout.activate()
        if self._layout.hasHeightForWidth():
            return self._layout.totalHeightForWidth(width)
        return self._layout.totalSizeHint().height()

    def stick(self, above: int) -> None:
        """Keep the header in sight when ``above`` pixels of the view are scrolled out."""
        self._above = above
        self._place_header()

    def _place_header(self) -> None:
        height = self._header.sizeHint().height()
        lowest = max(0, self.height() - height - _LEAST_BELOW)
        edge = self.frameWidth() or 1
        self._header.setGeometry(
            edge, edge + min(max(0, self._above), lowest), self.width() - 2 * edge, height
        )
        self._header.raise_()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the header as wide as the code."""
        super().resizeEvent(event)
        self._place_header()

    def set_code(self, language: str, code: str, *, final: bool) -> None:
        """Show ``code``; it is coloured once it is ``final``."""
        more = code[len(self._code) :] if code.startswith(self._code) else None
        self._code = code
        if more is None or self._folds(code) is not self._is_folded():
            self._show()
        elif not self._folds(code):
            self._text.add(more)
        self._language = language
        self._name.setText(language)
        self._actions.set_language(language, final=final)
        if final:
            self._colour()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() == QEvent.Type.StyleChange and self._theme is not appearance.current():
            self._theme = appearance.current()
            self._retranslate()
            self._colour()

    def _folds(self, code: str) -> bool:
        if self._shown_all:
            return False
        large = len(code) > FOLD_ABOVE or _ENDLESS_LINE.search(code) is not None
        return large or _strange_from(code) is not None

    def _is_folded(self) -> bool:
        return self._more is not None and not self._more.isHidden()

    def _show(self) -> None:
        folds = self._folds(self._code)
        self._text.replace(_beginning(self._code) if folds else self._code)
        if folds and self._more is None:
            self._more = _Rest()
            self._more.wanted.connect(self._on_more)
            self._layout.addWidget(self._more)
        if self._more is not None:
            self._more.setVisible(folds)
            self._more.say_why(strange=folds and _strange_from(self._code) is not None)

    def _on_more(self) -> None:
        self._shown_all = True
        self._show()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
        self._copy.setText(_("Copied"))
        self._copy.setIcon(icon("done", appearance.current().muted, 14))
        QTimer.singleShot(_COPIED_MS, self, self._retranslate)

    def _on_wrap(self, wraps: bool) -> None:  # noqa: FBT001 - a Qt slot
        self._text.wrap(wanted=wraps)

    def _on_save(self) -> None:
        from hanlin_ui.dialogs.save_text import save_text  # noqa: PLC0415 - the rarer way

        save_text(self, _("Save this code"), self.file_name(), self._code)

    def file_name(self) -> str:
        """Return a name for a file of the code."""
        return f"code{self._ending or '.txt'}"

    def _on_ringed(self, ringed: bool) -> None:  # noqa: FBT001 - a Qt slot
        self.setProperty("focused", ringed)
        self.style().unpolish(self)
        self.style().polish(self)

    def _retranslate(self) -> None:
        if self._more is not None:
            self._more.retranslate()
        self._copy.setText(_("Copy"))
        self._copy.setIcon(icon("copy", appearance.current().muted, 14))
        self._copy.setAccessibleName(_("Copy this code"))
        self._wrap.set_label(_("Wrap long lines"))
        self._save.set_label(_("Save as a file"))
        self._text.setAccessibleName(_("Code"))

    def _colour(self) -> None:
        self._stop_colouring()
        if self._language:
            self._looking = looking = object()
            find_colours(
                self,
                self._language,
                self._text.toPlainText(),
                lambda colours: self._on_colours(colours) if looking is self._looking else None,
            )

    def _stop_colouring(self) -> None:
        self._looking = None
        self._runs = iter(())
        self._colouring.stop()
        self._text.forget_colours()

    def _on_colours(self, colours: "Colours") -> None:
        self._ending = colours.ending
        self._runs = colours.runs()
        self._colouring.start()

    def _colour_slice(self) -> None:
        deadline = time.monotonic() + _SLICE_SECONDS
        styles = formats(appearance.current())
        while time.monotonic() < deadline:
            run = next(self._runs, None)
            if run is None:
                self._colouring.stop()
                break
            position, length, kind = run
            self._text.remember_colour(position, length, styles[kind])
        self._text.apply_colours()


def _beginning(code: str) -> str:
    """Return the beginning of a large code, its lines cut where they have no end.

    Of one in strange scripts, what comes before too many of them.
    """
    most = min(_FOLDED, _strange_from(code) or _FOLDED)
    return "\n".join(line[:_LONGEST_LINE] for line in code[:most].split("\n"))


class _Rest(QWidget):
    """Stands for the rest of a code that is not shown, and says why where one would wonder."""

    wanted = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._why = QLabel()
        self._why.setProperty("role", "muted")
        self._why.setWordWrap(True)
        self._why.setContentsMargins(_LINK_SIDE, 0, _LINK_SIDE, 0)
        self._show = QPushButton()
        self._show.setProperty("role", "link")
        self._show.clicked.connect(self.wanted)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_REST_SIDE, 0, _REST_SIDE, 0)
        layout.setSpacing(0)
        layout.addWidget(self._why)
        layout.addWidget(self._show, alignment=Qt.AlignmentFlag.AlignLeft)
        self.retranslate()

    def say_why(self, *, strange: bool) -> None:
        """Say so if strange scripts are the reason; length speaks for itself."""
        self._why.setVisible(strange)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        self._why.setText(
            _(
                "What follows is in many scripts, or in some that no font here has; drawing it"
                " takes a moment."
            )
        )
        self._show.setText(_("Show all of this code"))


def _strange_from(code: str) -> int | None:
    """Return where a second script begins that nobody can draw here, or scripts change too often.

    None where both is not so.
    """
    places = (second_script(code), restless_from(code, _MOST_CHANGES))
    return min((place for place in places if place is not None), default=None)


class _CodeText(QPlainTextEdit):
    """The code itself: as tall as its lines, scrolling sideways alone."""

    ringed = Signal(bool)
    """The keyboard came by Tab, or has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.setReadOnly(True)
        self.setAcceptDrops(False)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(code_font(self.font()))
        self.setUndoRedoEnabled(False)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        self.document().setDocumentMargin(6)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._wrapped = self._endless = False
        self._colours: dict[int, list[QTextLayout.FormatRange]] = {}
        self.document().documentLayout().documentSizeChanged.connect(self._fit)
        self.horizontalScrollBar().rangeChanged.connect(self._fit)

    def replace(self, text: str) -> None:
        """Show ``text``."""
        longest = max((len(line) for line in text.split("\n")), default=0)
        self._endless = longest > _WRAP_ABOVE
        wraps = self._endless or self._wrapped
        modes = QPlainTextEdit.LineWrapMode
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)
        self.setWordWrapMode(self.wordWrapMode().WrapAnywhere)
        self.setPlainText(text)
        self._fit()

    def wrap(self, *, wanted: bool) -> None:
        """Break lines at the edge, or let them run beyond it unless one has no end."""
        self._wrapped = wanted
        modes = QPlainTextEdit.LineWrapMode
        wraps = wanted or self._endless
        self.setLineWrapMode(modes.WidgetWidth if wraps else modes.NoWrap)
        self._fit()

    def add(self, text: str) -> None:
        """Show ``text`` behind what is there, at the cost of ``text`` alone."""
        if not text:
            return
        cursor = self.textCursor()
        cursor.movePosition(cursor.MoveOperation.End)
        cursor.insertText(text)
        line = cursor.block().length()
        if line > _WRAP_ABOVE and self.lineWrapMode() is QPlainTextEdit.LineWrapMode.NoWrap:
            self.replace(self.toPlainText())
        self._fit()

    def forget_colours(self) -> None:
        """Drop the colours collected so far."""
        self._colours.clear()

    def remember_colour(self, position: int, length: int, style: QTextCharFormat) -> None:
        """Colour a run of characters at the next :meth:`apply_colours`."""
        end = position + length
        block = self.document().findBlock(position)
        while block.isValid() and block.position() < end:
            start = max(position, block.position())
            stop = min(end, block.position() + block.length() - 1)
            if stop > start:
                run = QTextLayout.FormatRange()
                run.start = start - block.position()
                run.length = stop - start
                run.format = style
                self._colours.setdefault(block.blockNumber(), []).append(run)
            block = block.next()

    def apply_colours(self) -> None:
        """Show the colours of the lines that were touched since the last time."""
        numbers = sorted(self._colours)
        for number in numbers:
            block = self.document().findBlockByNumber(number)
            block.layout().setFormats(self._colours[number])
            self.document().markContentsDirty(block.position(), block.length())
        for number in numbers[:-1]:  # the last line may get more in the next slice
            del self._colours[number]

    def _text_height(self) -> float:
        document = self.document()
        if document.blockCount() > _MEASURED_LINES:
            return document.documentLayout().documentSize().height() * self.fontMetrics().height()
        height = 0.0  # Chinese lines are taller than others, so each line is asked
        block = document.firstBlock()
        while block.isValid():
            height += self.blockBoundingRect(block).height()
            block = block.next()
        return height

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show where the keyboard is when it came by the keyboard."""
        super().focusInEvent(event)
        reasons = Qt.FocusReason
        if event.reason() in (reasons.TabFocusReason, reasons.BacktabFocusReason):
            self.ringed.emit(True)  # noqa: FBT003 - the signal's one argument

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Show no longer that the keyboard is here."""
        super().focusOutEvent(event)
        self.ringed.emit(False)  # noqa: FBT003 - the signal's one argument

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scroll sideways alone; leave up and down to the transcript."""
        if abs(event.angleDelta().x()) > abs(event.angleDelta().y()):
            super().wheelEvent(event)
        else:
            event.ignore()

    def _fit(self) -> None:
        height = self._text_height() + 2 * self.document().documentMargin()
        bar = self.horizontalScrollBar()
        if bar.maximum() > 0:
            height += bar.sizeHint().height()
        if round(height) != self.height():
            self.setFixedHeight(round(height))
