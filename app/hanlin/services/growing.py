"""An answer while it grows: from its empty row in the store to its final one.

It saves at least every second, and what a full disk refuses it keeps in memory and in
the room that is set aside. When an answer begins and why it ends is the chat's business.
"""

import threading
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from hanlin.domain.conversation import Message, Part, PartKind, Status
from hanlin.kernel.errors import DiskFullError, HanlinError
from hanlin.services.executor import SerialExecutor
from hanlin.store.conversations import Store

if TYPE_CHECKING:
    from hanlin.domain.models import Purpose
    from hanlin.services.reports import Asked

SAVE_INTERVAL = 1.0
"""Seconds of answer that a crash may cost at most."""


class GrowingAnswer:
    """One assistant message that is still being written.

    Methods are called with ``lock`` held, which is also taken for the saving that
    happens by itself on the executor. ``on_disk`` hears why when the disk begins to refuse,
    and None when everything is stored after all.
    """

    def __init__(
        self,
        message: Message,
        store: Store,
        executor: SerialExecutor,
        lock: threading.RLock,
        on_disk: Callable[[HanlinError | None], None],
    ) -> None:
        self.message = message
        self.request: int | None = None
        """The engine's number for it, once the engine was asked."""
        self.purpose: Purpose | None = None
        """What it is an answer for, when that may have a model of its own."""
        self.resumed = False
        """It goes on behind what it said when it was final already."""
        self.asked: Asked | None = None
        """What the engine was asked, once it was."""
        self.out_of_reach = 0
        """Messages at the beginning that no model of this size was ever asked with."""
        self.closed = False
        """Final for the reader; the engine may still be letting go of it."""
        self._store = store
        self._executor = executor
        self._lock = lock
        self._on_disk = on_disk
        self._clock = store.database.clock
        self.parts: list[Part] = []
        """All that was said so far, piece by piece."""
        self._unsaved: list[Part] = []
        self._save_pending = False
        self._in_trouble = False
        self._unfinished: Status | None = None
        """How it ended, while the disk has no room to say so."""
        self._thought_began: float | None = None
        self._thought_counted = 0
        """Milliseconds of the present thought that are in a part already."""

    def grow(self, kind: PartKind, text: str) -> None:
        """Take more text; it is on the disk within SAVE_INTERVAL."""
        self.parts.append(Part(kind, text))
        spent = self._spent_thinking(kind)
        if kind.grows and self._unsaved and self._unsaved[-1].kind is kind:
            before = self._unsaved.pop()
            text, spent = before.text + text, before.milliseconds + spent
        self._unsaved.append(Part(kind, text, spent))
        self._save_later()

    def close(self, status: Status, notice: str) -> tuple[Message, HanlinError | None]:
        """Make the answer final; return it, and why a part of it is in memory only if so.

        What the disk refused is in the returned message all the same, and is stored once
        a full disk has room again.
        """
        self.closed = True
        if notice:
            self._unsaved.append(Part(PartKind.NOTICE, notice))
        try:
            self._save(status)
            return self._store.message(self.message.id), None
        except HanlinError as error:
            self._refused(error, status)
            if self._store.put_aside(self.message.id, self._unsaved, status):
                return self._stored(), None
            parts = (*self._stored().parts, *self._unsaved)
            return replace(self.message, status=Status.INTERRUPTED, parts=parts), error

    def _spent_thinking(self, kind: PartKind) -> int:
        """Return the milliseconds of thought that came to an end with this text."""
        if kind is not PartKind.THINKING:
            self._thought_began = None
            return 0
        now = self._clock.monotonic()
        if self._thought_began is None:
            self._thought_began, self._thought_counted = now, 0
        whole = round((now - self._thought_began) * 1000)
        spent, self._thought_counted = whole - self._thought_counted, whole
        return spent

    def _save_later(self) -> None:
        if not self._save_pending:
            self._save_pending = True
            self._executor.post(self._save_due, SAVE_INTERVAL)

    def _save_due(self) -> None:
        with self._lock:
            self._save_pending = False
            if self.closed and self._unfinished is None:
                return
            try:
                self._save(self._unfinished)
            except HanlinError as error:
                self._refused(error, self._unfinished)
                self._store.put_aside(self.message.id, self._unsaved, self._unfinished)

    def _save(self, status: Status | None) -> None:
        """Append what is unsaved and finish with ``status``; raises HanlinError and keeps it."""
        self._store.extend_message(self.message.id, self._unsaved, status)
        self._unsaved.clear()
        self._unfinished = None
        if self._in_trouble:
            self._in_trouble = False
            self._on_disk(None)

    def _refused(self, error: HanlinError, status: Status | None) -> None:
        """Say that the disk refused, once, and try again as long as there is hope."""
        if not self._in_trouble:
            self._in_trouble = True
            self._on_disk(error)
        full = isinstance(error, DiskFullError)
        self._unfinished = status if full else None
        if full or not self.closed:
            self._save_later()

    def _stored(self) -> Message:
        try:
            return self._store.message(self.message.id)
        except HanlinError:
            return self.message
