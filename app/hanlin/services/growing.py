"""An answer while it grows: from its empty row in the store to its final one.

It saves at least every second and keeps in memory what a full disk refuses. When
an answer begins and why it ends is the chat's business.
"""

import threading
from collections.abc import Callable
from dataclasses import replace

from hanlin.domain.conversation import Message, Part, PartKind, Status
from hanlin.kernel.errors import DiskFullError, HanlinError
from hanlin.services.executor import SerialExecutor
from hanlin.store.conversations import Store

SAVE_INTERVAL = 1.0
"""Seconds of answer that a crash may cost at most."""


class GrowingAnswer:
    """One assistant message that is still being written.

    Methods are called with ``lock`` held, which is also taken for the saving that
    happens by itself on the executor. ``on_trouble`` hears the first time the disk
    refuses.
    """

    def __init__(
        self,
        message: Message,
        store: Store,
        executor: SerialExecutor,
        lock: threading.RLock,
        on_trouble: Callable[[HanlinError], None],
    ) -> None:
        self.message = message
        self.request: int | None = None
        """The engine's number for it, once the engine was asked."""
        self.closed = False
        """Final for the reader; the engine may still be letting go of it."""
        self._store = store
        self._executor = executor
        self._lock = lock
        self._on_trouble = on_trouble
        self._unsaved: list[Part] = []
        self._save_pending = False
        self._in_trouble = False
        self._unfinished: Status | None = None
        """How it ended, while the disk has no room to say so."""

    def grow(self, kind: PartKind, text: str) -> None:
        """Take more text; it is on the disk within SAVE_INTERVAL."""
        if self._unsaved and self._unsaved[-1].kind is kind:
            text = self._unsaved.pop().text + text
        self._unsaved.append(Part(kind, text))
        self._save_later()

    def close(self, status: Status, notice: str) -> tuple[Message, HanlinError | None]:
        """Make the answer final; return it, and why it could not be stored if so.

        What the disk refused is in the returned message all the same, and is stored once
        a full disk has room again.
        """
        self.closed = True
        if notice:
            self._unsaved.append(Part(PartKind.NOTICE, notice))
        try:
            self._finish(status)
            return self._store.message(self.message.id), None
        except HanlinError as error:
            self._finish_later(status, error)
            parts = (*self._saved_parts(), *self._unsaved)
            return replace(self.message, status=Status.INTERRUPTED, parts=parts), error

    def _save_later(self) -> None:
        if not self._save_pending:
            self._save_pending = True
            self._executor.post(self._save_due, SAVE_INTERVAL)

    def _save_due(self) -> None:
        with self._lock:
            self._save_pending = False
            if self.closed:
                self._finish_again()
                return
            try:
                self._save()
            except HanlinError as error:
                if not self._in_trouble:
                    self._in_trouble = True
                    self._on_trouble(error)
                self._save_later()

    def _finish(self, status: Status) -> None:
        self._save()
        self._store.finish_message(self.message.id, status)

    def _finish_later(self, status: Status, error: HanlinError) -> None:
        self._unfinished = status if isinstance(error, DiskFullError) else None
        if self._unfinished is not None:
            self._save_later()

    def _finish_again(self) -> None:
        if (status := self._unfinished) is None:
            return
        try:
            self._finish(status)
            self._unfinished = None
        except HanlinError as error:
            self._finish_later(status, error)

    def _save(self) -> None:
        """Append what is unsaved; raises HanlinError and keeps the rest in memory."""
        while self._unsaved:
            part = self._unsaved[0]
            self._store.append_to_message(self.message.id, part.kind, part.text)
            self._unsaved.pop(0)

    def _saved_parts(self) -> tuple[Part, ...]:
        try:
            return self._store.message(self.message.id).parts
        except HanlinError:
            return ()
