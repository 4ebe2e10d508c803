"""English word forms for the translation grammar: verbs, plurals, articles, comparison, numbers.

Only what the lexicon needs; the irregular words are listed, the rest follows the spelling rules.
"""

VOWELS = "aeiou"

# base: past, participle
IRREGULAR = {
    "be": ("was", "been"), "eat": ("ate", "eaten"), "drink": ("drank", "drunk"),
    "buy": ("bought", "bought"), "sell": ("sold", "sold"), "make": ("made", "made"),
    "wear": ("wore", "worn"), "bring": ("brought", "brought"), "take": ("took", "taken"),
    "see": ("saw", "seen"), "draw": ("drew", "drawn"), "keep": ("kept", "kept"),
    "drive": ("drove", "driven"), "teach": ("taught", "taught"), "lose": ("lost", "lost"),
    "forget": ("forgot", "forgotten"), "write": ("wrote", "written"), "know": ("knew", "known"),
    "sleep": ("slept", "slept"), "get": ("got", "got"), "have": ("had", "had"),
    "read": ("read", "read"), "sing": ("sang", "sung"), "run": ("ran", "run"),
    "swim": ("swam", "swum"), "ride": ("rode", "ridden"), "go": ("went", "gone"),
    "send": ("sent", "sent"), "do": ("did", "done"), "catch": ("caught", "caught"),
    "speak": ("spoke", "spoken"), "pay": ("paid", "paid"), "stand": ("stood", "stood"),
    "meet": ("met", "met"), "give": ("gave", "given"), "let": ("let", "let"),
    "think": ("thought", "thought"), "say": ("said", "said"), "come": ("came", "come"),
    "find": ("found", "found"), "begin": ("began", "begun"), "tell": ("told", "told"),
    "choose": ("chose", "chosen"), "cut": ("cut", "cut"), "feed": ("fed", "fed"),
    "hide": ("hid", "hidden"), "throw": ("threw", "thrown"), "fly": ("flew", "flown"),
    "lie": ("lied", "lied"), "leave": ("left", "left"), "rent": ("rented", "rented"),
    "put": ("put", "put"), "become": ("became", "become"),
}  # fmt: skip
DOUBLING = {
    "get",
    "cut",
    "run",
    "swim",
    "chat",
    "put",
    "let",
    "shop",
    "stop",
    "plan",
    "forget",
    "begin",
}
LONGEST_SHORT = 6
NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
TENS = ["_", "_", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def third(verb: str) -> str:
    """He ...s."""
    if verb == "have":
        return "has"
    if verb.endswith(("s", "x", "ch", "sh", "o")):
        return verb + "es"
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return verb[:-1] + "ies"
    return verb + "s"


def gerund(verb: str) -> str:
    """...ing."""
    if verb in DOUBLING:
        return verb + verb[-1] + "ing"
    if verb == "lie":
        return "lying"
    if verb.endswith("e") and not verb.endswith(("ee", "be")):
        return verb[:-1] + "ing"
    return verb + "ing"


def past(verb: str) -> str:
    """Return the simple past."""
    if verb in IRREGULAR:
        return IRREGULAR[verb][0]
    if verb.endswith("e"):
        return verb + "d"
    if verb.endswith("y") and verb[-2] not in VOWELS:
        return verb[:-1] + "ied"
    return (verb + verb[-1] if verb in DOUBLING else verb) + "ed"


def participle(verb: str) -> str:
    """Return the past participle."""
    return IRREGULAR[verb][1] if verb in IRREGULAR else past(verb)


def plural(noun: str) -> str:
    """Return the plural."""
    if noun.endswith(("s", "x", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in VOWELS:
        return noun[:-1] + "ies"
    return noun + "s"


def article(phrase: str) -> str:
    """Return `a` or `an`, by the first sound."""
    lowered = phrase.lower()
    if lowered.startswith(("hour", "honest")):
        return "an"
    if lowered.startswith(("uni", "use", "eu", "one")):
        return "a"
    return "an" if lowered[0] in VOWELS else "a"


def compared(adjective: str, ending: str) -> str:
    """Return the comparative (`er`) or superlative (`est`) of an adjective."""
    known = {"good": ("better", "best"), "far": ("farther", "farthest")}
    if adjective in known:
        return known[adjective][ending == "est"]
    long = len(adjective) > LONGEST_SHORT or adjective in LONG
    if long and not adjective.endswith("y"):
        return ("more " if ending == "er" else "most ") + adjective
    if adjective in ("big", "fat", "thin", "hot", "sad", "red"):
        return adjective + adjective[-1] + ending
    if adjective.endswith("y"):
        return adjective[:-1] + "i" + ending
    return adjective + (ending[1:] if adjective.endswith("e") else ending)


LONG = {"useful", "afraid", "bored", "tired", "polite", "honest", "famous", "modern", "serious"}


def number(value: int) -> str:
    """English words for 0..99."""
    if value < len(NUMBERS):
        return NUMBERS[value]
    tens, rest = divmod(value, 10)
    return TENS[tens] + (f"-{NUMBERS[rest]}" if rest else "")


def chinese_number(value: int) -> str:
    """Chinese numerals for 0..99."""
    digits = "零一二三四五六七八九"
    if value < len(digits):
        return digits[value]
    tens, rest = divmod(value, 10)
    return (digits[tens] if tens > 1 else "") + "十" + (digits[rest] if rest else "")


def chinese_count(value: int) -> str:
    """Chinese numerals before a measure word: 两 instead of 二."""
    return "两" if chinese_number(value) == "二" else chinese_number(value)
