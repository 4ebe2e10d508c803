"""Sentence pairs in both languages, made by filling the patterns of `data/patterns.txt`.

A pattern is ``Chinese = English``; ``{v.ing}`` asks a filler for a form, ``{s~like}`` conjugates a
verb for the subject. Alternatives are read in the source and written as their first branch in the
target, so that every source has exactly one right answer. Wrappers (what the user says around the
sentence) are in `asking`.
"""

import hashlib
import random
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from starter import english
from starter.grammar import Choice, Node, Slot, chance, expand, lines, parse, sections
from starter.slots import Filler, build

SLOT = re.compile(r"\{(\w+?)(?:([.~])(\w+))?\}")
HELD_SHARE = 16
REWORDED = 0.3
# Not slots of their own: the article before an adjective slot, the 的 that long adjectives take,
# and the job of a subject, which is `j` with the subject's number.
ARTICLES = ("aa", "ac", "aad", "de", "jsp")
CONTRACTIONS = (
    ("Do not", "Don't"), ("do not", "don't"), ("does not", "doesn't"), ("did not", "didn't"),
    ("cannot", "can't"),
    ("is not", "isn't"), ("are not", "aren't"), ("was not", "wasn't"), ("were not", "weren't"),
    ("will not", "won't"), ("have not", "haven't"), ("has not", "hasn't"),
    ("should not", "shouldn't"), ("Let us", "Let's"),
)  # fmt: skip
LOOSE = (
    ("I am", "I'm"), ("You are", "You're"), ("He is", "He's"), ("She is", "She's"),
    ("It is", "It's"), ("We are", "We're"), ("They are", "They're"), ("That is", "That's"),
    ("I will", "I'll"), ("He will", "He'll"), ("She will", "She'll"), ("We will", "We'll"),
    ("I would", "I'd"), ("Where is", "Where's"), ("What is", "What's"),
)  # fmt: skip


@dataclass(frozen=True)
class Pair:
    """One meaning in both languages: as a source (any branch) and as a target (the first)."""

    zh: str
    en: str
    zh_source: str
    en_source: str
    key: str

    @property
    def held_out(self) -> bool:
        """Whether this combination of content words is kept out of the training data."""
        return bool(self.key) and hashed(self.key) % HELD_SHARE == 0


def hashed(text: str) -> int:
    """Return a stable number for a text, the same on every machine and in every run."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:6])


@lru_cache(maxsize=1)
def patterns() -> list[tuple[str, str]]:
    """Return the patterns, read once."""
    found: list[tuple[str, str]] = []
    for line in lines("patterns.txt"):
        zh, en = line.split(" = ")
        found.append((zh, en))
    return found


@lru_cache(maxsize=1)
def fillers() -> dict[str, Callable[[random.Random], Filler]]:
    """Return the fillers by slot name."""
    return build()


@cache
def first_branch(text: str) -> str:
    """Return the phrase with the first alternative everywhere."""

    def walk(nodes: Sequence[Node]) -> str:
        return "".join(
            walk(node[0])
            if isinstance(node, Choice)
            else f"{{{node}}}"
            if isinstance(node, Slot)
            else node
            for node in nodes
        )

    return walk(parse(text))


def sentence(rng: random.Random) -> Pair:
    """Return a random sentence; its key is the set of its content words, empty below two."""
    zh_pattern, en_pattern = rng.choice(patterns())
    return fill(zh_pattern, en_pattern, rng)


def fill(
    zh_pattern: str, en_pattern: str, rng: random.Random, given: Mapping[str, Filler] | None = None
) -> Pair:
    """One pattern with every slot filled; `given` fixes some of them."""
    chosen: dict[str, Filler] = dict(given or {})
    # Chinese text is full of letters after a slot, so only the names between braces are looked at.
    for name, _, _ in SLOT.findall(zh_pattern + en_pattern):
        if name not in chosen and name not in ARTICLES:
            base = name.rstrip("0123456789")
            maker = fillers()[name if name in fillers() else base]
            taken = {(filler.zh, filler.en) for filler in chosen.values()}
            candidate = maker(rng)
            while (candidate.zh, candidate.en) in taken or _clashes(candidate, chosen):
                candidate = maker(rng)
            chosen[name] = candidate
    keys = sorted({filler.key for filler in chosen.values() if filler.key})
    words = [word for key in keys for word in key.split("+")]
    key = "|".join(sorted(set(words))) if len(set(words)) > 1 else ""
    raw_zh = _unslotted(zh_pattern, rng)
    zh = _chinese(first_branch(zh_pattern), chosen)
    zh_source = _chinese(raw_zh, chosen)
    en = _english(en_pattern, chosen)
    en_source = reworded(loosened(en, rng), rng, chinese=False)
    return Pair(zh, contracted(en), reworded(zh_source, rng, chinese=True), en_source, key)


def _clashes(candidate: Filler, chosen: dict[str, Filler]) -> bool:
    """Two first persons in one sentence ("I think I") read oddly and are drawn again."""
    if candidate.person is None:
        return False
    wanted = candidate.person.agreement
    for filler in chosen.values():
        if filler.person is not None:
            known = filler.person.agreement
            if known == wanted[0] or (known[0] in "1p" and wanted == "p1"):
                return True
    return False


def _unslotted(pattern: str, rng: random.Random) -> str:
    """One branch of the alternatives, the slots left standing."""

    def walk(nodes: Sequence[Node]) -> str:
        return "".join(
            walk(rng.choice(node)) if isinstance(node, Choice)
            else f"{{{node}}}" if isinstance(node, Slot) else node
            for node in nodes
        )  # fmt: skip

    return walk(parse(pattern))


def _chinese(pattern: str, chosen: dict[str, Filler]) -> str:
    def text(match: re.Match[str]) -> str:
        name, _, form = match.groups()
        if name == "de":
            return "" if len(chosen["a"].zh) == 1 else "的"
        filler = chosen[name]
        return filler.zh_forms.get(form, filler.zh) if form else filler.zh

    return SLOT.sub(text, pattern)


def _english(pattern: str, chosen: dict[str, Filler]) -> str:
    def text(match: re.Match[str]) -> str:
        name, mark, form = match.groups()
        if name == "jsp":
            many = chosen["s"].person is not None and chosen["s"].person.plural
            return chosen["j"].forms["pl" if many else "a"]
        if name in ARTICLES:
            return english.article(chosen[name[1:]].en)
        filler = chosen[name]
        if mark == "~":
            return _agree(form, filler)
        if filler.verb:
            return _verb(filler, form, chosen)
        if not form:
            return filler.en
        lowered = form.lower()
        value = filler.forms.get(lowered, filler.forms.get(form, filler.en))
        return value[0].upper() + value[1:] if form[0].isupper() else value

    filled = SLOT.sub(text, pattern)
    return filled[0].upper() + filled[1:]


def _agree(verb: str, subject: Filler) -> str:
    singular = subject.person is not None and subject.person.singular_third
    if verb == "be":
        return subject.forms["be"]
    return english.third(verb) if singular else verb


def _verb(filler: Filler, form: str | None, chosen: dict[str, Filler]) -> str:
    head, _, rest = filler.verb.partition(" ")
    subject = chosen.get("s")
    own = subject.forms["own"] if subject else "your"
    rest = (" " + rest if rest else "").replace("{poss}", own)
    if form in ("s", "s2"):
        return _agree(head, chosen[form]) + rest
    makers = {"ing": english.gerund, "past": english.past, "pp": english.participle}
    return (makers[form](head) if form in makers else head) + rest


def contracted(text: str) -> str:
    """Return the English as it is written in a target."""
    for long, short in CONTRACTIONS:
        text = text.replace(long, short)
    return text


def loosened(text: str, rng: random.Random) -> str:
    """Return the English as a person may type it."""
    inverted = text.startswith("Why")
    result = text if chance(rng, 0.25) and not inverted else contracted(text)
    if chance(rng, 0.5):
        for long, short in LOOSE:
            if result.startswith(long + " ") and " not " not in result[: len(long) + 5]:
                result = result.replace(long, short, 1)
    return result


@lru_cache(maxsize=1)
def synonyms() -> dict[str, list[tuple[str, str]]]:
    """Return what some people write for a word, by language."""
    return {
        language: [(entry.split("|")[0], entry.split("|")[1]) for entry in entries]
        for language, entries in sections("synonyms.txt").items()
    }


def reworded(text: str, rng: random.Random, *, chinese: bool) -> str:
    """Return a source with some of its words written another way; the meaning stays."""
    if not chance(rng, REWORDED):
        return text
    for word, other in synonyms()["zh" if chinese else "en"]:
        if word in text and chance(rng, 0.5):
            text = text.replace(word, other) if chinese else re.sub(rf"\b{word}\b", other, text)
    return text


@lru_cache(maxsize=1)
def phrases() -> list[Pair]:
    """Return fixed everyday sentences: ``zh = en``, alternatives on both sides."""
    found: list[Pair] = []
    for line in lines("phrases.txt"):
        zh, en = line.split(" = ")
        found.append(Pair(first_branch(zh), first_branch(en), zh, en, ""))
    return found


def phrase(rng: random.Random) -> Pair:
    """Return a fixed phrase with one branch drawn for each source."""
    chosen = rng.choice(phrases())
    return Pair(
        chosen.zh, chosen.en, expand(chosen.zh_source, rng), expand(chosen.en_source, rng), ""
    )
