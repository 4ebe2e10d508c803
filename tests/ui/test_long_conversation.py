"""A conversation of hundreds of messages, of which only those near what is read are there."""

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint

from hanlin.domain.conversation import Part, PartKind, Role, Status
from hanlin_bench.bench import Bench
from hanlin_ui.chat import transcript as transcripts

COUNT = 80
FEW = 30
"""More than are there at once where nobody has scrolled."""
IN_ONE_TURN = 8
"""The most that the event loop waits for."""


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
    return bench.window.page.transcript.messages.ids()


class EndsWhenPainted(QObject):
    """Notes where the newest message ends, and how tall it is, when the column is painted."""

    def __init__(self, transcript: transcripts.Transcript) -> None:
        super().__init__(transcript)
        self._transcript = transcript
        self.places: list[tuple[int, int]] = []
        self.top = 0
        """Where the uppermost message begins."""
        transcript.messages.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint:
            views, area = self._transcript.messages.views(), self._transcript.viewport()
            height = views[-1].height()
            self.places.append((views[-1].mapTo(area, QPoint(0, height)).y(), height))
            self.top = views[0].mapTo(area, QPoint(0, 0)).y()
        return super().eventFilter(watched, event)


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


def test_the_newest_message_stands_at_the_end_while_there_is_time_for_no_other(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    bench.window.page.transcript.opening_seconds = 0.0
    monkeypatch.setattr(transcripts, "_BUILDING_SECONDS", 0.0)
    ids = fill(bench)
    assert shown(bench) == ids[-1:]
    transcript = bench.window.page.transcript
    ends = EndsWhenPainted(transcript)
    bench.until(lambda: ends.top < 0)
    bench.come_to_rest()
    assert shown(bench) == ids[-len(shown(bench)) :]
    assert 1 < len(shown(bench)) < FEW
    assert len(set(ends.places)) == 1, "it was seen elsewhere or squeezed before"


def test_a_far_place_is_shown_with_what_surrounds_it_and_the_end_is_one_click_away(
    bench: Bench,
) -> None:
    ids = fill(bench)
    transcript = bench.window.page.transcript
    assert not transcript.reveal(ids[20])
    assert ids[20] in shown(bench)
    assert len(shown(bench)) <= IN_ONE_TURN
    bench.until(lambda: transcript.reveal(ids[20]))
    assert len(shown(bench)) < FEW
    assert not transcript.messages.has_end
    bar = transcript.verticalScrollBar()

    def further() -> bool:
        bar.setValue(bar.maximum())
        return ids[60] in shown(bench)

    bench.until(further)
    first = ids.index(shown(bench)[0])
    assert shown(bench) == ids[first : first + len(shown(bench))]
    transcript.scroll_to_bottom()
    bench.until(lambda: shown(bench)[-1] == ids[-1] and transcript.messages.has_end)


def test_a_question_asked_from_a_far_place_is_shown_at_the_end(bench: Bench) -> None:
    ids = fill(bench)
    transcript = bench.window.page.transcript
    bench.until(lambda: transcript.reveal(ids[20]))
    bench.engine.enqueue("here")
    bench.write("where?")
    bench.until(lambda: bool(bench.answers()) and bench.answers()[-1].text() == "here")
    assert transcript.messages.has_end
    assert ids[-1] in shown(bench)
