"""Opening a file at a place: over the network from a server, or from a folder in reach."""

import contextlib
import io
import urllib.parse
from pathlib import Path
from typing import Protocol

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.answers import accept
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Answer, Door
from hanlin_models.orders import Source, SourceKind


class Body(Protocol):
    """Bytes of a file from some place on. Must be closed."""

    @property
    def skip(self) -> int:
        """How many bytes come before those that were asked for."""
        ...

    @property
    def etag(self) -> str:
        """Which version of the file this is, as the server calls it, or ""."""
        ...

    def readinto(self, view: memoryview) -> int:
        """Fill ``view`` as far as the bytes go; 0 at the end. Raises Fault."""
        ...

    def close(self) -> None:
        """Let it go."""
        ...


class Place:
    """One file at one source."""

    def __init__(self, source: Source, repository: str, revision: str, name: str) -> None:
        self.source = source
        self._repository = repository
        self._revision = revision
        self._name = name

    @property
    def url(self) -> str:
        """Return the address; only for sources that are no folder."""
        base = self.source.address.rstrip("/")
        name = urllib.parse.quote(self._name)
        if self.source.kind is SourceKind.MODELSCOPE:
            # ModelScope counts its own revisions; the hash says whether it is the same file.
            return f"{base}/models/{self._repository}/resolve/master/{name}"
        return f"{base}/{self._repository}/resolve/{self._revision or 'main'}/{name}"

    def _path(self, size: int) -> Path:
        """Return where the file lies in a folder: owner/repository/file, or nearer to the top.

        Of files with this name the first of the right size is meant; the hash decides later.
        """
        words = (*self._repository.split("/"), *self._name.split("/"))
        paths = [Path(self.source.address, *words[start:]) for start in range(len(words))]
        for path in paths:
            with contextlib.suppress(OSError):
                if path.stat().st_size == size:
                    return path
        return paths[0]

    def open(self, door: Door, start: int, end: int, size: int, sha256: str, etag: str) -> Body:
        """Open the bytes ``start`` to ``end`` of a file of ``size`` bytes. Raises Fault.

        ``etag`` is what this source called its version before, or "".
        """
        if self.source.kind is SourceKind.FOLDER:
            return FolderBody(self._path(size), start, size)
        headers = {}
        if start or end < size:
            headers["Range"] = f"bytes={start}-{end - 1}"
            if etag and not etag.startswith("W/"):
                headers["If-Range"] = etag
        answer = door.get(self.url, headers)
        try:
            skip = accept(answer, start, end, size, sha256)
            _check_version(answer, etag)
        except Fault:
            answer.close()
            raise
        return WebBody(answer, skip)


def _check_version(answer: Answer, etag: str) -> None:
    """Refuse to mix two versions of a file."""
    if etag and (now := answer.header("etag")) and now != etag:
        raise Fault(Cause.CHANGED, f"{now} instead of {etag}")


class WebBody:
    """The body of an answer that was looked at."""

    def __init__(self, answer: Answer, skip: int) -> None:
        self._answer = answer
        self.skip = skip
        self.etag = answer.header("etag")

    def readinto(self, view: memoryview) -> int:
        """Fill ``view``; 0 at the end."""
        return self._answer.readinto(view)

    def close(self) -> None:
        """Close the connection."""
        self._answer.close()


class FolderBody:
    """A file in a folder, which may lie on another computer."""

    def __init__(self, path: Path, start: int, size: int) -> None:
        self.skip = 0
        self.etag = ""
        try:
            self._file = io.FileIO(path)
        except FileNotFoundError as error:
            raise Fault(Cause.NO_SUCH_FILE, str(path)) from error
        except OSError as error:
            raise Fault(Cause.UNREACHABLE, str(error)) from error
        if self._file.seek(0, 2) != size:
            self._file.close()
            raise Fault(Cause.WRONG_SIZE, str(path))
        self._file.seek(start)

    def readinto(self, view: memoryview) -> int:
        """Fill ``view``; 0 at the end."""
        try:
            return self._file.readinto(view) or 0
        except OSError as error:
            raise Fault(Cause.CUT, str(error)) from error

    def close(self) -> None:
        """Close the file."""
        self._file.close()
