"""The glossaries and the queue of files in the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QTableWidgetItem

from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction, Entry, FileJob, FileState
from hanlin.services.translation import memory_files
from hanlin.services.translation.translator import Translator
from hanlin_bench.bench import Bench
from hanlin_ui.controllers.translate_desk import TranslateDesk


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
    # The same sentence again: from the memory, so the second answer was not needed.
    assert (tmp_path / "1.zh.md").read_text(encoding="utf-8") == "# 你好。\n"
    bench.until(lambda: bench.button("Open", desk.files).isVisible())


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
    names = ["gone.txt", "protected.docx", "damaged.xlsx", "good.txt"]
    bench.engine.enqueue("你好。")
    bench.app.files.add([tmp_path / name for name in names], "en", "zh")
    store = bench.app.files.store
    bench.until(lambda: [job.state for job in store.all()][-1] is FileState.DONE)
    jobs = {Path(job.path).name: job for job in store.all()}
    assert [jobs[name].state for name in names[:3]] == [FileState.FAILED] * 3
    for name, word in zip(names, ("does not exist", "password", "damaged"), strict=False):
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
    desk.terms.deleted.emit(one.id)
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


def test_the_dialogs_follow_the_language(bench: Bench, desk: TranslateDesk) -> None:
    bench.press("Glossaries…")
    bench.press("Files…")
    assert desk.terms is not None
    assert desk.files is not None
    bench.interface.set_language("zh_CN")
    bench.until(lambda: desk.files is not None and desk.files.windowTitle() == "翻译文件")
    bench.interface.set_language("en")
    bench.until(lambda: desk.files is not None and desk.files.windowTitle() == "Translate files")
