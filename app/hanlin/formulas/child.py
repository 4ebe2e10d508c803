"""The formulas' child: lays out one formula after the other; runs in its own process."""

import signal
from collections.abc import Mapping
from typing import Final

from hanlin.formulas.drawing import BrokenFormula, draw
from hanlin.formulas.shape import to_wire
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

SECONDS: Final = 2.0
"""Processor time that one formula may take; then the system ends this process."""


def main(channel: Channel) -> int:
    """Answer ``draw`` until told to end; return the exit status."""
    return child.serve(channel, {"draw": _on_draw})


def _on_draw(message: Message, payload: bytes) -> Mapping[str, object]:
    limited = hasattr(signal, "setitimer")
    if limited:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        shape = draw(payload.decode("utf-8", "replace"), display=bool(message.get("display")))
    except BrokenFormula as error:
        return {"broken": str(error)}
    finally:
        if limited:
            signal.setitimer(signal.ITIMER_PROF, 0)
    return {"shape": to_wire(shape)}
