"""Requests as hurried people type them: short forms, other marks, a letter wrong, a word too many.

So that a wording need not be known to be understood. What is asked for is the other modules'
business; which wordings exist stands in `data/`.
"""

from random import Random

from starter.grammar import chance
from starter.inventing import pseudo_word
from starter.items import is_chinese
from starter.lexicon import unambiguous

PLACE = "\0"
"""Stands for a text that must stay as it is."""
SHORT_FORMS = (
    ("怎么样", "咋样"), ("怎么", "咋"), ("什么", "啥"), ("吗", "不"), ("吗", "么"), ("没有", "没"),
    ("知道", "晓得"), ("，", ","), ("，", " "), ("？", "?"), ("：", ":"), ("“", '"'), ("”", '"'),
    ("you", "u"), ("are", "r"), ("want to", "wanna"), ("please", "pls"), ("don't", "dont"),
    ("can't", "cant"), ("what's", "whats"), ("I'm", "im"), ("I ", "i "), ("doesn't", "doesnt"),
    ("going to", "gonna"), ("?", ""),
)  # fmt: skip


def hurried(text: str, rng: Random) -> str:
    """Return the text with some short forms, and sometimes without capitals."""
    for long, short in SHORT_FORMS:
        if long in text and chance(rng, 0.12):
            text = text.replace(long, short)
    return text.lower() if chance(rng, 0.06) else text


def disturbed(request: str, rng: Random) -> str:
    """Return the request with a word put in, or a letter left out or changed."""
    places = [at for at, mark in enumerate(request) if mark != PLACE]
    if not places:
        return request
    at = rng.choice(places)
    kind = rng.choice(("word", "invented", "letter", "gone"))
    if kind == "gone":
        return request[:at] + request[at + 1 :]
    if kind == "letter":
        return request[:at] + rng.choice(rng.choice(unambiguous())[0]) + request[at + 1 :]
    chinese = is_chinese(request)
    put = pseudo_word(rng, chinese=chinese)
    if kind == "word":
        put = rng.choice(unambiguous())[0 if chinese else 1]
    return f"{request[:at]}{put}{request[at:]}" if chinese else f"{put} {request}"
