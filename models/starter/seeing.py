"""What people ask about a picture, and what the starter answers: in Chinese and in English.

Colour, shape, count, digit and character each have questions of their own; a picture of anything
else is met with the refusal. What stands in the place of a picture is the template's business,
what it shows `scenes`'.
"""

from dataclasses import dataclass
from functools import lru_cache
from random import Random

from starter import asking, scenes
from starter.chat import Turn
from starter.grammar import chance, expand, sections
from starter.items import refusal
from starter.scenes import Scene

ZH = {
    "red": "红色", "orange": "橙色", "yellow": "黄色", "green": "绿色", "blue": "蓝色",
    "purple": "紫色", "pink": "粉色", "brown": "棕色", "black": "黑色", "white": "白色",
    "grey": "灰色", "circle": "圆形", "square": "正方形", "triangle": "三角形", "star": "星形",
}  # fmt: skip
"""The words of colours and shapes."""
COUNTS_ZH = ("一", "两", "三", "四", "五")
COUNTS_EN = ("one", "two", "three", "four", "five")
ASPECTS: dict[str, tuple[str, ...]] = {
    "shape": ("colour", "shape", "count", "describe", "describe", "is colour", "is shape"),
    "digit": ("colour", "digit", "digit", "read", "describe", "describe"),
    "character": ("colour", "character", "character", "read", "describe", "describe"),
    "other": ("colour", "shape", "count", "digit", "character", "read", "describe", "describe"),
}
"""What may be asked, by what is shown."""
BEYOND = 0.06
"""How often something is asked that no picture of these answers."""


@dataclass(frozen=True)
class Question:
    """One question about a scene, with its one right answer."""

    aspect: str
    chinese: bool
    text: str
    answer: str


@lru_cache(maxsize=1)
def data() -> dict[str, list[str]]:
    """Return the wordings, read once."""
    return sections("seeing.txt")


def family(scene: Scene) -> str:
    """Return which questions fit a scene."""
    return "shape" if scene.kind in scenes.SHAPES else scene.kind


def question(scene: Scene, rng: Random, aspect: str = "", *, chinese: bool) -> Question:
    """Return a question about a scene; `aspect` "" draws one, now and then one beyond it."""
    aspect = aspect or rng.choice(ASPECTS[family(scene)])
    if scene.kind == "other" or chance(rng, BEYOND):
        aspect = "beyond" if chance(rng, 0.3) or scene.kind != "other" else aspect
        return Question(
            aspect, chinese, worded(aspect, rng, chinese=chinese), refusal(chinese=chinese)
        )
    return plain(scene, rng, aspect, chinese=chinese)


def plain(scene: Scene, rng: Random, aspect: str, *, chinese: bool) -> Question:
    """Return a question that the picture answers."""
    asked = {"colour": rng.choice(tuple(scenes.COLOURS)), "shape": rng.choice(scenes.SHAPES)}
    if chance(rng, 0.5):
        asked = {"colour": scene.colour, "shape": scene.kind}
    if aspect == "count" and chance(rng, 0.5):
        aspect = "count named"
        asked["shape"] = scene.kind
    filled = {
        name: ZH.get(word, word) if chinese else plural(word) if aspect == "count named" else word
        for name, word in asked.items()
    }
    text = worded(aspect, rng, chinese=chinese, filled=filled)
    return Question(aspect, chinese, text, answer(scene, aspect, asked, chinese=chinese))


def worded(aspect: str, rng: Random, *, chinese: bool, filled: dict[str, str] | None = None) -> str:
    """Return a wording of a question as people type it."""
    table = {name: [word] for name, word in (filled or {"colour": "", "shape": ""}).items()}
    text = expand(rng.choice(data()[f"{aspect}.{'zh' if chinese else 'en'}"]), rng, table)
    return asking.politely(asking.slips(text, rng), rng, chinese=chinese)


def plural(word: str) -> str:
    """Return an English shape or colour, shapes in the plural."""
    return f"{word}s" if word in scenes.SHAPES else word


def named(scene: Scene, *, chinese: bool) -> str:
    """Return number, colour and shape: ``three red circles``."""
    if chinese:
        return f"{COUNTS_ZH[scene.count - 1]}个{ZH[scene.colour]}的{ZH[scene.kind]}"
    shape = scene.kind if scene.count == 1 else plural(scene.kind)
    return f"{COUNTS_EN[scene.count - 1]} {scene.colour} {shape}"


def answer(scene: Scene, aspect: str, asked: dict[str, str], *, chinese: bool) -> str:
    """Return the one right answer about a scene that is known."""
    colour = ZH[scene.colour] if chinese else scene.colour
    if aspect == "colour":
        return f"{colour}。" if chinese else f"It is {colour}."
    if aspect in ("is colour", "is shape"):
        return whether(scene, aspect, asked, chinese=chinese)
    if family(scene) == "shape":
        return about_shape(scene, aspect, chinese=chinese)
    return about_sign(scene, aspect, colour, chinese=chinese)


def whether(scene: Scene, aspect: str, asked: dict[str, str], *, chinese: bool) -> str:
    """Return yes or no, and what it is."""
    by_colour = aspect == "is colour"
    found = scene.colour if by_colour else scene.kind
    right = asked["colour" if by_colour else "shape"] == found
    if chinese:
        return f"{'是的' if right else '不是'}，是{ZH[found]}。"
    return f"{'Yes' if right else 'No'}, {found}."


def about_shape(scene: Scene, aspect: str, *, chinese: bool) -> str:
    """Return the shape, the number, or all of it."""
    if aspect == "shape":
        return f"{ZH[scene.kind]}。" if chinese else f"The shape is: {scene.kind}."
    if aspect in ("count", "count named"):
        verb = "are" if scene.count > 1 else "is"
        number = (COUNTS_ZH if chinese else COUNTS_EN)[scene.count - 1]
        return f"{number}个。" if chinese else f"There {verb} {number}."
    told = named(scene, chinese=chinese)
    return f"图里有{told}。" if chinese else f"I see {told}."


def about_sign(scene: Scene, aspect: str, colour: str, *, chinese: bool) -> str:
    """Return the digit or the character, with its colour when it is described."""
    digit = scene.kind == "digit"
    if chinese:
        told = f"数字 {scene.text}" if digit else f"“{scene.text}”字"
        return f"图里有{colour}的{told}。" if aspect == "describe" else f"是{told}。"
    told = f"the digit {scene.text}" if digit else f"the character {scene.text}"
    return f"I see {told} in {colour}." if aspect == "describe" else f"It is {told}."


def turns(scene: Scene, rng: Random, count: int, *, chinese: bool) -> list[Turn]:
    """Return several exchanges about one picture, which belongs to the first of them."""
    asked = [question(scene, rng, chinese=chinese) for _ in range(count)]
    return [Turn(one.text, one.answer) for one in asked]


def without(rng: Random) -> Turn:
    """Return a question about a picture that is not there: the refusal, as in `declining`."""
    chinese = chance(rng, 0.5)
    aspect = rng.choice(ASPECTS["other"])
    return Turn(worded(aspect, rng, chinese=chinese), refusal(chinese=chinese))
