"""The command line in this process, over a scripted engine: what it prints and how it ends."""

import io
import json
import logging
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import pytest

from hanlin import bootstrap
from hanlin.__main__ import _repair_streams
from hanlin.cli import main as cli
from hanlin.cli.output import Console
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import SAMPLING_LIMITS, Form, Sampling, TokenBias
from hanlin.kernel import paths
from hanlin.kernel.errors import KnownError
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.foreign_files import picture
from hanlin_fakes.gguf_models import write_scripted

Run = Callable[..., tuple[int, str, str]]
T = TypeVar("T")


class Engines:
    """Each command gets an engine of its own, as in life; the test scripts the next one."""

    def __init__(self) -> None:
        self.next = ScriptedEngine()
        self.used: list[ScriptedEngine] = []

    def take(self, _prompts: object, **_options: object) -> ScriptedEngine:
        self.used.append(self.next)
        self.next = ScriptedEngine()
        return self.used[-1]


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Engines]:
    engines = Engines()
    monkeypatch.setattr(bootstrap, "EngineClient", engines.take)
    yield engines
    engines.next.close()


@pytest.fixture
def run(engines: Engines, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    del engines  # only asked for, so that no real engine is started

    def run(*words: str) -> tuple[int, str, str]:
        code = cli.main(["--data-dir", str(tmp_path / "数据"), *words])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return run


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A file that the library accepts as a model; the scripted engine does not read it."""
    return write_scripted(tmp_path / "小 模型.gguf", ["unused"])


def test_ask_prints_the_answer_and_stores_nothing(
    run: Run, engines: Engines, model: Path, tmp_path: Path
) -> None:
    engines.next.enqueue((PartKind.THINKING, "hm"), "你好", "！")
    code, out, _err = run("ask", "--model", str(model), "--system", "Be kind.", "在吗")
    assert (code, out) == (0, "你好！\n")
    assert [(turn.role, turn.text) for turn in engines.used[-1].asked[0].turns] == [
        (Role.SYSTEM, "Be kind."),
        (Role.USER, "在吗"),
    ]
    assert not paths.under(tmp_path / "数据").database.exists()


def test_ask_in_json_ends_with_done(run: Run, engines: Engines, model: Path) -> None:
    engines.next.enqueue((PartKind.THINKING, "hm"), "hi")
    code, out, _err = run(
        "ask", "--json", "--model", str(model), "--seed", "7", "--max-tokens", "9",
        "--thinking", "on", "hello",
    )  # fmt: skip
    events = [json.loads(line) for line in out.splitlines()]
    assert code == 0
    assert [event["event"] for event in events] == ["delta", "delta", "done"]
    assert [event.get("kind") for event in events[:2]] == ["thinking", "text"]
    assert set(events[-1]["timings"]) == {
        "prefill_tokens",
        "prefill_ms",
        "decode_tokens",
        "decode_ms",
    }
    options = engines.used[-1].asked[0].options
    assert (options.sampling.seed, options.max_tokens, options.thinking) == (7, 9, True)


def test_ask_takes_every_sampler_that_people_know(run: Run, engines: Engines, model: Path) -> None:
    said: dict[str, Any] = {
        "temperature": 0.25,
        "top_k": 12,
        "top_p": 0.5,
        "min_p": 0.125,
        "seed": 9,
        "repeat_penalty": 1.5,
        "presence_penalty": -0.5,
        "frequency_penalty": 0.75,
        "dry": 0.5,
    }
    assert said.keys() == SAMPLING_LIMITS.keys()
    words = [f"--{name.replace('_', '-')}={value}" for name, value in said.items()]
    engines.next.enqueue("hi")
    weights = ("--logit-bias", "however=-5", "--logit-bias", "#7=100")
    assert run("ask", "--model", str(model), *words, *weights, "x")[0] == 0
    bias = (TokenBias(-1, -5.0, "however"), TokenBias(7, 100.0))
    assert engines.used[-1].asked[0].options.sampling == Sampling(**said, bias=bias)


def test_ask_holds_the_answer_to_a_form_and_the_thought_to_a_budget(
    run: Run, engines: Engines, model: Path, tmp_path: Path
) -> None:
    schema, grammar = tmp_path / "schema.json", tmp_path / "words.gbnf"
    schema.write_text('{"type": "object"}', "utf-8")
    grammar.write_text('root ::= "是" | "否"', "utf-8")
    common = ("ask", "--model", str(model))
    words = ("--json-schema", str(schema), "--thinking-budget", "64", "--effort", "low", "x")
    engines.next.enqueue("{}")
    assert run(*common, *words)[0] == 0
    options = engines.used[-1].asked[0].options
    assert options.form == Form(json_schema='{"type": "object"}')
    assert (options.thinking_budget, options.effort) == (64, "low")
    engines.next.enqueue("是")
    assert run(*common, "--grammar", str(grammar), "x")[0] == 0
    assert engines.used[-1].asked[0].options.form == Form(grammar='root ::= "是" | "否"')
    before = len(engines.used)
    code, _out, err = run(*common, "--grammar", str(tmp_path / "none"), "x")
    assert code != 0
    assert "cannot be read" in err
    assert len(engines.used) == before


def test_ask_reads_standard_input(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for encoding in ("utf-8", "gb18030", "utf-16"):
        engines.next.enqueue("ok")
        came = io.TextIOWrapper(io.BytesIO("多行的\n问题在这里".encode(encoding)), "utf-8")
        monkeypatch.setattr("sys.stdin", came)
        assert run("ask", "--model", str(model), "-")[0] == 0
        assert engines.used[-1].asked[0].turns[-1].text == "多行的\n问题在这里"
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"\x7fELF\0\0\1"), "utf-8"))
    code, _out, err = run("ask", "--model", str(model), "-")
    assert code == 1
    assert "--file" in err


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("json_lines", [False, True])
def test_a_full_disk_behind_the_output_is_told(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch, *, json_lines: bool
) -> None:
    engines.next.enqueue("ok")
    with suppress(OSError), Path("/dev/full").open("w", encoding="utf-8") as full:
        monkeypatch.setattr("sys.stdout", full)
        words = ["--json"] if json_lines else []
        code, _out, err = run("ask", *words, "--model", str(model), "q")
        assert code == 1
        assert "The disk is full" in err


def test_who_has_no_input_reads_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    _repair_streams()
    with sys.stdin as nothing:
        assert nothing.read() == ""


def test_a_line_in_another_encoding_ends_no_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    typed = io.TextIOWrapper(io.BytesIO("你好\n".encode("gb18030")), "utf-8")
    monkeypatch.setattr("sys.stdin", typed)
    _repair_streams()
    assert typed.readline().endswith("\n")


@pytest.mark.parametrize("json_lines", [False, True])
def test_an_error_is_one_sentence_with_what_to_do(run: Run, *, json_lines: bool) -> None:
    code, out, err = run("ask", *(["--json"] if json_lines else []), "--model", "no/such", "x")
    assert code == 1
    if json_lines:
        event = json.loads(out)
        assert event["event"] == "error"
        assert event["hint"]
    else:
        assert out == ""
        assert "no/such" in err


def test_models_are_added_listed_and_forgotten(run: Run, model: Path) -> None:
    assert run("models", "add", str(model))[0] == 0
    _code, out, _err = run("models", "list", "--json")
    listed = [entry for entry in json.loads(out) if not entry["starter"]]
    assert [entry["path"] for entry in listed] == [str(model)]
    assert run("models", "rm", listed[0]["id"])[0] == 0
    _code, out, _err = run("models", "list", "--json")
    assert [entry for entry in json.loads(out) if not entry["starter"]] == []
    assert model.exists()


def test_chat_keeps_its_conversation_and_goes_on_with_it(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("models", "add", str(model))

    def talk(*lines: str, words: tuple[str, ...] = ()) -> str:
        typed = iter(lines)
        monkeypatch.setattr("builtins.input", lambda _prompt: _next_or_end(typed))
        code, out, _err = run("chat", "--model", str(model), *words)
        assert code == 0
        return out

    engines.next.enqueue("一")
    assert "一\n" in talk("第一问", "")
    engines.next.enqueue("二")
    assert "二\n" in talk("第二问", words=("--continue",))
    assert [turn.text for turn in engines.used[-1].asked[0].turns] == ["第一问", "一", "第二问"]


def test_chat_asks_about_every_call_of_a_tool(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def call(expression: str) -> tuple[PartKind, str]:
        told = {"name": "calculator", "arguments": {"expression": expression}}
        return PartKind.TOOL_CALL, json.dumps(told)

    def talk(*lines: str | BaseException) -> tuple[str, str, list[str]]:
        typed, prompts = iter(lines), list[str]()

        def read(prompt: str) -> str:
            prompts.append(prompt)
            said = _next_or_end(typed)
            if isinstance(said, BaseException):
                raise said
            return said

        monkeypatch.setattr("builtins.input", read)
        code, out, err = run("chat", "--tools", "--model", str(model))
        assert code == 0
        return out, err, prompts

    engines.next.enqueue(call("17*6"))
    engines.next.enqueue("102.")
    out, err, prompts = talk("17*6?", "what?", "Ｙ")
    assert "102.\n" in out
    assert "17*6" in err
    assert "→ 102" in err
    assert prompts[1] == prompts[2] != prompts[0]
    assert engines.used[-1].asked[-1].turns[-1].text == "102"

    for refusal in ("", "n", EOFError()):
        engines.next.enqueue(call("1+1"))
        engines.next.enqueue("Then not.")
        talk("q", refusal)
        assert "did not allow" in engines.used[-1].asked[-1].turns[-1].text

    engines.next.enqueue(call("1+1"))
    engines.next.enqueue(call("2+2"))
    engines.next.enqueue("done")
    _out, _err, prompts = talk("q", "a")
    assert len(prompts) == 3

    engines.next.enqueue(call("1+1"))
    engines.next.enqueue("still here")
    out, _err, _prompts = talk("q", KeyboardInterrupt(), "there?")
    assert "still here" in out


def test_chat_offers_no_tools_where_nobody_can_be_asked(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    settings = paths.under(tmp_path / "数据").settings
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"version": 1, "tools": True}), encoding="utf-8")
    monkeypatch.setattr("sys.stdin", io.StringIO("q\n"))
    engines.next.enqueue("a")
    assert run("chat", "--model", str(model))[0] == 0
    assert engines.used[-1].asked[0].options.tools == ()


def test_ctrl_c_while_an_answer_is_printed_stops_the_answer_and_not_the_chat(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("models", "add", str(model))
    typed = iter(["说个不停", "还在吗"])
    monkeypatch.setattr("builtins.input", lambda _prompt: _next_or_end(typed))
    write = Console.write

    def write_and_press(console: Console, text: str) -> None:
        write(console, text)
        if text == "一":
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Console, "write", write_and_press)
    engines.next.enqueue("一", "二", hold_after=1)
    engines.next.enqueue("还在")
    code, out, _err = run("chat", "--model", str(model))
    assert code == 0
    assert "一\n还在\n" in out


def _next_or_end(lines: Iterator[T]) -> T:
    try:
        return next(lines)
    except StopIteration:
        raise EOFError from None


def test_chat_says_when_the_key_lies_beside_the_conversations(
    run: Run, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _prompt: _next_or_end(iter(())))
    _code, _out, err = run("chat", "--model", str(model))
    assert "anyone with this disk can read them" in err


def test_status_lines_never_reach_a_pipe() -> None:
    out, err = io.StringIO(), io.StringIO()
    console = Console(json_lines=False, out=out, err=err)
    console.status("loading")
    console.write("text")
    console.note("note")
    assert (out.getvalue(), err.getvalue()) == ("text\n", "note\n")


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_terminal_gets_nothing_to_obey_and_a_pipe_gets_every_byte() -> None:
    evil = "\x1b]52;c;cm0gLXJm\x07\r\x9b2Jhi\n\tthere \u202egnp.\u2066exe"
    shown = "�]52;c;cm0gLXJm���2Jhi\n\tthere �gnp.�exe"
    for stream, expected in ((_Terminal(), shown), (io.StringIO(), evil)):
        console = Console(json_lines=False, out=stream, err=io.StringIO())
        console.write(evil)
        assert stream.getvalue() == expected
    err = _Terminal()
    console = Console(json_lines=False, out=io.StringIO(), err=err)
    console.note(evil)
    console.error(KnownError("title", evil))
    assert "\x1b" not in err.getvalue()
    assert err.getvalue().count(shown) == 2


def test_chat_takes_the_path_of_a_file_that_was_not_added(
    run: Run, engines: Engines, model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = iter(["在吗"])
    monkeypatch.setattr("builtins.input", lambda _prompt: _next_or_end(typed))
    engines.next.enqueue("在")
    assert run("chat", "--model", str(model))[:2] == (0, "在\n\n")
    assert run("chat", "--model", str(model.with_name("gone.gguf")))[0] == 1


def test_the_log_stays_out_of_the_terminal_but_a_damaged_file_is_told(
    run: Run, engines: Engines, model: Path, tmp_path: Path
) -> None:
    engines.next.enqueue("hi")
    _code, _out, err = run("ask", "--model", str(model), "x")
    assert err == ""
    folders = paths.under(tmp_path / "数据")
    models = folders.data / "models.json"
    models.parent.mkdir(parents=True, exist_ok=True)
    models.write_text("[1", encoding="utf-8")
    assert "models.json could not be read" in run("models", "list")[2]
    logging.getLogger("hanlin.test").warning("between two commands")
    assert "models.json could not be read" in (folders.logs / "cli.log").read_text("utf-8")


def test_a_chinese_status_is_removed_over_its_whole_width() -> None:
    err = _Terminal()
    console = Console(json_lines=False, out=io.StringIO(), err=err)
    console.status("正在加载 A：9%")  # five wide characters, four narrow ones
    console.clear_status()
    assert err.getvalue().split("\r")[2] == " " * (2 * 5 + 4)


def test_code_and_pictures_are_asked_of_the_models_kept_for_them(
    run: Run, engines: Engines, tmp_path: Path
) -> None:
    known: dict[str, str] = {}
    for name in ("talker", "coder", "sees"):
        run("models", "add", str(write_scripted(tmp_path / f"{name}.gguf", ["unused"])))
    for one in json.loads(run("models", "list", "--json")[1]):
        known[Path(one["path"]).stem] = one["id"]
    folders = paths.under(tmp_path / "数据")
    folders.settings.parent.mkdir(parents=True, exist_ok=True)
    kept = {"model_for_coding": known["coder"], "model_for_pictures": known["sees"]}
    folders.settings.write_text(json.dumps({"version": 1, **kept}), encoding="utf-8")
    folders.window_state.write_text(
        json.dumps({"version": 1, "last_model": known["talker"]}), encoding="utf-8"
    )
    code, cat = tmp_path / "a.py", tmp_path / "cat.png"
    code.write_text("x = 1\n", encoding="utf-8")
    cat.write_bytes(picture())

    def loaded(*words: str) -> tuple[str, str]:
        engines.next.enqueue("answer")
        status, _out, err = run(*words)
        assert status == 0, err
        [(path, _options)] = engines.used[-1].loads
        return path.stem, err

    assert loaded("ask", "hello")[0] == "talker"
    name, told = loaded("code", "explain", str(code))
    assert (name, "kept for programming" in told) == ("coder", True)
    assert loaded("fim", "--prefix", str(code))[0] == "coder"
    name, told = loaded("ask", "--image", str(cat), "what is it")
    assert (name, "kept for pictures" in told) == ("sees", True)
    assert loaded("code", "explain", str(code), "--model", known["talker"])[0] == "talker"


def test_a_question_of_several_words_needs_no_quotes(
    run: Run, engines: Engines, model: Path
) -> None:
    engines.next.enqueue("3")
    assert run("ask", "--model", str(model), "one", "and", "two?")[:2] == (0, "3\n")
    assert engines.used[-1].asked[0].turns[-1].text == "one and two?"


@pytest.mark.parametrize(
    "words",
    [
        "code explain --model m one.py two.py",
        "code --model m explain one.py two.py",
        "code explain one.py --model m two.py",
        "code explain one.py two.py --model m",
    ],
)
def test_options_stand_before_between_and_behind_the_files(words: str) -> None:
    parsed = cli.build_parser().parse_args(words.split())
    assert (parsed.action, parsed.model) == ("explain", "m")
    assert parsed.files == ["one.py", "two.py"]


def test_words_behind_two_dashes_are_no_options() -> None:
    parsed = cli.build_parser().parse_args(["ask", "--model", "m", "--", "-5", "--seed"])
    assert (parsed.prompt, parsed.model) == (["-5", "--seed"], "m")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("ask",), "QUESTION is missing"),
        (("code", "sing", "--model", "m"), "usage: hanlin code [-h]"),
        (("ask", "--seed", "x", "q"), "--seed cannot be 'x'"),
        (("ask", "--system"), "--system lacks its value"),
        (("ask", "--thinking", "no", "q"), "--thinking cannot be 'no'; it can be"),
        (("doctor", "--fnord"), "--fnord is not known"),
        ((), "COMMAND is missing"),
        (("ask", "--max-tokens", "0", "q"), "--max-tokens: must be at least 1"),
        (("ask", "--top-p", "1.5", "q"), "--top-p: must be from 0.01 to 1"),
        (("ask", "--logit-bias", "word", "q"), "--logit-bias: write a word, = and a number"),
    ],
)
def test_wrong_words_are_told_in_the_programs_own_words(
    words: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert said in capsys.readouterr().err
