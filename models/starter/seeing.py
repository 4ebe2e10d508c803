"""What people ask about a picture, and what the starter answers: in Chinese and in English.

Colour, shape, count, digit and character each have questions of their own; a picture of anything
else is met with the refusal. What stands in the place of a picture is the template's business,
what it shows `scenes`'.
"""

import re
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
        asked["shape"] = scene.kind if chance(rng, 0.75) else rng.choice(scenes.SHAPES)
    filled = {
        name: ZH.get(word, word) if chinese else plural(word) if aspect == "count named" else word
        for name, word in asked.items()
    }
    text = worded(aspect, rng, chinese=chinese, filled=filled)
    return Question(aspect, chinese, text, answer(scene, aspect, chinese=chinese))


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


def answer(scene: Scene, aspect: str, *, chinese: bool) -> str:
    """Return the one right answer about a scene that is known.

    Whether it is blue is answered by what it is: a model of this size reads a colour, and does
    not learn to compare it with one that was asked for.
    """
    colour = ZH[scene.colour] if chinese else scene.colour
    if aspect in ("colour", "is colour"):
        return f"{colour}。" if chinese else f"It is {colour}."
    if family(scene) == "shape":
        return about_shape(scene, aspect, chinese=chinese)
    return about_sign(scene, aspect, colour, chinese=chinese)


def about_shape(scene: Scene, aspect: str, *, chinese: bool) -> str:
    """Return the shape, the number, or all of it."""
    if aspect in ("shape", "is shape"):
        return f"{ZH[scene.kind]}。" if chinese else f"The shape is: {scene.kind}."
    if aspect in ("count", "count named"):
        return counted(scene, named_shape=aspect == "count named", chinese=chinese)
    told = named(scene, chinese=chinese)
    return f"图里有{told}。" if chinese else f"I see {told}."


def counted(scene: Scene, *, named_shape: bool, chinese: bool) -> str:
    """Return the number, with what is there if a shape was asked for: another one, perhaps."""
    number = (COUNTS_ZH if chinese else COUNTS_EN)[scene.count - 1]
    if chinese:
        return f"{number}个{ZH[scene.kind] if named_shape else ''}。"
    many = scene.count > 1
    shape = f" {plural(scene.kind) if many else scene.kind}" if named_shape else ""
    return f"There {'are' if many else 'is'} {number}{shape}."


def about_sign(scene: Scene, aspect: str, colour: str, *, chinese: bool) -> str:
    """Return the digit or the character, with its colour when it is described."""
    digit = scene.kind == "digit"
    if chinese:
        told = f"数字 {scene.text}" if digit else f"“{scene.text}”字"
        return f"图里有{colour}的{told}。" if aspect == "describe" else f"是{told}。"
    told = f"the digit {scene.text}" if digit else f"the character {scene.text}"
    return f"I see {told} in {colour}." if aspect == "describe" else f"It is {told}."


def mentioned(said: str, *, chinese: bool) -> dict[str, set[str]]:
    """Return which colours, shapes and numbers an answer names."""
    folded = said.lower()

    def named(word: str) -> bool:
        if chinese:
            return ZH[word] in folded
        return re.search(rf"\b{word}s?\b", folded) is not None

    numbers = (
        {number for number in COUNTS_ZH if f"{number}个" in folded}
        if chinese
        else {number for number in COUNTS_EN if re.search(rf"\b{number}\b", folded)}
    )
    return {
        "colour": {colour for colour in scenes.COLOURS if named(colour)},
        "shape": {shape for shape in scenes.SHAPES if named(shape)},
        "count": numbers,
    }


def answers(scene: Scene, asked: Question, said: str) -> bool:
    """Whether words answer a question about a scene that is known: all of it, and nothing false.

    Who asks for squares where there are stars has to be told that they are stars.
    """
    found = mentioned(said, chinese=asked.chinese)
    number = (COUNTS_ZH if asked.chinese else COUNTS_EN)[scene.count - 1]
    shaped = scene.kind in scenes.SHAPES
    true = {
        "colour": {scene.colour},
        "shape": {scene.kind} if shaped else set(),
        "count": {number} if shaped else set(),
    }
    wanted = mentioned(asked.answer, chinese=asked.chinese)
    if (
        asked.aspect == "count named"
        and scene.kind in mentioned(asked.text, chinese=asked.chinese)["shape"]
    ):
        wanted["shape"] = set()
    signed = shaped or scene.text in said or scene.text not in asked.answer
    return signed and all(wanted[part] <= found[part] <= true[part] for part in true)


def turns(scene: Scene, rng: Random, count: int, *, chinese: bool) -> list[Turn]:
    """Return several exchanges about one picture, which belongs to the first of them."""
    asked = [question(scene, rng, chinese=chinese) for _ in range(count)]
    return [Turn(one.text, one.answer) for one in asked]


def without(rng: Random) -> Turn:
    """Return a question about a picture that is not there: the refusal, as in `declining`."""
    chinese = chance(rng, 0.5)
    aspect = rng.choice(ASPECTS["other"])
    return Turn(worded(aspect, rng, chinese=chinese), refusal(chinese=chinese))
