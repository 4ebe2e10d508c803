"""The child that finds the colours of code, as it really runs."""

from collections.abc import Iterator

import pytest

from hanlin.colours.client import LONGEST, ColourClient
from hanlin.colours.runs import NoColoursError, from_wire

SLOW = "x = (" + "[" * 3_000 + "\n" + "'\\" * 3_000


@pytest.fixture
def client() -> Iterator[ColourClient]:
    made = ColourClient()
    yield made
    made.close()


def words(client: ColourClient, language: str, text: str) -> list[tuple[str, str]]:
    raw = text.encode("utf-16-le")
    return [
        (raw[2 * place : 2 * (place + length)].decode("utf-16-le"), kind)
        for place, length, kind in client.find(language, text).runs()
    ]


def test_words_are_told_by_their_kinds_also_behind_an_emoji(client: ColourClient) -> None:
    assert words(client, "Python", "def 函数(): return '😀' + str(1)") == [
        ("def", "Keyword"),
        ("函数", "Name.Function"),
        ("return", "Keyword"),
        ("'", "String"),
        ("😀", "String"),
        ("'", "String"),
        ("str", "Name.Builtin"),
        ("1", "Number"),
    ]
    assert ("<!-- a -->", "Comment") in words(client, "html", "<!-- a --><b>")


@pytest.mark.parametrize(
    ("language", "ending"),
    [("python", ".py"), ("c++", ".cpp"), ("", ""), ("nonsense", ""), ("n" * 1_000, "")],
)
def test_a_language_is_known_by_its_files(client: ColourClient, language: str, ending: str) -> None:
    assert client.find(language, "x").ending == ending


def test_what_is_too_long_stays_plain_and_keeps_its_name(client: ColourClient) -> None:
    found = client.find("python", "x = 1\n" * LONGEST)
    assert list(found.runs()) == []
    assert found.ending == ".py"


def test_foreign_text_does_no_harm(client: ColourClient) -> None:
    for text in (SLOW, "\ud800\x00", "\u202e" * 1_000, "(((((" * 10_000):
        client.find("python", text)
        client.find("javascript", text)
    assert words(client, "python", "1") == [("1", "Number")]


@pytest.mark.parametrize(
    ("payload", "ending"),
    [(b"\0" * 5, ""), (b"\0" * 8, ""), (b"\xff" * 12, ""), (b"", "/../x"), (b"", ".")],
)
def test_what_is_no_answer_is_refused(payload: bytes, ending: str) -> None:
    with pytest.raises(NoColoursError):
        from_wire(payload, ending)
