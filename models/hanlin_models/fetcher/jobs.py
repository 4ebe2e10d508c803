"""The jobs of the fetcher: each process does one of them and ends.

A job's answer is a JSON object; a download also tells its progress on the way.
"""

import queue
import re
import shutil
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from hanlin.domain.downloads import Cause
from hanlin.kernel.errors import KnownError
from hanlin_models import gguf
from hanlin_models.answered import objects
from hanlin_models.fetcher import modelscope
from hanlin_models.fetcher.bodies import Place
from hanlin_models.fetcher.control import Control
from hanlin_models.fetcher.faults import Fault, StoppedError
from hanlin_models.fetcher.https import Door, Report
from hanlin_models.fetcher.transfer import Transfer
from hanlin_models.orders import DownloadOrder, FileOrder, Source, SourceKind, sources_from

_TASTE: Final = 262_144
"""Bytes fetched from each source to see how fast it is."""
_TASTE_SECONDS: Final = 6.0
_HOME_ADVANTAGE: Final = 1.5
"""The Hub itself comes first unless another source is faster by this factor."""
_FIRST_STEP: Final = 1 << 20
_LARGEST_HEADER: Final = 1 << 26
_HASH: Final = re.compile("[0-9a-f]{64}")

Answer = dict[str, object]


def download(fields: Mapping[str, Any], door: Door, control: Control, report: Report) -> Answer:
    """Fetch the files of a DownloadOrder. Raises Fault or StoppedError."""
    order = DownloadOrder.from_message(fields["order"])
    quarantine = Path(fields["quarantine"])
    order = _resolved(order, door, report)
    _check_room(order)
    order = replace(order, sources=_best_first(order, door, report))
    for file in order.files:
        Transfer(order, file, quarantine, door, control, report).run()
    return {}


def list_files(fields: Mapping[str, Any], door: Door) -> Answer:
    """Return the files of a repository from the first source that knows. Raises Fault."""
    sources = sources_from(fields["sources"])
    return _list(door, sources, str(fields["repository"]), str(fields["revision"]))


def search(fields: Mapping[str, Any], door: Door) -> Answer:
    """Return the repositories that match. Raises Fault."""
    from hanlin_models.fetcher import hub  # noqa: PLC0415 - a download with known hashes needs none

    words, author, most = str(fields["words"]), str(fields["author"]), int(fields["most"])
    order = str(fields["order"])
    return _first_that_answers(
        [source for source in sources_from(fields["sources"]) if source.kind is SourceKind.HUB],
        lambda source: {"found": hub.search(door, source, words, author, most, order)},
    )


def read_header(fields: Mapping[str, Any], door: Door) -> Answer:
    """Return what a GGUF file says about itself, from as few bytes as possible. Raises Fault."""
    name, size = str(fields["name"]), int(fields["size"])
    sha256 = str(fields["sha256"] or "")

    def read(source: Source) -> Answer:
        place = Place(source, str(fields["repository"]), str(fields["revision"]), name)
        data = b""
        step = _FIRST_STEP
        while len(data) < min(size, _LARGEST_HEADER):
            data += _read(place, door, len(data), min(step, size), size, sha256)
            try:
                header = gguf.read_beginning(data, name.rsplit("/", 1)[-1], size)
            except KnownError as error:
                raise Fault(Cause.NOT_A_MODEL, error.message) from error
            if header is not None:
                return _header_message(header, len(data))
            step *= 4
        raise Fault(Cause.NOT_A_MODEL, "the header does not end")

    return _first_that_answers(sources_from(fields["sources"]), read)


def _header_message(header: gguf.Header, count: int) -> Answer:
    info = {name: getattr(header.info, name) for name in header.info.__dataclass_fields__}
    return {"info": info, "facts": dict(header.facts), "read": count}


def _read(place: Place, door: Door, start: int, end: int, size: int, sha256: str) -> bytes:
    """Return the bytes ``start`` to ``end``. Raises Fault."""
    body = place.open(door, start, end, size, sha256, "")
    try:
        data = bytearray()
        buffer = memoryview(bytearray(1 << 16))
        wanted = body.skip + end - start
        while len(data) < wanted:
            count = body.readinto(buffer[: min(len(buffer), wanted - len(data))])
            if not count:
                raise Fault(Cause.CUT)
            data += buffer[:count]
        return bytes(data[body.skip :])
    finally:
        body.close()


def _list(door: Door, sources: Sequence[Source], repository: str, revision: str) -> Answer:
    from hanlin_models.fetcher import hub  # noqa: PLC0415 - a download with known hashes needs none

    def ask(source: Source) -> Answer:
        if source.kind is SourceKind.HUB:
            found = hub.files_of(door, source, repository, revision)
        else:
            found = modelscope.files_of(door, source, repository)
        return {**found, "source": source.name}

    knowing = [source for source in sources if source.kind is not SourceKind.FOLDER]
    if not knowing:
        raise Fault(Cause.NO_HASH, repository)
    return _first_that_answers(knowing, ask)


def _first_that_answers(sources: Sequence[Source], ask: Callable[[Source], Answer]) -> Answer:
    """Ask one source after the other; raises the first one's Fault when none could answer."""
    first: Fault | None = None
    for source in sources:
        try:
            return ask(source)
        except Fault as fault:
            first = first or fault
    raise first or Fault(Cause.UNREACHABLE, "no source")


def _resolved(order: DownloadOrder, door: Door, report: Report) -> DownloadOrder:
    """Return the order with every size and hash known, and tell them. Raises Fault."""
    if all(file.size is not None and file.sha256 for file in order.files):
        return order
    listed = _list(door, order.sources, order.repository, order.revision)
    known = {str(one["name"]): one for one in objects(listed["files"])}
    files = tuple(_completed(file, known) for file in order.files)
    revision = str(listed["commit"]) or order.revision
    report(
        {
            "event": "resolved",
            "revision": revision,
            "source": listed["source"],
            "files": [{"size": file.size, "sha256": file.sha256} for file in files],
        }
    )
    return replace(order, files=files, revision=revision)


def _check_room(order: DownloadOrder) -> None:
    """Raise Fault when the disk cannot take all files and keep ``order.room`` free."""
    needed = order.room
    for file in order.files:
        target = Path(file.target)
        part = target.with_name(f".{target.name}.part")
        there = next((one.stat().st_size for one in (target, part) if one.is_file()), 0)
        needed += max((file.size or 0) - there, 0)
    folder = next(one for one in Path(order.files[0].target).parents if one.is_dir())
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise Fault(Cause.DISK_FULL, f"{free} bytes are free, {needed} are needed")


def _completed(file: FileOrder, known: Mapping[str, Mapping[str, Any]]) -> FileOrder:
    entry = known.get(file.name)
    if entry is None:
        raise Fault(Cause.NO_SUCH_FILE, file.name)
    size, sha256 = int(entry["size"]), str(entry["sha256"] or "")
    if not size:
        raise Fault(Cause.EMPTY, file.name)
    if not _HASH.fullmatch(sha256):
        raise Fault(Cause.NO_HASH, file.name)
    if (file.size or size) != size or (file.sha256 or sha256) != sha256:
        raise Fault(Cause.CHANGED, file.name)
    return replace(file, size=size, sha256=sha256)


def _best_first(order: DownloadOrder, door: Door, report: Report) -> tuple[Source, ...]:
    """Taste every source at once; return them fastest first, the silent ones last."""
    if len(order.sources) == 1:
        return order.sources
    file = max(order.files, key=lambda one: one.size or 0)
    assert file.size is not None  # noqa: S101 - resolved before
    end, size, sha256 = min(_TASTE, file.size), file.size, file.sha256 or ""
    results: queue.SimpleQueue[tuple[Source, float | Fault]] = queue.SimpleQueue()

    def taste(source: Source) -> None:
        place = Place(source, order.repository, order.revision, file.name)
        start = time.monotonic()
        try:
            _read(place, door, 0, end, size, sha256)
        except Fault as fault:
            results.put((source, fault))
        except StoppedError:
            return
        else:
            results.put((source, time.monotonic() - start))

    for source in order.sources:
        threading.Thread(target=taste, args=(source,), name="taste", daemon=True).start()
    took = _gather(results, len(order.sources), report)
    silent = float("inf")

    def rank(source: Source) -> float:
        seconds = took.get(source.name, silent)
        return seconds / _HOME_ADVANTAGE if source is order.sources[0] else seconds

    return tuple(sorted(order.sources, key=rank))


def _gather(
    results: "queue.SimpleQueue[tuple[Source, float | Fault]]", count: int, report: Report
) -> dict[str, float]:
    """Return how long each source took, without those that failed or are too slow."""
    took: dict[str, float] = {}
    deadline = time.monotonic() + _TASTE_SECONDS
    for _number in range(count):
        try:
            source, result = results.get(timeout=max(deadline - time.monotonic(), 0.0))
        except queue.Empty:
            break
        told: dict[str, object] = {"event": "tasted", "source": source.name}
        if isinstance(result, Fault):
            told |= {"cause": str(result.cause), "detail": result.detail}
        else:
            took[source.name] = result
            told |= {"seconds": round(result, 3)}
        report(told)
    return took
