"""Models on a stick: split, resumed, verified on both sides; and checksums kept."""

import json
import os
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.domain.models import Model, ModelDefaults, Origin
from hanlin.kernel.errors import KnownError
from hanlin_fakes import disks
from hanlin_fakes.gguf_models import write_random
from hanlin_models import carry, downloads, installers
from hanlin_models.orders import MAX_FILE_ON_FAT
from hanlin_models.verification import Checksums, Outcome, duplicates

PIECE = 100_000
ZEROS = "0" * 64


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


def test_what_is_written_to_a_fat_image_comes_back(source: Model, tmp_path: Path) -> None:
    """A stick's file system in a file, written and read by programs of their own."""
    odd = source.path.with_name("Größe: 3? <小模型>.gguf")
    source.path.rename(odd)
    stick, back = tmp_path / "stick", tmp_path / "back"
    carry.export([model(odd)], stick, no_progress, piece_bytes=PIECE)
    with disks.fat_image(tmp_path / "stick.img") as image:
        image.put(stick)
        image.get(stick.name, back)
    [path] = carry.take_in(back / stick.name, tmp_path / "home", no_progress)
    assert path.read_bytes() == odd.read_bytes()


def test_a_piece_fits_the_largest_file_of_fat() -> None:
    assert carry.PIECE < MAX_FILE_ON_FAT


def test_another_model_joins_what_lies_on_the_stick(source: Model, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    other = model(write_random(tmp_path / "Other.gguf", layers=1))
    export(source, stick)
    export(other, stick)
    export(source, stick)
    found = sorted(one.name for one in carry.contents(stick))
    assert found == ["Other", "Small-Q4_K_M"]
    assert len(carry.take_in(stick, tmp_path / "home", no_progress)) == 2
    next(stick.glob("Other-*.001")).unlink()
    export(source, stick)
    assert [one.name for one in carry.contents(stick)] == ["Small-Q4_K_M"]


def test_two_models_of_one_name_are_two_when_they_come_in(tmp_path: Path) -> None:
    """Jan calls every file model.gguf, and names in Chinese leave nothing for a folder."""
    stick, home = tmp_path / "stick", tmp_path / "home"
    sources = []
    for number, owner in enumerate(("一", "二"), 1):
        (tmp_path / owner).mkdir()
        sources.append(model(write_random(tmp_path / owner / "模型.gguf", layers=number)))
    carry.export(sources, stick, no_progress)
    for _time in range(2):
        taken = carry.take_in(stick, home, no_progress)
        assert [path.read_bytes() for path in taken] == [one.path.read_bytes() for one in sources]
    assert len(list(home.rglob("*.gguf"))) == len(sources)


def test_what_was_chosen_for_a_model_travels_along(source: Model, tmp_path: Path) -> None:
    chosen = ModelDefaults(context=2048, thinking=False, temperature=0.3)
    export(replace(source, defaults=chosen), tmp_path / "stick")
    [carried] = carry.contents(tmp_path / "stick")
    assert carried.defaults == chosen


def test_the_programs_installer_goes_along_where_it_is_at_hand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("APPIMAGE", raising=False)
    assert installers.at_hand(tmp_path) is None
    folder = tmp_path / "下载"
    folder.mkdir()
    (folder / "hanlin-vulkan_9_amd64.deb").write_bytes(b"the card's part alone")
    old, new = folder / "hanlin_1_amd64.deb", folder / "hanlin_2_amd64.deb"
    for path, time in ((old, 1_000), (new, 2_000)):
        path.write_bytes(b"deb")
        os.utime(path, (time, time))
    assert installers.at_hand(tmp_path) == new
    image = tmp_path / "hanlin.AppImage"
    image.write_bytes(b"the running program")
    monkeypatch.setenv("APPIMAGE", str(image))
    assert installers.at_hand(tmp_path) == image


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
    [
        "",
        "[]",
        "{}",
        '{"version": 9, "models": []}',
        '{"version": 1, "models": [1]}',
        *(
            f'{{"version": 1, "models": [{{"name": "x", "files": [{files}]}}]}}'
            for files in (
                '{"name": "x", "size": 1e999, "sha256": "", "pieces": []}',
                '{"name": "x", "size": -1, "sha256": "", "pieces": [["x.001", -1, ""]]}',
                '{"name": "x", "size": 9, "sha256": "../..", "pieces": [["x.001", 9, ""]]}',
                f'{{"name": "x", "size": 9, "sha256": "{ZEROS}", "pieces": []}}',
                ", ".join([f'{{"name": "x", "size": 0, "sha256": "{ZEROS}", "pieces": []}}'] * 2),
            )
        ),
    ],
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


def test_checksums_kept_at_once_are_all_kept(tmp_path: Path) -> None:
    """The window verifies while a download ends; each has the file open by itself."""
    names = [Path(f"/models/{number}.gguf") for number in range(40)]

    def keep(some: list[Path]) -> None:
        checksums = Checksums(tmp_path / "checksums.json")
        for name in some:
            checksums.keep(name, "0" * 64)

    threads = [threading.Thread(target=keep, args=(names[at::4],)) for at in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(Checksums(tmp_path / "checksums.json").known(name) for name in names)


def test_the_same_file_twice_is_shown(source: Model, tmp_path: Path) -> None:
    copy = tmp_path / "copy.gguf"
    copy.write_bytes(source.path.read_bytes())
    both = [source, model(copy)]
    checksums = Checksums(tmp_path / "checksums.json")
    assert duplicates(both, checksums) == []
    for one in both:
        checksums.verify(one, lambda _count: None)
    assert duplicates(both, checksums) == [both]
