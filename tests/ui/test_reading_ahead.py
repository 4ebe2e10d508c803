"""What a person looks at and types is read before it is sent."""

from hanlin_bench.bench import Bench


def test_a_conversation_that_is_looked_at_is_read_ahead(bench: Bench) -> None:
    bench.ask("a question", "an answer")
    conversation = bench.app.chat.conversations()[0].id
    bench.until(lambda: _texts(bench) == ["a question", "an answer"])
    bench.engine.ahead.clear()
    bench.window.sidebar.new_requested.emit()
    bench.workbench.conversations.open_stored(conversation)
    bench.until(lambda: bool(bench.engine.ahead))
    assert bench.engine.ahead[-1].conversation == conversation


def _texts(bench: Bench) -> list[str]:
    return [turn.text for turn in bench.engine.ahead[-1].turns] if bench.engine.ahead else []


def test_a_long_draft_is_read_while_it_is_written(bench: Bench) -> None:
    bench.ask("a question", "an answer")
    bench.window.page.composer.entry.insertPlainText("short")
    bench.until(lambda: len(bench.engine.ahead) > 1)
    assert bench.engine.ahead[-1].draft == ""
    bench.window.page.composer.entry.insertPlainText("long " * 100)
    bench.until(lambda: bench.engine.ahead[-1].draft.startswith("shortlong"))
    bench.window.page.composer.set_text("")
