"""Models on a stick: split, resumed, verified on both sides; and checksums kept."""

import json
from pathlib import Path

import pytest

from hanlin.domain.models import Model, Origin
from hanlin.kernel.errors import KnownError
from hanlin_fakes import disks
from hanlin_fakes.gguf_models import write_random
from hanlin_models import carry, downloads
from hanlin_models.orders import MAX_FILE_ON_FAT
from hanlin_models.verification import Checksums, Outcome, duplicates

PIECE = 100_000


def no_progress(_done: int, _total: int) -> None:
    """Say nothing."""


def model(path: Path) -> Model:
    return Model(path.stem, path.stem, path, Origin.ADDED, path.stat().st_size, "qwen3")


@pytest.fixture
def source(tmp_path: Path) -> Model:
    folder = tmp_path / "there"
    folder.mkdir()
    path = write_random(folder / "Small-Q4_K_M.gguf", layers=2)
    (folder / "mmproj-F16.gguf").write_bytes(b"GGUF" + bytes(5000))
    return model(path)


def export(source: Model, stick: Path) -> None:
    carry.export([source], stick, no_progress, piece_bytes=PIECE)


def test_there_and_back(source: Model, tmp_path: Path) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home"
    told: list[tuple[int, int]] = []
    export(source, stick)
    assert max(path.stat().st_size for path in stick.iterdir()) <= PIECE
    [path] = carry.take_in(stick, home, lambda done, total: told.append((done, total)))
    assert path.read_bytes() == source.path.read_bytes()
    assert (path.parent / "mmproj-F16.gguf").is_file()
    assert told[-1][0] == told[-1][1]
    assert sorted(one.name for one in path.parent.iterdir()) == [
        "Small-Q4_K_M.gguf",
        "mmproj-F16.gguf",
    ]


def test_there_and_back_on_a_real_fat_stick(source: Model, tmp_path: Path) -> None:
    """Its names, its coarse times, and a largest file that is seen without writing one."""
    with disks.fat_stick(tmp_path / "stick") as stick:
        assert downloads.largest_file_on(stick / "models") == MAX_FILE_ON_FAT
        carry.export([source], stick, no_progress)
        carry.export([source], stick, no_progress)
        [path] = carry.take_in(stick, tmp_path / "home", no_progress)
        assert path.read_bytes() == source.path.read_bytes()


def test_a_second_export_writes_nothing_again(source: Model, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    export(source, stick)
    pieces = [path for path in stick.iterdir() if path.name != carry.MANIFEST]
    before = {path: path.stat().st_mtime_ns for path in pieces}
    pieces[0].write_bytes(bytes(pieces[0].stat().st_size))
    before[pieces[0]] = 0
    export(source, stick)
    after = {path: path.stat().st_mtime_ns for path in pieces}
    assert [path for path in pieces if after[path] != before[path]] == [pieces[0]]
    assert carry.take_in(stick, tmp_path / "home", no_progress)


def test_a_damaged_piece_is_refused_and_a_repaired_stick_goes_on(
    source: Model, tmp_path: Path
) -> None:
    stick, home = tmp_path / "stick", tmp_path / "home"
    export(source, stick)
    piece = next(path for path in stick.iterdir() if path.name.endswith(".002"))
    good = piece.read_bytes()
    piece.write_bytes(good[:-1] + bytes([good[-1] ^ 1]))
    with pytest.raises(KnownError, match="not what was written"):
        carry.take_in(stick, home, no_progress)
    assert list(home.rglob("*.gguf")) == []
    piece.unlink()
    with pytest.raises(KnownError, match="missing"):
        carry.take_in(stick, home, no_progress)
    assert list(home.rglob("*.gguf.part")) != []
    piece.write_bytes(good)
    [path] = carry.take_in(stick, home, no_progress)
    assert path.read_bytes() == source.path.read_bytes()


@pytest.mark.parametrize(
    "content",
    ["", "[]", "{}", '{"version": 9, "models": []}', '{"version": 1, "models": [1]}'],
)
def test_a_folder_that_is_none_of_ours(tmp_path: Path, content: str) -> None:
    (tmp_path / carry.MANIFEST).write_text(content)
    with pytest.raises(KnownError):
        carry.contents(tmp_path)


def test_a_manifest_cannot_reach_outside(source: Model, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    export(source, stick)
    manifest = stick / carry.MANIFEST
    content = json.loads(manifest.read_text("utf-8"))
    content["models"][0]["files"][0]["name"] = "../../evil.gguf"
    manifest.write_text(json.dumps(content))
    with pytest.raises(KnownError):
        carry.take_in(stick, tmp_path / "home", no_progress)
    content["models"][0]["files"][0]["name"] = "x.gguf"
    content["models"][0]["files"][0]["pieces"][0][0] = "../../../etc/passwd"
    manifest.write_text(json.dumps(content))
    with pytest.raises(KnownError):
        carry.take_in(stick, tmp_path / "home", no_progress)


def test_a_file_that_changed_or_vanished_is_noticed(source: Model, tmp_path: Path) -> None:
    checksums = Checksums(tmp_path / "checksums.json")

    def outcomes() -> list[Outcome]:
        return [one.outcome for one in checksums.verify(source, lambda _count: None)]

    assert outcomes() == [Outcome.FIRST, Outcome.FIRST]
    assert outcomes() == [Outcome.SAME, Outcome.SAME]
    data = source.path.read_bytes()
    source.path.write_bytes(data[:-1] + b"?")
    assert outcomes() == [Outcome.CHANGED, Outcome.SAME]
    source.path.unlink()
    assert outcomes()[0] is Outcome.MISSING


def test_the_same_file_twice_is_shown(source: Model, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(source.path.read_bytes())
    both = [source, model(copy)]
    checksums = Checksums(tmp_path / "checksums.json")
    assert duplicates(both, checksums) == []
    for one in both:
        checksums.verify(one, lambda _count: None)
    assert duplicates(both, checksums) == [both]
