"""Drawings that are kept without their colours, and coloured anew each time they are looked at.

Drawing is slow beside a trainer; a sheet holds how much of each pixel its objects cover, so that
one drawing serves with any colours, turned and moved. Whole pictures are kept, too: what files go
through, and everything that the starter does not know. Files of them are made by `draw` and read
by `Stock`, also while more are made.
"""

import time
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from starter import scenes
from starter.grammar import chance
from starter.scenes import Scene
from starter.training import drawing, elsewhere
from starter.training.framing import PAD, fitted, letterbox

SHARD = 1_000
OTHERS, PICTURES = 0.25, 0.2
"""Shares of what is looked at: other things, and known ones that were drawn in colour."""
OTHERS_DRAWN = 0.6
"""Share of other things among the whole pictures that are drawn."""
ALIKE = 0.7
"""How often all objects have one shade."""
MOVED = 5
"""Pixels of the tower's square by which a digit or a character of a picture is moved at most."""
SIGNS = ("digit", "character")
"""Kinds that may be neither turned nor mirrored."""
IGNORED = -100
SHARES = np.linspace(0, 1, 256, dtype=np.float32)[:, None]
WAIT_SECONDS = 1.0


@dataclass(frozen=True)
class Example:
    """A picture on the tower's square, what it shows, and its objects' middles in its pixels."""

    scene: Scene
    pixels: np.ndarray
    middles: np.ndarray


def points(places: list[drawing.Place], size: tuple[int, int], side: int) -> np.ndarray:
    """Return middles and radii in pixels of the square, float32 (MOST, 3), -1 where none is."""
    width, height = size
    found = np.full((scenes.MOST, 3), -1, dtype=np.float32)
    for row, place in enumerate(places):
        x = ((place.x - 0.5) * width / max(size) + 0.5) * side
        y = ((place.y - 0.5) * height / max(size) + 0.5) * side
        found[row] = x, y, place.radius * side
    return found


def label(scene: Scene) -> list[int]:
    """Return kind, count, digit or character as numbers; `named` reads them."""
    texts = {"digit": scenes.DIGITS, "character": scenes.CHARACTERS}.get(scene.kind, "")
    colour = tuple(scenes.COLOURS).index(scene.colour) if scene.colour else 0
    return [
        scenes.KINDS.index(scene.kind),
        colour,
        scene.count,
        texts.index(scene.text) if texts else 0,
    ]


def named(numbers: np.ndarray) -> Scene:
    """Return the scene that `label` put into numbers."""
    kind, colour, count, text = (int(number) for number in numbers)
    name = scenes.KINDS[kind]
    if name == "other":
        return Scene(name)
    texts = {"digit": scenes.DIGITS, "character": scenes.CHARACTERS}.get(name, "")
    return Scene(name, tuple(scenes.COLOURS)[colour], count, texts[text] if texts else "")


def sheet(rng: Random, side: int) -> dict[str, np.ndarray]:
    """Return one drawing without colours."""
    scene = scenes.draw(rng, others=0.0)
    size = drawing.dimensions(rng)
    inks = [255] * scene.count
    image, places = drawing.painted(scene, size, 0, inks, rng, smooth=chance(rng, 0.6))
    middles = points(places, size, side)
    across, down = np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5)
    gaps = np.stack(
        [np.hypot(across - x, down - y) - radius for x, y, radius in middles[: len(places)]]
    )
    return {
        "cover": letterbox(image, side, 0),
        "owner": gaps.argmin(0).astype(np.uint8),
        "box": np.array(fitted(size, side), dtype=np.uint8),
        "label": np.array(label(scene)),
        "middles": middles,
    }


def whole(rng: Random, side: int) -> dict[str, np.ndarray]:
    """Return one picture in its colours, known or of something else."""
    if chance(rng, OTHERS_DRAWN):
        scene, image = Scene("other"), elsewhere.picture(rng)
        middles = np.full((scenes.MOST, 3), -1, dtype=np.float32)
    else:
        scene = scenes.draw(rng, others=0.0)
        found = drawing.picture(scene, rng)
        image = found.image
        middles = points([drawing.Place(x, y, 0) for x, y in found.middles], image.size, side)
    pixels = letterbox(image, side)
    return {"pixels": pixels, "label": np.array(label(scene)), "middles": middles}


def draw(folder: Path, seed: int, shards: int, side: int) -> None:
    """Write so many files of pictures, two of sheets to each of whole pictures."""
    rng = Random(seed)
    for number in range(shards):
        name, make = ("whole", whole) if number % 3 == 0 else ("sheets", sheet)
        made = [make(rng, side) for _ in range(SHARD)]
        stacked = {key: np.stack([one[key] for one in made]) for key in made[0]}
        partial = folder / f".{seed}-{number}.part"
        with partial.open("wb") as file:
            np.savez(file, **stacked)  # type: ignore[arg-type]
        partial.rename(folder / f"{name}-{seed}-{number:04}.npz")


class Stock:
    """All drawings of a folder, given out again and again, no time the same."""

    def __init__(self, folder: Path, seed: int) -> None:
        self._folder, self._rng = folder, Random(seed)
        self._known: set[Path] = set()
        self._sheets: list[dict[str, np.ndarray]] = []
        self._whole: list[dict[str, np.ndarray]] = []
        self._others: list[tuple[int, int]] = []
        self._pictures: list[tuple[int, int]] = []
        while not (self._sheets and self._pictures):
            self.refresh()
            if not (self._sheets and self._pictures):
                time.sleep(WAIT_SECONDS)

    def refresh(self) -> int:
        """Read the files that came since; returns how many drawings there are."""
        for path in sorted(set(self._folder.glob("*.npz")) - self._known):
            self._known.add(path)
            with np.load(path) as file:
                shard = dict(file)
            if "cover" in shard:
                self._sheets.append(shard)
                continue
            for row, (kind, *_) in enumerate(shard["label"]):
                other = scenes.KINDS[kind] == "other"
                (self._others if other else self._pictures).append((len(self._whole), row))
            self._whole.append(shard)
        return len(self._known) * SHARD

    def example(self) -> Example:
        """Return the next picture."""
        drawn = self._rng.random()
        if drawn < OTHERS + PICTURES:
            shard, row = self._rng.choice(self._others if drawn < OTHERS else self._pictures)
            return self._of_picture(self._whole[shard], row)
        shard = self._rng.choice(self._sheets)
        return self._of_sheet(shard, self._rng.randrange(len(shard["label"])))

    def _of_picture(self, shard: dict[str, np.ndarray], row: int) -> Example:
        scene, pixels = named(shard["label"][row]), shard["pixels"][row]
        middles = shard["middles"][row]
        if scene.kind in SIGNS:
            x, y = (self._rng.randint(0, 2 * MOVED) for _ in range(2))
            wider = np.pad(pixels, ((MOVED, MOVED), (MOVED, MOVED), (0, 0)), mode="edge")
            return Example(
                scene,
                wider[y : y + len(pixels), x : x + len(pixels)],
                shifted(middles, MOVED - x, MOVED - y),
            )
        turn = self._turn(len(pixels))
        pixels = turn.image(pixels)
        if scene.kind == "other" and chance(self._rng, 0.5):
            pixels = pixels[..., self._rng.sample(range(3), 3)]
        return Example(scene, pixels, turn.points(middles))

    def _of_sheet(self, shard: dict[str, np.ndarray], row: int) -> Example:
        scene = self._recoloured(named(shard["label"][row]))
        cover, owner, middles = (shard[key][row] for key in ("cover", "owner", "middles"))
        left, top, right, bottom = (int(number) for number in shard["box"][row])
        inside = np.zeros(cover.shape, dtype=bool)
        inside[top:bottom, left:right] = True
        if scene.kind not in SIGNS:
            turn = self._turn(len(cover))
            cover, owner, inside = (turn.image(part) for part in (cover, owner, inside))
            middles = turn.points(middles)
        cover, owner, middles = self._moved(cover, owner, middles, inside)
        first = scenes.shade(scene.colour, self._rng)
        alike = chance(self._rng, ALIKE)
        shades = [
            first if alike or not place else scenes.shade(scene.colour, self._rng)
            for place in range(scene.count)
        ]
        ground = np.array(scenes.background(shades, self._rng), dtype=np.float32)
        # What each share of each ink gives on this ground: far quicker than pixel by pixel.
        inks = np.array(shades if not alike else shades[:1], dtype=np.float32)[:, None]
        mixed = (ground + (inks - ground) * SHARES + 0.5).astype(np.uint8)
        pixels = mixed[0].take(cover, 0) if alike else mixed[owner, cover]
        pixels[~inside] = PAD
        return Example(scene, pixels, middles)

    def _recoloured(self, scene: Scene) -> Scene:
        """Return the scene in a colour that may be trained."""
        while True:
            colour = self._rng.choice(tuple(scenes.COLOURS))
            if scene.kind in SIGNS or not scenes.held_out(colour, scene.kind, scene.count):
                return Scene(scene.kind, colour, scene.count, scene.text)

    def _moved(
        self, cover: np.ndarray, owner: np.ndarray, middles: np.ndarray, inside: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return all objects together somewhere else within the picture."""
        shifts = []
        for axis in (0, 1):
            used, room = (np.flatnonzero(part.any(axis)) for part in (cover, inside))
            if not len(used):
                return cover, owner, middles
            least, most = room[0] - used[0], room[-1] - used[-1]
            shifts.append(self._rng.randint(min(least, 0), max(most, 0)))
        x, y = shifts
        moved = (np.roll(part, (y, x), (0, 1)) for part in (cover, owner))
        return (*moved, shifted(middles, x, y))  # type: ignore[return-value]

    def _turn(self, side: int) -> "Turned":
        return Turned(side, self._rng.randrange(4), mirrored=chance(self._rng, 0.5))


def shifted(middles: np.ndarray, x: float, y: float) -> np.ndarray:
    """Return middles moved by so many pixels; none stay none."""
    moved = middles.copy()
    moved[middles[:, 0] >= 0, :2] += (x, y)
    return moved


@dataclass(frozen=True)
class Turned:
    """A quarter turn or several, and a mirror."""

    side: int
    quarters: int
    mirrored: bool

    def image(self, image: np.ndarray) -> np.ndarray:
        """Return a square picture turned."""
        turned = np.rot90(image, self.quarters)
        return turned[:, ::-1] if self.mirrored else turned

    def points(self, middles: np.ndarray) -> np.ndarray:
        """Return the middles turned likewise."""
        moved = middles.copy()
        there = middles[:, 0] >= 0
        x, y = middles[there, 0], middles[there, 1]
        for _ in range(self.quarters):
            x, y = y, self.side - x
        moved[there, 0] = self.side - x if self.mirrored else x
        moved[there, 1] = y
        return moved
