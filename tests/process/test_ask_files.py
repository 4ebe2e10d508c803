"""``hanlin ask`` with pictures, documents and sound, with the model in the box, which sees."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from hanlin_fakes.real_files import LETTER, PAPERS

PATIENCE = 120


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    image = Image.new("RGB", (480, 360), "white")
    pen = ImageDraw.Draw(image)
    for x, y in ((90, 120), (240, 230), (390, 130)):
        pen.ellipse((x - 55, y - 55, x + 55, y + 55), fill="red")
    path = tmp_path / "circles.png"
    image.save(path)
    return path


def ask(data: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "hanlin", "ask", *words],
        env={**os.environ, "HANLIN_DATA_DIR": str(data), "LANG": "en_US.UTF-8"},
        capture_output=True, text=True, check=False, timeout=PATIENCE,
    )  # fmt: skip


def events(data: Path, *words: str) -> list[dict[str, object]]:
    done = ask(data, "--json", *words)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def prompt_tokens(told: list[dict[str, object]]) -> int:
    usage = told[-1]["usage"]
    assert isinstance(usage, dict)
    return int(usage["prompt_tokens"])


def test_a_picture_is_looked_at(tmp_path: Path, picture: Path) -> None:
    done = ask(tmp_path / "data", "--image", str(picture), "How many circles are there?")
    assert done.stdout.strip() == "There are three circles.", done.stderr


def test_a_document_is_read_with_its_pages(tmp_path: Path) -> None:
    words = ("--max-tokens", "4", "what is it")
    told = events(tmp_path / "data", "--file", str(PAPERS / "letter.pdf"), *words)
    assert (told[0]["event"], told[0]["pages"], told[0]["paged"]) == ("attached", 2, True)
    letters = sum(len(sentence) for page in LETTER for sentence in page)
    assert prompt_tokens(told) > letters / 4


def test_scanned_pages_are_shown_to_a_model_that_sees(tmp_path: Path) -> None:
    words = ("--max-tokens", "4", "what is it")
    data = tmp_path / "data"
    without = prompt_tokens(events(data, *words))
    told = events(data, "--file", str(PAPERS / "scan.pdf"), *words)
    assert prompt_tokens(told) - without >= 2 * 36


@pytest.mark.parametrize(
    ("option", "name", "said"),
    [
        ("--audio", "speech.mp3", "cannot hear sound"),
        ("--file", "locked.pdf", "password"),
        ("--file", "empty.pdf", "is empty"),
        ("--image", "nowhere.png", "nowhere.png"),
    ],
)
def test_what_cannot_be_taken_is_said(tmp_path: Path, option: str, name: str, said: str) -> None:
    done = ask(tmp_path / "data", option, str(PAPERS / name), "what is it")
    assert done.returncode != 0
    assert not done.stdout
    assert said in done.stderr
