"""How people write the weight of a word, and what is none."""

import pytest

from hanlin.domain.biases import read_bias, write_bias
from hanlin.domain.generation import TokenBias


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("however=-5", TokenBias(-1, -5.0, "however")),
        (" 然而 = +2.5 ", TokenBias(-1, 2.5, "然而")),
        ("#123=-100", TokenBias(123, -100.0)),
        ("a=b=1", TokenBias(-1, 1.0, "a=b")),
        ("#=3", TokenBias(-1, 3.0, "#")),
        ("==3", TokenBias(-1, 3.0, "=")),
    ],
)
def test_a_weight_is_read_and_written(written: str, read: TokenBias) -> None:
    assert read_bias(written) == read
    assert read_bias(write_bias(read)) == read


@pytest.mark.parametrize(
    "written", ["", "word", "=3", "word=", "word=x", "word=101", "word=-101", "word=nan", "a\nb=1"]
)
def test_what_is_no_weight_is_not_read(written: str) -> None:
    assert read_bias(written) is None
