"""Answers with and without guessing ahead, by turns: the ``speculation`` step of engine.py.

Four texts: a random model's loop (``loop``, the best case there is) and its way into one
(``into``, from the first token on), a text that never repeats (``wild``, the worst), and the
starter asked to write something again (``edit``). Speeds are the engine's own, in tokens a
second after the first; beside them stands the processor time that the worker took, which
holds on a busy computer, too.
"""

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import psutil

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn, Usage
from hanlin.engine.base import Delta, Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import answer, load
from hanlin.services.bench import spread
from hanlin.templates.client import TemplateClient

CONTEXT = 4096
GREEDY, WILD = Sampling(temperature=0), Sampling(temperature=5.0, top_k=1000, top_p=1.0)
ROOT = Path(__file__).parent.parent.parent
STARTER = ROOT / "resources/hanlin_resources/starter/shutong.gguf"
EDIT = "请把这句话重复三遍：春天来了，花儿开了，鸟儿在枝头歌唱。"
"""One that the starter takes as such: it writes the sentence again, with mistakes."""
LOOP = "a " * 20
_TICK = 0.01
"""Seconds: the least that the system counts."""


@dataclass(frozen=True)
class _Text:
    name: str
    question: str
    sampling: Sampling
    starter: bool = False
    tokens: int = 128
    begun: int = 0
    """Tokens that are written before, and gone on from each time."""


TEXTS = {
    # It goes round some words for a few tokens each before it stays with one.
    "loop": _Text("a random model's loop (best case)", LOOP, GREEDY, tokens=256, begun=512),
    "into": _Text("a random model's way into a loop", LOOP, GREEDY, tokens=512),
    "wild": _Text("text that never repeats", LOOP, WILD),
    "edit": _Text("an edit by the starter", EDIT, GREEDY, starter=True),
}


@dataclass(frozen=True)
class _Step:
    """One answer: seconds a token, by the clock and of the processor."""

    clock: float
    processor: float
    usage: Usage


def chosen(names: Sequence[str], tokens: int | None) -> list[_Text]:
    """Return the texts of TEXTS that are called so; ``tokens`` is the length of their answers."""
    texts = map(TEXTS.__getitem__, names)
    return [text if tokens is None else replace(text, tokens=tokens) for text in texts]


def report(model: Path, rounds: int, threads: int, texts: Sequence[_Text]) -> None:
    """Print the ratios, pair by pair."""
    out = sys.stdout.write
    out(f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {threads} threads, {rounds} pairs\n")
    for text in texts:
        engine = EngineClient(TemplateClient())
        try:
            path = STARTER if text.starter else model
            for _event in load(engine, path, LoadOptions(CONTEXT, threads=threads)):
                pass
            turns = _turns(engine, text)
            plain = _asker(engine, text, turns, guess_ahead=False)
            ours = _asker(engine, text, turns, guess_ahead=True)
            plain(), ours()  # warm
            pairs = [(plain(), ours()) for _ in range(rounds)]
        finally:
            engine.close()
        clock = spread([without.clock / with_it.clock for without, with_it in pairs])
        work = spread([without.processor / with_it.processor for without, with_it in pairs])
        usage = [with_it.usage for _, with_it in pairs]
        out(
            f"{text.name}: {clock.median:.3f} ({clock.low:.3f} to {clock.high:.3f}) of"
            f" {1 / spread([without.clock for without, _ in pairs]).median:.1f} tokens/s;"
            f" in processor time {work.median:.3f} ({work.low:.3f} to {work.high:.3f});"
            f" {sum(one.right_tokens for one in usage)} of"
            f" {sum(one.guessed_tokens for one in usage)} guesses right"
            f" in {sum(one.completion_tokens for one in usage)} tokens\n"
        )
        sys.stdout.flush()


def _turns(engine: EngineClient, text: _Text) -> list[Turn]:
    """Return what is answered: the question, and what the model wrote of the answer before."""
    turns = [Turn(Role.USER, text.question)]
    if not text.begun:
        return turns
    options = GenerationOptions(text.sampling, max_tokens=text.begun)
    events = [event for event in answer(engine, turns, options) if isinstance(event, Delta)]
    begun = "".join(event.text for event in events)
    return [*turns, Turn(Role.ASSISTANT, begun)]


def _asker(
    engine: EngineClient, text: _Text, turns: Sequence[Turn], *, guess_ahead: bool
) -> Callable[[], _Step]:
    options = GenerationOptions(text.sampling, max_tokens=text.tokens, guess_ahead=guess_ahead)
    worker = psutil.Process(engine.worker_pid)

    def ask() -> _Step:
        before = worker.cpu_times()
        events = list(answer(engine, turns, options))
        [end] = [event for event in events if isinstance(event, Finished)]
        after = worker.cpu_times()
        spent = after.user + after.system - before.user - before.system
        written = max(end.timings.decode_tokens, 1)
        clock = end.timings.decode_ms / 1000 / written
        return _Step(clock, max(spent, _TICK) / written, end.usage)

    return ask
