"""The words of the translation grammar, read from `data/`, each with its forms in both languages.

A word offers its Chinese and English text and named forms (`mw`, `pl`, `ing` ...) under the names
that the patterns use. Which words may stand together is decided in `translation`.
"""

from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache

from starter import english
from starter.grammar import lines, sections

MEASURED = {"杯": "glass", "碗": "bowl", "块": "piece", "份": "serving", "条": "piece"}
CUPS = {"tea", "coffee", "green tea", "black tea", "milk tea", "soy milk"}
SURFACES = ("桌子", "书桌", "椅子", "沙发", "床", "书包", "箱子", "盒子", "冰箱", "包")


@dataclass(frozen=True)
class Word:
    """One entry; `forms` are English unless a pattern's Chinese side asks for them."""

    zh: str
    en: str
    forms: dict[str, str] = field(default_factory=dict, hash=False, compare=False)


@dataclass(frozen=True)
class Person:
    """A subject: agreement is `1`, `2`, `3m`, `3f`, `3n`, `p1` (we) or `p`."""

    zh: str
    en: str
    agreement: str

    @property
    def plural(self) -> bool:
        """Whether it takes the plural verb."""
        return self.agreement.startswith("p")

    @property
    def singular_third(self) -> bool:
        """Whether it takes the -s form."""
        return self.agreement.startswith("3")


@dataclass(frozen=True)
class Verb:
    """A verb phrase; `objects` names noun sections when it takes an object."""

    zh: str
    en: str
    objects: tuple[str, ...] = ()


def noun(entry: str) -> Word:
    """Return a noun line: zh en measure-word [plural|~]."""
    zh, en, measure, *rest = entry.split()
    en = en.replace("_", " ")
    mass = rest == ["~"]
    many = en if mass else (rest[0].replace("_", " ") if rest else english.plural(en))
    plural_only = mass and en.endswith("s") and not en.endswith("ss")
    container = "cup" if en in CUPS else MEASURED.get(measure, "")
    one = f"{container} of {en}" if mass and container else en
    forms = {"mw": measure, "pl": many, "bare": many, "the": f"the {en}", "any": f"any {many}"}
    forms["a"] = f"{english.article(one)} {one}" if not mass or container else f"some {en}"
    forms["one"] = one
    forms["are"] = "is" if mass and not plural_only else "are"
    forms["is"] = "are" if plural_only else "is"
    forms["mass"] = "1" if mass else ""
    forms["many"] = f"{english.plural(container)} of {en}" if mass and container else many
    return Word(zh, en, forms)


def simple(entry: str) -> Word:
    """Return a line with two texts and no forms."""
    zh, en = entry.split("|")[:2]
    return Word(zh, en)


def place(entry: str) -> Word:
    """Return a place line."""
    zh, en, at, to = entry.split("|")
    bare = en.removeprefix("the ")
    return Word(zh, en, {"at": at, "to": to, "a": f"{english.article(bare)} {bare}"})


def adjective(entry: str) -> Word:
    """Return an adjective line."""
    zh, en = entry.split("|")
    return Word(zh, en, {form: english.compared(en, form) for form in ("er", "est")})


@dataclass(frozen=True)
class Lexicon:
    """All words by section."""

    nouns: dict[str, list[Word]]
    places: list[Word]
    people: list[tuple[Person, int]]
    verbs: list[Verb]
    adjectives: dict[str, list[Word]]
    times: dict[str, list[Word]]


@lru_cache(maxsize=1)
def lexicon() -> Lexicon:
    """Read once; every caller shares it."""
    people: list[tuple[Person, int]] = []
    for entry in lines("people.txt"):
        zh, en, agreement, weight = entry.split("|")
        people.append((Person(zh, en, agreement), int(weight)))
    verbs: list[Verb] = []
    for entry in lines("verbs.txt"):
        zh, en, *objects = entry.split("|")
        verbs.append(Verb(zh, en, tuple(objects[0].split(",")) if objects else ()))
    return Lexicon(
        nouns={
            title: [noun(e) for e in entries] for title, entries in sections("nouns.txt").items()
        },
        places=[place(entry) for entry in lines("places.txt")],
        people=people,
        verbs=verbs,
        adjectives={
            title: [adjective(e) for e in entries]
            for title, entries in sections("adjectives.txt").items()
        },
        times={
            title: [simple(e) for e in entries] for title, entries in sections("times.txt").items()
        },
    )


@lru_cache(maxsize=1)
def unambiguous() -> list[tuple[str, str]]:
    """Return the words that mean one thing in both directions when they stand alone."""
    words = lexicon()
    pools: list[list[Word]] = [
        *words.nouns.values(),
        words.places,
        *words.adjectives.values(),
        *words.times.values(),
    ]
    known = {(word.zh, word.en) for pool in pools for word in pool}
    known |= {(verb.zh, verb.en.replace("{poss}", "my")) for verb in words.verbs}
    heard = Counter(text for pair in known for text in pair)
    return sorted(pair for pair in known if heard[pair[0]] == heard[pair[1]] == 1)
