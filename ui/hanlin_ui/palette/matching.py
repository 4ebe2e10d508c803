"""Finding a command by what is typed: letters in order, pinyin, or initials.

Pure functions: which commands there are is the palette's business.
"""

from hanlin.chinese import characters
from hanlin.store.words import fold

_BEGINS = 60
_INSIDE = 40


def score(query: str, text: str) -> int:
    """Return how well ``query`` fits ``text``, 0 for not at all; every word of it must fit."""
    folded = fold(text)
    spoken, initials = _spoken(folded)
    points = 0
    for word in fold(query).split():
        best = max(_letters(word, folded), _letters(word, spoken), _letters(word, initials))
        if not best:
            return 0
        points += best
    return points or 1


def _letters(word: str, text: str) -> int:
    """Return more for letters that stand together, most for the beginning of a word."""
    place = text.find(word)
    if place >= 0:
        begins = place == 0 or not text[place - 1].isalnum()
        return (_BEGINS if begins else _INSIDE) + len(word)
    at = -1
    for letter in word:
        at = text.find(letter, at + 1)
        if at < 0:
            return 0
    return len(word) if len(word) > 1 else 0


def _spoken(text: str) -> tuple[str, str]:
    """Return the text in pinyin without blanks, and its initials."""
    table = characters()
    han = "".join(one for one in text if one in table.readings)
    syllables = table.read(han) if han else []
    return "".join(syllables), "".join(one[0] for one in syllables)
