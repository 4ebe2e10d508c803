"""One file from several sources onto the disk, verified, or the cause why not.

The order of things: take up what came before, fill the rest from whichever source works,
read everything back and compare the hash, and only then give the file its name. When the
hash is wrong the journal tells the two reasons apart: blocks that are not on the disk as
they were written are fetched again; if all are, a source lied.
"""

import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from hanlin.domain.downloads import Cause
from hanlin.kernel.instance import FileLock
from hanlin_models.fetcher.answers import check_beginning
from hanlin_models.fetcher.bodies import Body, Place
from hanlin_models.fetcher.control import Control
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Door
from hanlin_models.fetcher.meter import Meter
from hanlin_models.fetcher.rota import Rota
from hanlin_models.fetcher.writer import Writer, check_room, disk_fault
from hanlin_models.orders import DownloadOrder, FileOrder, Source
from hanlin_models.part import Block, Part, digest

Report = Callable[[Mapping[str, object]], None]
_MOST_REPAIRS: Final = 3
_BEGINNING: Final = 16
_CRAWL: Final = 1024
"""Bytes per second that count as standing still."""
_LARGEST_READ: Final = 1 << 20


class Transfer:
    """Fetches one file; ``run`` once. Everything it says goes through ``report``."""

    def __init__(
        self,
        order: DownloadOrder,
        file: FileOrder,
        quarantine: Path,
        door: Door,
        control: Control,
        report: Report,
    ) -> None:
        if file.size is None or file.sha256 is None:
            raise Fault(Cause.NO_HASH, file.name)
        self._order = order
        self._file = file
        self._size = file.size
        self._sha256 = file.sha256
        self._quarantine = quarantine
        self._door = door
        self._control = control
        self._report = report
        self._target = Path(file.target)
        self._part = Part(self._target, self._size, self._sha256)
        self._rota = Rota(order.sources, order.persistence, time.monotonic())
        self._meter = Meter(report, file.name, self._size)

    def run(self) -> None:
        """Fetch the file. Raises Fault, or StoppedError; what came is kept then."""
        try:
            self._target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = FileLock(self._target.with_name(f".{self._target.name}.lock"))
            if not lock.try_acquire():
                raise Fault(Cause.IN_USE, str(self._target))
            try:
                self._run()
            finally:
                lock.release(remove=True)
        except OSError as error:
            raise disk_fault(error) from error

    def _run(self) -> None:
        if self._is_there():
            self._part.discard()
            self._meter.now(self._size)
            return
        if self._order.max_file and self._size > self._order.max_file:
            raise Fault(Cause.FILE_TOO_LARGE, f"{self._size} bytes")
        if lost := self._part.open():
            self._phase("repairing", damaged=lost)
        check_room(self._part, self._order.reserve)
        while True:
            self._fill()
            self._phase("checking")
            if self._verified():
                break
        self._part.publish()
        (self._quarantine / f"{self._target.parent.name}--{self._target.name}.bad").unlink(
            missing_ok=True
        )

    def _is_there(self) -> bool:
        """Whether the target exists already and is right."""
        if not self._target.is_file() or self._target.stat().st_size != self._size:
            return False
        self._phase("checking")
        return digest(self._target, self._checked) == self._sha256

    def _fill(self) -> None:
        """Fetch until every byte is on the disk."""
        while self._part.done < self._size:
            self._control.check()
            source = self._next_source()
            self._phase("loading", source=source.name)
            try:
                self._pull(source)
            except Fault as fault:
                self._blame(source, fault)

    def _next_source(self) -> Source:
        """Return whose turn it is, when it has come. Raises Fault, or StoppedError."""
        source, wait = self._rota.turn(time.monotonic())
        if wait:
            self._phase("waiting", source=source.name, seconds=wait)
            self._control.sleep(wait)
        return source

    def _pull(self, source: Source) -> None:
        """Fetch from the first missing byte to the end from ``source``. Raises Fault."""
        start = self._part.done
        body = self._open(source, start, self._size)
        self._part.note_etag(source.name, body.etag)
        writer = Writer(
            self._part,
            source.name,
            block_bytes=self._order.block_bytes,
            block_seconds=self._order.block_seconds,
            reserve=self._order.reserve,
        )
        try:
            self._copy(body, writer.put, body.skip, start, self._size)
            expect_end(body)
        finally:
            body.close()
            writer.finish()
            self._rota_heard(source, start)

    def _copy(
        self, body: Body, put: Callable[[bytes], object], skip: int, start: int, end: int
    ) -> None:
        """Read bytes up to ``end``, the first ``skip`` of them for nothing. Raises Fault."""
        buffer = memoryview(bytearray(_LARGEST_READ))
        at = start - skip
        beginning = bytearray() if at == 0 else None
        pulse = _Pulse(self._door.network.patience)
        while at < end:
            count = body.readinto(buffer[: min(self._meter.read_size, end - at)])
            if not count:
                raise Fault(Cause.CUT, f"ended at {at} of {self._size}")
            pulse.beat(count)
            if beginning is not None:
                beginning += buffer[: min(count, _BEGINNING)]
                if len(beginning) >= min(_BEGINNING, self._size):
                    check_beginning(bytes(beginning))
                    beginning = None
            wanted = buffer[max(start - at, 0) : count]
            at += count
            if wanted:
                put(bytes(wanted))
                self._meter.moved(at, count)
            self._control.pace(count)

    def _open(self, source: Source, start: int, end: int) -> Body:
        place = Place(source, self._order.repository, self._order.revision, self._file.name)
        etag = self._part.etags.get(source.name, "")
        try:
            return place.open(self._door, start, end, self._size, self._sha256, etag)
        except Fault as fault:
            if fault.cause is Cause.CHANGED and etag:
                # It may only have been moved to another store: the next try goes by the hash.
                self._part.note_etag(source.name, "")
            raise

    def _rota_heard(self, source: Source, start: int) -> None:
        if self._part.done > start:
            self._rota.progressed(source, time.monotonic())

    def _blame(self, source: Source, fault: Fault) -> None:
        self._report(
            {
                "event": "fault",
                "file": self._file.name,
                "source": source.name,
                "cause": str(fault.cause),
                "detail": fault.detail,
                "wait": fault.wait,
            }
        )
        self._rota.failed(source, fault, time.monotonic())

    def _verified(self) -> bool:
        """Return whether the file is right; repair, or put a liar out, if it is not."""
        for _attempt in range(_MOST_REPAIRS):
            if self._part.is_whole(self._checked):
                return True
            damaged = self._part.damaged()
            if not damaged:
                self._put_liar_out()
                return False
            self._phase("repairing", damaged=sum(block.size for block in damaged))
            for block in damaged:
                self._repair(block)
        raise Fault(Cause.DAMAGED_HERE, str(self._part.path))

    def _put_liar_out(self) -> None:
        """Keep the proof, exclude who made it; when several did, ask one of them alone."""
        made = {block.source for block in self._part.blocks}
        self._part.quarantine(self._quarantine)
        self._meter.now(0)
        suspects = [source for source in self._order.sources if source.name in made]
        if len(suspects) == 1:
            self._blame(suspects[0], Fault(Cause.WRONG_HASH, self._sha256))
        else:
            self._rota.ask_alone(suspects[0])

    def _repair(self, block: Block) -> None:
        """Fetch one block again, from whoever works, into its place."""
        while True:
            source = self._next_source()
            try:
                self._fetch_block(source, block)
            except Fault as fault:
                self._blame(source, fault)
            else:
                return

    def _fetch_block(self, source: Source, block: Block) -> None:
        body = self._open(source, block.offset, block.end)
        try:
            with self._part.path.open("rb+") as file:
                file.seek(block.offset)
                self._copy(body, file.write, body.skip, block.offset, block.end)
                file.flush()
                os.fsync(file.fileno())
        finally:
            body.close()
        self._rota.progressed(source, time.monotonic())

    def _checked(self, count: int) -> None:
        self._control.check()
        self._meter.checked(count)

    def _phase(self, phase: str, **more: object) -> None:
        self._report({"event": "phase", "file": self._file.name, "phase": phase, **more})


class _Pulse:
    """Notices a source that hardly moves; one that does not move at all runs into a timeout."""

    def __init__(self, patience: float) -> None:
        self._patience = patience
        self._since = time.monotonic()
        self._count = 0

    def beat(self, count: int) -> None:
        """Hear of bytes. Raises Fault when they drip."""
        self._count += count
        now = time.monotonic()
        if (passed := now - self._since) < self._patience:
            return
        if self._count < _CRAWL * passed:
            raise Fault(Cause.STALLED, f"{self._count} bytes in {passed:.0f} s")
        self._since, self._count = now, 0


def expect_end(body: Body) -> None:
    """Raise Fault when ``body`` goes on after the file's last byte."""
    if body.readinto(memoryview(bytearray(1))):
        raise Fault(Cause.TOO_LONG)
