"""Calls of tools in answers: asked about, run, and told, until the answer can go on.

A person sees every call with its arguments before it runs, and allows it once, for the
conversation, or not at all. Which answers there are belongs to the queue of answers.
"""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from hanlin.domain.conversation import Part, PartKind
from hanlin.domain.generation import Turn
from hanlin.domain.tools import Decision, Outcome, Tool, ToolCall, ToolResult
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.services.events import AnswerGrew, ToolAsked
from hanlin.services.executor import SerialExecutor
from hanlin.services.growing import GrowingAnswer
from hanlin.services.tools.box import Scene, Toolbox

MOST_CALLS: Final = 12
"""Calls of one answer; a model that wants more goes round in circles."""
_REFUSED: Final = "Error: the user did not allow this call."


@dataclass(slots=True)
class _Waiting:
    """An answer whose calls are not all answered; ``turns`` is what it answers."""

    answer: GrowingAnswer
    turns: Sequence[Turn]
    running: bool = False


class ToolCalls:
    """Belongs to the queue of answers, which locks around every call but ``asked``.

    ``on_answered`` hears of an answer that can go on, ``on_circling`` of one that must not.
    """

    def __init__(
        self,
        box: Toolbox,
        bus: EventBus,
        executor: SerialExecutor,
        lock: threading.RLock,
        on_answered: Callable[[GrowingAnswer], None],
        on_circling: Callable[[GrowingAnswer, str], None],
    ) -> None:
        self._box = box
        self._bus = bus
        self._executor = executor
        self._lock = lock
        self._on_answered = on_answered
        self._on_circling = on_circling
        self._waiting: dict[str, _Waiting] = {}
        self._allowed: set[tuple[str, str]] = set()
        self.asks = False
        """Whether there is somebody to allow a call; without, no tool is offered."""
        self.wanted = False
        """Whether the person wants tools now, whatever the setting is."""

    def offered(self, scene: Scene) -> tuple[Tool, ...]:
        """Return the tools that a model is told of."""
        return self._box.offered(scene) if self.asks else ()

    def known(self, names: Sequence[str]) -> tuple[Tool, ...]:
        """Return the tools with these names, as models are told of them."""
        return self._box.known(names)

    def answers(self) -> list[GrowingAnswer]:
        """Return the answers that wait for their calls."""
        return [one.answer for one in self._waiting.values()]

    def asked(self, message_id: str) -> int | None:
        """Return which call of the message waits for a decision, None when none does."""
        waiting = self._waiting.get(message_id)
        return None if waiting is None or waiting.running else _results(waiting.answer.parts)

    def take(self, answer: GrowingAnswer, turns: Sequence[Turn]) -> bool:
        """See to the calls that ``answer`` ends with; False when there are none."""
        if _next_call(answer.parts) is None:
            return False
        self._waiting[answer.message.id] = _Waiting(answer, turns)
        self._go_on(answer.message.id)
        return True

    def decide(self, message_id: str, number: int, decision: Decision) -> None:
        """Do what the person said to call ``number``; a call that was answered is left alone."""
        waiting = self._waiting.get(message_id)
        if waiting is None or waiting.running or number != _results(waiting.answer.parts):
            return
        call = _next_call(waiting.answer.parts)
        if call is None:
            return
        if decision is Decision.REFUSE:
            self._tell(waiting, ToolResult(Outcome.REFUSED, _REFUSED))
            return
        if decision is Decision.CONVERSATION:
            self._allowed.add((waiting.answer.message.conversation_id, call.name))
        self._run(waiting, call)

    def forget(self, answer: GrowingAnswer) -> None:
        """Ask and tell nothing more of ``answer``: it is over."""
        self._waiting.pop(answer.message.id, None)

    def _go_on(self, message_id: str) -> None:
        waiting = self._waiting[message_id]
        call = _next_call(waiting.answer.parts)
        if call is None:
            del self._waiting[message_id]
            self._on_answered(waiting.answer)
        elif _results(waiting.answer.parts) >= MOST_CALLS:
            del self._waiting[message_id]
            sentence = _("The model called tools {count} times without an answer, so it was ended.")
            self._on_circling(waiting.answer, sentence.format(count=MOST_CALLS))
        elif fault := self._box.fault(call):
            self._tell(waiting, ToolResult(Outcome.FAILED, fault))
        elif (waiting.answer.message.conversation_id, call.name) in self._allowed:
            self._run(waiting, call)
        else:
            message = waiting.answer.message
            number = _results(waiting.answer.parts)
            self._bus.publish(ToolAsked(message.conversation_id, message.id, number))

    def _run(self, waiting: _Waiting, call: ToolCall) -> None:
        waiting.running = True
        scene = Scene(waiting.turns, waiting.answer.message.conversation_id)

        def work() -> None:
            result = self._box.run(call, scene)
            self._executor.post(lambda: self._ran(waiting, result))

        threading.Thread(target=work, name="tool-call", daemon=True).start()

    def _ran(self, waiting: _Waiting, result: ToolResult) -> None:
        with self._lock:
            if self._waiting.get(waiting.answer.message.id) is waiting:
                waiting.running = False
                self._tell(waiting, result)

    def _tell(self, waiting: _Waiting, result: ToolResult) -> None:
        message, text = waiting.answer.message, result.written()
        waiting.answer.grow(PartKind.TOOL_RESULT, text)
        self._bus.publish(
            AnswerGrew(message.conversation_id, message.id, PartKind.TOOL_RESULT, text)
        )
        self._go_on(message.id)


def _results(parts: Sequence[Part]) -> int:
    return sum(part.kind is PartKind.TOOL_RESULT for part in parts)


def _next_call(parts: Sequence[Part]) -> ToolCall | None:
    """Return the first call without a result."""
    calls = [part for part in parts if part.kind is PartKind.TOOL_CALL]
    answered = _results(parts)
    return ToolCall.read(calls[answered].text) if answered < len(calls) else None
