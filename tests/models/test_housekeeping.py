"""Models of other programs, and moving and deleting models."""

import json
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.domain.catalogue import Memory
from hanlin.domain.models import Model, Origin
from hanlin.engine import files
from hanlin.kernel import paths
from hanlin.kernel.errors import KnownError
from hanlin_fakes.gguf_models import write_random
from hanlin_models import adoption, gguf, housekeeping
from hanlin_models.catalogue import Catalogue
from hanlin_models.shelf import ModelFiles


def no_progress(_done: int, _total: int) -> None:
    """Say nothing."""


def model_at(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    return write_random(path, layers=1)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    home = tmp_path / "someone"
    model_at(home / ".lmstudio/models/owner/Repo-GGUF/Repo-Q4_K_M.gguf")
    model_at(home / "jan/models/qwen3-4b/model.gguf")
    stored = model_at(home / ".cache/huggingface/hub/models--o--r/blobs/aa.gguf")
    snapshot = home / ".cache/huggingface/hub/models--o--r/snapshots/c0/r-Q8_0.gguf"
    snapshot.parent.mkdir(parents=True)
    snapshot.symlink_to(stored)
    ollama = home / ".ollama/models"
    model_at(ollama / "blobs/sha256-00ff.gguf").rename(ollama / "blobs/sha256-00ff")
    manifest = ollama / "manifests/registry.ollama.ai/library/qwen3/4b"
    manifest.parent.mkdir(parents=True)
    layer = {"mediaType": "application/vnd.ollama.image.model", "digest": "sha256:00ff"}
    manifest.write_text(json.dumps({"layers": [{"mediaType": "x", "digest": "y"}, layer]}))
    return home


def test_the_models_of_other_programs_are_found_once(home: Path) -> None:
    found = {(one.program, one.name) for one in adoption.find(home)}
    assert {program for program, _name in found} == {"LM Studio", "Ollama", "Jan", "Hugging Face"}
    assert ("Ollama", "qwen3-4b") in found
    assert ("Jan", "qwen3-4b") in found
    assert len(found) == 4


def test_what_is_no_model_is_left_out(home: Path) -> None:
    folder = home / ".lmstudio/models/owner/Repo-GGUF"
    (folder / "mmproj-F16.gguf").write_bytes(b"GGUF")
    (folder / "broken-Q4_0.gguf").write_bytes(b"<html>")
    (home / ".ollama/models/manifests/registry.ollama.ai/library/qwen3/bad").write_text("{")
    assert len(adoption.find(home)) == 4


def test_a_file_without_a_name_gets_one_without_a_copy(home: Path, tmp_path: Path) -> None:
    [blob] = [one for one in adoption.find(home) if one.program == "Ollama"]
    path = adoption.named_path(blob, tmp_path / "models")
    assert path.name == "qwen3-4b.gguf"
    assert path.is_symlink()
    assert gguf.read(path).architecture == "qwen3"
    assert adoption.named_path(blob, tmp_path / "models") == path
    [named] = [one for one in adoption.find(home) if one.program == "Jan"]
    assert adoption.named_path(named, tmp_path / "models") == named.path


def a_model(path: Path, origin: Origin = Origin.ADDED) -> Model:
    return Model("m", "m", path, origin, path.stat().st_size)


def test_moving_takes_all_files_along(tmp_path: Path) -> None:
    path = model_at(tmp_path / "a/m-Q4_0.gguf")
    (path.parent / "mmproj-F16.gguf").write_bytes(b"GGUF eye")
    data = path.read_bytes()
    told: list[tuple[int, int]] = []
    moved = housekeeping.move(
        a_model(path), tmp_path / "b", lambda done, total: told.append((done, total))
    )
    assert moved.read_bytes() == data
    assert (tmp_path / "b/mmproj-F16.gguf").read_bytes() == b"GGUF eye"
    assert list((tmp_path / "a").iterdir()) == []
    assert told[-1][0] == told[-1][1]


def test_moving_overwrites_nothing(tmp_path: Path) -> None:
    path = model_at(tmp_path / "a/m.gguf")
    (tmp_path / "b").mkdir()
    (tmp_path / "b/m.gguf").write_bytes(b"mine")
    with pytest.raises(KnownError, match="overwritten"):
        housekeeping.move(a_model(path), tmp_path / "b", no_progress)
    assert path.exists()
    assert (tmp_path / "b/m.gguf").read_bytes() == b"mine"


def test_deleting_leaves_nothing_and_the_starter_stays(tmp_path: Path) -> None:
    path = model_at(tmp_path / "a/m.gguf")
    size = path.stat().st_size
    with pytest.raises(KnownError):
        housekeeping.delete(a_model(path, Origin.STARTER))
    assert housekeeping.delete(a_model(path)) == size
    assert list(path.parent.iterdir()) == []


def test_a_model_of_ollama_keeps_its_eyes(home: Path, tmp_path: Path) -> None:
    ollama = home / ".ollama/models"
    (ollama / "blobs/sha256-0eee").write_bytes(b"GGUF eye")
    manifest = ollama / "manifests/registry.ollama.ai/library/qwen3/4b"
    layers = json.loads(manifest.read_text())["layers"]
    eye = {"mediaType": "application/vnd.ollama.image.projector", "digest": "sha256:0eee"}
    manifest.write_text(json.dumps({"layers": [*layers, eye]}))
    [blob] = [one for one in adoption.find(home) if one.program == "Ollama"]
    assert blob.bytes == blob.path.stat().st_size + 8
    for _twice in range(2):
        path = adoption.named_path(blob, tmp_path / "models")
        seen = files.projector(path)
        assert seen is not None
        assert seen.read_bytes() == b"GGUF eye"
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "mmproj-qwen3-4b.gguf",
        "qwen3-4b.gguf",
    ]


@pytest.mark.parametrize("act", ["move", "delete"])
def test_a_folder_made_for_a_download_goes_with_its_last_file(tmp_path: Path, act: str) -> None:
    folders = paths.under(tmp_path / "data")
    place = folders.models / "good" / "Small-GGUF"
    place.mkdir(parents=True)
    (place / "other.txt").write_text("mine")
    files = ModelFiles(
        folders, Catalogue(hanlin_resources.folder("catalogue")), lambda: Memory(0, 0)
    )
    for number, stays in enumerate((True, False)):
        model = a_model(write_random(place / f"m{number}.gguf"))
        if act == "move":
            files.move(model, tmp_path / "elsewhere", no_progress)
        else:
            files.delete(model)
        assert place.is_dir() is stays
        (place / "other.txt").unlink(missing_ok=True)
    assert list(folders.models.iterdir()) == []


def test_deleting_a_link_leaves_the_other_program_its_file(tmp_path: Path) -> None:
    theirs = model_at(tmp_path / "theirs/blob.gguf")
    link = tmp_path / "ours" / "m.gguf"
    link.parent.mkdir()
    link.symlink_to(theirs)
    assert housekeeping.delete(a_model(link)) == 0
    assert theirs.exists()
