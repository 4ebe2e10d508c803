"""A conversation read piece by piece, and how much of it a model is given."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Message, Part, PartKind, Role, Status
from hanlin.domain.ids import new_id
from hanlin.services.paging import Paging
from hanlin.services.reach import within_reach
from hanlin.store.conversations import Store
from hanlin_fakes.house import House


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.close()


def talk(store: Store, count: int, text: str = "{n}") -> list[Message]:
    conversation = store.create_conversation("long")
    said: list[Message] = []
    for n in range(count):
        role = Role.ASSISTANT if n % 2 else Role.USER
        parts = (Part(PartKind.TEXT, text.format(n=n)),)
        parent = said[-1].id if said else None
        said.append(store.add_message(conversation.id, parent, role, Status.COMPLETE, parts))
    return said


def numbers(messages: list[Message]) -> list[int]:
    return [int(message.text()) for message in messages]


def test_pages_of_a_path_meet_without_a_gap_or_an_overlap(house: House) -> None:
    paging = Paging(house.store)
    said = talk(house.store, 50)
    conversation = said[0].conversation_id
    end = paging.end(conversation, 8).messages
    assert numbers(end) == list(range(42, 50))
    above = paging.above(end[0], 8)
    assert numbers(above) == list(range(34, 42))
    assert paging.above(said[0], 8) == []
    around = paging.around(conversation, said[20].id, 8)
    assert numbers(around.messages) == list(range(17, 25))
    assert around.more
    behind = paging.behind(conversation, said[24].id, 8)
    assert numbers(behind.messages) == list(range(25, 33))
    assert behind.more
    last = paging.behind(conversation, said[45].id, 8)
    assert numbers(last.messages) == [46, 47, 48, 49]
    assert not last.more
    assert not paging.behind(conversation, said[49].id, 8).messages


def test_the_end_reaches_back_to_what_is_shown(house: House) -> None:
    paging = Paging(house.store)
    said = talk(house.store, 30)
    conversation = said[0].conversation_id
    assert numbers(paging.end(conversation, 4, said[10].id).messages) == list(range(10, 30))
    assert len(paging.end(conversation, 4, new_id(1)).messages) == 4
    empty = house.store.create_conversation("empty")
    assert paging.end(empty.id, 4).messages == []
    assert not paging.around(conversation, new_id(1), 4).messages


def test_a_path_that_a_damaged_file_cuts_off_shows_what_is_left(house: House) -> None:
    said = talk(house.store, 3)
    with house.store.database.transaction() as connection:
        connection.execute("PRAGMA defer_foreign_keys = 1")
        connection.execute("UPDATE messages SET parent_id = NULL WHERE id = ?", (said[1].id,))
    end = Paging(house.store).end(said[0].conversation_id, 8).messages
    assert numbers(end) == [1, 2]


def test_a_model_is_given_no_more_than_it_could_hold_and_the_rest_is_said(house: House) -> None:
    house.load()
    loaded = house.session.status().loaded
    assert loaded is not None
    said = talk(house.store, 40, text="x" * loaded.context)
    reach = within_reach(house.store, house.session, said[-1].id)
    assert 16 <= len(reach.path) < 40
    assert len(reach.path) + reach.before == 40
    house.engine.enqueue("ok")
    house.chat.send(said[0].conversation_id, "and now?")
    event = house.answered()
    assert len(house.engine.asked[-1].turns) < 40
    assert "left out" in event.message.text(PartKind.NOTICE)
