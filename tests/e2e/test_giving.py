"""Pictures from elsewhere: out of another program's clipboard and window, and off the screen.

With real keys and a real mouse, another program beside, and the model in the box, which sees.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageDraw

from hanlin_fakes.desktop import Desktop, neighbour
from hanlin_fakes.giving import PLACE, look_at, send

pytestmark = pytest.mark.timeout(600)
SIZE = (320, 240)
NEARER = 1.25**2
"""Two steps of the viewer."""
DRAGGED = (200, 150)
NEAR = 4
"""Pixels of the picture that an edge may lie beside where the mouse was."""


def drawn(path: Path, colour: str, count: int = 1) -> Path:
    """Draw circles in a row."""
    image = Image.new("RGB", SIZE, "white")
    pen = ImageDraw.Draw(image)
    for number in range(count):
        x = SIZE[0] * (number + 0.5) / count
        pen.ellipse((x - 40, 80, x + 40, 160), fill=colour)
    image.save(path)
    return path


@pytest.mark.parametrize(
    ("language", "appearance", "pasted"),
    [("en_US.UTF-8", "light", "Picture.png"), ("zh_CN.UTF-8", "dark", "图片.png")],
    ids=["en", "zh"],
)
def test_pictures_are_pasted_dropped_turned_cut_and_removed(
    desktop: Callable[..., Desktop], tmp_path: Path, language: str, appearance: str, pasted: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    shot = f"given-{language[:2]}-{appearance}"
    copied = drawn(tmp_path / "copied.png", "red", 3)
    first, second = (drawn(tmp_path / name, "blue") for name in ("first.png", "second.png"))
    with desk.window() as window:
        window.wait_until_open()
        with neighbour("clipboard", copied):
            window.turn_to_main()
            window.press("ctrl+l", "ctrl+v")
            look_at(window, pasted)
        window.press("r")
        window.shot(f"{shot}-turned")
        window.close(pasted, "Return")
        window.drop((first, second), *PLACE)
        window.shot(f"{shot}-dropped")
        look_at(window, first.name, 1)
        window.press("plus", "plus")
        window.drag(first.name, (280, 200), (280 + DRAGGED[0], 200 + DRAGGED[1]))
        window.shot(f"{shot}-cut")
        window.close(first.name, "Return")
        look_at(window, second.name, 2)
        window.close(second.name)
        window.press("ctrl+shift+l", "End", "Delete")
        window.shot(f"{shot}-strip")
        turned, cut = send(desk, window, "what do you see")
        window.shot(f"{shot}-answered")
    assert (turned.name, turned.width, turned.height) == (pasted, SIZE[1], SIZE[0])
    assert cut.name == first.name
    beside = [
        abs(kept - length / NEARER)
        for kept, length in zip((cut.width, cut.height), DRAGGED, strict=True)
    ]
    assert max(beside) <= NEAR, cut


@pytest.mark.parametrize(
    ("language", "appearance", "palette", "screen", "name"),
    [("zh_CN.UTF-8", "dark", "命令面板", "jiequ", "截图.png")],
    ids=["zh"],
)
def test_a_picture_of_the_screen_is_cut_and_asked_about(
    desktop: Callable[..., Desktop],
    language: str,
    appearance: str,
    palette: str,
    screen: str,
    name: str,
) -> None:
    desk = desktop(LANG=language)
    desk.choose(appearance=appearance)
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+shift+p")
        window.turn_to(palette)
        window.type(screen)
        window.press("Return")
        window.turn_to(name)
        window.drag(name, (200, 150), (400, 300))
        window.shot(f"screen-{language[:2]}-{appearance}")
        window.close(name, "Return")
        (taken,) = send(desk, window, "what do you see")
    assert taken.name == name
    assert min(taken.width, taken.height) > 0
