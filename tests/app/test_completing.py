"""Completion beside the conversation: by the loaded model, stopped, refused with a sentence."""

import queue
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.filling import Gap
from hanlin.domain.models import Model, Origin
from hanlin.kernel.errors import KnownError, UserCancelled
from hanlin.services.completing import Completer
from hanlin_fakes.house import OTHER, House
from hanlin_fakes.waiting import DEADLINE

GAP = Gap("def f():\n    ", "\n")
CHAT = Model("chat", "Qwen-Coder-Instruct", Path("coder.gguf"), Origin.ADDED, 1)
DEAF = Model("deaf", "Deaf", Path("talks.gguf"), Origin.ADDED, 1)


def _ignore(_text: str) -> None:
    """Hear nothing."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = House(tmp_path)
    yield house
    house.close()


def test_a_gap_is_filled_beside_and_told_piece_by_piece(house: House) -> None:
    house.load()
    house.engine.enqueue("return ", "1")
    heard: list[str] = []
    done = Completer(house.engine, house.session, house.chat.is_busy).complete(GAP, heard.append)
    assert (done.text, done.model, done.talks) == ("return 1", "Shutong", False)
    assert heard == ["return ", "1"]
    [asked] = house.engine.asked
    assert [turn.text for turn in asked.turns] == [GAP.prefix, GAP.suffix]
    assert asked.beside


def test_a_model_that_was_made_for_talking_is_told_from_a_base_model(house: House) -> None:
    house.library.keep(CHAT)
    house.load(CHAT)
    house.engine.enqueue("x")
    assert Completer(house.engine, house.session, house.chat.is_busy).complete(GAP, _ignore).talks


def test_with_a_broken_model_or_one_that_cannot_there_is_a_sentence(house: House) -> None:
    completer = Completer(house.engine, house.session, house.chat.is_busy)
    house.engine.enqueue_load_error(KnownError("Broken", "It is broken."))
    house.session.select(OTHER.id)
    with pytest.raises(KnownError, match="broken"):
        completer.complete(GAP, _ignore)
    house.library.keep(DEAF)
    house.load(DEAF)
    with pytest.raises(KnownError, match="marks"):
        completer.complete(GAP, _ignore)


def test_a_completion_is_stopped(house: House) -> None:
    house.load()
    completer = Completer(house.engine, house.session, house.chat.is_busy)
    house.engine.enqueue("a", "b", hold_after=1)
    began: queue.SimpleQueue[str] = queue.SimpleQueue()
    ended: queue.SimpleQueue[str] = queue.SimpleQueue()

    def work() -> None:
        try:
            completer.complete(GAP, began.put)
        except UserCancelled:
            ended.put("cancelled")

    thread = threading.Thread(target=work)
    thread.start()
    began.get(timeout=DEADLINE)
    completer.stop()
    assert ended.get(timeout=DEADLINE)
    thread.join()


def test_the_model_kept_for_programming_completes_unless_another_was_chosen(house: House) -> None:
    house.load()
    house.choices.model_for_coding = OTHER.id
    completer = Completer(house.engine, house.session, house.chat.is_busy)
    house.engine.enqueue("chosen")
    assert completer.complete(GAP, _ignore, chosen=True).model == "Shutong"
    house.engine.enqueue("kept")
    assert completer.complete(GAP, _ignore).model == "Other"
    house.engine.enqueue("again")
    assert completer.complete(GAP, _ignore).model == "Other"
    assert [path.stem for path, _options in house.engine.loads] == ["shutong", "other"]
    assert house.memory.last_model == "shutong"


def test_an_answer_keeps_the_model_that_a_completion_would_change(house: House) -> None:
    house.load()
    house.choices.model_for_coding = OTHER.id
    house.engine.enqueue("a", "b", hold_after=1)
    house.engine.enqueue("completed")
    house.chat.send(None, "hello")
    house.grown.get(timeout=DEADLINE)
    completer = Completer(house.engine, house.session, house.chat.is_busy)
    house.engine.release()
    assert completer.complete(GAP, _ignore).text == "completed"
    assert house.answered().message.text() == "ab"


def test_a_kept_model_that_cannot_complete_is_tried_once(house: House) -> None:
    house.library.keep(DEAF)
    house.load()
    house.choices.model_for_coding = DEAF.id
    completer = Completer(house.engine, house.session, house.chat.is_busy)
    with pytest.raises(KnownError, match="marks"):
        completer.complete(GAP, _ignore)
    house.session.bring_back()
    house.engine.enqueue("the chosen one")
    assert completer.complete(GAP, _ignore).model == "Shutong"
