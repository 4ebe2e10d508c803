"""Assistants: those in the box, a person's own, their file, and what they mean for an answer."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.chinese import script_of
from hanlin.domain.assistants import Assistant, from_file, from_json, to_file
from hanlin.domain.conversation import PartKind, Role, Status
from hanlin.domain.generation import Sampling, Turn
from hanlin.kernel import i18n
from hanlin.kernel.errors import KnownError
from hanlin.services.assistants import is_foreign
from hanlin_fakes.house import House

POET = Assistant(
    "poet", "诗人", "🌙", "写诗", "Answer in verse.", "", "", (("temperature", 1.2),), ("写月亮",)
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


@pytest.mark.parametrize("language", ["zh_CN", "en"])
def test_those_in_the_box_speak_the_interfaces_language(
    house: House, language: str, tmp_path: Path
) -> None:
    i18n.install(tmp_path, language)
    shipped = house.assistants.shipped()
    assert [one.id for one in shipped] == [
        "writing", "polishing", "official", "summary", "study", "translation", "code",
    ]  # fmt: skip
    for one in shipped:
        expected = "" if language == "en" else language
        assert script_of(one.name + one.about) in (expected, "zh")[: 2 if expected else 1]
        assert one.prompt
        assert one.starters
        assert dict(one.sampling)


def test_the_box_has_every_text_in_three_languages() -> None:
    folder = hanlin_resources.folder("assistants")
    listed = json.loads((folder / "assistants.json").read_text(encoding="utf-8"))["assistants"]
    for one in listed:
        for key in ("name", "about", "prompt", "starters"):
            assert set(one[key]) == {"zh_CN", "zh_TW", "en"}
            assert script_of(str(one[key]["zh_TW"])) != "zh_CN", one["id"]
            assert script_of(str(one[key]["zh_CN"])) != "zh_TW", one["id"]


def test_a_conversation_goes_by_a_copy_of_its_assistant(house: House) -> None:
    house.load()
    house.engine.enqueue("月光")
    poet = house.assistants.save(POET)
    question = house.chat.send(None, "写月亮", assistant=poet)
    house.answered()
    asked = house.engine.asked[0]
    assert asked.turns == (Turn(Role.SYSTEM, "Answer in verse."), Turn(Role.USER, "写月亮"))
    assert asked.options.sampling.temperature == 1.2
    house.assistants.delete(poet.id)
    assert house.assistants.of(question.conversation_id) == poet
    house.assistants.choose(question.conversation_id, None)
    house.engine.enqueue("好")
    house.chat.send(question.conversation_id, "再来")
    house.answered()
    assert house.engine.asked[-1].turns[0].role is Role.USER


def test_one_of_the_box_is_changed_as_a_copy(house: House) -> None:
    first = house.assistants.shipped()[0]
    kept = house.assistants.save(first)
    assert kept.id != first.id
    assert [one.name for one in house.assistants.own()] == [first.name]
    assert len(house.assistants.every()) == len(house.assistants.shipped()) + 1


def test_an_answer_in_the_wrong_language_is_asked_for_once_more(house: House) -> None:
    house.load()
    house.answer_language = "zh_CN"
    house.engine.enqueue("I am sorry, I can only tell you this in English, you see.")
    house.engine.enqueue("It is still in English, which cannot be helped any more.")
    question = house.chat.send(None, "为什么天是蓝的？")
    first, second = house.answered().message, house.answered().message
    assert (first.parent_id, second.parent_id) == (question.id, question.id)
    assert second.status is Status.COMPLETE
    assert [one.id for one in house.chat.transcript(question.conversation_id)][-1] == second.id
    assert house.engine.asked[0].turns[0].role is Role.SYSTEM
    assert "简体中文" in house.engine.asked[1].turns[-1].text
    assert not house.chat.is_answering(question.conversation_id), "once is enough"
    prompts = [house.chat.inspecting.inspect(one.id).prompt or () for one in (first, second)]
    for prompt, asked in zip(prompts, house.engine.asked, strict=True):
        said = [segment.text for segment in prompt if not segment.control]
        assert said == [turn.text for turn in asked.turns], "shown as it was asked"


def test_a_thought_in_the_wrong_language_is_noticed_too(house: House) -> None:
    house.load()
    house.answer_language = "zh_CN"
    thought = (PartKind.THINKING, "The user wants to know why the sky is blue, so I explain it.")
    house.engine.enqueue(thought, "天空是蓝色的，因为蓝光散射得最多。")
    house.engine.enqueue((PartKind.THINKING, "用户想知道天空为什么是蓝色的。"), "因为散射。")
    house.chat.send(None, "为什么天是蓝的？")
    first, second = house.answered().message, house.answered().message
    assert first.parent_id == second.parent_id
    assert second.text() == "因为散射。"


@pytest.mark.parametrize(
    ("text", "language", "foreign"),
    [
        ("这是一个完整的中文回答，没有别的。", "zh_CN", False),
        ("這是一個完整的中文回答，沒有別的。", "zh_CN", True),
        ("這是一個完整的中文回答，沒有別的。", "zh_TW", False),
        ("这是一个完整的中文回答，没有别的。", "zh_TW", True),
        ("This is a whole answer in English.", "zh_CN", True),
        ("这是一个完整的中文回答，没有别的。", "en", True),
        ("This is a whole answer in English.", "en", False),
        ("用 `import numpy` 来导入它：\n```python\nimport numpy as np\n```", "zh_CN", False),
        ("OK", "zh_CN", False),
        ("This is a whole answer in English.", "", False),
    ],
)  # fmt: skip
def test_a_foreign_answer_is_known_by_its_letters(
    text: str, language: str, *, foreign: bool
) -> None:
    assert is_foreign(text, language) is foreign


def test_a_file_brings_them_back(house: House) -> None:
    written = to_file([POET])
    (kept,) = house.assistants.read_file(written.encode())
    assert (kept.name, kept.prompt, kept.sampling) == (POET.name, POET.prompt, POET.sampling)
    assert kept.id != POET.id, "a file never replaces what is here"


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[" * 100_000, b"\xff\xfe", b'{"format": "other"}', b"x" * 2_000_000,
     b'{"format": "hanlin-assistants", "version": 2, "assistants": []}',
     b'{"format": "hanlin-assistants"}',
     b'{"format": "hanlin-assistants", "version": 1, "assistants": [{"id": "x", "prompt": "p"}]}'],
)  # fmt: skip
def test_a_foreign_file_is_refused_by_name(content: bytes) -> None:
    with pytest.raises(KnownError):
        from_file(content)


def test_what_a_file_says_is_bounded() -> None:
    wild = {
        "id": "x" * 999, "name": "n\0" * 999, "prompt": "p" * 99_999, "picture": 7,
        "language": "tlh", "sampling": {"temperature": 99, "top_p": 0.5, "seed": 1, "min_p": True},
        "starters": ["s" * 999, 3, ""] * 9,
    }  # fmt: skip
    one = from_json(wild)
    assert one is not None
    assert len(one.id) <= 64
    assert len(one.name) <= 60
    assert "\0" not in one.name
    assert len(one.prompt) == 20_000
    assert (one.picture, one.language) == ("", "")
    assert one.sampling == (("top_p", 0.5),)
    assert all(len(text) <= 300 for text in one.starters)
    assert one.over(Sampling()).top_p == 0.5
    assert from_json({"name": "no id"}) is None
    assert from_json(None) is None
