"""Will it load: what a file's header says, against what the engine knows. Before any download."""

from dataclasses import dataclass

from hanlin.kernel.i18n import Said, _
from hanlin_models import architectures
from hanlin_models.gguf import TOKENS, Header


@dataclass(frozen=True, slots=True)
class Prospect:
    """What is to be expected: why it cannot load, "" when it can, and what to know."""

    problem: str
    notes: tuple[str, ...] = ()

    @property
    def loads(self) -> bool:
        """Whether the engine will take it."""
        return not self.problem


def prospect(header: Header) -> Prospect:
    """Return what is to be expected of a file."""
    info = header.info
    if info.is_projector:
        return Prospect(
            Said(lambda: _("This file lets another model see pictures; it is no model by itself."))
        )
    if info.kind != "model" or not info.tensors:
        return Prospect(Said(lambda: _("This file holds no complete model.")))
    if info.architecture not in architectures.KNOWN:
        return Prospect(architectures.unknown(info.architecture or "?"))
    if not info.tokenizer or not header.facts.get(TOKENS):
        return Prospect(Said(lambda: _("The file has no vocabulary.")))
    notes = []
    if not info.has_chat_template:
        notes.append(Said(lambda: _("It has no template for conversations; a usual one is used.")))
    if _ends_with_a_word(header):
        notes.append(
            Said(
                lambda: _("Its mark for the end of an answer is wrong; answers may stop too early.")
            )
        )
    return Prospect("", tuple(notes))


def _ends_with_a_word(header: Header) -> bool:
    """Whether the end-of-answer token is an ordinary letter, as in Hy-MT2 7B."""
    end = header.facts.get("tokenizer.ggml.eos_token_id")
    byte_level = header.info.tokenizer == "gpt2"
    return byte_level and isinstance(end, int) and 0 < end < 256  # noqa: PLR2004 - the single bytes
