"""Scenes as pictures, drawn with Pillow: any size and place, with and without smooth edges.

What is drawn is `scenes`' business; pictures of anything else are `elsewhere`'s.
"""

import io
import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import TypeAlias

from PIL import Image, ImageDraw, ImageFilter, ImageFont

from starter import scenes
from starter.grammar import chance
from starter.scenes import Rgb, Scene

Ink: TypeAlias = Rgb | int
FONT_FOLDERS = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
DIGITS = ("DejaVuSans", "DejaVuSerif", "NimbusSans-", "NotoSansCJK", "NotoMono", "NotoSansMono")
UNFIT = ("Condensed", "Oblique", "Italic", "ExtraLight", "Math", ".t1", ".pfb")
"""Fonts for digits, by the beginnings of their files' names, and what else must not stand there."""
CHINESE = "CJK"
SMALLEST, LARGEST = 96, 1024
LEAST_SIZE = 20 / 96
"""An object's least size, as a share of the picture's longer side: 20 pixels of the tower's 96."""
ATTEMPTS = 40


@dataclass(frozen=True)
class Place:
    """Where an object stands: its middle and its radius, in pixels."""

    x: float
    y: float
    radius: float


@cache
def fonts(*, chinese: bool) -> tuple[Path, ...]:
    """Return the machine's font files for digits or for Chinese, in a fixed order."""
    found = sorted(
        path
        for folder in FONT_FOLDERS
        for path in folder.rglob("*.[ot]t[fc]")
        if (CHINESE in path.name if chinese else path.name.startswith(DIGITS))
        and not any(word in str(path) for word in UNFIT)
        and draws(path, "人" if chinese else "1")
    )
    if not found:
        raise FileNotFoundError("no fonts under " + ", ".join(map(str, FONT_FOLDERS)))
    return tuple(found)


def draws(path: Path, text: str) -> bool:
    """Whether a font has a text's glyphs, and not the box that stands for a missing one."""
    opened = font(path, 24)
    return opened.getmask(text).getbbox() is not None and bytes(opened.getmask(text)) != bytes(
        opened.getmask("\ue123")
    )


@cache
def font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    """Return a font at a size that divides by four, so that few are opened."""
    return ImageFont.truetype(path, size)


def dimensions(rng: Random) -> tuple[int, int]:
    """Return width and height: mostly small, because large ones cost time and look the same."""
    most = rng.choices((128, 224, 480, LARGEST), (60, 30, 7, 3))[0]
    side = rng.randint(SMALLEST, most)
    if chance(rng, 0.45):
        return side, side
    other = min(max(round(side * rng.uniform(0.5, 2.0)), SMALLEST), LARGEST)
    return side, other


@dataclass(frozen=True)
class Drawn:
    """A picture, and where its objects' middles are, as shares of its width and height."""

    image: Image.Image
    middles: tuple[tuple[float, float], ...] = ()


def picture(scene: Scene, rng: Random) -> Drawn:
    """Return a drawing of a scene that is not ``other``."""
    size = dimensions(rng)
    smooth = chance(rng, 0.6)
    objects = shades(scene, rng)
    ground = scenes.background(objects, rng)
    image, places = painted(scene, size, ground, objects, rng, smooth=smooth)
    middles = tuple((place.x, place.y) for place in places)
    return Drawn(worn(image, rng), middles)


def painted(
    scene: Scene,
    size: tuple[int, int],
    ground: Ink,
    objects: Sequence[Ink],
    rng: Random,
    *,
    smooth: bool,
) -> tuple[Image.Image, list[Place]]:
    """Return a scene in these inks, and its objects' places as shares of width and height.

    Inks that are numbers make a picture of one channel, whose objects have no border.
    """
    scale = 2 if smooth and max(size) <= LARGEST // 4 else 1
    canvas = (size[0] * scale, size[1] * scale)
    plain = isinstance(ground, int)
    image = Image.new("L" if plain else "RGB", canvas, ground)
    pen = ImageDraw.Draw(image)
    if scene.kind in scenes.SHAPES:
        places = arranged(scene.count, canvas, rng)
        look = Look.drawn(scene.kind, rng)
        look = replace(look, border=None) if plain else look
        for place, fill in zip(places, objects, strict=True):
            shape(pen, scene.kind, place, fill, look, rng)
    else:
        places = [write(pen, scene, canvas, objects[0], rng, smooth=smooth)]
    if scale > 1:
        image = image.resize(size, Image.Resampling.BOX)
    longest = max(canvas)
    return image, [
        Place(place.x / canvas[0], place.y / canvas[1], place.radius / longest) for place in places
    ]


def shades(scene: Scene, rng: Random) -> list[Rgb]:
    """Return the objects' colours: one shade for all, or several that bear one name."""
    first = scenes.shade(scene.colour, rng)
    same = chance(rng, 0.7)
    return [first if same else scenes.shade(scene.colour, rng) for _ in range(scene.count)]


def worn(image: Image.Image, rng: Random) -> Image.Image:
    """Return the picture after what files go through: JPEG, a soft lens, grain."""
    kind = rng.choices(("none", "jpeg", "blur", "grain"), (87, 11, 1, 1))[0]
    if kind == "jpeg":
        file = io.BytesIO()
        image.save(file, "JPEG", quality=rng.randint(45, 95))
        return Image.open(file).convert("RGB")
    if kind == "blur":
        return image.filter(ImageFilter.GaussianBlur(max(image.size) / 96 * rng.uniform(0.2, 0.7)))
    if kind == "grain":
        noise = Image.effect_noise((128, 128), rng.uniform(20, 90)).resize(image.size)
        return Image.blend(image, noise.convert("RGB"), rng.uniform(0.03, 0.12))
    return image


def arranged(count: int, canvas: tuple[int, int], rng: Random) -> list[Place]:
    """Return places that do not touch: in a row, or anywhere."""
    width, height = canvas
    least = max(canvas) * LEAST_SIZE / 2
    most = min(min(canvas) * 0.48, max(canvas) * 0.5 / count**0.5)
    alike = chance(rng, 0.5)
    size = rng.uniform(least, max(most, least))
    if count > 1 and chance(rng, 0.3):
        return in_a_row(count, canvas, size, least)
    while True:
        places: list[Place] = []
        for _ in range(ATTEMPTS):
            radius = size if alike else max(least, size * rng.uniform(0.6, 1.25))
            radius = min(radius, min(canvas) * 0.49)
            x = rng.uniform(radius, width - radius)
            y = rng.uniform(radius, height - radius)
            gap = 1.1 + least * 0.1 / radius
            if all(
                math.hypot(x - one.x, y - one.y) > (radius + one.radius) * gap for one in places
            ):
                places.append(Place(x, y, radius))
            if len(places) == count:
                return places
        size = max(least, size * 0.8)


def in_a_row(count: int, canvas: tuple[int, int], size: float, least: float) -> list[Place]:
    """Return places side by side along the longer side."""
    width, height = canvas
    along, across = max(canvas), min(canvas)
    radius = min(max(size, least), along / count / 2.3, across * 0.48)
    middles = [(place + 0.5) * along / count for place in range(count)]
    if width >= height:
        return [Place(middle, height / 2, radius) for middle in middles]
    return [Place(width / 2, middle, radius) for middle in middles]


@dataclass(frozen=True)
class Look:
    """What the objects of one picture share: corners, turn, border, hollow or full."""

    corners: int
    inner: float
    turn: float
    turned: bool
    border: Rgb | None
    hollow: bool

    @classmethod
    def drawn(cls, kind: str, rng: Random) -> "Look":
        """Return a random look."""
        level = rng.choice((0, 0, 60, 255))
        return cls(
            corners=5,
            inner=rng.uniform(0.36, 0.48),
            turn=0.0 if chance(rng, 0.82) else rng.uniform(0, math.tau),
            turned=chance(rng, 0.05),
            border=(level, level, level) if chance(rng, 0.06) else None,
            hollow=kind != "star" and chance(rng, 0.02),
        )


def outline(
    kind: str, place: Place, look: Look, turn: float, rng: Random
) -> list[tuple[float, float]]:
    """Return the corners of a square, a triangle or a star around its middle."""
    if kind == "square":
        angles = [math.pi / 4 + math.pi / 2 * corner for corner in range(4)]
        radii = [place.radius] * 4
    elif kind == "triangle":
        lean = rng.uniform(-0.25, 0.25) if chance(rng, 0.25) else 0.0
        angles = [-math.pi / 2 + lean, math.pi / 6, math.pi * 5 / 6]
        least = 0.75 if chance(rng, 0.2) else 1.0
        radii = [place.radius * rng.uniform(least, 1.0) for _ in angles]
    else:
        points = look.corners * 2
        angles = [-math.pi / 2 + math.tau * corner / points for corner in range(points)]
        radii = [place.radius * (look.inner if corner % 2 else 1.0) for corner in range(points)]
    return [
        (place.x + radius * math.cos(angle + turn), place.y + radius * math.sin(angle + turn))
        for angle, radius in zip(angles, radii, strict=True)
    ]


def shape(
    pen: ImageDraw.ImageDraw, kind: str, place: Place, fill: Ink, look: Look, rng: Random
) -> None:
    """Draw one object, full or as a thick line."""
    line = max(2, round(place.radius * rng.uniform(0.2, 0.35)))
    thin = max(1, round(place.radius * 0.06))
    if kind == "circle":
        box = (
            *(place.x - place.radius, place.y - place.radius),
            *(place.x + place.radius, place.y + place.radius),
        )
        if look.hollow:
            pen.ellipse(box, outline=fill, width=line)
        else:
            pen.ellipse(box, fill=fill, outline=look.border, width=thin)
        return
    turn = rng.uniform(0, math.tau) if look.turned else look.turn
    corners = outline(kind, place, look, turn, rng)
    if look.hollow:
        smaller = Place(place.x, place.y, place.radius - line * (2 if kind == "triangle" else 1.4))
        pen.polygon(corners, fill=fill)
        if smaller.radius > 0:
            ground = pen.im.getpixel((0, 0))
            inner = [
                (
                    place.x + (x - place.x) * smaller.radius / place.radius,
                    place.y + (y - place.y) * smaller.radius / place.radius,
                )
                for x, y in corners
            ]
            pen.polygon(inner, fill=ground)
        return
    pen.polygon(corners, fill=fill, outline=look.border, width=thin)


def write(
    pen: ImageDraw.ImageDraw,
    scene: Scene,
    canvas: tuple[int, int],
    fill: Ink,
    rng: Random,
    *,
    smooth: bool,
) -> Place:
    """Draw a digit or a character in a random font, size and place; return where."""
    chinese = scene.kind == "character"
    least = max(canvas) * (0.46 if chinese else 0.4)
    size = rng.uniform(least, max(least, min(canvas) * 0.95))
    chosen = font(rng.choice(fonts(chinese=chinese)), max(8, round(size / 8) * 8))
    pen.fontmode = "L" if smooth else "1"
    left, top, right, bottom = pen.textbbox((0, 0), scene.text, font=chosen)
    free_x, free_y = canvas[0] - (right - left), canvas[1] - (bottom - top)
    x = rng.uniform(0, free_x) if free_x > 0 else free_x / 2
    y = rng.uniform(0, free_y) if free_y > 0 else free_y / 2
    if chance(rng, 0.4):
        x, y = free_x / 2, free_y / 2
    pen.text((x - left, y - top), scene.text, font=chosen, fill=fill)
    return Place(x + (right - left) / 2, y + (bottom - top) / 2, size / 2)
