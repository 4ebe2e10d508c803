"""Keys pressed while the program is still opening are not lost."""

from pathlib import Path

from PySide6.QtGui import QAction
from pytestqt.qtbot import QtBot

from hanlin.kernel.clock import SystemClock
from hanlin_ui.main_window import MainWindow
from hanlin_ui.wishes import EarlyWishes


def test_what_was_wished_for_early_is_granted_once(qtbot: QtBot) -> None:
    window = MainWindow(SystemClock())
    qtbot.addWidget(window)
    window.furnish()  # as after the first paint
    wishes = EarlyWishes(window)
    (models,) = (
        one for one in window.findChildren(QAction) if one.shortcut().toString() == "Ctrl+Shift+M"
    )
    models.trigger()
    models.trigger()
    window.menus.setting_chosen.emit("language", "zh_CN")
    window.model_file_given.emit(Path("model.gguf"))
    window.menus.palette_requested.emit()
    window.modes.chosen.emit("translate")
    said: list[object] = []
    window.menus.library_requested.connect(lambda: said.append("models"))
    window.menus.setting_chosen.connect(lambda key, value: said.append((key, value)))
    window.model_file_given.connect(said.append)
    window.menus.palette_requested.connect(lambda: said.append("palette"))
    window.modes.chosen.connect(said.append)
    wishes.grant()
    assert said == ["models", ("language", "zh_CN"), Path("model.gguf"), "palette", "translate"]
    models.trigger()
    wishes.grant()
    assert said[5:] == ["models"]
