r"""What the starter's eyes make of pictures that its trainer did not draw.

    PYTHONPATH=app:models:resources .venv/bin/python packaging/benchmarks/vision.py \\
        [--pictures N] [--others FOLDER …]

Known things are drawn by ImageMagick, with its own fonts, curves and smoothing; other things are
picture files of the system (icons of devices, drawings of programs), on white. Everything goes
through the program's own engine. Each part prints one line of JSON; the trainer's own pictures
are counted by ``python -m starter make evaluate``.
"""

import argparse
import json
import math
import subprocess
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random

from PIL import Image

from starter import card, scenes, scoring, seeing, sights
from starter.asked import Asker
from starter.scenes import Scene
from starter.training import drawing

SEED = 20_261_122
CONVERT = "/usr/bin/convert"
OTHERS = ("/usr/share/icons/Adwaita/512x512", "/usr/lib/libreoffice/share/tipoftheday")
FONTS = ("DejaVu-Sans", "DejaVu-Sans-Bold", "Nimbus-Sans-Regular", "Nimbus-Sans-Bold")
SIDES = (96, 128, 200, 256, 320, 480, 640, 800, 1024)
ASPECTS = {
    "shape": ("describe", "colour", "shape", "count"),
    "digit": ("describe", "colour", "digit"),
    "character": ("describe", "colour", "character"),
}
LEAST, MOST = 0.22, 0.8
"""Across, as shares of the picture's side and of the room that each thing has."""
LIMIT_SECONDS = 60


def corners(kind: str, x: float, y: float, radius: float) -> str:
    """Return an upright square's, triangle's or star's corners as ImageMagick writes them."""
    sides = {"square": 4, "triangle": 3, "star": 10}[kind]
    first = -math.pi / 4 if kind == "square" else -math.pi / 2
    points: list[str] = []
    for corner in range(sides):
        angle = first + math.tau * corner / sides
        reach = radius * (0.42 if kind == "star" and corner % 2 else 1.0)
        points.append(f"{x + reach * math.cos(angle):.2f},{y + reach * math.sin(angle):.2f}")
    return "polygon " + " ".join(points)


def places(count: int, side: int, dice: Random) -> Iterator[tuple[float, float, float]]:
    """Yield middles and radii in the cells of a grid, so that nothing touches."""
    columns = math.ceil(math.sqrt(count))
    cell = side / columns
    for number in dice.sample(range(columns * columns), count):
        radius = max(LEAST * side, dice.uniform(0.4, MOST) * cell) / 2
        free = max(0.0, cell / 2 - radius)
        x = (number % columns + 0.5) * cell + dice.uniform(-free, free)
        y = (number // columns + 0.5) * cell + dice.uniform(-free, free)
        yield x, y, radius


def drawn(scene: Scene, dice: Random, file: Path) -> Image.Image:
    """Return a scene as ImageMagick draws it."""
    side = dice.choice(SIDES)
    fill = scenes.shade(scene.colour, dice)
    ground = "rgb({},{},{})".format(*scenes.background([fill], dice))
    smooth = "-antialias" if dice.random() < 0.7 else "+antialias"  # noqa: PLR2004
    command = [CONVERT, "-size", f"{side}x{side}", f"xc:{ground}", smooth]
    command += ["-fill", "rgb({},{},{})".format(*fill)]
    if scene.kind in scenes.SHAPES:
        for x, y, radius in places(scene.count, side, dice):
            figure = (
                f"circle {x:.2f},{y:.2f} {x + radius:.2f},{y:.2f}"
                if scene.kind == "circle"
                else corners(scene.kind, x, y, radius)
            )
            command += ["-draw", figure]
    else:
        chinese = [str(path) for path in drawing.fonts(chinese=True)]
        fonts = FONTS if scene.kind == "digit" else chinese
        size = round(side * dice.uniform(0.55, 0.95))
        command += ["-font", dice.choice(fonts), "-pointsize", str(size), "-gravity", "center"]
        command += ["-annotate", "0", scene.text]
    command += ["-depth", "8", f"png24:{file}"]
    subprocess.run(command, check=True, capture_output=True, timeout=LIMIT_SECONDS)
    with Image.open(file) as image:
        return image.convert("RGB")


def known(asker: Asker, count: int) -> dict[str, object]:
    """Return how many questions about ImageMagick's pictures are answered to the letter."""
    dice = Random(SEED)  # noqa: S311 - so that figures can be repeated
    right, total = Counter[str](), Counter[str]()
    whole = 0
    misses: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(count):
            scene = scenes.draw(dice, others=0.0)
            shown = (sights.medium(drawn(scene, dice, Path(folder) / "drawn.png")),)
            before = (right.total(), total.total())
            for aspect in ASPECTS[seeing.family(scene)]:
                for chinese in (True, False):
                    asked = seeing.plain(scene, dice, aspect, chinese=chinese)
                    said = asker.ask(asked.text, shown=shown).text
                    good = scoring.same_text(said, asked.answer)
                    for name in ("zh" if chinese else "en", aspect):
                        right[name] += good
                        total[name] += 1
                    if not good:
                        misses.append(f"{scene.told} {asked.text} -> {said}")
            whole += right.total() - before[0] == total.total() - before[1]
    return {"what": "drawn by ImageMagick", "pictures": count, "all answers right": whole,
            "right": dict(right), "of": dict(total), "misses": misses[:20]}  # fmt: skip


def others(asker: Asker, folders: Sequence[str], most: int) -> dict[str, object]:
    """Return how many of the system's pictures of other things are met with the refusal."""
    files = sorted(path for folder in folders for path in Path(folder).rglob("*.png"))
    dice = Random(SEED)  # noqa: S311 - so that figures can be repeated
    dice.shuffle(files)
    refused = total = 0
    guessed: list[str] = []
    for file in files[:most]:
        with Image.open(file) as opened:
            seen = opened.convert("RGBA")
        ground = Image.new("RGBA", seen.size, (255, 255, 255, 255))
        shown = (sights.medium(Image.alpha_composite(ground, seen).convert("RGB")),)
        for chinese in (True, False):
            asked = seeing.question(Scene("other"), dice, "describe", chinese=chinese)
            said = asker.ask(asked.text, shown=shown).text
            total += 1
            refused += scoring.refused(said)
            if not scoring.refused(said):
                guessed.append(f"{file.name}: {said}")
    return {"what": "pictures of other things", "pictures": min(most, len(files)),
            "questions": total, "refused": refused, "guessed": guessed[:20]}  # fmt: skip


def main() -> None:
    """Count what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=100)
    parser.add_argument("--others", nargs="*", default=list(OTHERS))
    parser.add_argument("--model", type=Path, default=card.MODEL)
    arguments = parser.parse_args()
    eyes = arguments.model.with_name(card.EYES.name)
    with Asker(arguments.model, eyes) as asker:
        print(json.dumps(known(asker, arguments.pictures), ensure_ascii=False), flush=True)
        found = others(asker, arguments.others, arguments.pictures)
        print(json.dumps(found, ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
