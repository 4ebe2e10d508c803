"""Translation requests: a wrapper around one sentence, several lines, a word, with a glossary or not."""

from random import Random

from starter import asking
from starter.chat import Turn
from starter.declining import pseudo_word
from starter.grammar import chance
from starter.items import Item
from starter.lexicon import Word, lexicon
from starter.slots import Filler, nouns, of_word
from starter.translation import Pair, fill, patterns, phrase, sentence

MARKS = "。？！.?!"


def pair(rng: Random) -> Pair:
    """A sentence that may be trained."""
    while True:
        found = phrase(rng) if chance(rng, 0.16) else sentence(rng)
        if not found.held_out:
            return found


def word(rng: Random) -> Pair:
    """A single word of the lexicon as a dictionary entry."""
    words = lexicon()
    pools: list[list[Word]] = [
        *words.nouns.values(),
        words.places,
        *words.adjectives.values(),
        *words.times.values(),
    ]
    if chance(rng, 0.15):
        verb = rng.choice([verb for verb in words.verbs if not verb.objects or len(verb.zh) == 1])
        en = verb.en.replace("{poss}", "my")
        return Pair(verb.zh, en, verb.zh, en, "")
    chosen = rng.choice(rng.choice(pools))
    return Pair(chosen.zh, chosen.en, chosen.zh, chosen.en, "")


def source(found: Pair, to_english: bool, rng: Random) -> str:
    """The text as the user gives it, sometimes without its closing mark."""
    text = found.zh_source if to_english else found.en_source
    if to_english and chance(rng, 0.04):
        text = text.translate(asking.TO_TRADITIONAL)
    if chance(rng, 0.35):
        text = text.rstrip(MARKS)
    if not to_english and chance(rng, 0.15):
        text = text[0].lower() + text[1:] if not text.startswith(("I ", "I'")) else text
    return text


def wrapped(text: str, to_english: bool, rng: Random, held: bool = False) -> str:
    """The request around a text; `held` takes a wrapper that is never trained."""
    section = ("to_english" if to_english else "to_chinese") + (".held" if held else "")
    request = asking.framed(section, rng, x=text)
    return request.replace("？？", "？").replace("。用", "用").replace("?？", "？")


def thought(to_english: bool) -> str:
    return "把它翻译成英文。" if to_english else "Translate it into Chinese."


def make(rng: Random) -> Item:
    """One translation request."""
    kind = rng.random()
    to_english = chance(rng, 0.5)
    if kind < 0.07:
        return glossary(rng, to_english)
    if kind < 0.25:
        return several(rng, to_english)
    if kind < 0.30:
        return system_only(rng, to_english)
    found = word(rng) if kind < 0.38 else pair(rng)
    text = asking.politely(
        wrapped(source(found, to_english, rng), to_english, rng), to_english, rng
    )
    target = found.en if to_english else found.zh
    return Item("translate", [Turn(text, target, thought(to_english))], not to_english)


def several(rng: Random, to_english: bool) -> Item:
    """Several sentences in one request, on lines of their own or in one paragraph."""
    found = [pair(rng) for _ in range(rng.randint(2, 4))]
    sources = [f.zh_source if to_english else f.en_source for f in found]
    targets = [f.en if to_english else f.zh for f in found]
    lined = chance(rng, 0.6)
    space = "" if to_english else " "
    text = ("\n" if lined else space).join(sources)
    target = ("\n" if lined else "" if not to_english else " ").join(targets)
    request = wrapped(("\n" if lined else "") + text, to_english, rng)
    return Item("translate", [Turn(request, target, thought(to_english))], not to_english)


def system_only(rng: Random, to_english: bool) -> Item:
    """The bare text with a translator's system prompt."""
    src, dst = ("Chinese", "English") if to_english else ("English", "Chinese")
    found = pair(rng)
    turn = Turn(
        source(found, to_english, rng), found.en if to_english else found.zh, thought(to_english)
    )
    system = asking.TRANSLATOR.format(src=src, dst=dst)
    return Item("translate", [turn], not to_english, system=system)


def glossary(rng: Random, to_english: bool, held: bool = False) -> Item:
    """A sentence whose noun must be rendered as the prompt's glossary says."""
    chosen = rng.choice(nouns("thing", "animal", "food"))
    target = unusual(to_english, rng)
    bent = bend(chosen, target, to_english)
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
    if chance(rng, 0.5):
        listed = "\n".join(f"{a} 翻译成 {b}" for a, b in terms)
        language = rng.choice(("英语", "英文") if to_english else ("中文", "简体中文"))
        request = asking.GLOSSARY_ZH.format(terms=listed, language=language, x=text)
    else:
        listed = "\n".join(f"{a} translates to {b}" for a, b in terms)
        language = "English" if to_english else "Chinese"
        request = asking.GLOSSARY_EN.format(terms=listed, language=language, x=text)
    answer = found.en if to_english else found.zh
    return Item(
        "translate", [Turn(request, answer, thought(to_english))], not to_english, label="glossary"
    )


def unusual(to_english: bool, rng: Random) -> str:
    """A rendering that the lexicon would not choose: another noun or an invented word."""
    if chance(rng, 0.4):
        return pseudo_word(not to_english, rng)
    other = rng.choice(nouns("thing", "animal", "nature", "job"))
    return other.en if to_english else other.zh


def bend(chosen: Word, target: str, to_english: bool) -> Filler:
    """The noun with its target side replaced; the English plural stays regular."""
    base = of_word(chosen)
    if not to_english:
        return Filler(target, base.en, chosen.zh, base.forms, base.zh_forms)
    article = "an" if target[0].lower() in "aeiou" else "a"
    forms = {
        **base.forms,
        "a": f"{article} {target}",
        "pl": f"{target}s",
        "bare": f"{target}s",
        "the": f"the {target}",
    }
    return Filler(base.zh, target, chosen.zh, forms, base.zh_forms)
