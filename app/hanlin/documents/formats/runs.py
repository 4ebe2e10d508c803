"""A paragraph of an office file as one text, and its translation in the paragraph's own runs.

Runs of one style are a piece. The style that most of the letters have goes without saying;
the other pieces stand in tags: ``我有一只<r1>大狗</r1>。``. A translation may have them in
another order, then the pieces change places, with everything that stands in them; and it may
lack some, whose words then have the style of most. What is in no tag is in that style, too.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from hanlin.documents.formats.markup import Element, escaped, narrow
from hanlin.documents.splicing import Edit, Unit, spliced

_TAG: Final = re.compile(r"<(/?)r(\d+)>")
_NO_STYLE: Final = re.compile(
    rb"<w:(?:lang|noProof|proofErr)\b[^>]*/>|\s(?:w:hint|lang|altLang|dirty|err|smtClean)=\"[^\"]*\""
)
"""What a spell checker and a keyboard leave behind: nobody sees it."""
_EMPTY: Final = re.compile(rb"<w:rFonts\s*/>|<(w|a):rPr\s*(?:/>|></\1:rPr>)|<rPr\s*(?:/>|></rPr>)")


@dataclass(frozen=True, slots=True)
class Dialect:
    """The names that one kind of file gives to the same things."""

    paragraph: str
    run: str
    text: str
    style: str
    breaks: tuple[str, ...]
    skipped: tuple[str, ...] = ()


@dataclass(slots=True)
class Text:
    """One text element of a paragraph; ``style`` is its run's, as it stands there."""

    element: Element
    style: bytes
    run: Element | None


@dataclass(frozen=True, slots=True)
class _Piece:
    """Texts side by side that look the same."""

    texts: tuple[Text, ...]
    holder: Element | None
    """A link or the like around the runs, None when they stand in the paragraph itself."""

    @property
    def words(self) -> str:
        return "".join(one.element.text for one in self.texts)

    @property
    def look(self) -> tuple[bytes, int]:
        return _look(self.texts[0].style), self.holder.start if self.holder else 0

    @property
    def range(self) -> tuple[int, int] | None:
        """Where the whole piece stands, None when it has no runs of its own."""
        first, last = self.texts[0].run, self.texts[-1].run
        if self.holder is not None:
            return self.holder.start, self.holder.end
        return (first.start, last.end) if first and last else None


def untagged(text: str) -> str:
    """Return the words of a text alone."""
    return _TAG.sub("", text)


def unit(source: str, texts: Sequence[Text], dialect: Dialect) -> Unit:
    """Return a paragraph; ``source`` has one letter for each byte of the part."""
    return _Paragraph(source, texts, dialect).unit()


def _look(style: bytes) -> bytes:
    return _EMPTY.sub(b"", _EMPTY.sub(b"", _NO_STYLE.sub(b"", style)))


def _pieces(texts: Iterable[Text], dialect: Dialect) -> Iterator[_Piece]:
    together: list[Text] = []
    for one in texts:
        if together and _key(together[-1], dialect) != _key(one, dialect):
            yield _Piece(tuple(together), _holder(together[0], dialect))
            together = []
        together.append(one)
    if together:
        yield _Piece(tuple(together), _holder(together[0], dialect))


def _key(text: Text, dialect: Dialect) -> tuple[bytes, int]:
    holder = _holder(text, dialect)
    return _look(text.style), holder.start if holder else 0


def _holder(text: Text, dialect: Dialect) -> Element | None:
    """Return the outermost element between a run and its paragraph."""
    holder, parent = None, text.run.parent if text.run else None
    while parent is not None and parent.name != dialect.paragraph:
        holder, parent = parent, parent.parent
    return holder


class _Paragraph:
    """The pieces of a paragraph, and how a translation is laid into them."""

    def __init__(self, source: str, texts: Sequence[Text], dialect: Dialect) -> None:
        self._source = source
        self._dialect = dialect
        self._pieces = list(_pieces(texts, dialect))
        self._common = self._most_letters()
        """The numbers of the pieces in the style of most."""

    def _most_letters(self) -> tuple[int, ...]:
        letters: dict[tuple[bytes, int], int] = {}
        for piece in self._pieces:
            if piece.holder is None or len(self._pieces) == 1:
                count = sum(map(str.isalnum, piece.words))
                letters[piece.look] = letters.get(piece.look, 0) + count
        if not letters:
            return ()
        most = max(letters, key=letters.__getitem__)
        return tuple(number for number, one in enumerate(self._pieces) if one.look == most)

    def unit(self) -> Unit:
        """Return the paragraph's text, and how its translation is written."""

        def write(target: str, *, bilingual: bool) -> Sequence[Edit]:
            return self._beside(untagged(target)) if bilingual else self._instead(target)

        return Unit("".join(map(self._shown, range(len(self._pieces)))), write)

    def _shown(self, number: int) -> str:
        words = self._pieces[number].words
        silent = number in self._common or (self._common and not any(map(str.isalnum, words)))
        return words if silent else f"<r{number}>{words}</r{number}>"

    def _instead(self, target: str) -> Sequence[Edit]:
        laid = self._laid(_segments(target, len(self._pieces)))
        order = [number for number, _ in laid]
        fresh = [number for number in order if number is not None]
        texts = {number: text for number, text in laid if number is not None}
        if None not in order and fresh == sorted(fresh):
            return [
                edit
                for number in range(len(self._pieces))
                for edit in self._filled(number, texts.get(number, ""))
            ]
        places = self._places()
        return self._moved(laid, places) if places else self._plain(untagged(target))

    def _places(self) -> list[tuple[int, int]]:
        """Return where the pieces stand, nothing when one holds more than its own texts."""
        end_tag = f"</{self._dialect.text}>"
        places: list[tuple[int, int]] = []
        for piece in self._pieces:
            if piece.range is None or self._source.count(end_tag, *piece.range) != len(piece.texts):
                return []
            places.append(piece.range)
        return [] if any(one[1] > two[0] for one, two in pairwise(places)) else places

    def _laid(self, segments: Sequence[tuple[int | None, str]]) -> list[tuple[int | None, str]]:
        """Give each segment a piece; None is a run that must be made, in the style of most."""
        tagged = [number for number, _ in segments if number is not None]
        free = [number for number in self._common if number not in tagged]
        laid: list[tuple[int | None, str]] = []
        for place, (number, text) in enumerate(segments):
            if number is not None:
                laid.append((number, text))
                continue
            before = laid[-1][0] if laid else None
            after = next((one for one, _ in segments[place + 1 :] if one is not None), None)
            between = [
                one
                for one in free
                if (before is None or before < one) and (after is None or one < after)
            ]
            if not between and laid and (not text.strip() or not self._common):
                laid[-1] = before, laid[-1][1] + text
                continue
            chosen = next(iter(between or free), None)
            if chosen is not None:
                free.remove(chosen)
            laid.append((chosen, text))
        return laid

    def _moved(
        self, laid: Sequence[tuple[int | None, str]], places: Sequence[tuple[int, int]]
    ) -> list[Edit]:
        """Exchange the pieces' places, with the runs that had to be made behind them."""
        order = [number for number, _ in laid if number is not None]
        slots = sorted(order)
        contents = dict.fromkeys(slots, "")
        filled = iter(slots)
        slot = slots[0] if slots else 0
        for number, text in laid:
            if number is None:
                contents[slot] = contents.get(slot, "") + self._made(text)
            else:
                slot = next(filled)
                contents[slot] += self._content(number, places[number], text)
        for number, place in enumerate(places):
            if number not in slots:
                contents[number] = self._content(number, place, "") + contents.get(number, "")
        return [Edit(*places[number], content) for number, content in contents.items()]

    def _content(self, number: int, place: tuple[int, int], text: str) -> str:
        start, end = place
        edits = [
            Edit(edit.start - start, edit.end - start, edit.text)
            for edit in self._filled(number, text)
        ]
        return spliced(self._source[start:end], edits)

    def _filled(self, number: int, text: str) -> Iterator[Edit]:
        for count, one in enumerate(self._pieces[number].texts):
            yield _placed(self._source, one.element, "" if count else text)

    def _plain(self, words: str) -> list[Edit]:
        """Give up the styles of a paragraph whose runs cannot change places."""
        home = self._common[0] if self._common else 0
        return [
            edit
            for number in range(len(self._pieces))
            for edit in self._filled(number, words if number == home else "")
        ]

    def _made(self, text: str) -> str:
        """Return a new run in the style of most."""
        run, name = self._dialect.run, self._dialect.text
        style = self._pieces[self._common[0]].texts[0].style.decode("latin-1")
        space = "" if name.startswith("a:") else ' xml:space="preserve"'
        return f"<{run}>{style}<{name}{space}>{narrow(escaped(text))}</{name}></{run}>"

    def _beside(self, words: str) -> Sequence[Edit]:
        """Put the translation on a line of its own below the source, in the style of most."""
        last = self._pieces[-1].texts[-1]
        home = self._pieces[self._common[0] if self._common else 0]
        style = home.texts[0].style.decode("latin-1")
        shown = narrow(escaped(words.strip()))
        behind = self._pieces[-1].range
        if self._dialect.run == "w:r" and behind is not None:
            text = f'<w:r>{style}<w:br/><w:t xml:space="preserve">{shown}</w:t></w:r>'
        elif self._dialect.run == "a:r" and behind is not None:
            text = f"<a:br/><a:r>{style}<a:t>{shown}</a:t></a:r>"
        else:
            return [_placed(self._source, last.element, f"{last.element.text}\n{words.strip()}")]
        return [Edit(behind[1], behind[1], text)]


def _segments(target: str, count: int) -> list[tuple[int | None, str]]:
    """Return the parts of a translation with the piece that each is to stand in."""
    found: list[tuple[int | None, str]] = []
    now: int | None = None
    place = 0
    for tag in [*_TAG.finditer(target), None]:
        text = target[place : tag.start()] if tag else target[place:]
        if text:
            _append(found, now, text)
        if tag:
            number = int(tag.group(2))
            now = None if tag.group(1) or number >= count else number
            place = tag.end()
    return found


def _append(found: list[tuple[int | None, str]], number: int | None, text: str) -> None:
    """Add a part; a piece that was used before goes on there, or looks like most."""
    if found and found[-1][0] == number:
        found[-1] = number, found[-1][1] + text
    elif number is None:
        found.append((None, text))
    elif all(before != number for before, _ in found):
        found.append((number, text))
    elif len(found) > 1 and found[-2][0] == number and not found[-1][1].strip():
        _, blank = found.pop()
        found[-1] = number, found[-1][1] + blank + text
    else:
        _append(found, None, text)


def _placed(source: str, element: Element, text: str) -> Edit:
    tag = source[element.start : element.inner]
    if text != text.strip() and "xml:space" not in tag and not element.name.startswith("a:"):
        tag = f'{tag[:-1]} xml:space="preserve">'
    return Edit(element.start, element.close, tag + narrow(escaped(text)))
