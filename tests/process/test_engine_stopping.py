"""A stop is heeded before the next token is chosen, whenever it comes."""

from pathlib import Path

import pytest

from hanlin.domain.generation import StopReason
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.session import Answer, Session
from hanlin_fakes import gguf_models, own_session

SAYS = [f"w{number} " for number in range(40)]


class Person:
    """Who presses Stop when it was asked so often, also while the prompt is read."""

    def __init__(self, patience: int, *, reading: bool) -> None:
        self._left = patience
        self._reading = reading
        self._is_read = False

    def prefilled(self, done: int, total: int) -> None:
        self._is_read = done == total

    def cancelled(self) -> bool:
        if self._reading or self._is_read:
            self._left -= 1
        return self._left <= 0


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


def ask(llama: Llama, path: Path, text: str, person: Person) -> Answer:
    model = Model(llama, path, 0, lambda _fraction: True)
    session = Session(llama, model, context=4096, threads=1, free_memory=1 << 28, gpu=False)
    return own_session.ask(
        session, model, text, prefilled=person.prefilled, cancelled=person.cancelled
    )


@pytest.mark.parametrize("patience", [2, 7, 30])
def test_not_one_token_more_is_written(llama: Llama, tmp_path: Path, patience: int) -> None:
    path = gguf_models.write_scripted(tmp_path / "m.gguf", SAYS)
    answer = ask(llama, path, "hi", Person(patience, reading=False))
    assert answer.reason is StopReason.CANCELLED
    # The first time it is asked whether to begin.
    assert answer.usage.completion_tokens == patience - 1


def test_a_reading_is_left_in_the_middle_of_a_step(llama: Llama, tmp_path: Path) -> None:
    path = gguf_models.write_random(tmp_path / "m.gguf", layers=8)
    answer = ask(llama, path, "long " * 400, Person(40, reading=True))
    assert answer.reason is StopReason.CANCELLED
    assert answer.timings.prefill_tokens == 0
