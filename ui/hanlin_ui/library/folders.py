"""Choosing a folder, with the system's own dialog where it has one."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.files import file_dialog


def choose_folder(parent: QWidget, title: str, then: Callable[[Path], object]) -> QFileDialog:
    """Let a folder be chosen and do ``then`` with it; nothing blocks."""
    dialog = file_dialog(parent, title, _("Choose"))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setDirectory(str(Path.home()))
    dialog.fileSelected.connect(lambda name: then(Path(name)))
    dialog.open()
    return dialog
