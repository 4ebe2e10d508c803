"""The menus: every action of the window, its words and its keys.

Says only that something was asked for; doing it is the window's and the
controllers' work.
"""

import functools
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMenu

from hanlin.kernel.i18n import _
from hanlin.settings.schema import Choice, SettingsSchema
from hanlin_ui.widgets.menu_bar import FoldingMenuBar

if TYPE_CHECKING:
    from hanlin.domain.models import Model

Words = Callable[[], str]
EXPORTS: Final = {
    "markdown": "Markdown",
    "html": "HTML",
    "docx": "Word (DOCX)",
    "pdf": "PDF",
    "json": "JSON",
}
"""The formats in which a conversation can be written, with their names."""


class Menus(QObject):
    """Builds the menus into a menu bar and keeps their words in the interface's language.

    At first they have titles alone, which is what the first paint shows; see :meth:`fill`.
    """

    new_requested = Signal()
    temporary_requested = Signal()
    add_model_requested = Signal()
    quit_requested = Signal()
    export_requested = Signal(str)
    """A format of hanlin.services.transfer."""
    import_requested = Signal()
    rename_requested = Signal()
    trash_requested = Signal()
    focus_requested = Signal()
    attached_requested = Signal()
    search_requested = Signal()
    palette_requested = Signal()
    keys_requested = Signal()
    assistants_requested = Signal()
    find_requested = Signal()
    complete_requested = Signal()
    again_requested = Signal()
    edit_message_requested = Signal()
    earlier_requested = Signal()
    later_requested = Signal()
    branch_requested = Signal()
    inspect_requested = Signal()
    delete_message_requested = Signal()
    undo_requested = Signal()
    attach_requested = Signal()
    record_requested = Signal()
    screenshot_requested = Signal()
    quick_requested = Signal()
    larger_requested = Signal()
    smaller_requested = Signal()
    usual_size_requested = Signal()
    quick_translation_requested = Signal()
    sidebar_toggled = Signal()
    chat_requested = Signal()
    translation_requested = Signal()
    code_requested = Signal()
    model_chosen = Signal(str)
    real_model_requested = Signal()
    library_requested = Signal()
    setting_chosen = Signal(str, str)
    """Key of a choice and the value chosen."""
    thinking_toggled = Signal(bool)
    settings_requested = Signal()
    shortcuts_requested = Signal()
    folder_requested = Signal()
    report_requested = Signal()
    about_requested = Signal()

    def __init__(self, bar: FoldingMenuBar) -> None:
        super().__init__(bar)
        self._bar = bar
        self._named: dict[str, QAction] = {}
        self._words: list[tuple[Callable[[str], object], Words]] = []
        self._choices: dict[str, QActionGroup] = {}
        self._models = QActionGroup(self)
        self._models.triggered.connect(lambda action: self.model_chosen.emit(action.data()))
        self._tops: list[QMenu] = []
        self.model_menu = QMenu(bar)
        self._words.append((self.model_menu.setTitle, lambda: _("&Model")))
        if not bar.is_folded():
            self._build_tops()

    def fill(self) -> None:
        """Put the actions into the menus, once; before, no key does anything yet."""
        self._build_tops()
        builders = (self._build_file, self._build_edit, self._build_settings, self._build_help)
        for build, menu in zip(builders, self._tops, strict=True):
            build(menu)
        self.retranslate()

    def named_actions(self) -> dict[str, QAction]:
        """Return the actions whose keys can be changed, by names that stay."""
        return dict(self._named)

    def every_action(self) -> list[QAction]:
        """Return what can be done, without what only opens a menu."""
        found = self._bar.findChildren(QMenu)
        actions = [one for menu in found for one in menu.actions()]
        kept = {id(one): one for one in actions if not one.isSeparator() and one.menu() is None}
        return list(kept.values())

    def set_bar_stays(self, stays: bool) -> None:  # noqa: FBT001 - a state
        """Show the menu bar always, or only when it is called."""
        self._bar.set_stays(stays)
        if stays:
            self._build_tops()

    def retranslate(self) -> None:
        """Say everything again in the language of now."""
        for say, words in self._words:
            say(words())

    def set_models(self, models: Sequence["Model"], kept_for: Mapping[str, str]) -> None:
        """Offer ``models``; ``kept_for`` says by their ids what some of them are kept for."""
        for action in self._models.actions():
            self._models.removeAction(action)
            self.model_menu.removeAction(action)
            action.deleteLater()
        first = self.model_menu.actions()[0]
        for model in models:
            name = model.name.replace("&", "&&")
            if words := kept_for.get(model.id, ""):
                name += f"  –  {words}"
            action = QAction(name, self._models)
            action.setCheckable(True)
            action.setData(model.id)
            action.setEnabled(not model.missing)
            self.model_menu.insertAction(first, action)

    def set_current_model(self, model_id: str) -> None:
        """Mark the model in use."""
        for action in self._models.actions():
            action.setChecked(action.data() == model_id)

    def set_choice(self, key: str, value: str) -> None:
        """Mark the value of a setting."""
        for action in self._choices[key].actions():
            action.setChecked(action.data() == value)

    def set_thinking(self, *, available: bool, on: bool) -> None:
        """Show the thinking switch as it is."""
        self._thinking.setEnabled(available)
        self._thinking.setChecked(on and available)

    def _build_tops(self) -> None:
        """Put empty menus into the bar: all that is seen of them in the first paint, if any is."""
        if not self._tops:
            words = (lambda: _("&File"), lambda: _("&Edit"), lambda: _("&Settings"))
            self._tops = [self._menu(one) for one in (*words, lambda: _("&Help"))]
            self.retranslate()

    def _build_file(self, menu: QMenu) -> None:
        self._action(menu, lambda: _("&New conversation"), self.new_requested, "Ctrl+N")
        self._action(
            menu,
            lambda: _("New &temporary conversation"),
            self.temporary_requested,
            "Ctrl+Shift+N",
        )
        self._action(menu, lambda: _("Quic&k question"), self.quick_requested, "Ctrl+Shift+Space")
        self._action(
            menu,
            lambda: _("Translate the &selection"),
            self.quick_translation_requested,
            "Ctrl+Shift+Y",
        )
        self._action(menu, lambda: _("Attac&h files…"), self.attach_requested, "Ctrl+Shift+A")
        self._action(menu, lambda: _("Pict&ure of the screen"), self.screenshot_requested)
        self._action(menu, lambda: _("Record s&ound"), self.record_requested)
        self._action(menu, lambda: _("&Add model file…"), self.add_model_requested, "Ctrl+O")
        menu.addSeparator()
        self._build_export(self._submenu(menu, lambda: _("&Export conversation")))
        self._action(menu, lambda: _("&Import conversations…"), self.import_requested)
        menu.addSeparator()
        leave = self._action(menu, lambda: _("&Quit"), self.quit_requested, "Ctrl+Q")
        leave.setMenuRole(QAction.MenuRole.QuitRole)
        leave.setShortcutContext(Qt.ShortcutContext.ApplicationShortcut)  # also beside the models

    def _build_export(self, menu: QMenu) -> None:
        for kind, name in EXPORTS.items():
            action = self._action(menu, functools.partial("{}…".format, name), None)
            action.triggered.connect(lambda _checked=False, kind=kind: self._export(kind))

    def _export(self, kind: str) -> None:
        self.export_requested.emit(kind)

    def _build_edit(self, menu: QMenu) -> None:
        self._action(menu, lambda: _("&Rename conversation") + "\tF2", self.rename_requested)
        # The keys are only shown here: the list catches them, for elsewhere Delete deletes text.
        self._action(menu, lambda: _("&Delete conversation") + "\tDel", self.trash_requested)
        self._action(menu, lambda: _("&Undo deleting"), self.undo_requested, "Ctrl+Alt+Z")
        self._build_message(self._submenu(menu, lambda: _("Messa&ge")))
        menu.addSeparator()
        self._action(
            menu, lambda: _("&Search all conversations"), self.search_requested, "Ctrl+Shift+F"
        )
        self._action(menu, lambda: _("&Find in this conversation"), self.find_requested, "Ctrl+F")
        self._action(menu, lambda: _("&Command palette…"), self.palette_requested, "Ctrl+Shift+P")
        menu.addSeparator()
        self._action(menu, lambda: _("Comp&lete code here"), self.complete_requested, "Ctrl+J")
        self._action(menu, lambda: _("Go to the &message field"), self.focus_requested, "Ctrl+L")
        self._action(
            menu, lambda: _("Go to what is &attached"), self.attached_requested, "Ctrl+Shift+L"
        )
        self._action(menu, lambda: _("Chat"), self.chat_requested, "Ctrl+1")
        self._action(menu, lambda: _("Translate"), self.translation_requested, "Ctrl+2")
        self._action(menu, lambda: _("Code"), self.code_requested, "Ctrl+3")
        self._action(
            menu, lambda: _("Show or hide the con&versations"), self.sidebar_toggled, "Ctrl+B"
        )

    def _build_message(self, menu: QMenu) -> None:
        """Offer what can be done with the message that has the keyboard, or with the last one."""
        self._action(
            menu, lambda: _("&Edit and ask again"), self.edit_message_requested, "Ctrl+Shift+E"
        )
        self._action(menu, lambda: _("&Answer again"), self.again_requested, "Ctrl+Shift+R")
        self._action(menu, lambda: _("Ea&rlier version"), self.earlier_requested, "Ctrl+[")
        self._action(menu, lambda: _("&Later version"), self.later_requested, "Ctrl+]")
        self._action(
            menu, lambda: _("&Branch into a new conversation"), self.branch_requested, "Ctrl+Alt+B"
        )
        self._action(
            menu, lambda: _("&How this answer came about…"), self.inspect_requested, "Ctrl+Shift+I"
        )
        self._action(
            menu,
            lambda: _("&Delete from here on"),
            self.delete_message_requested,
            "Ctrl+Shift+Del",
        )

    def _build_settings(self, menu: QMenu) -> None:
        menu.addMenu(self.model_menu)
        self.model_menu.addSeparator()
        self._action(self.model_menu, lambda: _("Add model file…"), self.add_model_requested)
        self._action(self.model_menu, lambda: _("Get a real model…"), self.real_model_requested)
        self._action(menu, lambda: _("M&odels…"), self.library_requested, "Ctrl+Shift+M")
        self._action(menu, lambda: _("Ass&istants…"), self.assistants_requested)
        self._build_looks(self._choice_menu(menu, SettingsSchema.appearance, _appearance))
        self._choice_menu(menu, SettingsSchema.language, lambda: _("&Language"))
        self._thinking = self._action(menu, lambda: _("&Thinking"), None)
        self._thinking.setCheckable(True)
        self._thinking.triggered.connect(self.thinking_toggled)
        self._action(menu, lambda: _("&Keys…"), self.keys_requested)
        menu.addSeparator()
        more = self._action(menu, lambda: _("All &settings…"), self.settings_requested, "Ctrl+,")
        more.setMenuRole(QAction.MenuRole.PreferencesRole)

    def _build_looks(self, menu: QMenu) -> None:
        menu.addSeparator()
        self._action(menu, lambda: _("&Larger text"), self.larger_requested, "Ctrl++", "Ctrl+=")
        self._action(menu, lambda: _("&Smaller text"), self.smaller_requested, "Ctrl+-")
        self._action(menu, lambda: _("Text as &usual"), self.usual_size_requested, "Ctrl+0")

    def _build_help(self, menu: QMenu) -> None:
        self._action(menu, lambda: _("&Keyboard shortcuts"), self.shortcuts_requested, "F1")
        self._action(menu, lambda: _("Open &data folder"), self.folder_requested)
        self._action(menu, lambda: _("&Report…"), self.report_requested)
        menu.addSeparator()
        about = self._action(menu, lambda: _("&About Hanlin"), self.about_requested)
        about.setMenuRole(QAction.MenuRole.AboutRole)

    def _menu(self, words: Words) -> QMenu:
        menu = self._bar.add_menu()
        self._words.append((menu.setTitle, words))
        return menu

    def _submenu(self, parent: QMenu, words: Words) -> QMenu:
        menu = QMenu(parent)
        parent.addMenu(menu)
        self._words.append((menu.setTitle, words))
        return menu

    def _action(
        self, menu: QMenu, words: Words, signal: SignalInstance | None, *keys: str
    ) -> QAction:
        action = QAction(self)
        if signal is not None:
            action.triggered.connect(lambda _checked=False: signal.emit())
            # The name that the sources give a signal does not change with the language.
            names = (name for name in vars(type(self)) if getattr(self, name) is signal)
            self._named.setdefault(next(names, str(len(self._named))), action)
        action.setShortcuts([QKeySequence(one) for one in keys])
        menu.addAction(action)
        self._words.append((action.setText, words))
        return action

    def _choice_menu(self, parent: QMenu, setting: Choice, words: Words) -> QMenu:
        menu = self._submenu(parent, words)
        group = QActionGroup(self)
        for value, name in setting.choices.items():
            action = QAction(group)
            action.setCheckable(True)
            action.setData(value)
            menu.addAction(action)
            self._words.append((action.setText, name))
        group.triggered.connect(
            lambda action: self.setting_chosen.emit(setting.key, str(action.data()))
        )
        self._choices[setting.key] = group
        return menu


def _appearance() -> str:
    return _("&Appearance")
