"""The model session: a model's own choices, the last used first, rest and waking."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hanlin.domain.generation import StopReason
from hanlin.domain.models import ModelDefaults, Purpose
from hanlin.services import purposes
from hanlin.services.events import ModelsChanged, NoticePosted, SessionState
from hanlin_fakes.house import OTHER, STARTER, Choices, House
from hanlin_fakes.waiting import DEADLINE, until


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_an_idle_model_leaves_the_memory_and_the_next_question_loads_it(house: House) -> None:
    house.choices.idle_minutes = 10
    house.load()
    until(lambda: bool(house.executor.later))
    house.executor.later[-1]()
    assert house.session.status().state is SessionState.RESTING
    house.engine.enqueue("awake")
    house.chat.send(None, "hello")
    assert house.finished.get(timeout=DEADLINE).message.text() == "awake"


def test_an_answer_that_goes_on_wakes_the_model_that_rests(house: House) -> None:
    house.choices.idle_minutes = 10
    house.load()
    until(lambda: bool(house.executor.later))
    first = house.executor.later[-1]
    house.engine.enqueue("cut", reason=StopReason.LIMIT)
    house.chat.send(None, "hello")
    cut = house.finished.get(timeout=DEADLINE).message
    until(lambda: house.executor.later[-1] is not first)
    house.executor.later[-1]()
    assert house.session.status().state is SessionState.RESTING
    house.engine.enqueue(" and mended")
    house.chat.revising.go_on(cut.id)
    assert house.finished.get(timeout=DEADLINE).message.text() == "cut and mended"


def test_a_model_that_was_asked_meanwhile_stays(house: House) -> None:
    house.choices.idle_minutes = 10
    house.load()
    until(lambda: bool(house.executor.later))
    first = house.executor.later[-1]
    house.engine.enqueue("one")
    house.chat.send(None, "hello")
    house.finished.get(timeout=DEADLINE)
    until(lambda: house.executor.later[-1] is not first)
    first()
    assert house.session.status().state is SessionState.READY


def test_a_models_own_choices_go_before_the_settings(house: House) -> None:
    house.choices.context = 4096
    defaults = ModelDefaults(context=2048, gpu_layers=7, temperature=0.1)
    house.session.registry.set_defaults(OTHER.id, defaults)
    house.load(house.session.registry.resolve(OTHER.id))
    options = house.engine.loads[-1][1]
    assert (options.context, options.gpu_layers) == (2048, 7)
    house.engine.enqueue("ok")
    house.chat.send(None, "hello")
    house.finished.get(timeout=DEADLINE)
    assert house.engine.asked[-1].options.sampling.temperature == 0.1


def test_another_temperature_needs_no_loading_another_context_does(house: House) -> None:
    house.load(OTHER)
    states: list[SessionState] = []
    house.session.on_change(lambda status: states.append(status.state))
    house.session.registry.set_defaults(OTHER.id, ModelDefaults(temperature=0.1))
    assert states == []
    house.session.registry.set_defaults(OTHER.id, ModelDefaults(context=2048))
    until(lambda: SessionState.READY in states)
    assert states[0] is SessionState.LOADING


def test_the_last_used_model_comes_first(house: House) -> None:
    house.load(STARTER)
    house.load(OTHER)
    assert [model.id for model in house.session.registry.recent()] == [OTHER.id, STARTER.id]
    house.load(STARTER)
    assert [model.id for model in house.session.registry.recent()] == [STARTER.id, OTHER.id]


def test_each_kind_of_work_has_its_model(house: House) -> None:
    third = house.session.registry.add(Path("third.gguf"))

    def chosen(purpose: Purpose) -> str:
        model = house.session.registry.model_for(purpose)
        assert model is not None
        return model.id

    assert chosen(Purpose.TRANSLATION) == STARTER.id
    house.memory.last_model = OTHER.id
    assert chosen(Purpose.TRANSLATION) == chosen(Purpose.CHAT) == OTHER.id
    house.choices.model_for_chat = STARTER.id
    assert chosen(Purpose.CODING) == chosen(Purpose.CHAT) == STARTER.id
    house.choices.model_for_translation = third.id
    assert chosen(Purpose.TRANSLATION) == third.id
    assert chosen(Purpose.PICTURES) == STARTER.id


def test_a_model_that_moves_keeps_what_was_chosen_for_it(house: House) -> None:
    house.load(OTHER)
    house.session.registry.set_defaults(OTHER.id, ModelDefaults(context=2048))
    moved = house.session.registry.relocate(
        house.session.registry.resolve(OTHER.id), Path("elsewhere.gguf")
    )
    assert moved.id != OTHER.id
    assert house.session.registry.resolve(moved.id).defaults == ModelDefaults(context=2048)
    assert house.memory.last_model == moved.id
    assert house.memory.recent_models.split() == [moved.id]


def test_a_model_whose_file_is_gone_does_no_work() -> None:
    gone = replace(OTHER, missing=True)
    kept = Choices(model_for_coding=gone.id, model_for_chat=gone.id)
    assert purposes.choose(Purpose.CODING, [STARTER, gone], kept, gone.id) == STARTER
    assert purposes.choose(Purpose.CODING, [gone], kept, "") is None


def test_what_happens_to_files_meanwhile_is_noticed_and_told_once(house: House) -> None:
    notices: list[str] = []
    changes: list[ModelsChanged] = []
    house.bus.subscribe(NoticePosted, lambda event: notices.append(event.text))
    house.bus.subscribe(ModelsChanged, changes.append)
    house.session.registry.notice_files()
    assert (notices, changes) == ([], [])
    house.library.put(replace(OTHER, missing=True))
    house.session.registry.notice_files()
    house.session.registry.notice_files()
    assert (len(notices), len(changes)) == (1, 1)
    assert OTHER.name in notices[0]
    house.library.put(replace(OTHER, changed=True))
    house.session.registry.notice_files()
    assert (len(notices), len(changes)) == (2, 2)
    assert "changed" in notices[1]
    house.library.put(OTHER)
    house.session.registry.notice_files()
    assert (len(notices), len(changes), house.memory.missed_models) == (2, 3, "")


def test_what_was_told_before_the_last_end_is_not_told_again(house: House) -> None:
    notices: list[str] = []
    house.bus.subscribe(NoticePosted, lambda event: notices.append(event.text))
    house.memory.missed_models = f"{OTHER.id}:gone"
    house.library.put(replace(OTHER, missing=True))
    house.session.registry.notice_files()
    assert notices == []


def test_the_list_for_the_window_is_the_one_of_the_last_look(house: House) -> None:
    assert [model.missing for model in house.session.registry.models()] == [False, False]
    house.library.put(replace(OTHER, missing=True))
    assert [model.missing for model in house.session.registry.models()] == [False, False]
    house.session.registry.notice_files()
    assert [model.missing for model in house.session.registry.models()] == [False, True]


def test_a_model_that_was_lent_for_other_work_is_not_the_last_used(house: House) -> None:
    house.load(STARTER)
    house.session.lend(OTHER.id, Purpose.TRANSLATION)
    until(lambda: house.session.status().state is SessionState.READY)
    until(lambda: house.session.status().model == OTHER)
    assert house.memory.last_model == STARTER.id
    assert [model.id for model in house.session.registry.recent()] == [STARTER.id, OTHER.id]
    house.load(OTHER)
    assert house.memory.last_model == OTHER.id
