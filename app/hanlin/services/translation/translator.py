"""Sentences into another language: memory, terms, marks, the model, and the checks after it.

Blocks the thread it is called on. Where texts come from, and who waits for them, is the
business of the services above.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import KW_ONLY, dataclass, replace
from typing import Final, Protocol

from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.domain.glossary import Term, missing, occurring, places
from hanlin.domain.translation import (
    Direction,
    Origin,
    Problem,
    Sentence,
    Tone,
    Translation,
)
from hanlin.engine.messages import ContextFullError
from hanlin.services.translation import (
    checking,
    converting,
    headings,
    masking,
    mending,
    prompts,
    styles,
)
from hanlin.services.translation.assembling import assembled, is_spaced
from hanlin.services.translation.consistency import Consistency, together
from hanlin.services.translation.prompts import Family, Order
from hanlin.services.translation.remembering import Memory
from hanlin.services.translation.segmenting import sentences
from hanlin.services.writing import Written

_TOKENS_EACH: Final = 3
_TOKENS_MORE: Final = 64
_SPLIT_FROM: Final = 60
"""Characters; a sentence that does not fit and is shorter than this is given up."""
_BACKGROUND: Final = 3
"""How many sentences before a sentence go along."""
_CONTEXT_SHARE: Final = 4
"""A sentence may take so small a part of the context: the prompt and the answer take the rest."""


class Writer(Protocol):
    """What answers (``writing.EngineWriter``)."""

    def write(self, turns: Sequence[Turn], options: GenerationOptions) -> Written:
        """Return the answer to ``turns``."""
        ...


@dataclass(frozen=True, slots=True)
class Translating:
    """The model in use. ``context`` is its size in tokens, 0 when it is not known."""

    family: Family
    model: str
    advice: Sampling | None = None
    context: int = 0

    @property
    def longest(self) -> int:
        """How many characters a sentence may have before it is broken."""
        return max(120, self.context // _CONTEXT_SHARE) if self.context else 1_500


@dataclass(frozen=True, slots=True)
class Wish:
    """How a text is to be translated."""

    direction: Direction
    terms: tuple[Term, ...] = ()
    tone: Tone = Tone.DEFAULT
    remember: bool = True
    """Whether the memory is asked and told."""


@dataclass(frozen=True, slots=True)
class _Ask:
    """How a sentence and its parts are asked for in one attempt."""

    wish: Wish
    terms: tuple[Term, ...]
    background: str
    _: KW_ONLY
    again: bool
    variant: int


class Translator:
    """Translates with one model."""

    def __init__(self, writer: Writer, using: Translating, memory: Memory | None = None) -> None:
        self._writer = writer
        self._using = using
        self._memory = memory
        self._called: dict[str, str] = {}
        """What the model calls terms' sources; one translator has one direction."""

    @property
    def longest(self) -> int:
        """How many characters a sentence may have."""
        return self._using.longest

    def text(
        self, text: str, wish: Wish, before: Callable[[], object] = lambda: None
    ) -> Iterator[tuple[Sentence, Translation]]:
        """Yield the sentences of ``text`` with their translations, each as soon as it is there.

        ``before`` is called before each sentence: it may wait, or raise to end it all.
        Raises HanlinError when the model cannot be asked at all.
        """
        said: list[str] = []
        found = Consistency(wish.direction)
        for sentence in sentences(text, self._using.longest):
            before()
            background = " ".join(said[-_BACKGROUND:])
            suggested = found.suggestions(sentence.text)
            one = self.sentence(sentence.text, wish, background, suggested)
            yield sentence, one
            said.append(sentence.text)
            if not one.problems:
                found.learn(one.source, one.target)

    def sentence(
        self, text: str, wish: Wish, background: str = "", suggested: tuple[Term, ...] = ()
    ) -> Translation:
        """Return the translation of one sentence; what is wrong with it is in the result.

        ``suggested`` terms are asked for but not required.
        """
        masked = masking.mask(text)
        if masked.is_bare or wish.direction.source == wish.direction.target:
            return Translation(text, text, Origin.SAME, masked=len(masked.items))
        if converting.converts(wish.direction):
            target = converting.converted(text, wish.direction)
            return Translation(text, target, Origin.CONVERTED, masked=len(masked.items))
        terms = occurring(wish.terms, styles.bare(text).text)
        if (known := self._known(text, wish, terms)) is not None:
            return replace(known, terms=terms, masked=len(masked.items))
        result = self._best(text, wish, terms, background, suggested)
        result = replace(result, terms=terms, masked=len(masked.items))
        if self._memory is not None and wish.remember:
            result = replace(result, match=self._memory.similar(wish.direction, text))
            if not result.problems:
                self._memory.learn(
                    wish.direction, text, result.target, self._using.model, wish.tone
                )
        return result

    def alternatives(self, text: str, wish: Wish, number: int = 3) -> Iterator[Translation]:
        """Yield other translations of a sentence, each one different, at most ``number``."""
        seen: set[str] = set()
        terms = occurring(wish.terms, styles.bare(text).text)
        for variant in range(1, 2 * number + 1):
            result = self._attempt(text, wish, terms, "", variant=variant)
            if result.target not in seen and not set(result.problems) - {Problem.TERMS}:
                seen.add(result.target)
                yield replace(result, terms=terms)
            if len(seen) == number:
                return

    def _known(self, text: str, wish: Wish, terms: tuple[Term, ...]) -> Translation | None:
        if self._memory is None or not wish.remember:
            return None
        target = self._memory.exact(wish.direction, text, self._using.model, wish.tone)
        if target is None or missing(terms, styles.bare(target).text):
            return None  # a glossary that came later: translated anew
        return Translation(text, target, Origin.MEMORY)

    def _best(
        self,
        text: str,
        wish: Wish,
        terms: tuple[Term, ...],
        background: str,
        suggested: tuple[Term, ...],
    ) -> Translation:
        """Return the first attempt, or the corrected one where that is better."""
        first = self._attempt(text, wish, terms, background, suggested)
        if not first.problems or first.problems == (Problem.TOO_LONG,):
            return self._once(first, wish)
        asked = terms
        if first.missed and prompts.mixes_terms_up(self._using.family):
            asked = first.missed
        second = self._attempt(text, wish, asked, "", again=True, required=terms)
        best = min(first, second, key=lambda one: (_weight(one), len(one.missed)))
        return self._mended(replace(best, tries=first.tries + second.tries), wish)

    def _once(self, one: Translation, wish: Wish) -> Translation:
        """Return the translation without the terms, where a small model wrote one too often.

        It has put the term in the place of another word: 花园在花园里。 for the cat in the garden.
        """
        too_often = prompts.mixes_terms_up(self._using.family) and any(
            len(places(term.target, one.target)) > max(1, len(places(term.source, one.source)))
            for term in one.terms
        )
        if not too_often:
            return one
        plain = self._attempt(one.source, wish, (), "", required=one.terms)
        return one if plain.problems else replace(plain, tries=one.tries + plain.tries)

    def _mended(self, one: Translation, wish: Wish) -> Translation:
        """Put terms that were left out where the model wrote other words for them.

        Where it wrote none, they are put into what it writes when it is asked for no terms.
        """
        if not one.missed or set(one.problems) - _USABLE:
            return one
        best = mending.put_in(one, lambda term: self._own(term, wish))
        if best.missed:
            plain = self._attempt(one.source, wish, (), "", required=one.terms)
            best = replace(best, tries=best.tries + plain.tries)
            other = mending.put_in(plain, lambda term: self._own(term, wish))
            if len(other.missed) < len(best.missed) and not set(plain.problems) - _USABLE:
                best = replace(other, tries=best.tries)
        return best

    def _own(self, term: Term, wish: Wish) -> str:
        """Return what the model calls a term's source when it stands alone."""
        if term.source not in self._called:
            answer, _fault = self._ask(term.source, _Ask(wish, (), "", again=False, variant=0))
            self._called[term.source] = answer
        return self._called[term.source]

    def _attempt(
        self,
        text: str,
        wish: Wish,
        terms: tuple[Term, ...],
        background: str,
        suggested: tuple[Term, ...] = (),
        *,
        required: tuple[Term, ...] | None = None,
        again: bool = False,
        variant: int = 0,
    ) -> Translation:
        """Ask once (with marks that do not come back: once more for each piece), and check.

        ``terms`` are asked for; ``required``, if other, are those that must be met.
        """
        required = terms if required is None else required
        if not prompts.takes_background(self._using.family):
            suggested = ()
        ask = _Ask(wish, together(terms, suggested), background, again=again, variant=variant)
        try:
            target, fault, tries = self._whole(text, ask)
        except ContextFullError:
            return self._halves(text, wish)
        words = styles.bare(target).text
        missed = missing(required, words)
        numbers = masking.same_numbers(masking.mask(text).text, masking.mask(target).text)
        problems = (
            *((fault,) if fault else ()),
            *((Problem.TERMS,) if missed else ()),
            *(() if numbers or fault else (Problem.NUMBERS,)),
        )
        return Translation(
            text,
            target if target.strip() else text,
            Origin.MODEL,
            problems,
            terms=required,
            missed=missed,
            tries=tries,
        )

    def _whole(self, text: str, ask: _Ask) -> tuple[str, Problem | None, int]:
        """Return a sentence's translation with all items in it, its fault, and the tries."""
        masked = masking.mask(text)
        if not masked.items:
            return self._plain(text, ask)
        tries = 0
        bare = styles.bare(text)
        is_around = bool(bare.spans) and all(map(bare.is_around, bare.spans))
        if prompts.keeps_marks(self._using.family) and not is_around:
            answer, fault = self._ask(masked.text, ask)
            tries = 1
            if (restored := masking.restore(answer, masked.items)) is not None:
                return restored, fault, tries
        if bare.spans:
            target, fault, more = self._styled(bare, ask)
            return target, fault, tries + more
        named, more = self._with_names(masked, ask)
        tries += more
        if named is not None:
            return named, None, tries
        target, fault, more = self._in_pieces(masked, ask)
        return target, fault, tries + more

    def _plain(self, text: str, ask: _Ask) -> tuple[str, Problem | None, int]:
        """Ask for a text without items; a heading in a sentence, where the model needs that."""
        answer, fault = self._ask(text, ask)
        alone = prompts.knows_sentences_alone(self._using.family) and not ask.variant
        if fault or not alone or not headings.is_expanded(text, answer):
            return answer, fault, 1
        way = ask.wish.direction
        sentence = headings.framed(text, way.source)
        if not sentence:
            return answer, fault, 1
        said, wrong = self._ask(sentence, ask)
        heading = headings.taken_out(said, way.target)
        if wrong or not heading:
            return answer, fault, 2
        back = replace(ask, wish=replace(ask.wish, direction=way.reversed()), terms=())
        said_back, wrong = self._ask(said, back)
        # Only what comes back as it went is believed: the frame does not suit every text.
        is_sure = not wrong and headings.says_the_same(said_back, sentence)
        return heading if is_sure else answer, fault, 3

    def _with_names(self, masked: masking.Masked, ask: _Ask) -> tuple[str | None, int]:
        """Translate with names in the place of the items, if they come back once each."""
        direction, text = self._simplified(ask.wish.direction, masked.text)
        pairs = prompts.stand_ins(self._using.family, direction)
        pairs = tuple(pair for pair in pairs if pair[0] not in text)
        if len(masked.items) > len(pairs) or not masking.stand_alone(masked.items):
            return None, 0
        for first in range(len(pairs)):
            sources, targets = zip(*(pairs[first:] + pairs[:first]), strict=True)
            answer, fault = self._ask(masking.named(masked, sources), ask)
            found = None if fault else masking.unnamed(answer, targets, masked.items)
            if found is not None:
                return found, first + 1
        return None, len(pairs)

    def _styled(self, bare: styles.Bare, ask: _Ask) -> tuple[str, Problem | None, int]:
        """Translate the bare sentence, then put its tags around the words they belong to."""
        target, fault, tries = self._whole(bare.text, ask)
        if not target.strip():
            return target, fault, tries

        def render(words: str) -> str:
            nonlocal tries
            tries += 1
            if known := next((term.target for term in ask.terms if term.source == words), ""):
                return known
            alone = replace(ask, terms=occurring(ask.terms, words), background="")
            answer, wrong = self._ask(words, alone)
            return "" if wrong else answer

        spaced = is_spaced(ask.wish.direction.target)
        return styles.dressed(bare, target, render, spaced=spaced), fault, tries

    def _ask(self, text: str, ask: _Ask) -> tuple[str, Problem | None]:
        wish = ask.wish
        family = self._using.family
        direction, text = self._simplified(wish.direction, text)
        order = Order(
            text,
            direction,
            ask.terms,
            wish.tone if prompts.takes_tone(family) else Tone.DEFAULT,
            ask.background if prompts.takes_background(family) else "",
            marked=masking.mark(0) in text,
            again=ask.again,
        )
        most = _TOKENS_EACH * len(text) + _TOKENS_MORE
        options = prompts.options(
            family, self._using.advice, most=most, exact=ask.again, variant=ask.variant
        )
        written = self._writer.write(prompts.turns(family, order), options)
        answer = checking.cleaned(written.text, text)
        fault = checking.problem(text, answer, direction, written.reason)
        if direction.target != wish.direction.target:
            answer = converting.converted(answer, Direction("zh", wish.direction.target))
        return answer, fault

    def _simplified(self, direction: Direction, text: str) -> tuple[Direction, str]:
        """Ask a model that knows simplified characters alone for those."""
        known = prompts.sources_of(self._using.family)
        if direction.source == "zh-Hant" and "zh-Hant" not in known:
            text = converting.converted(text, Direction("zh-Hant", "zh"))
            direction = Direction("zh", direction.target)
        if direction.target == "zh-Hant" and "zh-Hant" not in known:
            direction = Direction(direction.source, "zh")
        return direction, text

    def _in_pieces(self, masked: masking.Masked, ask: _Ask) -> tuple[str, Problem | None, int]:
        """Translate what stands between the items, so that each of them stays where it is."""
        texts: list[str] = []
        fault: Problem | None = None
        known: dict[str, tuple[str, Problem | None]] = {}
        direction = ask.wish.direction
        spaced = is_spaced(direction.target) and not is_spaced(direction.source)
        for piece in masking.pieces(masked):
            core = piece.strip()
            if not any(letter.isalpha() for letter in core):
                texts.append(masking.punctuated(piece, spaced=spaced))
                continue
            if core not in known:
                alone = replace(ask, terms=occurring(ask.wish.terms, core), background="")
                known[core] = self._ask(core, alone)
            answer, wrong = known[core]
            fault = fault or wrong
            if answer and not core.endswith(masking.STOPS):  # no sentence ends here
                answer = answer.rstrip("".join(masking.STOPS))
            start = piece.index(core)
            texts.append(piece[:start] + (answer or core) + piece[start + len(core) :])
        return masking.woven(texts, masked.items, spaced=spaced), fault, len(known)

    def _halves(self, text: str, wish: Wish) -> Translation:
        """Translate a sentence that does not fit in two parts."""
        parts = sentences(text, max(len(text) // 2, _SPLIT_FROM // 2))
        if len(text) < _SPLIT_FROM or len(parts) < 2:  # noqa: PLR2004 - a half is no whole
            return Translation(text, text, Origin.MODEL, (Problem.TOO_LONG,))
        done = [(part, self.sentence(part.text, replace(wish, remember=False))) for part in parts]
        return Translation(
            text,
            assembled(done, wish.direction.target).strip(),
            Origin.MODEL,
            tuple(dict.fromkeys(problem for _, one in done for problem in one.problems)),
            missed=tuple(dict.fromkeys(term for _, one in done for term in one.missed)),
            tries=sum(one.tries for _, one in done),
        )


def _weight(result: Translation) -> int:
    """Return how bad a result is: a missed term is better than no translation."""
    return sum(_WEIGHTS.get(problem, _WORST) for problem in result.problems)


_WORST: Final = 10
_USABLE: Final = frozenset({Problem.TERMS, Problem.NUMBERS})
"""Problems of what is a translation all the same."""
_WEIGHTS: Final = {Problem.TERMS: 2, Problem.NUMBERS: 1}
