"""The translator's page. Emits wishes and shows what it is given; holds no service."""

from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from hanlin.domain.translation import Direction, Tone
from hanlin.kernel.i18n import _
from hanlin.services.translation import dictionary
from hanlin_ui.translate import keys
from hanlin_ui.translate.detail import SentenceDetail
from hanlin_ui.translate.languages import LanguageBox
from hanlin_ui.translate.panes import SourcePane, TextPane, files_of, units
from hanlin_ui.translate.placing import Done, placed
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.tips import tip

_PAUSE_MS = 700
"""After so long without a key the text is translated."""
_COPIED_MS = 1_500
_SIDE = 18


class TranslatePage(QWidget):
    """Two panes, the languages above them, the chosen sentence below."""

    translate_requested = Signal()
    stop_requested = Signal()
    glossaries_requested = Signal()
    files_requested = Signal()
    picture_given = Signal(QImage)
    """A picture was pasted, to be read and translated."""
    files_given = Signal(list)
    """Paths of files that were dropped or pasted."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAcceptDrops(True)
        self._direction = Direction("", "")
        self._done: Done = ()
        self._working = False
        self._share = 1.0
        """How much of the text is translated."""
        self.source_language = LanguageBox(detects=True)
        self.target_language = LanguageBox()
        self.tone = QComboBox()
        self.tone.setProperty("role", "soft")
        self._swap = IconButton("swap", 18)
        self._glossaries = QPushButton()
        self._files = QPushButton()
        self.source = SourcePane()
        self.target = TextPane()
        self.target.setReadOnly(True)
        self.detail = SentenceDetail()
        self.detail.hide()
        self._clear = IconButton("close")
        self._copy = IconButton("copy")
        self._count = QLabel()
        self._count.setProperty("role", "muted")
        self._state = QLabel()
        self._state.setProperty("role", "muted")
        self._go = QPushButton()
        self._go.setProperty("role", "primary")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._lay_out()
        self._connect()
        self._retranslate()

    def text(self) -> str:
        """Return the text to be translated."""
        return self.source.toPlainText()

    def set_text(self, text: str) -> None:
        """Show a text to be translated; what stood there comes back by undoing."""
        self.source.exchange(text)

    def state_text(self) -> str:
        """Return what is said of the work."""
        return self._state.text()

    @property
    def done(self) -> Done:
        """The sentences that are shown."""
        return self._done

    @property
    def direction(self) -> Direction:
        """The direction of what is shown."""
        return self._direction

    def begin(self, direction: Direction) -> None:
        """Show that a translation has begun; the last one stays to be read until it is there."""
        self._direction = direction
        self._done = ()
        self.choose(-1)
        self.target.set_sentences(())
        self.source.set_sentences(())
        self.source_language.show_found(direction.source if not self.source_language.code() else "")
        self.target_language.choose(direction.target)
        self._set_working(working=True)

    def show_done(self, done: Done) -> None:
        """Show the sentences that are there."""
        self._done = done
        shown = placed(done, self._direction.target)
        position = self.target.verticalScrollBar().value()
        self.target.setPlainText(shown.text)
        self.target.verticalScrollBar().setValue(position)
        self.target.set_sentences(shown.spans, shown.marks)
        self.source.set_sentences(shown.source_spans, shown.source_marks)
        self._share = shown.read / max(1, units(self.text()))
        self._retell()

    def look_beside(self) -> None:
        """Show that something is asked about a sentence; what is translated stays."""
        self._set_working(working=True)

    def end(self, problem: str = "") -> None:
        """Show that the translation is over, and why, if it failed."""
        self._set_working(working=False)
        if problem:
            self._state.setText(problem)
        elif len(self._done) == 1 and self._words(0) and self.chosen < 0:
            self.choose(0)  # a single word: its entry is what is wanted

    def choose(self, number: int) -> None:
        """Show a sentence in detail, none for a number that is not one."""
        is_one = 0 <= number < len(self._done)
        self.source.choose(number if is_one else -1)
        self.target.choose(number if is_one else -1)
        self.detail.setVisible(is_one)
        self.chosen = number if is_one else -1
        if is_one:
            self.detail.show_sentence(self._done[number][1], self._words(number))

    chosen = -1
    """The sentence that is shown in detail."""

    def offer_tone(self, *, offered: bool) -> None:
        """Let the tone be chosen, if the model can be told."""
        self.tone.setEnabled(offered)
        self._retranslate_tone()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put languages and helpers below each other where they have no room side by side."""
        super().resizeEvent(event)
        wanted = sum(group.sizeHint().width() for group in self._groups) + self._top.spacing()
        fits = wanted <= self.contentsRect().width() - 2 * _SIDE
        way = QBoxLayout.Direction
        self._top.setDirection(way.LeftToRight if fits else way.TopToBottom)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome files; a model's is the window's."""
        if files_of(event.mimeData()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take files."""
        self.files_given.emit(files_of(event.mimeData()))
        event.acceptProposedAction()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()
        elif event.type() == QEvent.Type.PaletteChange:
            self.source.refresh()
            self.target.refresh()

    # Inside

    def _lay_out(self) -> None:
        languages = _row(self.source_language, self._swap, self.target_language)
        helpers = _row(self.tone, self._glossaries, self._files)
        self._top = top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        top.setSpacing(8)
        top.addLayout(languages)
        top.addStretch()
        top.addLayout(helpers)
        self._groups = (languages, helpers)
        left, right = QHBoxLayout(), QHBoxLayout()
        left.addWidget(self._count)
        left.addStretch()
        left.addWidget(self._clear)
        left.addWidget(self._go)
        right.addWidget(self._state, stretch=1)
        right.addWidget(self._copy)
        panes = QSplitter(Qt.Orientation.Horizontal)
        panes.setHandleWidth(12)
        panes.setChildrenCollapsible(False)
        panes.setProperty("role", "bare")
        panes.addWidget(_framed(self.source, left))
        panes.addWidget(_framed(self.target, right))
        panes.setSizes([500, 500])
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_SIDE, 14, _SIDE, 12)
        layout.setSpacing(12)
        layout.addLayout(top)
        layout.addWidget(panes, stretch=1)
        layout.addWidget(self.detail)
        self.setFocusProxy(self.source)
        for box in (self.source_language, self.target_language, self.tone):
            box.ensurePolished()  # or it keeps the height that it had without the style sheet

    def _connect(self) -> None:
        self.source.textChanged.connect(self._on_typed)
        self.source.pasted.connect(self._request)
        self.source.picture_pasted.connect(self.picture_given)
        self.source.files_given.connect(self.files_given)
        self.source.refused.connect(self._on_refused)
        self._pause.timeout.connect(self._on_pause)
        self._go.clicked.connect(self._on_go)
        self._clear.clicked.connect(self._on_clear)
        self._copy.clicked.connect(self._on_copy)
        self._swap.clicked.connect(self.swap)
        self._glossaries.clicked.connect(self.glossaries_requested)
        self._files.clicked.connect(self.files_requested)
        self.source_language.chosen.connect(self._request)
        self.target_language.chosen.connect(lambda _code: self._pause.stop())
        self.tone.activated.connect(lambda _row: self._request())
        for pane in (self.source, self.target):
            pane.sentence_chosen.connect(self.choose)
            pane.sentence_hovered.connect(self.source.hover)
            pane.sentence_hovered.connect(self.target.hover)
        self.detail.closed.connect(lambda: self.choose(-1))
        for sequence, work in (
            (keys.TRANSLATE, self._request), ("Ctrl+Enter", self._request),
            (keys.SWAP, self.swap), (keys.COPY, self._on_copy),
        ):  # fmt: skip
            shortcut = QShortcut(QKeySequence(sequence), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(work)

    def _words(self, number: int) -> tuple[dictionary.Word, ...]:
        """Return what is known of a sentence that is a single word, () when it is not."""
        one, way = self._done[number][1], self._direction
        if not dictionary.is_word(one.source, way.source):
            return ()
        both = ((one.source, way.source), (one.target, way.target))
        return tuple(
            dictionary.word(text, language)
            for text, language in both
            if dictionary.is_word(text, language)
        )

    def swap(self) -> None:
        """Translate the other way round: the translation becomes the source."""
        source = self.source_language.code() or self._direction.source
        if not source:
            return  # nothing is known that could be a target
        if self.source_language.code():
            self.source_language.choose(self.target_language.code())
        if words := self.target.toPlainText():
            self.set_text(words)
        self._pause.stop()
        self.target_language.take(source)

    def _request(self) -> None:
        self._pause.stop()
        self.translate_requested.emit()

    def _on_typed(self) -> None:
        self.choose(-1)
        self.source.set_sentences(())
        self._pause.start()
        self._retell()

    def _on_pause(self) -> None:
        # While an input method shows letters that are not committed, the text is not finished.
        if not self.source.textCursor().block().layout().preeditAreaText():
            self._request()

    def _on_go(self) -> None:
        if self._working:
            self.stop_requested.emit()
        else:
            self._request()

    def tell(self, text: str) -> None:
        """Say something of the work."""
        self._state.setText(text)

    def _on_refused(self, length: int) -> None:
        self.tell(
            _("{count} characters are too many for this page: translate them as a file.").format(
                count=f"{length:,}"
            )
        )

    def _on_clear(self) -> None:
        self.set_text("")
        self.source.setFocus()

    def _on_copy(self) -> None:
        if not self._copy.isEnabled():
            return
        QGuiApplication.clipboard().setText(self.target.toPlainText())
        self._copy.set_icon("done")
        QTimer.singleShot(_COPIED_MS, self, lambda: self._copy.set_icon("copy"))

    def _set_working(self, *, working: bool) -> None:
        self._working = working
        self._share = 0.0
        self.detail.set_busy(busy=working)
        self._state.setText("")
        self._retell()

    def _retell(self) -> None:
        text = self.text()
        self._count.setText(_("{count} characters").format(count=f"{len(text):,}") if text else "")
        self._go.setText(_("Stop") if self._working else _("Translate"))
        self._clear.setEnabled(bool(text))
        self._copy.setEnabled(bool(self._done))
        if self._working:
            self._state.setText(_working(self._share))
            return
        doubtful = sum(bool(one.problems) for _sentence, one in self._done)
        if doubtful:
            self._state.setText(_("Worth a look: {count}").format(count=f"{doubtful:,}"))

    def _retranslate(self) -> None:
        self.source_language.retranslate()
        self.target_language.retranslate()
        self.source_language.setAccessibleName(_("Language of the text"))
        self.target_language.setAccessibleName(_("Language to translate into"))
        self.source.setPlaceholderText(_("Write or paste a text"))
        self.source.setAccessibleName(_("Text"))
        self.target.setPlaceholderText(_("The translation appears here"))
        self.target.setAccessibleName(_("Translation"))
        for button, words, sequence in (
            (self._swap, _("Swap the languages"), keys.SWAP),
            (self._copy, _("Copy the translation"), keys.COPY),
        ):
            button.set_label(words)
            button.setToolTip(tip(f"{words} ({sequence})"))
        self._clear.set_label(_("Clear"))
        self._go.setToolTip(_("Ctrl+Enter"))
        self._glossaries.setText(_("Glossaries…"))
        self._files.setText(_("Files…"))
        self._retranslate_tone()
        self._retell()

    def _retranslate_tone(self) -> None:
        names = {
            Tone.DEFAULT: _("Tone: as in the text"),
            Tone.FORMAL: _("Formal"),
            Tone.PLAIN: _("Plain"),
            Tone.LITERAL: _("Literal"),
        }
        kept = self.tone.currentData()
        self.tone.clear()
        for tone, name in names.items():
            self.tone.addItem(name, tone.value)
        self.tone.setCurrentIndex(max(0, self.tone.findData(kept)))
        self.tone.setAccessibleName(_("Tone"))
        self.tone.setToolTip(
            "" if self.tone.isEnabled() else _("This model cannot be told how to sound.")
        )

    def sizeHint(self) -> QSize:
        """Ask for room for two panes."""
        return QSize(860, 560)


def _working(share: float) -> str:
    """Say how far a translation is; the first sentence of a few says nothing of that."""
    if not share:
        return _("Translating…")
    return _("Translating… {percent} %").format(percent=min(99, int(share * 100)))


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _framed(pane: QWidget, row: QHBoxLayout) -> QFrame:
    frame = QFrame()
    frame.setProperty("role", "composer")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(12, 12, 10, 8)
    layout.setSpacing(6)
    layout.addWidget(pane, stretch=1)
    layout.addLayout(row)
    return frame
