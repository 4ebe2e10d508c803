"""Bytes onto the disk, beside the thread that reads them from the network.

A block is written, pushed to the disk, and only then noted in the journal. The disk is
watched: below the reserve nothing more is written.
"""

import errno
import hashlib
import os
import queue
import shutil
import threading
import time
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.faults import Fault
from hanlin_models.part import Part

_WAITING: Final = 32
"""Chunks that may wait to be written."""
_sync = getattr(os, "fdatasync", os.fsync)  # Linux has the one that does not write the times


class Writer:
    """Appends to a part until ``finish``. ``put`` and ``finish`` belong to one thread."""

    def __init__(
        self, part: Part, source: str, *, block_bytes: int, block_seconds: float, reserve: int
    ) -> None:
        self._part = part
        self._source = source
        self._block_bytes = block_bytes
        self._block_seconds = block_seconds
        self._reserve = reserve
        self._chunks: queue.Queue[bytes | None] = queue.Queue(_WAITING)
        self._fault: Fault | None = None
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._thread.start()

    def put(self, chunk: bytes) -> None:
        """Queue bytes; waits while too many are waiting. Raises Fault when the disk refused."""
        if self._fault is not None:
            raise self._fault
        self._chunks.put(chunk)

    def finish(self) -> None:
        """Return when everything is noted down. Raises Fault when the disk refused."""
        self._chunks.put(None)
        self._thread.join()
        if self._fault is not None:
            raise self._fault

    def _run(self) -> None:
        try:
            with self._part.path.open("rb+", buffering=0) as file:
                file.seek(self._part.done)
                while self._write_block(file.fileno()):
                    pass
        except Fault as fault:
            self._fault = fault
        except OSError as error:
            self._fault = disk_fault(error)
        if self._fault is not None:
            while self._chunks.get() is not None:  # let the reader run into the fault
                pass

    def _write_block(self, descriptor: int) -> bool:
        """Write until the block is full or old; return whether there may be more."""
        hasher = hashlib.sha256()
        size = 0
        more = True
        deadline = time.monotonic() + self._block_seconds
        while size < self._block_bytes and (rest := deadline - time.monotonic()) > 0:
            try:
                chunk = self._chunks.get(timeout=rest)
            except queue.Empty:
                break
            if chunk is None:
                more = False
                break
            hasher.update(chunk)
            size += len(chunk)
            view = memoryview(chunk)
            while view:
                view = view[os.write(descriptor, view) :]
        if size:
            _sync(descriptor)
            self._part.note(size, hasher.hexdigest(), self._source)
            if more:
                check_room(self._part, self._reserve)
        return more


def check_room(part: Part, reserve: int) -> None:
    """Raise Fault when less than ``reserve`` bytes are free on the part's disk."""
    free = shutil.disk_usage(part.path.parent).free
    if free < reserve:
        raise Fault(Cause.DISK_FULL, f"{free} bytes are free, {reserve} are kept")


def disk_fault(error: OSError) -> Fault:
    """Return the fault behind what the file system refused."""
    causes = {
        errno.ENOSPC: Cause.DISK_FULL,
        errno.EDQUOT: Cause.DISK_FULL,
        errno.EFBIG: Cause.FILE_TOO_LARGE,
        errno.ENAMETOOLONG: Cause.BAD_NAME,
    }
    return Fault(causes.get(error.errno or 0, Cause.NOT_WRITABLE), str(error))
