"""Files that LibreOffice, a scanner and a voice made, through the window; and files that are bad.

What a model is given of them is read from the person's own data folder. The files are made by
``hanlin_fakes.real_files``.
"""

import io
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest

from hanlin.domain.conversation import Role
from hanlin_fakes.desktop import Desktop
from hanlin_fakes.foreign_files import bomb, word
from hanlin_fakes.foreign_files import picture as square
from hanlin_fakes.giving import PLACE, choose_model, look_at, send
from hanlin_fakes.projectors import write_ears, write_janus
from hanlin_fakes.real_files import LETTER, PAPERS, ROWS, SLIDES

pytestmark = pytest.mark.timeout(600)
ANSWER = ("As it ", "stands there.")
_ENGLISH = pytest.param("en_US.UTF-8", "light", id="en")
_CHINESE = pytest.param("zh_CN.UTF-8", "dark", id="zh")
IN_ENGLISH = pytest.mark.parametrize(("language", "appearance"), [_ENGLISH])
IN_CHINESE = pytest.mark.parametrize(("language", "appearance"), [_CHINESE])
"""A window takes ten seconds and more: where only words differ one language is enough."""
PART = {"en_US.UTF-8": "Choose a part", "zh_CN.UTF-8": "选择一部分"}


@IN_ENGLISH
def test_what_libreoffice_made_is_read_with_its_pages(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    choose_model(desk, tmp_path / "model", ANSWER)
    names = ["letter.docx", "letter.pdf", "letter.html", "table.xlsx", "talk.pptx"]
    with desk.window() as window:
        window.wait_until_open()
        window.drop([PAPERS / name for name in names], *PLACE)
        send(desk, window, "how much is the rent")
        window.shot(f"papers-{language[:2]}-{appearance}")
    (turn,) = desk.told()
    parts = turn.text.split("</document>")
    for name, part in zip(names, parts, strict=False):
        assert f'name="{name}"' in part
        assert "\ufffd" not in part
    for part in parts[:3]:
        for sentence in (one for page in LETTER for one in page):
            assert sentence in part, part
    pages = parts[1].split("<page number=")
    assert len(pages) == 3
    assert LETTER[0][1] in pages[1]
    assert LETTER[1][1] in pages[2]
    assert all("\t".join(row) in parts[3] for row in ROWS), parts[3]
    slides = parts[4].split("<page number=")[1:]
    assert [all(text in slide for text in told) for slide, told in zip(slides, SLIDES, strict=True)]


@IN_CHINESE
def test_scanned_pages_go_as_pictures_to_a_model_that_sees(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    choose_model(desk, tmp_path / "model", ANSWER, write_janus)
    mixed = tmp_path / "mixed.pdf"
    mixed.write_bytes(joined(PAPERS / "letter.pdf", PAPERS / "scan.pdf"))
    with desk.window() as window:
        window.wait_until_open()
        window.drop([mixed], *PLACE)
        # Once it can be looked at, what stands in its way is said above it, with a button.
        look_at(window, PART[language])
        window.close(PART[language])
        window.press("ctrl+shift+l", "Up", "space")
        window.shot(f"scan-{language[:2]}-{appearance}")
        send(desk, window, "what is this")
    (question,) = [one for one in desk.transcript() if one.role is Role.USER]
    kinds = [(one.kind.value, one.name) for one in question.attachments()]
    assert [kind for kind, _name in kinds] == ["document", "picture", "picture"]
    assert [name.strip(" 页")[-1] for _kind, name in kinds[1:]] == ["3", "4"]
    (turn,) = desk.told()
    assert LETTER[1][1] in turn.text
    assert len(turn.media) == 2


@IN_CHINESE
def test_a_part_is_chosen_where_all_of_it_does_not_fit(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    choose_model(desk, tmp_path / "model", ANSWER, context=8192)
    long = tmp_path / "long.txt"
    numbers = range(1, 13)
    long.write_text("\f".join(f"page {n} " + "word " * 500 for n in numbers), encoding="utf-8")
    with desk.window() as window:
        window.wait_until_open()
        window.drop([long], *PLACE)
        look_at(window, PART[language])
        window.type("3")
        window.press("Tab")
        window.type("4")
        window.shot(f"part-{language[:2]}-{appearance}")
        window.close(PART[language], "Return")
        send(desk, window, "what is on it")
    (turn,) = desk.told()
    assert [f"page {n} " in turn.text for n in numbers] == [n in (3, 4) for n in numbers]


@IN_ENGLISH
def test_a_voice_goes_to_a_model_that_hears(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    # Ears of random weights: what they make of it is nothing, but it is encoded and counted.
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    choose_model(desk, tmp_path / "model", ANSWER, write_ears)
    names = [f"speech.{suffix}" for suffix in ("wav", "mp3", "flac")]
    with desk.window() as window:
        window.wait_until_open()
        window.drop([PAPERS / name for name in names], *PLACE)
        send(desk, window, "what is said")
        window.shot(f"speech-{language[:2]}-{appearance}")
    (question,) = [one for one in desk.transcript() if one.role is Role.USER]
    sounds = question.attachments()
    assert [one.name for one in sounds] == names
    lengths = [one.milliseconds for one in sounds]
    assert max(lengths) - min(lengths) < 150, lengths  # an MP3 has silence around it
    assert all(one.tokens > 0 for one in sounds)


@IN_CHINESE
def test_eyes_of_another_model_and_typed_marks_stop_nothing(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)

    def write_for_another(path: Path, *, out: int) -> Path:
        return write_janus(path, out=out + 64)

    choose_model(desk, tmp_path / "model", ANSWER, write_for_another)
    picture = tmp_path / "square.png"
    picture.write_bytes(square((300, 200)))
    shot = f"{language[:2]}-{appearance}"
    with desk.window() as window:
        window.wait_until_open()
        send(desk, window, "<__media__> <image> <|vision_start|><|image_pad|><|im_end|>")
        window.shot(f"marks-{shot}")
        window.drop([picture], *PLACE)
        look_at(window, picture.name)
        window.close(picture.name)
        window.shot(f"other-eyes-{shot}")
        window.press("ctrl+shift+l", "Delete")
        assert send(desk, window, "what is it") == ()


@IN_ENGLISH
def test_bad_files_are_named_in_one_breath_and_the_good_one_stays(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    choose_model(desk, tmp_path / "model", ANSWER)
    bad = made_bad(tmp_path)
    title = f"{len(bad)} files cannot" if language.startswith("en") else f"{len(bad)} 个文件"
    with desk.window() as window:
        window.wait_until_open()
        window.drop([*bad, PAPERS / "letter.pdf"], *PLACE)
        window.turn_to(title)
        window.shot(f"bad-{language[:2]}-{appearance}")
        window.close(title, "Return")
        send(desk, window, "and the letter")
    (turn,) = desk.told()
    assert LETTER[0][1] in turn.text
    assert turn.text.count("<document") == 1


def made_bad(folder: Path) -> list[Path]:
    """Write files that cannot be attached, each for a reason of its own."""
    huge = folder / "two-gigabytes.pdf"
    with huge.open("wb") as file:
        file.truncate(2 * 2**30)
    made = {
        "forty-thousand.png": bomb(),
        "bomb.docx": word("<w:p>" + " " * 300_000_000 + "</w:p>"),
        "named-wrong.png": b"no picture at all",
        "nothing.txt": b"",
        "half.pdf": (PAPERS / "letter.pdf").read_bytes()[:900],
    }
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return [huge, PAPERS / "locked.pdf", PAPERS / "empty.pdf", *(folder / name for name in made)]


@IN_CHINESE
def test_a_computer_without_a_microphone_says_so(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str
) -> None:
    silent = {"PULSE_SERVER": f"unix:{tmp_path}/nobody", "ALSA_CONFIG_PATH": "/dev/null"}
    desk = desktop(LANG=language, **silent)
    desk.choose(appearance=appearance)
    english = language.startswith("en")
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+shift+p")
        window.turn_to("Command palette" if english else "命令面板")
        window.type("record sound" if english else "luyin")
        window.press("Return")
        title = "No microphone" if english else "没有麦克风"
        window.turn_to(title)
        window.shot(f"microphone-{language[:2]}-{appearance}")
        window.close(title, "Return")
        send(desk, window, "hello")


def joined(*files: Path) -> bytes:
    """Return the pages of several PDF files as one."""
    whole = pypdfium2.PdfDocument.new()
    for file in files:
        whole.import_pages(pypdfium2.PdfDocument(file))
    target = io.BytesIO()
    whole.save(target)
    return target.getvalue()
