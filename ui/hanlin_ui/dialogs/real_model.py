"""How to get a real model: what to look for, which size fits this computer, how to add it.

No download happens here: the file comes from wherever the person gets it.
"""

from dataclasses import dataclass
from typing import Final

from PySide6.QtWidgets import QWidget

from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models.library import free_memory
from hanlin_ui.dialogs.message import MessageDialog


@dataclass(frozen=True, slots=True)
class Size:
    """A size of model and what its usual four-bit file needs in memory, roughly."""

    name: str
    needs: int


GB: Final = 10**9
SIZES: Final = (
    Size("0.6B", 1 * GB),
    Size("1.7B", 2 * GB),
    Size("4B", 4 * GB),
    Size("8B", 7 * GB),
    Size("14B", 12 * GB),
    Size("32B", 24 * GB),
)
"""Parameters in billions: a four-bit file holds about 0.6 bytes of each; the context adds to it."""


def largest_that_fits(free: int) -> Size | None:
    """Return the largest size for ``free`` bytes of memory, None if there is none."""
    return max((s for s in SIZES if s.needs <= free), key=lambda s: s.needs, default=None)


def advice(free: int) -> str:
    """Return one sentence on the size that fits."""
    fitting = largest_that_fits(free)
    if fitting is None:
        return _(
            "{free} of memory are free now, too little for a real model: "
            "close other programs first."
        ).format(free=size(free))
    return _(
        "{free} of memory are free now: models up to about {name} parameters fit, "
        "as a four-bit file (Q4_K_M)."
    ).format(free=size(free), name=fitting.name)


class RealModelDialog(MessageDialog):
    """Explains, and leads to “Add model file…”."""

    def __init__(self, parent: QWidget) -> None:
        steps = (
            _(
                "1. Get a model as a GGUF file. A good first one: Qwen3, for example Qwen3 4B. "
                "GLM, DeepSeek and MiniCPM come as GGUF too."
            ),
            _("2. Copy the file to this computer; it stays where you put it."),
            _("3. Add it here, or drag it onto the window."),
        )
        super().__init__(
            parent,
            _("Get a real model"),
            "\n\n".join((advice(free_memory()), *steps)),
            _("Larger models answer better and slower. Nothing is downloaded by this window."),
        )
