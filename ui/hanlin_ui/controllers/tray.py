"""The icon in the desktop's tray, for who wants the program to stay when its window closes.

It is there only while that is wanted, and where the desktop has a tray; without one,
closing the window ends the program as ever.
"""

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication, QMenu, QSystemTrayIcon

from hanlin.kernel.i18n import _
from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import SettingChanged
from hanlin_ui.desk import Desk
from hanlin_ui.main_window import MainWindow


class TrayController(QObject):
    """Says to the window whether closing it only hides it."""

    quick_requested = Signal()
    new_requested = Signal()

    def __init__(self, window: MainWindow, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._window = window
        self._desk = desk
        self.icon: QSystemTrayIcon | None = None
        self.menu: QMenu | None = None
        self._told = False
        window.hidden.connect(self._on_hidden)
        desk.events.listen(SettingChanged, self._on_setting_changed)
        self._follow()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        if self.icon is None or self.menu is None:
            return
        self.icon.setToolTip(_("Hanlin"))
        self.menu.clear()
        self.menu.addAction(_("Open Hanlin"), self._window.come_forward)
        self.menu.addAction(_("Quick question"), self.quick_requested.emit)
        self.menu.addAction(_("New conversation"), self._begin_new)
        self.menu.addSeparator()
        self.menu.addAction(_("Quit"), self._window.leave)

    def close(self) -> None:
        """Take the icon away."""
        self._window.hides_on_close = False
        if self.icon is not None:
            self.icon.hide()
            self.icon = None
        if self.menu is not None:
            self.menu.deleteLater()
            self.menu = None

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == SettingsSchema.keep_running.key:
            self._follow()
        elif event.key == SettingsSchema.language.key:
            self.retranslate()

    def _follow(self) -> None:
        """Be there if it is wanted and can be seen."""
        if not (self._desk.app.settings.keep_running and QSystemTrayIcon.isSystemTrayAvailable()):
            self.close()
            return
        if self.icon is None:
            self.icon = QSystemTrayIcon(QApplication.windowIcon(), self)
            self.icon.activated.connect(self._on_activated)
            self.menu = QMenu()
            self.icon.setContextMenu(self.menu)
            self.retranslate()
            self.icon.show()
        self._window.hides_on_close = True

    def _begin_new(self) -> None:
        self._window.come_forward()
        self.new_requested.emit()

    def _on_activated(self, reason: QSystemTrayIcon.ActivationReason) -> None:
        if reason is QSystemTrayIcon.ActivationReason.Trigger:
            self._window.come_forward()
        elif reason is QSystemTrayIcon.ActivationReason.MiddleClick:
            self.quick_requested.emit()

    def _on_hidden(self) -> None:
        """Tell once where the program has gone."""
        if self.icon is not None and not self._told:
            self._told = True
            self.icon.showMessage(
                _("Hanlin keeps running"),
                _("Its icon in the tray brings it back, or ends it. Settings switch this off."),
                QApplication.windowIcon(),
            )
