"""The formulas' child: reads one formula after the other; runs in its own process."""

import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Final

from hanlin.formulas import mathml, shape
from hanlin.formulas.drawing import BrokenFormula
from hanlin.formulas.drawing import draw as drawn
from hanlin.formulas.drawing import mathml as written
from hanlin.processes import child
from hanlin.processes.channel import Channel, Message

SECONDS: Final = 2.0
"""Processor time that one formula may take; then the system ends this process."""


def main(channel: Channel) -> int:
    """Answer ``draw`` and ``mathml`` until told to end; return the exit status."""
    return child.serve(channel, {"draw": _on_draw, "mathml": _on_mathml})


def _on_draw(message: Message, payload: bytes) -> Mapping[str, object]:
    try:
        with _limited():
            return {"shape": shape.to_wire(drawn(_source(payload), display=_is_display(message)))}
    except BrokenFormula as error:
        return {"broken": str(error)}


def _on_mathml(message: Message, payload: bytes) -> Mapping[str, object]:
    try:
        with _limited():
            return {
                "mathml": mathml.to_wire(written(_source(payload), display=_is_display(message)))
            }
    except (BrokenFormula, mathml.NoFormulaError) as error:
        return {"broken": str(error)}


@contextmanager
def _limited() -> Iterator[None]:
    limited = hasattr(signal, "setitimer")
    if limited:
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        yield
    finally:
        if limited:
            signal.setitimer(signal.ITIMER_PROF, 0)


def _source(payload: bytes) -> str:
    return payload.decode("utf-8", "replace")


def _is_display(message: Message) -> bool:
    return bool(message.get("display"))
