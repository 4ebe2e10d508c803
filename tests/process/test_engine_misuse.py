"""What aborts llama.cpp when it is asked wrongly, and is not asked: rows of the crash table.

Two threads in one context end the process, what was freed answers garbage; here each ends in
an error that says so, and the worker's own thread goes on. Which test shows which row is in
``tests/architecture/test_crash_table.py``.
"""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from hanlin.domain.generation import Sampling, StopReason, TokenBias
from hanlin.engine.worker.handles import MisuseError
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.pace import CHUNK
from hanlin.engine.worker.sampling import Sampler
from hanlin.engine.worker.session import Answer, Session
from hanlin.engine.worker.stream import Piece
from hanlin_fakes import gguf_models, own_session
from hanlin_fakes.own_session import GREEDY


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


@pytest.fixture
def model(tmp_path: Path, llama: Llama) -> Model:
    path = gguf_models.write_scripted(tmp_path / "m.gguf", ["一", "二", "三"])
    return Model(llama, path, 0, lambda _fraction: True)


def opened(llama: Llama, model: Model) -> Session:
    return Session(llama, model, context=4096, threads=1, free_memory=1 << 28, gpu=False)


def ask(session: Session, model: Model, said: list[str], text: str = "hi") -> Answer:
    def wrote(pieces: list[Piece]) -> None:
        said.extend(text for _, text in pieces)

    return own_session.ask(session, model, text, wrote=wrote)


def on_another_thread(act: Callable[[], object]) -> BaseException | None:
    raised: list[BaseException] = []

    def work() -> None:
        try:
            act()
        except MisuseError as error:
            raised.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return raised[0] if raised else None


def test_a_second_thread_is_refused_and_the_first_goes_on(llama: Llama, model: Model) -> None:
    session = opened(llama, model)
    sampler = Sampler(model, GREEDY)
    said: list[str] = []
    for misuse in (
        lambda: ask(session, model, said),
        lambda: session.tune([1]),
        lambda: sampler.direct(None),
        sampler.free,
        model.free,
        lambda: model.pointer,
    ):
        error = on_another_thread(misuse)
        assert error is not None
        assert "another thread" in str(error)
    assert not said
    assert ask(session, model, said).reason is StopReason.END
    assert "".join(said) == "一二三"


def test_what_is_read_on_every_thread_may_be(model: Model) -> None:
    assert on_another_thread(lambda: model.piece(65)) is None
    assert model.piece(65)


def test_what_was_freed_is_not_asked(llama: Llama, model: Model) -> None:
    session = opened(llama, model)
    sampler = Sampler(model, GREEDY)
    sampler.free()
    model.free()
    said: list[str] = []
    for misuse in (
        lambda: sampler.direct(None),
        lambda: sampler.sample(None, -1, formed=False),
        sampler.free,
        model.free,
        lambda: model.tokenise("a", control=False),
        lambda: model.metadata("general.name"),
        lambda: ask(session, model, said),
    ):
        with pytest.raises(MisuseError, match="was freed"):
            misuse()


def test_the_ends_are_those_that_llama_cpp_knows(model: Model) -> None:
    known = {each for each in range(model.size) if model.c.llama_vocab_is_eog(model.vocab, each)}
    assert model.ends == known != set()


def test_more_tokens_than_a_batch_holds_are_read_in_parts(llama: Llama, model: Model) -> None:
    said: list[str] = []
    answer = ask(opened(llama, model), model, said, "a" * (3 * CHUNK))
    assert answer.timings.prefill_tokens > 3 * CHUNK
    assert "".join(said) == "一二三"


@pytest.mark.parametrize("temperature", [0.0, 0.7])
@pytest.mark.parametrize("penalty", [0.0, 1.5])
@pytest.mark.parametrize("bias", [(), (TokenBias(65, -100.0),)])
@pytest.mark.parametrize("top_k", [0, 40])
def test_every_chain_ends_in_a_choice(
    model: Model, temperature: float, penalty: float, bias: tuple[TokenBias, ...], top_k: int
) -> None:
    sampling = Sampling(temperature, top_k, dry=penalty, presence_penalty=penalty, bias=bias)
    sampler, c = Sampler(model, sampling), model.c
    choose = sampler.direct(None)
    assert isinstance(choose, partial)
    [chain, _context] = choose.args
    length = c.llama_sampler_chain_n(chain)
    names = [c.llama_sampler_name(c.llama_sampler_chain_get(chain, at)) for at in range(length)]
    assert names[-1] in (b"dist", b"greedy")
    if top_k and len(names) > len(bias) + 1:  # the others look at what it leaves: 0.1 ms, not 12
        assert names[len(bias)] == b"top-k"
    sampler.free()
