"""Which conversations' states are in the worker, which are to be kept on disk, and when.

Belongs to the client's thread; the disk is waited for on a thread of its own. A state
is written when its conversation has been left, when nothing has happened for a while,
and before the end; it is read back before the conversation's next prompt. What is asked
of the disk stands in ``storage``; what is in a state is the worker's business.
"""

import logging
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from hanlin.domain.ids import is_temporary
from hanlin.engine.commands import Command, Next, Restore, Snapshot, StatePiece
from hanlin.engine.events import HasRead, Refused, Restored, SnapshotPiece, Taken
from hanlin.engine.storage import Reader, States, Writer
from hanlin.kernel.clock import Clock

IDLE_SECONDS: Final = 20.0
"""After so long without a word the state is written: not after every answer, for the disk."""
_WORTH_WRITING: Final = 256
"""Tokens read ahead that make a state worth writing again."""
_IN_FLIGHT: Final = 2
"""Pieces between the worker and the disk at a time: one is made ready while another is written."""
_log = logging.getLogger(__name__)

Act = Callable[[], None]


@dataclass(slots=True)
class _Saving:
    request: int
    conversation: str
    writer: Writer | None = None
    left: int = 0
    """Bytes that the worker has not given out yet."""
    asked: bool = True
    """Whether the worker owes a piece."""
    unwritten: int = 0
    """Pieces that wait for the disk."""
    over: bool = False
    """Whether nothing of it is written any more; the disk's thread says so."""


@dataclass(slots=True)
class _Fetching:
    request: int
    conversation: str
    then: Act
    reader: Reader | None = None


class Keeper:
    """Writes states of the worker to ``states`` and back; without ``states`` it only calls on.

    ``send`` reaches the worker, ``post`` brings a call to the client's thread, ``number``
    gives a request's.
    """

    def __init__(
        self,
        states: States | None,
        send: Callable[[Command, bytes], None],
        post: Callable[[Act], None],
        number: Callable[[], int],
        clock: Clock,
    ) -> None:
        self._states = states
        self._send = send
        self._post = post
        self._number = number
        self._clock = clock
        self._disk: ThreadPoolExecutor | None = None
        self._fingerprint = ""
        self._here: set[str] = set()
        self._changed: dict[str, None] = {}
        self._reading: dict[int, str] = {}
        self._saving: _Saving | None = None
        self._fetching: _Fetching | None = None
        self._flushed: Act | None = None
        self.deadline: float | None = None
        """When to call ``tick``."""

    def begin(self, fingerprint: str) -> None:
        """Hear that a worker has loaded the model that makes states of ``fingerprint``."""
        self.end()
        self._fingerprint = fingerprint

    def end(self) -> None:
        """Hear that the worker is gone, and everything in it."""
        self._fingerprint, self.deadline = "", None
        self._here.clear()
        self._changed.clear()
        self._reading.clear()
        self._drop_saving()
        self._drop_fetching()
        self._call_flushed()

    def close(self) -> None:
        """Wait for the disk; nothing is asked of this afterwards."""
        if self._disk is not None:
            self._disk.shutdown()

    def changed(self, conversation: str) -> None:
        """Hear that the worker holds more of the conversation than the disk does."""
        if not self._keeps(conversation):
            return
        self._here.add(conversation)
        self._changed[conversation] = None
        self.deadline = self._clock.monotonic() + IDLE_SECONDS

    def reads_ahead(self, request: int, conversation: str) -> None:
        """Hear that ``request`` reads the conversation; the others have been left."""
        self._reading = {request: conversation}
        if any(other != conversation for other in self._changed):
            self._save_next(besides=conversation)

    def fetch(self, conversation: str, then: Act) -> None:
        """Call ``then`` when the worker holds the conversation as well as it can be had."""
        running = self._fetching
        if running is not None and running.conversation == conversation:
            running.then = then
            return
        self.hurry()
        if not self._keeps(conversation) or conversation in self._here:
            then()
            return
        self._here.add(conversation)
        fetching = self._fetching = _Fetching(self._number(), conversation, then)
        self._on_disk(self._open, fetching)

    def hurry(self) -> None:
        """Go on without the state that is being fetched."""
        if (fetching := self._fetching) is not None:
            self._here.discard(fetching.conversation)
            self._drop_fetching()
            fetching.then()

    def forget(self, conversation: str) -> None:
        """Keep nothing of the conversation."""
        self._changed.pop(conversation, None)
        if self._saving is not None and self._saving.conversation == conversation:
            self._drop_saving()
        if self._states is not None:
            self._on_disk(self._states.forget, conversation)

    def tick(self, *, idle: bool) -> None:
        """Do what is due; ``idle``: the worker has nothing else to do."""
        if self.deadline is None or self._clock.monotonic() < self.deadline:
            return
        self.deadline = None
        if self._flushed is not None:  # no more time
            self._drop_saving()
            self._call_flushed()
        elif idle:
            self._save_next()

    def flush(self, seconds: float, then: Act) -> None:
        """Write what is not written, for ``seconds`` at most, then call ``then``."""
        self._call_flushed()
        self._flushed = then
        self.deadline = self._clock.monotonic() + seconds
        self._save_next()

    def hear(self, event: object, payload: bytes) -> bool:
        """Take what the worker says of states; return whether it was that."""
        match event:
            case SnapshotPiece(request, left):
                self._write(request, left, payload)
            case Taken(request):
                self._send_piece(request)
            case Restored(request, tokens):
                self._restored(request, tokens)
            case HasRead(request, tokens):
                conversation = self._reading.pop(request, "")
                if tokens >= _WORTH_WRITING:
                    self.changed(conversation)
            case Refused(request):
                return self._refused(request)
            case _:
                return False
        return True

    def _refused(self, request: int) -> bool:
        """Go on without the state that the worker had no memory for; return whether it was one."""
        if (saving := self._saving) is not None and saving.request == request:
            self._drop_saving()
            self._save_next()
            return True
        if (fetching := self._fetching) is not None and fetching.request == request:
            self._go_on(fetching)
            return True
        return self._reading.pop(request, None) is not None

    def _keeps(self, conversation: str) -> bool:
        if not conversation or is_temporary(conversation):
            return False
        return self._states is not None and bool(self._fingerprint)

    # To the disk

    def _save_next(self, besides: str = "") -> None:
        if self._saving is not None:
            return
        conversation = next((name for name in self._changed if name != besides), None)
        if conversation is None:
            self._call_flushed()
            return
        del self._changed[conversation]
        self._saving = _Saving(self._number(), conversation)
        self._send(Snapshot(self._saving.request, conversation), b"")

    def _write(self, request: int, left: int, payload: bytes) -> None:
        saving = self._saving
        if saving is None or saving.request != request:
            return
        if not payload:
            self._saved(saving)
            return
        fingerprint, total = self._fingerprint, len(payload) + left

        def write() -> bool:
            if saving.over:
                return False
            if saving.writer is None and self._states is not None:
                saving.writer = self._states.write(saving.conversation, fingerprint, total)
            if saving.writer is None:
                return False
            saving.writer.add(payload)
            if not left:
                saving.writer.commit()
            return left > 0

        saving.left, saving.asked = left, False
        saving.unwritten += 1
        self._on_disk(self._wrote, saving, write)
        self._ask_for_more(saving)

    def _ask_for_more(self, saving: _Saving) -> None:
        """Have the worker make the next piece ready while what it gave out is written."""
        if saving.left and not saving.asked and saving.unwritten < _IN_FLIGHT:
            saving.asked = True
            self._send(Next(saving.request), b"")

    def _wrote(self, saving: _Saving, write: Callable[[], bool]) -> None:
        """On the disk's thread: write a piece and go on, or stop."""
        more = False
        try:
            more = write()
        except Exception as error:  # noqa: BLE001 - whatever it is, it is not worth an answer
            _log.info("a state could not be written: %s", _reason(error))
            _abandon(saving)
        finally:
            saving.over = not more
            self._post(lambda: self._written(saving, more=more))

    def _written(self, saving: _Saving, *, more: bool) -> None:
        if saving is not self._saving:
            return
        saving.unwritten -= 1
        if more:
            self._ask_for_more(saving)
        else:
            self._saved(saving)

    def _saved(self, saving: _Saving) -> None:
        if saving is self._saving:
            self._saving = None
            self._save_next()

    def _drop_saving(self) -> None:
        saving, self._saving = self._saving, None
        if saving is not None:
            self._on_disk(_abandon, saving)

    def _call_flushed(self) -> None:
        then, self._flushed = self._flushed, None
        if then is not None:
            self.deadline = None
            then()

    # From the disk

    def _open(self, fetching: _Fetching) -> None:
        """On the disk's thread: open the state."""
        assert self._states is not None  # noqa: S101 - nothing is fetched without them
        try:
            fetching.reader = self._states.read(fetching.conversation, self._fingerprint)
        except Exception as error:  # noqa: BLE001 - whatever it is, the prompt is read instead
            _log.info("a state could not be opened: %s", _reason(error))
        self._post(lambda: self._opened(fetching))

    def _opened(self, fetching: _Fetching) -> None:
        if fetching is not self._fetching:
            return
        if fetching.reader is None:
            self._go_on(fetching)
            return
        size = fetching.reader.size
        self._send(Restore(fetching.request, fetching.conversation, size), b"")
        for _ in range(_IN_FLIGHT - 1):  # the answer to Restore asks for one more
            self._send_piece(fetching.request)

    def _send_piece(self, request: int) -> None:
        fetching = self._fetching
        if fetching is not None and fetching.request == request:
            self._on_disk(self._read, fetching)

    def _read(self, fetching: _Fetching) -> None:
        """On the disk's thread: read a piece and send it."""
        assert fetching.reader is not None  # noqa: S101 - it was opened before
        try:
            piece = fetching.reader.next()
        except StopIteration:
            return  # all were sent; the worker says the last word
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, the prompt is read instead
            _log.info("a state could not be read: %s", _reason(error))
            self._post(lambda: self._go_on(fetching))
            return
        self._post(lambda: self._pass_on(fetching, piece))

    def _pass_on(self, fetching: _Fetching, piece: bytes) -> None:
        if fetching is self._fetching:
            self._send(StatePiece(fetching.request), piece)

    def _restored(self, request: int, tokens: int) -> None:
        fetching = self._fetching
        if fetching is None or fetching.request != request:
            return
        if not tokens and self._states is not None:
            self._on_disk(self._states.forget, fetching.conversation)
        self._go_on(fetching)

    def _go_on(self, fetching: _Fetching) -> None:
        if fetching is self._fetching:
            self._drop_fetching()
            fetching.then()

    def _drop_fetching(self) -> None:
        fetching, self._fetching = self._fetching, None
        if fetching is not None:
            self._on_disk(_close, fetching)

    def _on_disk(self, act: Callable[..., None], *arguments: object) -> None:
        if self._disk is None:
            self._disk = ThreadPoolExecutor(1, thread_name_prefix="engine-states")
        self._disk.submit(act, *arguments)


def _reason(error: Exception) -> str:
    """Return what the log says, which no file's name is to stand in."""
    return (isinstance(error, OSError) and error.strerror) or type(error).__name__


def _abandon(saving: _Saving) -> None:
    if saving.writer is not None:
        saving.writer.abandon()


def _close(fetching: _Fetching) -> None:
    if fetching.reader is not None:
        fetching.reader.close()
