"""Glossaries as CSV files: whatever a spreadsheet, a person or an accident has written."""

import pytest

from hanlin.domain.glossary import Term
from hanlin.domain.translation import Direction
from hanlin.kernel.errors import KnownError
from hanlin.services.translation import glossary_files


@pytest.mark.parametrize(
    "content",
    [
        "zh,en\n猫,cat\n狗,dog\n".encode("utf-8-sig"),
        "原文\t译文\r\n猫\tcat\r\n狗\tdog\r\n".encode("gb18030"),
        "猫;cat\r狗;dog\r".encode(),
        '猫，cat\n\n狗，"dog"\n'.encode("utf-16"),
    ],
)
def test_rows_are_read_in_every_form(content: bytes) -> None:
    found = glossary_files.read(content, "a.csv")
    assert [(term.source, term.target.strip('"')) for term in found.terms] == [
        ("猫", "cat"),
        ("狗", "dog"),
    ]
    assert not found.problems


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n",
        b"one column\nand another\n",
        b"\0\0\0\0",
        b"a," + b"x" * 200_000 + b"\n",
        b"\x89PNG\r\n\x1a\n\0\0",
    ],
)
def test_what_is_no_glossary_is_named(content: bytes) -> None:
    with pytest.raises(KnownError, match=r"a\.csv"):
        glossary_files.read(content, "a.csv")


def test_what_is_written_is_read_again() -> None:
    terms = (Term("a, b", 'say "c"', "two\nlines"), Term("猫", "cat"))
    written = glossary_files.write(terms, Direction("zh", "en"))
    found = glossary_files.read(written, "a.csv")
    assert found == glossary_files.GlossaryFile(terms, (), Direction("zh", "en"))


@pytest.mark.parametrize(
    ("heading", "wanted", "expected"),
    [
        ("zh,en", Direction("zh", "en"), (Term("猫", "cat"),)),
        ("中文,English", Direction("en", "zh"), (Term("cat", "猫"),)),
        ("zh,en", Direction("zh-Hant", "en"), (Term("猫", "cat"),)),
        ("zh,en", Direction("zh", "ja"), None),
        ("term,translation", Direction("zh", "en"), (Term("猫", "cat"),)),
        ("term,translation", Direction("en", "zh"), (Term("cat", "猫"),)),
        ("zh,zh", Direction("zh", "ja"), (Term("猫", "cat"),)),
    ],
)
def test_headings_or_the_words_themselves_tell_the_direction(
    heading: str, wanted: Direction, expected: tuple[Term, ...] | None
) -> None:
    found = glossary_files.read(f"{heading}\n猫,cat\n".encode(), "a.csv")
    assert found.towards(wanted) == expected


def test_terms_that_contradict_when_turned_round_are_one() -> None:
    found = glossary_files.read("zh,en\n猫,cat\n猫咪,cat\n".encode(), "a.csv")
    assert found.towards(Direction("en", "zh")) == (Term("cat", "猫"),)
