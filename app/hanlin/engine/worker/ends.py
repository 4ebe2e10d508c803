"""Files that name a wrong token as the end of an answer, and what would be right.

Hy-MT2-7B names ``$``: every price would end an answer, and nothing else would.
Loading with what is told here belongs to ``model``.
"""

import re
from collections.abc import Callable
from typing import Final

EOS: Final = "tokenizer.ggml.eos_token_id"
EOT: Final = "tokenizer.ggml.eot_token_id"
_ENDS: Final = (
    *("<|eos|>", "<|im_end|>", "<|eot_id|>", "<｜end▁of▁sentence｜>", "<|end_of_text|>"),
    *("<|endoftext|>", "</s>", "<|end|>", "<|extra_5|>"),
)
"""What ends an answer in the families of our catalogue; Hunyuan's second is the last."""
_MARKED: Final = re.compile(r"[<\[(_▁].+[>\])_▁]|\[\w+", re.DOTALL)


def is_word(text: str, *, ordinary: bool) -> bool:
    """Return whether a token is one of the language, and so cannot be an end.

    ``ordinary``: the vocabulary does not mark it. Some files mark no token at all.
    """
    text = text.strip()
    return ordinary and bool(text) and not _MARKED.fullmatch(text)


def right_ends(token: Callable[[str], int | None], template: str) -> dict[str, int]:
    """Return the settings that name the right ends, {} when none is in the vocabulary.

    ``token`` finds the control token with a text. What the template writes comes first.
    """
    found = [(text not in template, end) for text in _ENDS if (end := token(text)) is not None]
    ends = [end for _, end in sorted(found, key=lambda each: each[0])]
    return dict(zip((EOS, EOT), ends, strict=False))
