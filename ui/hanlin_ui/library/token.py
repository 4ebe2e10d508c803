"""The person's token for the Hub: typed here, kept in the system's keyring, shown to nobody."""

from PySide6.QtWidgets import QLineEdit, QWidget

from hanlin.kernel.i18n import _
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library.services import LibraryDesk


class TokenDialog(MessageDialog):
    """Stores another token, or removes the one that is stored."""

    def __init__(self, parent: QWidget, library: LibraryDesk) -> None:
        super().__init__(
            parent,
            _("Token for the Hub"),
            _("Only models whose owner wants agreement need one. Make it on the Hub's web page."),
            _("It lies in the system's keyring, and goes to the Hub itself and nowhere else."),
        )
        self._library = library
        self._line = QLineEdit()
        self._line.setEchoMode(QLineEdit.EchoMode.Password)
        self._line.setPlaceholderText("hf_…")
        self.say(self._line.setAccessibleName, _("Token"))
        self.extra.addWidget(self._line)
        self.add_button(_("Cancel"))
        self._remove = self.add_button(_("Remove"), lambda: self._keep(""))
        store = self.add_button(_("Store"), lambda: self._keep(self._line.text()), primary=True)
        store.setEnabled(False)  # Enter in the empty line would throw the stored token away
        self._line.textChanged.connect(lambda text: store.setEnabled(bool(text.strip())))
        library.net.run(self, library.online.account.token).on_success(self._show_stored)

    def _show_stored(self, token: str) -> None:
        """Say whether there is one already, as where it has expired; never which."""
        self._remove.setEnabled(bool(token))
        if token:
            words = _("One is stored; another takes its place")
            self.say(self._line.setPlaceholderText, words)

    def _keep(self, token: str) -> None:
        library = self._library
        library.net.run(library.desk.events, lambda: library.online.account.keep(token)).on_failure(
            library.report
        )
