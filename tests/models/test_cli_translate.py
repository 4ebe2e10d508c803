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


def test_a_text_from_standard_input(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("你好。你好。再见！\n"))
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
    monkeypatch.setattr("sys.stdin", io.StringIO("猫来了。"))
    shell.engine.enqueue("The cat comes.")
    shell.engine.enqueue("The kitty comes.")  # the corrected try, no better
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
    monkeypatch.setattr("sys.stdin", io.StringIO("Hello."))
    code, _out, err = shell.run("--to", "sv")
    assert code == 1
    assert "does not translate from en to sv" in err
