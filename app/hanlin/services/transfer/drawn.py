"""A formula as a drawing in a page: SVG that needs no font, no script and no other file."""

from html import escape
from typing import Final

from hanlin.formulas.shape import Shape

_UNIT: Final = 100
"""Parts of the font's size that are counted: browsers draw no smaller letters than a pixel."""


def svg(shape: Shape, source: str) -> str:
    """Return ``shape`` as it stands in a line of text; ``source`` is what is read aloud."""
    height = shape.ascent + shape.descent
    path = " ".join(
        command + " ".join(_number(number) for number in numbers)
        for command, numbers in shape.outline
    )
    letters = "".join(
        f'<text x="{_number(one.left)}" y="{_number(one.base)}" font-size="{_number(one.size)}">'
        f"{escape(one.text)}</text>"
        for one in shape.letters
    )
    box = " ".join(_number(one) for one in (0, -shape.ascent, shape.width, height))
    return (
        f'<svg role="img" aria-label="{escape(source)}" viewBox="{box}" style="width:'
        f'{shape.width:.3f}em; height:{height:.3f}em; vertical-align:{-shape.descent:.3f}em">'
        f'<path d="{path}"/>{letters}</svg>'
    )


def _number(part: float) -> str:
    return f"{part * _UNIT:.1f}".removesuffix(".0")
