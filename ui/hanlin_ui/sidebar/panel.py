"""The left side: a new conversation, the list of them, and the trash."""

import functools
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on

if TYPE_CHECKING:
    from hanlin_ui.sidebar.list_view import ConversationList
    from hanlin_ui.sidebar.tag_filter import TagFilter
    from hanlin_ui.widgets.undo import UndoBar

_MARGIN: Final = 10
_ICON: Final = 18


class Sidebar(QWidget):
    """Arranges its parts and switches between the conversations and the trash."""

    new_requested = Signal()
    undo_requested = Signal()
    trash_toggled = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._new = QPushButton()
        self._new.setProperty("role", "new")
        self._new.clicked.connect(self.new_requested)
        self._lists = True
        """Whether the conversations are seen, and not what was looked for."""
        self._middle = QVBoxLayout()
        self._middle.setSpacing(8)
        self._middle.addStretch()  # holds the place of the list, which takes it all
        self._trash = QPushButton()
        self._trash.setProperty("role", "fold")
        self._trash.setCheckable(True)
        self._trash.toggled.connect(self._on_trash_toggled)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(_MARGIN, 12, _MARGIN, 8)
        layout.setSpacing(8)
        layout.addWidget(self._new)
        layout.addLayout(self._middle, stretch=1)
        layout.addWidget(self._trash)
        self._retranslate()

    @functools.cached_property
    def list(self) -> "ConversationList":
        """The conversations. Built on first use: there is nothing to list in the first paint."""
        from hanlin_ui.sidebar.list_view import ConversationList  # noqa: PLC0415

        conversations = ConversationList()
        self._middle.insertWidget(0, conversations, stretch=1)
        self.setTabOrder(self._new, conversations)
        self.setTabOrder(conversations, self._trash)
        return conversations

    @functools.cached_property
    def tag_filter(self) -> "TagFilter":
        """Shows only what has one tag. Built when there is a tag."""
        from hanlin_ui.sidebar.tag_filter import TagFilter  # noqa: PLC0415 - the rarer way

        chooser = TagFilter()
        chooser.chosen.connect(self.list.filter_by)
        self._middle.insertWidget(0, chooser)
        return chooser

    def show_list(self, *, shown: bool) -> None:
        """Show the conversations and their tags, or leave the place to what is found."""
        self._lists = shown
        self.list.setVisible(shown)
        self.show_tags()

    def show_tags(self) -> None:
        """Offer the tags there are."""
        tags = self.list.items.tags()
        if tags or "tag_filter" in self.__dict__:
            self.tag_filter.set_tags(tags, self.list.items.tag)
            self.tag_filter.setVisible(bool(tags) and self._lists)

    @functools.cached_property
    def trash_bar(self) -> "TrashBar":
        """What can be done in the trash. Built when the trash is first shown."""
        bar = TrashBar()
        bar.restore_requested.connect(self.list.restore_current)
        bar.delete_requested.connect(self.list.delete_current)
        self._middle.addWidget(bar)
        return bar

    @functools.cached_property
    def undo_bar(self) -> "UndoBar":
        """Takes the last conversation out of the trash again. Built at the first one."""
        from hanlin_ui.widgets.undo import UndoBar  # noqa: PLC0415 - not for the first paint

        bar = UndoBar()
        bar.undo_requested.connect(self.undo_requested)
        self._middle.addWidget(bar)
        return bar

    @property
    def shows_trash(self) -> bool:
        """Tell whether the trash is shown."""
        return self._trash.isChecked()

    def least_width(self) -> int:
        """Return the width in which a new conversation's button has all its words."""
        return self._new.sizeHint().width() + 2 * _MARGIN

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_trash_toggled(self, shown: bool) -> None:  # noqa: FBT001 - a Qt slot
        self._new.setVisible(not shown)
        self.trash_bar.setVisible(shown)
        self.list.set_trash(shown=shown)
        self._retranslate()
        self.trash_toggled.emit(shown)

    def _retranslate(self) -> None:
        theme = appearance.current()
        self._new.setText(_("New conversation"))
        put_on(self._new, "add", theme.accent, _ICON)
        self._trash.setText(_("Back to the conversations") if self.shows_trash else _("Trash"))
        put_on(self._trash, "left" if self.shows_trash else "trash", theme.muted, _ICON)
        if "list" in self.__dict__:
            self.list.set_trash(shown=self.shows_trash)


class TrashBar(QWidget):
    """Says how long the trash keeps things, restores, and deletes for good."""

    restore_requested = Signal()
    delete_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._about = QLabel()
        self._about.setProperty("role", "muted")
        self._about.setWordWrap(True)
        self._restore = QPushButton()
        self._restore.clicked.connect(self.restore_requested)
        self._delete = QPushButton()
        self._delete.clicked.connect(self.delete_requested)
        row = QHBoxLayout()
        row.addWidget(self._restore)
        row.addWidget(self._delete)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._about)
        layout.addLayout(row)
        self._retranslate()

    def set_filled(self, *, filled: bool) -> None:
        """Say whether there is anything to act on."""
        self._restore.setEnabled(filled)
        self._delete.setEnabled(filled)

    def changeEvent(self, event: QEvent) -> None:
        """Follow the language."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.LanguageChange:
            self._retranslate()

    def _retranslate(self) -> None:
        self._about.setText(_("Conversations stay in the trash for 30 days."))
        self._restore.setText(_("Restore"))
        self._delete.setText(_("Delete for good"))
