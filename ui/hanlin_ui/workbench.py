"""Window and program brought together: made when both are there, taken apart when one goes.

Wires the controllers to each other and opens the dialogs. Owns no widget.
"""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from hanlin.bootstrap import Application
from hanlin.colours.client import ColourClient
from hanlin.domain.models import Purpose
from hanlin.domain.start import QUICK, TRANSLATE_SELECTION, StartRequest
from hanlin.formulas.client import FormulaClient
from hanlin.kernel.errors import join_sentences
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import KeyProtected, NoticeCause
from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import SettingChanged, StateNotKept
from hanlin_ui import pauses, starter_card
from hanlin_ui.bridges.events import EventBridge
from hanlin_ui.bridges.stream import StreamBridge
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.chat import colouring, formulas
from hanlin_ui.chat.colouring import ColourHub
from hanlin_ui.chat.formulas import FormulaHub
from hanlin_ui.controllers.assistants import AssistantsController
from hanlin_ui.controllers.attaching import AttachingController
from hanlin_ui.controllers.chat import ChatController
from hanlin_ui.controllers.code import CodeController
from hanlin_ui.controllers.completing import CompletingController
from hanlin_ui.controllers.conversations import ConversationsController
from hanlin_ui.controllers.drafts import UNKEPT, DraftsController
from hanlin_ui.controllers.figures import FiguresController
from hanlin_ui.controllers.files import FilesController
from hanlin_ui.controllers.find import FindController
from hanlin_ui.controllers.global_keys import GlobalKeysController
from hanlin_ui.controllers.help import HelpController
from hanlin_ui.controllers.looks import LooksController
from hanlin_ui.controllers.message_keys import MessageKeysController
from hanlin_ui.controllers.meter import MeterController
from hanlin_ui.controllers.palette import PaletteController
from hanlin_ui.controllers.reading_ahead import ReadingAheadController
from hanlin_ui.controllers.revising import RevisingController
from hanlin_ui.controllers.room import RoomController
from hanlin_ui.controllers.search import SearchController
from hanlin_ui.controllers.session import SessionController
from hanlin_ui.controllers.tools import ToolsController
from hanlin_ui.controllers.transfer import TransferController
from hanlin_ui.controllers.tray import TrayController
from hanlin_ui.controllers.welcome import WelcomeController
from hanlin_ui.desk import Desk
from hanlin_ui.interface import Interface
from hanlin_ui.library.sections import Section
from hanlin_ui.main_window import MainWindow
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.theme.fonts import NO_CHINESE, draws_chinese
from hanlin_ui.widgets.mode_switch import CHAT, CODE, TRANSLATE

if TYPE_CHECKING:
    from hanlin_ui.controllers.library import LibraryController
    from hanlin_ui.controllers.quick import QuickController
    from hanlin_ui.controllers.quick_translation import QuickTranslationController
    from hanlin_ui.controllers.translate import TranslateController
    from hanlin_ui.controllers.workspace import WorkspaceController

_COUNT_MS = 1_000


class Workbench(QObject):
    """Everything that lives while the window and the program are both there."""

    workspace: "WorkspaceController | None" = None
    """The folder of code, once it was wanted."""

    def __init__(
        self,
        window: MainWindow,
        app: Application,
        tasks: Tasks,
        interface: Interface,
        log_lines: Callable[[], Sequence[str]] = list,
    ) -> None:
        super().__init__(window)
        window.furnish()
        self._window = window
        self._app = app
        self._interface = interface
        self._log_lines = log_lines
        self._card = starter_card.read()
        self._formulas = FormulaHub(FormulaClient, self)
        formulas.use(self._formulas)
        self._colours = ColourHub(ColourClient, self)
        colouring.use(self._colours)
        self._desk = Desk(
            app, EventBridge(app.bus, self), StreamBridge(app.bus, self), tasks, window.report
        )
        window.page.transcript.messages.refusals = self._card.refusals
        self._desk.stream.text_ready.connect(pauses.Collector(self).put_off)
        self.chat = ChatController(window.page, self._desk, self)
        self.conversations = ConversationsController(window.sidebar, self._desk, self)
        self.session = SessionController(
            window.status_line, window.menus, window.page, self._card, self._desk, self
        )
        self.conversations.opened.connect(self.chat.open)
        self.chat.conversation_begun.connect(self.conversations.adopt)
        self._follow(self.session.open, self.session.follow)
        self.figures = FiguresController(window.status_line, self._desk, self)
        self._follow(self.figures.open)
        self.reading_ahead = ReadingAheadController(window.page.composer.entry, self._desk, self)
        self._follow(self.reading_ahead.open)
        window.page.transcript.messages.changing.connect(self.reading_ahead.follow_edit)
        self.room = RoomController(window.page, self._desk, self.chat.redraw, self)
        self._follow(self.room.open)
        self._build_finding()
        self._build_composing()
        self.revising = RevisingController(window.page, self._desk, self.chat.follow_path, self)
        self.conversations.opened.connect(lambda _id: self.revising.forget())
        self.revising.branched.connect(self.conversations.open_made)
        self._build_helping()
        self.welcome = WelcomeController(window.page.start, self._desk, self)
        self.files = FilesController(app.session.registry, self)
        self.library: LibraryController | None = None
        self.translator: TranslateController | None = None
        self.quick: QuickController | None = None
        self._verbs: dict[str, Callable[[str], object]] = {
            QUICK: self.show_quick,
            TRANSLATE_SELECTION: self.show_quick_translation,
        }
        self._connect_window()
        self._show_badges()
        self._counting = QTimer(self)
        self._counting.setInterval(_COUNT_MS)
        self._counting.timeout.connect(self._count_connections)
        self._counting.start()
        self._desk.events.listen(SettingChanged, self._on_setting_changed)
        self._desk.events.listen(KeyProtected, self._on_key_protected)
        self._desk.events.listen(StateNotKept, self._on_state_not_kept)

    def begin(self) -> None:
        """Open the last conversation and let the last model load."""
        self.conversations.refresh()
        self.drafts.read()
        self.conversations.open_stored(self._app.state.last_conversation)
        if damage := self._app.damage():
            self._window.page.post_notice(damage, NoticeCause.FILES)
        if refused := self._app.state.refused:
            self._on_state_not_kept(StateNotKept(refused))
        if not draws_chinese(self._window.font()):
            self._window.page.post_notice(NO_CHINESE, NoticeCause.FONTS)
        self._desk.tasks.run(self, self._app.session.start).on_failure(self._desk.report)
        self._desk.tasks.run(self, self._app.files.begin).on_failure(self._desk.report)
        self._app.protect_later()
        self._app.search.begin()
        self._app.neighbours.begin()

    def understands(self, request: StartRequest) -> bool:
        """Tell whether ``request`` asks for something else than the window itself."""
        return request.verb in self._verbs

    def take(self, request: StartRequest) -> None:
        """Do what a start of the program asks for."""
        for path in request.files:
            self.add_model(path)
        if request.verb in self._verbs:
            self._verbs[request.verb](request.text)

    def show_quick(self, text: str = "") -> None:
        """Show the small window and ask ``text`` there; it is built when it is first wanted."""
        from hanlin_ui.controllers.quick import QuickController  # noqa: PLC0415 - see above

        if self.quick is None:
            self.quick = QuickController(self._desk, self)
            self.quick.go_on.connect(self._go_on_from_quick)
        self.quick.show(text)

    quick_translation: "QuickTranslationController | None" = None
    """The small translator, once it was wanted."""

    def show_quick_translation(self, text: str = "") -> None:
        """Translate ``text``, or what is selected in another program, in a small window."""
        from hanlin_ui.controllers.quick_translation import (  # noqa: PLC0415 - see above
            QuickTranslationController,
        )

        if self.quick_translation is None:
            self.quick_translation = QuickTranslationController(self._desk, self)
            self.quick_translation.whole_wanted.connect(self._translate_whole)
        self.quick_translation.show(text)

    def _translate_whole(self, text: str) -> None:
        self._window.come_forward()
        self.show_translator()
        self._window.translate_page.set_text(text)

    def _go_on_from_quick(self, conversation_id: str) -> None:
        self._window.come_forward()
        if conversation_id:
            self.conversations.open_stored(conversation_id)

    def add_model(self, path: Path) -> None:
        """Add a model file that was dropped, chosen, or given at the start."""
        self.session.add(path)

    def show_library(self, section: Section) -> None:
        """Show the models window, which is built when it is first wanted."""
        from hanlin_ui.controllers.library import LibraryController  # noqa: PLC0415 - see above

        if self.library is None:
            self.library = LibraryController(self._window, self._desk, self)
            self.library.use_requested.connect(self.session.select)
            self.library.file_wanted.connect(self._window.choose_model_file)
            self.library.told.connect(self._window.page.post_notice)
        self.library.show(section)

    def take_in_models(self) -> None:
        """Show the models of this computer and ask for the folder to take some in from."""
        self.show_library(Section.HERE)
        if self.library is not None:
            self.library.take_in()

    def show_translator(self) -> None:
        """Show the translator's page, which is built when it is first wanted."""
        from hanlin_ui.controllers.translate import TranslateController  # noqa: PLC0415 - see above
        from hanlin_ui.controllers.translate_desk import TranslateDesk  # noqa: PLC0415 - see above

        if self.translator is None:
            self.translator = TranslateController(
                self._window.translate_page, self._window.history, self._desk, self
            )
            self.translate_desk = TranslateDesk(self._window.translate_page, self._desk, self)
        self._window.show_mode(TRANSLATE)

    def _leave_translator(self) -> None:
        """Show the conversations, which something was just asked of."""
        if self._window.pages.currentWidget() is not self._window.page:
            self._window.show_mode(CHAT)

    def show_workspace(self) -> None:
        """Show the folder of code beside the conversation; it is built when first wanted."""
        from hanlin_ui.controllers.workspace import WorkspaceController  # noqa: PLC0415 - see above

        if self.workspace is None:
            self.workspace = WorkspaceController(self._window, self.chat, self._desk, self)
            self.workspace.open(self.conversations.current)
            self._follow(self.workspace.open, self.workspace.follow)
        self._window.show_mode(CODE)
        self.workspace.begin()

    def _show_mode(self, mode: str) -> None:
        if mode == TRANSLATE:
            self.show_translator()
        elif mode == CODE:
            self.show_workspace()
        else:
            self._window.show_mode(mode)

    def close(self) -> None:
        """Remember the window and let go of the program."""
        self._counting.stop()
        self.code.close()
        self.completing.close()
        state = self._app.state
        state.window_geometry = self._window.geometry_text()
        state.window_layout = self._window.layout_text()
        state.code_width = self._window.code_width()
        if self.library is not None:
            self.library.close()
        self.tray.close()
        self.global_keys.close()
        if self.workspace is not None:
            self.workspace.close()
        if self.quick is not None:
            self.quick.close()
        if self.quick_translation is not None:
            self.quick_translation.close()
        self.drafts.close()
        self.meter.close()
        self.attaching.close()
        formulas.use(None)
        self._formulas.close()
        colouring.use(None)
        self._colours.close()
        self._desk.close()

    def _follow(
        self, opened: Callable[[str], object], begun: Callable[[str], object] | None = None
    ) -> None:
        """Let a controller hear which conversation is shown; ``begun``: one that is new."""
        self.conversations.opened.connect(opened)
        self.chat.conversation_begun.connect(begun or opened)

    def _build_composing(self) -> None:
        """Make what keeps drafts and lets files go along with messages."""
        self.drafts = DraftsController(self._window.page.composer, self._desk, self)
        self._follow(self.drafts.open, self.drafts.follow)
        self.attaching = AttachingController(self._window.page, self._desk, self)
        self.attaching.model_wanted.connect(lambda: self.show_library(Section.RECOMMENDED))
        self._window.files_given.connect(self.attaching.take)
        self._window.menus.attach_requested.connect(self.attaching.choose_files)
        self._window.menus.record_requested.connect(self.attaching.record)
        self._window.menus.screenshot_requested.connect(self.attaching.take_screenshot)
        self.chat.attached = self.attaching.pending
        self.chat.sent.connect(self.attaching.sent)
        self._follow(self.attaching.open, self.attaching.follow)
        self.meter = MeterController(self._window.page, self._window.status_line, self._desk, self)
        for follows in (self.meter, self.reading_ahead):
            follows.attached = self.attaching.prepared
            follows.assistant = lambda: self.assistants.pending
            self.attaching.changed.connect(follows.refresh)
            self.assistants.pill.chosen.connect(follows.refresh)
        self._follow(self.meter.open)

    def _build_helping(self) -> None:
        """Make what runs and completes code and sees to calls of tools."""
        self.tools = ToolsController(self._window.page, self._desk, self)
        self.completing = CompletingController(self._window.page, self._desk, self)
        self._window.menus.complete_requested.connect(self.completing.complete_here)
        self._follow(self.completing.open)
        ask = lambda text: self.chat.send(text, purpose=Purpose.CODING)  # noqa: E731 - one line
        self.code = CodeController(self._window, self._desk, ask, self.completing, self)
        self._window.page.transcript.messages.code_acted.connect(self.code.act)
        self._follow(self.tools.open)

    def _build_finding(self) -> None:
        """Make what chooses assistants and finds places."""
        window = self._window
        self.assistants = AssistantsController(window.page, self._desk, self)
        self.assistants.model_wanted.connect(self.session.select)
        self.chat.assistant = lambda: self.assistants.pending
        self._follow(self.assistants.open, self.assistants.adopt)
        self.search = SearchController(window.sidebar, self._desk, self)
        self.search.place_chosen.connect(self._go_to_place)
        self.search.left.connect(window.page.composer.setFocus)
        window.sidebar.list.activated.connect(lambda _index: window.page.composer.setFocus())
        self.palette = PaletteController(window, window.menus, self._desk, self)
        self.palette.conversation_chosen.connect(self.conversations.open_stored)
        self.palette.model_chosen.connect(self.session.select)
        self.palette.assistant_chosen.connect(self.assistants.choose)
        self.transfer = TransferController(window, self._desk, self)
        self._follow(self.transfer.open)
        self.find = FindController(window.page, self._desk, self)
        self._follow(self.find.open)

    def _connect_window(self) -> None:
        window, menus, page = self._window, self._window.menus, self._window.page
        window.model_file_given.connect(self.add_model)
        menus.assistants_requested.connect(self.assistants.edit)
        menus.palette_requested.connect(self.palette.open)
        menus.keys_requested.connect(self.palette.edit_keys)
        menus.export_requested.connect(self.transfer.export)
        window.sidebar.list.export_requested.connect(self.transfer.export_of)
        menus.import_requested.connect(self.transfer.choose_import)
        menus.search_requested.connect(self.search.begin)
        menus.find_requested.connect(self.find.begin)
        menus.temporary_requested.connect(self._begin_temporary)
        menus.quick_requested.connect(self.show_quick)
        menus.quick_translation_requested.connect(self.show_quick_translation)
        MessageKeysController(menus, page, self)
        menus.undo_requested.connect(self._undo_deleting)
        menus.rename_requested.connect(window.sidebar.list.rename_current)
        menus.trash_requested.connect(window.sidebar.list.delete_current)
        for wish in (
            menus.real_model_requested,
            page.start.real_model_requested,
            page.transcript.messages.real_model_requested,
        ):
            wish.connect(lambda: self.show_library(Section.RECOMMENDED))
        page.start.import_requested.connect(self.take_in_models)

        window.modes.chosen.connect(self._show_mode)
        self.conversations.opened.connect(lambda _id: self._leave_translator())
        for wish in (
            menus.focus_requested,
            menus.attached_requested,
            menus.search_requested,
            menus.find_requested,
        ):
            wish.connect(self._leave_translator)
        menus.attached_requested.connect(self.attaching.strip.take_keyboard)
        menus.chat_requested.connect(lambda: self._show_mode(CHAT))
        menus.translation_requested.connect(self.show_translator)
        menus.code_requested.connect(self.show_workspace)
        menus.library_requested.connect(lambda: self.show_library(Section.HERE))
        menus.settings_requested.connect(self._show_settings)
        menus.setting_chosen.connect(self._on_setting_chosen)
        actions = self.palette.actions
        HelpController(window, self._card, actions, self._desk, self._log_lines, self)
        menus.set_choice("language", self._app.settings.language)
        LooksController(menus, self._interface, self._desk, self)
        self.tray = TrayController(window, self._desk, self)
        self.tray.quick_requested.connect(self.show_quick)
        self.tray.new_requested.connect(window.sidebar.new_requested)
        self.global_keys = GlobalKeysController(self._desk, self)
        self.global_keys.quick_requested.connect(self.show_quick)
        self.global_keys.translation_requested.connect(self.show_quick_translation)

    def _go_to_place(self, conversation_id: str, message_id: str, query: str) -> None:
        if conversation_id != self.conversations.current:
            self.conversations.open_stored(conversation_id)
        elif message_id and not self._window.page.transcript.can_reveal(message_id):
            self.chat.redraw()
        if message_id:
            self.find.find(query, message_id)

    def _undo_deleting(self) -> None:
        if not self.revising.undo():
            self.conversations.undo()

    def _begin_temporary(self) -> None:
        self.conversations.start_new()
        self.drafts.open(UNKEPT)
        self.chat.begin_temporary()

    def _show_settings(self) -> None:
        standings = {SettingsSchema.global_keys.key: self.global_keys.sentence}
        dialog = SettingsDialog(self._app.settings, self._window, standings)
        self.global_keys.changed.connect(dialog.show_standings)
        dialog.open()

    def _show_badges(self) -> None:
        line = self._window.status_line
        line.set_protection(self._app.protection.sentence)
        line.set_sandbox_note(self._app.sandbox_note())

    def _on_key_protected(self, _event: KeyProtected) -> None:
        self._show_badges()
        self._window.page.post_notice(
            Said(
                lambda: _(
                    "The system's keyring keeps the key from now on: "
                    "the conversations are protected."
                )
            ),
            NoticeCause.KEY,
        )

    def _on_state_not_kept(self, event: StateNotKept) -> None:
        def words() -> str:
            lost = _(
                "Which conversation and which model were used last, and how the window stands,"
                " will be forgotten when Hanlin is closed."
            )
            return join_sentences(lost, str(event.error))

        self._window.page.post_notice(Said(words), NoticeCause.STATE)

    def _count_connections(self) -> None:
        self._window.status_line.set_connections(self._app.connections.count)
        self._window.status_line.set_sandbox_note(self._app.sandbox_note())

    def _on_setting_chosen(self, key: str, value: str) -> None:
        self._desk.tasks.run(self, lambda: setattr(self._app.settings, key, value)).on_failure(
            self._desk.report
        )

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == "language":
            self._window.menus.set_choice(event.key, str(event.value))
            self._interface.set_language(str(event.value))
            self.conversations.refresh()
            self.session.refresh()
            self.assistants.refresh()
            self.attaching.refresh()
            self._show_badges()
