"""The forms in which families want a gap, and what a person's text in it stays: text."""

import pytest

from hanlin.domain.filling import FORMATS, FillFormat, Gap, Made, format_called, made_for, shortened
from hanlin.engine.worker.stream import AnswerParser

EXPECTED = {
    "qwen": "<|fim_prefix|>PRE<|fim_suffix|>SUF<|fim_middle|>",
    "deepseek": "<｜fim▁begin｜>PRE<｜fim▁hole｜>SUF<｜fim▁end｜>",
    "glm": "<|code_prefix|>PRE<|code_suffix|>SUF<|code_middle|>",
    "seed": "<[fim-suffix]>SUF<[fim-prefix]>PRE<[fim-middle]>",
    "starcoder": "<fim_prefix>PRE<fim_suffix>SUF<fim_middle>",
    "starcoder-hyphen": "<fim-prefix>PRE<fim-suffix>SUF<fim-middle>",
    "codellama": "▁<PRE>PRE▁<SUF>SUF▁<MID>",
    "codestral": "[SUFFIX]SUF[PREFIX]PRE",
}


@pytest.mark.parametrize("name", EXPECTED)
def test_each_family_has_its_form(name: str) -> None:
    known = format_called(name)
    assert known is not None
    segments = known.prompt(Gap("PRE", "SUF")).segments
    assert "".join(segment.text for segment in segments) == EXPECTED[name]
    assert [s.text for s in segments if not s.control] == (
        ["SUF", "PRE"] if known.suffix_first else ["PRE", "SUF"]
    )


def test_every_family_is_listed() -> None:
    assert {known.name for known in FORMATS} == set(EXPECTED)


@pytest.mark.parametrize("known", FORMATS, ids=lambda known: known.name)
def test_marks_in_what_a_person_wrote_are_text(known: FillFormat) -> None:
    gap = Gap("".join(known.marks), "<|endoftext|>" + known.middle)
    texts = [s.text for s in known.prompt(gap).segments if not s.control]
    assert sorted(texts) == sorted((gap.prefix, gap.suffix))


def test_what_is_far_from_the_gap_goes_first() -> None:
    assert shortened(Gap("0123456789", "abcdefghij"), 0.5) == Gap("56789", "abcde")
    assert shortened(Gap("", "abcd"), 0.5) == Gap("", "ab")


@pytest.mark.parametrize(
    ("name", "made"),
    [
        ("qwen2.5-coder-7b-q8_0", Made.FILLING),
        ("Qwen2.5-Coder-7B-Instruct", Made.TALKING),
        ("Qwen3-Coder-30B-A3B-Instruct", Made.TALKING),
        ("deepseek-coder-6.7b-base", Made.FILLING),
        ("Seed-Coder-8B-Base", Made.FILLING),
        ("starcoder2-3b", Made.FILLING),
        ("Codestral-22B", Made.FILLING),
        ("gemma-3-4b-it", Made.TALKING),
        ("Qwen3-8B", Made.UNKNOWN),
        ("书童", Made.FILLING),
        ("書童", Made.FILLING),
    ],
)
def test_base_and_instruct_are_told_apart_by_name(name: str, made: Made) -> None:
    assert made_for(name) is made


def test_a_plain_answer_keeps_every_character() -> None:
    parser = AnswerParser(None, ("<|stop|>",), plain=True)
    pieces = [*parser.feed("\n\n  <think>a</think>\n"), *parser.feed("b\n<|stop|>c")]
    whole = "".join(text for _kind, text in (*pieces, *parser.end()))
    assert whole == "\n\n  <think>a</think>\nb\n"
