"""Words that stay the same through a long text, and what is shown of a single word."""

import pytest

from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction
from hanlin.services.translation import dictionary
from hanlin.services.translation.consistency import Consistency, together

EN_ZH = Direction("en", "zh")
ZH_EN = Direction("zh", "en")


def test_a_heading_is_suggested_where_it_occurs() -> None:
    found = Consistency(ZH_EN)
    found.learn("分布式系统", "Distributed systems")
    found.learn("这是一个很长的句子。", "This is a long sentence.")
    assert found.suggestions("我们讲分布式系统。") == (Term("分布式系统", "Distributed systems"),)
    assert not found.suggestions("我们讲别的。")


@pytest.mark.parametrize("way", [EN_ZH, ZH_EN])
def test_a_name_is_learnt_from_two_sentences(way: Direction) -> None:
    found = Consistency(way)
    pairs = [
        ("Yesterday we met Marguerite in town.", "昨天我们在城里遇见了玛格丽特。"),
        ("The letter from Marguerite was lost.", "玛格丽特的信丢了。"),
        ("Nobody came to the house.", "没有人来这所房子。"),
    ]
    for english, chinese in pairs:
        found.learn(*((english, chinese) if way == EN_ZH else (chinese, english)))
    name = Term("Marguerite", "玛格丽特")
    if way == EN_ZH:
        assert found.suggestions("Did Marguerite write?") == (name,)
    else:
        assert found.suggestions("玛格丽特来了。") == (Term(name.target, name.source),)


def test_what_every_sentence_has_is_no_name() -> None:
    found = Consistency(EN_ZH)
    for number in range(5):
        found.learn(f"It was said in room {number}.", f"这件事情是在{number}号房间说的。")
    found.learn("We know that Anna came.", "我们知道这件事情。")
    found.learn("We heard that Anna left.", "我们听说这件事情。")
    assert not found.suggestions("Where is Anna now?")


def test_a_glossary_outweighs_what_was_found() -> None:
    required = (Term("Cat", "猫科动物"),)
    assert together(required, (Term("cat", "猫"), Term("dog", "狗"))) == (
        *required,
        Term("dog", "狗"),
    )


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("银行", "zh", True), (" well-known ", "en", True), ("ice cream", "en", True),
        ("我们今天去银行", "zh", False), ("Come here now", "en", False), ("Go.", "en", False),
        ("", "en", False), ("12", "en", False), ("don't", "en", True), ("字\n典", "zh", True),
    ],
)  # fmt: skip
def test_words_are_told_from_sentences(text: str, language: str, expected: bool) -> None:  # noqa: FBT001
    assert dictionary.is_word(text, language) is expected


def test_a_chinese_word_is_shown_with_its_reading_and_its_other_characters() -> None:
    assert dictionary.word("银行", "zh") == dictionary.Word("银行", "yín háng", "銀行")
    assert dictionary.word("軟體", "zh-Hant") == dictionary.Word("軟體", "ruǎn tǐ", "软件")
    assert dictionary.word("長大", "zh-Hant").reading == "zhǎng dà"
    assert dictionary.word("cat", "en") == dictionary.Word("cat")
