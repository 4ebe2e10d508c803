"""``hanlin bench`` with a tiny model and a peer that only claims its figures."""

import json
import sys
from pathlib import Path

import pytest

from hanlin.__main__ import main
from hanlin.cli import bench as command
from hanlin.kernel.errors import KnownError
from hanlin.services.bench import PROMPT, Spread, run_peer, spread
from hanlin_fakes import gguf_models

CLAIMS = """\
#!{python}
import json, sys
words = dict(zip(sys.argv[1::2], sys.argv[2::2]))
assert words["-t"] == "1", words
asked = (words["-p"], words["-n"], words.get("-pg"))
assert asked in (("512", "128", None), ("0", "0", "512,1")), words
assert open(words["-m"], "rb").read(4) == b"GGUF"
tests = [dict(n_prompt=512, n_gen=0, avg_ts=1e9), dict(n_prompt=0, n_gen=128, avg_ts=0.5)]
print(json.dumps(tests))
"""


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    return gguf_models.write_random(folder / "m.gguf", layers=1, dim=64, comparable=True)


@pytest.fixture
def peer(tmp_path: Path) -> Path:
    if sys.platform == "win32":
        pytest.skip("the peer of this test is a script with a first line that Windows ignores")
    path = tmp_path / "llama-bench"
    path.write_text(CLAIMS.format(python=sys.executable))
    path.chmod(0o755)
    return path


def bench(capsys: pytest.CaptureFixture[str], *words: object) -> tuple[int, str]:
    code = main(["bench", "--threads", "1", *map(str, words)])
    return code, capsys.readouterr().out


def test_a_bench_measures_reads_anew_and_asks_again(
    model: Path, peer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, out = bench(capsys, "--model", model, "--against", peer, "--rounds", 2, "--json")
    assert code == 0
    found = json.loads(out)
    assert abs(found["prompt_tokens"] - PROMPT) <= 8
    assert len(found["rounds"]) == len(found["peer"]["rounds"]) == 2
    assert found["ratios"]["decode"] == pytest.approx(found["decode"] / 0.5, rel=0.5)
    assert 0 < found["ratios"]["prefill"] < 1
    assert found["quartiles"]["decode"][0] <= found["ratios"]["decode"]
    assert found["cached"] > 0.98
    assert found["memory"] > 10_000_000
    assert found["threads"] == 1


def test_a_bench_alone_is_a_table(model: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code, out = bench(capsys, "--model", model, "--rounds", 1)
    assert code == 0
    assert "tokens a second" in out
    assert "llama-bench" not in out


def test_the_source_tree_makes_the_model_and_the_peer(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert command._MAKER.is_file()
    maker = tmp_path / "engine.py"
    maker.write_text("import sys; print(sys.argv[1:]); sys.exit(3)")
    monkeypatch.setattr(command, "_MAKER", maker)
    assert main(["bench", "--own", "--rounds", "5", "--threads", "2", "--json"]) == 3
    assert (
        capfd.readouterr().out.split()
        == str(["run", "--json", "--rounds", "5", "--threads", "2"]).split()
    )


def test_an_installed_program_says_that_it_cannot_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "_MAKER", tmp_path / "engine.py")
    assert main(["bench", "--own"]) != 0
    assert "hanlin bench --model" in capsys.readouterr().err


def test_a_peer_that_fails_is_named(tmp_path: Path, model: Path) -> None:
    for program in (tmp_path / "none", Path(sys.executable)):
        with pytest.raises(KnownError, match=program.name):
            run_peer(program, model, 1)


def test_a_peer_whose_fastest_kernels_are_broken_runs_without_them(model: Path, peer: Path) -> None:
    broken = (
        "import os, signal\nif '--repack' not in sys.argv: os.kill(os.getpid(), signal.SIGILL)\n"
    )
    peer.write_text(peer.read_text().replace("words =", f"{broken}words =", 1))
    assert run_peer(peer, model, 1).decode == 0.5


def test_spreads() -> None:
    assert spread([3.0]) == Spread(3.0, 3.0, 3.0)
    assert spread([1.0, 5.0, 2.0, 4.0, 3.0]) == Spread(3.0, 2.0, 4.0)
