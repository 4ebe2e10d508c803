"""The small translator: what is selected in another program, translated beside the mouse."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QClipboard, QGuiApplication
from PySide6.QtTest import QTest

from hanlin.domain.start import TRANSLATE_SELECTION, StartRequest
from hanlin_bench.bench import Bench
from hanlin_ui.controllers import quick_translation
from hanlin_ui.controllers.quick_translation import QuickTranslationController


def quick(bench: Bench, text: str = "") -> QuickTranslationController:
    bench.workbench.take(StartRequest(TRANSLATE_SELECTION, text))
    made = bench.workbench.quick_translation
    assert made is not None
    return made


def test_a_given_text_is_translated_at_once(bench: Bench) -> None:
    bench.engine.enqueue("你好呀。")
    bench.engine.enqueue("再见。")
    shown = quick(bench, "Hello there. Bye.")
    bench.until(lambda: shown.window.target.toPlainText() == "你好呀。再见。")
    bench.until(lambda: not shown.window.state_text())
    bench.press("Copy", shown.window)
    assert QGuiApplication.clipboard().text() == "你好呀。再见。"


def test_what_is_selected_is_translated(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick_translation, "selection", lambda: "Hello there.")
    bench.engine.enqueue("你好呀。")
    bench.window.menus.quick_translation_requested.emit()
    shown = bench.workbench.quick_translation
    assert shown is not None
    bench.until(lambda: shown.window.target.toPlainText() == "你好呀。")
    QTest.keyClick(shown.window.source, Qt.Key.Key_Escape)
    assert not shown.window.isVisible()


def test_the_selection_is_preferred_to_what_was_copied() -> None:
    clipboard = QGuiApplication.clipboard()
    clipboard.setText("copied")
    if clipboard.supportsSelection():
        clipboard.setText("selected", QClipboard.Mode.Selection)
        assert quick_translation.selection() == "selected"
    else:
        assert quick_translation.selection() == "copied"


def test_what_is_typed_is_translated_after_a_pause_and_goes_on_in_the_large_window(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick_translation, "selection", lambda: "")
    shown = quick(bench)
    assert not shown.window.source.toPlainText()
    bench.engine.enqueue("你好呀。")
    QTest.keyClicks(shown.window.source, "Hello there.")
    bench.until(lambda: shown.window.target.toPlainText() == "你好呀。")
    bench.press("Open in the translator", shown.window)
    assert not shown.window.isVisible()
    page = bench.window.translate_page
    assert page.text() == "Hello there."
    bench.until(lambda: page.target.toPlainText() == "你好呀。")
