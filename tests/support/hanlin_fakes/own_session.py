"""A session of the worker's in the test's own process, where its thread can be watched."""

from collections.abc import Callable

from hanlin.domain.generation import Sampling
from hanlin.engine.worker.aside import Asides
from hanlin.engine.worker.evaluation import never
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.prompt import tokenise
from hanlin.engine.worker.sampling import Sampler
from hanlin.engine.worker.session import Answer, Listener, Request, Session
from hanlin.engine.worker.stream import AnswerParser, Piece
from hanlin_fakes.real_worker import question

GREEDY = Sampling(temperature=0)
_ASIDES = Asides()


def ask(
    session: Session,
    model: Model,
    text: str = "hi",
    *,
    sampling: Sampling = GREEDY,
    max_tokens: int | None = None,
    wrote: Callable[[list[Piece]], None] = lambda _pieces: None,
    prefilled: Callable[[int, int], None] = lambda _done, _total: None,
    cancelled: Callable[[], bool] = never,
) -> Answer:
    """Have a question answered."""
    prompt = tokenise(model, question(text), session.written, None)
    sampler = Sampler(model, sampling)
    request = Request(prompt, sampler, AnswerParser(None), max_tokens, None, repeatable=False)
    listener = Listener(
        prefilled=prefilled,
        wrote=wrote,
        looping=lambda: None,
        asides=_ASIDES,
        cancelled=cancelled,
        hurried=never,
    )
    try:
        return session.answer(request, listener)
    finally:
        sampler.free()
