"""The meter: what the next message would send is counted, all of it and nothing else.

The scripted engine takes a letter for a token, and each of a template's marks for one.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.assistants import Assistant
from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared
from hanlin.services.attached import text_of
from hanlin_fakes.house import House

HELPER = Assistant("helper", "Helper", prompt="Be kind.")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    opened = House(tmp_path)
    opened.load()
    yield opened
    opened.close()


def document(text: str) -> Prepared:
    about = Attachment("h", AttachmentKind.DOCUMENT, "a.txt", "text/plain", len(text), pages=1)
    return Prepared(about, text.encode(), (text,))


def test_a_draft_is_counted_with_what_is_attached(house: House) -> None:
    empty = house.chat.meter.measure("", "")
    drafted = house.chat.meter.measure("", "hello")
    attached = house.chat.meter.measure("", "hello", [document("some words")])
    assert empty is not None
    assert drafted is not None
    assert attached is not None
    assert drafted.tokens - empty.tokens == drafted.writing == len("hello")
    told = text_of(document("some words").attachment, ("some words",))
    assert attached.writing == len(told) + len("\n\nhello")
    assert attached.tokens - empty.tokens == attached.writing
    assert attached.size > 0


def test_history_and_instructions_count(house: House) -> None:
    house.engine.enqueue("a long answer")
    talk = house.chat.send(None, "a question", assistant=HELPER).conversation_id
    house.answered()
    fresh = house.chat.meter.measure("", "x")
    new = house.chat.meter.measure("", "x", assistant=HELPER)
    later = house.chat.meter.measure(talk, "x")
    assert fresh is not None
    assert new is not None
    assert later is not None
    instructions = len("Be kind.") + 1
    assert new.tokens == fresh.tokens + instructions
    # Two more turns, each behind one mark of the template.
    assert later.tokens == new.tokens + len("a question") + len("a long answer") + 2


def test_no_model_and_far_too_much_text_tell_nothing(house: House, tmp_path: Path) -> None:
    assert house.chat.meter.measure("", "x" * 500_000) is None
    (tmp_path / "other").mkdir()
    empty = House(tmp_path / "other")
    assert empty.chat.meter.measure("", "x") is None
    empty.close()
