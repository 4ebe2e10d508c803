"""Files that real programs made (ffmpeg 9.0, translate-toolkit; see benchmarks/text_files.py)."""

import re
from pathlib import Path

import pytest

from hanlin.documents.reading import read

MADE = Path(__file__).parents[1] / "data" / "translation"


@pytest.mark.parametrize(
    ("name", "times", "cues"),
    [
        ("film.srt", r"\S+ --> \S+", 4),
        ("film.vtt", r"\S+ --> \S+", 4),
        ("film.ass", r"^Dialogue: [^,]*,[^,]*,[^,]*,", 4),
    ],
)
def test_subtitles_keep_their_cues_and_times(name: str, times: str, cues: int) -> None:
    content = (MADE / name).read_bytes()
    document = read(name, content)
    assert len(document.units) == cues
    made = document.build([f"Line {number}" for number in range(cues)], bilingual=False)
    before, after = (re.findall(times, one.decode(), re.MULTILINE) for one in (content, made))
    assert before == after
    assert len(after) == cues
    assert [unit.text for unit in read(name, made).units] == [f"Line {n}" for n in range(cues)]


def test_bilingual_subtitles_have_both_in_one_cue() -> None:
    content = (MADE / "film.srt").read_bytes()
    made = read("film.srt", content).build(["A", "B", "C", "D"], bilingual=True).decode()
    assert "我们的房子很大。\nA\n\n2\n" in made
    assert made.count("-->") == 4


def test_xliff_keeps_its_units_and_sources() -> None:
    content = (MADE / "strings.xlf").read_bytes()
    document = read("strings.xlf", content)
    assert len(document.units) == 5  # the sixth is translated already
    made = document.build([f"Text {number}" for number in range(5)], bilingual=False)
    for tag in (rb"<trans-unit [^>]*>", rb"<source>[^<]*</source>"):
        assert re.findall(tag, made) == re.findall(tag, content)
    assert re.findall(rb"<target>(Text \d)</target>", made) == [b"Text %d" % n for n in range(5)]
    assert read("strings.xlf", made).units == []


def test_xliff_2_keeps_its_units_and_sources_and_says_its_language() -> None:
    content = (MADE / "texts.xlf").read_bytes()
    document = read("texts.xlf", content, "en")
    assert len(document.units) == 5
    made = document.build([f"Text {number}" for number in range(5)], bilingual=False)
    for tag in (rb"<unit[^>]*>", rb"<segment[^>]*>", rb"<source>[^<]*</source>"):
        assert re.findall(tag, made) == re.findall(tag, content)
    assert re.findall(rb"<target>(Text \d)</target>", made) == [b"Text %d" % n for n in range(5)]
    assert b'trgLang="en"' in made
    assert read("texts.xlf", made, "en").units == []


def test_messages_that_lupdate_collected_are_filled_in_and_nothing_else_changes() -> None:
    content = (MADE / "window.ts").read_bytes()
    document = read("window.ts", content)
    words = ["猫。", "打开门…", "%n 只狗", "谢谢。"]
    assert [unit.text for unit in document.units][1:3] == ["Open the door…", "%n dog(s)"]
    made = document.build(words, bilingual=False)
    for tag in (rb"<source>[^<]*</source>", rb"<location [^>]*>", rb"<message[^>]*>"):
        assert re.findall(tag, made) == re.findall(tag, content)
    assert made.count(b'type="unfinished"') == content.count(b'type="unfinished"') == 4
    assert "打开门(&amp;O)…".encode() in made
    assert read("window.ts", made).units == []
