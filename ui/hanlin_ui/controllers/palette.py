"""The command palette and the keys at work: what there is to do, and who does it."""

import functools

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from hanlin.kernel.i18n import _
from hanlin.settings.schema import Choice, SettingsSchema, Switch, settings_of
from hanlin_ui.desk import Desk
from hanlin_ui.menus import Menus
from hanlin_ui.palette import keys
from hanlin_ui.palette.dialog import Command, CommandPalette
from hanlin_ui.palette.keys_dialog import KeysDialog, plain
from hanlin_ui.starter_card import name_now

_NATIVE = QKeySequence.SequenceFormat.NativeText


class PaletteController(QObject):
    """Collects commands when the palette is opened, so that they are those of now."""

    conversation_chosen = Signal(str)
    model_chosen = Signal(str)
    assistant_chosen = Signal(object)

    def __init__(self, window: QWidget, menus: Menus, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._menus = menus
        self._desk = desk
        self.actions = menus.named_actions()
        self.defaults = {name: one.shortcuts() for name, one in self.actions.items()}
        keys.wear(self.actions, desk.app.settings.shortcuts)

    def open(self) -> None:
        """Show the palette."""
        CommandPalette(self._window, self.commands()).open()

    def edit_keys(self) -> None:
        """Show all keys, to be changed."""
        settings = self._desk.app.settings
        KeysDialog(self._window, self.actions, self.defaults, settings.shortcuts, self._keep).open()

    def commands(self) -> list[Command]:
        """Return everything that can be done now."""
        return [
            *self._actions(),
            *self._conversations(),
            *self._assistants(),
            *self._models(),
            *self._settings(),
        ]

    def _keep(self, text: str) -> None:
        settings = self._desk.app.settings
        self._desk.tasks.run(self, lambda: setattr(settings, "shortcuts", text)).on_failure(
            self._desk.report
        )

    def _actions(self) -> list[Command]:
        return [
            Command(plain(action), action.trigger, keys=action.shortcut().toString(_NATIVE))
            for action in self._menus.every_action()
            # Models and choices are told further down, each with what it is.
            if action.isEnabled() and plain(action) and action.actionGroup() is None
        ]

    def _conversations(self) -> list[Command]:
        return [
            Command(
                one.title or _("Untitled"),
                functools.partial(self.conversation_chosen.emit, one.id),
                _("Conversation"),
            )
            for one in self._desk.app.chat.conversations()
        ]

    def _assistants(self) -> list[Command]:
        return [
            Command(one.name, functools.partial(self.assistant_chosen.emit, one), _("Assistant"))
            for one in self._desk.app.assistants.every()
        ]

    def _models(self) -> list[Command]:
        return [
            Command(
                name_now(one.name), functools.partial(self.model_chosen.emit, one.id), _("Model")
            )
            for one in self._desk.app.session.registry.models()
            if not one.missing
        ]

    def _settings(self) -> list[Command]:
        found = []
        for one in settings_of(SettingsSchema):
            if one.label is None:
                continue
            if isinstance(one, Switch):
                turned = not getattr(self._desk.app.settings, one.key)
                name = _put(one.label(), _("on") if turned else _("off"))
                found.append(self._change(name, one.key, value=turned))
            elif isinstance(one, Choice):
                for value, words in one.choices.items():
                    name, also = _put(one.label(), words()), one.also.get(value, "")
                    found.append(self._change(name, one.key, value=value, also=also))
        return found

    def _change(self, name: str, key: str, *, value: object, also: str = "") -> Command:
        settings = self._desk.app.settings

        def run() -> None:
            self._desk.tasks.run(self, lambda: setattr(settings, key, value)).on_failure(
                self._desk.report
            )

        return Command(name, run, _("Setting"), also=also)


def _put(setting: str, value: str) -> str:
    """Return how choosing ``value`` for ``setting`` is called."""
    return _("{setting}: {value}").format(setting=setting, value=value)
