"""What is attached to messages: kept once, shared by branches, gone with the last message."""

import pytest

from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.store import attachments
from hanlin.store.conversations import Store

PICTURE = Attachment("ab" * 32, AttachmentKind.PICTURE, "猫.png", "image/png", 9, 2, 1)
PREPARED = Prepared(PICTURE, b"content", ("第一页", "page two"), Thumbnail(2, 1, b"rgbRGB"))


def asked(store: Store, conversation_id: str, *, again: bool = False) -> Message:
    parts = (Part(PartKind.ATTACHMENT, PICTURE.written()), Part(PartKind.TEXT, "what is this"))
    new = () if again else (PREPARED,)
    return store.add_message(conversation_id, None, Role.USER, Status.COMPLETE, parts, attached=new)


@pytest.mark.parametrize("temporary", [False, True])
def test_what_was_attached_is_read_back(store: Store, *, temporary: bool) -> None:
    message = asked(store, store.create_conversation("c", temporary=temporary).id)
    database = store.database_of(message.id)
    assert store.message(message.id).attachments() == (PICTURE,)
    assert store.message(message.id).text() == "what is this"
    assert attachments.content(database, PICTURE.hash) == b"content"
    assert attachments.pages(database, PICTURE.hash) == ("第一页", "page two")
    assert attachments.thumbnail(database, PICTURE.hash) == PREPARED.thumbnail


def test_bytes_go_with_the_last_message_that_has_them(store: Store) -> None:
    first = asked(store, store.create_conversation("c").id)
    branch = store.branch(first.id)
    store.delete_forever(first.conversation_id)
    assert attachments.content(store.database, PICTURE.hash) == b"content"
    store.delete_forever(branch.id)
    assert attachments.content(store.database, PICTURE.hash) is None


def test_the_same_bytes_are_kept_once(store: Store) -> None:
    for _ in range(3):
        asked(store, store.create_conversation("c").id)
    assert store.database.read("SELECT count(*) FROM attachments") == [(1,)]


def test_an_asked_again_question_keeps_its_attachments(store: Store) -> None:
    conversation = store.create_conversation("c").id
    asked(store, conversation)
    again = asked(store, conversation, again=True)
    assert store.message(again.id).attachments() == (PICTURE,)


@pytest.mark.parametrize(
    "text", ["", "[]", "3", '{"hash": 1}', '{"hash":"a","kind":"x","name":"n"}',
             '{"hash":1,"kind":"picture","name":"n"}', '{"hash":"a","kind":"picture"}']
)  # fmt: skip
def test_nonsense_is_no_attachment(text: str) -> None:
    assert Attachment.read(text) is None


def test_an_attachment_survives_its_writing() -> None:
    assert Attachment.read(PICTURE.written()) == PICTURE
