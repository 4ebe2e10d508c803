"""The catalogue that ships: its schema, its promises, and how it is asked."""

import copy
import json
from pathlib import Path
from typing import Any

import pytest

import hanlin_resources
from hanlin.chinese import script_of
from hanlin.domain.catalogue import Runs, Task
from hanlin.domain.models import Advice
from hanlin.kernel import i18n
from hanlin.kernel.errors import BugError, KnownError
from hanlin_hub.schema import complaints
from hanlin_models import architectures
from hanlin_models.catalogue import Catalogue, wanted

FOLDER = hanlin_resources.folder("catalogue")
CONTENT: dict[str, Any] = json.loads((FOLDER / "catalogue.json").read_text("utf-8"))
SCHEMA: dict[str, Any] = json.loads((FOLDER / "schema.json").read_text("utf-8"))
CATALOGUE = Catalogue(FOLDER)
_NAMES = """
Qwen DeepSeek GLM Hunyuan ERNIE MiniCPM InternLM InternVL Yi Kimi Seed Ling openPangu
Spark Baichuan bge
"""
FAMILIES = _NAMES.split()


def test_the_data_keeps_to_its_schema() -> None:
    assert list(complaints(CONTENT, SCHEMA, SCHEMA, "catalogue")) == []


@pytest.mark.parametrize(
    ("field", "value"),
    [("tasks", ["cooking"]), ("files", [{"name": "x"}]), ("runs", "maybe"), ("extra", 1)],
)
def test_the_schema_finds_what_is_wrong(field: str, value: object) -> None:
    content = copy.deepcopy(CONTENT)
    content["models"][0][field] = value
    assert list(complaints(content, SCHEMA, SCHEMA, "catalogue")) != []


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family_is_there(family: str) -> None:
    assert any(entry.family == family for entry in CATALOGUE)


@pytest.mark.parametrize("task", Task)
def test_there_is_a_model_for_every_task(task: Task) -> None:
    assert CATALOGUE.for_task(task)[0].runs is Runs.YES


def test_what_does_not_run_here_says_why_and_cannot_be_fetched() -> None:
    refused = [entry for entry in CATALOGUE if entry.runs is not Runs.YES]
    assert len(refused) > 10
    for entry in refused:
        assert entry.reason
        with pytest.raises(KnownError, match=r".") as raised:
            wanted(entry)
        assert entry.reason in str(raised.value)


def test_what_runs_is_of_a_kind_the_engine_knows() -> None:
    foreign = [
        entry.id
        for entry in CATALOGUE
        if entry.runs is Runs.YES and entry.architecture not in architectures.KNOWN
    ]
    assert foreign == []


@pytest.mark.parametrize("language", ["zh_CN", "zh_TW"])
def test_every_language_is_written(language: str) -> None:
    english = {entry.id: (entry.text, entry.licence.limits, entry.reason) for entry in CATALOGUE}
    i18n.install(hanlin_resources.folder("locale"), language)
    try:
        said = ""
        for entry in CATALOGUE:
            assert entry.text
            assert entry.text != english[entry.id][0]
            assert any("一" <= letter <= "鿿" for letter in entry.text + entry.licence.limits)
            said += entry.text + entry.licence.limits + entry.reason
        assert script_of(said) == language
    finally:
        i18n.install(hanlin_resources.folder("locale"), "en")


def test_what_is_superseded_names_its_successor() -> None:
    for entry in CATALOGUE:
        if entry.superseded_by:
            assert CATALOGUE.find(entry.superseded_by).runs is Runs.YES


def test_a_pinned_model_is_ordered_with_size_hash_and_projector() -> None:
    entry = CATALOGUE.find("MiniCPM-V 4.6")
    order = wanted(entry)
    assert entry.pinned
    assert [file.name for file in order.files] == [
        "MiniCPM-V-4.6-Q4_K_M.gguf",
        "mmproj-MiniCPM-V-4.6-Q8_0.gguf",
    ]
    assert all(file.size and file.sha256 for file in order.files)


def test_a_file_is_recognised_whatever_its_case() -> None:
    found = CATALOGUE.of_file("qwen3-0.6b-q8_0.GGUF")
    assert found is not None
    assert found.id == "qwen3-0.6b"


def test_what_a_file_has_wrong_is_known_of_that_very_file() -> None:
    entry = next(one for one in CATALOGUE if one.overrides)
    file = entry.files[0]
    assert file.bytes is not None
    advice = CATALOGUE.advice(file.name, file.bytes)
    assert {one.key: one.value for one in advice.overrides} == entry.overrides
    assert CATALOGUE.advice(file.name, file.bytes + 1).overrides == ()
    assert CATALOGUE.advice("Unknown.gguf", 1) == Advice()


@pytest.mark.parametrize(
    ("file", "architecture", "prompt"),
    [
        ("GLM-OCR-Q8_0.gguf", "glm4", "Text Recognition:"),
        ("my-glm-ocr-f16.gguf", "glm4", "Text Recognition:"),
        ("a.gguf", "paddleocr", "OCR:"),
        ("a.gguf", "deepseek2-ocr", "Free OCR."),
        ("a.gguf", "glm4", None),
        ("qwen3-0.6b-q8_0.gguf", "qwen3", None),
        ("a.gguf", "", None),
    ],
)
def test_an_ocr_model_is_asked_as_it_was_trained(
    file: str, architecture: str, prompt: str | None
) -> None:
    assert CATALOGUE.reading(file, architecture).get("text") == prompt


def test_an_unknown_model_is_named() -> None:
    with pytest.raises(KnownError, match="gpt-17"):
        CATALOGUE.find("gpt-17")


@pytest.mark.parametrize(
    "content", [b"", b"{}", b"[]", b'{"version": 2}', b'{"version":1,"models":[{}]}']
)
def test_a_broken_catalogue_is_our_fault(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "catalogue.json").write_bytes(content)
    with pytest.raises(BugError):
        Catalogue(tmp_path)
