"""The open folder of code: choosing, asking, and the changes of answers."""

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog

from hanlin.domain.conversation import Status
from hanlin.domain.models import Purpose
from hanlin.kernel.errors import join_sentences
from hanlin.kernel.i18n import Said, _, ngettext
from hanlin.services import coding
from hanlin.services.coding import CodeAction
from hanlin.services.events import AnswerFinished, NoticeCause, SessionChanged
from hanlin.services.workspace import changes
from hanlin.services.workspace.asking import Part, Told, question
from hanlin.services.workspace.changes import Applied, Change, Proposal
from hanlin.services.workspace.git import staged_diff
from hanlin.services.workspace.languages import language_of
from hanlin.services.workspace.service import (
    FolderCounted,
    FolderListed,
    FolderRefused,
    Workspace,
)
from hanlin.symbols.client import SymbolClient
from hanlin.symbols.symbol import Symbol
from hanlin_ui.code.bar import ChangesBar
from hanlin_ui.code.review import ReviewDialog
from hanlin_ui.controllers.chat import ChatController
from hanlin_ui.desk import Desk
from hanlin_ui.main_window import MainWindow

_CHANGING = frozenset({CodeAction.FIX, CodeAction.TEST, CodeAction.DOCUMENT, CodeAction.CONVERT})


class WorkspaceController(QObject):
    """Keeps the panel true, and what each conversation was shown."""

    def __init__(
        self, window: MainWindow, chat: ChatController, desk: Desk, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._window = window
        self._chat = chat
        self._desk = desk
        self._panel = panel = window.code_panel
        self._workspace = Workspace(desk.app.bus)
        self._symbols = SymbolClient()
        self._current = ""
        self._told: dict[str, Told] = {}
        self._proposal = Proposal()
        self._applied: list[Applied] = []
        """What was written and not taken back, the last one at the end."""
        self._bar = ChangesBar()
        window.page.add_above_composer(self._bar)
        self._bar.review_requested.connect(self.review)
        self._bar.undo_requested.connect(self._undo)
        panel.folder_wanted.connect(self._choose_folder)
        panel.again_wanted.connect(self._read_again)
        panel.new_requested.connect(window.sidebar.new_requested)
        panel.asked.connect(lambda action: self._ask(CodeAction(action)))
        panel.convert_asked.connect(lambda language: self._ask(CodeAction.CONVERT, language))
        panel.helper_asked.connect(self._begin_helper)
        panel.staged_asked.connect(lambda action: self._ask_staged(CodeAction(action)))
        panel.undo_requested.connect(self._undo)
        panel.items.symbols_wanted.connect(self._find_symbols)
        panel.items.chosen_changed.connect(self._on_chosen)
        chat.answer_finished.connect(self._on_answered)
        desk.events.listen(FolderListed, self._on_listed)
        desk.events.listen(FolderCounted, lambda event: panel.show_counted(event.files))
        desk.events.listen(FolderRefused, self._on_refused)
        desk.events.listen(SessionChanged, lambda _event: self._show_context())
        self._chosen: dict[str, tuple[Part, ...]] = {}
        chat.dressing = self._dressing
        chat.purpose = lambda: Purpose.CODING if panel.isVisible() else None
        self._show_context()

    def begin(self) -> None:
        """Open the folder of the last time, the first time."""
        last = self._desk.app.state.code_folder
        if last and self._workspace.folder is None and Path(last).is_dir():
            self._workspace.open(Path(last))
        self._panel.setFocus()

    def open_folder(self, folder: Path) -> None:
        """Open another folder."""

        def keep() -> None:
            self._desk.app.state.code_folder = str(folder)

        self._desk.tasks.run(self, keep)
        self._told.clear()
        self._applied.clear()
        self._panel.set_can_undo(False)
        self._withdraw()
        self._workspace.open(folder)

    def open(self, conversation_id: str) -> None:
        """Follow another conversation."""
        self._current = conversation_id
        self._told.pop("", None)
        self._withdraw()

    def follow(self, conversation_id: str) -> None:
        """Take over what the new conversation was shown before it had its name."""
        self._current = conversation_id
        if "" in self._told:
            self._told[conversation_id] = self._told.pop("")

    def close(self) -> None:
        """Let nothing go on."""
        self._chat.dressing = lambda: str
        self._chat.purpose = lambda: None
        self._workspace.close()
        self._symbols.close()

    def review(self) -> None:
        """Show the changes of the last answer."""
        dialog = ReviewDialog(self._window, self._proposal)
        dialog.applied.connect(self._apply)
        dialog.open()

    def _choose_folder(self) -> None:
        dialog = QFileDialog(self._window, _("Open folder…"))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.fileSelected.connect(lambda name: self.open_folder(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _read_again(self) -> None:
        if self._workspace.folder is not None:
            self._workspace.open(self._workspace.folder.root)

    def _on_listed(self, event: FolderListed) -> None:
        self._panel.show_listing(event.listing, self._workspace.tokens)

    def _on_refused(self, event: FolderRefused) -> None:
        self._desk.report(event.error)

    def _show_context(self) -> None:
        loaded = self._desk.app.session.status().loaded
        self._panel.set_context(loaded.context if loaded is not None else 0)

    def _find_symbols(self, path: str) -> None:
        folder = self._workspace.folder
        if folder is None:
            return

        def found(symbols: list[Symbol]) -> None:
            self._panel.items.set_symbols(path, symbols)

        look = self._symbols.symbols
        task = self._desk.tasks.run(
            self, lambda: look(folder.read(path).text.replace("\r\n", "\n"), language_of(path))
        )
        task.on_success(found).on_failure(lambda _error: None)

    # Asking

    def _on_chosen(self) -> None:
        self._chosen = {
            choice.path: tuple(Part(one.first, one.last) for one in choice.symbols)
            for choice in self._panel.items.chosen()
        }

    def _ask(self, action: CodeAction, language: str = "") -> None:
        edits = action in _CHANGING
        wish = coding.wish_for(action, language)
        self._chat.send(wish, self._with_files(edits=edits), Purpose.CODING)

    def _dressing(self) -> Callable[[str], str]:
        """Put the chosen files into what was typed, while the folder is in sight."""
        return self._with_files(edits=True) if self._panel.isVisible() else str

    def _with_files(self, *, edits: bool) -> Callable[[str], str]:
        """Return what puts the files that are chosen now into a question."""
        folder, chosen = self._workspace.folder, dict(self._chosen)
        if folder is None or not chosen:
            return str
        told = self._told.setdefault(self._current, Told())
        return lambda text: question(text, folder, chosen, told, edits=edits)

    def _begin_helper(self, action: str) -> None:
        self._window.page.composer.begin(coding.wish_for(CodeAction(action)))

    def _ask_staged(self, action: CodeAction) -> None:
        folder = self._workspace.folder
        if folder is not None:
            asked = lambda _text: coding.request(action, staged_diff(folder.root))  # noqa: E731
            self._chat.send("", asked, Purpose.CODING)

    # Changes

    def _on_answered(self, event: AnswerFinished) -> None:
        told, folder = self._told.get(event.message.conversation_id), self._workspace.folder
        self._withdraw()
        if told is None or folder is None or event.message.status is not Status.COMPLETE:
            return
        text, shown, bare = event.message.text(), dict(told.shown), told.bare
        task = self._desk.tasks.run(self, lambda: changes.propose(text, folder, shown, bare=bare))
        task.on_success(self._offer).on_failure(self._desk.report)

    def _offer(self, proposal: Proposal) -> None:
        self._proposal = proposal
        if proposal.changes:
            self._bar.offer_review(Said(lambda: changes.summary(len(proposal.changes))))
        elif proposal.refusals:
            reasons = (one.reason for one in proposal.refusals)
            self._window.page.post_notice(join_sentences(_("Nothing was changed."), *reasons))

    def _apply(self, chosen: tuple[Change, ...]) -> None:
        folder = self._workspace.folder
        if folder is None:
            return
        task = self._desk.tasks.run(self, lambda: changes.apply(folder, chosen))
        task.on_success(self._on_applied).on_failure(self._desk.report)

    def _on_applied(self, applied: Applied) -> None:
        self._applied.append(applied)
        self._panel.set_can_undo(True)
        count = len(applied.changes)
        self._bar.offer_undo(
            Said(
                lambda: ngettext(
                    "{count} file was changed.", "{count} files were changed.", count
                ).format(count=count)
            )
        )

    def _undo(self) -> None:
        folder = self._workspace.folder
        if folder is None or not self._applied:
            return
        applied = self._applied[-1]
        task = self._desk.tasks.run(self, lambda: changes.undo(folder, applied))
        task.on_success(lambda _none: self._on_undone()).on_failure(self._desk.report)

    def _on_undone(self) -> None:
        self._applied.pop()
        self._panel.set_can_undo(bool(self._applied))
        said = Said(lambda: _("The changes were taken back."))
        if self._proposal.changes:
            self._bar.offer_review(said)
        else:
            self._bar.hide()
            self._window.page.post_notice(said, NoticeCause.DONE)

    def _withdraw(self) -> None:
        self._proposal = Proposal()
        self._bar.hide()
