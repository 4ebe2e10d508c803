"""``hanlin models …`` from the words to the file, against the test Hub."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hanlin.cli.main import main
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.server import Server, servers
from hanlin_hub.shelf import Repository, Shelf

pytestmark = pytest.mark.loopback
REPOSITORY = "good/Small-GGUF"


class Shell:
    """The command line with a data folder of its own."""

    def __init__(self, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.folder = folder
        self._capsys = capsys

    def run(self, *words: str) -> int:
        return main(["--data-dir", str(self.folder), "--language", "en", "models", *words])

    def json(self, *words: str) -> list[dict[str, Any]]:
        assert self.run(*words, "--json") == 0
        found = json.loads(self._capsys.readouterr().out)
        assert isinstance(found, list)
        return found

    def fails(self, *words: str) -> str:
        assert self.run(*words) == 1
        return self._capsys.readouterr().err


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[Server]:
    authority = Authority(tmp_path / "tls")
    shelf = Shelf()
    data = write_random(tmp_path / "m.gguf").read_bytes()
    shelf.add(Repository(REPOSITORY, {"m-Q4_K_M.gguf": data, "m-Q8_0.gguf": data + bytes(64)}))
    odd = write_random(tmp_path / "odd.gguf", "telechat").read_bytes()
    shelf.add(Repository("good/Odd-GGUF", {"odd-Q4_K_M.gguf": odd}))
    store = Server(authority, shelf)
    server = Server(authority, shelf, store=store)
    settings = {
        "own_source": server.address,
        "model_sources": "own",
        "extra_authorities": str(authority.certificate),
    }
    config = tmp_path / "data" / "config"
    config.mkdir(parents=True)
    (config / "settings.json").write_text(json.dumps(settings))
    with servers(server, store):
        yield server


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Shell:
    return Shell(tmp_path / "data", capsys)


def test_the_catalogue_is_an_array_with_the_promised_fields(shell: Shell) -> None:
    listed = shell.json("list", "--catalogue")
    promised = {"id", "family", "tasks", "repo", "file", "bytes", "sha256", "licence", "runs"}
    assert len(listed) > 100
    assert all(promised | {"reason", "pinned"} <= set(entry) for entry in listed)
    assert {entry["runs"] for entry in listed} == {True, False}


def test_the_models_here_are_an_array_with_the_same_fields(shell: Shell, hub: Server) -> None:
    assert shell.run("pull", REPOSITORY) == 0
    shell._capsys.readouterr()
    listed = shell.json("list")
    promised = {"id", "family", "tasks", "repo", "file", "bytes", "sha256", "licence", "runs"}
    assert all(promised | {"reason"} <= set(entry) for entry in listed)
    [pulled] = [one for one in listed if not one["starter"]]
    assert (pulled["repo"], pulled["runs"], pulled["reason"]) == (REPOSITORY, True, "")
    assert len(pulled["sha256"]) == 64
    Path(pulled["path"]).write_bytes(b"GGUF, and nothing more")
    [broken] = [one for one in shell.json("list") if not one["starter"]]
    assert broken["runs"] is False
    assert broken["reason"]


def test_only_one_task(shell: Shell) -> None:
    listed = shell.json("list", "--catalogue", "--task", "translation")
    assert {"translation"} <= set.intersection(*(set(entry["tasks"]) for entry in listed))
    assert "cooking" in shell.fails("list", "--catalogue", "--task", "cooking")


def test_the_catalogue_for_people(shell: Shell, capsys: pytest.CaptureFixture[str]) -> None:
    assert shell.run("list", "--catalogue") == 0
    shown = capsys.readouterr().out
    assert "Hy-MT2 1.8B" in shown
    assert "Not for use in the EU" in shown


def test_search_look_and_pull(shell: Shell, hub: Server) -> None:
    assert [one["repository"] for one in shell.json("search", "small")] == [REPOSITORY]
    offers = shell.json("files", REPOSITORY)
    assert [offer["quantisation"] for offer in offers] == ["Q4_K_M", "Q8_0"]
    assert shell.run("pull", REPOSITORY, "-q", "q8_0") == 0
    [model] = [one for one in _listed(shell) if not one["starter"]]
    path = Path(model["path"])
    assert path.read_bytes() == hub.shelf.repositories[REPOSITORY].files["m-Q8_0.gguf"]
    hosts = {one["host"] for one in shell.json("connections")}
    assert len(hosts) == 2
    assert [one["outcome"] for one in shell.json("verify", model["id"])] == ["same"]


def test_what_cannot_be_pulled_says_why(shell: Shell, hub: Server) -> None:
    assert "servers" in shell.fails("pull", "kimi-k2") or "fit" in shell.fails("pull", "kimi-k2")
    assert "private" in shell.fails("pull", "good/Absent-GGUF")
    assert "Q8_0" in shell.fails("pull", REPOSITORY, "-q", "Q2_K")
    assert "gpt-17" in shell.fails("pull", "gpt-17")


def test_whether_a_model_loads_and_fits_is_said_before_the_download(
    shell: Shell, hub: Server, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run("look", REPOSITORY) == 0
    assert "Fits" in capsys.readouterr().out
    assert shell.run("look", "good/Odd-GGUF") == 1
    assert "telechat" in capsys.readouterr().out
    assert "telechat" in shell.fails("pull", "good/Odd-GGUF")
    assert not list((shell.folder / "models").rglob("*.part"))


def test_out_and_in(shell: Shell, hub: Server, tmp_path: Path) -> None:
    assert shell.run("pull", REPOSITORY) == 0
    [model] = [one for one in _listed(shell) if not one["starter"]]
    assert shell.run("export", str(tmp_path / "stick"), model["id"]) == 0
    other = Shell(tmp_path / "other", shell._capsys)
    assert other.run("import", str(tmp_path / "stick")) == 0
    [taken] = [one for one in _listed(other) if not one["starter"]]
    assert Path(taken["path"]).read_bytes() == Path(model["path"]).read_bytes()
    assert [one["outcome"] for one in other.json("verify", taken["id"])] == ["same"]


def test_settings_come_along_and_are_taken_over_only_when_asked_for(
    shell: Shell, hub: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shell.run("pull", REPOSITORY) == 0
    settings = tmp_path / "data" / "config" / "settings.json"
    chosen = {"thinking": True, "appearance": "dark", "proxy": "http://me:secret@proxy:1"}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **chosen}))
    [model] = [one for one in _listed(shell) if not one["starter"]]
    stick = tmp_path / "stick"
    assert shell.run("export", str(stick), model["id"]) == 0
    written = json.loads((stick / "settings.json").read_text())
    assert written == {"version": 1, "appearance": "dark", "thinking": True}
    other = Shell(tmp_path / "other", capsys)
    assert other.run("import", str(stick)) == 0
    told = capsys.readouterr().err
    assert "Theme: Dark (now: As the system)" in told
    theirs = tmp_path / "other" / "config" / "settings.json"
    assert not theirs.exists()
    assert other.run("import", str(stick), "--settings") == 0
    kept = json.loads(theirs.read_text())
    assert (kept["appearance"], kept["thinking"], "proxy" in kept) == ("dark", True, False)
    capsys.readouterr()
    assert other.run("import", str(stick), "--settings") == 0
    assert "settings" not in capsys.readouterr().out


def test_a_terminal_is_shown_how_far_it_is(
    shell: Shell,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert shell.run("add", str(write_random(tmp_path / "m.gguf"))) == 0
    [model] = [one for one in _listed(shell) if not one["starter"]]
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    for words in (("verify", model["id"]), ("export", str(tmp_path / "stick"), model["id"])):
        assert shell.run(*words) == 0
        assert f"[{'#' * 24}] 100%" in capsys.readouterr().err


def test_a_folder_that_nothing_was_exported_to_is_named(shell: Shell, tmp_path: Path) -> None:
    assert "no exported models" in shell.fails("import", str(tmp_path / "elsewhere"))


def test_move_and_delete(shell: Shell, hub: Server, tmp_path: Path) -> None:
    assert shell.run("pull", REPOSITORY) == 0
    [model] = [one for one in _listed(shell) if not one["starter"]]
    assert shell.run("move", model["id"], str(tmp_path / "disk")) == 0
    [moved] = [one for one in _listed(shell) if not one["starter"]]
    assert Path(moved["path"]).parent == tmp_path / "disk"
    assert not Path(model["path"]).exists()
    assert shell.run("rm", moved["id"], "--delete") == 0
    assert list((tmp_path / "disk").iterdir()) == []
    assert [one for one in _listed(shell) if not one["starter"]] == []


def test_models_of_other_programs_are_adopted_in_place(shell: Shell, sandboxed_home: Path) -> None:
    theirs = sandboxed_home / ".lmstudio/models/owner/Repo/Repo-Q4_0.gguf"
    theirs.parent.mkdir(parents=True)
    write_random(theirs)
    assert shell.run("adopt") == 0
    assert [one for one in _listed(shell) if not one["starter"]] == []
    assert shell.run("adopt", "--all") == 0
    [model] = [one for one in _listed(shell) if not one["starter"]]
    assert Path(model["path"]) == theirs


def _listed(shell: Shell) -> list[dict[str, Any]]:
    shell._capsys.readouterr()
    return list(shell.json("list"))
