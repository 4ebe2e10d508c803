"""The translator's page with real keys, over a scripted model."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction
from hanlin_bench.bench import Bench
from hanlin_ui.theme.looks import Looks
from hanlin_ui.translate.page import TranslatePage

EN_ZH = Direction("en", "zh")


def open_translator(bench: Bench) -> TranslatePage:
    QTest.keyClick(bench.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    page = bench.window.translate_page
    bench.until(page.source.hasFocus)
    return page


def translated(bench: Bench, page: TranslatePage, text: str, *answers: str) -> None:
    """Type ``text`` and wait for the scripted translation of each sentence."""
    for answer in answers:
        bench.engine.enqueue(answer)
    QTest.keyClicks(page.source, text)
    bench.until(lambda: len(page.done) == len(answers) and bench.button("Translate").isEnabled())
    bench.until(lambda: bench.button("Translate", page).isVisible())


@pytest.fixture
def page(bench: Bench) -> TranslatePage:
    return open_translator(bench)


def test_its_left_side_looks_like_that_of_the_conversations(bench: Bench) -> None:
    bench.workbench.show_translator()
    new = bench.button("New translation")
    before = new.icon().cacheKey()
    assert not new.icon().isNull()
    bench.app.settings.appearance = "dark"
    bench.until(lambda: new.icon().cacheKey() != before)


def test_what_is_typed_is_translated_after_a_pause(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there. Bye.", "你好呀。", "再见。")
    assert page.target.toPlainText() == "你好呀。再见。"
    assert page.direction == EN_ZH
    assert page.source_language.currentText() == "Detected: English"
    bench.until(lambda: len(bench.app.translation.memory.history()) == 1)


def test_a_sentence_is_chosen_corrected_and_learnt(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there. Bye.", "你好呀。", "再见。")
    page.target.sentence_chosen.emit(1)
    assert page.detail.isVisible()
    page.detail.saved.emit("拜拜。")
    assert page.target.toPlainText() == "你好呀。拜拜。"
    memory = bench.app.translation.memory
    bench.until(lambda: [entry.target for entry in memory.taught()] == ["拜拜。"])


def test_alternatives_and_the_way_back(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    page.choose(0)
    for answer in ("您好。", "嗨。", "哈喽。"):
        bench.engine.enqueue(answer)
    bench.press("Alternatives", page)

    def offered() -> list[str]:
        buttons = page.detail.findChildren(QPushButton)
        return [button.text() for button in buttons if button.property("role") == "link"]

    bench.until(lambda: {"您好。", "嗨。", "哈喽。"} <= set(offered()))
    bench.until(lambda: bench.button("Translate back", page).isEnabled())
    bench.engine.enqueue("Hi there.")
    bench.press("Translate back", page)
    bench.until(lambda: "Hi there." in page.detail.back_text())
    bench.press("嗨。", page)
    assert page.target.toPlainText() == "嗨。"


def test_a_missed_term_is_told(bench: Bench, page: TranslatePage) -> None:
    bench.app.translation.glossaries.create("mine", EN_ZH, [Term("cat", "喵星人")])
    for answer in ("猫来了。", "猫来了。", "老虎", "猫来了。"):
        bench.engine.enqueue(answer)
    QTest.keyClicks(page.source, "The cat comes.")
    bench.until(lambda: len(page.done) == 1)
    bench.until(lambda: "Worth a look: 1" in page.state_text())
    page.choose(0)
    assert "Not as the glossary says: cat → 喵星人" in page.detail.notes_text()


def test_a_term_that_was_put_in_is_told(bench: Bench, page: TranslatePage) -> None:
    bench.app.translation.glossaries.create("mine", EN_ZH, [Term("cat", "喵星人")])
    for answer in ("猫来了。", "猫来了。", "猫"):
        bench.engine.enqueue(answer)
    QTest.keyClicks(page.source, "The cat comes.")
    bench.until(lambda: page.target.toPlainText() == "喵星人来了。")
    bench.until(lambda: "Worth a look: 1" in page.state_text())
    page.choose(0)
    assert "Put in afterwards" in page.detail.notes_text()


def test_the_languages_are_swapped(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    bench.engine.enqueue("Hello.")
    bench.press("Swap the languages", page)
    bench.until(lambda: page.target.toPlainText() == "Hello.")
    assert page.text() == "你好呀。"


def test_languages_are_swapped_and_the_translation_copied_by_keys(
    bench: Bench, page: TranslatePage
) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    held = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    QTest.keyClick(page.source, Qt.Key.Key_C, held)
    assert QGuiApplication.clipboard().text() == "你好呀。"
    bench.engine.enqueue("Hello.")
    QTest.keyClick(page.source, Qt.Key.Key_S, held)
    bench.until(lambda: page.target.toPlainText() == "Hello.")
    assert page.text() == "你好呀。"


def test_what_was_cleared_or_swapped_comes_back_by_undoing(
    bench: Bench, page: TranslatePage
) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    bench.press("Clear", page)
    bench.until(lambda: page.target.toPlainText() == "")
    page.source.undo()
    assert page.text() == "Hello there."
    bench.until(lambda: page.target.toPlainText() == "你好呀。")  # from the memory
    bench.engine.enqueue("Hello.")
    bench.press("Swap the languages", page)
    bench.until(lambda: page.target.toPlainText() == "Hello.")
    page.source.undo()
    assert page.text() == "Hello there."


def test_the_last_translation_stays_until_the_next_one_is_there(
    bench: Bench, page: TranslatePage
) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    shown: list[str] = []
    page.target.textChanged.connect(lambda: shown.append(page.target.toPlainText()))
    bench.engine.enqueue("再见。", hold_after=0)
    page.set_text("Hello there. Bye.")
    bench.until(lambda: len(bench.engine.asked) == 2)
    bench.until(lambda: page.state_text().startswith("Translating… 7"))
    bench.engine.release()
    bench.until(lambda: page.target.toPlainText() == "你好呀。再见。")
    assert "" not in shown


def test_the_language_chosen_is_known_at_the_next_start(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path)
    try:
        page = open_translator(bench)
        page.target_language.take("zh-Hant")
    finally:
        bench.close()
    again = Bench(qtbot, tmp_path)
    try:
        page = open_translator(again)
        assert page.target_language.code() == "zh-Hant"
        again.engine.enqueue("你們好。")
        page.set_text("Hello there.")
        again.until(lambda: page.target.toPlainText() == "你們好。")
    finally:
        again.close()


def test_a_text_in_the_target_language_goes_the_other_way(
    bench: Bench, page: TranslatePage
) -> None:
    page.target_language.take("en")
    translated(bench, page, "Hello there.", "你好呀。")
    assert page.direction == EN_ZH
    assert page.target_language.code() == "zh"


def test_the_translation_is_copied(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    bench.press("Copy the translation", page)
    assert QGuiApplication.clipboard().text() == "你好呀。"


def test_a_conversation_comes_back_when_it_is_asked_for(bench: Bench) -> None:
    page = open_translator(bench)
    assert not bench.window.sidebar.isVisible()
    QTest.keyClick(bench.window, Qt.Key.Key_1, Qt.KeyboardModifier.ControlModifier)
    bench.until(bench.window.page.isVisible)
    assert bench.window.sidebar.isVisible()
    assert not page.isVisible()
    open_translator(bench)
    bench.window.sidebar.new_requested.emit()
    bench.until(bench.window.page.isVisible)


def test_nothing_is_left_of_a_text_that_was_cleared(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "Hello there.", "你好呀。")
    bench.press("Clear", page)
    bench.until(lambda: page.target.toPlainText() == "")
    assert not page.detail.isVisible()


def test_chinese_and_the_dark(qtbot: QtBot, tmp_path: Path) -> None:
    bench = Bench(qtbot, tmp_path / "zh", "zh_CN")
    try:
        page = open_translator(bench)
        bench.interface.wear(Looks("dark"))
        assert page.target_language.code() == "en"
    finally:
        bench.close()


def test_a_single_word_opens_its_entry(bench: Bench, page: TranslatePage) -> None:
    translated(bench, page, "bank", "银行")
    bench.until(page.detail.isVisible)
    assert "yín háng" in page.detail.words_text()
    assert "銀行" in page.detail.words_text()


def test_nothing_of_the_translator_is_cut_off_in_a_narrow_window(
    bench: Bench, page: TranslatePage
) -> None:
    bench.window.resize(640, 480)
    parts = (page.source_language, page.target_language, page.tone, bench.button("Files…"))
    bench.until(lambda: all(part.width() >= part.sizeHint().width() for part in parts))
    bench.window.resize(1400, 800)
    bench.until(lambda: page.tone.y() == page.source_language.y())


def test_the_size_of_letters_holds_for_the_texts_too(bench: Bench, page: TranslatePage) -> None:
    before = page.source.font().pointSizeF()
    bench.app.settings.text_percent = 150
    bench.until(lambda: abs(page.source.font().pointSizeF() / before - 1.5) < 0.02)
