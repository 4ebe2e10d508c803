"""The tools that come with the program: what they answer, and what they refuse."""

import os
import threading
from collections.abc import Sequence
from pathlib import Path

import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn
from hanlin.domain.tools import Outcome, Tool, ToolCall, ToolResult
from hanlin.services.attached import Passage
from hanlin.services.tools import calculator, reading
from hanlin.services.tools.box import LONGEST_RESULT, BuiltIn, Scene, Toolbox, built_in

SCHEMA = '{"type": "object", "properties": {"path": {"type": "string"}}, "required": []}'


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("17*6", "102"),
        ("0.1+0.2", "0.3"),
        ("1/3", "0.333333333333333"),
        ("10/4", "2.5"),
        ("-7/8", "-0.875"),
        ("２３×４５", "1035"),
        ("(3+4)÷2 =", "3.5"),
        ("2^10", "1024"),
        ("√144", "12"),
        ("sqrt(2)", "1.4142135623731"),
        ("5!", "120"),
        ("1,234,567+1", "1234568"),
        ("max(1,2,3)", "3"),
        ("15%*200", "30"),
        ("200*15%", "30"),
        ("17 % 5", "2"),
        ("2**100", "1267650600228229401496703205376"),
        ("1e3", "1000"),
        ("round(3.14159, 2)", "3.14"),
        ("100!/98!", "9900"),
    ],
)
def test_the_calculator_calculates(expression: str, value: str) -> None:
    assert calculator.calculate(expression).startswith(value)


@pytest.mark.parametrize(
    "expression",
    [
        "9**9**9**9",
        "10**100000",
        "100000!",
        "factorial(10**9)",
        "1/0",
        "__import__('os').system('id')",
        "().__class__",
        "open('/etc/passwd').read()",
        "[x for x in range(10**9)]",
        "'a'*10**10",
        "(" * 500 + "1" + ")" * 500,
        "-" * 900 + "1",
        "1e400",
        "",
        "hello",
        "lambda: 1",
        "1 if 1 else 2",
        "9" * 2000,
        "sqrt(-1)",
        "(-8)**0.5",
        "round(1, 10**9) + nothing",
        "exp(100000)",
        "pow(7, 7**7)",
    ],
)
def test_the_calculator_refuses_what_is_no_sum_or_no_end(expression: str) -> None:
    with pytest.raises(calculator.CalculationError):
        calculator.calculate(expression)


class Shelf:
    """One document, in the conversation “c”."""

    def has_text(self, conversation_id: str) -> bool:
        return conversation_id == "c"

    def find(self, conversation_id: str, query: str) -> Sequence[Passage]:
        here = self.has_text(conversation_id) and query == "违约金"
        return [Passage("合同.pdf", 3, True, "三 违约金")] if here else []  # noqa: FBT003


BOX = Toolbox(built_in(Shelf()))


def run(name: str, arguments: str, *said: str, box: Toolbox = BOX) -> ToolResult:
    turns = [Turn(Role.USER, text) for text in said]
    return box.run(ToolCall(name, arguments), Scene(turns, "c"))


@pytest.mark.parametrize(
    ("value", "source", "target", "told"),
    [
        (1, "km", "m", "1000"),
        (100, "C", "F", "212"),
        (32, "℉", "摄氏度", "0"),
        (5, "斤", "kg", "2.5"),
        (1, "亩", "平方米", "666.66"),
        (1, "GiB", "MB", "1073.741824"),
        (36, "km/h", "m/s", "10"),
        (1, "Mile", "kilometers", "1.609344"),
    ],
)
def test_units_are_converted(value: int, source: str, target: str, told: str) -> None:
    result = run("convert_units", f'{{"value": {value}, "from": "{source}", "to": "{target}"}}')
    assert result.outcome is Outcome.DONE
    assert result.text.startswith(f"{value} {source} = {told}")


def test_units_of_different_things_are_not_converted() -> None:
    for target in ("kg", "parsnips"):
        result = run("convert_units", f'{{"value": 1, "from": "m", "to": "{target}"}}')
        assert result.outcome is Outcome.FAILED


def test_the_clock_tells_the_time_of_a_zone_or_says_that_it_does_not_know_it() -> None:
    assert "+0000" in run("get_time", '{"zone": "UTC"}').text
    assert run("get_time", "{}").outcome is Outcome.DONE
    assert "not known" in run("get_time", '{"zone": "../../etc/passwd"}').text


def test_only_a_file_that_the_person_named_is_read(tmp_path: Path) -> None:
    note = tmp_path / "笔 记.txt"
    note.write_text("你好", encoding="gb18030")
    secret = tmp_path / "secret.txt"
    secret.write_text("no")
    said = f"请总结“{note}”"
    assert run("read_file", f'{{"path": "{note}"}}', said) == ToolResult(Outcome.DONE, "你好")
    for path in (secret, tmp_path / "." / ".." / "x", "笔 记.txt", "//server/share/x"):
        assert run("read_file", f'{{"path": "{path}"}}', said).outcome is Outcome.FAILED


def test_what_is_no_text_is_not_read_and_nothing_waits(tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0\0")
    os.mkfifo(tmp_path / "pipe")
    for name in ("binary", "pipe", "missing", ""):
        path = tmp_path / name
        assert run("read_file", f'{{"path": "{path}"}}', str(path)).outcome is Outcome.FAILED


def test_a_long_file_is_cut(tmp_path: Path) -> None:
    book = tmp_path / "book.txt"
    book.write_bytes("字".encode() * reading.LARGEST)
    result = run("read_file", f'{{"path": "{book}"}}', f"read {book}")
    assert result.outcome is Outcome.DONE
    assert len(result.text) < LONGEST_RESULT + 100


def test_paths_are_found_where_people_write_them() -> None:
    said = ["看 /home/a/b.txt，谢谢", "'/x/y z.md' and ~/q", r"\\server\share\f", "//h/s/f", "a/b"]
    home = str(Path("~/q").expanduser())
    assert reading.named_files(said) == {"/home/a/b.txt", "/x/y z.md", home}


def test_tools_are_offered_where_they_are_of_use() -> None:
    always = ["calculator", "get_time", "convert_units"]
    for said, conversation, more in (
        ("17*6?", "", []),
        ("read /tmp/a.txt", "", ["read_file"]),
        ("what does it say?", "c", ["search_documents"]),
    ):
        scene = Scene([Turn(Role.USER, said)], conversation)
        assert [tool.name for tool in BOX.offered(scene)] == always + more


def test_passages_of_the_conversations_documents_are_found() -> None:
    found = run("search_documents", '{"query": "违约金"}')
    assert found == ToolResult(Outcome.DONE, "合同.pdf, page 3:\n三 违约金")
    assert run("search_documents", '{"query": "rent"}').outcome is Outcome.FAILED


@pytest.mark.parametrize(
    "call",
    [
        ToolCall("calculator", "{}"),
        ToolCall("calculator", '{"expression": 7}'),
        ToolCall("calculator", '{"expression": ["1"]}'),
        ToolCall("convert_units", '{"value": true, "from": "m", "to": "km"}'),
        ToolCall("rm", '{"path": "/"}'),
        ToolCall.read("no json"),
        ToolCall.read('["calculator"]'),
        ToolCall.read('{"name": 7, "arguments": "x"}'),
    ],
)
def test_a_malformed_call_is_named(call: ToolCall) -> None:
    assert BOX.fault(call)


def test_a_tool_that_hangs_or_floods_or_raises_ends_in_a_sentence() -> None:
    gone = threading.Event()

    def built(name: str, act: object) -> BuiltIn:
        return BuiltIn(Tool(name, "", SCHEMA), act)  # type: ignore[arg-type]

    box = Toolbox(
        [
            built("hangs", lambda _a, _t: str(gone.wait())),
            built("floods", lambda _a, _t: "x" * 100_000_000),
            built("breaks", lambda _a, _t: 1 / 0),
        ],
        seconds=0.5,
    )
    try:
        assert run("hangs", "{}", box=box).outcome is Outcome.FAILED
    finally:
        gone.set()
    assert len(run("floods", "{}", box=Toolbox([box._tools["floods"]])).text) < 2 * LONGEST_RESULT
    assert run("breaks", "{}", box=box).outcome is Outcome.FAILED
