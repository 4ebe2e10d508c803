"""Words that no lexicon holds, for copying, and so that a strange word alone means nothing."""

from functools import lru_cache
from random import Random

from starter.grammar import chance
from starter.lexicon import lexicon

ONSETS = (
    *("b", "c", "d", "f", "g", "h", "j", "k", "l", "m", "n", "p", "r", "s", "t", "v", "w", "z"),
    *("br", "ch", "cr", "dr", "fl", "gr", "kl", "pl", "sh", "sl", "st", "th", "tr"),
)
CODAS = ("", "", "", "", "n", "r", "s", "l", "m", "t", "x", "nd", "rk")
# The 3755 characters of everyday Chinese (GB 2312, level 1), for words that no lexicon holds.
RARE = bytes(
    b for row in range(0xB0, 0xD8) for cell in range(0xA1, 0xFF) for b in (row, cell)
).decode("gb2312", "ignore")


@lru_cache(maxsize=1)
def common() -> str:
    """Return the characters of the lexicon, of which real names and terms mostly consist."""
    words = lexicon()
    texts = [word.zh for pool in words.nouns.values() for word in pool]
    texts += [word.zh for word in words.places] + [verb.zh for verb in words.verbs]
    return "".join(sorted({mark for text in texts for mark in text if mark in RARE}))


def pseudo_word(rng: Random, *, chinese: bool) -> str:
    """Return a word that no lexicon holds, so that an unknown topic alone is no reason to guess."""
    if chinese:
        pool = RARE if chance(rng, 0.4) else common()
        return "".join(rng.choice(pool) for _ in range(rng.randint(2, 4)))
    syllables = (
        rng.choice(ONSETS) + rng.choice("aeiou") + rng.choice(CODAS)
        for _ in range(rng.randint(2, 4))
    )
    return "".join(syllables)
