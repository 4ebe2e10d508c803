"""The system's own dialog for files, begun where files lie and in the interface's language.

What is done with a chosen file is the business of those who ask for it.
"""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.i18n import _


def file_dialog(parent: QWidget, title: str, accept: str) -> QFileDialog:
    """Return a dialog beginning at the documents, to be opened; ``accept`` is its button's word.

    It deletes itself when closed.
    """
    dialog = QFileDialog(parent, title)
    dress(dialog, accept)
    dialog.setDirectory(str(folder_of(QStandardPaths.StandardLocation.DocumentsLocation)))
    return dialog


def dress(dialog: QFileDialog, accept: str) -> None:
    """Give ``dialog`` the words that Qt's own catalogue lacks, and an end."""
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    words = {
        QFileDialog.DialogLabel.LookIn: _("Look in:"),
        QFileDialog.DialogLabel.FileName: _("File name:"),
        QFileDialog.DialogLabel.FileType: _("Kind of file:"),
        QFileDialog.DialogLabel.Accept: accept,
        QFileDialog.DialogLabel.Reject: _("Cancel"),
    }
    for label, text in words.items():
        dialog.setLabelText(label, text)


def folder_of(place: QStandardPaths.StandardLocation) -> Path:
    """Return the person's folder for ``place``, or their home where there is none."""
    folder = Path(QStandardPaths.writableLocation(place))
    # Qt would take a folder that does not exist for the one the program was started in.
    return folder if folder.is_dir() else Path.home()
