"""Pairs of tags, taken off a sentence and put on its translation again."""

from collections.abc import Mapping

import pytest

from hanlin.domain.translation import Direction, Sentence
from hanlin.services.translation import styles
from hanlin.services.translation.prompts import Family
from hanlin.services.translation.segmenting import sentences
from hanlin.services.translation.translator import Translating, Translator, Wish
from hanlin_fakes.translating import AnsweringModel

SOURCE = "我有一只<r1>大狗</r1>和一只<r3>小猫</r3>。"
TARGET = "I have a big dog and a little cat."


def dressed(source: str, target: str, words: Mapping[str, str], *, spaced: bool = True) -> str:
    def render(text: str) -> str:
        return words.get(text, "")

    return styles.dressed(styles.bare(source), target, render, spaced=spaced)


@pytest.mark.parametrize(
    ("source", "words", "target", "expected"),
    [
        (
            SOURCE,
            {"大狗": "The big dog.", "小猫": "a little cat"},
            TARGET,
            "I have a <r1>big dog</r1> and a <r3>little cat</r3>.",
        ),
        (SOURCE, {"大狗": "big dogs"}, TARGET, "I have a <r1>big dog</r1> and a little cat."),
        (SOURCE, {"大狗": "sports", "小猫": "Give me a moment."}, TARGET, TARGET),
        ("请看<b>说明</b>。", {}, "Please see the notes.", "Please <b>see the</b> notes."),
        ("打开 <a href='x'>Hanlin</a>。", {}, "Open Hanlin.", "Open <a href='x'>Hanlin</a>."),
        (
            "请看[说明](https://a.example)。",
            {"说明": "notes"},
            "See the notes, please.",
            "See the [notes](https://a.example), please.",
        ),
        (
            "<b><i>猫</i>和狗</b>在这里",
            {"猫": "cat", "猫和狗": "The cat and the dog"},
            "The cat and the dog are here",
            "The <b><i>cat</i> and the dog</b> are here",
        ),
        ("我有{\\b1}狗{\\b0}。", {"狗": "dog"}, "I have a dog.", "I have a {\\b1}dog{\\b0}."),
        ("<r2>很好。</r2>", {}, "Very good.", "<r2>Very good.</r2>"),
        ("猫<g id='1'></g>在这里", {}, "The cat is here", "The <g id='1'></g>cat is here"),
    ],
)
def test_words_wear_their_tags_again(
    source: str, words: Mapping[str, str], target: str, expected: str
) -> None:
    assert dressed(source, target, words) == expected


def test_words_of_a_language_without_spaces_are_found() -> None:
    source = "I have a <r1>big dog</r1>."
    assert dressed(source, "我有一只大狗。", {"big dog": "大狗"}, spaced=False) == (
        "我有一只<r1>大狗</r1>。"
    )


def test_the_nearer_one_of_two_places_is_taken() -> None:
    source = "一只猫看着另一只<r1>猫</r1>。"
    assert dressed(source, "A cat looks at another cat.", {"猫": "cat"}) == (
        "A cat looks at another <r1>cat</r1>."
    )


@pytest.mark.parametrize("text", ["</b>a", "<b>a", "a**b", "<br/>", "[a", "<b>x</i>", "{name} a"])
def test_an_item_without_a_partner_stays_in_the_text(text: str) -> None:
    assert styles.bare(text) == styles.Bare(text, ())


def test_a_run_over_several_sentences_is_closed_and_opened_in_each() -> None:
    text = "A <r1>cat. A dog. And</r1> more."
    assert [one.text for one in styles.closed(sentences(text))] == [
        "A <r1>cat.</r1>",
        "<r1>A dog.</r1>",
        "<r1>And</r1> more.",
    ]
    assert styles.closed([Sentence("a")]) == [Sentence("a")]


def test_a_model_that_copies_no_marks_translates_the_whole_sentence() -> None:
    answers = {"我有一只大狗和一只小猫。": TARGET, "大狗": "the big dog", "小猫": "sports"}
    model = AnsweringModel(lambda text: answers[text.rsplit("\n", 1)[-1]])
    made = Translator(model, Translating(Family.STARTER, "model"))
    result = made.sentence(SOURCE, Wish(Direction("zh", "en")))
    assert result.target == "I have a <r1>big dog</r1> and a little cat."
    assert not result.problems
    assert result.masked == 4


def test_a_model_that_loses_marks_does_not_leave_pieces() -> None:
    answers = {"我有一只⟦0⟧大狗⟦1⟧和一只⟦2⟧小猫⟦3⟧。": "I have ⟦0⟧ dogs.", "小猫": "little cat"}
    answers |= {"我有一只大狗和一只小猫。": TARGET, "大狗": "big dog"}
    model = AnsweringModel(lambda text: answers[text])
    made = Translator(model, Translating(Family.HY_MT2, "model"))
    result = made.sentence(SOURCE, Wish(Direction("zh", "en")))
    assert result.target == "I have a <r1>big dog</r1> and a <r3>little cat</r3>."


def test_runs_that_lost_their_words_are_counted() -> None:
    assert styles.joined("A <r1>b</r1> <r2>c</r2>.", "甲<r2>丙</r2>。") == 1
    assert styles.joined("A <b>b</b>.", "甲。") == 0
