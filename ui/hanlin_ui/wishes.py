"""What a person wishes for while the program is still opening, kept until it can be done.

Opening may wait for a keyring that asks for a password; keys pressed meanwhile must not
be lost.
"""

from PySide6.QtCore import QObject, SignalInstance

from hanlin_ui.main_window import MainWindow


class EarlyWishes:
    """Hears the window's wishes until they are granted. Lives on the GUI thread."""

    def __init__(self, window: MainWindow) -> None:
        menus = window.menus
        signals: tuple[SignalInstance, ...] = (
            menus.settings_requested,
            menus.library_requested,
            menus.real_model_requested,
            menus.shortcuts_requested,
            menus.about_requested,
            menus.folder_requested,
            menus.report_requested,
            menus.search_requested,
            menus.palette_requested,
            menus.keys_requested,
            menus.assistants_requested,
            menus.import_requested,
            menus.attach_requested,
            menus.record_requested,
            menus.temporary_requested,
            menus.quick_requested,
            menus.quick_translation_requested,
            menus.chat_requested,
            menus.translation_requested,
            menus.code_requested,
            menus.setting_chosen,
            window.modes.chosen,
            window.page.start.real_model_requested,
            window.page.start.import_requested,
            window.model_file_given,
        )
        self._wishes: list[tuple[SignalInstance, tuple[object, ...]]] = []
        self._ears = [_Ear(self._wishes, signal, window) for signal in signals]

    def grant(self) -> None:
        """Let every wish be uttered again, once each, now that somebody hears it."""
        for ear in self._ears:
            ear.close()
        self._ears.clear()
        for signal, words in self._wishes:
            signal.emit(*words)
        self._wishes.clear()


class _Ear(QObject):
    """Writes down what one signal says."""

    def __init__(
        self,
        wishes: list[tuple[SignalInstance, tuple[object, ...]]],
        signal: SignalInstance,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._wishes = wishes
        self._signal = signal
        self._connection = signal.connect(self._hear)

    def close(self) -> None:
        """Hear no more."""
        self._signal.disconnect(self._connection)
        self.deleteLater()

    def _hear(self, *words: object) -> None:
        if not any(known is self._signal and said == words for known, said in self._wishes):
            self._wishes.append((self._signal, words))
