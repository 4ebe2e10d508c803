"""Required terms that a model left out: put in where it is clear, and told."""

import pytest

from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction, Problem
from hanlin.services.translation import words
from hanlin.services.translation.mending import mended
from hanlin.services.translation.prompts import Family
from hanlin.services.translation.translator import Translating, Translator, Wish
from hanlin_fakes.translating import AnsweringModel


@pytest.mark.parametrize(
    ("target", "term", "own", "expected"),
    [
        ("The cat is here.", "feline", "cat", "The feline is here."),
        ("Two cats are here.", "feline", "The cat.", "Two felines are here."),
        ("I have a cat.", "animal", "a cat", "I have an animal."),
        ("It is an apple.", "fruit", "apple", "It is a fruit."),
        ("Cats sleep.", "feline", "cat", "Felines sleep."),
        ("猫在睡觉。", "喵星人", "猫。", "喵星人在睡觉。"),
        ("Open the Kubernets page.", "Kubernetes", "container", "Open the Kubernetes page."),
        ('<a title="cat">A cat</a>', "feline", "cat", '<a title="cat">A feline</a>'),
        ("The dog is here.", "feline", "cat", None),
        ("The category is here.", "feline", "cat", None),
        ("Something.", "feline", "。", None),
    ],
)
def test_a_term_takes_the_place_of_the_models_words(
    target: str, term: str, own: str, expected: str | None
) -> None:
    assert mended(target, Term("source", term), own) == expected


def answering(*answers: str) -> tuple[Translator, AnsweringModel]:
    given = iter(answers)
    model = AnsweringModel(lambda _text: next(given))
    return Translator(model, Translating(Family.HY_MT2, "model")), model


def test_a_term_that_the_model_leaves_out_is_put_in_and_told() -> None:
    term = Term("猫", "feline")
    made, model = answering("The cat is here.", "A cat is here.", "Cat")
    one = made.sentence("猫在这里。", Wish(Direction("zh", "en"), (term,)))
    assert one.target == "The feline is here."
    assert (one.missed, one.mended, one.tries) == ((), (term,), 2)
    assert one.problems == (Problem.MENDED,)
    assert len(model.prompts) == 3
    assert words.sentence(one) == "Put in afterwards, as the glossary says: 猫 → feline."


def test_what_cannot_be_put_in_stays_told_as_missing() -> None:
    terms = (Term("猫", "feline"), Term("狗", "canine"))
    made, _ = answering("A cat, a dog.", "A cat, a dog.", "cat", "wolf", "Cat and dog.")
    one = made.sentence("猫和狗。", Wish(Direction("zh", "en"), terms))
    assert one.target == "A feline, a dog."
    assert (one.missed, one.mended) == (terms[1:], terms[:1])
    assert one.problems == (Problem.TERMS, Problem.MENDED)


def test_no_term_is_put_in_at_the_cost_of_another() -> None:
    terms = (Term("猫", "feline"), Term("家猫", "cat at home"))
    made, _ = answering("The cat at home.", "The cat at home.", "cat", "The cat at home.")
    one = made.sentence("家猫是猫。", Wish(Direction("zh", "en"), terms))
    assert one.target == "The cat at home."
    assert one.missed == (terms[0],)


def test_where_the_model_mixes_terms_up_they_are_put_into_what_it_writes_without_them() -> None:
    term = Term("honey", "蝴蝶")
    made, _ = answering("颜色是什么颜色？", "颜色是什么颜色？", "蜂蜜", "蜂蜜是什么颜色的？")
    one = made.sentence("What color is the honey?", Wish(Direction("en", "zh"), (term,)))
    assert (one.target, one.tries) == ("蝴蝶是什么颜色的？", 3)
    assert (one.missed, one.mended) == ((), (term,))


def test_a_small_model_is_asked_again_for_the_missed_terms_alone() -> None:
    terms = (Term("猫", "feline"), Term("狗", "canine"))
    given = iter(("A feline and a feline.", "A feline and a canine."))
    model = AnsweringModel(lambda _text: next(given))
    made = Translator(model, Translating(Family.STARTER, "model"))
    one = made.sentence("猫和狗。", Wish(Direction("zh", "en"), terms))
    assert one.target == "A feline and a canine."
    assert not one.problems
    assert "狗 translates to canine" in model.prompts[1]
    assert "feline" not in model.prompts[1]
