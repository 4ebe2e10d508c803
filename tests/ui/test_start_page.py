"""The page of an empty conversation on screens of all sizes."""

import pytest
from PySide6.QtWidgets import QLabel, QPushButton
from pytestqt.qtbot import QtBot

from hanlin_ui.chat.start_page import _WAYS, Offer, StartPage, suggestions


@pytest.mark.parametrize("size", [(870, 580), (600, 370), (380, 300)])
def test_suggestions_stay_readable(qtbot: QtBot, size: tuple[int, int]) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.resize(*size)
    page.show()
    chips = [b for b in page.findChildren(QPushButton) if b.text() in suggestions()]
    assert len(chips) == len(suggestions())
    qtbot.waitUntil(
        lambda: all(
            chip.width() >= chip.sizeHint().width() and chip.height() >= chip.sizeHint().height()
            for chip in chips
        )
    )


@pytest.mark.parametrize(("lacking", "seal"), [(0, True), (1, False), (60, False)])
def test_what_can_be_used_is_in_sight_on_a_low_screen(
    qtbot: QtBot, lacking: int, *, seal: bool
) -> None:
    """``lacking``: pixels, whatever letters there are."""
    page = StartPage()
    qtbot.addWidget(page)
    page.set_model("书童", starter=True, sentence={"en": "very small, but of use; " * 8})
    page.set_offer(Offer("Qwen3 4B", "runs well"))
    page.resize(774, 1000)
    page.show()
    row = QLabel("\n\n\n")  # of the assistants' height, and there only later
    page.add_row(row)
    qtbot.waitUntil(row.isVisible)
    frame = page.height() - page._area.viewport().height()
    page.resize(774, page._needed(*_WAYS[0]) + frame - lacking)
    last, bar = _button(page, "USB"), page._area.verticalScrollBar()
    assert last is not None
    qtbot.waitUntil(lambda: row.isVisible() and bar.maximum() == 0)
    assert page.rect().contains(last.mapTo(page, last.rect().bottomRight()))
    assert page._seal.isVisible() is seal


def _button(page: StartPage, text: str) -> QPushButton | None:
    return next((b for b in page.findChildren(QPushButton) if text in b.text()), None)


def test_the_starter_comes_with_a_way_to_a_real_model_that_suits(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.set_model("书童", starter=True, sentence={})
    page.set_offer(Offer("Qwen3 4B", "runs well"))
    page.show()
    offer, stick = _button(page, "Qwen3 4B"), _button(page, "USB")
    assert offer is not None
    assert "runs well" in offer.text()
    assert stick is not None
    with qtbot.waitSignal(page.real_model_requested):
        offer.click()
    with qtbot.waitSignal(page.import_requested):
        stick.click()


def test_who_has_a_real_model_is_offered_none(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.set_offer(Offer("Qwen3 4B", "runs well"))
    page.set_model("GLM", starter=False, sentence={})
    page.show()
    for text in ("Qwen3 4B", "USB"):
        found = _button(page, text)
        assert found is None or not found.isVisible()


def test_who_arrives_is_welcomed(qtbot: QtBot) -> None:
    page = StartPage()
    qtbot.addWidget(page)
    page.set_greeting(begins=True)
    titles = [label.text() for label in page.findChildren(QLabel)]
    assert any("Welcome" in title for title in titles)
