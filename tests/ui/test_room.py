"""A context that fills, as a person sees it: an offer, and what comes of it."""

from PySide6.QtWidgets import QCheckBox, QPushButton

from hanlin.engine.messages import conversation_full
from hanlin_bench.bench import Bench
from hanlin_ui.chat.room_notice import RoomNotice


def offer(bench: Bench) -> RoomNotice:
    """Fill the context of the open conversation; return what is offered."""
    for number in range(2):
        bench.ask(f"question {number}", f"answer {number}")
    bench.engine.enqueue(error=conversation_full(600, 512))
    bench.write("the last")
    bench.until(lambda: bool(bench.window.page.findChildren(RoomNotice)))
    (notice,) = bench.window.page.findChildren(RoomNotice)
    bench.until(notice.isVisible)
    return notice


def press(notice: RoomNotice, way: str) -> None:
    button = notice.findChild(QPushButton, way)
    assert button is not None
    assert button.isEnabled()
    button.click()


def test_a_summary_can_be_chosen_and_read(bench: Bench) -> None:
    notice = offer(bench)
    assert "no longer fits" in notice.text()
    bench.engine.enqueue("in short")
    bench.engine.enqueue("at last")
    press(notice, "summarise")
    bench.until(lambda: bench.answers()[-1].text() == "at last")
    bench.until(lambda: not notice.isVisible())
    summaries = [view.summary.text() for view in bench.answers() if view.summary is not None]
    assert summaries == ["in short"]


def test_a_nearly_full_context_is_told_in_percent_and_nothing_is_left_out(bench: Bench) -> None:
    bench.app.settings.context = 512
    bench.until(lambda: bench.engine.loads[-1][1].context == 512)
    bench.ask("q" * 460, "so much")
    bench.until(lambda: bool(bench.window.page.findChildren(RoomNotice)))
    (notice,) = bench.window.page.findChildren(RoomNotice)
    bench.until(notice.isVisible)
    assert notice.text().startswith("90 % of the model's context is used.")
    close = bench.button("Close", notice)
    close.setFocus()
    close.click()
    assert not notice.isVisible()
    assert bench.window.page.composer.entry.hasFocus(), "the button that had it is gone"
    bench.ask("more", "all of it")
    assert [turn.text for turn in bench.engine.asked[-1].turns][-3:] == [
        "q" * 460,
        "so much",
        "more",
    ]
    assert bench.engine.asked[-1].options.keep_all
    bench.until(notice.isVisible)


def test_leaving_out_the_oldest_can_be_chosen_for_ever(bench: Bench) -> None:
    notice = offer(bench)
    (always,) = notice.findChildren(QCheckBox)
    always.setChecked(True)
    bench.engine.enqueue("at last")
    press(notice, "drop")
    bench.until(lambda: bench.answers()[-1].text() == "at last")
    bench.until(lambda: not notice.isVisible())
    assert bench.app.settings.when_full == "drop"


def test_the_offer_stays_with_its_conversation_and_follows_the_language(bench: Bench) -> None:
    notice = offer(bench)
    conversation = bench.app.chat.conversations()[0].id
    bench.window.sidebar.new_requested.emit()
    bench.until(lambda: not notice.isVisible())
    bench.workbench.conversations.open_stored(conversation)
    bench.until(notice.isVisible)
    before = notice.text()
    bench.interface.set_language("zh_CN")
    bench.until(lambda: notice.text() != before)
    bench.engine.enqueue("at last")
    press(notice, "enlarge")
    bench.until(lambda: bench.answers()[-1].text() == "at last")
    assert not notice.isVisible()
