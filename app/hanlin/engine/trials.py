"""Trying a module for graphics cards in a process that is thrown away.

A driver may crash, hang or compute nonsense: whatever it does, it does it there. What
comes of a trial is remembered by the services.
"""

import queue
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from hanlin.engine.backends import Backend
from hanlin.engine.commands import Try
from hanlin.engine.events import Device, Refused, Tried
from hanlin.engine.launching import Launch, launch
from hanlin.engine.protocol import Code
from hanlin.engine.wire import (
    MalformedMessage,
    command_to_wire,
    event_from_wire,
)
from hanlin.kernel.errors import HanlinError
from hanlin.processes.channel import Received
from hanlin.processes.process import ChildProcess, ExitReport

PATIENCE: Final = 60.0
"""Seconds: at its first use a driver translates the kernels for its card."""
_GONE_SECONDS: Final = 10.0
_TOLERANCE: Final = 0.25
"""Cards round differently; wrong kernels are off by as much as the numbers vary, or more."""


class Outcome(StrEnum):
    """What came of a trial."""

    GOOD = "good"
    NO_DEVICE = "no-device"
    """The driver is missing, or finds no card."""
    CRASHED = "crashed"
    HUNG = "hung"
    ERROR = "error"
    """It said that it could not compute, for want of memory or for another reason."""
    WRONG = "wrong"
    """It computed something else than the processor."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What came of it. ``device`` names the card, ``detail`` is for a report.

    ``memory`` are the bytes that were free on cards with memory of their own.
    """

    outcome: Outcome
    device: str = ""
    detail: str = ""
    memory: int = 0

    @property
    def good(self) -> bool:
        """Whether the module may be used."""
        return self.outcome is Outcome.GOOD


def run(
    backend: Backend, model: Path, *, patience: float = PATIENCE, launch_worker: Launch = launch
) -> Verdict:
    """Compute a few tokens of the small ``model`` with ``backend``. Blocks; never raises."""
    answers: queue.SimpleQueue[Tried | Refused | ExitReport] = queue.SimpleQueue()

    def hear(received: Received) -> None:
        try:
            event = event_from_wire(received.message)
        except MalformedMessage:
            return  # its hello, which the process object keeps
        if isinstance(event, Tried | Refused):
            answers.put(event)

    worker = ChildProcess(launch_worker(model, backend=backend.path), hear, answers.put)
    try:
        worker.start()
        worker.send(command_to_wire(Try(1, str(model), str(backend.path))))
        answer = answers.get(timeout=patience)
    except HanlinError as error:
        return Verdict(Outcome.ERROR, detail=str(error))
    except queue.Empty:
        worker.kill()
        worker.wait(_GONE_SECONDS)
        return Verdict(Outcome.HUNG, detail=f"{patience:.0f} s")
    worker.kill()  # a driver may hang on its way out, too
    worker.wait(_GONE_SECONDS)
    return _judged(answer)


def _judged(answer: Tried | Refused | ExitReport) -> Verdict:
    if isinstance(answer, ExitReport):
        last = answer.last_lines[-1] if answer.last_lines else ""
        how = f"signal {answer.signal}" if answer.signal else f"exit {answer.code}"
        return Verdict(Outcome.CRASHED, detail=f"{how} {last}".strip())
    if isinstance(answer, Refused):
        outcome = Outcome.NO_DEVICE if answer.code is Code.NO_DEVICE else Outcome.ERROR
        return Verdict(outcome, detail=f"{answer.code} {answer.detail}".strip())
    device = ", ".join(each.description for each in answer.devices)
    detail = f"difference {answer.difference:.4f}, {answer.milliseconds:.0f} ms"
    outcome = Outcome.GOOD if answer.difference <= _TOLERANCE else Outcome.WRONG
    return Verdict(outcome, device, detail, own_memory(answer.devices))


def own_memory(devices: Sequence[Device]) -> int:
    """Return the bytes free on the cards whose memory is not the computer's own."""
    if sys.platform == "darwin":  # there even a card that says otherwise shares it
        return 0
    return sum(device.free for device in devices if device.kind == "gpu")
