"""Keys of the small windows that are heard in every program, where the desktop's portal has them.

Where it has none, a command or a call on the message bus stands for the key, and the settings
say so: see :mod:`hanlin_ui.desktop_bus`. How a portal is asked is :mod:`hanlin_ui.portal`'s.
"""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Qt, Signal

from hanlin.kernel.errors import join_sentences
from hanlin.kernel.i18n import _
from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import SettingChanged
from hanlin_ui import desktop_bus
from hanlin_ui.desk import Desk

if TYPE_CHECKING:
    from hanlin_ui.portal import PortalKeys, Standing

QUICK: Final = "quick"
TRANSLATE: Final = "translate"
_TOKEN: Final = "XDG_ACTIVATION_TOKEN"  # noqa: S105 - a name of Wayland's, no secret


class GlobalKeysController(QObject):
    """Follows the setting. For the GUI thread."""

    quick_requested = Signal()
    translation_requested = Signal()
    changed = Signal()
    """It stands otherwise with the keys."""
    _stood = Signal(object, object, object)
    _pressed = Signal(object, str, str)

    def __init__(self, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._settings = desk.app.settings
        self._keys: PortalKeys | None = None
        self._standing: Standing | None = None
        self._granted: Mapping[str, str] = {}
        self._attempt = object()
        """Stands for the last one: what an earlier one still says is of no use."""
        queued = Qt.ConnectionType.QueuedConnection
        self._stood.connect(self._on_stood, queued)
        self._pressed.connect(self._on_pressed, queued)
        desk.events.listen(SettingChanged, self._on_setting_changed)
        self._follow()

    def sentence(self) -> str:
        """Return how it stands, in words; "" while nobody wants the keys."""
        if not self._settings.global_keys:
            return ""
        if self._standing is None:
            return _by_hand(_("This system has no portal for such keys."))
        match self._standing.value:
            case "asking":
                return _("The desktop is being asked…")
            case "active":
                return self._active()
            case "refused":
                return _by_hand(_("The desktop did not grant the keys."))
            case _:
                return _by_hand(_("This desktop has no portal for such keys."))

    def close(self) -> None:
        """Give the keys back."""
        if self._keys is not None:
            self._keys.close()
            self._keys = None
        self._standing, self._granted = None, {}

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == SettingsSchema.global_keys.key:
            self._follow()
            self.changed.emit()
        elif event.key == SettingsSchema.language.key:
            self.changed.emit()

    def _follow(self) -> None:
        self.close()
        if not (self._settings.global_keys and desktop_bus.is_there()):
            return
        from hanlin_ui.portal import PortalKeys, Standing, Wish  # noqa: PLC0415 - rarely wanted

        wishes = (
            Wish(QUICK, _("Quick question"), "CTRL+SHIFT+space"),
            Wish(TRANSLATE, _("Translate the selection"), "CTRL+SHIFT+y"),
        )
        attempt = object()
        self._attempt = attempt
        self._standing = Standing.ASKING
        self._keys = PortalKeys(
            wishes,
            lambda standing, keys: self._stood.emit(attempt, standing, keys),
            lambda name, token: self._pressed.emit(attempt, name, token),
        )

    def _on_stood(self, attempt: object, standing: "Standing", keys: Mapping[str, str]) -> None:
        if self._keys is not None and attempt is self._attempt:
            self._standing, self._granted = standing, keys
            self.changed.emit()

    def _on_pressed(self, attempt: object, name: str, token: str) -> None:
        if self._keys is None or attempt is not self._attempt:
            return
        if token:  # Qt hands it to the compositor with the next window that wants to the front
            os.environ[_TOKEN] = token
        wish = self.translation_requested if name == TRANSLATE else self.quick_requested
        wish.emit()

    def _active(self) -> str:
        words = {QUICK: _("Quick question"), TRANSLATE: _("Translate the selection")}
        keys = [
            _("{action}: {key}").format(action=words[name], key=key)
            for name, key in self._granted.items()
            if name in words
        ]
        return join_sentences(_("Active, by the desktop’s portal."), _(", ").join(keys))


def _by_hand(reason: str) -> str:
    way = _(
        "Put the command “hanlin quick”, or “hanlin quick --translate”, on a key in the desktop’s"
        " own keyboard settings instead."
    )
    return join_sentences(reason, way)
