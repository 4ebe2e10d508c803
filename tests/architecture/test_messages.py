"""Every text a person sees is translated, and the compiled file is the one of the texts."""

import ast
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from devtools import messages
from devtools.places import SOURCE_ROOTS

FILES = sorted(messages.LOCALE.glob("*/LC_MESSAGES/*.po"))


@pytest.fixture(scope="module")
def template() -> Catalog:
    return messages.template()


def test_there_is_a_file_for_every_language() -> None:
    assert [file.parents[1].name for file in FILES] == list(messages.LANGUAGES)


def test_texts_are_found_in_the_sources(template: Catalog) -> None:
    assert template.get("The disk is full") is not None
    assert len(template) > 50


def test_no_text_hides_in_a_formatted_string(template: Catalog) -> None:
    """What collects the texts looks into no f-string: what stands only there stays English."""
    hidden: list[str] = []
    for file in (path for root in SOURCE_ROOTS for path in root.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_bytes())):
            if isinstance(node, ast.JoinedStr):
                hidden += [text for text in _texts_in(node) if template.get(text) is None]
    assert hidden == []


def _texts_in(node: ast.AST) -> list[str]:
    """Return the texts that are translated somewhere inside ``node``."""
    return [
        str(call.args[0].value)
        for call in ast.walk(node)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "_"
        and isinstance(call.args[0], ast.Constant)
    ]


@pytest.mark.parametrize("po", FILES, ids=lambda po: po.parents[1].name)
def test_the_translation_is_complete(po: Path) -> None:
    assert messages.faults(messages.read(po)) == []


@pytest.mark.parametrize("po", FILES, ids=lambda po: po.parents[1].name)
def test_the_compiled_file_is_fresh(po: Path) -> None:
    assert po.with_suffix(".mo").read_bytes() == messages.compiled(messages.read(po))


def test_the_traditional_texts_are_made_from_the_simplified_ones() -> None:
    made, kept = (messages.read(messages.LOCALE / "zh_TW/LC_MESSAGES/hanlin.po") for _n in (0, 1))
    messages.make(made, messages.read(messages.LOCALE / "zh_CN/LC_MESSAGES/hanlin.po"))
    changed = [one.id for one in made if one.id and one.string != kept[one.id].string]
    assert changed == [], "python3 packaging/dev.py messages makes them"


def test_no_empress_stands_for_after_in_the_traditional_texts() -> None:
    """OpenCC takes the end of one word and 后 for the mother of an emperor, 元后."""
    made = messages.read(messages.LOCALE / "zh_TW/LC_MESSAGES/hanlin.po")
    assert not [one.string for one in made if "后" in str(one.string)]


def test_an_incomplete_translation_is_found(template: Catalog) -> None:
    catalog = messages.new_catalog("zh_CN")
    for message in list(template)[1:]:
        catalog.add(message.id, "译" if isinstance(message.id, str) else ("译",))
    del catalog["The disk is full"]
    catalog["Not found"].string = ""
    catalog.add("Nobody says this", "没有人这样说")
    catalog["The file system refused"].flags.add("fuzzy")
    found = messages.faults(catalog)
    assert "not in the file: 'The disk is full'" in found
    assert "not translated: 'Not found'" in found
    assert "no longer in the sources: 'Nobody says this'" in found
    assert "marked as uncertain: 'The file system refused'" in found


def test_a_lost_placeholder_is_found(template: Catalog) -> None:
    catalog = messages.new_catalog("zh_CN")
    text = "There is no room left to write {what}."
    catalog.add(text, "没有空间了。")
    assert f"other placeholders: {text!r}" in messages.faults(catalog)
