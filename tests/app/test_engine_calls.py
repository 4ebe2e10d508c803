"""The ways in which models write the call of a tool."""

import json

import pytest

from hanlin.engine.worker.calls import read_call


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
            {"x": "1 + 1", "n": 3},
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
            {"x": "你 好", "n": [1]},
        ),
        ("f<arg_key>x</arg_key><arg_value>a\nb</arg_value>", "f", {"x": "a\nb"}),
        ("now", "now", {}),
    ],
)
def test_a_call_is_read(text: str, name: str, arguments: dict[str, object]) -> None:
    call = read_call(text)
    assert call is not None
    assert json.loads(call) == {"name": name, "arguments": arguments}


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
    assert read_call(text) is None
