"""Saving a text as a file that a person names."""

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.errors import from_os_error
from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import show_error


def save_text(parent: QWidget, title: str, name: str, text: str) -> QFileDialog:
    """Ask where to, and write there."""
    dialog = file_dialog(parent, title, _("Save"))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.selectFile(name)
    dialog.fileSelected.connect(lambda chosen: write(parent, Path(chosen), text))
    dialog.open()
    return dialog


def write(parent: QWidget, path: Path, text: str) -> bool:
    """Write ``text`` as it is; show why if it cannot be, and return whether it was."""
    try:
        path.write_text(text, encoding="utf-8", errors="replace", newline="")
    except OSError as error:
        show_error(parent, from_os_error(error, str(path)))
        return False
    return True
