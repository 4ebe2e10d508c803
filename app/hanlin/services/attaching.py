"""Files on their way into a message: opened, made ready, weighed against the loaded model.

Nothing is stored before the message is sent. What foreign bytes hold is found out in a
child (``hanlin.documents.opener``); what a model is told of them is ``services.attached``.
"""

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from typing import Final

from hanlin.documents.opener import LARGEST_FILE, OpenFile, refused
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.engine.base import LoadedModel
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _, ngettext
from hanlin.services.attached import text_of

LARGEST_SIDE: Final = 2048
"""Pixels of the longer side of a picture that is kept: what models look at at most."""
_THUMBNAIL: Final = 160
_BATCH: Final = 20
"""Pages read between two signs of progress."""
_ANSWER_SHARE: Final = 0.85
"""Of the context may be question; the rest is for the answer."""
_PATCH: Final = 28
"""Pixels: most models spend a token on a square of this side."""
_SOUND_TOKENS_PER_SECOND: Final = 25
_MILLISECONDS: Final = 1000
_WIDE: Final = re.compile("[\u2e80-\U0010ffff]+")
_STEP: Final = 100_000
_TOKENS_PER_CJK: Final = 0.75
_LETTERS_PER_TOKEN: Final = 3.5

Tell = Callable[[int, int], object]
"""Hears how many pages of how many are read."""
Weigh = Callable[[AttachmentKind, int, int], int]
"""Returns the tokens of a picture's pixels, or of a sound's samples; 0 when nobody knows."""
Crop = tuple[float, float, float, float]
WHOLE: Final[Crop] = (0.0, 0.0, 1.0, 1.0)


class Obstacle(StrEnum):
    """Why a model cannot take what is attached."""

    BLIND = "blind"
    DEAF = "deaf"
    SCANNED = "scanned"
    """Pages of a document without text, which are pictures."""
    EMPTY = "empty"
    """Nothing is on the chosen pages of a document."""
    ROOM = "room"
    """It does not fit the context."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """What stands in the way, and the sentence that says it and what to do."""

    obstacle: Obstacle
    message: str
    hint: str
    hash: str = ""
    """The attachment it is about, "" for all together."""

    def error(self) -> KnownError:
        """Return it as an error."""
        return KnownError(_("The model cannot take this"), self.message, self.hint)


def read_file(path: Path, tell: Tell = lambda _done, _total: None) -> Prepared:
    """Make a file ready. Blocks for as long as reading it takes; raises KnownError."""
    try:
        if path.stat().st_size > LARGEST_FILE:
            raise refused(path.name, "too-large")
        if not path.is_file():
            raise refused(path.name, "unknown")
        content = path.read_bytes()
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    return take(path.name, content, tell)


def take(name: str, content: bytes, tell: Tell = lambda _done, _total: None) -> Prepared:
    """Make bytes ready as the file ``name``. Raises KnownError."""
    with OpenFile(name, content) as file:
        return prepared(file, name, content, tell)


def prepared(
    file: OpenFile, name: str, content: bytes, tell: Tell = lambda _done, _total: None
) -> Prepared:
    """Make an open file ready, whose bytes are ``content``. Raises KnownError."""
    facts = file.facts
    kind = AttachmentKind(str(facts.get("kind")))
    if kind is AttachmentKind.PICTURE:
        return picture(file, name, len(content))
    about = Attachment(_hash(content), kind, name, str(facts.get("mime")), len(content))
    if kind is AttachmentKind.SOUND:
        length = _number(facts.get("milliseconds"))
        tokens = round(length / _MILLISECONDS * _SOUND_TOKENS_PER_SECOND)
        return Prepared(replace(about, milliseconds=length, tokens=tokens), content)
    total = _number(facts.get("pages"))
    pages: list[str] = []
    for first in range(1, total + 1, _BATCH):
        pages += file.texts(first, min(total, first + _BATCH - 1))
        tell(len(pages), total)
    small = _thumbnail(file) if facts.get("mime") == "application/pdf" else None
    about = replace(about, pages=total, paged=facts.get("paged") is True)
    drawn = file.drawn([number for number, text in enumerate(pages, 1) if not text.strip()])
    if not drawn and not any(text.strip() for text in pages):
        raise refused(name, "empty")
    return weighed(Prepared(about, content, tuple(pages), small, drawn=tuple(drawn)))


def reshaped(original: Prepared, turn: int, crop: Crop = WHOLE) -> Prepared:
    """Return a picture turned by quarters clockwise and cut. Raises KnownError."""
    with OpenFile(original.attachment.name, original.content) as file:
        return picture(file, original.attachment.name, original.attachment.size, turn, crop)


def chosen(original: Prepared, first: int, last: int) -> Prepared:
    """Return a document of which only pages ``first`` to ``last`` are sent."""
    return weighed(
        replace(original, attachment=replace(original.attachment, first=first, last=last))
    )


def weighed(prepared: Prepared) -> Prepared:
    """Return a document with what its chosen pages cost."""
    tokens = guessed_tokens(text_of(prepared.attachment, prepared.pages))
    return replace(prepared, attachment=replace(prepared.attachment, tokens=tokens))


def reckoned(prepared: Prepared, model: LoadedModel, weigh: Weigh) -> Prepared | None:
    """Return a picture or a sound with what it costs the loaded model, if that takes it.

    None when the model is too busy to tell. Blocks for a moment.
    """
    about = prepared.attachment
    if about.kind is AttachmentKind.PICTURE and model.sees:
        tokens = weigh(about.kind, about.width, about.height)
    elif about.kind is AttachmentKind.SOUND and model.hears:
        tokens = weigh(about.kind, about.milliseconds * model.rate // _MILLISECONDS, 0)
    else:
        return prepared
    return replace(prepared, attachment=replace(about, tokens=tokens)) if tokens else None


def seen(prepared: Prepared, side: int = LARGEST_SIDE, page: int = 1) -> Thumbnail:
    """Return a picture, or a page of a document, large enough to be looked at."""
    with OpenFile(prepared.attachment.name, prepared.content) as file:
        pixels = file.picture(side, page=page)
    return Thumbnail(pixels.width, pixels.height, pixels.rgb)


def guessed_tokens(text: str) -> int:
    """Return about how many tokens ``text`` is; models differ by a third."""
    # In steps, each in the regular expressions' own loop: ten million letters one by one would
    # keep every other thread waiting for seconds.
    steps = (text[start : start + _STEP] for start in range(0, len(text), _STEP))
    wide = sum(len(step) - len(_WIDE.sub("", step)) for step in steps)
    return round(wide * _TOKENS_PER_CJK + (len(text) - wide) / _LETTERS_PER_TOKEN)


def refusal(
    attached: Sequence[Prepared], model: LoadedModel | None, used: int = 0
) -> Refusal | None:
    """Tell before anything is sent why ``model`` could not take it; None when it can.

    ``used`` tokens of the context are taken already. Without a model nothing is known.
    """
    for one in attached:
        about = one.attachment
        if about.kind is AttachmentKind.DOCUMENT and (found := _unreadable(one, model)):
            return found
        if model is None:
            continue
        if about.kind is AttachmentKind.PICTURE and not model.sees:
            return Refusal(
                Obstacle.BLIND,
                _("{model} cannot see pictures.").format(model=model.name),
                _("Choose a model that sees, or have the picture's text read: by its menu."),
                about.hash,
            )
        if about.kind is AttachmentKind.SOUND and not model.hears:
            return Refusal(
                Obstacle.DEAF,
                _("{model} cannot hear sound.").format(model=model.name),
                _("Choose a model that hears, or remove the sound."),
                about.hash,
            )
    tokens = used + sum(one.attachment.tokens for one in attached)
    if attached and model is not None and tokens > model.context * _ANSWER_SHARE:
        documents = any(one.attachment.kind is AttachmentKind.DOCUMENT for one in attached)
        return Refusal(
            Obstacle.ROOM,
            _("About {count} tokens do not fit the context of {context}.").format(
                count=f"{tokens:,}", context=f"{model.context:,}"
            ),
            _way_out(documents=documents, larger=model.longest_context > model.context),
        )
    return None


def _way_out(*, documents: bool, larger: bool) -> str:
    """Return what to do where something does not fit; ``larger``: the context can grow."""
    if larger:
        return (
            _("Choose a part of the document, or enlarge the context in Settings.")
            if documents
            else _("Remove something, or enlarge the context in Settings.")
        )
    return (
        _("Choose a part of the document, or a model with a longer context.")
        if documents
        else _("Remove something, or choose a model with a longer context.")
    )


def remark(attached: Sequence[Prepared], model: LoadedModel | None) -> Refusal | None:
    """Tell of pages that would not reach the model although the rest does; None for none."""
    for one in attached:
        if one.attachment.kind is AttachmentKind.DOCUMENT and (pages := one.unread()):
            message = ngettext(
                "Page {pages} of {name} is a picture without text.",
                "Pages {pages} of {name} are pictures without text.",
                len(pages),
            ).format(pages=_spans(pages), name=one.attachment.name)
            return Refusal(Obstacle.SCANNED, message, _advice(model), one.attachment.hash)
    return None


def _unreadable(document: Prepared, model: LoadedModel | None) -> Refusal | None:
    """Tell why nothing could be read on the chosen pages of a document, None when it can be."""
    about = document.attachment
    if document.has_text():
        return None
    if not document.unread():
        return Refusal(
            Obstacle.EMPTY,
            _("Nothing is on the chosen pages of {name}.").format(name=about.name),
            _("Choose others, or remove the document."),
            about.hash,
        )
    message = _("{name} has no text: its pages are pictures.").format(name=about.name)
    return Refusal(Obstacle.SCANNED, message, _advice(model), about.hash)


def _advice(model: LoadedModel | None) -> str:
    if model is None or model.sees:
        return _("Attach them as pictures, for a model that sees.")
    return _("Have them read here, or choose a model that sees.")


def picture(
    file: OpenFile, name: str, size: int, turn: int = 0, crop: Crop = WHOLE, page: int = 1
) -> Prepared:
    """Return what is seen of an open file, as it is kept. Raises KnownError."""
    made = file.encoded(LARGEST_SIDE, turn=turn, crop=crop, page=page)
    small = file.picture(_THUMBNAIL, turn=turn, crop=crop, page=page)
    about = Attachment(
        _hash(made.content),
        AttachmentKind.PICTURE,
        name,
        made.mime,
        size,
        made.width,
        made.height,
        tokens=-(-made.width // _PATCH) * -(-made.height // _PATCH),
    )
    return Prepared(about, made.content, thumbnail=Thumbnail(small.width, small.height, small.rgb))


def _spans(pages: Sequence[int]) -> str:
    """Return page numbers as people write them: 2, 5–7."""
    found: list[list[int]] = []
    for page in pages:
        if found and page == found[-1][1] + 1:
            found[-1][1] = page
        else:
            found.append([page, page])
    return ", ".join(str(a) if a == b else f"{a}–{b}" for a, b in found)


def _thumbnail(file: OpenFile) -> Thumbnail | None:
    try:
        small = file.picture(_THUMBNAIL)
    except KnownError:  # its text is what counts
        return None
    return Thumbnail(small.width, small.height, small.rgb)


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0
