"""The starter's generators: repeatable, apart from the held-out set, and its template."""

import itertools
import json
import operator
from random import Random

import pytest
from jinja2.sandbox import ImmutableSandboxedEnvironment

from starter import (
    chat,
    coding,
    declining,
    heldout,
    mixture,
    naming,
    scenes,
    scoring,
    seeing,
    sums,
    topics,
    translating,
    translation,
)
from starter.disturbing import PLACE, disturbed
from starter.items import REFUSAL_EN, REFUSAL_ZH, is_chinese

TEMPLATE = (heldout.FILE.parent.parent / "chat_template.jinja").read_text(encoding="utf-8")
SAMPLES = 1500


def samples(seed: int, count: int) -> list[chat.Sample]:
    return list(itertools.islice(mixture.stream(seed), count))


def rendered(messages: list[dict[str, object]], **more: object) -> str:
    environment = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
    environment.filters["tojson"] = lambda value: json.dumps(value, ensure_ascii=False)
    template = environment.from_string(TEMPLATE)
    return template.render(messages=messages, add_generation_prompt=True, **more)


def joined(conversation: chat.Conversation) -> str:
    """The pieces up to where the model writes."""
    return "".join(text for text, _ in chat.pieces(conversation)[:-2])


def worked_out(text: str) -> float:
    """The value of one sum, or of a number."""
    first, *rest = text.split()
    if not rest:
        return float(first)
    signs = {"+": operator.add, "-": operator.sub, "×": operator.mul, "÷": operator.truediv}
    return float(signs[rest[0]](int(first), int(rest[1])))


def test_equal_seeds_give_equal_samples() -> None:
    assert samples(7, 200) == samples(7, 200)
    assert samples(7, 200) != samples(8, 200)


def test_no_prompt_of_the_held_out_set_is_trained() -> None:
    held = {prompt for prompt in heldout.prompts() if len(prompt) > mixture.SHORT}
    trained = {
        turn.user
        for sample in samples(3, SAMPLES)
        if isinstance(sample, chat.Conversation)
        for turn in sample.turns
    }
    assert len(held) > 1000
    assert not held & trained


def test_no_combination_of_content_words_of_the_held_out_set_is_trained() -> None:
    rng = Random(5)
    keys = {heldout.unseen_sentence(rng).key for _ in range(300)}
    trained = {translating.pair(rng).key for _ in range(3000)}
    assert len(keys) > 200
    assert not keys & trained


def test_new_synonyms_are_apart_from_the_trained_wordings() -> None:
    rng = Random(2)
    for file in ("guide.txt", "smalltalk.txt"):
        for intent in topics.intents(file):
            for chinese, held in ((True, "zx"), (False, "ex")):
                asked = {topics.question(intent, rng, chinese=chinese) for _ in range(30)}
                assert intent.asked[held], f"{intent.name} has no held-out wording"
                assert not asked & set(intent.asked[held])


@pytest.mark.parametrize("thinking", [True, False])
def test_pieces_equal_the_template(*, thinking: bool) -> None:
    turns = [chat.Turn("你好", "你好！"), chat.Turn("怎么换模型", "…", "用户在问。")]
    conversation = chat.Conversation(turns, "系统", (), thinking, blocks_in_history=False)
    messages: list[dict[str, object]] = [
        {"role": "system", "content": "系统"},
        {"role": "user", "content": "你好"},
        {"role": "assistant", "content": "你好！"},
        {"role": "user", "content": "怎么换模型"},
    ]
    assert joined(conversation) == rendered(messages, enable_thinking=thinking)


def test_pieces_equal_the_template_with_a_tool_round_trip() -> None:
    tools = [sums.calculator(Random(1))]
    call = {"name": "calculator", "arguments": {"expression": "12*34"}}
    turns = [
        chat.Turn("12*34", chat.call_text("calculator", {"expression": "12*34"})),
        chat.Turn("408", "…", response=True),
    ]
    conversation = chat.Conversation(turns, "", tools, blocks_in_history=False)
    messages: list[dict[str, object]] = [
        {"role": "user", "content": "12*34"},
        {"role": "assistant", "content": "", "tool_calls": [{"function": call}]},
        {"role": "tool", "content": "408"},
    ]
    expected = rendered(messages, tools=tools, enable_thinking=False)
    # The template opens a tool's turn with a line break of its own, as the trainer's pieces do.
    assert joined(conversation) == expected


def test_the_template_drops_old_thoughts() -> None:
    messages: list[dict[str, object]] = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": "<think>\nhm\n</think>\n\nHello!"},
        {"role": "user", "content": "bye"},
    ]
    assert "hm" not in rendered(messages)
    assert "assistant\nHello!<|im_end|>" in rendered(messages)


def test_every_function_of_the_stock_passes_its_own_test() -> None:
    for function in coding.functions():
        assert scoring.passes(coding.fenced(function.code), function.test), function.name
        assert not scoring.passes(coding.fenced("x = 1"), function.test), function.name


def test_completions_are_cut_out_of_one_text() -> None:
    rng = Random(4)
    for _ in range(300):
        found = coding.completion(rng)
        whole = found.prefix + found.middle + found.suffix
        assert any(function.code.split("(")[1] in whole for function in coding.functions())


def test_small_sums_are_right_and_tools_are_called_as_asked() -> None:
    rng = Random(6)
    for _ in range(300):
        a, sign, b, result = sums.small(rng)
        assert {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else None}[sign] == result
        item = sums.with_tool(rng)
        call = scoring.called(item.turns[0].answer)
        assert call == {"name": "calculator", "arguments": {"expression": item.label}}


@pytest.mark.parametrize("to_english", [True, False])
def test_required_terms_stand_in_the_sentence_and_in_its_answer(*, to_english: bool) -> None:
    rng = Random(9)
    met = several = 0
    for _ in range(300):
        turn = translating.several_terms(rng, to_english=to_english).turns[0]
        terms = [
            line.split(joint)
            for line in turn.user.splitlines()
            for joint in (" 翻译成 ", " translates to ")
            if joint in line
        ]
        text = turn.user.rstrip().splitlines()[-1].lower()
        standing = [target for source, target in terms if source.lower() in text]
        met += all(target.lower() in turn.answer.lower() for target in standing)
        several += len(standing) > 1
        assert len({source for source, _ in terms}) == len(terms)
    # A plural may bend a term away: woman, women.
    assert met >= 285
    assert several >= 120


def test_a_tool_result_is_learnt_behind_a_call_that_the_template_wrote_anew() -> None:
    found = [
        sample
        for sample in samples(13, 3000)
        if isinstance(sample, chat.Conversation) and sample.turns[-1].response
    ]
    assert len(found) > 30
    anew = [sample for sample in found if not sample.blocks_in_history]
    assert len(anew) > len(found) / 3
    for sample in found:
        assert sample.turns[-1].answer.endswith(f"= {sample.turns[-1].user}")


@pytest.mark.parametrize("chinese", [True, False])
def test_questions_about_a_picture_have_one_answer_of_its_language(*, chinese: bool) -> None:
    rng = Random(11)
    for _ in range(400):
        scene = scenes.draw(rng, others=0.1)
        question = seeing.question(scene, rng, chinese=chinese)
        assert "{" not in question.text + question.answer
        if chinese or scene.kind != "character":
            assert is_chinese(question.answer) == chinese
        if scene.kind == "other":
            assert question.answer == (REFUSAL_ZH if chinese else REFUSAL_EN)


@pytest.mark.parametrize(
    ("aspect", "chinese", "answer"),
    [
        ("is colour", False, "It is red."),
        ("is colour", True, "红色。"),
        ("is shape", False, "The shape is: circle."),
        ("is shape", True, "圆形。"),
        ("count", False, "There are three."),
        ("count named", False, "There are three circles."),
        ("count named", True, "三个圆形。"),
        ("describe", True, "图里有三个红色的圆形。"),
    ],
)
def test_what_is_asked_for_is_answered_by_what_is_seen(
    aspect: str, answer: str, *, chinese: bool
) -> None:
    scene = scenes.Scene("circle", "red", 3)
    assert seeing.answer(scene, aspect, chinese=chinese) == answer


@pytest.mark.parametrize(
    ("aspect", "text", "said", "right"),
    [
        ("count", "how many", "There are three red circles.", True),
        ("count", "how many", "There are two.", False),
        ("count named", "how many circles", "There are three.", True),
        ("count named", "how many stars", "There are three.", False),
        ("count named", "how many stars", "There are three circles.", True),
        ("is colour", "is it blue", "No, red.", True),
        ("is colour", "is it blue", "Yes, blue.", False),
        ("describe", "what is it", "I see three circles.", False),
        ("describe", "what is it", "I see three red circles and a star.", False),
    ],
)
def test_an_answer_tells_what_was_asked_for_and_nothing_false(
    aspect: str, text: str, said: str, *, right: bool
) -> None:
    scene = scenes.Scene("circle", "red", 3)
    asked = seeing.Question(
        aspect, chinese=False, text=text, answer=seeing.answer(scene, aspect, chinese=False)
    )
    assert seeing.answers(scene, asked, said) == right


def test_held_out_combinations_are_never_drawn_for_the_training() -> None:
    rng = Random(12)
    drawn = [scenes.draw(rng) for _ in range(3000)]
    shapes = [scene for scene in drawn if scene.kind in scenes.SHAPES]
    assert not any(scenes.held_out(one.colour, one.kind, one.count) for one in shapes)
    held = [scenes.draw(rng, held=True) for _ in range(50)]
    assert all(scenes.held_out(one.colour, one.kind, one.count) for one in held)
    counted = [
        scenes.held_out(colour, shape, count)
        for colour in scenes.COLOURS
        for shape in scenes.SHAPES
        for count in range(1, scenes.MOST + 1)
    ]
    assert 10 <= sum(counted) <= 40


def test_each_step_of_a_shown_sum_is_true() -> None:
    rng = Random(11)
    shown = {sums.shown(*sums.small(rng)) for _ in range(500)}
    assert any(text.count("=") > 1 for text in shown)
    for text in shown:
        assert len({worked_out(part) for part in text.split(" = ")}) == 1, text


def test_a_function_asked_for_with_its_signature_has_it_and_works() -> None:
    rng = Random(12)
    for function in coding.functions():
        text, code = coding.signed_request(function, rng, chinese=False)
        head = code[code.index("def ") + len("def ") : code.index(":", code.index("def "))]
        name = head.partition("(")[0]
        assert head.casefold() in text.casefold() or ("(" not in text and name in text)
        test = function.test.replace(f"{function.name}(", f"{name}(").replace(
            f"({function.name})", f"({name})"
        )
        assert scoring.passes(coding.fenced(code), test), code


def test_a_disturbed_request_keeps_the_place_of_its_text() -> None:
    rng = Random(13)
    for request in (f"翻译成英文：{PLACE}", f"translate: {PLACE}", PLACE):
        assert all(disturbed(request, rng).count(PLACE) == 1 for _ in range(200))


def test_a_name_is_said_back_as_it_was_written() -> None:
    rng = Random(14)
    for _ in range(300):
        turn = naming.make(rng).turns[0]
        name = turn.answer.removeprefix("你好，").removeprefix("Hello, ").partition("！")[0]
        assert name.partition("!")[0] in turn.user
    for _ in range(300):
        turn = naming.echo(rng).turns[0]
        assert turn.user.endswith(turn.answer)


def test_refusals_end_in_one_of_the_two_sentences() -> None:
    rng = Random(8)
    answers = {declining.make(rng).turns[0].answer for _ in range(500)}
    assert all(scoring.refused(answer) for answer in answers)
    assert any(answer.endswith(REFUSAL_ZH) for answer in answers)
    assert any(answer.endswith(REFUSAL_EN) for answer in answers)
    assert not scoring.refused("你好！")


def test_sentences_hold_no_unfilled_slot() -> None:
    rng = Random(9)
    for _ in range(3000):
        found = translation.sentence(rng)
        assert not set("{}|") & set(found.zh + found.en + found.zh_source + found.en_source)


def test_the_generated_set_names_an_answer_for_every_prompt() -> None:
    entries = [json.loads(line) for line in heldout.FILE.read_text(encoding="utf-8").splitlines()]
    assert len(entries) > 1400
    assert all(entry["expected"] and entry["suite"] for entry in entries)
    assert {"guide: new wordings", "functions", "tool calls", "bad input"} <= {
        entry["suite"] for entry in entries
    }
