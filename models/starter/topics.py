"""Questions with one right answer per intent: how to use the program, and small talk.

The data files give whole questions and verb phrases; the frames of `data/frames.txt` multiply
the latter. Wordings under ``zx``/``ex`` and held frames are kept for the held-out set, and so is a
hash-chosen share of the frame and phrase pairs.
"""

from dataclasses import dataclass, field
from functools import cache
from random import Random

from starter import asking
from starter.chat import Turn
from starter.disturbing import disturbed, hurried
from starter.grammar import chance, expand, lines
from starter.items import Item
from starter.translation import hashed

HELD_SHARE = 20
SHORT = 8
CHATTING = ("用户在闲聊。", "The user is chatting.")
FIELDS = ("zq", "eq", "zv", "ev", "zx", "ex")


@dataclass(frozen=True)
class Intent:
    """One topic: its answers, and the ways to ask for it."""

    name: str
    zh: str
    en: str
    asked: dict[str, list[str]] = field(default_factory=dict)

    def answer(self, *, chinese: bool) -> str:
        """Return the answer in a language."""
        return self.zh if chinese else self.en


@cache
def intents(name: str) -> tuple[Intent, ...]:
    """Return the intents of a data file."""
    found: list[Intent] = []
    for block in "\n".join(lines(name)).split("\n["):
        title, _, body = block.lstrip("[").partition("]\n")
        answers: dict[str, str] = {}
        asked: dict[str, list[str]] = {key: [] for key in FIELDS}
        for line in body.splitlines():
            key, _, text = line.partition(" ")
            if key in FIELDS:
                asked[key].append(text)
            else:
                answers[key] = text
        found.append(Intent(title, answers["zh"], answers["en"], asked))
    return tuple(found)


def question(intent: Intent, rng: Random, *, chinese: bool) -> str:
    """Return a question as it may be trained; pairs held out by hash are drawn again."""
    while True:
        text = _draw(intent, rng, chinese=chinese)
        if not held_out(text):
            return text


def held_out(text: str) -> bool:
    """Whether a whole wording is kept out of the training data; very short ones never are."""
    return len(text) > SHORT and hashed("ask " + text) % HELD_SHARE == 0


def unseen_pair(intent: Intent, rng: Random, *, chinese: bool) -> str:
    """Return a new combination of known frames and phrases, from the held-out share."""
    for _ in range(3000):
        text = _draw(intent, rng, chinese=chinese)
        if held_out(text):
            return text
    return ""


def unseen_frame(intent: Intent, rng: Random, *, chinese: bool) -> str:
    """Return a known verb phrase in a frame never trained; empty when there is none."""
    phrases = intent.asked["zv" if chinese else "ev"]
    if not phrases:
        return ""
    section = "how.zh.held" if chinese else "how.en.held"
    return asking.framed(section, rng, v=expand(rng.choice(phrases), rng))


def _draw(intent: Intent, rng: Random, *, chinese: bool) -> str:
    whole = intent.asked["zq" if chinese else "eq"]
    verbs = intent.asked["zv" if chinese else "ev"]
    if verbs and (not whole or chance(rng, 0.5)):
        section = "how.zh" if chinese else "how.en"
        return asking.framed(section, rng, v=expand(rng.choice(verbs), rng))
    return expand(rng.choice(whole), rng)


def crossed(text: str, rng: Random, *, chinese: bool) -> tuple[str, bool]:
    """Return the question with an order which language to answer in, and whether Chinese."""
    wanted = chance(rng, 0.5)
    order = asking.framed("answer_in.zh" if wanted else "answer_in.en", rng)
    text = text.rstrip("？?。.")
    if chance(rng, 0.25):
        return f"{order}{'：' if chinese else ': '}{text}", wanted
    mark = rng.choice(("，", "？", "。", " ", "\n") if chinese else (", ", "? ", ". ", "\n"))
    return f"{text}{mark}{order}", wanted


def make(file: str, skill: str, thought_zh: str, thought_en: str, rng: Random) -> Item:
    """One question of a data file with its answer."""
    intent = rng.choice(intents(file))
    chinese = chance(rng, 0.55)
    text = hurried(asking.slips(question(intent, rng, chinese=chinese), rng), rng)
    if len(text) > SHORT and chance(rng, 0.06):
        text = disturbed(text, rng)
    text = asking.politely(text, rng, chinese=chinese)
    answer = chinese
    if chance(rng, 0.18):
        text, answer = crossed(text, rng, chinese=chinese)
    thought = thought_zh if answer else thought_en
    return Item(
        skill, [Turn(text, intent.answer(chinese=answer), thought)], answer, label=intent.name
    )


def guide(rng: Random) -> Item:
    """Return a question on the program."""
    return make(
        "guide.txt", "guide", "用户在问怎么使用这个程序。", "The user asks about this program.", rng
    )


def smalltalk(rng: Random) -> Item:
    """Small talk, and who the model is."""
    return make("smalltalk.txt", "smalltalk", *CHATTING, rng)


def greeting(rng: Random) -> Item:
    """Return a bare greeting: what most people type first, too short to be learnt in passing."""
    intent = next(one for one in intents("smalltalk.txt") if one.name == "greet")
    chinese = chance(rng, 0.4)
    thought = CHATTING[0] if chinese else CHATTING[1]
    turn = Turn(question(intent, rng, chinese=chinese), intent.answer(chinese=chinese), thought)
    return Item("smalltalk", [turn], chinese, label=intent.name)
