"""Waiting for what another thread or process does, where nothing tells of it."""

import time
from collections.abc import Callable
from typing import Final

DEADLINE: Final = 60.0
"""Seconds: what takes longer on the busiest machine does not happen at all."""
_STEP: Final = 0.005


def until(fact: Callable[[], object]) -> None:
    """Return when ``fact`` holds; fail when it does not within the deadline."""
    deadline = time.monotonic() + DEADLINE
    while not fact():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(_STEP)
