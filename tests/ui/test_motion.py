"""The little that moves: it ends where it should, and rests when it must."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QVariantAnimation
from PySide6.QtWidgets import QLabel, QPushButton, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from hanlin.domain.conversation import PartKind
from hanlin_bench.bench import Bench
from hanlin_ui.chat.thought import ThoughtView
from hanlin_ui.theme.looks import Looks
from hanlin_ui.widgets import motion
from hanlin_ui.widgets.mode_switch import CHAT, TRANSLATE

LINES = 12


@pytest.fixture
def part(qtbot: QtBot) -> Iterator[QLabel]:
    """Return a tall, hidden part of a window that is seen."""
    window = QWidget()
    qtbot.addWidget(window)
    column = QVBoxLayout(window)
    tall = QLabel("\n".join("line" for _ in range(LINES)))
    tall.hide()
    column.addWidget(tall)
    column.addStretch()
    window.resize(300, 600)
    window.show()
    motion.hold_still(-1)
    yield tall
    motion.hold_still(-1)


def test_a_part_grows_to_its_height_and_keeps_no_trace(qtbot: QtBot, part: QLabel) -> None:
    most, wanted = part.maximumHeight(), part.sizeHint().height()
    heights: list[int] = []
    motion.unfold(part)
    assert part.isVisible()
    assert part.maximumHeight() < wanted

    def grown() -> bool:
        heights.append(part.height())
        return part.maximumHeight() == most and part.height() >= wanted

    qtbot.waitUntil(grown, timeout=20_000)
    assert heights == sorted(heights)


def test_a_part_that_is_closed_while_it_grows_opens_whole_again(qtbot: QtBot, part: QLabel) -> None:
    most = part.maximumHeight()
    motion.unfold(part)
    part.hide()
    motion.unfold(part)
    assert part.isVisible()
    qtbot.waitUntil(lambda: part.maximumHeight() == most, timeout=20_000)


def test_nothing_grows_while_the_window_has_other_work(part: QLabel) -> None:
    most = part.maximumHeight()
    motion.hold_still(60)
    motion.unfold(part)
    assert part.isVisible()
    assert part.maximumHeight() == most


def test_nothing_moves_for_who_wants_no_motion(bench: Bench) -> None:
    bench.engine.enqueue((PartKind.THINKING, "hm"), "so")
    bench.write("a question")
    bench.until(lambda: bool(bench.answers()) and not bench.is_answering())
    motion.hold_still(-1)
    bench.interface.wear(Looks("light", still=True))
    bench.window.show_mode(TRANSLATE)
    bench.window.show_mode(CHAT)
    (thought,) = bench.window.page.transcript.findChildren(ThoughtView)
    fold = next(one for one in thought.findChildren(QPushButton) if one.isCheckable())
    fold.click()
    assert thought.is_open
    assert fading(bench.window) == 0
    assert thought.findChildren(QVariantAnimation) == []
    bench.interface.wear(Looks("light"))


def test_one_page_fades_into_the_other(bench: Bench) -> None:
    motion.hold_still(-1)
    bench.window.show_mode(TRANSLATE)
    assert fading(bench.window) == 1
    bench.until(lambda: fading(bench.window) == 0)
    assert bench.window.pages.currentWidget() is bench.window.translate_page


def fading(window: QWidget) -> int:
    """Return how many pictures of pages fade out above the window."""
    return len(window.findChildren(QWidget, "fading"))
