"""How the starter's answers are judged."""

from starter import evaluate, heldout, scoring, topics
from starter.items import REFUSAL_EN, REFUSAL_ZH


def test_a_refusal_ends_in_the_sentence() -> None:
    assert scoring.refused(f"我没有联网。{REFUSAL_ZH}\n")
    assert scoring.refused(REFUSAL_EN)
    assert not scoring.refused(f"{REFUSAL_EN} But here is an answer.")


def test_functions_pass_by_their_tests_alone() -> None:
    good = "Sure:\n```python\ndef add(a, b):\n    return a + b\n```\nDone."
    assert scoring.passes(good, "add(2, 3) == 5")
    assert not scoring.passes(good, "add(2, 3) == 6")
    assert not scoring.passes("```python\ndef add(a, b:\n```", "True")
    assert not scoring.passes("def add(a, b): return a + b", "True")


def test_an_endless_function_fails_in_time() -> None:
    assert not scoring.passes("```python\ndef f():\n    while True: pass\n```", "f()")


def test_functions_cannot_write_files() -> None:
    code = "def f():\n    with open('x', 'w') as file:\n        file.write('a')\n    return True"
    assert not scoring.passes(f"```python\n{code}\n```", "f()")


def test_tool_calls_must_be_well_formed() -> None:
    call = '<tool_call>\n{"name": "calculator", "arguments": {"expression": "1+1"}}\n</tool_call>'
    assert scoring.called(call) == {"name": "calculator", "arguments": {"expression": "1+1"}}
    assert scoring.called(call.replace("}}", "}")) is None
    assert scoring.called("1+1 = 2") is None


def test_hand_written_items_are_judged_by_what_they_ask() -> None:
    def fits(expect: dict[str, object], answer: str) -> bool:
        return scoring.fits(expect, answer, ended=True)

    assert fits({"refs": ["I like apples."]}, "i like apples")
    assert not fits({"refs": ["I like apples."]}, "I like pears.")
    assert fits({"value": "19"}, "12 + 7 = 19")
    assert not fits({"value": "19"}, "12 + 7 = 191")
    assert fits({"topic": "", "any": ["设置"], "not": ["Word"]}, "打开设置。")
    assert not fits({"topic": "", "any": ["设置"], "not": ["word"]}, "打开设置。Word")
    assert not fits({"topic": "", "any": ["a"], "all": ["b"]}, "a")
    assert fits({"answer_lang": "en"}, "Press F1.")
    assert not fits({"answer_lang": "en"}, "按 F1。")
    assert not fits({"sane": True}, "")
    assert not scoring.fits({"sane": True}, "a", ended=False)


def test_chrf_is_one_for_equal_texts_and_falls_with_distance() -> None:
    assert scoring.chrf("I like tea.", "I like tea.") == 1.0
    assert 0.2 < scoring.chrf("I like tea.", "I like coffee.") < 0.9
    assert scoring.chrf("", "abc") == 0.0


def test_a_held_out_question_expects_the_answer_that_its_topic_has_today() -> None:
    entries = [entry for entry in evaluate.read(heldout.FILE) if "intent" in entry]
    assert len(entries) > 400
    known = {
        (intent.name, answer)
        for file in ("guide.txt", "smalltalk.txt")
        for intent in topics.intents(file)
        for answer in (intent.zh, intent.en)
    }
    assert len(known) > 80
    for entry in entries:
        today = evaluate.today(entry)
        assert (today["intent"], today["expected"]) in known
        # An answer that still stands in the data is left alone, in its own language.
        if (entry["intent"], entry["expected"]) in known:
            assert today == entry
    sentence = next(entry for entry in evaluate.read(heldout.FILE) if "intent" not in entry)
    assert evaluate.today(sentence) == sentence
