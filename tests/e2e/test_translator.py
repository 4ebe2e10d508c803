"""The translator with real keys and the starter in the box, also from another start's command."""

import re
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from hanlin_fakes.desktop import Desktop, eventually
from hanlin_fakes.giving import PLACE
from hanlin_fakes.real_files import PAPERS

pytestmark = pytest.mark.timeout(300)


FILMS = PAPERS.parent / "translation"
FILES_DEADLINE = 240.0
"""Two files of a few sentences, by the starter, on a slow machine."""
_PARAGRAPH = re.compile(rb"<w:p[ >]")


def translated(desk: Desktop, source: str) -> str:
    """Return the translation of ``source`` once the history has it."""
    return eventually(
        lambda: dict(desk.translations()).get(source, ""), f"the translation of {source}"
    )


def test_a_text_is_typed_a_part_selected_and_a_text_given_from_outside(
    desktop: Callable[..., Desktop],
) -> None:
    desk = desktop(LANG="en_US.UTF-8")
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+2")
        window.type("The cat is under the chair. Thank you.")
        whole = translated(desk, "The cat is under the chair. Thank you.")
        assert "椅子" in whole
        window.shot("translator")
        # What is selected is the desktop's selection, which the small window translates.
        window.press("ctrl+End", "ctrl+shift+Left", "ctrl+shift+Left", "ctrl+shift+Left")
        window.press("ctrl+shift+y")
        assert "谢谢" in translated(desk, "Thank you.")
        window.turn_to("Translate the selection")
        window.shot("translator-selection")
        window.close("Translate the selection")
        desk.cli("quick", "--translate", "The dog is in the garden.")
        assert "花园" in translated(desk, "The dog is in the garden.")
        window.turn_to("Translate the selection")
        window.close("Translate the selection")


def test_files_are_dropped_on_the_page_and_become_new_ones(
    desktop: Callable[..., Desktop], tmp_path: Path
) -> None:
    given = tmp_path / "given"
    given.mkdir()
    letter = Path(shutil.copy(PAPERS / "letter.docx", given))
    film = Path(shutil.copy(FILMS / "film.srt", given))
    desk = desktop(LANG="zh_CN.UTF-8")
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+2")
        window.drop([letter, film], *PLACE)
        eventually(film.with_name("film.en.srt").exists, "the film's translation", FILES_DEADLINE)
        window.turn_to("翻译文件")
        window.shot("translator-files")
        window.close("翻译文件")
    made = film.with_name("film.en.srt").read_text(encoding="utf-8")
    source = film.read_text(encoding="utf-8")
    assert made.count("-->") == source.count("-->")
    assert "dog" in made
    parts = [_part(path) for path in (letter, letter.with_name("letter.en.docx"))]
    assert len(_PARAGRAPH.findall(parts[0])) == len(_PARAGRAPH.findall(parts[1])) > 1
    assert "月租金" in parts[0].decode()
    assert "月租金" not in parts[1].decode()


def _part(path: Path) -> bytes:
    with zipfile.ZipFile(path) as package:
        return package.read("word/document.xml")
