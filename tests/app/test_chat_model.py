"""The chat service while models load, fail, die and change."""

import queue
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Role, Status
from hanlin.engine.base import EngineEvent, EngineState, StateChanged
from hanlin.engine.messages import LoadInterruptedError, LoadStoppedError
from hanlin.kernel.errors import KnownError
from hanlin.services.events import NoticePosted, SessionState, SessionStatus
from hanlin_fakes.house import OTHER, STARTER, House
from hanlin_fakes.waiting import DEADLINE


def waited_for(house: House, wanted: SessionState) -> SessionStatus:
    deadline = time.monotonic() + DEADLINE
    while (status := house.session.status()).state is not wanted:
        assert time.monotonic() < deadline, status
        time.sleep(0.01)
    return status


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_a_question_asked_while_the_model_loads_is_answered_afterwards(house: House) -> None:
    house.engine.enqueue("late")
    house.session.select(STARTER.id)
    house.chat.send(None, "early")
    assert house.answered().message.text() == "late"


def test_nothing_is_stored_without_a_model(house: House) -> None:
    house.session.registry.remove(STARTER.id)
    house.session.registry.remove(OTHER.id)
    house.session.start()
    with pytest.raises(KnownError) as caught:
        house.chat.send(None, "q")
    assert caught.value.hint
    assert house.chat.conversations() == []


def test_a_question_before_the_start_waits_for_it(house: House) -> None:
    house.engine.enqueue("here")
    house.chat.send(None, "quick fingers")
    house.session.start()
    answer = house.answered().message
    assert (answer.text(), answer.model) == ("here", STARTER.name)


def test_a_model_that_does_not_load_fails_what_waits(house: House) -> None:
    house.engine.enqueue_load_error(KnownError("Damaged", "The file is damaged.", "Get it again."))
    house.session.select(STARTER.id)
    house.chat.send(None, "q")
    event = house.answered()
    assert event.message.status is Status.FAILED
    assert event.error is not None
    assert house.session.status().state is SessionState.FAILED
    with pytest.raises(KnownError, match="damaged"):
        house.chat.send(None, "q")


def test_a_question_after_a_load_that_was_killed_loads_the_model_again(house: House) -> None:
    house.engine.enqueue_load_error(LoadInterruptedError("Killed", "It was killed.", "Again."))
    house.session.select(STARTER.id)
    waited_for(house, SessionState.FAILED)
    house.engine.enqueue("here after all")
    house.chat.send(None, "q")
    assert house.answered().message.text() == "here after all"


def test_switching_the_model_in_the_middle_of_a_conversation(house: House) -> None:
    house.load()
    house.engine.enqueue("by the first")
    house.engine.enqueue("by the second")
    conversation = house.chat.send(None, "q").conversation_id
    house.answered()
    house.load(OTHER)
    house.chat.send(conversation, "r")
    house.answered()
    models = [m.model for m in house.chat.transcript(conversation) if m.role is Role.ASSISTANT]
    assert models == ["Shutong", "Other"]
    assert house.memory.last_model == OTHER.id


def test_a_model_that_killed_the_program_is_not_loaded_again_by_itself(house: House) -> None:
    house.memory.last_model = house.memory.loading_model = OTHER.id
    wait: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
    house.session.on_change(lambda status: wait.put(status.state))
    house.session.start()
    while wait.get(timeout=DEADLINE) is not SessionState.READY:
        pass
    assert house.engine.loads[-1][0] == STARTER.path


def test_leaving_while_a_model_loads_says_nothing_against_it(house: House) -> None:
    house.memory.loading_model = OTHER.id
    house.session.close()
    assert house.memory.loading_model == ""


def test_a_model_that_cannot_be_loaded_again_after_a_death_is_a_failure(house: House) -> None:
    house.load()
    states: queue.SimpleQueue[SessionState] = queue.SimpleQueue()
    house.session.on_change(lambda status: states.put(status.state))
    house.engine.die("other.gguf does not exist any more.")
    while states.get(timeout=DEADLINE) is not SessionState.LOADING:
        pass
    house.chat.send(None, "asked while it restarts")
    house.engine.release()
    while states.get(timeout=DEADLINE) is not SessionState.FAILED:
        pass
    event = house.answered()
    assert event.message.status is Status.FAILED
    assert "does not exist" in str(event.error)
    house.load(OTHER)


def test_adding_a_model_that_is_too_big_adds_it_and_says_so(house: House) -> None:
    notices: list[str] = []
    house.bus.subscribe(NoticePosted, lambda event: notices.append(event.text))
    house.session.registry.add(Path("small.gguf"))
    assert notices == []
    house.session.registry.add(Path("giant.gguf"))
    assert notices == ["too big"]
    assert [model.name for model in house.session.registry.models()][-2:] == ["small", "giant"]


def test_loading_can_be_stopped_and_begun_again(house: House) -> None:
    def stop_at_once(event: EngineEvent) -> None:
        if isinstance(event, StateChanged) and event.state is EngineState.LOADING:
            house.session.stop_loading()

    unsubscribe = house.engine.subscribe(stop_at_once)
    house.session.select(STARTER.id)
    assert isinstance(waited_for(house, SessionState.FAILED).error, LoadStoppedError)
    unsubscribe()
    house.load()
    house.session.stop_loading()  # nothing is loading any more
    assert house.session.status().state is SessionState.READY


def test_a_restart_of_the_engine_can_be_stopped(house: House) -> None:
    house.load()
    house.engine.die("it cannot be loaded any more")
    waited_for(house, SessionState.LOADING)
    house.session.stop_loading()
    assert waited_for(house, SessionState.FAILED).error is not None
    house.engine.release()
    house.load(OTHER)
