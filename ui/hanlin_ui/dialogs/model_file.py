"""Choosing a model file, beginning where files arrive or where the last one lay."""

from pathlib import Path

from PySide6.QtCore import QStandardPaths
from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.files import dress, folder_of

_last_folder: Path | None = None


class ModelFileDialog(QFileDialog):
    """The system's own dialog where it has one. Deletes itself when closed."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent, _("Add model file"))
        dress(self, _("Add"))
        self.setFileMode(QFileDialog.FileMode.ExistingFile)
        self.setNameFilters([_("Models (*.gguf)"), _("All files (*)")])
        downloads = QStandardPaths.StandardLocation.DownloadLocation
        self.setDirectory(str(_last_folder or folder_of(downloads)))
        self.fileSelected.connect(_remember)


def _remember(name: str) -> None:
    global _last_folder  # noqa: PLW0603 - the next dialog of this run begins there
    _last_folder = Path(name).parent
