"""A stop is heeded before the next token is chosen, whenever it comes."""

import random
from pathlib import Path

import pytest

from hanlin.domain.generation import Sampling, StopReason, TokenBias
from hanlin.engine.worker import speculation
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.session import Answer, Session
from hanlin_fakes import gguf_families, gguf_models, own_session

FOUR_LETTERS = Sampling(
    temperature=0,
    bias=tuple(
        TokenBias(token, -100)
        for token in range(gguf_models.FIRST_OWN)
        if token not in tuple(b"abcd")
    ),
)
"""Any three of them stand in a long question: there is always a guess."""
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


def opened(llama: Llama, path: Path) -> tuple[Session, Model]:
    model = Model(llama, path, 0, lambda _fraction: True)
    return Session(llama, model, context=4096, threads=1, free_memory=1 << 28, gpu=False), model


def ask(llama: Llama, path: Path, text: str, person: Person) -> Answer:
    session, model = opened(llama, path)
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


@pytest.mark.parametrize("kind", ["qwen3", "qwen35"])
def test_a_guess_is_left_in_the_middle_and_nothing_of_it_stays(
    llama: Llama, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(speculation, "_LONG_SECONDS", -1.0)  # as a large model's steps last
    path = gguf_families.write(tmp_path / "m.gguf", kind)
    dice = random.Random(1)
    text = "".join(dice.choice("abcd") for _ in range(400))

    def answer(session: Session, model: Model, person: Person) -> tuple[str, Answer]:
        pieces: list[tuple[object, str]] = []
        end = own_session.ask(
            session,
            model,
            text,
            sampling=FOUR_LETTERS,
            max_tokens=60,
            wrote=pieces.extend,
            prefilled=person.prefilled,
            cancelled=person.cancelled,
        )
        return "".join(text for _kind, text in pieces), end

    patient = 10**9
    alone, _ = answer(*opened(llama, path), Person(patient, reading=False))
    session, model = opened(llama, path)
    for patience in (12, 25, 40, 70, 110):
        _, end = answer(session, model, Person(patience, reading=False))
        assert end.reason is StopReason.CANCELLED
        assert end.usage.completion_tokens < patience - 5, "it was asked between tokens alone"
        assert answer(session, model, Person(patient, reading=False))[0] == alone
