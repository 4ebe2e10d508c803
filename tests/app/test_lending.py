"""The model that is kept for a work answers it; before and after it the chosen one does."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.domain.attachments import Attachment, AttachmentKind, Prepared, Thumbnail
from hanlin.domain.conversation import Message, PartKind, Status
from hanlin.domain.models import Model, ModelDefaults, Origin, Purpose
from hanlin.kernel.errors import KnownError
from hanlin.services.events import NoticeCause, NoticePosted, NoticeWithdrawn, SessionState
from hanlin.services.session import ModelSession
from hanlin.settings.store import SettingChanged
from hanlin_fakes.house import OTHER, STARTER, House
from hanlin_fakes.waiting import until

CODER = Model("coder", "Coder", Path("coder.gguf"), Origin.ADDED, 1)
SEER = Model("seer", "Seer", Path("sees.gguf"), Origin.ADDED, 1)
CODING = "This question is answered by Coder, which you keep for programming."
PICTURE = Prepared(
    Attachment("p" * 64, AttachmentKind.PICTURE, "cat.png", "image/png", 3, 8, 8),
    b"png",
    thumbnail=Thumbnail(1, 1, b"rgb"),
)


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    house.library.keep(CODER)
    house.library.keep(SEER)
    house.choices.model_for_coding = CODER.id
    house.choices.model_for_pictures = SEER.id
    yield house
    house.close()


@pytest.fixture
def notices(house: House) -> list[str]:
    """What is said now of a model that is lent."""
    said: list[str] = []

    def post(event: NoticePosted) -> None:
        if event.cause is NoticeCause.LENT:
            said.append(event.text)

    def withdraw(event: NoticeWithdrawn) -> None:
        if event.cause is NoticeCause.LENT:
            said.clear()

    house.bus.subscribe(NoticePosted, post)
    house.bus.subscribe(NoticeWithdrawn, withdraw)
    return said


def loads(house: House) -> list[str]:
    return [path.stem for path, _options in house.engine.loads]


def test_a_question_on_code_is_answered_by_the_model_kept_for_it_and_the_next_by_the_chosen(
    house: House, notices: list[str]
) -> None:
    house.load(OTHER)
    house.engine.enqueue("code")
    asked = house.chat.send(None, "fix it", purpose=Purpose.CODING)
    answer = house.answered().message
    assert (answer.text(), answer.model) == ("code", "Coder")
    assert notices == [f"{CODING} Afterwards Other is back."]
    status = house.session.status()
    assert (status.lent, house.session.chosen()) == (Purpose.CODING, OTHER)
    assert house.memory.last_model == OTHER.id
    house.engine.enqueue("plain")
    house.chat.send(asked.conversation_id, "and you?")
    answer = house.answered().message
    assert (answer.text(), answer.model) == ("plain", "Other")
    assert loads(house) == ["other", "coder", "other"]
    assert notices == []


def test_pictures_that_another_model_will_look_at_are_not_read_ahead(house: House) -> None:
    house.load(OTHER)
    house.chat.expect("", "", [PICTURE])
    until(lambda: len(house.engine.ahead) == 1)
    house.choices.model_for_pictures = ""
    house.chat.expect("", "", [PICTURE])
    until(lambda: len(house.engine.ahead) == 2)
    shown = [[one.hash for one in ahead.question.media] for ahead in house.engine.ahead]
    assert shown == [[], [PICTURE.attachment.hash]]


def test_questions_on_code_one_after_the_other_load_the_model_once(house: House) -> None:
    house.load(OTHER)
    house.engine.enqueue("one")
    house.engine.enqueue("two")
    first = house.chat.send(None, "fix", purpose=Purpose.CODING)
    house.chat.send(first.conversation_id, "test", purpose=Purpose.CODING)
    assert [house.answered().message.model for _ in range(2)] == ["Coder", "Coder"]
    assert loads(house) == ["other", "coder"]


def test_without_a_kept_model_or_with_its_file_gone_the_chosen_one_answers(
    house: House, notices: list[str]
) -> None:
    house.load(OTHER)
    house.library.put(replace(CODER, missing=True))
    house.session.registry.notice_files()
    house.engine.enqueue("one")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Other"
    house.choices.model_for_coding = ""
    house.engine.enqueue("two")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Other"
    assert (loads(house), notices) == (["other"], [])


def test_a_conversation_keeps_to_the_model_that_was_chosen_in_it_by_hand(house: House) -> None:
    house.load(OTHER)
    house.chat.lending.choose_by_hand("", OTHER.id)
    house.engine.enqueue("one")
    first = house.chat.send(None, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Other"
    house.engine.enqueue("elsewhere")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Coder"
    house.bus.publish(SettingChanged("model_for_coding", CODER.id))
    house.engine.enqueue("kept anew")
    house.chat.send(first.conversation_id, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Coder"


def test_a_conversation_goes_on_with_its_own_model_when_another_was_chosen_elsewhere_since(
    house: House, notices: list[str]
) -> None:
    house.load(OTHER)
    house.chat.lending.choose_by_hand("", OTHER.id)
    house.engine.enqueue("one")
    first = house.chat.send(None, "hello")
    house.answered()
    house.load(STARTER)
    house.engine.enqueue("new")
    house.chat.send(None, "hello")
    assert house.answered().message.model == "Shutong"
    house.engine.enqueue("two")
    house.chat.send(first.conversation_id, "and you?")
    assert house.answered().message.model == "Other"
    assert (house.session.chosen(), house.session.status().lent, notices) == (OTHER, None, [])
    assert loads(house) == ["other", "shutong", "other"]


def test_the_model_chosen_by_hand_is_remembered_over_a_restart(tmp_path: Path) -> None:
    before = House(tmp_path)
    before.library.keep(CODER)
    before.load(OTHER)
    before.chat.lending.choose_by_hand("", OTHER.id)
    before.engine.enqueue("one")
    asked = before.chat.send(None, "hello")
    before.answered()
    before.load(STARTER)
    before.close()
    after = House(tmp_path, before.memory)
    after.library.keep(CODER)
    after.choices.model_for_coding = CODER.id
    after.session.start()
    assert after.session.chosen() == STARTER
    after.engine.enqueue("two")
    after.chat.send(asked.conversation_id, "fix it", purpose=Purpose.CODING)
    assert after.answered().message.model == "Other"
    after.library.put(replace(OTHER, missing=True))
    after.session.registry.notice_files()
    after.engine.enqueue("three")
    after.chat.send(asked.conversation_id, "fix it", purpose=Purpose.CODING)
    assert after.answered().message.model == "Coder"
    after.close()


def test_regenerating_continuing_and_editing_stay_with_the_model_for_the_work(
    house: House,
) -> None:
    house.load(OTHER)
    house.engine.enqueue("one")
    question = house.chat.send(None, "fix", purpose=Purpose.CODING)
    answer = house.answered().message
    house.session.bring_back()
    house.engine.enqueue("two")
    house.chat.regenerate(answer.id)
    assert house.answered().message.model == "Coder"
    house.session.bring_back()
    house.engine.enqueue("three")
    house.chat.edit(question.id, "fix this")
    assert house.answered().message.model == "Coder"


def test_pictures_go_to_the_model_kept_for_them_and_so_does_what_follows(
    house: House, notices: list[str]
) -> None:
    house.load(OTHER)
    house.engine.enqueue("a cat")
    asked = house.chat.send(None, "what is it?", attached=[PICTURE])
    assert house.answered().message.model == "Seer"
    assert notices[0].startswith("This question is answered by Seer, which you keep for pictures.")
    house.engine.enqueue("black")
    house.chat.send(asked.conversation_id, "which colour?")
    assert house.answered().message.model == "Seer"
    house.engine.enqueue("plain")
    house.chat.send(None, "hello")
    assert house.answered().message.model == "Other"
    assert loads(house) == ["other", "sees", "other"]


def test_a_blind_model_chosen_by_hand_does_not_get_pictures_one_that_sees_does(
    house: House,
) -> None:
    house.load(OTHER)
    house.chat.lending.choose_by_hand("", OTHER.id)
    house.engine.enqueue("a cat")
    house.chat.send(None, "what is it?", attached=[PICTURE])
    assert house.answered().message.model == "Seer"
    house.choices.model_for_pictures = CODER.id
    house.load(SEER)
    house.chat.lending.choose_by_hand("", SEER.id)
    house.engine.enqueue("a cat")
    house.chat.send(None, "what is it?", attached=[PICTURE])
    assert house.answered().message.model == "Seer"


def test_a_lent_model_that_does_not_load_fails_its_answer_alone(house: House) -> None:
    house.load(OTHER)
    house.engine.enqueue_load_error(KnownError("Broken", "It is broken."))
    house.engine.enqueue("plain")
    first = house.chat.send(None, "fix", purpose=Purpose.CODING)
    house.chat.send(first.conversation_id, "hello")
    failed, answered = house.answered().message, house.answered().message
    assert (failed.status, "broken" in failed.text(PartKind.NOTICE)) == (Status.FAILED, True)
    assert (answered.text(), answered.model) == ("plain", "Other")


def test_the_chosen_model_that_is_broken_does_not_keep_another_from_its_work(
    house: House,
) -> None:
    house.engine.enqueue_load_error(KnownError("Broken", "It is broken."))
    house.session.select(OTHER.id)
    until(lambda: house.session.status().state is SessionState.FAILED)
    house.engine.enqueue("code")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    assert house.answered().message.model == "Coder"


def test_the_chosen_model_is_back_by_itself_after_some_time_without_work(house: House) -> None:
    house.load(OTHER)
    house.engine.enqueue("code")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    house.answered()
    until(lambda: bool(house.executor.later))
    house.executor.later[-1]()
    until(lambda: house.session.status().state is SessionState.READY)
    status = house.session.status()
    assert (status.model, status.lent) == (OTHER, None)


def test_a_lent_model_that_is_removed_gives_its_place_back(house: House) -> None:
    house.load(OTHER)
    house.engine.enqueue("code")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    house.answered()
    house.session.registry.remove(CODER.id)
    until(lambda: _ready(house.session, OTHER))


def test_a_lent_model_thinks_as_its_own_defaults_say(house: House) -> None:
    house.session.registry.set_defaults(CODER.id, ModelDefaults(thinking=True))
    house.load(STARTER)
    house.engine.enqueue("code")
    house.chat.send(None, "fix", purpose=Purpose.CODING)
    house.answered()
    assert house.engine.asked[-1].options.thinking is True
    house.engine.enqueue("plain")
    house.chat.send(None, "hello")
    house.answered()
    assert house.engine.asked[-1].options.thinking is False


def test_what_translates_at_the_moment_answers_and_gives_its_place_back_afterwards(
    house: House, notices: list[str]
) -> None:
    house.load(OTHER)
    with house.session.holding(Purpose.TRANSLATION):
        house.session.lend(STARTER.id, Purpose.TRANSLATION)
        until(lambda: _ready(house.session, STARTER))
        house.engine.enqueue("between two sentences")
        house.chat.send(None, "hello")
        assert house.answered().message.model == "Shutong"
        assert notices == ["This question is answered by Shutong, which is translating just now."]
    house.engine.enqueue("plain")
    house.chat.send(None, "hello")
    assert house.answered().message.model == "Other"


def test_a_question_waits_for_the_end_of_a_completion(house: House) -> None:
    house.load(OTHER)
    sent: list[Message] = []
    with house.session.holding(Purpose.CODING):
        house.session.lend(CODER.id, Purpose.CODING)
        until(lambda: _ready(house.session, CODER))
        house.engine.enqueue("plain")
        sent.append(house.chat.send(None, "hello"))
        assert house.chat.is_busy()
        assert loads(house) == ["other", "coder"]
    assert house.answered().message.model == "Other"


def _ready(session: ModelSession, model: Model) -> bool:
    status = session.status()
    return status.state is SessionState.READY and status.model == model
