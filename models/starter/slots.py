"""Fillers for the pattern slots: one function per kind of slot, each picking a word or a phrase.

A filler knows its Chinese text, its English text, the content word that counts for the held-out
rule, and its forms. How patterns are read is `translation`'s business.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field

from starter import english
from starter.grammar import chance
from starter.lexicon import SURFACES, Person, Verb, Word, lexicon

PRONOUNS = {"I": "me", "he": "him", "she": "her", "we": "us", "they": "them"}
MINE = {"I": "mine", "you": "yours", "he": "his", "she": "hers", "we": "ours", "they": "theirs"}
OWN = {"1": "my", "2": "your", "3m": "his", "3f": "her", "3n": "its", "p1": "our", "p": "their"}
OWN_ZH = {"1": "我", "2": "你", "3m": "他", "3f": "她", "3n": "它", "p1": "我们", "p": "他们"}
LANGUAGES = (
    ("中文", "Chinese"), ("英语", "English"), ("法语", "French"), ("日语", "Japanese"),
    ("德语", "German"), ("韩语", "Korean"), ("西班牙语", "Spanish"), ("俄语", "Russian"),
)  # fmt: skip
TOPICS = (
    ("这个问题", "this question"), ("这本书", "this book"), ("学中文", "learning Chinese"),
    ("学英语", "learning English"), ("这个故事", "this story"), ("这部电影", "this movie"),
    ("数学", "math"), ("他的工作", "his job"), ("我的工作", "my job"), ("这个游戏", "this game"),
    ("做饭", "cooking"), ("这次考试", "this exam"), ("你的答案", "your answer"),
    ("这个计划", "this plan"), ("生活", "life"), ("历史", "history"), ("这首歌", "this song"),
    ("中文", "Chinese"), ("你的主意", "your idea"), ("这次会议", "this meeting"),
)  # fmt: skip
FAVOURITES = {
    "颜色": ("color", (("红色", "red"), ("蓝色", "blue"), ("绿色", "green"), ("黑色", "black"))),
    "水果": ("fruit", (("苹果", "apples"), ("香蕉", "bananas"), ("葡萄", "grapes"))),
    "运动": ("sport", (("篮球", "basketball"), ("足球", "football"), ("网球", "tennis"))),
    "动物": ("animal", (("猫", "cats"), ("狗", "dogs"), ("熊猫", "pandas"))),
    "饮料": ("drink", (("咖啡", "coffee"), ("绿茶", "green tea"), ("牛奶", "milk"))),
    "季节": ("season", (("春天", "spring"), ("夏天", "summer"), ("秋天", "autumn"))),
}

FLOORS = (
    ("一楼", "the first floor"), ("二楼", "the second floor"), ("三楼", "the third floor"),
    ("四楼", "the fourth floor"), ("五楼", "the fifth floor"), ("六楼", "the sixth floor"),
    ("七楼", "the seventh floor"), ("八楼", "the eighth floor"), ("十楼", "the tenth floor"),
)  # fmt: skip
ROOMS = (
    ("教室", "classroom"), ("卧室", "bedroom"), ("公寓", "apartment"), ("房间", "room"),
    ("会议室", "meeting room"), ("厨房", "kitchen"), ("商店", "shop"), ("咖啡馆", "café"),
)  # fmt: skip
IN_PAIRS = ("鞋子", "袜子", "手套", "靴子")


ANIMAL_LOOKS = [
    Word("可爱", "cute"), Word("大", "big"), Word("小", "small"), Word("聪明", "clever"),
    Word("危险", "dangerous"), Word("漂亮", "beautiful"), Word("饿", "hungry"), Word("胖", "fat"),
]  # fmt: skip


@dataclass(frozen=True)
class Filler:
    """What stands in one slot; `key` is empty for words that do not count as content."""

    zh: str
    en: str
    key: str = ""
    forms: dict[str, str] = field(default_factory=dict)
    zh_forms: dict[str, str] = field(default_factory=dict)
    person: Person | None = None
    verb: str = ""


def of_word(word: Word) -> Filler:
    """Return a word as it stands."""
    zh_forms = {"mw": word.forms["mw"]} if "mw" in word.forms else {}
    return Filler(word.zh, word.en, word.zh, word.forms, zh_forms)


def nouns(*titles: str) -> list[Word]:
    """Return the nouns of some sections."""
    return [word for title in titles for word in lexicon().nouns[title]]


def countable(words: list[Word]) -> list[Word]:
    """Those with a plural."""
    return [word for word in words if not word.forms["mass"]]


def person(rng: random.Random) -> Filler:
    """Return a subject."""
    people, weights = zip(*lexicon().people, strict=True)
    chosen: Person = rng.choices(people, weights)[0]
    own = OWN[chosen.agreement]
    pronoun = chosen.agreement in ("1", "2") or chosen.en in (*PRONOUNS, "it")
    poss = own if pronoun else f"{chosen.en}'" if chosen.en.endswith("s") else f"{chosen.en}'s"
    third, first = chosen.singular_third, chosen.agreement == "1"
    be = "is" if third else "am" if first else "are"
    do = "does" if third else "do"
    forms = {
        "be": be, "was": "was" if third or first else "were", "have": "has" if third else "have",
        "do": do, "dont": f"{do} not", "poss": poss, "own": own,
        "obj": PRONOUNS.get(chosen.en, chosen.en), "mine": MINE.get(chosen.en, poss),
    }  # fmt: skip
    zh_forms = {"p": chosen.zh, "pp": OWN_ZH[chosen.agreement]}
    return Filler(chosen.zh, chosen.en, "", forms, zh_forms, person=chosen)


def counted(rng: random.Random) -> Filler:
    """Return a number before a measure word."""
    value = rng.choice((2, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12))
    zh = english.chinese_count(value)
    return Filler(zh, english.number(value))


def digits(rng: random.Random) -> Filler:
    """Return a number in digits."""
    value = str(rng.randint(2, 99))
    return Filler(value, value)


def clock(rng: random.Random) -> Filler:
    """Return an hour or half an hour."""
    hour, half = rng.randint(1, 12), chance(rng, 0.35)
    zh = english.chinese_count(hour) + ("点半" if half else "点")
    name = english.number(hour)
    return Filler(zh, f"half past {name}" if half else f"{name} o'clock")


def date(rng: random.Random) -> Filler:
    """Return a day of the year."""
    month, day = rng.randint(1, 12), rng.randint(1, 28)
    return Filler(f"{month}月{day}日", f"{lexicon().times['month'][month - 1].en} {day}")


def verb_phrase(rng: random.Random) -> Filler:
    """Return a verb with its object; its English head is inflected later, for the subject."""
    verbs = lexicon().verbs
    chosen: Verb = rng.choice(verbs)
    if not chosen.objects:
        forms = {"le": f"{chosen.zh}了", "ger": chosen.zh}
        return Filler(chosen.zh, chosen.en, chosen.zh, zh_forms=forms, verb=chosen.en)
    fixed = {text for verb in verbs if not verb.objects for text in (verb.zh, verb.en)}
    while True:
        word = rng.choice(nouns(rng.choice(chosen.objects)))
        zh, en = object_phrase(word, rng)
        text = f"{chosen.en} {en}"
        # "写信" is "write a letter" once and for all, not also "write letters".
        if chosen.zh + zh not in fixed and text not in fixed:
            break
    forms = {"le": f"{chosen.zh}了{zh}", "ger": f"{chosen.zh}{zh}"}
    return Filler(chosen.zh + zh, text, f"{chosen.zh}+{word.zh}", zh_forms=forms, verb=text)


def object_phrase(word: Word, rng: random.Random) -> tuple[str, str]:
    """Return a noun as an object, in both languages: bare, one, several, this or that one."""
    mass, measure = word.forms["mass"], word.forms["mw"]
    style = rng.choices(("bare", "one", "several", "这", "那"), (30, 35, 13, 12, 10))[0]
    if style == "bare" or (mass and word.forms["one"] == word.en):
        return word.zh, word.forms["bare"]
    if style == "one":
        return f"一{measure}{word.zh}", word.forms["a"]
    if style == "several" or mass:
        number = counted(rng)
        return f"{number.zh}{measure}{word.zh}", f"{number.en} {word.forms['many']}"
    return f"{style}{measure}{word.zh}", f"{'this' if style == '这' else 'that'} {word.en}"


def portion(rng: random.Random) -> Filler:
    """Return a food or drink that can be ordered by the piece, cup, bowl."""
    words = [w for w in nouns("food", "drink") if not w.forms["mass"] or w.forms["one"] != w.en]
    return of_word(rng.choice(words))


def job(rng: random.Random) -> Filler:
    """Return a job."""
    return of_word(rng.choice(nouns("job")))


def abstract(rng: random.Random) -> Filler:
    """Return an adjective and what it is said of."""
    (zh, en), adjective = rng.choice(TOPICS), rng.choice(lexicon().adjectives["abstract"])
    return Filler(adjective.zh, adjective.en, zh + adjective.zh, {"en": en}, {"zh": zh})


def favourite(rng: random.Random) -> Filler:
    """Return a favourite thing and its kind."""
    kind = rng.choice(list(FAVOURITES))
    name, choices = FAVOURITES[kind]
    zh, en = rng.choice(choices)
    return Filler(zh, en, zh, {"en": name}, {"zh": kind})


def pair(choices: tuple[tuple[str, str], ...]) -> Callable[[random.Random], Filler]:
    """Return a filler for a small list."""

    def pick(rng: random.Random) -> Filler:
        zh, en = rng.choice(choices)
        return Filler(zh, en, zh)

    return pick


def among(words: list[Word], *, counts: bool = True) -> Callable[[random.Random], Filler]:
    """Return a filler for a list of words."""

    def pick(rng: random.Random) -> Filler:
        found = of_word(rng.choice(words))
        return found if counts else Filler(found.zh, found.en, "", found.forms, found.zh_forms)

    return pick


def build() -> dict[str, Callable[[random.Random], Filler]]:
    """Every slot name of `patterns.txt` with its filler."""
    words = lexicon()
    named = [word for word in words.places if word.en.startswith("the ")]
    cities = [w for w in words.places if w.en[0].isupper() or "the United" in w.en]
    shops = [word for word in named if word not in cities]
    things = countable(nouns("thing", "clothes"))
    anything = nouns("food", "drink", "animal", "thing", "clothes")
    pools = {
        "n": things, "x": [w for w in nouns("thing") if w.zh in SURFACES],
        "m": anything + nouns("subject"), "f": nouns("food", "drink"), "veh": nouns("vehicle"),
        "sub": nouns("subject"), "bd": [w for w in nouns("body") if not w.forms["mass"]],
        "dr": nouns("drink"), "p": words.places, "pl": shops, "city": cities,
        "a": words.adjectives["thing"], "ap": words.adjectives["place"],
        "aq": words.adjectives["person"], "af": words.adjectives["food"],
        "aw": words.adjectives["weather"], "ad": words.adjectives["abstract"],
        "i": nouns("idea"), "animal": nouns("animal"), "aan": ANIMAL_LOOKS,
        "c": words.adjectives["colour"],
    }  # fmt: skip
    small = {
        "th": "habit", "tp": "past", "tf": "future", "fr": "frequency", "wk": "weekday",
        "mo": "month", "wt": "now",
    }  # fmt: skip
    found = {name: among(pool) for name, pool in pools.items()}
    found |= {name: among(words.times[title], counts=False) for name, title in small.items()}
    return found | {
        "s": person, "v": verb_phrase, "k": counted, "age": digits, "clock": clock, "date": date,
        "j": job, "ab": abstract, "hob": favourite, "lang": pair(LANGUAGES),
        "portion": portion, "rd": among(countable(nouns("reading"))), "flr": pair(FLOORS),
        "rm": pair(ROOMS), "pr": among([w for w in nouns("clothes") if w.zh in IN_PAIRS]),
    }  # fmt: skip
