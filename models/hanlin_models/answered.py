"""What somebody else answered in JSON: each value taken for what it should be, else for nothing."""

from typing import Any


def objects(value: object) -> list[dict[str, Any]]:
    """Return the objects of a list, [] for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def whole(value: object) -> int:
    """Return a whole number, 0 for anything else."""
    return value if isinstance(value, int) and not isinstance(value, bool) else 0
