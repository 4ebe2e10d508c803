"""The window: its parts, where they stand, and which part hears which wish.

It is built and painted before the program behind it is open; :meth:`attach`
brings the services. What the parts do with the services is in ``controllers``.
"""

import functools
from base64 import b64decode, b64encode
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QByteArray, QEvent, QMimeData, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QPaintEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from hanlin.kernel.clock import Clock
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin_ui.chat.entry import holds_files
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.menus import Menus
from hanlin_ui.sidebar.panel import Sidebar
from hanlin_ui.widgets.head import Head
from hanlin_ui.widgets.menu_bar import FoldingMenuBar
from hanlin_ui.widgets.mode_switch import CHAT, CODE, TRANSLATE, ModeSwitch
from hanlin_ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from hanlin_ui.code.panel import CodePanel
    from hanlin_ui.dialogs.errors import ErrorDialogs
    from hanlin_ui.translate.history import HistoryPanel
    from hanlin_ui.translate.page import TranslatePage

_SIZE = QSize(1120, 760)
_SMALLEST = QSize(500, 400)
_SIDEBAR = 250
_NARROWEST = 180
_WIDEST = 420
_CODE = 340
_WIDEST_CODE = 720
"""Pixels: names of files are long, and the person's own."""


class MainWindow(QMainWindow):
    """The shell. Emits wishes; holds no service."""

    first_painted = Signal()
    model_file_given = Signal(Path)
    files_given = Signal(QMimeData)
    """Something was dropped that may go along with a message."""
    closing = Signal()
    hidden = Signal()
    """It was closed, and is only out of sight."""

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._painted = False
        self._furnished = False
        self._leaving = False
        self.hides_on_close = False
        """Whether closing only hides the window, as something else can bring it back."""
        self.sidebar = Sidebar()
        self.page = ChatPage(clock)
        self.status_line = StatusLine()
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        bar = FoldingMenuBar(self)
        self.setMenuBar(bar)
        self.head = Head(bar)
        self.modes = ModeSwitch()
        self.side = QWidget()
        self.side.setProperty("role", "panel")
        self.side.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._side_layout = side = QVBoxLayout(self.side)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(0)
        side.addWidget(self.head)
        side.addWidget(self.modes)
        side.addWidget(self.sidebar, stretch=1)
        self.pages = QStackedWidget()
        self.pages.addWidget(self.page)
        self.splitter.addWidget(self.side)
        self.splitter.addWidget(self.pages)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.setSizes([_SIDEBAR, _SIZE.width() - _SIDEBAR])
        self.side.setMaximumWidth(_WIDEST)
        self._shows_code = False
        self._other_width = _CODE
        """Of the left side in the use that it is not in: a folder of code, or the rest."""
        self.setCentralWidget(self._column())
        self.menus = Menus(bar)
        self.menus.quit_requested.connect(self.leave)
        self.menus.new_requested.connect(self.sidebar.new_requested)
        self.menus.focus_requested.connect(self.page.composer.setFocus)
        for wish in (self.menus.sidebar_toggled, self.head.side_toggled):
            wish.connect(self._on_sidebar_toggled)
        self.menus.add_model_requested.connect(self.choose_model_file)
        self.setAcceptDrops(True)
        self.setMinimumSize(_SMALLEST)
        self._take_size(_SIZE)
        self.page.composer.setFocus()
        self._retranslate()

    def furnish(self) -> None:
        """Bring in what the first paint does without: what is in the menus, and the greeting."""
        if self._furnished:
            return
        self._furnished = True
        self.menus.fill()
        self.status_line.fill(self.menus.model_menu)
        self.page.show_start()

    @functools.cached_property
    def translate_page(self) -> "TranslatePage":
        """The translator's page. Built when it is first wanted, as its history is."""
        from hanlin_ui.translate.page import TranslatePage  # noqa: PLC0415 - not for the first paint

        page = TranslatePage()
        self.pages.addWidget(page)
        return page

    @functools.cached_property
    def history(self) -> "HistoryPanel":
        """What was translated before, in the place of the conversations."""
        from hanlin_ui.translate.history import HistoryPanel  # noqa: PLC0415 - see above

        panel = HistoryPanel()
        self._side_layout.addWidget(panel)
        return panel

    @functools.cached_property
    def code_panel(self) -> "CodePanel":
        """The open folder, in the place of the conversations; the conversation stays beside it."""
        from hanlin_ui.code.panel import CodePanel  # noqa: PLC0415 - see above

        panel = CodePanel()
        self._side_layout.addWidget(panel)
        return panel

    def show_mode(self, mode: str) -> None:
        """Show the conversations, the translator, or the folder of code."""
        from hanlin_ui.widgets import motion  # noqa: PLC0415 - not for the first paint

        self.modes.show_mode(mode)
        translating = mode == TRANSLATE
        if self.pages.currentWidget() is not (self.translate_page if translating else self.page):
            motion.fade(self.pages)
        if mode == CODE and self.side.isHidden():
            self._on_sidebar_toggled()
        self._fit_width(code=mode == CODE)
        self.sidebar.setVisible(mode == CHAT)
        if translating or "history" in self.__dict__:
            self.history.setVisible(translating)
        if mode == CODE or "code_panel" in self.__dict__:
            self.code_panel.setVisible(mode == CODE)
        self.pages.setCurrentWidget(self.translate_page if translating else self.page)
        (self.translate_page if translating else self.page.composer).setFocus()

    def geometry_text(self) -> str:
        """Return size and place as text to be remembered."""
        return b64encode(self.saveGeometry().data()).decode("ascii")

    def layout_text(self) -> str:
        """Return the splitter's state as text to be remembered."""
        self._fit_width(code=False)
        return b64encode(self.splitter.saveState().data()).decode("ascii")

    def code_width(self) -> int:
        """Return how wide the left side is with a folder of code, to be remembered."""
        return self.side.width() if self._shows_code else self._other_width

    def restore(self, geometry: str, layout: str, code_width: int = 0) -> None:
        """Take the size and place of the last time; nonsense is ignored by Qt."""
        if geometry:
            self.restoreGeometry(_bytes(geometry))
            self._take_size(self.size())
        if layout:
            self.splitter.restoreState(_bytes(layout))
        self._other_width = code_width or _CODE

    def come_forward(self) -> None:
        """Show the window above the others, also when it was minimised."""
        self.setWindowState(
            (self.windowState() & ~Qt.WindowState.WindowMinimized) | Qt.WindowState.WindowActive
        )
        self.show()
        self.raise_()
        self.activateWindow()

    def prepare_to_leave(self) -> None:
        """Have the next closing be for good: the desktop's session ends."""
        self._leaving = True

    def leave(self) -> None:
        """Close the window for good, also when it is hidden."""
        self.prepare_to_leave()
        self.close()

    def choose_model_file(self) -> None:
        """Let a GGUF file be chosen."""
        from hanlin_ui.dialogs.model_file import ModelFileDialog  # noqa: PLC0415 - see above

        dialog = ModelFileDialog(self)
        dialog.fileSelected.connect(lambda name: self.model_file_given.emit(Path(name)))
        dialog.open()

    def report(self, error: HanlinError) -> None:
        """Show an error above the window, after those that are shown already."""
        self._errors.report(error)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Welcome model files, and what can go along with a message."""
        chatting = self.pages.currentWidget() is self.page
        if _model_files(event.mimeData()) or (chatting and holds_files(event.mimeData())):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take model files, or what goes along with a message."""
        paths = _model_files(event.mimeData())
        for path in paths:
            self.model_file_given.emit(path)
        if not paths:
            self.files_given.emit(event.mimeData())
        event.acceptProposedAction()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Tell once that the window can be seen."""
        super().paintEvent(event)
        if not self._painted:
            self._painted = True
            QTimer.singleShot(0, self, self._on_painted)

    def closeEvent(self, event: QCloseEvent) -> None:
        """Let go of the services before the widgets go."""
        if self.hides_on_close and not self._leaving:
            event.ignore()
            self.hide()
            self.hidden.emit()
            return
        self.closing.emit()
        super().closeEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self.menus.retranslate()
            self._retranslate()
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.StyleChange):
            # The parts hear of a language after the window, and of a style in any order.
            QTimer.singleShot(0, self, self._fit_side)

    @functools.cached_property
    def _errors(self) -> "ErrorDialogs":
        from hanlin_ui.dialogs.errors import ErrorDialogs  # noqa: PLC0415 - not for the first paint

        return ErrorDialogs(self)

    def _take_size(self, size: QSize) -> None:
        """Be as large as ``size``, within the screen: its scale may have changed since."""
        self.resize(size.boundedTo(self.screen().availableSize()))

    def _on_painted(self) -> None:
        self.furnish()
        self.first_painted.emit()

    def _on_sidebar_toggled(self) -> None:
        shown = self.side.isHidden()
        self.side.setVisible(shown)
        # The head stays where its buttons can be reached.
        (self._side_layout if shown else self._layout).insertWidget(0, self.head)

    def _column(self) -> QWidget:
        """Return what fills the window: the two sides, and the line below them."""
        central = QWidget()
        self._layout = layout = QVBoxLayout(central)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.splitter, stretch=1)
        layout.addWidget(self.status_line)
        return central

    def _fit_width(self, *, code: bool) -> None:
        """Give the left side the width that it had when it was last used so."""
        if code is self._shows_code:
            return
        self._shows_code = code
        wanted, self._other_width = self._other_width, self.side.width()
        self.side.setMaximumWidth(_WIDEST_CODE if code else _WIDEST)
        self.splitter.setSizes([wanted, self.splitter.width() - wanted])

    def _retranslate(self) -> None:
        self.setWindowTitle(_("Hanlin"))
        self.splitter.setAccessibleName(_("Conversations and chat"))
        self._fit_side()

    def _fit_side(self) -> None:
        """Let the left side be no narrower than its words, in this language and size."""
        self.side.setMinimumWidth(max(_NARROWEST, self.sidebar.least_width()))


def _model_files(data: QMimeData) -> list[Path]:
    paths = [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]
    return [path for path in paths if path.suffix.lower() == ".gguf"]


def _bytes(text: str) -> QByteArray:
    try:
        return QByteArray(b64decode(text, validate=True))
    except ValueError:
        return QByteArray()
