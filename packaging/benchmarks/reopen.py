"""How long a conversation takes to go on after a restart, beside reading it again.

    .venv/bin/python packaging/benchmarks/reopen.py MODEL.gguf [--tokens 4000] [--rounds 3]

Each round reads a conversation from its first word, ends the program's engine, starts
it again and asks the same; what is compared is the time to the first word of the
answer, the state's way from the disk included.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

import checkout  # noqa: F401 - so that the tests' helpers are found
from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Sampling, Turn
from hanlin.engine.base import Finished, LoadOptions
from hanlin.engine.client import EngineClient
from hanlin.services.asking import load
from hanlin.store.states import StateFiles
from hanlin.templates.client import TemplateClient
from hanlin_fakes.hearing import Heard

ONE_WORD = GenerationOptions(Sampling(temperature=0), max_tokens=1)
PATIENCE = 3600.0


def first_word(model: Path, states: StateFiles, text: str, context: int) -> tuple[float, Finished]:
    """Start an engine and ask; return the seconds to the answer's one word, and its end."""
    engine = EngineClient(TemplateClient(), states=states)
    try:
        for _event in load(engine, model, LoadOptions(context=context)):
            pass
        heard = Heard(engine, PATIENCE)
        started = time.monotonic()
        end = heard.end_of(engine.generate([Turn(Role.USER, text)], ONE_WORD, "reopened"))
        if not isinstance(end, Finished):
            raise SystemExit(str(end))
        return time.monotonic() - started, end
    finally:
        engine.close()


def main() -> int:
    """Measure and print; return the exit status."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("model", type=Path)
    parser.add_argument("--tokens", type=int, default=4000)
    parser.add_argument("--rounds", type=int, default=3)
    asked = parser.parse_args()
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        states = StateFiles(Path(folder), bytes(32), lambda: 10**11)
        for number in range(asked.rounds):
            text = f"{number} " + "a " * (asked.tokens // 2)
            cold, end = first_word(asked.model, states, text, 2 * asked.tokens)
            size = sum(path.stat().st_size for path in Path(folder).iterdir())
            warm, again = first_word(asked.model, states, text, 2 * asked.tokens)
            ratios.append(warm / cold)
            print(
                f"{end.usage.prompt_tokens} tokens, state {size / 1e6:.0f} MB: read {cold:.2f} s"
                f" ({end.timings.prefill_tokens} evaluated), reopened {warm:.3f} s"
                f" ({again.timings.prefill_tokens} evaluated) = {100 * warm / cold:.2f} %",
                flush=True,
            )
            states.forget("reopened")
    print(f"median {100 * statistics.median(ratios):.2f} % of {asked.rounds} rounds")
    return 0


if __name__ == "__main__":
    sys.exit(main())
