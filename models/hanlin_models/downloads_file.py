"""The list of downloads on the disk: what is wanted and how far it was, no more."""

from pathlib import Path

from hanlin.domain.downloads import (
    Cause,
    Download,
    DownloadState,
    Happening,
    Wanted,
    WantedFile,
)
from hanlin.kernel import jsonfile

_VERSION = 1


def read(path: Path) -> list[Download]:
    """Return the list; what was going on when the program ended is paused now.

    Nothing starts by itself: connections are made when a person asks for them.
    """
    listed = jsonfile.read(path).content.get("downloads")
    entries = listed if isinstance(listed, list) else []
    found = [_download(entry) for entry in entries if isinstance(entry, dict)]
    return [download for download in found if download is not None]


def write(path: Path, downloads: list[Download]) -> None:
    """Keep the list. Raises KnownError."""
    entries = [_entry(download) for download in downloads]
    jsonfile.write(path, {"version": _VERSION, "downloads": entries})


def _entry(download: Download) -> jsonfile.JsonObject:
    wanted = download.wanted
    return {
        "id": download.id,
        "title": wanted.title,
        "repository": wanted.repository,
        "revision": wanted.revision,
        "files": [
            {"name": file.name, "size": file.size, "sha256": file.sha256} for file in wanted.files
        ],
        "state": str(download.state),
        "done": download.done,
        "cause": str(download.cause),
        "note": download.note if download.state is DownloadState.FAILED else "",
        "log": [[line.time_ms, line.text] for line in download.log],
    }


def _download(entry: jsonfile.JsonObject) -> Download | None:
    """Return the download of an entry, None for one that somebody wrote by hand and wrongly."""
    match entry:
        case {
            "id": str(identity),
            "title": str(title),
            "repository": str(repository),
            "revision": str(revision),
            "files": list(files),
            "state": str(state),
            "done": int(done),
            "cause": str(cause),
        }:
            wanted_files = tuple(_file(one) for one in files if isinstance(one, dict))
            wanted = Wanted(title, repository, wanted_files, revision)
            return Download(
                identity,
                wanted,
                _state(state),
                done,
                total_of(wanted),
                cause=_cause(cause),
                note=str(entry.get("note", "")),
                log=_log(entry.get("log")),
            )
        case _:
            return None


def total_of(wanted: Wanted) -> int | None:
    """Return the bytes of all files, None when one of them is not known."""
    sizes = [file.size for file in wanted.files]
    return None if None in sizes else sum(size for size in sizes if size is not None)


def _log(lines: object) -> tuple[Happening, ...]:
    found = []
    for line in lines if isinstance(lines, list) else []:
        match line:
            case [int(time_ms), str(text)]:
                found.append(Happening(time_ms, text))
    return tuple(found)


def _file(entry: jsonfile.JsonObject) -> WantedFile:
    size, sha256 = entry.get("size"), entry.get("sha256")
    return WantedFile(
        str(entry.get("name", "")),
        size if isinstance(size, int) and size > 0 else None,
        sha256 if isinstance(sha256, str) else None,
    )


def _state(text: str) -> DownloadState:
    kept = (DownloadState.DONE, DownloadState.FAILED)
    return next((state for state in kept if state == text), DownloadState.PAUSED)


def _cause(text: str) -> Cause:
    return next((cause for cause in Cause if cause == text), Cause.NONE)
