"""The left side while translating: what was translated before."""

from collections.abc import Sequence

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtWidgets import (
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from hanlin.kernel.i18n import _
from hanlin.store.translations import Past
from hanlin_ui.theme import appearance
from hanlin_ui.theme.icons import put_on
from hanlin_ui.translate.languages import language_name
from hanlin_ui.widgets.tips import tip

_SHOWN = 60
_ICON = 18


class HistoryPanel(QWidget):
    """Lists translations, the newest first."""

    chosen = Signal(object)
    """The Past that was clicked."""
    new_requested = Signal()
    clear_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("role", "panel")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._new = QPushButton()
        self._new.setProperty("role", "new")
        self._new.clicked.connect(self.new_requested)
        self._empty = QLabel()
        self._empty.setProperty("role", "muted")
        self._empty.setWordWrap(True)
        self._empty.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._list = QListWidget()
        self._list.setProperty("role", "sections")
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.itemActivated.connect(self._on_chosen)
        self._list.itemClicked.connect(self._on_chosen)
        self._clear = QPushButton()
        self._clear.setProperty("role", "fold")
        self._clear.clicked.connect(self.clear_requested)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(10, 12, 10, 8)
        layout.setSpacing(8)
        layout.addWidget(self._new)
        layout.addWidget(self._empty)
        layout.addWidget(self._list, stretch=1)
        layout.addStretch()  # has what the list leaves while it is empty
        layout.addWidget(self._clear)
        self._past: Sequence[Past] = ()
        self._retranslate()

    def show_past(self, past: Sequence[Past]) -> None:
        """List these translations."""
        self._past = past
        self._list.clear()
        for one in past:
            text = " ".join(one.source.split())[:_SHOWN]
            target = " ".join(one.target.split())[:_SHOWN]
            item = QListWidgetItem(f"{text}\n{target}")
            way = _("{source} → {target}").format(
                source=language_name(one.direction.source),
                target=language_name(one.direction.target),
            )
            item.setToolTip(tip(way))
            item.setData(Qt.ItemDataRole.UserRole, one)
            self._list.addItem(item)
        self._empty.setVisible(not past)
        self._list.setVisible(bool(past))
        self._clear.setVisible(bool(past))

    def changeEvent(self, event: QEvent) -> None:
        """Follow language and theme."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.LanguageChange, *appearance.WORN_ANEW):
            self._retranslate()

    def _on_chosen(self, item: QListWidgetItem) -> None:
        self.chosen.emit(item.data(Qt.ItemDataRole.UserRole))

    def _retranslate(self) -> None:
        self._new.setText(_("New translation"))
        put_on(self._new, "add", appearance.current().accent, _ICON)
        self._empty.setText(_("What you translate is listed here."))
        self._clear.setText(_("Clear the history"))
        put_on(self._clear, "trash", appearance.current().muted, _ICON)
        self._list.setAccessibleName(_("Translations so far"))
        self.show_past(self._past)
