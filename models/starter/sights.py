"""The eyes' figures: drawn pictures and questions about them, through the program's own engine.

Pictures are drawn with seeds that training never uses; "held" ones show combinations of colour,
shape and number that it never draws. Right is the whole answer, letter by letter. Needs Pillow
and fonts, not PyTorch.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random

from PIL import Image

from hanlin.domain.attachments import AttachmentKind, Media, Pixels
from starter import scenes, scoring, seeing
from starter.asked import Asker
from starter.scenes import Scene
from starter.tallies import Tally
from starter.training import drawing, elsewhere

SEED = 20_261_123
ASKED_EACH = 2
"""Questions about each picture in each language."""
TITLES = {"new": "new pictures", "held": "held-out combinations", "other": "other things"}
HELD_ASPECTS = ("colour", "shape", "count", "count named", "describe", "describe")


def medium(image: Image.Image) -> Media:
    """Return a picture as the window gives it to the engine."""
    pixels = Pixels(image.width, image.height, image.convert("RGB").tobytes())
    digest = hashlib.sha256(f"{image.size}".encode() + pixels.rgb).hexdigest()
    return Media(AttachmentKind.PICTURE, digest, lambda: pixels)


def pictures(name: str, rng: Random, count: int) -> Iterator[tuple[Scene, Image.Image]]:
    """Yield the pictures of a suite: ``new``, ``held`` or ``other``."""
    for _ in range(count):
        if name == "other":
            yield Scene("other"), elsewhere.picture(rng)
            continue
        scene = scenes.draw(rng, held=name == "held", others=0.0)
        yield scene, drawing.picture(scene, rng).image


@dataclass
class Sights:
    """How it went, by suite and language, and by what was asked for."""

    suites: dict[str, Tally] = field(default_factory=dict)
    aspects: dict[str, Tally] = field(default_factory=dict)
    letters: dict[str, Tally] = field(default_factory=dict)
    """Of the suites, what is right to the letter."""


def run(asker: Asker, counts: Mapping[str, int]) -> Sights:
    """Ask about so many pictures of each suite, in both languages."""
    found = Sights()
    for name, count in counts.items():
        rng = Random(f"{SEED} {name}")
        for scene, image in pictures(name, rng, count):
            shown = (medium(image),)
            for chinese in (True, False) * ASKED_EACH:
                aspect = rng.choice(HELD_ASPECTS) if name == "held" else ""
                question = seeing.question(scene, rng, aspect, chinese=chinese)
                said = asker.ask(question.text, shown=shown)
                good = scoring.refused(said.text)
                if scene.kind != "other" and question.aspect != "beyond":
                    good = not good and seeing.answers(scene, question, said.text)
                exact = scoring.same_text(said.text, question.answer)
                told = f"{scene.told} {question.text}"
                language = "zh" if chinese else "en"
                for tallies, suite, right in (
                    (found.suites, f"{TITLES[name]}: {language}", good),
                    (found.aspects, f"{TITLES[name]}: {question.aspect}", good),
                    (found.letters, f"{TITLES[name]}, to the letter: {language}", exact),
                ):
                    tally = tallies.setdefault(suite, Tally())
                    tally.note(told, question.answer, said, good=right)
    return found
