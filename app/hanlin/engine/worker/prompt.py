"""From segments to tokens, with what was written before in the tokens it was written with.

A model's own words can be spelled in other tokens than it chose; read anew they would
cost their evaluation again. Which tokens are kept in memory is not known here.
"""

import bisect
import itertools
from array import array
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from hanlin.domain.prompt import Segment
from hanlin.engine.protocol import Code
from hanlin.engine.worker.model import Model, RefusedError
from hanlin.engine.worker.senses import Senses
from hanlin.engine.worker.shelf import NEAR

_T = TypeVar("_T")

_BEFORE_QUESTION: Final = 4
"""Tokens of the template that may change with the question's first characters."""
_MOST_ANSWERS: Final = 512
_MOST_CUT: Final = 16


@dataclass(frozen=True, slots=True)
class PromptTokens:
    """A prompt's tokens. ``turns``: where another question and another answer would begin."""

    tokens: list[int]
    turns: tuple[int, ...]
    begun: str = ""
    """What the answer has already, where it is gone on with, and its tokens."""
    begun_tokens: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class _Answer:
    tokens: list[int]
    anew: int = 0
    """How many of the last tokens were not written, but spelled."""


class Written:
    """The tokens of the last answers, found again by their text.

    ``piece`` returns a token's bytes, ``spell`` the tokens of a text without control tokens.
    """

    def __init__(self, piece: Callable[[int], bytes], spell: Callable[[str], list[int]]) -> None:
        self._piece = piece
        self._spell = spell
        self._answers: OrderedDict[str, _Answer] = OrderedDict()
        self._cut: OrderedDict[str, list[int]] = OrderedDict()
        """Of which a reader may have got less. Every other text is compared with them."""

    def remember(self, text: str, tokens: Sequence[int], *, cut: bool = False) -> None:
        """Note that the last of ``tokens`` made ``text``; in vain when they do not.

        White space around the text is the template's, as everywhere. ``cut``: it is not at its
        end. Its reader need not have got all of it, and it may be gone on with as it stands.
        """
        data = b"".join(map(self._piece, tokens))
        for form in dict.fromkeys((text.strip(), text) if cut else (text.strip(),)):
            start = data.rfind(form.encode())
            if form and start >= 0:
                self._keep(form, tokens, start)
        if cut and text in self._answers:
            _put(self._cut, text, self._answers[text].tokens, _MOST_CUT)

    def within(self, tokens: Sequence[int]) -> dict[str, list[int]]:
        """Return the answers that stand somewhere in ``tokens`` as they were written."""
        whole = array("i", tokens).tobytes()
        return {
            text: answer.tokens
            for text, answer in self._answers.items()
            if _in(answer.tokens[: len(answer.tokens) - answer.anew], whole)
        }

    def update(self, answers: Mapping[str, Sequence[int]]) -> None:
        """Take over answers that :meth:`within` gave."""
        self._answers.update({text: _Answer(list(tokens)) for text, tokens in answers.items()})

    def tokens_of(self, text: str) -> list[int] | None:
        """Return the tokens that ``text`` was written with, None when it is none of ours."""
        if text and text not in self._answers:
            self._remember_beginning(text)
        answer = self._answers.get(text)
        return answer.tokens if answer else None

    def _remember_beginning(self, text: str) -> None:
        """Remember ``text`` if it can be all that a reader got of an answer that was cut."""
        for whole, tokens in reversed(self._cut.items()):
            if whole.startswith(text):
                self._keep(text, tokens, 0)
                return

    def _keep(self, text: str, tokens: Sequence[int], start: int) -> None:
        """Remember ``text``, which begins ``start`` bytes behind the beginning of ``tokens``.

        One token can begin with its last letters and end with others: those are spelled anew.
        """
        wanted = text.encode()
        ends = [0, *itertools.accumulate(len(self._piece(token)) for token in tokens)]
        if start not in ends:
            return
        first = len(ends) - 1 - ends[::-1].index(start)
        end = start + len(wanted)
        last = ends.index(end) if end in ends else bisect.bisect(ends, end) - 1
        try:
            rest = wanted[ends[last] - start :].decode()
        except UnicodeDecodeError:  # the token before it has the rest of a letter
            return
        anew = self._spell(rest) if rest else []
        _put(self._answers, text, _Answer([*tokens[first:last], *anew], len(anew)), _MOST_ANSWERS)


def _put(kept: OrderedDict[str, _T], text: str, what: _T, most: int) -> None:
    """Keep ``what`` as the newest, and no more than ``most``."""
    kept[text] = what
    kept.move_to_end(text)
    if len(kept) > most:
        kept.popitem(last=False)


def _in(tokens: Sequence[int], whole: bytes) -> bool:
    wanted = array("i", tokens)
    if not wanted:
        return False
    start = whole.find(wanted.tobytes())
    while start >= 0 and start % wanted.itemsize:  # in the middle of a token
        start = whole.find(wanted.tobytes(), start + 1)
    return start >= 0


def tokenise(
    model: Model, segments: Sequence[Segment], written: Written, senses: Senses | None = None
) -> PromptTokens:
    """Return the prompt's tokens. Only template text can contain control tokens.

    Raises RefusedError for what was not shown.
    """
    tokens: list[int] = []
    begun: tuple[str, Sequence[int]] = ("", ())
    question = end = 0
    shown: int | None = None
    for segment in segments:
        if segment.media:
            if senses is None:
                raise RefusedError(Code.MEDIUM, "senses")
            shown = len(tokens) if shown is None else shown
            tokens += senses.tokens_of(segment.media)
            begun = ("", ())
            continue
        known = None if segment.control else written.tokens_of(segment.text)
        if known is None:
            known = model.tokenise(segment.text, control=segment.control)
        if not segment.control:
            # A question begins with the pictures that stand before it.
            question = len(tokens) if shown is None else shown
            end = len(tokens) + len(known)
        shown = None
        tokens += known
        begun = ("", ()) if segment.control else (segment.text, known)
    if shown is not None:  # of a question that is not written yet
        question = shown
    first = model.first_token
    if first is not None and tokens[:1] != [first]:
        tokens.insert(0, first)
        question, end = question + 1, end + 1
    # The template's words before an answer differ with its thoughts: go back a little.
    turns = (question - _BEFORE_QUESTION, max(end, len(tokens) - NEAR))
    return PromptTokens(tokens, turns, *begun)
