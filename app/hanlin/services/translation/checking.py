"""Whether what a model wrote can be the translation that was asked for."""

import re
from typing import Final

from hanlin.domain.generation import StopReason
from hanlin.domain.languages import related
from hanlin.domain.translation import Direction, Problem
from hanlin.services.translation import detecting

_LONGER: Final = 8
"""A translation of more than so many times the source's characters is not one."""
_ALLOWANCE: Final = 80
_SURE: Final = 24
"""Characters from which the small words of a Latin language can be trusted."""
_REPEATED: Final = re.compile(r"(.{2,40}?)\1{7,}", re.DOTALL)
_REFUSALS: Final = (
    "这超出了我的能力，请换用一个真正的模型。",
    "This is beyond me; please switch to a real model.",
)
_FRAMES: Final = (("“", "”"), ('"', '"'), ("「", "」"), ("'", "'"), ("<target>", "</target>"))
_LEADS: Final = re.compile(
    r"\A(?:译文|翻译(?:结果)?|以下是(?:翻译|译文)[^：:\n]{0,12}|translation|here(?:'s| is) the "
    r"translation[^:\n]{0,20})\s*[：:]\s*",
    re.IGNORECASE,
)


def cleaned(answer: str, source: str) -> str:
    """Return ``answer`` without what models put around a translation against all orders."""
    text = answer.strip()
    if not _LEADS.match(source):
        text = _LEADS.sub("", text)
    for left, right in _FRAMES:
        if (
            text.startswith(left)
            and text.endswith(right)
            and len(text) > len(left) + len(right)
            and not source.strip().startswith(_OPENERS)
        ):
            text = text[len(left) : -len(right)].strip()
    return text


_OPENERS: Final = ("“", '"', "「", "'", "‘", "『", "«")


def problem(source: str, answer: str, direction: Direction, reason: StopReason) -> Problem | None:
    """Return what is wrong with ``answer``, None when nothing is."""
    if not answer.strip():
        return Problem.EMPTY
    if answer.strip().endswith(_REFUSALS):
        return Problem.REFUSED
    endless = reason in (StopReason.LIMIT, StopReason.CONTEXT)
    if endless or len(answer) > _LONGER * len(source) + _ALLOWANCE or _repeats(source, answer):
        return Problem.ENDLESS
    return None if _in_language(source, answer, direction) else Problem.LANGUAGE


def _repeats(source: str, answer: str) -> bool:
    return bool(_REPEATED.search(answer)) and not _REPEATED.search(source)


def _in_language(source: str, answer: str, direction: Direction) -> bool:
    if not detecting.fits(direction.target, answer):
        return False
    if related(direction.source, direction.target) or len(answer) < _SURE:
        return True
    # Both in Latin script: only a clear copy of the source's language is held against it.
    return not (answer.strip() == source.strip() and detecting.detect(answer) == direction.source)
