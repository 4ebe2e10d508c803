"""A block of code in an answer: its language, what can be done with it, and the code as it is.

Colours come in small slices, so that a long file does not stop the window. How the text lies
is ``code_text``'s, how much of it is drawn at first ``code_folding``'s.
"""

import time
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QVBoxLayout, QWidget

from hanlin.domain.filling import Gap
from hanlin.kernel.i18n import _
from hanlin.services.coding import gap_in
from hanlin_ui.chat.code_actions import COMPLETE, BlockState, CodeActions, RunView
from hanlin_ui.chat.code_folding import RestOfCode, beginning, folds, is_strange
from hanlin_ui.chat.code_text import CodeText
from hanlin_ui.chat.colouring import find_colours, formats
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.selection import selected

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hanlin.colours.runs import Colours
    from hanlin_ui.chat.completion import CompletionView

_SLICE_SECONDS: Final = 0.006
_COPIED_MS: Final = 1_500
_BUTTON: Final = 26
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
        self._copy.clicked.connect(self._on_copy)
        self._wrap = IconButton("wrap", 14)
        self._wrap.setCheckable(True)
        self._wrap.toggled.connect(self._on_wrap)
        self._save = IconButton("save", 14)
        self._save.clicked.connect(self._on_save)
        self._more: RestOfCode | None = None
        self._text = CodeText()
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
        for button in (self._wrap, self._save, self._copy):
            header.addWidget(button)
        layout = QVBoxLayout(self)
        # The header is no part of the layout: it stays in sight while long code scrolls by.
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
        return not self._shown_all and folds(code)

    def _is_folded(self) -> bool:
        return self._more is not None and not self._more.isHidden()

    def _show(self) -> None:
        folded = self._folds(self._code)
        self._text.replace(beginning(self._code) if folded else self._code)
        if folded and self._more is None:
            self._more = RestOfCode()
            self._more.wanted.connect(self._on_more)
            self._layout.addWidget(self._more)
        if self._more is not None:
            self._more.setVisible(folded)
            self._more.say_why(strange=folded and is_strange(self._code))

    def _on_more(self) -> None:
        self._shown_all = True
        self._show()

    def _on_copy(self) -> None:
        QGuiApplication.clipboard().setText(self._code)
        self._copy.setText(_("Copied"))
        put_on(self._copy, "done", appearance.current().muted, 14)
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
        for button in (*self._actions.buttons(), self._wrap, self._save, self._copy):
            # Of one height, so that Tab goes along them.
            button.setFixedHeight(appearance.looks().sized(_BUTTON))
        self._layout.setContentsMargins(0, self._header.sizeHint().height(), 0, 6)
        self._copy.setText(_("Copy"))
        put_on(self._copy, "copy", appearance.current().muted, 14)
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
