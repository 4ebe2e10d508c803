"""Answers with and without guessing ahead, by turns: the ``speculation`` step of engine.py.

Three texts: a random model's loop (the best case there is), one that never repeats (the
worst), and the starter asked to write something again. Speeds are the engine's own, in
tokens a second after the first.
"""

import sys
import time
from collections.abc import Callable
from pathlib import Path

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Engine, Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import answer, load
from hanlin.services.bench import spread
from hanlin.templates.client import TemplateClient

TOKENS = 256
CONTEXT = 4096
GREEDY, WILD = Sampling(temperature=0), Sampling(temperature=5.0, top_k=1000, top_p=1.0)
ROOT = Path(__file__).parent.parent.parent
STARTER = ROOT / "resources/hanlin_resources/starter/shutong.gguf"
EDIT = "请把这句话重复三遍：春天来了，花儿开了，鸟儿在枝头歌唱。"
"""One that the starter takes as such: it writes the sentence again, with mistakes."""


def report(model: Path, rounds: int, threads: int) -> None:
    """Print the ratios, pair by pair."""
    out = sys.stdout.write
    out(f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {threads} threads, {rounds} pairs\n")
    for name, path, question, sampling in (
        ("a random model's loop (best case)", model, "a " * 20, GREEDY),
        ("text that never repeats", model, "a " * 20, WILD),
        ("an edit by the starter", STARTER, EDIT, GREEDY),
    ):
        engine = EngineClient(TemplateClient())
        try:
            for _event in load(engine, path, LoadOptions(CONTEXT, threads=threads)):
                pass
            plain = _asker(engine, question, sampling, guess_ahead=False)
            ours = _asker(engine, question, sampling, guess_ahead=True)
            plain(), ours()  # warm
            pairs = [(plain(), ours()) for _ in range(rounds)]
        finally:
            engine.close()
        ratio = spread([_speed(with_it) / _speed(without) for without, with_it in pairs])
        last = pairs[-1][1].usage
        out(
            f"{name}: {ratio.median:.2f} ({ratio.low:.2f} to {ratio.high:.2f}) of"
            f" {spread([_speed(without) for without, _ in pairs]).median:.1f} tokens/s,"
            f" {last.right_tokens} of {last.guessed_tokens} guesses right"
            f" in {last.completion_tokens} tokens\n"
        )


def _asker(
    engine: Engine, question: str, sampling: Sampling, *, guess_ahead: bool
) -> Callable[[], Finished]:
    options = GenerationOptions(sampling, max_tokens=TOKENS, guess_ahead=guess_ahead)

    def ask() -> Finished:
        events = list(answer(engine, [Turn(Role.USER, question)], options))
        [end] = [event for event in events if isinstance(event, Finished)]
        return end

    return ask


def _speed(end: Finished) -> float:
    return end.timings.decode_tokens / max(end.timings.decode_ms, 1e-6) * 1000
