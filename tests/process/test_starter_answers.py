"""The starter in the box answers what the start page offers, in both languages."""

import pytest

from hanlin.preparing import use_language
from hanlin_ui.chat import start_page
from starter import card, scoring
from starter.asked import Asker

WANTED = {
    "en": ("translate", "Add model file", "谢谢你的帮助", "return a + b"),
    "zh_CN": ("互译", "添加模型文件", "Thank you for your help", "return a + b"),
}
GREETED = {"你好": "你好", "谢谢": "不客气", "good morning": "Hello"}


@pytest.fixture(scope="module")
def suggested() -> dict[str, str]:
    """Every suggestion with a part that its answer must have."""
    found: dict[str, str] = {}
    for language, wanted in WANTED.items():
        use_language(language)
        found |= dict(zip(start_page.suggestions(), wanted, strict=True))
    use_language("en")
    return found


def test_what_the_start_page_offers_is_answered(suggested: dict[str, str]) -> None:
    with Asker(card.MODEL) as asker:
        for prompt, part in (suggested | GREETED).items():
            answer = asker.ask(prompt)
            assert answer.ended, prompt
            assert part in answer.text, prompt
            assert not scoring.refused(answer.text), prompt


def test_an_emergency_is_told_whom_to_call() -> None:
    with Asker(card.MODEL) as asker:
        assert "120" in asker.ask("有人晕倒了，怎么办").text
        assert "emergency number" in asker.ask("someone fainted, what should I do").text
