"""The data that ships with the program, and where it lies.

Only files and this helper: reading and interpreting them is their users' work.
"""

from pathlib import Path

_ROOT = Path(__file__).parent


def folder(name: str) -> Path:
    """Return the folder ``name`` of the shipped data, such as ``locale`` or ``starter``."""
    return _ROOT / name
