"""The ways in which models write the call of a tool."""

import json

import pytest

from hanlin.engine.worker.calls import SPELLINGS, read_calls

[TAGGED] = [spelling for spelling in SPELLINGS if spelling.opener == "<tool_call>"]


@pytest.mark.parametrize(
    ("text", "name", "arguments"),
    [
        ('\n{"name": "f", "arguments": {"x": "1+1"}}\n', "f", {"x": "1+1"}),
        ('{"name": "f", "arguments": "{\\"x\\": 2}"}', "f", {"x": 2}),
        ('{"name": "f"}', "f", {}),
        (
            """
<function=f>
<parameter=x>
1 + 1
</parameter>
<parameter=n>
3
</parameter>
</function>
""",
            "f",
            {"x": "1 + 1", "n": "3"},
        ),
        ("<function=f></function>", "f", {}),
        (
            """f
<arg_key>x</arg_key>
<arg_value>你 好</arg_value>
<arg_key>n</arg_key>
<arg_value>[1]</arg_value>
""",
            "f",
            {"x": "你 好", "n": "[1]"},
        ),
        ("f<arg_key>x</arg_key><arg_value>a\nb</arg_value>", "f", {"x": "a\nb"}),
        ("now", "now", {}),
    ],
)
def test_a_call_is_read(text: str, name: str, arguments: dict[str, object]) -> None:
    [call] = read_calls(text, TAGGED)
    told = json.loads(call)
    assert (told["name"], told["arguments"] | told.get("texts", {})) == (name, arguments)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        '{"name": 1, "arguments": {}}',
        '{"name": "f", "arguments": [1]}',
        '{"name": "f", "arguments": "x"}',
        "two words",
        "f <arg_key>x",
        '{"name": ' + "[" * 100_000,
    ],
)
def test_what_is_no_call_is_none(text: str) -> None:
    assert read_calls(text, TAGGED) == []


def read(opener: str, text: str) -> list[object]:
    [spelling] = [spelling for spelling in SPELLINGS if spelling.opener == opener]
    return [json.loads(call) for call in read_calls(text, spelling)]


@pytest.mark.parametrize(
    ("opener", "text"),
    [
        ("<tool_calls>", '[{"name": "f", "arguments": {"x": 1}}]'),
        ("<tool_calls>", '\n{"name": "f", "arguments": {"x": 1}}\n'),
        ("<function=", 'f>{"x": 1}'),
        ("<|tool_call_start|>", "[f(x=1)]"),
        ("<|tool_call_start|>", "f(x=1)"),
        ("<|tool_call>", "call:f{x:1}"),
        ("<|START_ACTION|>", '[{"tool_call_id": "0", "tool_name": "f", "parameters": {"x": 1}}]'),
        ("<|tools_prefix|>", '[{"f": {"x": 1}}]'),
        ("[TOOL_CALLS]", '[{"name": "f", "arguments": {"x": 1}, "id": "123456789"}]'),
        ("[TOOL_CALLS]", 'f[ARGS]{"x": 1}'),
        ("to=functions.", 'f <|constrain|>json<|message|>{"x": 1}'),
        ("to=functions.", 'f<|channel|>commentary json<|message|>{"x": 1}'),
        (
            "<|tool_calls_section_begin|>",
            '<|tool_call_begin|>f:0<|tool_call_argument_begin|>{"x": 1}<|tool_call_end|>',
        ),
    ],
)
def test_every_family_is_read(opener: str, text: str) -> None:
    assert read(opener, text) == [{"name": "f", "arguments": {"x": 1}}]


@pytest.mark.parametrize(
    ("opener", "text"),
    [
        ("<|tool_call_start|>", "[f(1)]"),
        ("<|tool_call_start|>", "[__import__('os').system('x')]"),
        ("<|tool_call_start|>", "[f(x={1, 2})]"),
        ("<|tool_call_start|>", "[f(x=" + "(" * 10_000),
        ("<|tool_call>", "call:f{x:"),
        ("<tool_calls>", '[{"name": "f", "arguments": {"x": 1}}, 3]'),
        ("<tool_calls>", ""),
        ("<tool_calls>", "<tool_call>f</tool_call><tool_call>two words</tool_call>"),
        ("<function=", "a name>x"),
        ('<function name="', "no end"),
        ("[TOOL_CALLS]", "f{}"),
        ("<|tool_calls_section_begin|>", "nothing"),
        ("<｜DSML｜tool_calls>", "nothing"),
    ],
)
def test_what_is_no_call_of_a_family_is_text(opener: str, text: str) -> None:
    assert read(opener, text) == []
