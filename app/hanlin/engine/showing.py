"""Which pictures and sounds the worker holds, and how they and their embeddings get there.

Belongs to the client's thread; opening them and the disk are waited for on a thread of its own.
What was encoded once is kept on disk under the medium's hash, encrypted by the store, and given
to the worker again instead of being made anew. The worker forgets nothing by itself: what it
holds is decided here. Where media come from is the requester's business.
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from hanlin.domain.attachments import AttachmentKind, Media, Pixels
from hanlin.domain.generation import Turn
from hanlin.engine import messages
from hanlin.engine.commands import Command, Embed, GiveEncoded, Hide, Show
from hanlin.engine.events import Encoded, ModelLoaded
from hanlin.engine.storage import States
from hanlin.kernel.errors import HanlinError, KnownError

_MOST_HELD: Final = 192 * 2**20
"""Bytes of pictures and sounds in the worker beyond those that a prompt needs."""
_PIECE: Final = 4 * 2**20
_log = logging.getLogger(__name__)

Act = Callable[[], None]
Give = Callable[[HanlinError | None], None]


@dataclass(frozen=True, slots=True)
class _Opened:
    """A medium with its bytes, and its embeddings where they were kept."""

    media: Media
    width: int
    height: int
    data: bytes
    embeddings: bytes


@dataclass(slots=True)
class _Order:
    """What a prompt needs: ``missing`` of all that is ``wanted``, by which worker.

    ``dropped``: nobody waits for it any more.
    """

    missing: dict[str, Media]
    wanted: set[str]
    then: Give
    private: Collection[str]
    worker: int
    dropped: bool = False


def media_of(turns: Iterable[Turn]) -> tuple[Media, ...]:
    """Return what is shown in ``turns``, each once."""
    return tuple({each.hash: each for turn in turns for each in turn.media}.values())


class Showing:
    """What the worker holds. ``send`` reaches it, ``post`` brings a call to the client's thread."""

    def __init__(
        self,
        kept: States | None,
        send: Callable[[Command, bytes], None],
        post: Callable[[Act], None],
        number: Callable[[], int],
    ) -> None:
        self._kept = kept
        self._send = send
        self._post = post
        self._number = number
        self._aside: ThreadPoolExecutor | None = None
        self._here: OrderedDict[str, int] = OrderedDict()
        """Bytes of what the worker holds, by hash, the longest unused first."""
        self._private: dict[str, bool] = {}
        """What was shown in temporary conversations or is not sent yet, and whether it was encoded.

        Nothing of it goes to the disk.
        """
        self._ahead: _Order | None = None
        """What is being opened for a prompt that is read ahead."""
        self._senses = ""
        self._sees = self._hears = False
        self._worker = 0

    def begin(self, loaded: ModelLoaded) -> None:
        """Hear that a worker has loaded a model."""
        self.end()
        self._senses, self._sees, self._hears = loaded.senses, loaded.sees, loaded.hears

    def end(self) -> None:
        """Hear that the worker is gone, and everything in it."""
        self._here.clear()
        self._private.clear()
        self._senses, self._sees, self._hears = "", False, False
        self._drop_ahead()
        self._worker += 1

    def close(self) -> None:
        """Wait for the disk; nothing is asked of this afterwards."""
        if self._aside is not None:
            self._aside.shutdown(cancel_futures=True)

    def show(
        self,
        media: Sequence[Media],
        then: Give,
        *,
        private: Collection[str],
        ahead: bool = False,
    ) -> None:
        """Call ``then`` when the worker holds all of ``media``, with the error if it cannot.

        ``private``: the hashes of which nothing may be kept, where they are new here. ``ahead``:
        whatever else is to be shown goes first, and then nobody is called.
        """
        for each in media:
            if not (self._sees if each.kind is AttachmentKind.PICTURE else self._hears):
                then(messages.cannot_take(each))
                return
            if each.hash in self._here:
                self._here.move_to_end(each.hash)
                if each.hash not in private and self._private.pop(each.hash, False):
                    self._send(GiveEncoded(self._number(), each.hash), b"")
        wanted = {each.hash for each in media}
        missing = {each.hash: each for each in media if each.hash not in self._here}
        order = self._ahead
        if order is None or order.missing.keys() != missing.keys():
            self._drop_ahead()
            order = None
        if not missing:
            then(None)
            return
        if order is not None:  # it is being opened
            order.wanted, order.then, order.private = wanted, then, private
        else:
            order = _Order(missing, wanted, then, private, self._worker)
            if self._aside is None:
                self._aside = ThreadPoolExecutor(1, thread_name_prefix="engine-media")
            self._aside.submit(self._open, order)
        self._ahead = order if ahead else None

    def hear(self, event: object, payload: bytes) -> bool:
        """Take embeddings that the worker made; return whether it was that."""
        if not isinstance(event, Encoded):
            return False
        if event.hash in self._private:
            self._private[event.hash] = True
        elif event.hash in self._here and self._senses:
            self._write(event.hash, payload)
        return True

    def _drop_ahead(self) -> None:
        if self._ahead is not None:
            self._ahead.dropped = True
            self._ahead = None

    def _open(self, order: _Order) -> None:
        """Aside: open what is missing and look for its embeddings."""
        opened: list[_Opened] = []
        error: HanlinError | None = None
        for media in order.missing.values():
            if order.dropped:
                break
            try:
                found = media.load()
            except KnownError as known:
                error = known
                break
            except Exception:  # noqa: BLE001 - whoever asked must hear of it, whatever it is
                _log.exception("a picture could not be opened")
                error = messages.cannot_open(media)
                break
            shape = (found.width, found.height) if isinstance(found, Pixels) else (0, 0)
            data = found.rgb if isinstance(found, Pixels) else found.pcm
            opened.append(_Opened(media, *shape, data, self._read(media.hash)))
        self._post(lambda: self._opened(order, opened, error))

    def _opened(self, order: _Order, opened: Sequence[_Opened], error: HanlinError | None) -> None:
        if order.dropped or order.worker != self._worker:
            return  # whoever waited was told that the engine ended
        if order is self._ahead:
            self._ahead = None
        for each in opened:
            self._give(each, private=each.media.hash in order.private)
        while sum(self._here.values()) > _MOST_HELD:
            oldest = next((hash_ for hash_ in self._here if hash_ not in order.wanted), None)
            if oldest is None:
                break
            del self._here[oldest]
            self._private.pop(oldest, None)
            self._send(Hide(self._number(), oldest), b"")
        order.then(error)

    def _give(self, opened: _Opened, *, private: bool) -> None:
        media = opened.media
        if media.hash in self._here:
            return
        self._here[media.hash] = len(opened.data)
        if private:
            self._private[media.hash] = False
        size = (opened.width, opened.height)
        self._send(Show(self._number(), media.hash, media.kind, *size), opened.data)
        if opened.embeddings:
            self._send(Embed(self._number(), media.hash), opened.embeddings)

    def _read(self, hash_: str) -> bytes:
        """Aside: return the embeddings that were kept, b"" without any."""
        if self._kept is None or not self._senses:
            return b""
        try:
            reader = self._kept.read(hash_, self._senses)
            if reader is None:
                return b""
            data = bytearray()
            while len(data) < reader.size:
                data += reader.next()
            reader.close()
        except Exception as error:  # noqa: BLE001 - whatever is wrong with it, it is made anew
            _log.info("what was encoded could not be read: %s", type(error).__name__)
            return b""
        return bytes(data)

    def _write(self, hash_: str, data: bytes) -> None:
        kept, senses = self._kept, self._senses
        if kept is None or self._aside is None:
            return

        def write() -> None:
            try:
                writer = kept.write(hash_, senses, len(data))
                if writer is None:
                    return
                for start in range(0, len(data), _PIECE):
                    writer.add(data[start : start + _PIECE])
                writer.commit()
            except OSError as error:
                _log.info("what was encoded could not be kept: %s", error.strerror)

        self._aside.submit(write)
