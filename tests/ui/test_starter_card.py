"""The starter's card in words that people read."""

from collections.abc import Iterator

import pytest

from hanlin.preparing import use_language
from hanlin_ui import starter_card

FIGURES = {
    "handwritten": {
        "beyond it: refused": {"right": 1190, "total": 1200},
        "new in a later card": {"share": 0.98765},
    }
}


def test_figures_are_lines_that_name_what_was_asked() -> None:
    assert list(starter_card.lines(FIGURES)) == [
        "Tests written by hand (right / asked):",
        "  beyond it: refused: 1,190 / 1,200",
        "  new in a later card:",
        "    share: 0.988",
    ]


@pytest.fixture
def chinese() -> Iterator[None]:
    use_language("zh_CN")
    yield
    use_language("en")


@pytest.mark.usefixtures("chinese")
def test_the_card_is_told_in_chinese() -> None:
    assert list(starter_card.lines(FIGURES))[:2] == [
        "人工编写的测试（答对 / 总数）:",
        "  超出能力: 正确拒答: 1,190 / 1,200",
    ]
