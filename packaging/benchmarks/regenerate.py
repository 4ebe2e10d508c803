"""How soon another answer to the same question begins, beside reading its history anew.

    .venv/bin/python packaging/benchmarks/regenerate.py [MODEL.gguf] [--tokens 2000] [--rounds 9]

Without a model a hybrid one (qwen35: recurrent layers, which cannot forget their newest
tokens) is made with random weights. In each round a history that was never seen is read
and answered, then the answer is asked for again; what is compared is the time to the first
word, whole way through processes and pipes.
"""

import argparse
import sys
import tempfile
import time
from pathlib import Path

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Delta, Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import answer, load
from hanlin.services.bench import spread
from hanlin.templates.client import TemplateClient
from hanlin_fakes import gguf_models

LAYERS, DIM = 8, 512
WRITTEN = 16
OPTIONS = GenerationOptions(Sampling(temperature=0), max_tokens=WRITTEN)


def first_word(engine: EngineClient, text: str) -> tuple[float, Finished]:
    """Ask; return the seconds to the first word, and the end."""
    started, arrived, end = time.monotonic(), 0.0, None
    for event in answer(engine, [Turn(Role.USER, text)], OPTIONS):
        if isinstance(event, Delta) and not arrived:
            arrived = time.monotonic()
        if isinstance(event, Finished):
            end = event
    if end is None or not arrived:
        raise SystemExit("the model wrote nothing: take another")
    return arrived - started, end


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path, nargs="?")
    parser.add_argument("--tokens", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--threads", type=int, default=1)
    asked = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        model = asked.model or gguf_models.write_random(
            Path(folder) / "hybrid.gguf", "qwen35", layers=LAYERS, dim=DIM, comparable=True
        )
        engine = EngineClient(TemplateClient())
        try:
            options = LoadOptions(2 * asked.tokens, threads=asked.threads)
            for _event in load(engine, model, options):
                pass
            for number in range(asked.rounds):
                text = f"{number} ".ljust(asked.tokens, "abcdefgh"[number % 8])
                cold, end = first_word(engine, text)
                warm, again = first_word(engine, text)
                ratios.append(cold / warm)
                print(
                    f"{end.usage.prompt_tokens} tokens: read {1000 * cold:.0f} ms"
                    f" ({end.timings.prefill_tokens} evaluated), again {1000 * warm:.1f} ms"
                    f" ({again.timings.prefill_tokens} evaluated) = {cold / warm:.0f} times",
                    flush=True,
                )
        finally:
            engine.close()
    found = spread(ratios)
    print(
        f"{time.strftime('%Y-%m-%d %H:%M')} {model.name}, {asked.threads} threads:"
        f" {found.median:.0f}"
        f" times as soon ({found.low:.0f} to {found.high:.0f}, {len(ratios)} rounds)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
