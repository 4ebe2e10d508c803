"""Thoughts, text and stops are told apart wherever the pieces are cut."""

import random

import pytest

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker.stream import TAGS, AnswerParser, Tag, open_thought

THINK = Tag("<think>", "</think>")
ANALYSIS, FINAL = "<|channel|>analysis<|message|>", "<|channel|>final<|message|>"


def parse(pieces: list[str], thought: Tag | None = None, stop: tuple[str, ...] = ()) -> list[str]:
    """Return [thinking, text]."""
    parser = AnswerParser(thought, stop)
    told = [piece for text in pieces for piece in parser.feed(text)] + parser.end()
    assert all(text for _, text in told)
    return [
        "".join(text for kind, text in told if kind is wanted)
        for wanted in (PartKind.THINKING, PartKind.TEXT)
    ]


def parse_calls(pieces: list[str]) -> list[tuple[PartKind, str]]:
    """Return the pieces of an answer for which tools were offered, neighbours joined."""
    parser = AnswerParser(None, with_calls=True)
    joined: list[tuple[PartKind, str]] = []
    for kind, text in [piece for fed in pieces for piece in parser.feed(fed)] + parser.end():
        goes_on = joined and kind is PartKind.TEXT is joined[-1][0]
        joined.append((kind, joined.pop()[1] + text if goes_on else text))
    return joined


def cuts(text: str) -> list[list[str]]:
    randomly = random.Random(1)
    ways = [[text], list(text)]
    for _ in range(30):
        points = sorted(randomly.sample(range(len(text) + 1), min(4, len(text))))
        ways.append([text[a:b] for a, b in zip([0, *points], [*points, len(text)], strict=True)])
    return ways


@pytest.mark.parametrize(
    ("answer", "thought", "expected"),
    [
        ("你好", None, ["", "你好"]),
        ("<think>\nhm\n</think>\n\n你好\n", None, ["hm", "你好\n"]),
        ("\n <think>hm</think>x", None, ["hm", "x"]),
        ("<think>\n\n</think>\n\nx", None, ["", "x"]),
        ("hm </think>\n\nx", THINK, ["hm", "x"]),
        ("hm <b> </thin king", THINK, ["hm <b> </thin king", ""]),
        ("unfinished \n", THINK, ["unfinished", ""]),
        ("write <think> so", None, ["", "write <think> so"]),
        ("<thinking is hard", None, ["", "<thinking is hard"]),
        ("<thi", None, ["", "<thi"]),
        ("  indented", None, ["", "  indented"]),
        ("a</think>b", None, ["", "a</think>b"]),
        ("<think>a</think>b<think>c</think>", None, ["a", "b<think>c</think>"]),
        ("◁think▷想◁/think▷答", None, ["想", "答"]),
        ("<seed:think>a</seed:think>b", None, ["a", "b"]),
        ("<think:opensource>a</think:opensource>b", None, ["a", "b"]),
        ("<|channel>thought\na<channel|>b", None, ["a", "b"]),
        (f"{ANALYSIS}a<|end|><|start|>assistant{FINAL}b", None, ["a", "b"]),
        (f"{FINAL}b {FINAL}", None, ["", f"b {FINAL}"]),
        ("<|channel|>fin", None, ["", "<|channel|>fin"]),
        ("", None, ["", ""]),
        ("", THINK, ["", ""]),
    ],
)
def test_an_answer_is_split_however_it_is_cut(
    answer: str, thought: Tag | None, expected: list[str]
) -> None:
    for pieces in cuts(answer):
        assert parse(pieces, thought) == expected, pieces


def test_a_stop_text_ends_the_answer_however_it_is_cut() -> None:
    for pieces in cuts("你好<|im_end|>\n<|im_start|>user"):
        assert parse(pieces, stop=("<|im_end|>",)) == ["", "你好"], pieces
    for pieces in cuts("a<|im_enough|>"):
        assert parse(pieces, stop=("<|im_end|>",)) == ["", "a<|im_enough|>"], pieces


def test_text_is_not_held_back_longer_than_needed() -> None:
    parser = AnswerParser(THINK)
    assert parser.feed("one </") == [(PartKind.THINKING, "one")]
    assert parser.feed("b> two") == [(PartKind.THINKING, " </b> two")]
    assert parser.feed("</think>\n\nanswer") == [(PartKind.TEXT, "answer")]
    assert parser.feed(" goes on") == [(PartKind.TEXT, " goes on")]


@pytest.mark.parametrize("tag", TAGS)
def test_the_tail_of_the_prompt_tells_whether_a_thought_is_open(tag: Tag) -> None:
    assert open_thought(f"<|im_start|>assistant\n{tag.opener}\n") == tag
    assert open_thought(f"assistant\n{tag.opener}\n\n{tag.closer}\n\n") is None
    assert open_thought(f"assistant\n{tag.closer}") is None
    assert open_thought("<|im_start|>assistant\n") is None


CALL = '{"name": "f", "arguments": {"x": 1}}'
WRONG = "<tool_call>x y</tool_call>"
HARMONY = 'to=functions.f <|constrain|>json<|message|>{"x": 1}'


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (f"<tool_call>\n{CALL}\n</tool_call>", [CALL]),
        (f"hm\n<tool_call>{CALL}</tool_call>", ["hm\n", CALL]),
        (f"<tool_call>{CALL}</tool_call>\n<tool_call>{CALL}</tool_call>", [CALL, CALL]),
        (f"<think>a</think>\n\n<tool_call>{CALL}</tool_call>", ["a", CALL]),
        ("<tool_call>nothing\nof it</tool_call>x", ["<tool_call>nothing\nof it</tool_call>x"]),
        (f"<tool_call>{CALL}", [f"<tool_call>{CALL}"]),
        ("a <tool", ["a <tool"]),
        ("a </tool_call> b", ["a </tool_call> b"]),
        (f"<tool_call>x y</tool_call><tool_call>{CALL}</tool_call>", [WRONG, CALL]),
        (f"<tool_calls>[{CALL}, {CALL}]</tool_calls>b", [CALL, CALL, "b"]),
        (f"a[TOOL_CALLS][{CALL}]", ["a", CALL]),
        ("a[TOOL_CALLS]b", ["a[TOOL_CALLS]b"]),
        (f"{ANALYSIS}a<|end|><|start|>assistant {HARMONY}", ["a", CALL]),
        (f"{ANALYSIS}a<|end|><|start|>assistant<|channel|>commentary {HARMONY}", ["a", CALL]),
    ],
)
def test_calls_are_told_whole_wherever_they_are_cut(answer: str, expected: list[str]) -> None:
    for pieces in cuts(answer):
        told = parse_calls(pieces)
        assert [text for _, text in told] == expected
        assert [text for kind, text in told if kind is PartKind.TOOL_CALL] == [
            text for text in expected if text == CALL
        ]


def test_without_tools_a_call_is_text() -> None:
    answer = f"<tool_call>{CALL}</tool_call>"
    for pieces in cuts(answer):
        assert parse(pieces) == ["", answer]
