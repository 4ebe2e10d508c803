"""What a translation must not touch: taken out of a text, put back, and counted.

Hard items (tags, placeholders, addresses, code) become marks that the model copies; where it
does not, the text is translated in pieces around them, so none is ever lost or doubled.
Numbers stay in the text, since their words depend on them, and are counted afterwards.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

_HARD: Final = re.compile(
    r"""
      ```.*?```|``[^\n]+?``|`[^`\n]+`                            # code
    | \$\$.+?\$\$|\\\(.+?\\\)|\\\[.+?\\\]                        # formulas
    | <(?P<opaque>code|kbd|samp|var|tt|ph|bpt|ept|it)\b(?:\s[^<>]*)?(?<!/)>[^<>]*</(?P=opaque)>
    | <!--.*?-->|<!\[CDATA\[.*?\]\]>|</?[A-Za-z][\w:.-]*(?:\s+[^<>]*?)?/?>   # tags
    | \{\\[^{}]*\}|\\[Nnh]                                      # subtitle codes
    | !?\[(?=[^\]\n]*\]\()|\]\([^()\s]*(?:\([^()\s]*\))?(?:\s+"[^"\n]*")?\)|\*\*|~~   # Markdown
    | (?:https?|ftp|file|mailto|magnet)://?[^\s<>"'“”‘’，。；！？、）】》\u4e00-\u9fff]+[A-Za-z0-9/\#=&_-]
    | (?<![A-Za-z0-9_@.])www(?:\.[A-Za-z0-9-]+){2,}
      (?:/[^\s<>"'，。；！？、）】》\u4e00-\u9fff]*[A-Za-z0-9/\#=&_-])?
    | [A-Za-z0-9][A-Za-z0-9_.+-]*@[A-Za-z0-9][A-Za-z0-9-]*(?:\.[A-Za-z0-9][A-Za-z0-9-]*)+  # mail
    | \{\{[^{}\n]*\}\}|\$\{[^{}\n]*\}|%\{[^{}\n]*\}|\#\{[^{}\n]*\}           # {{x}} ${x} %{x}
    | \{[A-Za-z_0-9][\w.,:!\[\]-]*\}|\{\}                                   # {name} {0}
    | %\([A-Za-z_]\w*\)[-#0 +]*\d*(?:\.\d+)?[diouxXeEfFgGcrsa]              # %(name)s
    | %(?:\d+\$)?[-#0+]*\d*(?:\.\d+)?(?:hh|h|ll|l|z)?[diouxXeEfFgGcsp@](?![A-Za-z])
    | (?<![\w%])%(?:L?[1-9]\d?|n)(?![\w%])                                   # Qt's %1 and %n
    | &(?:\#\d+|\#x[0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]+);                       # entities
    | (?<![A-Za-z0-9_/])(?:~|\.{1,2})?/(?:[A-Za-z0-9_.-]+/)+[A-Za-z0-9_.-]+  # /a/path
    | \b[A-Za-z]:\\(?:[\w .-]+\\)*[\w.-]+                                    # C:\a\path
    | (?<!\w)--?[a-z][\w-]*(?==)                                             # --option=
    | ⟦[^⟦⟧]*⟧
    """,
    re.VERBOSE | re.DOTALL,
)
_NUMBER: Final = re.compile(r"\d+(?:[.,:/\-]\d+)*")
_MARK: Final = re.compile(r"[⟦\[【〚]{1,2}\s*(\d+)\s*[⟧\]】〛]{1,2}")
_MARK_IN_SPACE: Final = re.compile(rf" ?{_MARK.pattern} ?")
_ONE_DIGIT: Final = 1
STOPS: Final = (".", "。", "!", "！", "?", "？")
_PAUSES: Final = (",", ";", ":")
_NARROW: Final = str.maketrans(
    {
        "，": ", ",
        "。": ".",
        "；": "; ",
        "：": ": ",
        "！": "!",
        "？": "?",
        "、": ", ",
        "（": " (",
        "）": ") ",
    }
)


@dataclass(frozen=True, slots=True)
class Masked:
    """A text with marks in the place of its hard items."""

    text: str
    items: tuple[str, ...]

    @property
    def is_bare(self) -> bool:
        """Whether there is anything to translate besides the items."""
        return not any(letter.isalpha() for letter in _MARK.sub("", self.text))


def mark(number: int) -> str:
    """Return the mark of the item with this number."""
    return f"⟦{number}⟧"


def mask(text: str) -> Masked:
    """Return ``text`` with its hard items taken out."""
    items: list[str] = []

    def take(found: "re.Match[str]") -> str:
        items.append(found.group())
        return mark(len(items) - 1)

    return Masked(_HARD.sub(take, text), tuple(items))


def items(text: str) -> "Iterator[re.Match[str]]":
    """Yield the hard items of ``text``, in their order."""
    return _HARD.finditer(text)


def restore(translation: str, items: Sequence[str]) -> str | None:
    """Return ``translation`` with the items in the place of their marks.

    None when a mark is lost, doubled or invented.
    """
    numbers = [int(found.group(1)) for found in _MARK.finditer(translation)]
    if sorted(numbers) != list(range(len(items))) or not _paired(numbers, items):
        return None
    return _MARK.sub(lambda found: items[int(found.group(1))], translation)


def _paired(numbers: Sequence[int], items: Sequence[str]) -> bool:
    """Tell whether tags that were opened before they were closed still are, one in another."""
    if numbers == sorted(numbers):
        return True
    stack: list[str] = []
    for number in numbers:
        tag = _TAG.fullmatch(items[number])
        if tag is None or items[number].endswith("/>"):
            continue
        if not tag.group(1):
            stack.append(tag.group(2))
        elif stack and stack[-1] == tag.group(2):
            stack.pop()
        elif f"<{tag.group(2)}" in "".join(items):
            return False
    return True


_LIKE_A_NAME: Final = re.compile(
    r"\$?\{[^{}]*\}|\{\{[^{}]*\}\}|[%#]\{[^{}]*\}|%\([A-Za-z_]\w*\)s|%(?:\d+\$)?[s@]|%L?[1-9]\d?"
    r"|`[^`]+`|[a-z]+://\S+|www\.\S+|[\w.+-]+@[\w.-]+|(?:~|\.{1,2})?/[\w./-]+|[A-Za-z]:\\.+"
)
"""Placeholders of words, code, addresses and paths: not tags, and not what counts something."""
_TAG: Final = re.compile(r"<(/?)([A-Za-z][\w:.-]*)[^<>]*>")


def stand_alone(items: Sequence[str]) -> bool:
    """Tell whether every item stands for a word of the sentence, as a name does."""
    return bool(items) and all(_LIKE_A_NAME.fullmatch(item) for item in items)


def named(masked: Masked, names: Sequence[str]) -> str:
    """Return the text with a name in the place of each mark.

    Names of a script without spaces stand close to the words around them.
    """
    close = not any(name.isascii() for name in names)
    pattern = _MARK_IN_SPACE if close else _MARK
    return pattern.sub(lambda found: names[int(found.group(1))], masked.text)


def unnamed(translation: str, names: Sequence[str], items: Sequence[str]) -> str | None:
    """Return ``translation`` with the items in the place of their names.

    None when a name is lost or doubled.
    """
    for name, item in zip(names, items, strict=False):
        pattern = re.compile(rf"(?:\b[Tt]he )?(?<![A-Za-z]){re.escape(name)}(?![A-Za-z])")
        translation, count = pattern.subn(item.replace("\\", "\\\\"), translation)
        if count != 1:
            return None
    return translation


def pieces(masked: Masked) -> list[str]:
    """Return the text between the marks, one piece more than there are items."""
    found: list[str] = []
    rest = masked.text
    for number in range(len(masked.items)):
        head, rest = rest.split(mark(number), 1)
        found.append(head)
    return [*found, rest]


def woven(texts: Sequence[str], items: Sequence[str], *, spaced: bool) -> str:
    """Return pieces and items in turn; ``spaced`` parts words from items that stood close."""
    found = [texts[0]]
    for item, text in zip(items, texts[1:], strict=True):
        tag = _TAG.fullmatch(item)
        opens = tag is not None and not tag.group(1)
        closes = tag is not None and bool(tag.group(1))
        before = found[-1][-1:]
        if spaced and not closes and (before.isalnum() or before in _PAUSES):
            found.append(" ")
        found.append(item)
        if spaced and not opens and text[:1].isalnum():
            found.append(" ")
        found.append(text)
    return "".join(found)


def punctuated(piece: str, *, spaced: bool) -> str:
    """Return what has no words between two items, ``spaced`` with the marks of Latin script."""
    return piece.translate(_NARROW).replace("  ", " ") if spaced else piece


def same_numbers(source: str, translation: str) -> bool:
    """Tell whether the numbers are the same, in any order.

    Numbers of one digit may be words on one side (三 or 3): they count where both sides have as
    many of them. Digits of other scripts count as the digits they are; separators do not count,
    because languages write them differently.
    """
    (one, one_long), (other, other_long) = _numbers(source), _numbers(translation)
    return one_long == other_long and (one.total() != other.total() or one == other)


def _numbers(text: str) -> tuple[Counter[str], Counter[str]]:
    """Return the numbers of one digit, and the longer ones."""
    plain = "".join(
        str(unicodedata.decimal(letter)) if letter.isdecimal() else letter for letter in text
    )
    digits = [re.sub(r"\D", "", found) for found in _NUMBER.findall(plain)]
    return (
        Counter(number for number in digits if len(number) <= _ONE_DIGIT),
        Counter(number for number in digits if len(number) > _ONE_DIGIT),
    )
