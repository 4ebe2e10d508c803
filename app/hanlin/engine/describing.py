"""Asking a worker without a model what it can use on this computer: for reports, not for chats."""

import queue
from dataclasses import dataclass

from hanlin.engine import launching
from hanlin.engine.commands import Describe
from hanlin.engine.events import Described
from hanlin.engine.wire import (
    MalformedMessage,
    command_to_wire,
    event_from_wire,
)
from hanlin.kernel.errors import HanlinError
from hanlin.processes.channel import Received
from hanlin.processes.policy import SandboxReport
from hanlin.processes.process import ChildProcess, ExitReport

DEADLINE = 30.0
"""Seconds, on a computer that is busy with something else."""


@dataclass(frozen=True, slots=True)
class EngineFacts:
    """What the engine found; ``error`` says why it found nothing."""

    described: Described | None
    sandbox: SandboxReport | None
    error: str = ""


def describe() -> EngineFacts:
    """Start a worker, ask it, end it. Never raises."""
    answers: queue.SimpleQueue[Described | ExitReport] = queue.SimpleQueue()

    def hear(received: Received) -> None:
        try:
            event = event_from_wire(received.message)
        except MalformedMessage:
            return  # its hello, which the process object keeps
        if isinstance(event, Described):
            answers.put(event)

    worker = ChildProcess(launching.launch(None), hear, answers.put)
    try:
        worker.start()
        worker.send(command_to_wire(Describe(1)))
        answer = answers.get(timeout=DEADLINE)
    except HanlinError as error:
        return EngineFacts(None, None, str(error))
    except queue.Empty:
        worker.stop()
        return EngineFacts(None, worker.sandbox, "no answer")
    worker.stop()
    if isinstance(answer, ExitReport):
        last = answer.last_lines[-1] if answer.last_lines else ""
        return EngineFacts(None, worker.sandbox, f"exit {answer.code or answer.signal} {last}")
    return EngineFacts(answer, worker.sandbox)
