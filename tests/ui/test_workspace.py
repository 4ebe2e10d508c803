"""The folder of code: opened, chosen from, asked about; changes reviewed, applied, undone."""

from pathlib import Path

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from hanlin_bench.bench import Bench
from hanlin_ui.code.bar import ChangesBar
from hanlin_ui.code.panel import CodePanel
from hanlin_ui.code.review import ReviewDialog
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.widgets.diff_view import DiffView

CODE = "def add(a, b):\n    return a - b\n\n\nclass Till:\n    def pay(self):\n        return 1\n"
FIXED = CODE.replace("a - b", "a + b")
ANSWER = f"Here it is:\n\n```python\n{FIXED}```\n\nThe sign was wrong."


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "项目"
    (folder / "src").mkdir(parents=True)
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "much.js").write_text("x")
    (folder / ".gitignore").write_text("*.log\n")
    (folder / "a.log").write_text("x")
    (folder / "src" / "计算.py").write_text(CODE, encoding="utf-8")
    (folder / "src" / "other.py").write_text("x = 1\n", encoding="utf-8")
    (folder / "picture.bin").write_bytes(b"\0\1\2" * 100)
    return folder


def opened(bench: Bench, folder: Path) -> CodePanel:
    bench.workbench.show_workspace()
    assert bench.workbench.workspace is not None
    bench.workbench.workspace.open_folder(folder)
    panel = bench.window.code_panel
    bench.until(lambda: panel.items.rowCount() > 0 and "≈" in panel.about_text())
    return panel


def row(panel: CodePanel, *names: str) -> QModelIndex:
    """Return a row by its names, unfolding what is above it."""
    items, index = panel.items, QModelIndex()
    for name in names:
        if items.canFetchMore(index):
            items.fetchMore(index)
        below = [items.index(number, 0, index) for number in range(items.rowCount(index))]
        (index,) = [one for one in below if str(one.data()).strip() == name]
    return index


def bar(bench: Bench) -> ChangesBar:
    found = bench.window.findChild(ChangesBar)
    assert isinstance(found, ChangesBar)
    return found


def ask_to_fix(bench: Bench, panel: CodePanel, answer: str) -> None:
    bench.engine.enqueue(answer)
    panel.asked.emit("fix")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].is_final)


def review(bench: Bench) -> ReviewDialog:
    bench.until(lambda: bar(bench).isVisible())
    bench.press("&Review changes…")
    found: list[ReviewDialog] = []

    def look() -> bool:
        found[:] = [one for one in bench.window.findChildren(ReviewDialog) if one.isVisible()]
        return bool(found)

    bench.until(look)
    return found[0]


def test_a_folder_is_listed_by_its_rules_and_nothing_is_chosen_by_itself(
    bench: Bench, project: Path
) -> None:
    panel = opened(bench, project)
    names = [panel.items.index(n, 0).data() for n in range(panel.items.rowCount())]
    assert names == ["src", ".gitignore", "picture.bin"]
    assert panel.about_text().startswith("4 files, 2 left out")
    assert panel.items.chosen() == []
    assert panel.items.index(2, 1).data() == "no text"
    panel.filter.setText("计算")
    bench.until(lambda: panel.items.index(0, 0).data() == "src/计算.py")


def test_a_file_is_asked_about_its_change_reviewed_applied_and_undone(
    bench: Bench, project: Path
) -> None:
    panel = opened(bench, project)
    place = project / "src" / "计算.py"
    panel.items.toggle(row(panel, "src", "计算.py"))
    assert panel.chosen_text().startswith("1 file, ≈")
    ask_to_fix(bench, panel, ANSWER)
    assert CODE.strip() in bench.questions()[-1].text()
    dialog = review(bench)
    assert "-" not in dialog.files.item(0).text().split("\n")[0]
    view = dialog.findChild(DiffView)
    assert isinstance(view, DiffView)
    assert "    2       −     return a - b" in view.toPlainText()
    assert place.read_text("utf-8") == CODE
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    bench.until(lambda: place.read_text("utf-8") == FIXED)
    bench.press("&Undo the changes")
    bench.until(lambda: place.read_text("utf-8") == CODE)
    bench.until(lambda: bar(bench).text() == "The changes were taken back.")


def test_a_file_that_was_changed_meanwhile_is_refused(bench: Bench, project: Path) -> None:
    panel = opened(bench, project)
    place = project / "src" / "计算.py"
    panel.items.toggle(row(panel, "src", "计算.py"))
    ask_to_fix(bench, panel, ANSWER)
    dialog = review(bench)
    place.write_text("mine\n", encoding="utf-8")
    QTest.keyClick(dialog, Qt.Key.Key_Return)
    bench.until(lambda: bool(bench.window.findChildren(MessageDialog)))
    assert bench.message().windowTitle() == "Nothing was written"
    assert place.read_text("utf-8") == "mine\n"


def test_a_part_of_a_file_is_chosen_by_its_symbol(bench: Bench, project: Path) -> None:
    panel = opened(bench, project)
    index = row(panel, "src", "计算.py")
    panel.items.fetchMore(index)
    bench.until(lambda: panel.items.rowCount(index) == 3)
    below = [panel.items.index(n, 0, index) for n in range(3)]
    assert [one.data() for one in below] == ["add", "Till", "    pay"]
    panel.items.toggle(below[0])
    assert index.data(Qt.ItemDataRole.CheckStateRole) is Qt.CheckState.PartiallyChecked
    ask_to_fix(bench, panel, "```python\ndef add(a, b):\n    return a + b\n```")
    text = bench.questions()[-1].text()
    assert "def add" in text
    assert "class Till" not in text
    bench.until(lambda: bar(bench).isVisible())


def test_what_is_typed_takes_the_chosen_files_along_once(bench: Bench, project: Path) -> None:
    panel = opened(bench, project)
    panel.items.toggle(row(panel, "src", "other.py"))
    bench.ask("what is x?", "It is 1.")
    assert "x = 1" in bench.questions()[-1].text()
    bench.ask("and y?", "There is none.")
    assert "x = 1" not in bench.questions()[-1].text()
    assert "src/other.py" in bench.questions()[-1].text()
    assert not bar(bench).isVisible()


def block(name: str, old: str, new: str) -> str:
    return f"`{name}`\n\n```\n<<<<<<< SEARCH\n{old}\n=======\n{new}\n>>>>>>> REPLACE\n```\n"


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (block("src/计算.py", "nothing of it", "x"), "src/计算.py"),
        (block("out.py", "SECRET = 1", "SECRET = 2"), "out.py"),
        (block("../outside.py", "SECRET = 1", "SECRET = 2"), "outside.py"),
        (block("picture.bin", "x", "y"), "picture.bin"),
        (block("旧.py", "名字 = 1", "名字 = 2"), "旧.py"),
    ],
    ids=["does not apply", "link out", "way out", "binary", "not UTF-8"],
)
def test_what_cannot_be_changed_is_one_sentence_and_nothing_is_written(
    bench: Bench, project: Path, answer: str, said: str
) -> None:
    outside = project.parent / "outside.py"
    outside.write_text("SECRET = 1\n", encoding="utf-8")
    (project / "out.py").symlink_to(outside)
    (project / "旧.py").write_bytes("名字 = 1\n".encode("gb18030"))
    files = [one for one in project.parent.rglob("*") if one.is_file() and "bench" not in one.parts]
    before = {one: one.read_bytes() for one in files}
    panel = opened(bench, project)
    panel.items.toggle(row(panel, "src", "计算.py"))
    ask_to_fix(bench, panel, answer)
    notice = bench.window.page.notice
    bench.until(lambda: notice.isVisible() and notice.text().startswith("Nothing was changed."))
    assert said in notice.text()
    assert "\n" not in notice.text()
    assert not bar(bench).isVisible()
    assert {one: one.read_bytes() for one in before} == before


def test_links_are_not_listed_and_what_is_no_text_is_not_asked_about(
    bench: Bench, project: Path
) -> None:
    (project / "out.py").symlink_to("/etc/passwd")
    panel = opened(bench, project)
    names = [panel.items.index(n, 0).data() for n in range(panel.items.rowCount())]
    assert "out.py" not in names
    panel.items.toggle(row(panel, "picture.bin"))
    panel.asked.emit("explain")
    bench.until(lambda: bool(bench.window.findChildren(MessageDialog)))
    said = " ".join(label.text() for label in bench.message().findChildren(QLabel))
    assert "picture.bin is no file with text" in said
    assert not bench.engine.asked
