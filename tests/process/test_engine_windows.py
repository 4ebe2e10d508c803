"""Models with sliding layers go back to what their windows still hold, and no further."""

import random
from pathlib import Path

import numpy as np
import pytest

from hanlin.engine.protocol import CacheType
from hanlin.engine.worker.llama import Llama
from hanlin.engine.worker.model import Model
from hanlin.engine.worker.session import Session
from hanlin_fakes import gguf_families, own_session
from hanlin_fakes.talking import FRAME

SEEN = (880, 700)
"""Places that the windows still show: a batch of 512 tokens fits beside those of both sequences."""
OTHERS = (450, 10, 600, 880, 640)
ROUNDING = 0.01
"""A token too few in a window changes some score by more than 1."""


@pytest.fixture(scope="module")
def llama() -> Llama:
    return Llama()


class Talk:
    """Questions to a model in this process, and the scores by which it goes on."""

    def __init__(self, llama: Llama, model: Model) -> None:
        self._c, self._model = llama.c, model
        self._session = Session(
            llama,
            model,
            context=4096,
            threads=1,
            free_memory=1 << 28,
            gpu=False,
            cache=CacheType.Q8_0,  # see tests/process/test_engine_cache.py
        )

    def ask(self, question: str, words: int = 1) -> int:
        """Have a question answered; return how many tokens of it were read."""
        end = own_session.ask(self._session, self._model, question, max_tokens=words)
        return end.timings.prefill_tokens

    @property
    def scores(self) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
        """The scores of all tokens after the last one that was read."""
        found = self._c.llama_get_logits_ith(self._session._pointer, -1)
        return np.ctypeslib.as_array(found, (self._model.size,)).copy()


@pytest.mark.parametrize("family", ["spark2_5", "gemma3"])
def test_what_windows_still_hold_is_not_read_again(
    llama: Llama, tmp_path: Path, family: str
) -> None:
    model = Model(llama, gguf_families.write(tmp_path / "m.gguf", family), 0, lambda _done: True)
    talk, text = Talk(llama, model), "".join(random.Random(1).choices("abcdefgh", k=900))
    for place in SEEN + OTHERS:
        talk.ask(text, words=32)
        end = f"{text[:place]}X"
        read, kept = talk.ask(end), talk.scores
        assert read < FRAME or place in OTHERS
        fresh = Talk(llama, model)
        fresh.ask(end)
        assert abs(fresh.scores - kept).max() < ROUNDING, place
