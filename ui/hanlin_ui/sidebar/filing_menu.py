"""What can be done with one conversation to keep order: pinning, folders, tags."""

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from hanlin.kernel.i18n import _

if TYPE_CHECKING:
    from hanlin_ui.sidebar.list_view import ConversationList


def fill_for_filing(menu: QMenu, shown: "ConversationList", conversation_id: str) -> None:
    """Add to ``menu`` what is asked for through the signals of the list ``shown``."""
    known = next((one for one in shown.items.conversations() if one.id == conversation_id), None)
    if known is None:
        return
    pin = partial(shown.pin_requested.emit, conversation_id, not known.pinned)
    menu.addAction(_("Unpin") if known.pinned else _("Pin"), pin)
    folders = menu.addMenu(_("Folder"))
    for name in ("", *shown.items.folders()):
        action = folders.addAction(_plain(name) or _("None"))
        action.setCheckable(True)
        action.setChecked(name == known.folder)
        action.triggered.connect(partial(shown.folder_chosen.emit, conversation_id, name))
    folders.addSeparator()
    put = partial(shown.folder_chosen.emit, conversation_id)
    folders.addAction(_("New folder…"), lambda: ask_for_name(shown, _("New folder"), "", put))
    tags = menu.addMenu(_("Tags"))
    for tag in shown.items.tags():
        action = tags.addAction(_plain(tag))
        action.setCheckable(True)
        action.setChecked(tag in known.tags)
        changed = sorted({*known.tags} ^ {tag})
        action.triggered.connect(partial(shown.tags_chosen.emit, conversation_id, changed))
    tags.addSeparator()
    tags.addAction(
        _("New tag…"),
        lambda: ask_for_name(
            shown,
            _("New tag"),
            "",
            lambda name: shown.tags_chosen.emit(conversation_id, [*known.tags, name]),
        ),
    )


def ask_for_name(
    parent: QWidget, title: str, before: str, accept: Callable[[str], object]
) -> QInputDialog:
    """Let a name be typed; ``accept`` is given it unless it is empty."""
    dialog = QInputDialog(parent)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.setWindowTitle(title)
    dialog.setLabelText(_("Name"))
    dialog.setTextValue(before)
    dialog.setOkButtonText(_("OK"))
    dialog.setCancelButtonText(_("Cancel"))
    dialog.textValueSelected.connect(lambda name: accept(name.strip()) if name.strip() else None)
    dialog.open()
    return dialog


def _plain(name: str) -> str:
    return name.replace("&", "&&")
