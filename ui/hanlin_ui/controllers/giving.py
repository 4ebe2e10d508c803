"""What a drop, the clipboard, the file dialog and the screen give: paths, or names with bytes.

Nothing is opened here: the bytes of a picture stay what another program made of them.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QMimeData, QTimer
from PySide6.QtGui import QImage, QImageWriter
from PySide6.QtWidgets import QFileDialog, QWidget

from hanlin.kernel.errors import HanlinError, KnownError
from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.files import file_dialog

_PICTURE_FORMATS: Final = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/bmp")
"""What other programs put into the clipboard; the first one found is taken as its bytes."""
_READABLE: Final = (
    "png", "jpg", "jpeg", "gif", "bmp", "webp", "tif", "tiff", "pdf", "docx", "pptx", "xlsx",
    "odt", "ods", "odp", "epub", "html", "htm", "md", "txt", "csv", "json", "xml", "log", "py",
    "js", "ts", "c", "cpp", "h", "java", "go", "rs", "sql", "yaml", "toml", "wav", "mp3", "flac",
    "ogg",
)  # fmt: skip
_HIDING_MS: Final = 400
"""Until the window is gone from the screen that is taken."""

Named = tuple[str, bytes]
"""The name that a picture gets, and its bytes."""


def files_of(data: QMimeData) -> list[Path]:
    """Return the files that were dropped or pasted."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


def picture_of(data: QMimeData) -> Named | None:
    """Return the picture that was dropped or pasted, None when there is none."""
    for form in _PICTURE_FORMATS:
        if data.hasFormat(form):
            name = _("Picture.{suffix}").format(suffix=form.rpartition("/")[2])
            return name, bytes(data.data(form).data())
    image = data.imageData()  # the system's own form of a picture, which is no file
    if isinstance(image, QImage) and not image.isNull():
        return _("Picture.{suffix}").format(suffix="png"), png(image)
    return None


def choose_files(window: QWidget, then: Callable[[Sequence[Path]], object]) -> None:
    """Let files be chosen; ``then`` is given them."""
    dialog = file_dialog(window, _("Attach files"), _("Attach"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    patterns = " ".join(f"*.{suffix}" for suffix in _READABLE)
    dialog.setNameFilters(
        [_("Everything that can be read ({endings})").format(endings=patterns), _("All files (*)")]
    )
    dialog.filesSelected.connect(lambda names: then([Path(name) for name in names]))
    dialog.open()


def take_screenshot(
    window: QWidget, then: Callable[[Named], object], report: Callable[[HanlinError], object]
) -> None:
    """Take a picture of the screen without ``window``; ``then`` is given it."""
    window.hide()

    def shoot() -> None:
        image = window.screen().grabWindow(0).toImage()
        window.show()
        window.activateWindow()
        if not image.isNull():
            then((_("Screenshot.png"), png(image)))
            return
        report(
            KnownError(
                _("No picture of the screen"),
                _("This desktop does not let programs take one."),
                _("Take it with the desktop's own key, then paste it here."),
            )
        )

    QTimer.singleShot(_HIDING_MS, window, shoot)


def png(image: QImage) -> bytes:
    """Return a picture as the bytes of a file."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    QImageWriter(buffer, QByteArray(b"png")).write(image)
    return bytes(buffer.data().data())
