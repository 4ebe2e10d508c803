"""Completion in the window: at the cursor of a block, in the message, stopped, refused."""

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu, QPlainTextEdit

from hanlin.services.events import SessionState
from hanlin_bench.bench import Bench
from hanlin_fakes.gguf_models import write_scripted
from hanlin_ui.chat.code import CodeView
from hanlin_ui.chat.completion import CompletionView

CODE = "def add(a, b):\n    # 😀\n    old\n\nprint(add(1, 2))"


def block(bench: Bench) -> tuple[CodeView, QPlainTextEdit]:
    bench.ask("code please", f"Here:\n\n```python\n{CODE}\n```\n")
    bench.come_to_rest()
    [view] = bench.window.findChildren(CodeView)
    text = view.findChild(QPlainTextEdit)
    assert text is not None
    return view, text


def choose(text: QPlainTextEdit, words: str) -> None:
    """Select ``words``."""
    text.moveCursor(QTextCursor.MoveOperation.Start)
    assert text.find(words, text.document().FindFlag.FindCaseSensitively)


def completion(bench: Bench) -> CompletionView:
    found: list[CompletionView] = []

    def look() -> bool:
        views = bench.window.findChildren(CompletionView)
        found[:] = [view for view in views if view.isVisible()]
        return bool(found)

    bench.until(look)
    return found[0]


def said(bench: Bench) -> str:
    """Return the sentence above the composer."""
    notice = bench.window.page.notice
    return notice.text() if notice.isVisible() else ""


def complete_here(bench: Bench) -> None:
    bench.window.menus.named_actions()["complete_requested"].trigger()


def test_the_selection_in_a_block_is_completed_shown_and_put_into_the_message(
    bench: Bench,
) -> None:
    view, text = block(bench)
    choose(text, "old")
    bench.engine.enqueue("return a + b")
    menu = view.findChild(QMenu)
    assert menu is not None
    next(one for one in menu.actions() if one.text() == "Complete at the cursor").trigger()
    shown = completion(bench)
    bench.until(lambda: "Completed by" in shown.shown())
    prefix, suffix = CODE.split("old")
    asked = bench.engine.asked[-1]
    assert [turn.text for turn in asked.turns] == [prefix, suffix]
    assert asked.beside
    assert "    3       −     old" in shown.shown()
    assert "          3 +     return a + b" in shown.shown()
    bench.come_to_rest()
    assert shown.height() > 3 * shown.fontMetrics().lineSpacing()
    bench.press("Put into the message")
    whole = CODE.replace("old", "return a + b")
    assert bench.window.page.composer.text() == f"```python\n{whole}\n```\n"
    bench.press("Discard")
    bench.until(lambda: not shown.isVisible())


def test_the_keyboard_completes_where_it_is_and_a_block_without_a_cursor_at_its_end(
    bench: Bench,
) -> None:
    view, text = block(bench)
    bench.engine.enqueue("\n# end")
    view.complete()
    shown = completion(bench)
    bench.until(lambda: "Completed by" in shown.shown())
    assert [turn.text for turn in bench.engine.asked[-1].turns] == [CODE, ""]
    text.setFocus()
    bench.until(text.hasFocus)
    choose(text, "old")
    cursor = text.textCursor()
    cursor.setPosition(cursor.selectionStart())
    text.setTextCursor(cursor)
    bench.engine.enqueue("new ")
    complete_here(bench)
    bench.until(lambda: "+     new old" in shown.shown())


def test_the_message_is_completed_at_the_cursor_and_one_step_undoes_it(bench: Bench) -> None:
    composer = bench.window.page.composer
    composer.set_text("```python\ndef f():\n    \n```")
    composer.entry.setFocus()
    bench.until(composer.entry.hasFocus)
    composer.entry.moveCursor(QTextCursor.MoveOperation.Up)
    composer.entry.moveCursor(QTextCursor.MoveOperation.EndOfLine)
    bench.engine.enqueue("return ", "1")
    complete_here(bench)
    bench.until(lambda: composer.text() == "```python\ndef f():\n    return 1\n```")
    assert [turn.text for turn in bench.engine.asked[-1].turns] == ["def f():\n    ", "\n"]
    assert composer.entry.textCursor().selectedText() == "return 1"
    composer.entry.undo()
    assert composer.text() == "```python\ndef f():\n    \n```"


def test_a_completion_is_stopped_and_one_for_a_changed_message_is_dropped(bench: Bench) -> None:
    composer = bench.window.page.composer
    composer.set_text("def f")
    composer.entry.setFocus()
    bench.until(composer.entry.hasFocus)
    bench.engine.enqueue("():", " ...", hold_after=1)
    complete_here(bench)
    complete_here(bench)
    bench.until(lambda: "being completed already" in said(bench))
    bench.until(lambda: bool(bench.engine.asked))
    QTest.keyClick(composer.entry, Qt.Key.Key_Escape)
    bench.until(lambda: not composer.is_completing())
    assert composer.text() == "def f"
    bench.engine.enqueue("():", hold_after=1)
    complete_here(bench)
    composer.set_text("something else")
    bench.engine.release()
    bench.until(lambda: "changed meanwhile" in said(bench))
    assert composer.text() == "something else"


def test_a_model_that_cannot_complete_says_so(bench: Bench, tmp_path: Path) -> None:
    view, _text = block(bench)
    model = bench.app.session.registry.add(write_scripted(tmp_path / "talks.gguf", ["unused"]))
    bench.workbench.session.select(model.id)
    bench.until(lambda: bench.app.session.status().model == model)
    bench.until(lambda: bench.app.session.status().state is SessionState.READY)
    view.complete()
    shown = completion(bench)
    bench.until(lambda: "no marks" in shown.shown())
    composer = bench.window.page.composer
    composer.set_text("x = ")
    composer.entry.setFocus()
    bench.until(composer.entry.hasFocus)
    complete_here(bench)
    bench.until(lambda: "no marks" in said(bench))
    assert composer.text() == "x = "
