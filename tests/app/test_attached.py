"""What a model is told of what is attached, and what is said before it cannot take it."""

import json
import queue
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared
from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.tools import Decision
from hanlin.engine.base import LoadedModel
from hanlin.services.attached import text_of
from hanlin.services.attaching import Obstacle, chosen, guessed_tokens, refusal, weighed
from hanlin.services.events import ToolAsked
from hanlin.services.search import SearchService
from hanlin.store.transfer import take_out
from hanlin_fakes.house import House
from hanlin_fakes.waiting import DEADLINE

CONTRACT = Attachment(
    "cc" * 32, AttachmentKind.DOCUMENT, "合同.pdf", "application/pdf", 9, pages=3, paged=True
)
DOCUMENT = weighed(Prepared(CONTRACT, b"x", ("第一页 甲方", "page two about rent", "三 违约金")))
PICTURE = Prepared(Attachment("aa" * 32, AttachmentKind.PICTURE, "cat.png", tokens=36), b"png")
SOUND = Prepared(Attachment("bb" * 32, AttachmentKind.SOUND, "a.wav", tokens=25), b"wav")


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def model(context: int = 4096, *, sees: bool = False, hears: bool = False) -> LoadedModel:
    return LoadedModel(
        path=Path("m.gguf"),
        architecture="qwen3",
        name="Shutong",
        context=context,
        trained_context=context,
        parameters=1,
        thinking_switch=False,
        template_note="",
        device="CPU",
        sees=sees,
        hears=hears,
    )


def test_a_document_stands_in_the_question_page_by_page(house: House) -> None:
    house.load()
    house.engine.enqueue("ok")
    question = house.chat.send(None, "谁付？", attached=[DOCUMENT])
    house.answered()
    (turn,) = house.engine.asked[-1].turns
    assert turn.text == (
        '<document name="合同.pdf" pages="3">\n<page number="1">\n第一页 甲方\n</page>\n\n'
        '<page number="2">\npage two about rent\n</page>\n\n'
        '<page number="3">\n三 违约金\n</page>\n</document>\n\n谁付？'
    )
    assert question.text() == "谁付？"
    assert house.chat.conversations()[0].title == "谁付？"


def test_only_the_chosen_pages_are_sent() -> None:
    part = chosen(DOCUMENT, 2, 2)
    text = text_of(part.attachment, part.pages)
    assert "rent" in text
    assert "甲方" not in text
    assert part.attachment.tokens < DOCUMENT.attachment.tokens


def test_pictures_go_along_with_their_turn_and_into_the_next(house: House) -> None:
    house.load()
    house.engine.enqueue("a cat")
    house.engine.enqueue("black")
    first = house.chat.send(None, "", attached=[PICTURE])
    house.answered()
    house.chat.send(first.conversation_id, "which colour")
    house.answered()
    for asked in house.engine.asked:
        assert [media.hash for media in asked.turns[0].media] == [PICTURE.attachment.hash]
    assert house.chat.conversations()[0].title == "cat.png"
    assert house.chat.attached.content(first.id, PICTURE.attachment) == b"png"


def test_an_edited_question_keeps_what_is_attached(house: House) -> None:
    house.load()
    house.engine.enqueue("a")
    house.engine.enqueue("b")
    first = house.chat.send(None, "one", attached=[PICTURE])
    house.answered()
    again = house.chat.edit(first.id, "two")
    house.answered()
    assert [one.name for one in again.attachments()] == ["cat.png"]
    assert house.chat.attached.content(again.id, PICTURE.attachment) == b"png"


@pytest.mark.parametrize(
    ("attached", "loaded", "obstacle"),
    [
        ([PICTURE], model(), Obstacle.BLIND),
        ([SOUND], model(sees=True), Obstacle.DEAF),
        ([PICTURE, SOUND], model(sees=True, hears=True), None),
        ([DOCUMENT], model(), None),
        ([DOCUMENT], model(context=40), Obstacle.ROOM),
        ([chosen(DOCUMENT, 1, 1)], model(context=60), None),
        (
            [replace(DOCUMENT, pages=("", " ", ""), drawn=(1, 2, 3))],
            model(sees=True),
            Obstacle.SCANNED,
        ),
        ([PICTURE], None, None),
        ([], model(), None),
    ],
)
def test_what_a_model_cannot_take_is_said_before(
    attached: list[Prepared], loaded: LoadedModel | None, obstacle: Obstacle | None
) -> None:
    found = refusal(attached, loaded)
    assert (found.obstacle if found else None) == obstacle
    if found:
        assert found.message
        assert found.hint


@pytest.mark.parametrize(("longest", "hint"), [(80, "enlarge the context"), (40, "longer context")])
def test_a_context_is_to_be_enlarged_only_where_it_can_be(longest: int, hint: str) -> None:
    found = refusal([DOCUMENT], replace(model(context=40), longest_context=longest))
    assert found is not None
    assert hint in found.hint


def test_passages_of_documents_are_found_with_their_page(house: House) -> None:
    house.load()
    house.engine.enqueue("ok")
    question = house.chat.send(None, "q", attached=[DOCUMENT])
    house.answered()
    found = house.chat.attached.find(question.conversation_id, "违约金是多少")
    assert [(one.name, one.page, one.paged) for one in found] == [("合同.pdf", 3, True)]
    assert house.chat.attached.find(question.conversation_id, "RENT")[0].page == 2
    assert house.chat.attached.find(question.conversation_id, "nothing of it") == []
    assert house.chat.attached.has_text(question.conversation_id)


@pytest.mark.parametrize("temporary", [False, True])
def test_a_model_searches_in_the_documents_of_its_conversation(
    house: House, *, temporary: bool
) -> None:
    house.choices.tools = True
    house.chat.offer_tools()
    asked: queue.SimpleQueue[ToolAsked] = queue.SimpleQueue()
    house.bus.subscribe(ToolAsked, asked.put)
    house.load()
    house.engine.enqueue("a picture")
    house.chat.send(None, "q", attached=[PICTURE])
    house.answered()
    call = {"name": "search_documents", "arguments": {"query": "违约金"}}
    house.engine.enqueue((PartKind.TOOL_CALL, json.dumps(call)))
    house.engine.enqueue("page 3")
    house.chat.send(None, "q", attached=[DOCUMENT], temporary=temporary)
    event = asked.get(timeout=DEADLINE)
    house.chat.decide(event.message_id, event.number, Decision.ONCE)
    assert house.answered().message.text() == "page 3"
    told = [[tool.name for tool in one.options.tools] for one in house.engine.asked]
    assert "search_documents" not in told[0]
    assert "search_documents" in told[1]
    assert house.engine.asked[-1].turns[-1].text == "合同.pdf, page 3:\n三 违约金"


def test_a_document_is_found_by_its_name_and_named_when_carried(house: House) -> None:
    house.load()
    house.engine.enqueue("ok")
    question = house.chat.send(None, "q", attached=[DOCUMENT])
    house.answered()
    search = SearchService(house.store.database, house.bus)
    search.index_all()
    assert [hit.message_id for hit in search.search("合同").hits] == [question.id]
    search.close()
    carried = take_out(house.store, question.conversation_id)
    assert carried.messages[0].said() == "[合同.pdf]\nq"
    assert carried.messages[0].role is Role.USER


def test_characters_cost_more_than_letters() -> None:
    assert guessed_tokens("合同" * 100) == 150
    assert guessed_tokens("word " * 70) == 100


def test_a_name_cannot_end_the_mark_it_stands_in() -> None:
    odd = replace(CONTRACT, name='a"><x>\n.pdf')
    assert text_of(odd, ("t",)).splitlines()[0] == '<document name="a x .pdf" pages="1">'
    assert json.loads(odd.written())["name"] == odd.name
