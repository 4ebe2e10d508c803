"""Menus, status line, settings and the model in use as a person sees them."""

from pathlib import Path

from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QPalette
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QMenu,
    QTextEdit,
    QToolButton,
)

from hanlin.bootstrap import Protection
from hanlin.kernel import i18n
from hanlin.kernel.errors import KnownError
from hanlin.services.events import EngineSilent, KeyProtected, SessionState
from hanlin_bench.bench import Bench
from hanlin_fakes.gguf_models import write_scripted
from hanlin_ui.dialogs.message import show_text
from hanlin_ui.settings.dialog import SettingsDialog
from hanlin_ui.theme.palette import INK, PAPER


def action(bench: Bench, text: str, menu: QMenu | None = None) -> QAction:
    """Return the menu action that says ``text``."""
    actions = menu.actions() if menu is not None else bench.window.menuBar().actions()
    for entry in actions:
        submenu = entry.menu()
        if entry.text().replace("&", "") == text:
            return entry
        if isinstance(submenu, QMenu) and (found := _find(submenu, text)) is not None:
            return found
    raise AssertionError(text)


def _find(menu: QMenu, text: str) -> QAction | None:
    for entry in menu.actions():
        if entry.text().replace("&", "") == text:
            return entry
        submenu = entry.menu()
        if isinstance(submenu, QMenu) and (found := _find(submenu, text)) is not None:
            return found
    return None


def line_says(bench: Bench, text: str) -> bool:
    labels = bench.window.status_line.findChildren(QLabel)
    return any(label.text() == text and label.isVisible() for label in labels)


def test_the_model_can_be_switched_in_the_middle_of_a_conversation(bench: Bench) -> None:
    bench.ask("hello", "from alpha")
    assert bench.answers()[0].model == "alpha"
    action(bench, "beta").trigger()
    bench.until(lambda: bench.button("Model: beta. Choose another").isVisible())
    bench.ask("again", "from beta")
    assert [view.model for view in bench.answers()] == ["alpha", "beta"]
    assert action(bench, "beta").isChecked()
    assert not action(bench, "alpha").isChecked()


def drop(bench: Bench, file: Path) -> None:
    """Drag the file onto the window and let go."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    how = (Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton)
    keys = Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(400, 300), *how, keys)
    QApplication.sendEvent(bench.window, enter)
    assert enter.isAccepted()
    QApplication.sendEvent(bench.window, QDropEvent(QPointF(400, 300), *how, keys))


def test_a_dropped_file_that_is_no_model_is_refused(bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "damaged.gguf"
    file.write_text("<html>")
    drop(bench, file)
    said = " ".join(label.text() for label in bench.message().findChildren(QLabel))
    assert "damaged.gguf" in said
    bench.message().close()


def test_the_status_line_tells_speed_context_and_connections(bench: Bench) -> None:
    assert line_says(bench, "0 connections since start")
    assert line_says(bench, "not protected")
    bench.until(lambda: line_says(bench, "Context 0 / 4,096"))
    bench.ask("hello", "a", "b", "c")
    bench.until(lambda: line_says(bench, "100 tokens/s"))
    # 8 as soon as it is answered; soon after, what an empty next message would send.
    bench.until(lambda: line_says(bench, "Context 11 / 4,096"))


def test_a_model_that_fails_to_load_says_so(bench: Bench) -> None:
    bench.engine.enqueue_load_error(KnownError("Damaged", "The file is damaged.", "Get it again."))
    action(bench, "beta").trigger()
    bench.until(lambda: line_says(bench, "Could not be loaded"))
    notice = bench.window.page.notice
    assert notice.text() == "The file is damaged. Get it again."
    assert notice.isVisible()
    action(bench, "alpha").trigger()
    bench.until(lambda: not notice.isVisible())


def test_language_changes_every_word_at_once(bench: Bench, tmp_path: Path) -> None:
    bench.ask("hello", "ok")
    settings = action(bench, "All settings…")
    settings.trigger()
    dialog = bench.dialog()
    assert isinstance(dialog, SettingsDialog)
    combo = next(c for c in dialog.findChildren(QComboBox) if c.objectName() == "language")
    combo.setCurrentIndex(combo.findData("zh_CN"))
    combo.activated.emit(combo.currentIndex())
    bench.until(lambda: i18n.current_language() == "zh_CN")
    bench.until(lambda: bench.window.windowTitle() == i18n._("Hanlin"))
    # Qt puts the program's name behind every title that does not end with it.
    assert QApplication.applicationDisplayName() == i18n._("Hanlin")
    assert dialog.windowTitle() == i18n._("Settings")
    assert bench.button(i18n._("New conversation")).isVisible()
    dialog.close()


def test_appearance_changes_at_once_and_is_kept(bench: Bench) -> None:
    bench.ask("hello", "# title\n\ntext")
    action(bench, "Dark").trigger()
    ground = QPalette.ColorRole.Window
    bench.until(lambda: QApplication.palette().color(ground).name() == INK.ground)
    assert bench.app.settings.appearance == "dark"
    assert bench.answers()[0].text() == "# title\n\ntext"
    action(bench, "Light").trigger()
    bench.until(lambda: QApplication.palette().color(ground).name() == PAPER.ground)


def test_the_thinking_switch_reaches_the_model(bench: Bench) -> None:
    bench.until(lambda: bench.button("Thinking").isEnabled())
    bench.press("Thinking")
    bench.until(lambda: bench.app.settings.thinking)
    bench.until(action(bench, "Thinking").isChecked)
    bench.ask("hello", "ok")
    assert bench.engine.asked[-1].options.thinking is True
    bench.press("Thinking")
    bench.until(lambda: not bench.app.settings.thinking)
    bench.ask("again", "ok")
    assert bench.engine.asked[-1].options.thinking is False


def test_every_message_dialog_opens_and_closes(bench: Bench) -> None:
    for name in ("Keyboard shortcuts", "About Hanlin"):
        action(bench, name).trigger()
        dialog = bench.message()
        assert dialog.windowTitle()
        bench.press("Close", dialog)
        bench.until(lambda: not any(d.isVisible() for d in bench.window.findChildren(QDialog)))


def test_a_long_line_of_a_list_goes_on_behind_its_first_column(bench: Bench) -> None:
    dialog = show_text(bench.window, "t", "m", "Key\t" + "word " * 60, prose=True)
    first = dialog.findChildren(QTextEdit)[0].document().firstBlock()
    bench.until(lambda: first.layout().lineCount() > 1)
    assert first.layout().lineAt(1).x() > first.layout().lineAt(0).x() + 50
    dialog.accept()


def test_the_sidebar_can_be_hidden(bench: Bench) -> None:
    entry = action(bench, "Show or hide the conversations")
    entry.trigger()
    assert not bench.window.sidebar.isVisible()
    entry.trigger()
    assert bench.window.sidebar.isVisible()


def test_a_suggestion_is_asked(bench: Bench) -> None:
    bench.engine.enqueue("Many things.")
    bench.press("What can you do?")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    assert bench.questions()[0].text() == "What can you do?"


def test_a_settings_number_reloads_the_model(bench: Bench) -> None:
    loads = len(bench.engine.loads)
    bench.app.settings.context = 2048
    bench.until(lambda: len(bench.engine.loads) == loads + 1)
    assert bench.engine.loads[-1][1].context == 2048


def test_the_context_of_a_stopped_answer_is_known(bench: Bench) -> None:
    bench.engine.enqueue("one ", "two", hold_after=1)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[0].text() == "one ")
    bench.until(lambda: line_says(bench, "Context 5 / 4,096"))
    bench.press("Stop")
    bench.until(lambda: not bench.is_answering())
    assert line_says(bench, "Context 5 / 4,096")
    bench.press("New conversation")
    bench.until(lambda: line_says(bench, "Context 0 / 4,096"))


def test_a_load_is_told_in_percent_and_can_be_stopped(bench: Bench) -> None:
    line = bench.window.status_line
    line.set_loading(0.424)
    bench.until(lambda: line_says(bench, "Loading… 42 %"))
    stop = line.findChild(QToolButton, "stop")
    assert stop is not None
    assert stop.isVisible()
    wishes: list[bool] = []
    line.stop_requested.connect(lambda: wishes.append(True))
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    assert wishes == [True]
    line.set_loading(None)
    assert not line_says(bench, "Loading… 42 %")
    assert not stop.isVisible()


def test_a_model_that_takes_long_is_stopped_and_the_next_one_answers(bench: Bench) -> None:
    bench.engine.hold_load(0.37)
    action(bench, "beta").trigger()
    bench.until(lambda: line_says(bench, "Loading… 37 %"))
    stop = bench.window.status_line.findChild(QToolButton, "stop")
    assert stop is not None
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    bench.until(lambda: line_says(bench, "Loading was stopped"))
    assert "The model is not loaded." in bench.window.page.notice.text()
    assert not stop.isVisible()
    action(bench, "alpha").trigger()
    bench.until(lambda: not bench.window.page.notice.isVisible())
    bench.ask("hello", "I am alpha")
    assert bench.answers()[-1].text() == "I am alpha"


def test_a_way_that_the_processor_cannot_go_is_left_and_told_in_one_line(bench: Bench) -> None:
    died = KnownError("Stopped", "The engine ended unexpectedly.")
    bench.engine.enqueue_load_error(died, instruction=True)
    action(bench, "beta").trigger()
    notice = bench.window.page.notice
    bench.until(notice.isVisible)
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    bench.ask("hello", "slowly")
    assert notice.text() == (
        "The engine now avoids what only newer processors can, which is slower."
    )
    assert [options.plain for _path, options in bench.engine.loads[-2:]] == [False, True]
    assert notice.isVisible(), "somebody who was away reads it later"
    action(bench, "alpha").trigger()
    bench.until(lambda: not notice.isVisible())


def test_a_narrow_window_says_less_and_cuts_nothing(bench: Bench) -> None:
    bench.ask("hello", "a")
    bench.until(lambda: line_says(bench, "100 tokens/s"))
    bench.window.resize(bench.window.minimumSize())
    bench.until(lambda: not line_says(bench, "100 tokens/s"))
    assert line_says(bench, "0 connections since start")
    line = bench.window.status_line
    bench.until(
        lambda: all(
            label.width() >= label.sizeHint().width()
            for label in line.findChildren(QLabel)
            if label.isVisible()
        )
    )
    bench.window.resize(1100, 700)
    bench.until(lambda: line_says(bench, "100 tokens/s"))


def test_a_model_file_dropped_on_the_window_is_added_and_used(bench: Bench, tmp_path: Path) -> None:
    dropped = write_scripted(tmp_path / "拖进来 的.gguf", ["unused"])
    drop(bench, dropped)
    bench.press("Switch to it", bench.message())
    bench.until(lambda: bench.engine.loads[-1][0] == dropped)
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    model = bench.app.session.status().model
    assert model is not None
    assert model.path == dropped
    assert bench.app.state.last_model == model.id
    bench.ask("who answers?", "I do")
    assert bench.answers()[-1].model == model.name


def test_a_silent_engine_is_told_and_can_be_stopped(bench: Bench) -> None:
    bench.engine.enqueue("half", " more", hold_after=1)
    bench.write("hello")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "half")
    stop = bench.window.status_line.findChild(QToolButton, "stop")
    assert stop is not None
    assert not stop.isVisible()
    bench.app.bus.publish(EngineSilent(7))
    bench.until(lambda: line_says(bench, "The engine has not answered for 7 seconds"))
    QTest.mouseClick(stop, Qt.MouseButton.LeftButton)
    bench.until(lambda: not bench.is_answering())
    assert bench.answers()[-1].text() == "half"
    bench.app.bus.publish(EngineSilent(0))
    bench.until(lambda: not stop.isVisible())
    assert not line_says(bench, "The engine has not answered for 7 seconds")


def test_a_keyring_that_comes_later_takes_the_key_and_the_badge_goes(bench: Bench) -> None:
    assert line_says(bench, "not protected")
    assert bench.app.paths.carried, "a carried folder keeps its key"
    bench.app.protection = Protection(protected=True)
    bench.app.bus.publish(KeyProtected())
    bench.until(lambda: not line_says(bench, "not protected"))
    assert "protected" in bench.window.page.notice.text()
