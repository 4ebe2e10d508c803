"""``hanlin translate`` in this process, over a scripted engine."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin import bootstrap
from hanlin.cli import main as cli
from hanlin_fakes.engine import ScriptedEngine
from hanlin_fakes.gguf_models import write_scripted


class Shell:
    """The command line with a data folder, a model and a scripted engine."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.engine = ScriptedEngine()
        self.folder = folder
        self.model = write_scripted(folder / "Hy-MT2-test.gguf", ["unused"])
        self._capsys = capsys

    def run(self, *words: str) -> tuple[int, str, str]:
        data = str(self.folder / "数据")
        code = cli.main(
            [
                "--data-dir",
                data,
                "--language",
                "en",
                "translate",
                "--model",
                str(self.model),
                *words,
            ]
        )
        captured = self._capsys.readouterr()
        return code, captured.out, captured.err

    def prompts(self) -> list[str]:
        return [asked.turns[-1].text for asked in self.engine.asked]


@pytest.fixture
def shell(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shell]:
    shell = Shell(tmp_path, capsys)
    monkeypatch.setattr(bootstrap, "EngineClient", lambda *_words, **_options: shell.engine)
    yield shell
    shell.engine.close()


def comes_in(monkeypatch: pytest.MonkeyPatch, text: str | bytes) -> None:
    content = text if isinstance(text, bytes) else text.encode()
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))


def test_a_text_from_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    comes_in(monkeypatch, "你好。你好。再见！\n")
    shell.engine.enqueue("Hello.")
    shell.engine.enqueue("Bye!")
    assert shell.run("--to", "en", "-") == (0, "Hello. Hello. Bye!\n", "")
    assert len(shell.prompts()) == 2  # the same sentence costs nothing the second time
    assert shell.prompts()[0].startswith("将以下文本翻译为 英语，")


def test_a_glossary_is_followed_and_its_bad_rows_are_named(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    glossary = shell.folder / "terms.csv"
    glossary.write_text("zh,en\n猫,feline\n,x\n猫,cat\n狗,dog\n", encoding="gb18030")
    comes_in(monkeypatch, "猫来了。")
    shell.engine.enqueue("The cat comes.")
    shell.engine.enqueue("The kitty comes.")  # the corrected try, no better
    shell.engine.enqueue("Tiger")  # the word alone: not what stands there
    shell.engine.enqueue("The cat comes.")  # nor in the sentence without the glossary
    code, out, err = shell.run("--to", "en", "--glossary", str(glossary))
    assert (code, out) == (0, "The cat comes.\n")
    assert "row 2 is not complete" in err
    assert "row 3 contradicts" in err
    assert "Not as the glossary says: 猫 → feline." in err
    assert all("狗" not in prompt for prompt in shell.prompts())


def test_files_go_beside_the_source_or_into_a_folder(shell: Shell) -> None:
    source = shell.folder / "a.md"
    source.write_text("# 你好\n", encoding="utf-8")
    for _ in range(2):
        shell.engine.enqueue("Hello")
    code, out, _err = shell.run(str(source), "--to", "en", "--json")
    told = json.loads(out)
    assert (code, told["event"], told["problems"]) == (0, "file", {})
    assert (shell.folder / "a.en.md").read_text(encoding="utf-8") == "# Hello\n"
    assert source.read_text(encoding="utf-8") == "# 你好\n"


def test_a_missing_file_is_named_and_the_rest_goes_on(shell: Shell) -> None:
    (shell.folder / "b.txt").write_text("你好", encoding="utf-8")
    shell.engine.enqueue("Hello")
    out = shell.folder / "out"
    code, said, err = shell.run(
        str(shell.folder / "a.txt"), str(shell.folder / "b.txt"), "--to", "en", "--out", str(out)
    )
    assert code == 1
    assert "does not exist" in err
    assert said.strip() == str(out / "b.en.txt")


def test_quality_is_measured_against_references(shell: Shell) -> None:
    source, reference = shell.folder / "a.txt", shell.folder / "b.txt"
    source.write_text("你好。\n再见。\n", encoding="utf-8")
    reference.write_text("Hello.\nGoodbye.\n", encoding="utf-8")
    shell.engine.enqueue("Hello.")
    shell.engine.enqueue("Goodbye.")
    code, out, _err = shell.run(str(source), "--to", "en", "--evaluate", str(reference), "--json")
    figures = json.loads(out)
    assert (code, figures["chrf"], figures["lines"]) == (0, 100.0, 2)


def test_a_language_that_the_model_does_not_know(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_in(monkeypatch, "Hello.")
    code, _out, err = shell.run("--to", "sv")
    assert code == 1
    assert "does not translate from en to sv" in err


def test_standard_input_may_be_in_any_encoding(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    comes_in(monkeypatch, "我们明天去公园。".encode("gb18030"))
    shell.engine.enqueue("We go to the park tomorrow.")
    assert shell.run("--to", "en")[:2] == (0, "We go to the park tomorrow.\n")
    assert shell.prompts()[0].endswith("我们明天去公园。")


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "No text came"), (b" \n\n", "No text came"), (b"\x89PNG\0\0\x01", "This is no text")],
)
def test_no_text_from_standard_input_is_said(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, content: bytes, said: str
) -> None:
    comes_in(monkeypatch, content)
    code, out, err = shell.run("--to", "en", "-")
    assert (code, out) == (1, "")
    assert said in err
    assert not shell.prompts()


def test_a_closed_standard_input_is_said(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", None)
    code, _out, err = shell.run("--to", "en")
    assert code == 1
    assert "No text came" in err


def test_every_bad_file_is_named_as_json_and_the_rest_goes_on(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = shell.folder
    (folder / "folder.txt").mkdir()
    (folder / "zeros.txt").write_bytes(b"\0" * 500)
    (folder / "empty.docx").write_bytes(b"")
    (folder / "protected.docx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    (folder / "film.mp4").write_bytes(b"\0\1\2")
    (folder / "nothing.txt").write_text("\n")
    comes_in(monkeypatch, "你好")
    shell.engine.enqueue("Hello")
    bad = (
        "missing.txt", "folder.txt", "zeros.txt", "empty.docx", "protected.docx", "film.mp4",
        "nothing.txt",
    )  # fmt: skip
    code, out, err = shell.run(*(str(folder / name) for name in bad), "-", "--to", "en", "--json")
    events = [json.loads(line) for line in out.splitlines()]
    assert (code, err) == (1, "")
    assert [one["event"] for one in events] == ["error"] * len(bad) + ["sentence", "done"]
    words_of_each = (
        "not exist", "is a folder", "damaged", "damaged", "password", "kind", "has no text",
    )  # fmt: skip
    for event, words in zip(events, words_of_each, strict=False):
        assert words in event["message"]
        assert event["hint"]
    assert events[-1]["text"] == "Hello"


@pytest.mark.parametrize("kind", ["file", "closed"])
def test_a_folder_that_takes_nothing_is_named_before_the_work(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    source = shell.folder / "a.txt"
    source.write_text("你好", encoding="utf-8")
    out = shell.folder / "out"
    if kind == "file":
        out.write_text("in the way", encoding="utf-8")
    else:
        monkeypatch.setattr("os.access", lambda _path, _mode: False)
    code, _out, err = shell.run(str(source), "--to", "en", "--out", str(out))
    assert code == 1
    assert ("is a file" if kind == "file" else "may not be written") in err
    assert "--out" in err
    assert not shell.prompts()


def test_what_a_glossary_lacks_is_heard_by_programs_too(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    glossary = shell.folder / "terms.csv"
    glossary.write_text("zh,en\n猫,feline\n猫,cat\n", encoding="utf-8")
    comes_in(monkeypatch, "猫来了。")
    shell.engine.enqueue("The feline comes.")
    _code, out, _err = shell.run("--to", "en", "--glossary", str(glossary), "--json")
    note = json.loads(out.splitlines()[0])
    assert note["event"] == "note"
    assert "contradicts" in note["text"]


def test_files_in_two_directions_are_one_command(shell: Shell) -> None:
    """The first needs no model, the second does."""
    first, second = shell.folder / "a.txt", shell.folder / "b.txt"
    first.write_text("软件", encoding="utf-8")
    second.write_text("Hello", encoding="utf-8")
    shell.engine.enqueue("你好")
    words = (str(first), str(second), "--to", "zh-Hant", "--json")
    code, out, _err = shell.run(*words)
    outputs = [Path(json.loads(line)["output"]) for line in out.splitlines()]
    assert code == 0
    assert [path.read_text(encoding="utf-8") for path in outputs] == ["軟體", "你好"]


def test_only_one_file_is_measured(shell: Shell) -> None:
    code, _out, err = shell.run("a.txt", "b.txt", "--to", "en", "--evaluate", "c.txt")
    assert code == 1
    assert "One file is measured at a time" in err


def test_words_that_name_no_file_are_the_text_itself(shell: Shell, tmp_path: Path) -> None:
    shell.engine.enqueue("Hello.")
    assert shell.run("--to", "en", "你好。") == (0, "Hello.\n", "")
    code, _out, err = shell.run("--to", "en", str(tmp_path / "合同.docx"))
    assert (code, "does not exist" in err) == (1, True)
