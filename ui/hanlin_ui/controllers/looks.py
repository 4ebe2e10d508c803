"""Colours, letters and gaps at work: worn as soon as they are chosen."""

from PySide6.QtCore import QObject

from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import SettingChanged
from hanlin_ui.desk import Desk
from hanlin_ui.interface import Interface
from hanlin_ui.menus import Menus
from hanlin_ui.theme.looks import KEYS, Looks


class LooksController(QObject):
    """Keeps what is worn true to the settings."""

    def __init__(self, menus: Menus, interface: Interface, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._menus = menus
        self._interface = interface
        self._desk = desk
        self._settings = desk.app.settings
        menus.larger_requested.connect(lambda: self._change_text_size(1))
        menus.smaller_requested.connect(lambda: self._change_text_size(-1))
        menus.usual_size_requested.connect(lambda: self._change_text_size(0))
        menus.set_choice(SettingsSchema.appearance.key, self._settings.appearance)
        desk.stream.set_calm(self._settings.reduce_motion)
        desk.events.listen(SettingChanged, self._on_setting_changed)

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == SettingsSchema.menu_bar.key:
            self._menus.set_bar_stays(self._settings.menu_bar)
        if event.key not in KEYS:
            return
        self._menus.set_choice(SettingsSchema.appearance.key, self._settings.appearance)
        self._interface.wear(Looks.of(self._settings))
        self._desk.stream.set_calm(self._settings.reduce_motion)

    def _change_text_size(self, step: int) -> None:
        """Make text larger or smaller by ``step`` steps; 0 is as usual."""
        setting, settings = SettingsSchema.text_percent, self._settings
        wanted = settings.text_percent + step * setting.step if step else setting.default
        within = min(setting.maximum, max(setting.minimum, wanted))
        task = self._desk.tasks.run(self, lambda: settings.change(setting, within))
        task.on_failure(self._desk.report)
