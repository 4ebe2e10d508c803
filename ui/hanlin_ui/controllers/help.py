"""What explains the program and what it did: keys, the report, the data folder, an answer.

Also the addresses in answers, which are only opened on a person's word.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QAction, QDesktopServices

from hanlin.kernel.i18n import Said, _
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs import about
from hanlin_ui.dialogs.message import ask, show_text
from hanlin_ui.dialogs.report import report_text
from hanlin_ui.main_window import MainWindow
from hanlin_ui.starter_card import StarterCard

_OPENABLE: Final = ("http", "https", "mailto")


class HelpController(QObject):
    """Opens the dialogs. ``log_lines`` returns what was logged last, for the report."""

    def __init__(
        self,
        window: MainWindow,
        card: StarterCard,
        actions: Mapping[str, QAction],
        desk: Desk,
        log_lines: Callable[[], Sequence[str]],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._desk = desk
        self._log_lines = log_lines
        menus, page = window.menus, window.page
        menus.shortcuts_requested.connect(lambda: about.show_shortcuts(window, actions.values()))
        menus.about_requested.connect(lambda: about.show_about(window))
        menus.folder_requested.connect(self._open_folder)
        menus.report_requested.connect(self._show_report)
        page.start.about_model_requested.connect(lambda: about.show_starter(window, card))
        messages = page.transcript.messages
        messages.inspect_requested.connect(self._inspect)
        messages.link_clicked.connect(self._ask_to_open)

    def _inspect(self, message_id: str) -> None:
        from hanlin_ui.dialogs.inspector import show_inspection  # noqa: PLC0415 - the rarer way

        look = self._desk.app.chat.inspecting.inspect
        task = self._desk.tasks.run(self, lambda: look(message_id))
        task.on_success(lambda found: show_inspection(self._window, found))
        task.on_failure(self._desk.report)

    def _show_report(self) -> None:
        paths = self._desk.app.paths
        task = self._desk.tasks.run(self, lambda: report_text(paths, self._log_lines()))
        task.on_success(
            lambda text: show_text(
                self._window,
                _("Report"),
                _(
                    "This text helps to find a fault. It names no conversation and no file. "
                    "It is sent nowhere; copy what you want to pass on."
                ),
                text,
            )
        ).on_failure(self._desk.report)

    def _open_folder(self) -> None:
        folder = str(self._desk.app.paths.data)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            show_text(self._window, _("Data folder"), _("It lies here:"), folder)

    def _ask_to_open(self, address: str) -> None:
        url = QUrl(address)
        if url.scheme().lower() not in _OPENABLE:
            self._window.page.post_notice(
                Said(lambda: _("This kind of address is not opened from here."))
            )
            return
        ask(
            self._window,
            _("Open this address in the browser?"),
            address,
            _("Open"),
            lambda: QDesktopServices.openUrl(url),
            _("The address comes from a model. The browser will connect to it."),
        )
