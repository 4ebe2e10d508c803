"""The engine worker's loop: one thread reads commands and sets flags, this one computes.

Started by ``hanlin.processes``, which has moved the protocol off the standard
descriptors and closed the sandbox before this module is imported.
"""

import collections
import contextlib
import queue
import sys
import traceback
from collections.abc import Callable
from functools import partial

from hanlin.engine.commands import (
    AnswerNow,
    Cancel,
    Command,
    Count,
    Embed,
    Generate,
    GiveEncoded,
    Hide,
    ReadAhead,
    Show,
    Split,
    Weigh,
)
from hanlin.engine.events import Event, Refused
from hanlin.engine.protocol import Code
from hanlin.engine.wire import MalformedMessage, command_from_wire, event_to_wire
from hanlin.engine.worker import heap
from hanlin.engine.worker.handlers import Handlers, Interruptions
from hanlin.engine.worker.llama import LibraryError
from hanlin.engine.worker.model import RefusedError
from hanlin.processes import child
from hanlin.processes.channel import Channel, ChannelClosedError, Received


def main(channel: Channel) -> int:
    """Obey until told to end; return the exit status."""
    heap.keep_large_blocks_apart()
    worker = Worker(channel)
    child.start_reader(channel, worker.deliver)
    return worker.run()


class Worker:
    """Obeys one command after the other; ``deliver`` alone may be called from another thread."""

    def __init__(self, channel: Channel) -> None:
        self._channel = channel
        self._heartbeat = child.Heartbeat(channel)
        self._inbox: queue.SimpleQueue[tuple[Command, bytes] | None] = queue.SimpleQueue()
        self._taken: set[int] = set()
        """Commands that came in and are not over."""
        self._coming: dict[int, Command] = {}
        """Those of them that wait in the inbox."""
        self._interruptions = Interruptions()
        self._ending = False
        self._beside: collections.deque[Generate] = collections.deque()
        self._handlers = Handlers(self._tell, self._interruptions, self._is_in_the_way)

    def deliver(self, received: Received) -> None:
        """Take a message from the reader thread: note what cannot wait, queue the rest."""
        if received.message.get("command") == "shutdown":
            self._ending = True
            self._interruptions.cancelled.update(self._taken)
            self._inbox.put(None)
            return
        try:
            command = command_from_wire(received.message)
        except MalformedMessage as error:
            print(f"command: {error}", file=sys.stderr, flush=True)  # noqa: T201 - stderr is our log
            return
        if isinstance(command, Cancel):
            self._interruptions.cancelled.add(command.id)
        elif isinstance(command, AnswerNow):
            self._interruptions.hurried.add(command.id)
        elif not self._ending:
            self._taken.add(command.id)
            self._coming[command.id] = command
            self._inbox.put((command, received.payload))

    def run(self) -> int:
        """Obey until ``shutdown`` or the end of the pipe."""
        # Before the first command, while the parent is still busy; whoever needs the
        # library hears why there is none.
        with contextlib.suppress(LibraryError), self._heartbeat:
            self._handlers.library()
        try:
            while (item := self._next()) is not None:
                self._take(*item)
                if isinstance(item[0], Generate | ReadAhead):
                    self._handlers.pages.look_again()
        except ChannelClosedError:
            pass
        return child.EXIT_OK

    def _next(self) -> tuple[Command, bytes] | None:
        """Wait for the next command; what can be done meanwhile is done."""
        while self._inbox.empty():
            if (ahead := self._handlers.ahead) is not None:
                with self._heartbeat:  # a question may wait for the picture that is encoded
                    self._obey(ahead.command, partial(self._handlers.read_on, ahead))
            elif self._beside:
                command = self._beside.popleft()
                with self._heartbeat:
                    self._obey(command, partial(self._handlers.generate, command, self._attend))
            elif not self._handlers.pages.move_some():
                with self._heartbeat:
                    if not self._handlers.look_back(self._is_wanted):
                        break
        return self._inbox.get()

    def _is_wanted(self) -> bool:
        """Return whether there is something to obey."""
        return not self._inbox.empty()

    def _attend(self) -> None:
        """Obey what came in while something is written beside."""
        while not self._ending:
            if not self._inbox.empty():
                if (item := self._inbox.get()) is None:
                    self._inbox.put(None)  # the end, which came just now: ``run`` must hear of it
                    break
                self._take(*item)
            elif (ahead := self._handlers.ahead) is not None:
                self._obey(ahead.command, partial(self._handlers.read_on, ahead))
            else:
                break

    def _take(self, command: Command, payload: bytes) -> None:
        """Obey a command at once, or when there is nothing else to do."""
        self._coming.pop(command.id, None)
        if isinstance(command, Generate) and command.beside:
            self._beside.append(command)
        else:
            with self._heartbeat:
                self._obey(command, partial(self._handlers.obey, command, payload))

    def _obey(self, command: Command, act: Callable[[], None]) -> None:
        try:
            act()
        except RefusedError as refusal:
            self._tell(Refused(command.id, refusal.code, refusal.detail))
        except LibraryError as error:
            self._tell(Refused(command.id, Code.LIBRARY, str(error)))
        except MemoryError:
            self._tell(Refused(command.id, Code.MEMORY))
        except ChannelClosedError:
            raise
        except Exception as error:  # noqa: BLE001 - the parent must hear of it, whatever it is
            traceback.print_exc()
            self._tell(Refused(command.id, Code.BUG, f"{type(error).__name__}: {error}"[:500]))
        finally:
            self._taken.discard(command.id)
            self._interruptions.cancelled.discard(command.id)
            self._interruptions.hurried.discard(command.id)

    def _is_in_the_way(self, ahead: ReadAhead) -> bool:
        """Return whether somebody waits for something else than a picture of ``ahead``."""
        coming = tuple(self._coming.values())
        return self._ending or any(self._goes_before(each, ahead) for each in coming)

    def _goes_before(self, command: Command, ahead: ReadAhead) -> bool:
        """Return whether a picture of ``ahead`` is given up in its midst for a command."""
        match command:
            case Generate(beside=True):
                return False
            case Generate() | ReadAhead():
                unwanted = command.id in self._interruptions.cancelled
                return unwanted or not _shows_the_same(command, ahead)
            case Count() | Split() | Weigh():  # typing asks for them again and again
                return False
            case Show() | Embed() | GiveEncoded() | Hide():
                return False
        return True

    def _tell(self, event: Event, payload: bytes = b"") -> None:
        self._channel.send(event_to_wire(event), payload)


def _shows_the_same(command: Generate | ReadAhead, ahead: ReadAhead) -> bool:
    """Return whether a prompt begins with all that ``ahead`` has up to its last picture."""
    shown = [number for number, each in enumerate(ahead.segments, 1) if each.media]
    end = shown[-1] if shown else 0
    return command.segments[:end] == ahead.segments[:end]
