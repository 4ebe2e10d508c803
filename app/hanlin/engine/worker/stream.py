"""From pieces of text to typed pieces of an answer: thoughts, text, calls, and where it stops.

A tag or stop text that is split over pieces is held back until it is whole or
impossible. Pure logic: no tokens, no processes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from hanlin.domain.conversation import PartKind
from hanlin.engine.worker import calls

Piece = tuple[PartKind, str]


@dataclass(frozen=True, slots=True)
class Tag:
    """How a family of models begins and ends a thought."""

    opener: str
    closer: str


TAGS: Final = (
    Tag("<think>", "</think>"),
    Tag("<think:opensource>", "</think:opensource>"),
    Tag("<seed:think>", "</seed:think>"),
    Tag("◁think▷", "◁/think▷"),
    Tag("<|START_THINKING|>", "<|END_THINKING|>"),
    Tag("[THINK]", "[/THINK]"),
    Tag("<mm:think>", "</mm:think>"),
    Tag("<|channel>thought\n", "<channel|>"),
    Tag("<|channel|>analysis<|message|>", "<|end|>"),
)
_HEADS: Final = (
    "<|start|>assistant",
    "<|start|>assistant ",
    "<|channel|>final<|message|>",
    "<|channel|>commentary ",
    "<|channel|>commentary<|message|>",
)
"""What gpt-oss writes over each part of an answer; nobody wants to read it."""
_SPELLINGS: Final = {spelling.opener: spelling for spelling in calls.SPELLINGS}
_OPENERS: Final = tuple(_SPELLINGS)
_OPENER: Final = re.compile("|".join(map(re.escape, sorted(_OPENERS, key=len, reverse=True))))


def open_thought(tail: str) -> Tag | None:
    """Return the tag of the thought that ``tail``, the end of a prompt, leaves open."""
    opened = max(TAGS, key=lambda tag: tail.rfind(tag.opener))
    start = tail.rfind(opened.opener)
    return opened if start >= 0 and opened.closer not in tail[start:] else None


class AnswerParser:
    """Splits one answer. ``thought`` is the tag of a thought that the prompt began.

    Only the beginning of an answer may open a thought; a tag in the middle is text,
    because people ask about tags. ``with_calls``: tools were offered, so their calls are told
    as such. ``plain``: all of it is text, from its first character on.
    """

    def __init__(
        self,
        thought: Tag | None,
        stop: Sequence[str] = (),
        *,
        with_calls: bool = False,
        plain: bool = False,
    ) -> None:
        self._stops = tuple(filter(None, stop))
        self._unstopped = ""
        self._held = ""
        self.thought = thought
        """The tag of the thought that is open now, None outside."""
        self._beginning = self._head = thought is None and not plain
        self._skip_newlines = not plain
        self._calls = with_calls
        self._plain = False
        """Whether all that follows is text, and nothing is looked for in it."""
        self.stopped = False
        """Whether a stop text was found; everything after it is dropped."""
        self.stops = bool(self._stops)
        """Whether a stop text may be found."""
        self.settled = False
        """Whether nothing to come changes ``thought`` or ``stopped`` any more."""

    def feed(self, text: str) -> list[Piece]:
        """Return what is certain after ``text``."""
        if self.stopped or not text:
            return []
        if self._plain:
            return [(PartKind.TEXT, text)]
        if self._plain_thought(text):
            return [(PartKind.THINKING, text)]
        pieces = list(self._parse(self._before_stop(text), last=False))
        self.settled = not (self._beginning or self.stops or self.thought is not None)
        return pieces

    def _plain_thought(self, text: str) -> bool:
        """Return whether ``text`` is more of a thought, and none of it has to wait."""
        if self._held or self._skip_newlines or self._beginning or self._stops:
            return False
        tag = self.thought
        return tag is not None and tag.closer[0] not in text and not text[-1].isspace()

    def end(self) -> list[Piece]:
        """Return what was held back; the answer is over."""
        rest, self._unstopped = self._unstopped, ""
        return list(self._parse("" if self.stopped else rest, last=True))

    def _before_stop(self, text: str) -> str:
        if not self._stops:
            return text
        text = self._unstopped + text
        found = [at for at in (text.find(stop) for stop in self._stops) if at >= 0]
        if found:
            self.stopped, self._unstopped = True, ""
            return text[: min(found)]
        certain = len(text) - _held_length(text, self._stops)
        self._unstopped = text[certain:]
        return text[:certain]

    def _parse(self, text: str, *, last: bool) -> Iterator[Piece]:
        self._held += text
        if self._beginning and not self._decide_beginning(last=last):
            return
        if self.thought is not None:
            yield from self._think(self.thought, last=last)
        if self.thought is None and (not self._head or self._drop_heads(last=last)):
            if self._calls:
                yield from self._call(last=last)
            else:
                yield from self._emit(PartKind.TEXT, len(self._held))
                self._plain = not (self._held or self._skip_newlines or self._stops)

    def _call(self, *, last: bool) -> Iterator[Piece]:
        """Tell text and whole calls; what only looks like a call is text."""
        while found := _OPENER.search(self._held):
            yield from self._emit(PartKind.TEXT, found.start())
            spelling = _SPELLINGS[found[0]]
            start = len(spelling.opener)
            end = self._held.find(spelling.closer, start) if spelling.closer else -1
            length = end + len(spelling.closer)
            if end < 0:
                if not last:
                    return
                end = length = len(self._held)
                if not spelling.to_the_end:
                    yield from self._emit(PartKind.TEXT, length)
                    return
            called = calls.read_calls(self._held[start:end], spelling)
            if not called:
                yield from self._emit(PartKind.TEXT, length)
                continue
            self._held, self._skip_newlines = self._held[length:], True
            for call in called:
                yield PartKind.TOOL_CALL, call
        held = 0 if last else _held_length(self._held, _OPENERS)
        yield from self._emit(PartKind.TEXT, len(self._held) - held)

    def _drop_heads(self, *, last: bool) -> bool:
        """Leave out what stands over the text; False while that may still go on."""
        while True:
            longer = any(h.startswith(self._held) and h != self._held for h in _HEADS)
            if self._held and longer and not last:
                return False
            head = max((h for h in _HEADS if self._held.startswith(h)), key=len, default="")
            if not head:
                self._head = not self._held
                return bool(self._held)
            self._held = self._held[len(head) :]

    def _decide_beginning(self, *, last: bool) -> bool:
        """Find out whether the answer begins with a thought; False while that is open."""
        start = self._held.lstrip()
        for tag in TAGS:
            if start.startswith(tag.opener):
                self._held = start[len(tag.opener) :]
                self.thought, self._beginning = tag, False
                return True
        if not last and any(tag.opener.startswith(start) for tag in TAGS):
            return False
        self._beginning = False
        return True

    def _think(self, tag: Tag, *, last: bool) -> Iterator[Piece]:
        thought, closer, rest = self._held.partition(tag.closer)
        if closer:
            thought = thought.rstrip()
            self._held = thought + rest
            yield from self._emit(PartKind.THINKING, len(thought))
            self.thought, self._skip_newlines, self._head = None, True, True
            return
        if last:
            certain = len(thought.rstrip())
        else:
            certain = len(thought) - _held_length(thought, (tag.closer,))
            certain = len(thought[:certain].rstrip())
        yield from self._emit(PartKind.THINKING, certain)

    def _emit(self, kind: PartKind, length: int) -> Iterator[Piece]:
        text, self._held = self._held[:length], self._held[length:]
        if self._skip_newlines:
            text = text.lstrip("\n")
        if text:
            self._skip_newlines = False
            yield kind, text


def _held_length(text: str, words: Sequence[str]) -> int:
    """Return how many characters at the end of ``text`` may begin one of ``words``."""
    longest = max(map(len, words)) - 1
    firsts = {word[0] for word in words}
    for length in range(min(longest, len(text)), 0, -1):
        end = text[-length:]
        if end[0] in firsts and any(word.startswith(end) for word in words):
            return length
    return 0
