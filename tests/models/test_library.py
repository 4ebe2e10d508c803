"""The list of models: files stay where they are, and nothing odd is taken for a model."""

import json
import os
from pathlib import Path

import pytest

from hanlin.domain.models import Advice, Origin, Override
from hanlin.kernel import i18n
from hanlin.kernel.errors import KnownError
from hanlin_fakes import disks
from hanlin_fakes import gguf_bytes as make
from hanlin_models.library import ModelLibrary

CARD = {
    "id": "shutong",
    "name": {"zh": "书童", "zh_TW": "書童", "en": "Shutong"},
    "file": "shutong.gguf",
    "bytes": 1000,
    "trained_context": 1024,
    "sampling": {"temperature": 0, "top_k": 1, "mirostat": 2},
}


@pytest.fixture
def library(tmp_path: Path) -> ModelLibrary:
    return ModelLibrary(tmp_path / "data" / "models.json", memory=lambda: 8_000_000_000)


def model_file(folder: Path, name: str = "Qwen3-0.6B-Q8_0.gguf", *keys: bytes) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    keys = (*make.BASIC, make.u32("qwen3.context_length", 32768), *keys)
    path.write_bytes(make.file(keys, make.ONE_TENSOR))
    return path


def starter_folder(folder: Path, card: object = CARD) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "card.json").write_text(json.dumps(card))
    (folder / "shutong.gguf").write_bytes(make.file(make.BASIC, make.ONE_TENSOR))
    return folder


def test_a_list_with_a_path_that_cannot_be_is_read(library: ModelLibrary, tmp_path: Path) -> None:
    entry = {"id": "a", "name": "n", "path": "\ud800\0", "bytes": 1}
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "models.json").write_text(json.dumps({"models": [entry]}))
    [model] = library.models()
    assert model.missing
    assert library.find("elsewhere") is None


def test_an_added_model_is_remembered_and_its_file_untouched(
    library: ModelLibrary, tmp_path: Path
) -> None:
    path = model_file(tmp_path / "模 型")
    before = (path.read_bytes(), path.stat().st_mtime_ns)
    model = library.add(path)
    assert (model.name, model.path, model.origin) == ("Qwen3-0.6B-Q8_0", path, Origin.ADDED)
    assert (model.architecture, model.context_length) == ("qwen3", 32768)
    assert model.bytes == path.stat().st_size
    again = ModelLibrary(tmp_path / "data" / "models.json")
    assert again.models() == [model]
    again.remove(model.id)
    assert library.models() == []
    assert (path.read_bytes(), path.stat().st_mtime_ns) == before


def test_the_same_file_twice_is_one_model(
    library: ModelLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = model_file(tmp_path / "models")
    model = library.add(path)
    (tmp_path / "link.gguf").symlink_to(path)
    monkeypatch.chdir(path.parent)
    for other in (
        Path(path.name),
        path.parent / ".." / "models" / path.name,
        tmp_path / "link.gguf",
    ):
        assert library.add(other).id == model.id
    assert library.models() == [model]


def test_two_files_of_one_name_are_two_models(library: ModelLibrary, tmp_path: Path) -> None:
    one, two = (library.add(model_file(tmp_path / name)) for name in ("a", "b"))
    assert one.id != two.id
    assert library.models() == [one, two]


def test_a_model_is_found_by_id_path_and_name(library: ModelLibrary, tmp_path: Path) -> None:
    model = library.add(model_file(tmp_path))
    assert library.find(model.id) == model
    assert library.find(str(model.path)) == model
    assert library.find("qwen3-0.6b-q8_0") == model
    assert library.find("no such model") is None
    assert library.find("") is None


def test_a_vanished_file_is_missing_and_can_come_back(
    library: ModelLibrary, tmp_path: Path
) -> None:
    path = model_file(tmp_path)
    model = library.add(path)
    content = path.read_bytes()
    path.unlink()
    (found,) = library.models()
    assert found.missing
    assert library.find(str(path)) == found
    with pytest.raises(KnownError, match="does not exist"):
        library.add(path)
    assert len(library.models()) == 1
    path.write_bytes(content)
    assert library.models() == [model]


def test_a_file_that_was_replaced_has_changed_until_it_is_added_again(
    library: ModelLibrary, tmp_path: Path
) -> None:
    path = model_file(tmp_path)
    library.add(path)
    os.utime(path, (1, 1))
    assert [model.changed for model in library.models()] == [True]
    library.add(path)
    assert [model.changed for model in library.models()] == [False]
    path.write_bytes(path.read_bytes() + bytes(64))
    assert [model.changed for model in library.models()] == [True]


def test_a_list_from_before_there_were_stamps_says_nothing_of_changes(
    library: ModelLibrary, tmp_path: Path
) -> None:
    library.add(model_file(tmp_path))
    content = json.loads((tmp_path / "data" / "models.json").read_text())
    del content["models"][0]["stamp"]
    (tmp_path / "data" / "models.json").write_text(json.dumps(content))
    assert [model.changed for model in library.models()] == [False]


def test_what_the_file_has_wrong_is_remembered(tmp_path: Path) -> None:
    path = model_file(tmp_path / "files")
    wrong = (Override("tokenizer.ggml.eos_token_id", 7),)

    def advice(name: str, size: int) -> Advice:
        known = (name, size) == (path.name, path.stat().st_size)
        return Advice(overrides=wrong) if known else Advice()

    library = ModelLibrary(tmp_path / "models.json", advice=advice)
    library.add(path)
    assert [model.overrides for model in ModelLibrary(tmp_path / "models.json").models()] == [wrong]


@pytest.mark.parametrize("written", [3, {"k" * 200: 1}, {"key": "1"}, {"key": -1}, {"key": True}])
def test_what_nobody_may_override_is_passed_over(tmp_path: Path, written: object) -> None:
    library = ModelLibrary(tmp_path / "models.json")
    library.add(model_file(tmp_path / "files"))
    content = json.loads((tmp_path / "models.json").read_text())
    content["models"][0]["overrides"] = written
    (tmp_path / "models.json").write_text(json.dumps(content))
    assert [model.overrides for model in library.models()] == [()]


def test_inspecting_remembers_nothing(library: ModelLibrary, tmp_path: Path) -> None:
    path = model_file(tmp_path)
    assert library.inspect(str(path)).name == "Qwen3-0.6B-Q8_0"
    assert library.models() == []
    assert not (tmp_path / "data").exists()


def test_what_is_no_model_is_refused_and_not_remembered(
    library: ModelLibrary, tmp_path: Path
) -> None:
    eye = tmp_path / "mmproj.gguf"
    eye.write_bytes(make.file([make.text("general.architecture", "clip")], make.ONE_TENSOR))
    lora = model_file(tmp_path, "lora.gguf", make.text("general.type", "adapter"))
    words = tmp_path / "vocab.gguf"
    words.write_bytes(make.file(make.BASIC, ()))
    nameless = tmp_path / "nameless.gguf"
    nameless.write_bytes(make.file((), make.ONE_TENSOR))
    page = tmp_path / "page.gguf"
    page.write_bytes(b"<!DOCTYPE html>")
    for path, sentence in [
        (eye, "see pictures"),
        (lora, "no complete model"),
        (words, "no complete model"),
        (nameless, "no complete model"),
        (page, "web page"),
        (tmp_path / "nothing.gguf", "does not exist"),
    ]:
        with pytest.raises(KnownError, match=sentence):
            library.add(path)
    assert library.models() == []


def part(folder: Path, number: int, count: int = 3) -> Path:
    keys = (make.u16("split.no", number), make.u16("split.count", count))
    return model_file(folder, f"Big-{number + 1:05}-of-{count:05}.gguf", *keys)


def test_a_model_in_parts_is_one_model(library: ModelLibrary, tmp_path: Path) -> None:
    files = [part(tmp_path, number) for number in range(3)]
    model = library.add(files[0])
    assert model.name == "Big"
    assert model.bytes == sum(file.stat().st_size for file in files)
    with pytest.raises(KnownError, match="one of 3 parts"):
        library.add(files[1])


def test_a_missing_part_is_named(library: ModelLibrary, tmp_path: Path) -> None:
    first = part(tmp_path, 0)
    part(tmp_path, 2)
    with pytest.raises(KnownError, match=r"Big-00002-of-00003\.gguf is missing"):
        library.add(first)
    renamed = first.rename(tmp_path / "renamed.gguf")
    with pytest.raises(KnownError, match="original names"):
        library.add(renamed)


def test_the_starter_comes_first_and_stays(tmp_path: Path) -> None:
    library = ModelLibrary(tmp_path / "models.json", starter_folder(tmp_path / "starter"))
    added = library.add(model_file(tmp_path))
    starter, second = library.models()
    assert second == added
    assert (starter.id, starter.origin) == ("shutong", Origin.STARTER)
    assert (starter.trained_context, starter.context_length) == (1024, 1024)
    assert starter.sampling is not None
    assert (starter.sampling.temperature, starter.sampling.top_k) == (0, 1)
    assert library.add(starter.path) == starter
    with pytest.raises(KnownError, match="part of the program"):
        library.remove("shutong")
    assert library.models() == [starter, added]


def test_the_starter_is_called_by_the_interfaces_language(tmp_path: Path) -> None:
    library = ModelLibrary(tmp_path / "models.json", starter_folder(tmp_path / "starter"))
    try:
        for language, name in (("zh_CN", "书童"), ("zh_TW", "書童")):
            i18n.install(tmp_path, language)
            assert library.models()[0].name == name
    finally:
        i18n.install(tmp_path, "en")
    assert library.models()[0].name == "Shutong"


@pytest.mark.parametrize("card", [[], {}, {"id": "x"}, {**CARD, "name": {}}, "text", None])
def test_a_bad_card_costs_only_the_starter(tmp_path: Path, card: object) -> None:
    library = ModelLibrary(tmp_path / "models.json", starter_folder(tmp_path / "starter", card))
    added = library.add(model_file(tmp_path))
    assert library.models() == [added]


def test_a_starter_without_its_file_is_missing(tmp_path: Path) -> None:
    folder = starter_folder(tmp_path / "starter")
    (folder / "shutong.gguf").unlink()
    assert ModelLibrary(tmp_path / "models.json", folder).models()[0].missing


def test_a_model_too_big_for_the_memory_is_added_and_said(tmp_path: Path) -> None:
    path = model_file(tmp_path)
    big = ModelLibrary(tmp_path / "models.json", memory=lambda: 100_000_000)
    sentence = big.too_big(big.add(path))
    assert sentence is not None
    assert "100 MB are free" in sentence
    roomy = ModelLibrary(tmp_path / "models.json", memory=lambda: 200_000_000)
    assert roomy.too_big(roomy.models()[0]) is None


def test_removing_what_is_not_there_is_said(library: ModelLibrary) -> None:
    with pytest.raises(KnownError, match="no model called"):
        library.remove("nothing")


@pytest.mark.parametrize(
    "listed",
    ["nonsense", 7, None, [1, "x", {}], [{"id": 1, "name": "n", "path": "p", "bytes": 1}]],
)
def test_strange_entries_do_no_harm(library: ModelLibrary, tmp_path: Path, listed: object) -> None:
    path = tmp_path / "data" / "models.json"
    path.parent.mkdir()
    path.write_text(json.dumps({"models": listed, "kept": 1}))
    assert library.models() == []
    model = library.add(model_file(tmp_path))
    assert library.models() == [model]
    assert json.loads(path.read_text())["kept"] == 1


def test_a_damaged_list_is_set_aside(library: ModelLibrary, tmp_path: Path) -> None:
    path = tmp_path / "data" / "models.json"
    path.parent.mkdir()
    path.write_bytes(b"\0\0\0")
    assert library.models() == []
    assert path.with_name("models.json.bad1").read_bytes() == b"\0\0\0"


def test_a_list_that_cannot_be_written_is_said(library: ModelLibrary, tmp_path: Path) -> None:
    model = library.add(model_file(tmp_path))
    with disks.read_only(tmp_path / "data"):
        with pytest.raises(KnownError, match="may not be written"):
            library.remove(model.id)
        assert library.models() == [model]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no file names outside Unicode")
def test_a_file_name_that_is_no_text(library: ModelLibrary, tmp_path: Path) -> None:
    path = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff\xfe.gguf"))
    path.write_bytes(make.file(make.BASIC, make.ONE_TENSOR))
    model = library.add(path)
    assert library.models() == [model]
    assert not model.missing


def test_a_list_without_a_look_says_of_no_file_that_it_is_gone(
    library: ModelLibrary, tmp_path: Path
) -> None:
    model = library.add(model_file(tmp_path / "models"))
    model.path.unlink()
    assert library.listed() == [model]
    assert [one.missing for one in library.models()] == [True]
