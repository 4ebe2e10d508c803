"""Thinking as a person steers it: ending a thought, and choosing how much."""

from PySide6.QtWidgets import QMenu, QPushButton, QToolButton

from hanlin.domain.conversation import PartKind
from hanlin_bench.bench import Bench
from hanlin_ui.chat.thought import ThoughtView


def test_a_growing_thought_can_be_ended(bench: Bench) -> None:
    bench.engine.enqueue(
        (PartKind.THINKING, "hm, "), (PartKind.THINKING, "well"), "so", hold_after=1
    )
    bench.write("a question")
    bench.until(lambda: bool(bench.window.page.transcript.findChildren(ThoughtView)))
    button = bench.button("Answer now")
    assert isinstance(button, QPushButton)
    button.click()
    bench.until(lambda: bool(bench.engine.hurried))
    assert not button.isEnabled()
    bench.engine.release()
    bench.until(lambda: not bench.is_answering())
    assert not button.isVisible()


def test_the_effort_is_chosen_beside_the_switch_and_reaches_the_model(bench: Bench) -> None:
    composer = bench.window.page.composer
    button = next(b for b in composer.findChildren(QToolButton) if b.text() == "Thinking")
    bench.until(lambda: bool(composer.findChildren(QMenu)))  # once it knows what the model can
    (menu,) = composer.findChildren(QMenu)
    assert [action.text() for action in menu.actions()] == [
        "As the model prefers",
        "Little",
        "Much",
    ]
    menu.actions()[2].trigger()
    bench.until(lambda: button.text() == "Thinking · Much")
    bench.ask("a question", "an answer")
    assert bench.engine.asked[-1].options.effort == "high"
