"""Whole sentences through the translator, with a model that answers as the test says."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from hanlin.domain.generation import StopReason
from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction, Entry, Origin, Problem, Tone
from hanlin.engine.messages import ContextFullError
from hanlin.kernel.clock import SystemClock
from hanlin.services.translation.assembling import assembled
from hanlin.services.translation.prompts import Family
from hanlin.services.translation.translator import (
    Translating,
    Translator,
    Wish,
)
from hanlin.services.writing import Written
from hanlin.store.conversations import Store
from hanlin.store.translations import TranslationMemory
from hanlin_fakes.translating import AnsweringModel

ZH_EN = Direction("zh", "en")
KEY = bytes(range(32))


def english(text: str) -> str:
    """Return a text in Latin letters that keeps everything but the Chinese characters."""
    return "".join(
        f"{chr(97 + ord(letter) % 26)}{chr(97 + ord(letter) // 26 % 26)} "
        if letter >= "\u2e80"
        else letter
        for letter in text
    )


def translator(
    answer: Callable[[str], str | Written] = english,
    family: Family = Family.HY_MT2,
    memory: TranslationMemory | None = None,
) -> tuple[Translator, AnsweringModel]:
    model = AnsweringModel(answer)
    return Translator(model, Translating(family, "model"), memory), model


@pytest.mark.parametrize("family", [Family.HY_MT2, Family.STARTER])
def test_1000_texts_with_20_items_each_lose_and_double_none(family: Family) -> None:
    """Also with a model that drops, doubles and invents marks."""
    dice = random.Random(5)

    def careless(text: str) -> str:
        found = english(text)
        if dice.random() < 0.5:
            number = dice.randrange(20)
            found = found.replace(f"⟦{number}⟧", dice.choice(("", f"⟦{number}⟧⟦{number}⟧", "⟦99⟧")))
        return found

    made, _ = translator(careless, family)
    kinds = (
        "<b{}>",
        "https://a.example/{}",
        "{{x{}}}",
        "%({})s",
        "`code{}`",
        "${{v{}}}",
        "me{}@a.example",
    )
    for _ in range(1_000):
        items = [dice.choice(kinds).format(f"n{number:02}") for number in range(20)]
        text = "".join(f"中文{item}" for item in items) + "完"
        result = made.sentence(text, Wish(ZH_EN, remember=False))
        assert result.masked == 20
        assert [result.target.count(item) for item in items] == [1] * 20


@pytest.mark.parametrize(
    ("text", "answers", "expected", "tries"),
    [
        (
            "我们的花园",
            {
                "我们的花园": "Our garden is on the right.",
                "这是我们的花园。": "This is our garden.",
                "This is our garden.": "这是我们的花园。",
            },
            "Our garden",
            3,
        ),
        # What does not come back as it went is not believed.
        (
            "谢谢你的帮助",
            {
                "谢谢你的帮助": "Thank you for your help.",
                "这是谢谢你的帮助。": "This is your help.",
                "This is your help.": "这是你的帮助。",
            },
            "Thank you for your help.",
            3,
        ),
        ("走吧", {"走吧": "Let's go.", "这是走吧。": "It is time."}, "Let's go.", 2),
        ("花园", {"花园": "the garden"}, "the garden", 1),
    ],
)
def test_a_heading_is_asked_for_in_a_sentence(
    text: str, answers: dict[str, str], expected: str, tries: int
) -> None:
    made, _model = translator(answers.__getitem__, Family.STARTER)
    one = made.sentence(text, Wish(ZH_EN, remember=False))
    assert (one.target, one.tries) == (expected, tries)


def test_a_term_that_took_the_place_of_another_word_is_noticed() -> None:
    given = iter(("花园在花园里。", "猫在花园里。"))
    made, model = translator(lambda _text: next(given), Family.STARTER)
    terms = (Term("garden", "花园"),)
    one = made.sentence("The cat is in the garden.", Wish(ZH_EN.reversed(), terms))
    assert (one.target, one.problems, one.tries) == ("猫在花园里。", (), 2)
    assert "花园" not in model.prompts[1]


@pytest.mark.parametrize(
    ("text", "answers", "expected"),
    [
        ("请打开{name}。", {"请打开安娜。": "Please open Anna."}, "Please open {name}."),
        # The first name is doubled, the second one is used.
        (
            "请把 `x` 给我。",
            {
                "请把安娜给我。": "Anna gives Anna.",
                "请把小明给我。": "Give the Xiao Ming to me.",
            },
            "Give `x` to me.",
        ),
        # A name that stands in the text already is nobody's stand-in.
        ("安娜喜欢%s。", {"安娜喜欢小明。": "Anna likes Xiao Ming."}, "Anna likes %s."),
        # It is lost both times: in pieces.
        ("你好，{0}！", {"你好，": "Hello,", "！": "!"}, "Hello, {0}!"),
        # What counts something is no name.
        ("有%d只猫。", {"有": "There are", "只猫。": "cats."}, "There are %d cats."),
    ],
)
def test_a_model_that_copies_no_marks_is_given_names(
    text: str, answers: dict[str, str], expected: str
) -> None:
    made, model = translator(lambda asked: answers.get(asked, "Hello."), Family.STARTER)
    result = made.sentence(text, Wish(ZH_EN))
    assert result.target == expected
    assert result.masked == 1
    assert all("⟦" not in prompt for prompt in model.prompts)


def test_a_text_of_items_alone_asks_nobody() -> None:
    made, model = translator()
    result = made.sentence("{name}: 123 https://a.example", Wish(ZH_EN))
    assert result.origin is Origin.SAME
    assert not model.prompts


def test_a_missed_term_gets_one_corrected_try() -> None:
    answers = iter(["The cat is here.", "The feline is here."])
    made, model = translator(lambda _text: next(answers))
    result = made.sentence("猫在这里。", Wish(ZH_EN, (Term("猫", "feline"), Term("狗", "dog"))))
    assert result.target == "The feline is here."
    assert result.terms == (Term("猫", "feline"),)
    assert not result.problems
    assert len(model.prompts) == 2
    assert "猫 翻译成 feline" in model.prompts[0]
    assert "狗" not in model.prompts[0]
    assert "猫 translates to feline" in model.prompts[1]


def test_a_term_missed_twice_is_told() -> None:
    made, model = translator(lambda text: "Tiger" if text == "猫" else "The cat is here.")
    result = made.sentence("猫在这里。", Wish(ZH_EN, (Term("猫", "feline"),)))
    assert result.problems == (Problem.TERMS,)
    assert result.missed == (Term("猫", "feline"),)
    # The sentence, the corrected try, the word alone, and the sentence without the glossary.
    assert (len(model.prompts), result.tries) == (4, 3)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (Written("", StopReason.END), Problem.EMPTY),
        (Written("我不会翻译这句话。", StopReason.END), Problem.LANGUAGE),
        (Written("go go go", StopReason.LIMIT), Problem.ENDLESS),
        (Written("There are 52 of them.", StopReason.END), Problem.NUMBERS),
    ],
)
def test_bad_answers_are_named_and_something_stands_there(
    answer: Written, problem: Problem
) -> None:
    made, model = translator(lambda _text: answer)
    result = made.sentence("这里有 25 个。", Wish(ZH_EN))
    assert problem in result.problems
    assert result.target
    assert len(model.prompts) == 2


def test_the_better_of_two_answers_is_taken() -> None:
    answers = iter(["", "There are 25."])
    made, _ = translator(lambda _text: next(answers))
    result = made.sentence("这里有 25 个。", Wish(ZH_EN))
    assert (result.target, result.problems) == ("There are 25.", ())


def test_a_sentence_that_does_not_fit_is_translated_in_parts() -> None:
    def small(text: str) -> str:
        if len(text) > 60:
            raise ContextFullError("full", "full")
        return english(text)

    made, _ = translator(small)
    result = made.sentence("我们今天去了公园，" * 12 + "完。", Wish(ZH_EN))
    assert not result.problems
    assert len(result.target.split()) > 90
    made, _ = translator(lambda _text: (_ for _ in ()).throw(ContextFullError("a", "b")))
    assert made.sentence("我们走吧。", Wish(ZH_EN)).problems == (Problem.TOO_LONG,)


def test_sentences_get_spaces_where_the_language_has_them() -> None:
    made, _ = translator(lambda text: {"你好。": "Hello.", "再见！": "Bye!"}[text])
    done = list(made.text("你好。再见！\n你好。", Wish(ZH_EN)))
    assert assembled(done, "en") == "Hello. Bye!\nHello."
    back, _ = translator(lambda text: {"Hello.": "你好。", "Bye!": "再见！"}[text])
    done = list(back.text("Hello. Bye!\n\n Hello.", Wish(ZH_EN.reversed())))
    assert assembled(done, "zh") == "你好。再见！\n\n 你好。"


def test_what_was_said_before_goes_along() -> None:
    made, model = translator(lambda _text: "Words.")
    list(made.text("第一句。第二句。", Wish(ZH_EN)))
    assert "背景信息" not in model.prompts[0]
    assert model.prompts[1].startswith("【背景信息】\n第一句。\n")


def test_traditional_characters_need_no_model() -> None:
    made, model = translator(family=Family.STARTER)
    assert made.sentence("软件很好。", Wish(Direction("zh", "zh-Hant"))).target == "軟體很好。"
    assert not model.prompts
    there, model = translator(lambda _text: "软件很好。", Family.STARTER)
    assert there.sentence("Good.", Wish(Direction("en", "zh-Hant"))).target == "軟體很好。"


def test_alternatives_differ() -> None:
    answers = iter(["A one.", "A one.", "A two.", "A three."])
    made, _ = translator(lambda _text: next(answers))
    found = [one.target for one in made.alternatives("一。", Wish(ZH_EN), 3)]
    assert found == ["A one.", "A two.", "A three."]


def test_a_sentence_costs_nothing_the_second_time(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hanlin.db", KEY, SystemClock()) as store:
        memory = TranslationMemory(store.database)
        made, model = translator(lambda _text: "Hello there.", memory=memory)
        assert made.sentence("你好呀。", Wish(ZH_EN)).origin is Origin.MODEL
        assert made.sentence("你好呀。", Wish(ZH_EN)).origin is Origin.MEMORY
        assert len(model.prompts) == 1
        # Another tone, another model, a new term: asked again.
        made.sentence("你好呀。", Wish(ZH_EN, tone=Tone.FORMAL))
        made.sentence("你好呀。", Wish(ZH_EN, (Term("你好", "greetings"),)))
        Translator(model, Translating(Family.HY_MT2, "larger"), memory).sentence(
            "你好呀。", Wish(ZH_EN)
        )
        assert len(model.prompts) == 6  # the new term's words alone, too
        # What a person wrote counts for everyone.
        memory.teach([Entry(ZH_EN, "你好呀。", "Hi!")])
        assert made.sentence("你好呀。", Wish(ZH_EN)).target == "Hi!"
        assert len(model.prompts) == 6


def test_the_memory_finds_what_resembles(tmp_path: Path) -> None:
    with Store.open(tmp_path / "hanlin.db", KEY, SystemClock()) as store:
        memory = TranslationMemory(store.database)
        memory.teach(
            [
                Entry(ZH_EN, "我们明天去公园散步。", "We will walk in the park tomorrow."),
                Entry(ZH_EN, "猫在睡觉。", "The cat sleeps."),
            ]
        )
        match = memory.similar(ZH_EN, "我们今天去公园散步。")
        assert match is not None
        assert match.target == "We will walk in the park tomorrow."
        assert 80 <= match.percent < 100
        assert memory.similar(ZH_EN, "完全不同的另外一句话在这里。") is None
        assert memory.similar(ZH_EN.reversed(), "我们今天去公园散步。") is None
        assert [entry.source for entry in memory.taught()] == ["我们明天去公园散步。", "猫在睡觉。"]
        memory.remember(ZH_EN, "a", "b")
        memory.remember(ZH_EN, "c", "d")
        memory.remember(ZH_EN, "a", "e")
        assert [(past.source, past.target) for past in memory.history()] == [("a", "e"), ("c", "d")]
