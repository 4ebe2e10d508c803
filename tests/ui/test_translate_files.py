"""The glossaries and the queue of files in the window."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from hanlin.domain.translation import Direction, FileState
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


def test_a_file_waits_while_it_is_paused(bench: Bench, desk: TranslateDesk, tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("Hello.\nBye.\n", encoding="utf-8")
    bench.engine.enqueue("你好。", hold_after=1)
    bench.app.files.add([path], "en", "zh")
    store = bench.app.files.store
    bench.until(lambda: len(bench.engine.asked) == 1)
    (job,) = store.all()
    bench.app.files.pause(job.id)
    bench.until(lambda: store.all()[0].state is FileState.PAUSED)
    assert not (tmp_path / "a.zh.txt").exists()
    bench.engine.enqueue("你好。")
    bench.engine.enqueue("再见。")
    bench.app.files.resume(job.id)
    bench.until(lambda: store.all()[0].state is FileState.DONE)
    assert (tmp_path / "a.zh.txt").read_text(encoding="utf-8") == "你好。\n再见。\n"
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
