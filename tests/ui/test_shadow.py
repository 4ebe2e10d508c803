"""What lies above something else has a quiet shadow."""

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from hanlin_bench.bench import Bench
from hanlin_ui.theme import shadow
from hanlin_ui.theme.looks import Looks

GROUND = QColor("#808080")
THING = QRectF(20, 20, 60, 40)


def drawn() -> QImage:
    """Return a ground on which a thing's shadow is drawn."""
    image = QImage(100, 80, QImage.Format.Format_RGB32)
    image.fill(GROUND)
    painter = QPainter(image)
    shadow.draw(painter, THING, 8)
    painter.end()
    return image


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_shadow_is_darkest_below_and_stays_within_its_room(bench: Bench, theme: str) -> None:
    bench.interface.wear(Looks(theme))
    image = drawn()

    def dark(x: int, y: int) -> int:
        return GROUND.lightness() - image.pixelColor(x, y).lightness()

    below, above = dark(50, 61), dark(50, 18)
    assert below > above > 0
    room = THING.adjusted(-shadow.REACH, -shadow.REACH, shadow.REACH, shadow.REACH)
    outside = [
        (x, y)
        for x in range(100)
        for y in range(80)
        if not room.adjusted(0, 0, -1, -1).contains(x, y)
    ]
    assert not any(dark(x, y) for x, y in outside)


def test_high_contrast_has_edges_and_no_shadow(bench: Bench) -> None:
    bench.interface.wear(Looks("light", high_contrast=True))
    blank = QImage(100, 80, QImage.Format.Format_RGB32)
    blank.fill(GROUND)
    assert drawn() == blank
