"""What a picture for the starter shows, as a value: shapes, a digit, a character, or another thing.

Colours are regions of HSL with gaps between them, so that two people would use the same word.
How a scene is drawn is `training.drawing`'s business, what is asked about it `seeing`'s.
"""

import colorsys
import zlib
from dataclasses import dataclass
from random import Random
from typing import TypeAlias

Rgb: TypeAlias = tuple[int, int, int]
Range: TypeAlias = tuple[float, float]

COLOURS: dict[str, tuple[tuple[Range, Range, Range], ...]] = {
    "red": (((-8, 8), (0.75, 1), (0.33, 0.56)),),
    "orange": (((21, 39), (0.85, 1), (0.47, 0.6)),),
    "yellow": (((48, 62), (0.75, 1), (0.44, 0.72)),),
    "green": (((88, 158), (0.4, 1), (0.2, 0.6)),),
    "blue": (((202, 243), (0.55, 1), (0.22, 0.72)),),
    "purple": (((266, 301), (0.4, 1), (0.22, 0.58)),),
    "pink": (((325, 352), (0.7, 1), (0.7, 0.88)), ((322, 338), (0.8, 1), (0.52, 0.7))),
    "brown": (((16, 32), (0.45, 1), (0.17, 0.32)), ((0, 14), (0.35, 0.6), (0.2, 0.4))),
    "black": (((0, 360), (0, 0.4), (0, 0.07)),),
    "white": (((0, 360), (0, 0.4), (0.965, 1)),),
    "grey": (((0, 360), (0, 0.05), (0.35, 0.78)),),
}
"""Hue in degrees, saturation, lightness: the shades that bear the name."""
SHAPES = ("circle", "square", "triangle", "star")
DIGITS = "0123456789"
CHARACTERS = "人大小中山水火木日月"
MOST = 5
KINDS = (*SHAPES, "digit", "character", "other")
CONTRAST = 95.0
"""Least distance of an object's colour from the background's, in RGB steps weighed by the eye."""
HELD = 20
SPLIT = 220


@dataclass(frozen=True)
class Scene:
    """One picture's content; `count` is 1 for a digit or a character, which `text` then names."""

    kind: str
    colour: str = ""
    count: int = 1
    text: str = ""

    @property
    def told(self) -> str:
        """What is there, for reports."""
        return f"[{self.count} {self.colour} {self.kind} {self.text}]"


def shade(colour: str, rng: Random) -> Rgb:
    """Return a random shade that bears a colour's name."""
    region = rng.choice(COLOURS[colour])
    hue, saturation, lightness = (rng.uniform(*bounds) for bounds in region)
    red, green, blue = colorsys.hls_to_rgb((hue % 360) / 360, lightness, saturation)
    return round(red * 255), round(green * 255), round(blue * 255)


def distance(one: Rgb, other: Rgb) -> float:
    """Return how far apart two colours look, roughly: RGB weighed by the eye's sensitivity."""
    red, green, blue = (a - b for a, b in zip(one, other, strict=True))
    return float((1.2 * red * red + 2.2 * green * green + 0.8 * blue * blue) ** 0.5)


def background(objects: list[Rgb], rng: Random) -> Rgb:
    """Return a background on which every object stands out: often white, seldom loud."""
    while True:
        kind = rng.choices(("white", "plain", "pale", "dark", "any"), (40, 15, 15, 10, 20))[0]
        level = rng.randint(0, 255)
        drawn: dict[str, Rgb] = {
            "white": (255, 255, 255),
            "plain": (level, level, level),
            "pale": (rng.randint(200, 255), rng.randint(200, 255), rng.randint(200, 255)),
            "dark": (rng.randint(0, 60), rng.randint(0, 60), rng.randint(0, 60)),
            "any": (rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)),
        }
        if all(distance(drawn[kind], each) > CONTRAST for each in objects):
            return drawn[kind]


def held_out(colour: str, shape: str, count: int) -> bool:
    """Whether a combination is kept from the training: about one in eleven, by a hash."""
    return zlib.crc32(f"{colour} {shape} {count}".encode()) % SPLIT < HELD


def draw(rng: Random, *, held: bool = False, others: float = 0.25) -> Scene:
    """Return a random scene; `held` draws the combinations that are never trained."""
    colour = rng.choice(tuple(COLOURS))
    if held:
        while True:
            found = Scene(rng.choice(SHAPES), rng.choice(tuple(COLOURS)), rng.randint(1, MOST))
            if held_out(found.colour, found.kind, found.count):
                return found
    drawn = rng.random()
    if drawn < others:
        return Scene("other")
    if drawn < others + (1 - others) * 0.22:
        return Scene("digit", colour, text=rng.choice(DIGITS))
    if drawn < others + (1 - others) * 0.42:
        return Scene("character", colour, text=rng.choice(CHARACTERS))
    while True:
        found = Scene(rng.choice(SHAPES), rng.choice(tuple(COLOURS)), rng.randint(1, MOST))
        if not held_out(found.colour, found.kind, found.count):
            return found
