"""Pictures of anything that the starter does not know, so that it learns to say so.

Textures, gradients, noise, fractals, pages, charts, other shapes, mixed shapes, landscapes,
faces: drawn by code, no file is read. What is known is `drawing`'s.
"""

import math
from collections.abc import Callable
from random import Random
from typing import TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from starter import scenes
from starter.grammar import chance
from starter.scenes import Rgb
from starter.training import drawing
from starter.training.drawing import Look, Place

Painter: TypeAlias = Callable[[tuple[int, int], Random], Image.Image]
WORDS = (
    *("the", "of", "report", "2024", "Invoice", "total", "Hello", "page", "and", "to", "model"),
    *("合同", "金额", "北京", "你好", "通知", "的", "会议记录", "价格", "我们", "公司", "第三章"),
)
ENOUGH = 144
"""Pixels a side: larger pictures of other things cost time and look the same to the tower."""
FINEST = 96
"""Cells a side of the finest noise."""
ESCAPED = 2
LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZabdefghkmnqrty?&%#@"
OTHER_CHARACTERS = "的国我们在有这来时年出家学你好道面同还经成多高长门车马鸟鱼米花书电"


def picture(rng: Random) -> Image.Image:
    """Return a picture of one of the kinds, at any of the sizes."""
    painter = rng.choices(tuple(PAINTERS), tuple(PAINTERS.values()))[0]
    width, height = drawing.dimensions(rng)
    less = max(width, height) / ENOUGH
    small = (round(width / less), round(height / less)) if less > 1 else (width, height)
    return drawing.worn(painter(small, rng), rng)


def colour(rng: Random) -> Rgb:
    """Return any colour."""
    return rng.randint(0, 255), rng.randint(0, 255), rng.randint(0, 255)


def apart(others: list[Rgb], rng: Random) -> Rgb:
    """Return a colour that stands out from others."""
    while True:
        found = colour(rng)
        if all(scenes.distance(found, other) > scenes.CONTRAST for other in others):
            return found


def cloud(size: tuple[int, int], rng: Random, roughness: float) -> np.ndarray:
    """Return a random field of 0..1: octaves of noise, each finer one weaker."""
    width, height = size
    total = np.zeros((height, width), dtype=np.float32)
    noise = np.random.default_rng(rng.getrandbits(32))
    cells, weight = 2, 1.0
    while cells < FINEST:
        grid = Image.fromarray(noise.random((cells, cells), dtype=np.float32))
        total += weight * np.asarray(grid.resize(size, Image.Resampling.BICUBIC))
        cells, weight = cells * 2, weight * roughness
    low, high = float(total.min()), float(total.max())
    return (total - low) / max(high - low, 1e-6)


def toned(field: np.ndarray, tones: list[Rgb]) -> Image.Image:
    """Return a field with its values as colours between tones."""
    stops = np.linspace(0, 1, len(tones))
    channels = [np.interp(field, stops, [tone[part] for tone in tones]) for part in range(3)]
    return Image.fromarray(np.stack(channels, axis=-1).astype(np.uint8))


def texture(size: tuple[int, int], rng: Random) -> Image.Image:
    """Clouds, marble, stone, grass: what a photo's surfaces are like."""
    field = cloud(size, rng, rng.uniform(0.4, 0.95))
    if chance(rng, 0.4):
        field = np.abs(np.sin(field * rng.uniform(4, 20)))
    return toned(field, [colour(rng) for _ in range(rng.randint(2, 4))])


def gradient(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return a straight or round gradient."""
    x, y = np.meshgrid(np.linspace(-1, 1, size[0]), np.linspace(-1, 1, size[1]))
    angle = rng.uniform(0, math.tau)
    field = x * math.cos(angle) + y * math.sin(angle)
    if chance(rng, 0.4):
        field = np.hypot(x - rng.uniform(-0.5, 0.5), y - rng.uniform(-0.5, 0.5))
    field = (field - field.min()) / max(float(np.ptp(field)), 1e-6)
    first = colour(rng)
    return toned(field, [first, *(apart([first], rng) for _ in range(rng.randint(1, 3)))])


def noise(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return coloured or grey noise, in pixels or in blocks."""
    values = np.random.default_rng(rng.getrandbits(32))
    block = rng.choice((1, 1, 2, 8, max(size) // 12))
    shape = (max(1, size[1] // block), max(1, size[0] // block), rng.choice((1, 3)))
    grid = np.repeat(values.integers(0, 256, shape, dtype=np.uint8), 4 - shape[2], axis=2)[..., :3]
    return Image.fromarray(grid).resize(size, Image.Resampling.NEAREST)


def fractal(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return a Julia set."""
    small = (96, max(24, round(96 * size[1] / size[0])))
    x, y = np.meshgrid(np.linspace(-1.5, 1.5, small[0]), np.linspace(-1.2, 1.2, small[1]))
    z = (x + 1j * y) * rng.uniform(0.3, 1.1)
    angle = rng.uniform(0, math.tau)
    c = 0.7885 * complex(math.cos(angle), math.sin(angle))
    steps = np.zeros(z.shape, dtype=np.float32)
    for _ in range(24):
        inside = np.abs(z) < ESCAPED
        z = np.where(inside, z * z + c, z)
        steps += inside
    field = steps / 24
    tones = [colour(rng) for _ in range(rng.randint(2, 5))]
    return toned(field, tones).resize(size, Image.Resampling.BICUBIC)


def landscape(size: tuple[int, int], rng: Random) -> Image.Image:
    """Sky, hills and a sun or trees: a drawing of a place."""
    width, height = size
    sky = [(rng.randint(60, 200), rng.randint(120, 230), 255), (255, rng.randint(180, 255), 200)]
    rows = np.repeat(np.linspace(0, 1, height)[:, None], width, axis=1)
    image = toned(rows + 0.1 * cloud(size, rng, 0.6), sky if chance(rng, 0.8) else sky[::-1])
    pen = ImageDraw.Draw(image)
    for layer in range(rng.randint(1, 4)):
        base = height * (0.35 + 0.17 * layer + rng.uniform(-0.05, 0.05))
        phase, waves = rng.uniform(0, 9), rng.uniform(0.5, 3)
        top = [
            (x, base + height * 0.1 * math.sin(phase + waves * math.tau * x / width))
            for x in range(0, width + 8, max(2, width // 24))
        ]
        green = (rng.randint(10, 140), rng.randint(60, 190), rng.randint(10, 110))
        pen.polygon([(0, height), *top, (width, height)], fill=green)
    for _ in range(rng.randint(0, 7)):
        x, y = rng.uniform(0, width), rng.uniform(height * 0.4, height)
        tall = height * rng.uniform(0.05, 0.25)
        pen.rectangle((x - tall * 0.07, y - tall, x + tall * 0.07, y), fill=(90, 60, 30))
        pen.ellipse(
            (x - tall * 0.4, y - tall * 1.7, x + tall * 0.4, y - tall * 0.7),
            fill=(20, rng.randint(80, 160), 40),
        )
    return image


def page(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return lines of text as on a page or a screen."""
    width, height = size
    ground = rng.choice(((255, 255, 255), (250, 246, 235), (30, 30, 34), colour(rng)))
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    tall = max(8, round(max(size) * rng.uniform(0.05, 0.16)))
    chosen = drawing.font(rng.choice(drawing.fonts(chinese=True)), round(tall / 4) * 4 or 4)
    ink = apart([ground], rng)
    y = rng.uniform(0, tall)
    for _ in range(rng.randint(1, 14)):
        line = " ".join(rng.choice(WORDS) for _ in range(rng.randint(2, 7)))
        pen.text((width * rng.uniform(0.02, 0.1), y), line, font=chosen, fill=ink)
        y += tall * rng.uniform(1.2, 1.6)
        if y > height:
            break
    return image


def chart(size: tuple[int, int], rng: Random) -> Image.Image:
    """Bars, lines or a pie with axes."""
    width, height = size
    image = Image.new("RGB", size, (255, 255, 255) if chance(rng, 0.7) else colour(rng))
    pen = ImageDraw.Draw(image)
    kind = rng.choice(("bars", "lines", "pie", "table"))
    parts = rng.randint(3, 9)
    thin = max(1, max(size) // 120)
    if kind == "pie":
        box = (width * 0.15, height * 0.1, width * 0.85, height * 0.9)
        start = 0.0
        for part in range(parts):
            end = 360.0 if part == parts - 1 else start + (360 - start) * rng.uniform(0.1, 0.6)
            pen.pieslice(box, start, end, fill=colour(rng), outline=(255, 255, 255))
            start = end
        return image
    if kind == "table":
        for part in range(parts + 1):
            pen.line(
                (0, height * part / parts, width, height * part / parts),
                fill=(120, 120, 120),
                width=thin,
            )
            pen.line(
                (width * part / parts, 0, width * part / parts, height),
                fill=(120, 120, 120),
                width=thin,
            )
        return image
    pen.line(
        (width * 0.1, 0, width * 0.1, height * 0.9, width, height * 0.9),
        fill=(60, 60, 60),
        width=thin,
    )
    tones = [colour(rng) for _ in range(rng.randint(1, 3))]
    points = [
        (width * (0.15 + 0.8 * part / parts), height * rng.uniform(0.1, 0.85))
        for part in range(parts)
    ]
    if kind == "lines":
        pen.line(points, fill=tones[0], width=thin * 2)
        return image
    for part, (x, y) in enumerate(points):
        pen.rectangle((x, y, x + width * 0.5 / parts, height * 0.9), fill=tones[part % len(tones)])
    return image


def polygon(place: Place, corners: int, turn: float, stretch: float) -> list[tuple[float, float]]:
    """Return a regular polygon, stretched sideways."""
    return [
        (
            place.x + place.radius * stretch * math.cos(turn + math.tau * corner / corners),
            place.y + place.radius * math.sin(turn + math.tau * corner / corners),
        )
        for corner in range(corners)
    ]


def other_shape(pen: ImageDraw.ImageDraw, place: Place, fill: Rgb, kind: str, turn: float) -> None:
    """Draw a heart, a cross, an arrow, a crescent, a ring of lines, a long box, a hexagon."""
    x, y, r = place.x, place.y, place.radius
    if kind == "heart":
        pen.ellipse((x - r, y - r * 0.8, x + r * 0.05, y + r * 0.2), fill=fill)
        pen.ellipse((x - r * 0.05, y - r * 0.8, x + r, y + r * 0.2), fill=fill)
        pen.polygon([(x - r * 0.93, y), (x + r * 0.93, y), (x, y + r)], fill=fill)
    elif kind == "cross":
        pen.rectangle((x - r, y - r * 0.28, x + r, y + r * 0.28), fill=fill)
        pen.rectangle((x - r * 0.28, y - r, x + r * 0.28, y + r), fill=fill)
    elif kind == "arrow":
        pen.rectangle((x - r, y - r * 0.2, x + r * 0.2, y + r * 0.2), fill=fill)
        pen.polygon([(x + r * 0.1, y - r * 0.7), (x + r, y), (x + r * 0.1, y + r * 0.7)], fill=fill)
    elif kind == "crescent":
        ground = pen.im.getpixel((0, 0))
        pen.ellipse((x - r, y - r, x + r, y + r), fill=fill)
        pen.ellipse((x - r * 0.4, y - r, x + r * 1.4, y + r * 0.8), fill=ground)
    elif kind == "box":
        pen.rectangle((x - r, y - r * 0.4, x + r, y + r * 0.4), fill=fill)
    elif kind == "oval":
        pen.ellipse((x - r, y - r * 0.5, x + r, y + r * 0.5), fill=fill)
    elif kind == "lines":
        for part in range(5):
            shift = (part - 2) * r * 0.5
            pen.line(
                (x - r, y + shift, x + r, y + shift * 0.3), fill=fill, width=max(1, round(r * 0.1))
            )
    else:
        corners = {"pentagon": 5, "hexagon": 6, "long hexagon": 6}[kind]
        pen.polygon(
            polygon(place, corners, turn, 1.5 if kind == "long hexagon" else 1.0), fill=fill
        )


OTHER_SHAPES = (
    *("heart", "cross", "arrow", "crescent", "box", "oval", "lines"),
    *("hexagon", "long hexagon"),
)


def foreign(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return one to four shapes that it was not taught."""
    ground = (255, 255, 255) if chance(rng, 0.5) else colour(rng)
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    kind, fill = rng.choice(OTHER_SHAPES), apart([ground], rng)
    for place in drawing.arranged(rng.choice((1, 1, 1, 2, 3, 4)), size, rng):
        other_shape(pen, place, fill, kind, rng.uniform(0, math.tau))
    return image


def mixed(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return several known shapes of different kinds and colours, or far too many of one."""
    ground = (255, 255, 255) if chance(rng, 0.5) else colour(rng)
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    crowd = chance(rng, 0.4)
    first = rng.choice(scenes.SHAPES)
    kinds = [first] * rng.randint(8, 14) if crowd else rng.sample(scenes.SHAPES, rng.randint(2, 4))
    tone = apart([ground], rng)
    fills = [tone if crowd else apart([ground], rng) for _ in kinds]
    look = Look.drawn(first, rng)
    for place, kind, fill in zip(crowded(len(kinds), size, rng), kinds, fills, strict=True):
        drawing.shape(pen, kind, place, fill, look, rng)
    return image


def crowded(count: int, size: tuple[int, int], rng: Random) -> list[Place]:
    """Return places in the cells of a grid, because many would not find room at random."""
    columns = math.ceil(count**0.5)
    wide, high = size[0] / columns, size[1] / columns
    cells = rng.sample(range(columns * columns), count)
    radius = min(wide, high) * rng.uniform(0.25, 0.46)
    return [
        Place((cell % columns + 0.5) * wide, (cell // columns + 0.5) * high, radius)
        for cell in cells
    ]


def letter(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return another letter, character or a word, large."""
    ground = (255, 255, 255) if chance(rng, 0.5) else colour(rng)
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    text = rng.choice((rng.choice(LETTERS), rng.choice(OTHER_CHARACTERS), rng.choice(WORDS)))
    room = max(8, round(min(size) * rng.uniform(0.5, 0.95) / max(1, len(text) * 0.7) / 8) * 8)
    chosen = drawing.font(rng.choice(drawing.fonts(chinese=True)), room)
    left, top, right, bottom = pen.textbbox((0, 0), text, font=chosen)
    place = ((size[0] - right + left) / 2 - left, (size[1] - bottom + top) / 2 - top)
    pen.text(place, text, font=chosen, fill=apart([ground], rng))
    return image


def face(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return a face, a house, a flower, a car, an animal: drawings as children make them."""
    ground = rng.choice(((255, 255, 255), colour(rng)))
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    r = min(size) * rng.uniform(0.25, 0.45)
    x = rng.uniform(r, size[0] - r)
    y = rng.uniform(r, size[1] - r)
    fill = apart([ground], rng)
    second = apart([ground, fill], rng)
    thin = max(1, round(r * 0.08))
    kind = rng.choice(("face", "house", "flower", "car", "cat", "tree"))
    if kind == "house":
        pen.rectangle((x - r * 0.7, y - r * 0.1, x + r * 0.7, y + r * 0.9), fill=fill)
        pen.polygon([(x - r, y), (x + r, y), (x, y - r)], fill=second)
        pen.rectangle((x - r * 0.15, y + r * 0.3, x + r * 0.2, y + r * 0.9), fill=colour(rng))
    elif kind == "flower":
        for petal in range(rng.randint(5, 8)):
            angle = math.tau * petal / 6
            px, py = x + r * 0.5 * math.cos(angle), y + r * 0.5 * math.sin(angle)
            pen.ellipse((px - r * 0.3, py - r * 0.3, px + r * 0.3, py + r * 0.3), fill=fill)
        pen.ellipse((x - r * 0.25, y - r * 0.25, x + r * 0.25, y + r * 0.25), fill=second)
        pen.line((x, y + r * 0.4, x, y + r), fill=(20, 130, 40), width=thin)
    elif kind == "car":
        pen.rectangle((x - r, y - r * 0.1, x + r, y + r * 0.4), fill=fill)
        pen.polygon(
            [
                (x - r * 0.6, y),
                (x - r * 0.4, y - r * 0.5),
                (x + r * 0.4, y - r * 0.5),
                (x + r * 0.6, y),
            ],
            fill=fill,
        )
        for wheel in (-0.55, 0.55):
            pen.ellipse(
                (x + r * (wheel - 0.2), y + r * 0.2, x + r * (wheel + 0.2), y + r * 0.6),
                fill=second,
            )
    elif kind == "tree":
        pen.rectangle((x - r * 0.12, y, x + r * 0.12, y + r), fill=(110, 70, 30))
        for part in range(3):
            pen.polygon(
                [
                    (x - r * (0.4 + part * 0.2), y - r * 0.4 + part * r * 0.4),
                    (x + r * (0.4 + part * 0.2), y - r * 0.4 + part * r * 0.4),
                    (x, y - r + part * r * 0.4),
                ],
                fill=fill,
            )
    else:
        pen.ellipse((x - r, y - r * 0.9, x + r, y + r * 0.9), fill=fill)
        for eye in (-0.4, 0.4):
            pen.ellipse(
                (x + r * (eye - 0.13), y - r * 0.4, x + r * (eye + 0.13), y - r * 0.1), fill=second
            )
            if kind == "cat":
                pen.polygon(
                    [
                        (x + r * eye * 2.2, y - r),
                        (x + r * (eye - 0.25), y - r * 0.7),
                        (x + r * (eye + 0.25), y - r * 0.7),
                    ],
                    fill=fill,
                )
        pen.arc(
            (x - r * 0.5, y - r * 0.3, x + r * 0.5, y + r * 0.5), 20, 160, fill=second, width=thin
        )
    return image


def photo(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return soft blobs of light over a texture, as things in a photo are."""
    image = texture(size, rng)
    for _ in range(rng.randint(2, 9)):
        layer = Image.new("L", size, 0)
        pen = ImageDraw.Draw(layer)
        r = min(size) * rng.uniform(0.08, 0.4)
        place = Place(rng.uniform(0, size[0]), rng.uniform(0, size[1]), r)
        if chance(rng, 0.5):
            pen.polygon(
                polygon(place, rng.randint(3, 9), rng.uniform(0, 6), rng.uniform(0.5, 2)), fill=255
            )
        else:
            pen.ellipse((place.x - r, place.y - r * 0.7, place.x + r, place.y + r * 0.7), fill=255)
        soft = layer.filter(ImageFilter.GaussianBlur(r * rng.uniform(0.02, 0.3)))
        small = (max(24, size[0] // 4), max(24, size[1] // 4))
        image.paste(texture(small, rng).resize(size), (0, 0), soft)
    return image


def blank(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return nothing but one colour."""
    return Image.new("RGB", size, colour(rng))


def stripes(size: tuple[int, int], rng: Random) -> Image.Image:
    """Return stripes, checks or dots all over."""
    ground = colour(rng)
    image = Image.new("RGB", size, ground)
    pen = ImageDraw.Draw(image)
    fill = apart([ground], rng)
    step = max(size) / rng.randint(5, 20)
    kind = rng.choice(("stripes", "checks", "dots"))
    for row in range(math.ceil(size[1] / step)):
        for column in range(math.ceil(size[0] / step)):
            box = (column * step, row * step, (column + 0.9) * step, (row + 0.9) * step)
            if kind == "dots":
                pen.ellipse(box, fill=fill)
            elif (kind == "checks" and (row + column) % 2) or (kind == "stripes" and row % 2):
                pen.rectangle((box[0], box[1], (column + 1) * step, (row + 1) * step), fill=fill)
    return image


PAINTERS: dict[Painter, int] = {
    texture: 10, gradient: 4, noise: 5, fractal: 5, landscape: 9, page: 9, chart: 10,
    foreign: 10, mixed: 9, letter: 8, face: 14, photo: 14, blank: 2, stripes: 5,
}  # fmt: skip
