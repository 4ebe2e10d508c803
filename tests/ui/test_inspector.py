"""How an answer came about, asked for in the window."""

from hanlin_bench.bench import Bench
from hanlin_ui.chat import more
from hanlin_ui.dialogs.inspector import Inspector, rows


def test_the_inspector_shows_prompt_figures_and_sampling(bench: Bench) -> None:
    bench.ask("first", "one")
    bench.ask("second", "two")
    bench.more(bench.answers()[1]).chosen.emit(more.INSPECT)
    bench.until(lambda: bool(bench.window.findChildren(Inspector)))
    inspector = bench.window.findChildren(Inspector)[0]
    assert inspector.prompt.toPlainText() == "<user>first<assistant>one<user>second"
    listed = inspector.tokens.toPlainText().splitlines()
    assert [line.split()[-1] for line in listed[:3]] == ['"<user>"', '"f"', '"i"']
    found = bench.app.chat.inspecting.inspect(bench.answers()[1].message_id)
    assert found.same_model
    shown = dict(rows(found))
    assert "temperature 0.7" in shown["Sampling"]
    assert "3 turns" in shown["Sent"]
    inspector.close()


def test_what_there_is_one_of_is_said_so(bench: Bench) -> None:
    bench.ask("first", "one")
    shown = dict(rows(bench.app.chat.inspecting.inspect(bench.answers()[0].message_id)))
    assert shown["Sent"].endswith("; 1 turn")
    assert shown["Written"] == "1 token"


def test_a_rewritten_answer_says_who_wrote_it(bench: Bench) -> None:
    bench.ask("q", "wrong")
    new = bench.app.chat.revising.rewrite(bench.answers()[0].message_id, "right")
    shown = dict(rows(bench.app.chat.inspecting.inspect(new.id)))
    assert "by you" in shown["Text"]
