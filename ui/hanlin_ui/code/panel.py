"""The left side while working on code: the open folder, what is chosen in it, what to ask of it."""

from collections.abc import Callable, Mapping
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QAction, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QLineEdit,
    QMenu,
    QPushButton,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _, ngettext
from hanlin.services.coding import CodeAction
from hanlin.services.workspace.listing import Listing
from hanlin_ui.chat.code_actions import ASKED
from hanlin_ui.code.tree import FolderItemModel
from hanlin_ui.widgets.buttons import IconButton
from hanlin_ui.widgets.labels import wrapped_label
from hanlin_ui.widgets.tips import tip

_FILTER_MS: Final = 200
_LEAST_NAME: Final = 60
_NAME_SIDES: Final = 110
"""Pixels: what a folder's name has at least, and what stands beside it in the panel."""
_NARROW: Final = "≈999,999"
HELPERS: Final[Mapping[CodeAction, Callable[[], str]]] = {
    CodeAction.ERROR: lambda: _("Explain an error message…"),
    CodeAction.REGEX: lambda: _("Write a regular expression…"),
    CodeAction.SQL: lambda: _("Write an SQL query…"),
}
"""What begins with the person's own words."""
LANGUAGES: Final = ("Python", "JavaScript", "TypeScript", "Java", "Go", "Rust", "C", "C++", "C#")


class CodePanel(QWidget):
    """Emits wishes; holds no service."""

    folder_wanted = Signal()
    again_wanted = Signal()
    new_requested = Signal()
    asked = Signal(str)
    """A CodeAction about the chosen files."""
    convert_asked = Signal(str)
    """The language to convert the chosen files to."""
    helper_asked = Signal(str)
    staged_asked = Signal(str)
    """A CodeAction about what is staged."""
    undo_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._listing: Listing | None = None
        self._counted = 0
        self._context = 0
        self._repository = self._can_undo = False
        self.open_button = QPushButton()
        self.open_button.setProperty("role", "new")
        self.open_button.clicked.connect(self.folder_wanted)
        self._again = IconButton("again", 16)
        self._again.clicked.connect(self.again_wanted)
        self._new = IconButton("add", 16)
        self._new.clicked.connect(self.new_requested)
        self._about = wrapped_label("", "muted")
        self.filter = QLineEdit()
        self.filter.setClearButtonEnabled(True)
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_FILTER_MS)
        self.items = FolderItemModel(self)
        self.tree = _Tree()
        self.tree.setModel(self.items)
        self._chosen = wrapped_label("", "muted")
        self._clear = IconButton("close", 14)
        self._clear.clicked.connect(self.items.clear)
        self.ask_button = QPushButton()
        self._menu = QMenu(self)
        self.ask_button.setMenu(self._menu)
        self.tokens: Mapping[str, int] = {}
        self._lay_out()
        self.filter.textChanged.connect(lambda _text: self._pause.start())
        self._pause.timeout.connect(lambda: self.items.filter(self.filter.text()))
        self.items.chosen_changed.connect(self._on_chosen)
        self._retranslate()

    def show_listing(self, listing: Listing, tokens: Mapping[str, int]) -> None:
        """Show what the open folder holds; ``tokens`` fills in the background."""
        self._listing, self._counted, self.tokens = listing, 0, tokens
        self._repository = listing.is_repository
        self.items.show_listing(listing, tokens)
        self._retranslate()
        self.tree.setFocus()

    def show_counted(self, files: int) -> None:
        """Show that the tokens of ``files`` files are counted."""
        self._counted = files
        self._retell()
        self.tree.viewport().update()

    def set_context(self, tokens: int) -> None:
        """Say how many tokens the loaded model can read; 0: there is none."""
        self._context = tokens
        self._retell()

    def set_can_undo(self, possible: bool) -> None:  # noqa: FBT001 - states are set from signals
        """Say whether a change of files can be taken back."""
        self._can_undo = possible
        self._fill_menu()

    def chosen_text(self) -> str:
        """Return what is said of the choice."""
        return self._chosen.text()

    def about_text(self) -> str:
        """Return what is said of the folder."""
        return self._about.text()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much of the folder's name as there is room for."""
        super().resizeEvent(event)
        self._show_name()

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, QEvent.Type.PaletteChange):
            self._retranslate()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(2)
        top.addWidget(self.open_button, stretch=1)
        top.addWidget(self._again)
        top.addWidget(self._new)
        below = QHBoxLayout()
        below.addWidget(self._chosen, stretch=1)
        below.addWidget(self._clear, alignment=Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 10)
        layout.setSpacing(8)
        layout.addLayout(top)
        layout.addWidget(self._about)
        layout.addWidget(self.filter)
        layout.addWidget(self.tree, stretch=1)
        layout.addStretch()  # has what the tree leaves while no folder is open
        layout.addLayout(below)
        layout.addWidget(self.ask_button)
        self.setFocusProxy(self.open_button)

    def _on_chosen(self) -> None:
        self.tree.viewport().update()
        self._fill_menu()
        self._retell()

    def _retranslate(self) -> None:
        self._show_name()
        self.open_button.setToolTip(tip(str(self._listing.root) if self._listing else ""))
        self.open_button.setAccessibleName(_("Open folder…"))
        self._again.set_label(_("Read the folder again"))
        self._new.set_label(_("New conversation"))
        self._clear.set_label(_("Choose nothing"))
        self.filter.setPlaceholderText(_("Filter files"))
        self.filter.setAccessibleName(_("Filter files"))
        self.tree.setAccessibleName(_("Files of the folder"))
        self.ask_button.setText(_("Ask"))
        self.ask_button.setAccessibleName(_("Ask about the chosen files"))
        self._fill_menu()
        self._retell()

    def _show_name(self) -> None:
        """Name the folder as far as there is room; the tip has all of it."""
        name = self._listing.root.name if self._listing is not None else ""
        room = max(_LEAST_NAME, self.width() - _NAME_SIDES)
        middle = Qt.TextElideMode.ElideMiddle
        shown = self.open_button.fontMetrics().elidedText(name, middle, room)
        self.open_button.setText(shown.replace("&", "&&") or _("Open folder…"))

    def _fill_menu(self) -> None:
        menu, chosen = self._menu, bool(self.items.chosen())
        menu.clear()
        for action, words in ASKED.items():
            self._add(menu, words(), self.asked, str(action), on=chosen)
        languages = menu.addMenu(_("Convert to"))
        languages.setEnabled(chosen)
        for language in LANGUAGES:
            self._add(languages, language, self.convert_asked, language)
        menu.addSeparator()
        for action, words in HELPERS.items():
            self._add(menu, words(), self.helper_asked, str(action))
        menu.addSeparator()
        staged = {
            CodeAction.REVIEW: _("Review what is staged"),
            CodeAction.COMMIT: _("Commit message for what is staged"),
        }
        for action, said in staged.items():
            self._add(menu, said, self.staged_asked, str(action), on=self._repository)
        menu.addSeparator()
        undo = QAction(_("Undo the last change of files"), menu)
        undo.setEnabled(self._can_undo)
        undo.triggered.connect(lambda _on=False: self.undo_requested.emit())
        menu.addAction(undo)

    def _add(
        self, menu: QMenu, words: str, wish: SignalInstance, value: str, *, on: bool = True
    ) -> None:
        entry = QAction(words, menu)
        entry.setEnabled(on)
        entry.triggered.connect(lambda: wish.emit(value))
        menu.addAction(entry)

    def _retell(self) -> None:
        here = self._listing is not None
        for widget in (self.filter, self.tree, self._chosen, self._again):
            widget.setVisible(here)
        chosen = self.items.chosen()
        self._clear.setVisible(bool(chosen))
        self._about.setText(self._folder_words())
        tokens = sum(self._tokens_of(choice.path, choice.symbols) for choice in chosen)
        if not chosen:
            self._chosen.setText(_("Tick what the model may read. Nothing else is shown to it."))
            return
        text = ngettext(
            "{count} file, ≈{tokens} tokens", "{count} files, ≈{tokens} tokens", len(chosen)
        )
        text = text.format(count=len(chosen), tokens=f"{tokens:,}")
        if self._context and tokens > self._context:
            more = _("More than the model can read at once ({context} tokens).")
            text += "\n" + more.format(context=f"{self._context:,}")
        self._chosen.setText(text)

    def _tokens_of(self, path: str, symbols: tuple[object, ...]) -> int:
        tokens = self.tokens.get(path, 0)
        return tokens if not symbols else min(tokens, len(symbols) * _PART)

    def _folder_words(self) -> str:
        if self._listing is None:
            return _(
                "Open a folder with code. It is read, never changed, until you apply a change"
                " that you have seen."
            )
        listing = self._listing
        text = ngettext("{count} file", "{count} files", listing.files).format(
            count=f"{listing.files:,}"
        )
        if listing.left_out:
            text += _(", {count} left out").format(count=f"{listing.left_out:,}")
        if not listing.complete:
            text += _(", too many to list all")
        if self._counted < listing.files:
            text += "\n" + _("Counting tokens… {percent} %").format(
                percent=100 * self._counted // max(1, listing.files)
            )
        else:
            text += "\n" + _("≈{tokens} tokens").format(tokens=f"{sum(self.tokens.values()):,}")
        return text


_PART: Final = 400
"""Tokens that are reckoned for a part of a file before it is read."""


class _Tree(QTreeView):
    """The files. Space and Enter tick the row with the keyboard's attention."""

    def __init__(self) -> None:
        super().__init__()
        self.setProperty("role", "sections")
        self.setHeaderHidden(True)
        self.setUniformRowHeights(True)
        self.setIndentation(14)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.clicked.connect(self._on_clicked)

    def setModel(self, model: FolderItemModel) -> None:  # type: ignore[override]
        """Take the rows, and give the first column all the room."""
        super().setModel(model)
        head = self.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        head.resizeSection(1, self.fontMetrics().horizontalAdvance(_NARROW) + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Tick with the keyboard."""
        model = self.model()
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and isinstance(
            model, FolderItemModel
        ):
            model.toggle(self.currentIndex().siblingAtColumn(0))
        else:
            super().keyPressEvent(event)

    def _on_clicked(self, index: QModelIndex) -> None:
        """Unfold a folder by its name too."""
        if index.flags() & Qt.ItemFlag.ItemIsUserCheckable:
            return
        if index.column() == 0:
            self.setExpanded(index, not self.isExpanded(index))
