"""The OCR pack in the window: where it is missing its installation from a file is offered."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

import hanlin_resources
from hanlin.documents import pack
from hanlin.documents.recogniser import PackMissingError
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.files import file_dialog
from hanlin_ui.dialogs.message import MessageDialog, ask


def report_unread(
    desk: Desk, window: QWidget, error: HanlinError, again: Callable[[], object]
) -> MessageDialog | None:
    """Tell why a picture was not read; where the pack is missing, offer it.

    ``again`` is called once it is installed.
    """
    if not isinstance(error, PackMissingError):
        desk.report(error)
        return None
    return ask(
        window,
        error.title,
        error.message,
        _("Choose the pack’s file…"),
        lambda: choose(desk, window, again),
        _(
            "It is a file of its own (about 150 MB), because most people need none:"
            " hanlin-ocr-….zip from where you got the program, or the wheels of rapidocr and"
            " onnxruntime. It is checked, unpacked and tried; nothing is downloaded."
        ),
    )


def choose(desk: Desk, window: QWidget, again: Callable[[], object]) -> None:
    """Ask for the pack's files and install them."""
    dialog = file_dialog(window, _("The pack that reads pictures"), _("Install"))
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    dialog.setNameFilters([_("The pack or its wheels ({endings})").format(endings="*.zip *.whl")])
    dialog.filesSelected.connect(
        lambda names: install(desk, window, [Path(name) for name in names], again)
    )
    dialog.open()


def install(
    desk: Desk, window: QWidget, files: list[Path], again: Callable[[], object]
) -> MessageDialog:
    """Install the pack from ``files``, then do ``again``; the dialog shows that it goes on."""
    folder = hanlin_resources.folder("packs")
    data = desk.app.paths.data
    waiting = MessageDialog(
        window,
        _("Installing the pack…"),
        _("It is checked, unpacked and tried on a picture. This takes up to a minute."),
    )
    waiting.add_button(_("Go on in the background"), primary=True)
    shown = [waiting]
    waiting.finished.connect(lambda _code: shown.clear())
    waiting.open()

    def work() -> None:
        lock = (folder / "ocr.lock").read_text(encoding="utf-8")
        pack.install(files, data, pack.known(lock), (folder / "try.png").read_bytes())

    def close() -> None:
        for dialog in shown[:]:
            dialog.accept()

    def done(_none: None) -> None:
        close()
        again()

    def failed(error: HanlinError) -> None:
        close()
        desk.report(error)

    desk.tasks.run_aside(window, work).on_success(done).on_failure(failed)
    return waiting
