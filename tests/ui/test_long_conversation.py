"""A conversation of hundreds of messages, of which only those near what is read are there."""

import pytest

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin_bench.bench import Bench
from hanlin_ui.chat import transcript as transcripts

COUNT = 80
FEW = 30
"""More than are there at once where nobody has scrolled."""


def fill(bench: Bench) -> list[str]:
    """Store and open a long conversation; return the ids of its messages."""
    store = bench.app.store
    ids: list[str] = []
    conversation = store.create_conversation("long")
    for number in range(COUNT):
        role = Role.ASSISTANT if number % 2 else Role.USER
        parts = (Part(PartKind.TEXT, f"Number {number}.\n\n" * 5),)
        parent = ids[-1] if ids else None
        ids.append(store.add_message(conversation.id, parent, role, Status.COMPLETE, parts).id)
    bench.workbench.conversations.refresh()
    bench.workbench.conversations.open_stored(conversation.id)
    return ids


def shown(bench: Bench) -> list[str]:
    return [view.message_id for view in bench.window.page.transcript.views()]


def test_scrolling_up_reads_what_is_above_to_the_beginning(bench: Bench) -> None:
    ids = fill(bench)
    transcript = bench.window.page.transcript
    assert shown(bench)[-1] == ids[-1]
    assert len(shown(bench)) < FEW

    while (first := shown(bench)[0]) != ids[0]:

        def further(first: str = first) -> bool:
            transcript.verticalScrollBar().setValue(0)
            return shown(bench)[0] != first

        bench.until(further)
    assert shown(bench) == ids


@pytest.mark.parametrize(("seconds", "one"), [(0.0, True), (9.0, False)])
def test_as_much_is_built_above_as_there_is_time_for(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, seconds: float, *, one: bool
) -> None:
    monkeypatch.setattr(transcripts, "_BUILDING_SECONDS", seconds)
    ids = fill(bench)
    before = len(shown(bench))
    assert not bench.window.page.transcript.reveal(ids[-before - 1])
    assert len(shown(bench)) > before
    assert (len(shown(bench)) == before + 1) is one
    assert shown(bench) == ids[-len(shown(bench)) :]


def test_a_far_place_is_shown_with_what_surrounds_it_and_the_end_is_one_click_away(
    bench: Bench,
) -> None:
    ids = fill(bench)
    transcript = bench.window.page.transcript
    bench.until(lambda: transcript.reveal(ids[20]))
    assert len(shown(bench)) < FEW
    assert not transcript.has_end()
    bar = transcript.verticalScrollBar()

    def further() -> bool:
        bar.setValue(bar.maximum())
        return ids[60] in shown(bench)

    bench.until(further)
    first = ids.index(shown(bench)[0])
    assert shown(bench) == ids[first : first + len(shown(bench))]
    transcript.scroll_to_bottom()
    bench.until(lambda: shown(bench)[-1] == ids[-1] and transcript.has_end())


def test_a_question_asked_from_a_far_place_is_shown_at_the_end(bench: Bench) -> None:
    ids = fill(bench)
    transcript = bench.window.page.transcript
    bench.until(lambda: transcript.reveal(ids[20]))
    bench.engine.enqueue("here")
    bench.write("where?")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "here")
    assert transcript.has_end()
    assert ids[-1] in shown(bench)
