"""The glossaries and the queue of files in the window."""

import importlib.util
import os
import stat
import zipfile
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, Qt, QUrl
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QLineEdit, QTableWidgetItem

from hanlin.documents.reading import SUFFIXES
from hanlin.documents.recogniser import Recogniser
from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction, Entry, FileJob, FileState
from hanlin.services.translation import memory_files
from hanlin.services.translation.translator import Translator
from hanlin_bench.bench import Bench
from hanlin_ui.controllers.translate_desk import TranslateDesk
from hanlin_ui.translate.files import ENDINGS


@pytest.fixture
def desk(bench: Bench) -> TranslateDesk:
    QTest.keyClick(bench.window, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    bench.until(bench.window.translate_page.source.hasFocus)
    found = bench.workbench.findChild(TranslateDesk)
    assert found is not None
    return found


def test_files_are_translated_one_after_the_other(
    bench: Bench, desk: TranslateDesk, tmp_path: Path
) -> None:
    for number, answer in enumerate(("你好。", "再见。")):
        (tmp_path / f"{number}.md").write_text("# Hello.\n", encoding="utf-8")
        (tmp_path / f"{number}.md").chmod(0o640)
        bench.engine.enqueue(answer)
    (tmp_path / "2.docx").write_bytes(b"PK no")
    bench.window.translate_page.target_language.choose("zh")
    bench.press("Files…")
    assert desk.files is not None
    paths = [tmp_path / "0.md", tmp_path / "2.docx", tmp_path / "1.md"]
    desk.files.added.emit(paths, desk.files.keeps_both())
    store = bench.app.files.store

    def rests() -> bool:
        states = [job.state for job in store.all()]
        return len(states) == 3 and not {FileState.WAITING, FileState.RUNNING} & set(states)

    bench.until(rests)
    states = {Path(job.path).name: job.state for job in store.all()}
    assert states == {
        "0.md": FileState.DONE, "2.docx": FileState.FAILED, "1.md": FileState.DONE,
    }  # fmt: skip
    assert (tmp_path / "0.zh.md").read_text(encoding="utf-8") == "# 你好。\n"
    assert stat.S_IMODE((tmp_path / "0.zh.md").stat().st_mode) == 0o640
    # The same sentence again: from the memory, so the second answer was not needed.
    assert (tmp_path / "1.zh.md").read_text(encoding="utf-8") == "# 你好。\n"
    bench.until(lambda: bench.button("Open", desk.files).isVisible())


def test_files_that_are_dropped_or_pasted_into_the_page_are_translated(
    bench: Bench, desk: TranslateDesk, tmp_path: Path
) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello.\n", encoding="utf-8")
    bench.engine.enqueue("你好。")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    source = bench.window.translate_page.source
    assert source.canInsertFromMimeData(data)
    source.insertFromMimeData(data)
    assert not source.toPlainText()
    bench.until((tmp_path / "a.zh.txt").exists)
    assert desk.files is not None
    assert desk.files.isVisible()
    model = QMimeData()
    model.setUrls([QUrl.fromLocalFile(str(tmp_path / "model.gguf"))])
    assert not source.canInsertFromMimeData(model)


def test_the_text_of_a_picture_that_is_pasted_or_dropped_is_translated(
    bench: Bench, desk: TranslateDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[tuple[str, bytes]] = []

    def text(_self: Recogniser, name: str, content: bytes) -> str:
        given.append((name, content[:4]))
        return f"Hello {len(given)}."

    monkeypatch.setattr(Recogniser, "__init__", lambda _self, _data: None)
    monkeypatch.setattr(Recogniser, "text", text)
    monkeypatch.setattr(Recogniser, "close", lambda _self: None)
    page = bench.window.translate_page
    image = QImage(40, 30, QImage.Format.Format_RGB32)
    image.fill(0)
    data = QMimeData()
    data.setImageData(image)
    bench.engine.enqueue("你好1。")
    page.source.insertFromMimeData(data)
    bench.until(lambda: page.target.toPlainText() == "你好1。")
    image.save(str(tmp_path / "a.png"))
    bench.engine.enqueue("你好2。")
    page.files_given.emit([tmp_path / "a.png"])
    bench.until(lambda: page.target.toPlainText() == "你好2。")
    assert given == [("The picture", b"\x89PNG"), ("a.png", b"\x89PNG")]
    del desk


def test_a_picture_without_the_reading_pack_says_what_to_do(
    bench: Bench, desk: TranslateDesk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    bench.window.translate_page.files_given.emit([tmp_path / "a.png"])
    assert bench.button("Choose the pack's file…", bench.message()).isVisible()
    del desk


def test_styles_that_were_dropped_are_told(
    bench: Bench, desk: TranslateDesk, tmp_path: Path
) -> None:
    path = tmp_path / "a.docx"
    part = (
        "<w:document xmlns:w='w'><w:body><w:p><w:r><w:t>The cat sees the </w:t></w:r>"
        "<w:r><w:rPr><w:b/></w:rPr><w:t>dog</w:t></w:r></w:p></w:body></w:document>"
    )
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("[Content_Types].xml", "<Types/>")
        made.writestr("word/document.xml", part)
    for answer in ("猫看见了它。", "猫看见了它。", "狗"):  # with marks, without, the word
        bench.engine.enqueue(answer)
    bench.press("Files…")
    assert desk.files is not None
    desk.files.added.emit([path], desk.files.keeps_both())
    store = bench.app.files.store
    bench.until(lambda: bool(store.all()) and store.all()[0].state is FileState.DONE)
    assert store.all()[0].joined == 1
    told = "1 styled passage was joined with the text around it."
    dialog = desk.files
    bench.until(lambda: any(label.text() == told for label in dialog.findChildren(QLabel)))


def paused_in_the_middle(bench: Bench, path: Path) -> FileJob:
    """Have ``path`` translated into Chinese, and pause it at its first sentence."""
    bench.engine.enqueue("你好。", hold_after=1)
    bench.app.files.add([path], "en", "zh")
    bench.until(lambda: len(bench.engine.asked) == 1)
    (job,) = bench.app.files.store.all()
    bench.app.files.pause(job.id)
    bench.until(lambda: bench.app.files.store.all()[0].state is FileState.PAUSED)
    return job


def test_a_file_waits_while_it_is_paused(bench: Bench, desk: TranslateDesk, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello.\nBye.\n", encoding="utf-8")
    store = bench.app.files.store
    job = paused_in_the_middle(bench, path)
    assert not (tmp_path / "a.zh.txt").exists()
    bench.engine.enqueue("你好。")
    bench.engine.enqueue("再见。")
    bench.app.files.resume(job.id)
    bench.until(lambda: store.all()[0].state is FileState.DONE)
    assert (tmp_path / "a.zh.txt").read_text(encoding="utf-8") == "你好。\n再见。\n"
    del desk


@pytest.mark.parametrize(("longest", "expected"), [(None, "Kept."), (40, "你好。")])
def test_what_was_done_counts_while_sentences_end_where_they_did(
    bench: Bench,
    desk: TranslateDesk,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    longest: int | None,
    expected: str,
) -> None:
    """A model with a smaller context breaks sentences elsewhere, and the kept ones are no use."""
    path = tmp_path / "a.txt"
    path.write_text("Hello.\n", encoding="utf-8")
    store = bench.app.files.store
    job = paused_in_the_middle(bench, path)
    store.keep(job.id, 0, 0, "Kept.", ())
    if longest is not None:
        monkeypatch.setattr(Translator, "longest", longest)
    bench.engine.enqueue("你好。")
    bench.app.files.resume(job.id)
    bench.until(lambda: store.all()[0].state is FileState.DONE)
    assert (tmp_path / "a.zh.txt").read_text(encoding="utf-8") == f"{expected}\n"
    del desk


def test_files_that_cannot_be_read_say_why_and_the_rest_goes_on(
    bench: Bench, desk: TranslateDesk, tmp_path: Path
) -> None:
    (tmp_path / "protected.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (tmp_path / "damaged.xlsx").write_bytes(b"PK\x03\x04 and then nothing")
    (tmp_path / "good.txt").write_text("Hello.\n", encoding="utf-8")
    os.mkfifo(tmp_path / "pipe.txt")
    with (tmp_path / "huge.txt").open("wb") as file:
        file.truncate(3 * 2**30)  # sparse: takes no room
    names = ["gone.txt", "protected.docx", "damaged.xlsx", "pipe.txt", "huge.txt", "good.txt"]
    bench.engine.enqueue("你好。")
    bench.app.files.add([tmp_path / name for name in names], "en", "zh")
    store = bench.app.files.store
    bench.until(lambda: [job.state for job in store.all()][-1] is FileState.DONE)
    jobs = {Path(job.path).name: job for job in store.all()}
    assert [jobs[name].state for name in names[:-1]] == [FileState.FAILED] * (len(names) - 1)
    words = ("does not exist", "password", "damaged", "no ordinary file", "too large")
    for name, word in zip(names, words, strict=False):
        assert word in jobs[name].note, jobs[name].note
    assert sorted(path.name for path in tmp_path.glob("*.zh*")) == ["good.zh.txt"]
    del desk


def test_a_glossary_is_made_used_and_deleted(bench: Bench, desk: TranslateDesk) -> None:
    bench.window.translate_page.target_language.choose("zh")
    bench.press("Glossaries…")
    assert desk.terms is not None
    desk.terms.pasted.emit("cat, 喵星人\n, x\ndog, 汪星人\n")
    glossaries = bench.app.translation.glossaries
    bench.until(lambda: bool(glossaries.all()))
    (one,) = glossaries.all()
    assert [term.target for term in one.terms] == ["喵星人", "汪星人"]
    assert len(glossaries.in_use(Direction("en", "zh"))) == 2
    in_use = False
    desk.terms.used.emit(one.id, in_use)
    bench.until(lambda: not glossaries.in_use(Direction("en", "zh")))
    first = desk.terms._list.topLevelItem(0)
    assert first is not None
    desk.terms._list.setCurrentItem(first)
    bench.press("Delete", desk.terms)
    bench.press("Delete for good", bench.message(desk.terms))
    bench.until(lambda: not glossaries.all())


def test_a_glossary_is_edited_with_keys(bench: Bench, desk: TranslateDesk) -> None:
    glossaries = bench.app.translation.glossaries
    glossaries.create("mine", Direction("en", "zh"), [Term("cat", "喵"), Term("dog", "汪")])
    bench.press("Glossaries…")
    dialog = desk.terms
    assert dialog is not None
    (one,) = glossaries.all()
    dialog.edited.emit(one.id)
    bench.until(lambda: desk.editor is not None and desk.editor.isVisible())
    editor = desk.editor
    assert editor is not None
    editor.table.setCurrentCell(1, 0)
    bench.press("Remove", editor)
    bench.press("Add a term", editor)
    cell = editor.table.findChild(QLineEdit)
    assert cell is not None
    QTest.keyClicks(cell, "cat")
    QTest.keyClick(cell, Qt.Key.Key_Tab)
    second = editor.table.currentColumn()
    assert second == 1
    editor.table.setItem(1, 1, QTableWidgetItem("猫"))
    assert "contradicts" in editor.note_text()
    editor.table.setItem(1, 0, QTableWidgetItem("kitten"))
    assert not editor.note_text()
    bench.press("Save", editor)
    bench.until(lambda: [term.source for term in glossaries.all()[0].terms] == ["cat", "kitten"])


def test_rows_of_a_spreadsheet_are_pasted_into_a_glossary(
    bench: Bench, desk: TranslateDesk
) -> None:
    glossaries = bench.app.translation.glossaries
    glossaries.create("mine", Direction("en", "zh"), [Term("cat", "喵")])
    desk.edit_glossary(glossaries.all()[0].id)
    bench.until(lambda: desk.editor is not None and desk.editor.isVisible())
    editor = desk.editor
    assert editor is not None
    editor.table.setCurrentCell(0, 1)
    editor.table.setFocus()
    for text, row, column in (
        ("猫\tan animal\r\n", 0, 1),
        ('dog\t"狗\n"\nbird\t鸟\tflies\n', 1, 0),
    ):
        QGuiApplication.clipboard().setText(text)
        if row == editor.table.rowCount():
            bench.press("Add a term", editor)
            writing = editor.table.findChild(QLineEdit)
            assert writing is not None
            QTest.keyClick(writing, Qt.Key.Key_Escape)
        editor.table.setCurrentCell(row, column)
        QTest.keyClick(editor.table, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    bench.press("Save", editor)
    expected = (Term("cat", "猫", "an animal"), Term("dog", "狗"), Term("bird", "鸟", "flies"))
    bench.until(lambda: glossaries.all()[0].terms == expected)


def test_a_glossary_pasted_the_wrong_way_round_is_understood(
    bench: Bench, desk: TranslateDesk
) -> None:
    bench.window.translate_page.target_language.take("en")
    bench.press("Glossaries…")
    assert desk.terms is not None
    desk.terms.pasted.emit("cat\t喵星人\ndog\t汪星人\n")
    bench.until(lambda: bool(bench.app.translation.glossaries.all()))
    (one,) = bench.app.translation.glossaries.all()
    assert (one.source, one.target) == ("en", "zh")


def test_a_memory_comes_and_goes_as_tmx(bench: Bench, desk: TranslateDesk, tmp_path: Path) -> None:
    bench.press("Glossaries…")
    dialog = desk.terms
    assert dialog is not None
    entry = Entry(Direction("en", "zh"), "Hello.", "你好呀。")
    file = tmp_path / "a.tmx"
    file.write_bytes(memory_files.write([entry]))
    dialog.memory_imported.emit(file)
    memory = bench.app.translation.memory
    bench.until(lambda: memory.taught() == [entry])
    bench.until(bench.button("Export TMX…", dialog).isEnabled)
    dialog.memory_exported.emit(tmp_path / "b.tmx")
    bench.until((tmp_path / "b.tmx").exists)
    assert (tmp_path / "b.tmx").read_bytes() == file.read_bytes()


def test_every_file_that_can_be_translated_can_be_chosen() -> None:
    assert sorted(ENDINGS.split()) == sorted(f"*{suffix}" for suffix in SUFFIXES)


def test_the_dialogs_follow_the_language(bench: Bench, desk: TranslateDesk) -> None:
    bench.press("Glossaries…")
    bench.press("Files…")
    assert desk.terms is not None
    assert desk.files is not None
    bench.interface.set_language("zh_CN")
    bench.until(lambda: desk.files is not None and desk.files.windowTitle() == "翻译文件")
    bench.interface.set_language("en")
    bench.until(lambda: desk.files is not None and desk.files.windowTitle() == "Translate files")
