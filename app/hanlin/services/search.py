"""The search at work: keeping its index up to what is stored, while nothing else needs the disk.

Also having it in memory when somebody is about to search.

What a search asks and how the index is kept is the store's business.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Final

from hanlin.chinese import characters
from hanlin.domain.conversation import Role
from hanlin.domain.search import Findings
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.services.events import (
    AnswerFinished,
    AnswerResumed,
    ConversationsChanged,
    IndexGrew,
    MessageAdded,
)
from hanlin.store.database import Database
from hanlin.store.search import SearchIndex
from hanlin.store.words import parse

_BETWEEN_SECONDS: Final = 0.02
"""Between two batches others may write."""
_CALM_SECONDS: Final = 3.0
"""After the last message: its end writes enough, and often another one follows at once."""
_FEW: Final = 20
"""Messages that a search itself indexes, so that what was said a moment ago is found."""
_TOLD_FROM: Final = 500
"""Fewer messages are indexed before anybody could read of it."""
_AHEAD_SECONDS: Final = 300.0
"""After the file was read ahead once, for so long most of it is likely to be in memory still."""
_log = logging.getLogger(__name__)


class SearchService:
    """Safe to use from any thread."""

    def __init__(self, database: Database, bus: EventBus) -> None:
        self._database = database
        self._index = SearchIndex(database)
        self._bus = bus
        self._wake = threading.Condition()
        self._wanted = True
        self._closing = False
        self._streaming: set[str] = set()
        self._calm_from = 0.0
        self._unsettled = False
        """Belongs to the thread."""
        self._thread: threading.Thread | None = None
        self._ahead: threading.Thread | None = None
        self._ahead_again = 0.0

    def begin(self) -> None:
        """Keep the index up to date from now on, in the background."""
        self._bus.subscribe(MessageAdded, self._on_added)
        self._bus.subscribe(AnswerResumed, self._on_added)
        self._bus.subscribe(AnswerFinished, self._on_finished)
        self._bus.subscribe(ConversationsChanged, lambda _event: self._want())
        self._thread = threading.Thread(target=self._follow, name="search index", daemon=True)
        self._thread.start()

    def read_ahead(self) -> None:
        """Have what a search needs in memory soon, because there will be one. Returns at once."""
        with self._wake:
            now = time.monotonic()
            if self._closing or now < self._ahead_again:
                return
            self._ahead_again = now + _AHEAD_SECONDS
            if self._ahead is None or not self._ahead.is_alive():
                self._ahead = threading.Thread(
                    target=self._take_in, name="search ahead", daemon=True
                )
                self._ahead.start()

    def search(self, text: str) -> Findings:
        """Return what is found for a person's ``text``; raises KnownError."""
        try:
            while 0 < self._index.remaining() <= _FEW and self._index.index_some():
                pass
        except HanlinError as error:  # a full disk: what is in the index is found all the same
            _log.warning("not indexed: %s", error)
        return self._index.search(text)

    def marks(self, query: str, text: str) -> Sequence[tuple[int, int]]:
        """Return where what ``query`` looks for stands in ``text``."""
        return parse(query).marks(text)

    def index_all(self, tell: Callable[[int, int], None] = lambda _done, _total: None) -> None:
        """Index what is not indexed yet, now; ``tell`` hears how many messages are done."""
        total = self._index.remaining()
        while not self._closing and self._index.index_some():
            tell(total - self._index.remaining(), total)

    def close(self) -> None:
        """End the work; before the database is closed."""
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        for thread in (self._thread, self._ahead):
            if thread is not None:
                thread.join()
        self._index.close()

    def _take_in(self) -> None:
        self._database.ahead.read(lambda: not self._closing)
        characters()

    def _on_added(self, event: MessageAdded | AnswerResumed) -> None:
        with self._wake:
            if event.message.role is Role.ASSISTANT:
                self._streaming.add(event.message.id)
            self._rest()  # a question is followed by its answer at once
        self._want()

    def _on_finished(self, event: AnswerFinished) -> None:
        with self._wake:
            self._streaming.discard(event.message.id)
            self._rest()
        self._want()

    def _rest(self) -> None:
        self._calm_from = time.monotonic() + _CALM_SECONDS

    def _want(self) -> None:
        with self._wake:
            self._wanted = True
            self._wake.notify_all()

    def _follow(self) -> None:
        total = 0
        while self._may_work():
            try:
                done = self._index.index_some()
                left = self._index.remaining() if done else 0
            except HanlinError as error:  # a full disk: what is lacking is found again later
                _log.warning("not indexed: %s", error)
                done = left = 0
            total = max(total, left)
            if total >= _TOLD_FROM:
                self._bus.publish(IndexGrew(total - left, total))
            if done:
                self._unsettled = True
                self._want()
            else:
                total = 0

    def _may_work(self) -> bool:
        """Wait until there may be something to index and no answer was written of late."""
        with self._wake:
            self._wake.wait(_BETWEEN_SECONDS)
            pauses = self._pause() is None
        if pauses and self._unsettled:
            self._settle()
        with self._wake:
            while not self._closing and (seconds := self._pause()) != 0.0:
                self._wake.wait(seconds)
            self._wanted = False  # what is stored from here on asks anew
            return not self._closing

    def _pause(self) -> float | None:
        """Return for how many seconds there is nothing to do, None for until somebody says so."""
        if self._streaming or not self._wanted:
            return None
        return max(0.0, self._calm_from - time.monotonic())

    def _settle(self) -> None:
        """Bring what was indexed to its place: else the answer that is being written has to."""
        self._unsettled = False
        try:
            self._database.checkpoint()
        except HanlinError as error:  # a full disk: some later commit does it
            _log.info("what was indexed is not in its place yet: %s", error)
