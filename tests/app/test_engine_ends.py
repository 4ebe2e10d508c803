"""A word is no end of an answer; the vocabulary and the template say what is."""

import pytest

from hanlin.engine.worker.ends import EOS, EOT, is_word, right_ends


@pytest.mark.parametrize("text", ["$", "the", " a", "。"])
def test_a_word_is_no_end(text: str) -> None:
    assert is_word(text, ordinary=True)
    assert not is_word(text, ordinary=False)


@pytest.mark.parametrize("text", ["", "\n\n", "<|im_end|>", "</s>", "[SEP]", "_<EOT>", "<EOS>"])
def test_what_looks_like_an_end_is_believed(text: str) -> None:
    assert not is_word(text, ordinary=True)


@pytest.mark.parametrize(
    ("vocabulary", "template", "ends"),
    [
        # Hy-MT2-7B, whose file names "$".
        ({"<|eos|>": 127960, "<|extra_5|>": 127967}, "", {EOS: 127960, EOT: 127967}),
        ({"<|endoftext|>": 1, "<|im_end|>": 2, "<|eos|>": 3}, "<|im_end|>", {EOS: 2, EOT: 3}),
        ({"</s>": 2}, "", {EOS: 2}),
        ({}, "", {}),
    ],
)
def test_the_right_ends(vocabulary: dict[str, int], template: str, ends: dict[str, int]) -> None:
    assert right_ends(vocabulary.get, template) == ends
