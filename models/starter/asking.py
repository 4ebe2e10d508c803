"""What people say around a request: the frames of `data/frames.txt`, politeness, typing slips.

Frames whose section ends in ``.held`` are never trained; only the held-out set draws from them.
"""

import random
from functools import lru_cache

from starter.grammar import chance, expand, lines, sections

THANKS_ZH = ("，谢谢", "，谢谢！", "，麻烦了", "，急")
THANKS_EN = (", please", ", thanks", " thank you")
ENDINGS = ("？", "?", "。", ".", "！", "...", "？？", " ", "~", "啊", "呢", " ?", "\n")
SHORT = 8


@lru_cache(maxsize=1)
def _pairs() -> dict[int, str]:
    return {ord(pair[0]): pair[1] for line in lines("traditional.txt") for pair in line.split()}


def traditional(text: str) -> str:
    """Return the text in traditional characters, as far as the list knows them."""
    return text.translate(_pairs())


@lru_cache(maxsize=1)
def _frames() -> dict[str, list[str]]:
    return {
        name: [entry.replace("⏎", "\n").replace("␣", " ") for entry in entries]
        for name, entries in sections("frames.txt").items()
    }


def framed(name: str, rng: random.Random, **filled: str) -> str:
    """Return a frame of a section with its places filled by texts that are taken as they are."""
    text = expand(rng.choice(_frames()[name]), rng)
    for place, words in filled.items():
        text = text.replace(f"{{{place}}}", words)
    return text


def slips(text: str, rng: random.Random) -> str:
    """Return the text as hurried people type it: another mark, odd case, a wrong letter."""
    if chance(rng, 0.05):
        text = traditional(text)
    text = _ending(text, rng)
    if chance(rng, 0.3) and text and text[0].isascii():
        text = text[0].swapcase() + text[1:]
    elif chance(rng, 0.08):
        text = text.lower()
    if chance(rng, 0.06) and len(text) > SHORT:
        at = rng.randrange(1, len(text) - 1)
        if text[at].isascii() and text[at].isalpha():
            text = text[:at] + rng.choice(("", text[at] * 2, text[at + 1])) + text[at + 1 :]
    return text


def _ending(text: str, rng: random.Random) -> str:
    """Mostly as it is, often without its mark, sometimes with another one."""
    bare = text.rstrip("？。！?.!")
    return rng.choices((text, bare, bare + rng.choice(ENDINGS)), (6, 3, 1))[0]


def politely(text: str, rng: random.Random, *, chinese: bool) -> str:
    """Sometimes something polite before or after the request."""
    if chance(rng, 0.22):
        return framed("polite.zh" if chinese else "polite.en", rng) + text
    if chance(rng, 0.06):
        return text + rng.choice(THANKS_ZH if chinese else THANKS_EN)
    return text
