"""The tokenizer: byte-level BPE cut by Qwen2's pattern, with Qwen's special tokens after the base.

While it is trained each Chinese character stands alone, so that merges never cross characters;
when it is used the plain pattern applies, and llama.cpp's ids are the same.
"""

from collections.abc import Iterable
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

from starter.chat import Kind, Sample, pieces

SIZE = 4096
PATTERN = (
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
    r"|\s*[\r\n]+|\s+(?!\S)|\s+"
)
ALONE = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
CONTROL = (
    *("<|endoftext|>", "<|im_start|>", "<|im_end|>"),
    *("<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>", "<|fim_pad|>"),
    *("<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>"),
)
VISIBLE = (
    "<think>",
    "</think>",
    "<tool_call>",
    "</tool_call>",
    "<tool_response>",
    "</tool_response>",
)
IGNORED = -1


def train(texts: Iterable[str], size: int = SIZE) -> Tokenizer:
    """Return a tokenizer of exactly `size` tokens with the special ones."""
    tokenizer = Tokenizer(models.BPE())
    plain = [
        pre_tokenizers.Split(Regex(PATTERN), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ]
    alone = pre_tokenizers.Split(Regex(ALONE), "isolated")
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([plain[0], alone, plain[1]])
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=size - len(CONTROL) - len(VISIBLE),
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    tokenizer.train_from_iterator(texts, trainer)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(plain)
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True, normalized=False) for text in CONTROL]
    )
    tokenizer.add_tokens([AddedToken(text, special=False, normalized=False) for text in VISIBLE])
    return tokenizer


class Encoder:
    """Typed pieces to ids: control tokens are tokens in the template, text in a user's words."""

    def __init__(self, path: Path) -> None:
        self._full = Tokenizer.from_file(str(path))
        # Without the added control tokens the same text falls apart into ordinary ones.
        base = Tokenizer(self._full.model)
        base.pre_tokenizer = self._full.pre_tokenizer
        base.add_tokens([AddedToken(text, special=False, normalized=False) for text in VISIBLE])
        self._user = base
        self._base = base.get_vocab_size(with_added_tokens=False)

    @property
    def size(self) -> int:
        """The number of tokens."""
        return int(self._full.get_vocab_size())

    def piece(self, text: str, kind: Kind) -> list[int]:
        """Return the ids of one piece."""
        if kind is not Kind.USER:
            return list(self._full.encode(text, add_special_tokens=False).ids)
        # Here the visible tokens come right after the base, there after the control tokens.
        found = self._user.encode(text, add_special_tokens=False).ids
        return [each + len(CONTROL) if each >= self._base else each for each in found]

    def sample(self, sample: Sample) -> tuple[list[int], list[bool]]:
        """Return the ids of a sample, and for each whether it belongs to an answer."""
        ids: list[int] = []
        learnt: list[bool] = []
        for text, kind in pieces(sample):
            found = self.piece(text, kind)
            ids += found
            learnt += [kind is Kind.ANSWER] * len(found)
        return ids, learnt
