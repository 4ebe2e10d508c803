"""How good translations are against references: chrF and BLEU, without numpy.

Both follow ``sacrebleu`` 2 (its defaults, one reference, whole corpus), with which a test
compares them; sacrebleu itself brings numpy and lxml.
"""

import math
import re
import string
from collections import Counter
from collections.abc import Sequence
from typing import Final

_CHRF_ORDER: Final = 6
_BETA: Final = 2
_BLEU_ORDER: Final = 4


def chrf(answers: Sequence[str], references: Sequence[str]) -> float:
    """Return chrF2 of a corpus, 0 to 100."""
    ours, theirs, common = ([0] * _CHRF_ORDER for _ in range(3))
    for answer, reference in zip(answers, references, strict=True):
        left, right = "".join(answer.split()), "".join(reference.split())
        for order in range(_CHRF_ORDER):
            grams, known = _grams(left, order + 1), _grams(right, order + 1)
            # An order that the reference is too short for says nothing.
            ours[order] += grams.total() if known else 0
            theirs[order] += known.total()
            common[order] += (grams & known).total()
    precision = recall = 0.0
    effective = 0
    for mine, other, hit in zip(ours, theirs, common, strict=True):
        if mine and other:
            precision += hit / mine
            recall += hit / other
            effective += 1
    if not precision:
        return 0.0
    precision, recall = precision / effective, recall / effective
    return 100 * (1 + _BETA**2) * precision * recall / (_BETA**2 * precision + recall)


def bleu(answers: Sequence[str], references: Sequence[str], *, chinese: bool) -> float:
    """Return BLEU-4 of a corpus, 0 to 100; ``chinese`` counts each character as a word."""
    split = _characters if chinese else _words
    right, total = [0] * _BLEU_ORDER, [0] * _BLEU_ORDER
    length = reference_length = 0
    for answer, reference in zip(answers, references, strict=True):
        mine, other = split(answer), split(reference)
        length += len(mine)
        reference_length += len(other)
        for order in range(_BLEU_ORDER):
            left = Counter(tuple(mine[i : i + order + 1]) for i in range(len(mine) - order))
            known = Counter(tuple(other[i : i + order + 1]) for i in range(len(other) - order))
            right[order] += (left & known).total()
            total[order] += left.total()
    if not right[0] or not all(total):
        return 0.0
    logs, halving = 0.0, 1.0
    for hit, number in zip(right, total, strict=True):
        if hit:
            logs += math.log(hit / number)
        else:  # exponential smoothing
            halving *= 2
            logs += math.log(1 / (halving * number))
    brevity = min(0.0, 1 - reference_length / length)
    return 100 * math.exp(brevity + logs / _BLEU_ORDER)


def _grams(text: str, size: int) -> Counter[str]:
    return Counter(text[i : i + size] for i in range(len(text) - size + 1))


_PUNCTUATION: Final = re.compile(r"([\{-\~\[-\` -\&\(-\+\:-\@\/])")
_RULES: Final = (
    (re.compile(r"([^0-9])([\.,])"), r"\1 \2 "),
    (re.compile(r"([\.,])([^0-9])"), r" \1 \2"),
    (re.compile(r"([0-9])(-)"), r"\1 \2 "),
)


def _words(text: str) -> list[str]:
    """Split as the evaluation script of the WMT campaigns (13a) does."""
    text = text.replace("<skipped>", "").replace("-\n", "").replace("\n", " ")
    for entity, letter in (("&quot;", '"'), ("&amp;", "&"), ("&lt;", "<"), ("&gt;", ">")):
        text = text.replace(entity, letter)
    text = _PUNCTUATION.sub(r" \1 ", f" {text} ")
    for pattern, replacement in _RULES:
        text = pattern.sub(replacement, text)
    return text.split()


def _characters(text: str) -> list[str]:
    """Split Chinese into characters and the rest into words."""
    spaced = "".join(
        f" {letter} " if ord(letter) > _FIRST_WIDE or letter in string.punctuation else letter
        for letter in text.strip()
    )
    return _words(spaced)


_FIRST_WIDE: Final = 0x2E7F
