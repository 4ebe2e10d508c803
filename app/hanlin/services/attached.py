"""What a model is told of what is attached to a message: a document's text, pictures, sounds.

A document stands in the question as text between marks that name its pages, so that an
answer can quote them. Pictures and sounds are opened only when the engine wants them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Protocol

from hanlin.documents.opener import OpenFile, refused
from hanlin.domain.attachments import (
    Attachment,
    AttachmentKind,
    Media,
    Pixels,
    Prepared,
    Samples,
    Thumbnail,
)
from hanlin.domain.conversation import Message, Part, PartKind, Role
from hanlin.domain.generation import Turn
from hanlin.store import attachments
from hanlin.store.conversations import Store

LARGEST_SIDE: Final = 2048
RATE: Final = 16_000
"""Samples a second, as models that hear were trained."""
_ODD: Final = re.compile(r"[\x00-\x1f\"<>]+")
_FOUND_AT_MOST: Final = 8
_AROUND: Final = 160
"""Characters before and behind what was found."""
_WORD: Final = re.compile(r"[^\W_]+")
_CJK: Final = re.compile(r"[\u2e80-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True, slots=True)
class Passage:
    """A place in a document of the conversation."""

    name: str
    page: int
    paged: bool
    """Whether ``page`` is one that a reader sees."""
    text: str


class Attachments(Protocol):
    """What turns are made with."""

    def turn(self, message: Message) -> Turn:
        """Return a person's message as a model is given it."""
        ...


class AttachedContent:
    """What is stored of attachments. Safe to use from any thread; raises KnownError."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def turn(self, message: Message) -> Turn:
        """Return a person's message as a model is given it."""
        attached = message.attachments()
        texts = [
            text_of(one, self.pages(message.id, one.hash))
            for one in attached
            if one.kind is AttachmentKind.DOCUMENT
        ]
        media = tuple(
            self.media(message.id, one)
            for one in attached
            if one.kind is not AttachmentKind.DOCUMENT
        )
        text = "\n\n".join(part for part in (*texts, message.text()) if part)
        return Turn(message.role, text, media=media)

    def turn_if(self, message: Message, text: str) -> Turn:
        """Return a person's message as a model would be given it if it said ``text``."""
        kept = [part for part in message.parts if part.kind is PartKind.ATTACHMENT]
        return self.turn(replace(message, parts=(*kept, Part(PartKind.TEXT, text))))

    def media(self, message_id: str, about: Attachment) -> Media:
        """Return a picture or a sound that is opened when the engine asks for it."""
        return Media(about.kind, about.hash, lambda: self._open(message_id, about), about.name)

    def pages(self, message_id: str, digest: str) -> tuple[str, ...]:
        """Return a document's text page by page, empty when it is gone."""
        return attachments.pages(self._store.database_of(message_id), digest) or ()

    def content(self, message_id: str, about: Attachment) -> bytes:
        """Return the bytes that are kept."""
        found = attachments.content(self._store.database_of(message_id), about.hash)
        if not found:
            raise refused(about.name, "gone")
        return found

    def thumbnail(self, message_id: str, digest: str) -> Thumbnail | None:
        """Return the small picture of an attachment."""
        return attachments.thumbnail(self._store.database_of(message_id), digest)

    def has_text(self, conversation_id: str) -> bool:
        """Tell whether the conversation has a document with text; at the cost of one look."""
        return attachments.has_text(self._store.database_of(conversation_id), conversation_id)

    def has_pictures(self, conversation_id: str) -> bool:
        """Tell whether the conversation shows a picture anywhere; at the cost of one look."""
        return attachments.has_pictures(self._store.database_of(conversation_id), conversation_id)

    def find(self, conversation_id: str, query: str) -> list[Passage]:
        """Return the passages of the conversation's documents that have most of the query.

        For a model's tool and for whoever looks for a place; in the order of how well they
        fit, a few at most.
        """
        wanted = _terms(query)
        found: list[tuple[int, Passage]] = []
        for message in self._store.transcript(conversation_id):
            if message.role is not Role.USER:
                continue
            for about in message.attachments():
                if about.kind is AttachmentKind.DOCUMENT:
                    found += _found(about, self.pages(message.id, about.hash), wanted)
        found.sort(key=lambda one: -one[0])
        return [passage for _score, passage in found[:_FOUND_AT_MOST]]

    def _open(self, message_id: str, about: Attachment) -> Pixels | Samples:
        with OpenFile(about.name, self.content(message_id, about)) as file:
            if about.kind is AttachmentKind.SOUND:
                return file.samples(RATE)
            return file.picture(LARGEST_SIDE)


def question_of(draft: str, attached: Sequence[Prepared]) -> Turn:
    """Return a question that is not sent yet as a model would be given it."""
    texts = [
        text_of(one.attachment, one.pages)
        for one in attached
        if one.attachment.kind is AttachmentKind.DOCUMENT
    ]
    shown = [one for one in attached if one.attachment.kind is not AttachmentKind.DOCUMENT]
    text = "\n\n".join(part for part in (*texts, draft) if part)
    return Turn(Role.USER, text, media=tuple(map(media_of, shown)))


def media_of(prepared: Prepared) -> Media:
    """Return a picture or a sound that is not stored, for an engine."""
    about = prepared.attachment

    def load() -> Pixels | Samples:
        with OpenFile(about.name, prepared.content) as file:
            if about.kind is AttachmentKind.SOUND:
                return file.samples(RATE)
            return file.picture(LARGEST_SIDE)

    return Media(about.kind, about.hash, load, about.name)


def text_of(about: Attachment, pages: tuple[str, ...]) -> str:
    """Return the chosen pages of a document as a model is given them."""
    name = _ODD.sub(" ", about.name).strip()
    word = "page" if about.paged else "section"
    body = "\n\n".join(
        f'<{word} number="{number}">\n{text}\n</{word}>' for number, text in about.chosen(pages)
    )
    return f'<document name="{name}" {word}s="{len(pages)}">\n{body}\n</document>'


def _found(
    about: Attachment, pages: tuple[str, ...], wanted: Sequence[str]
) -> list[tuple[int, Passage]]:
    found: list[tuple[int, Passage]] = []
    for number, text in enumerate(pages, 1):
        folded = text.casefold()
        places = {term: folded.find(term) for term in wanted}
        there = [place for place in places.values() if place >= 0]
        if there:
            middle = min(there)
            cut = text[max(0, middle - _AROUND) : middle + 2 * _AROUND].strip()
            found.append((len(there), Passage(about.name, number, about.paged, cut)))
    return found


def _terms(query: str) -> list[str]:
    """Return what to look for: words, and pairs of characters where words have no blanks."""
    terms: list[str] = []
    for word in _WORD.findall(query.casefold()):
        if _CJK.search(word) and len(word) > 1:
            terms += [word[n : n + 2] for n in range(len(word) - 1)]
        else:
            terms.append(word)
    return list(dict.fromkeys(terms))
