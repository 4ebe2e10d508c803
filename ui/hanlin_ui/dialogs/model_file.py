"""Choosing a model file, beginning where files arrive or where the last one lay."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths, Qt
from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.i18n import _

_last_folder: Path | None = None


class ModelFileDialog(QFileDialog):
    """The system's own dialog where it has one. Deletes itself when closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _("Add model file"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilters([_("Models (*.gguf)"), _("All files (*)")])
        words = {  # Qt's own catalogue lacks some of these in Chinese
            QFileDialog.DialogLabel.LookIn: _("Look in:"),
            QFileDialog.DialogLabel.FileName: _("File name:"),
            QFileDialog.DialogLabel.FileType: _("Kind of file:"),
            QFileDialog.DialogLabel.Accept: _("Add"),
            QFileDialog.DialogLabel.Reject: _("Cancel"),
        }
        for label, text in words.items():
            self.setLabelText(label, text)
        self.setDirectory(str(_last_folder or _downloads()))
        self.fileSelected.connect(_remember)


def _downloads() -> Path:
    place = QStandardPaths.StandardLocation.DownloadLocation
    folder = Path(QStandardPaths.writableLocation(place))
    # Qt would take a folder that does not exist for the one the program was started in.
    return folder if folder.is_dir() else Path.home()


def _remember(name: str) -> None:
    global _last_folder  # noqa: PLW0603 - the next dialog of this run begins there
    _last_folder = Path(name).parent
