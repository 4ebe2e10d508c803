"""What is attached to a message: a picture, a document, a sound. Pure values.

A part of kind ATTACHMENT says in its text, as JSON, what is attached; the bytes lie beside
the message, by their hash. How a file becomes an attachment belongs to the services, how
foreign bytes are opened to the parser child.
"""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, fields
from enum import StrEnum


class AttachmentKind(StrEnum):
    """What a model needs to take it."""

    PICTURE = "picture"
    """A model that sees."""
    DOCUMENT = "document"
    """Any model: its text is read."""
    SOUND = "sound"
    """A model that hears."""


@dataclass(frozen=True, slots=True)
class Attachment:
    """What a message's part says of what is attached to it."""

    hash: str
    """Of the bytes that are kept, in hexadecimal digits."""
    kind: AttachmentKind
    name: str
    mime: str = ""
    size: int = 0
    """Bytes of the file that was given."""
    width: int = 0
    height: int = 0
    """Pixels of the picture that is kept."""
    pages: int = 0
    """Of a document: pages, slides, sheets, or sections of some thousand letters."""
    paged: bool = False
    """Whether its pages are those that a reader sees, and can be quoted by their number."""
    milliseconds: int = 0
    """How long a sound is."""
    first: int = 0
    last: int = 0
    """The pages that were chosen, from 1; 0 for all."""
    tokens: int = 0
    """What it costs of the context, guessed when it was attached."""

    def written(self) -> str:
        """Return the text of the part that keeps it."""
        return json.dumps(asdict(self), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def read(cls, text: str) -> "Attachment | None":
        """Return the attachment of a part's text; None for nonsense."""
        try:
            values = json.loads(text)
            known = {one.name: values[one.name] for one in fields(cls) if one.name in values}
            for one in fields(cls):
                if one.type in (int, bool, str) and not isinstance(
                    known.get(one.name, one.type()), one.type
                ):
                    return None
            return cls(**{**known, "kind": AttachmentKind(values["kind"])})
        except (ValueError, TypeError, KeyError, RecursionError):
            return None

    def chosen(self, pages: tuple[str, ...]) -> list[tuple[int, str]]:
        """Return the numbers and texts of the pages that were chosen."""
        last = self.last or len(pages)
        return [(n, text) for n, text in enumerate(pages, 1) if max(1, self.first) <= n <= last]


@dataclass(frozen=True, slots=True)
class Thumbnail:
    """A small picture, as rows of red, green and blue bytes: nothing that has to be decoded."""

    width: int
    height: int
    pixels: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Prepared:
    """What was made of a file before it is sent: in memory only until then."""

    attachment: Attachment
    content: bytes = field(repr=False)
    """What is kept: a picture without anything but pixels, else the file; b"" when too large."""
    pages: tuple[str, ...] = field(default=(), repr=False)
    """A document's text."""
    thumbnail: Thumbnail | None = None
    drawn: tuple[int, ...] = ()
    """A document's pages that show something and have no text: scanned ones."""

    def chosen(self) -> tuple[int, ...]:
        """Return the numbers of a document's pages that were chosen."""
        return tuple(number for number, _text in self.attachment.chosen(self.pages))

    def unread(self) -> tuple[int, ...]:
        """Return those of the chosen pages that show something and have no text."""
        return tuple(number for number in self.chosen() if number in self.drawn)

    def has_text(self) -> bool:
        """Tell whether any of the chosen pages has text."""
        return any(text.strip() for _number, text in self.attachment.chosen(self.pages))


@dataclass(frozen=True, slots=True)
class Pixels:
    """A picture as a model takes it: rows of red, green and blue bytes."""

    width: int
    height: int
    rgb: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture file with nothing but its pixels."""

    mime: str
    width: int
    height: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Samples:
    """A sound as a model takes it: one channel of 32-bit floats, little end first."""

    rate: int
    pcm: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Media:
    """A picture or a sound of a turn. ``hash`` names its bytes for ever.

    ``load`` opens them, which takes a child process and a moment: call it when they are not
    at hand already, on a thread that may wait. It raises KnownError.
    """

    kind: AttachmentKind
    hash: str
    load: Callable[[], Pixels | Samples] = field(repr=False, compare=False)
    name: str = ""
