"""Blocks of code in an answer: asked about, run when that is switched on, mended."""

import pytest
from PySide6.QtWidgets import QMenu

from hanlin.kernel.errors import KnownError
from hanlin.snippets import client as snippets
from hanlin_bench.bench import Bench
from hanlin_ui.chat.code_actions import RunView

CODE = "print('one')\nprint(1 / 0)"


def ask_for_code(bench: Bench, code: str) -> None:
    bench.ask("code please", f"Here:\n\n```python\n{code}\n```\n")
    bench.come_to_rest()


def run_view(bench: Bench) -> RunView:
    found: list[RunView] = []

    def look() -> bool:
        found[:] = [view for view in bench.window.findChildren(RunView) if view.isVisible()]
        return bool(found)

    bench.until(look)
    return found[0]


def test_a_block_is_explained_in_the_conversation(bench: Bench) -> None:
    ask_for_code(bench, CODE)
    bench.engine.enqueue("It divides.")
    button = bench.button("Ask about this code")
    menu = button.findChild(QMenu) or bench.answers()[0].findChild(QMenu)
    assert menu is not None
    next(action for action in menu.actions() if action.text() == "Explain").trigger()
    bench.until(lambda: len(bench.answers()) == 2 and not bench.is_answering())
    assert CODE in bench.questions()[-1].text()
    assert bench.questions()[-1].text().startswith("Explain this code")


def test_code_runs_after_it_was_switched_on_and_an_error_goes_back(bench: Bench) -> None:
    try:
        snippets.run("")
    except KnownError as error:
        pytest.skip(str(error))
    ask_for_code(bench, CODE)
    bench.press("Run this code")
    assert not bench.app.settings.run_code
    bench.press("Switch on and run", bench.message())
    view = run_view(bench)
    bench.until(lambda: "ZeroDivisionError" in view.output())
    bench.until(lambda: bench.app.settings.run_code)
    assert view.output().startswith("one\nTraceback")
    bench.engine.enqueue("Mended.")
    bench.press("Fix it")
    bench.until(lambda: len(bench.answers()) == 2 and not bench.is_answering())
    asked = bench.questions()[-1].text()
    assert CODE in asked
    assert "ZeroDivisionError: division by zero" in asked
