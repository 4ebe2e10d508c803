"""How much is taken from a person at once. Alone, so that the first window needs nothing else."""

from typing import Final

LONGEST_QUESTION: Final = 1_000_000
"""Characters. Longer than any model's context, and what is stored is also shown."""
