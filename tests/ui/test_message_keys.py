"""The message with the keyboard, or the last one, changed by keys."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from hanlin_bench.bench import Bench
from hanlin_ui.palette.dialog import CommandPalette
from hanlin_ui.widgets.text_view import TextView

CONTROL, SHIFT, ALT = (
    Qt.KeyboardModifier.ControlModifier,
    Qt.KeyboardModifier.ShiftModifier,
    Qt.KeyboardModifier.AltModifier,
)


def said(bench: Bench) -> list[str]:
    return [view.text() for view in bench.window.page.transcript.messages.views()]


def test_an_answer_is_asked_for_again_and_both_are_turned_between(bench: Bench) -> None:
    bench.ask("q", "first")
    bench.engine.enqueue("second")
    QTest.keyClick(bench.window, Qt.Key.Key_R, CONTROL | SHIFT)
    bench.until(lambda: said(bench) == ["q", "second"] and not bench.is_answering())
    QTest.keyClick(bench.window, Qt.Key.Key_BracketLeft, CONTROL)
    bench.until(lambda: said(bench) == ["q", "first"])
    QTest.keyClick(bench.window, Qt.Key.Key_BracketLeft, CONTROL)  # there is none before it
    QTest.keyClick(bench.window, Qt.Key.Key_BracketRight, CONTROL)
    bench.until(lambda: said(bench) == ["q", "second"])


def test_what_has_the_keyboard_is_meant_rather_than_the_last(bench: Bench) -> None:
    bench.ask("q", "first")
    bench.ask("r", "second")
    text = bench.questions()[1].findChildren(TextView)[0]
    text.setFocus()
    bench.until(lambda: QApplication.focusWidget() is text)
    QTest.keyClick(bench.window, Qt.Key.Key_Delete, CONTROL | SHIFT)
    bench.until(lambda: said(bench) == ["q", "first"])
    QTest.keyClick(bench.window, Qt.Key.Key_Z, CONTROL | ALT)
    bench.until(lambda: said(bench) == ["q", "first", "r", "second"])


def test_keys_do_nothing_where_there_is_no_message(bench: Bench) -> None:
    for key in (Qt.Key.Key_R, Qt.Key.Key_E, Qt.Key.Key_I, Qt.Key.Key_Delete):
        QTest.keyClick(bench.window, key, CONTROL | SHIFT)
    QTest.keyClick(bench.window, Qt.Key.Key_Z, CONTROL | ALT)
    assert bench.window.page.is_at_start()
    assert not bench.app.store.conversations()


def test_the_palette_knows_the_assistants(bench: Bench) -> None:
    QTest.keyClick(bench.window, Qt.Key.Key_P, CONTROL | SHIFT)
    dialog = bench.dialog()
    assert isinstance(dialog, CommandPalette)
    wanted = bench.app.assistants.shipped()[0].name
    QTest.keyClicks(dialog.box, wanted)
    assert dialog.names()[0] == wanted
    QTest.keyClick(dialog.box, Qt.Key.Key_Return)
    bench.until(lambda: bench.workbench.assistants.pending is not None)
