"""Translation requests: a wrapper around a sentence, several, words; with a glossary or not."""

import re
from functools import lru_cache
from random import Random
from typing import Protocol

from starter import asking
from starter.chat import Turn
from starter.disturbing import PLACE, disturbed, hurried
from starter.grammar import chance
from starter.inventing import pseudo_word
from starter.items import Item
from starter.lexicon import Word, unambiguous
from starter.slots import Filler, countable, nouns, of_word
from starter.translation import SLOT, Pair, fill, patterns, phrase, sentence

MARKS = "。？！.?!"
INVENTED = 0.6
"""Share of invented words among the renderings of `several_terms`: they are missed most."""
SWITCHED = 0.12
"""How often a sentence with required terms comes with them in it already."""
BENT = {
    "n": ("thing", "animal", "food"), "n2": ("thing", "clothes"), "m": ("food", "animal", "thing"),
    "m2": ("thing", "clothes"), "f": ("food",), "veh": ("vehicle",), "animal": ("animal",),
}  # fmt: skip
"""Slots whose noun a glossary may name otherwise, with the sections of their nouns."""


def pair(rng: Random) -> Pair:
    """Return a sentence that may be trained."""
    while True:
        found = phrase(rng) if chance(rng, 0.16) else sentence(rng)
        if not found.held_out:
            return found


def word(rng: Random) -> Pair:
    """Return a single word of the lexicon as a dictionary entry."""
    zh, en = rng.choice(unambiguous())
    return Pair(zh, en, zh, en, "")


def source(found: Pair, rng: Random, *, to_english: bool) -> str:
    """Return the text as the user gives it, sometimes without its closing mark."""
    text = found.zh_source if to_english else found.en_source
    if to_english and chance(rng, 0.06):
        text = asking.traditional(text)
    if chance(rng, 0.35):
        text = text.rstrip(MARKS)
    if not to_english and chance(rng, 0.15):
        text = text[0].lower() + text[1:] if not text.startswith(("I ", "I'")) else text
    return text


def wrapped(text: str, rng: Random, *, to_english: bool, held: bool = False) -> str:
    """Return the request around a text; `held` takes a wrapper that is never trained."""
    section = ("to_english" if to_english else "to_chinese") + (".held" if held else "")
    request = asking.framed(section, rng, x=PLACE)
    if not held:
        request = hurried(request, rng)
        request = disturbed(request, rng) if chance(rng, 0.15) else request
    request = request.replace(PLACE, text)
    return request.replace("？？", "？").replace("。用", "用").replace("?？", "？")


def thought(*, to_english: bool) -> str:
    """Return what the model thinks before it translates."""
    return "把它翻译成英文。" if to_english else "Translate it into Chinese."


def several(rng: Random, *, to_english: bool) -> Item:
    """Several sentences in one request, on lines of their own or in one paragraph."""
    found = [pair(rng) for _ in range(rng.randint(2, 6))]
    sources = [f.zh_source if to_english else f.en_source for f in found]
    targets = [f.en if to_english else f.zh for f in found]
    lined = chance(rng, 0.6)
    space = "" if to_english else " "
    if not lined and chance(rng, 0.3):
        # As people type on a phone: no full stops, a blank or a comma between two thoughts.
        space = rng.choice((" ", "，", ",")) if to_english else rng.choice((", ", " "))
        sources = [text.rstrip(MARKS) for text in sources]
    text = ("\n" if lined else space).join(sources)
    target = ("\n" if lined else "" if not to_english else " ").join(targets)
    request = wrapped(("\n" if lined else "") + text, rng, to_english=to_english)
    return Item(
        "translate", [Turn(request, target, thought(to_english=to_english))], not to_english
    )


def system_only(rng: Random, *, to_english: bool) -> Item:
    """Return the bare text with a translator's system prompt."""
    src, dst = ("Chinese", "English") if to_english else ("English", "Chinese")
    found = pair(rng)
    turn = Turn(
        source(found, rng, to_english=to_english),
        found.en if to_english else found.zh,
        thought(to_english=to_english),
    )
    system = asking.framed("translator", rng, src=src, dst=dst)
    return Item("translate", [turn], not to_english, system=system)


def glossary(rng: Random, *, to_english: bool, held: bool = False) -> Item:
    """Return a sentence whose noun must be rendered as the prompt's glossary says."""
    chosen = rng.choice(nouns("thing", "animal", "food"))
    target = unusual(rng, to_english=to_english)
    bent = bend(chosen, target, to_english=to_english)
    while True:
        zh, en = rng.choice([p for p in patterns() if "{n}" in p[0] and "{n2}" not in p[0]])
        found = fill(zh, en, rng, {"n": bent})
        if found.held_out == held or not found.key:
            break
    text = found.zh if to_english else found.en
    terms = [(chosen.zh, target) if to_english else (chosen.en, target)]
    if chance(rng, 0.4):
        other = rng.choice(nouns("clothes", "vehicle"))
        terms.insert(
            rng.randint(0, 1), (other.zh, other.en) if to_english else (other.en, other.zh)
        )
    answer = found.en if to_english else found.zh
    return requested(text, terms, answer, rng, to_english=to_english)


def requested(
    text: str, terms: list[tuple[str, str]], answer: str, rng: Random, *, to_english: bool
) -> Item:
    """Return the workbench's request for a text with its required terms."""
    in_chinese = chance(rng, 0.5)
    joint = " 翻译成 " if in_chinese else " translates to "
    request = asking.framed(
        "glossary.zh" if in_chinese else "glossary.en",
        rng,
        terms="\n".join(f"{a}{joint}{b}" for a, b in terms),
        language=language(rng, to_english=to_english, in_chinese=in_chinese),
        x=text,
    )
    return Item(
        "translate",
        [Turn(request, answer, thought(to_english=to_english))],
        not to_english,
        label="glossary",
    )


def several_terms(rng: Random, *, to_english: bool) -> Item:
    """Return a sentence with one to four required terms: bent nouns and other words of it.

    Unlike `glossary`, whose second term seldom stands in the sentence, so that a model may learn
    to take any term that it sees.
    """
    while True:
        zh, en = rng.choice(bendable())
        slots = sorted({name for name, _, _ in SLOT.findall(zh) if name in BENT})
        rng.shuffle(slots)
        chosen: list[tuple[Word, str]] = []
        given: dict[str, Filler] = {}
        for slot in slots[: 2 if chance(rng, 0.6) else 1]:
            word = rng.choice(countable(nouns(*BENT[slot])))
            target = unusual(rng, to_english=to_english, invented=INVENTED)
            if all(word.zh != known.zh for known, _ in chosen):
                chosen.append((word, target))
                given[slot] = bend(word, target, to_english=to_english)
        found = fill(zh, en, rng, given)
        if not found.held_out:
            break
    text, answer = (found.zh, found.en) if to_english else (found.en, found.zh)
    if chance(rng, 0.4):
        text = found.zh_source if to_english else found.en_source
    terms = [(word.zh if to_english else word.en, target) for word, target in chosen]
    taken = " ".join(part for pair in terms for part in pair)
    others = [
        pair
        for pair in standing(text, answer, to_english=to_english)
        if pair[0] not in taken and pair[1] not in taken
    ]
    rng.shuffle(others)
    terms += others[: rng.choice((0, 1, 1, 2, 2))]
    if chance(rng, 0.12):
        beside = rng.choice(nouns("clothes", "vehicle"))
        terms.append((beside.zh, beside.en) if to_english else (beside.en, beside.zh))
    rng.shuffle(terms)
    if chance(rng, 0.5):
        terms.sort(key=lambda pair: -len(pair[0]))
    if chance(rng, SWITCHED):
        text = switched(text, terms)
    return requested(text, terms, answer, rng, to_english=to_english)


def switched(text: str, terms: list[tuple[str, str]]) -> str:
    """Return the text with its terms' renderings in their place, as a second try may send it."""
    for source, target in terms:
        if source.isascii():
            text = re.sub(rf"\b{re.escape(source)}\b", target, text, flags=re.IGNORECASE)
        else:
            text = text.replace(source, target)
    return text


@lru_cache(maxsize=1)
def bendable() -> list[tuple[str, str]]:
    """Return the patterns with a noun that a glossary may name otherwise."""
    return [pair for pair in patterns() if any(f"{{{slot}}}" in pair[0] for slot in BENT)]


def standing(text: str, answer: str, *, to_english: bool) -> list[tuple[str, str]]:
    """Return the lexicon's words that stand in a sentence, with the rendering its answer has."""
    found: list[tuple[str, str]] = []
    folded, answered = text.lower(), answer.lower()
    for zh, en in unambiguous():
        source, target = (zh, en) if to_english else (en, zh)
        if source.lower() not in folded or target.lower() not in answered:
            continue
        if to_english or re.search(rf"\b{re.escape(source)}\b", text, re.IGNORECASE):
            found.append((source, target))
    return found


def language(rng: Random, *, to_english: bool, in_chinese: bool) -> str:
    """Return the name of the target language as a prompt in Chinese or English calls it."""
    if in_chinese:
        return rng.choice(("英语", "英文") if to_english else ("中文", "简体中文"))
    return "English" if to_english else "Chinese"


def unusual(rng: Random, *, to_english: bool, invented: float = 0.4) -> str:
    """Return a rendering that the lexicon would not choose: another noun or an invented word."""
    if chance(rng, invented):
        return pseudo_word(rng, chinese=not to_english)
    other = rng.choice(nouns("thing", "animal", "nature", "job"))
    return other.en if to_english else other.zh


def bend(chosen: Word, target: str, *, to_english: bool) -> Filler:
    """Return the noun with its target side replaced; the English plural stays regular."""
    base = of_word(chosen)
    if not to_english:
        return Filler(target, base.en, chosen.zh, base.forms, base.zh_forms)
    article = "an" if target[0].lower() in "aeiou" else "a"
    forms = {
        **base.forms,
        "a": f"{article} {target}",
        "pl": f"{target}s",
        "bare": f"{target}s",
        "any": f"any {target}s",
        "many": f"{target}s",
        "one": target,
        "the": f"the {target}",
    }
    return Filler(base.zh, target, chosen.zh, forms, base.zh_forms)


def single(rng: Random, *, to_english: bool) -> Item:
    """One sentence in a wrapper."""
    return alone(pair(rng), rng, to_english=to_english)


def dictionary(rng: Random, *, to_english: bool) -> Item:
    """One word in a wrapper."""
    return alone(word(rng), rng, to_english=to_english)


def listed(rng: Random, *, to_english: bool) -> Item:
    """Return a list of words, which teaches more words than sentences of the same length do."""
    found = [word(rng) for _ in range(rng.randint(3, 8))]
    mark = rng.choice(("\n", "\n", "、", "，") if to_english else ("\n", "\n", ", "))
    sources = mark.join(entry.zh if to_english else entry.en for entry in found)
    target_mark = mark if mark == "\n" else ", " if to_english else "、"
    targets = target_mark.join(entry.en if to_english else entry.zh for entry in found)
    head = "\n" if mark == "\n" else ""
    request = wrapped(head + sources, rng, to_english=to_english)
    return Item(
        "translate", [Turn(request, targets, thought(to_english=to_english))], not to_english
    )


def alone(found: Pair, rng: Random, *, to_english: bool) -> Item:
    """One text in a wrapper, sometimes with something polite before it."""
    text = wrapped(source(found, rng, to_english=to_english), rng, to_english=to_english)
    text = asking.politely(text, rng, chinese=to_english)
    target = found.en if to_english else found.zh
    turn = Turn(text, target, thought(to_english=to_english))
    return Item("translate", [turn], not to_english)


class Maker(Protocol):
    """One kind of translation request."""

    def __call__(self, rng: Random, *, to_english: bool) -> Item:
        """Return a request in one direction."""
        ...


SHARES: tuple[tuple[Maker, int], ...] = (
    (single, 38),
    (several, 34),
    (listed, 8),
    (dictionary, 3),
    (glossary, 8),
    (several_terms, 28),
    (system_only, 4),
)


def make(rng: Random) -> Item:
    """One translation request, in either direction."""
    makers, weights = zip(*SHARES, strict=True)
    maker: Maker = rng.choices(makers, weights)[0]
    return maker(rng, to_english=chance(rng, 0.5))
