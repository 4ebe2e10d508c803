"""Opening what another program exported: a file, an archive, or a folder; with limits.

What the records mean is :mod:`hanlin.services.transfer.foreign`'s business.
"""

import errno
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Any, Final

from hanlin.domain.transfer import CarriedConversation, ImportReport
from hanlin.kernel import archives
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.services.transfer.foreign import conversations_of, jan

LARGEST: Final = 1 << 30
"""Bytes of one file, unpacked."""
_MOST_RATIO: Final = 200
_MOST_FILES: Final = 100_000
_WANTED: Final = ("conversations.json", "data.json")
_THREAD, _MESSAGES, _LM_STUDIO = "thread.json", "messages.jsonl", ".conversation.json"


def read(path: Path, report: ImportReport) -> Iterator[CarriedConversation]:
    """Yield the conversations at ``path``; raises KnownError when it is nothing we know."""
    try:
        if path.is_dir():
            yield from _folder(path, report)
        elif not path.is_file():  # a pipe would be waited for, for ever
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(path))
        elif zipfile.is_zipfile(path):
            yield from _archive(path, report)
        elif path.name == _MESSAGES:
            yield from _folder(path.parent, report)
        else:
            yield from _file(path, report)
    except OSError as error:
        raise from_os_error(error, str(path)) from error
    if not report.program:
        raise KnownError(
            _("This is no export that is known"),
            _("{path} is not from ChatGPT, Jan, LM Studio, Cherry Studio or this program.").format(
                path=path
            ),
            _("Choose the exported file or archive itself, or for Jan its folder “threads”."),
        )


def _file(path: Path, report: ImportReport) -> Iterator[CarriedConversation]:
    yield from conversations_of(_decoded(_content(path), path.name, report), report)


def _content(path: Path) -> bytes:
    """Return a file's bytes. Raises KnownError when there are too many."""
    if path.stat().st_size > LARGEST:
        raise _too_large(path.name)
    return path.read_bytes()


def _folder(path: Path, report: ImportReport) -> Iterator[CarriedConversation]:
    for number, file in enumerate(sorted(path.rglob("*"))):
        if number > _MOST_FILES:
            break
        if file.is_symlink() or not file.is_file():
            continue
        if file.name == _MESSAGES:
            thread = file.with_name(_THREAD)
            title = _content(thread) if thread.is_file() else b"{}"
            found = jan(_decoded(title, str(thread), report), _lines(_content(file)), report)
            if found is not None:
                yield found
        elif file.name.endswith(_LM_STUDIO) or file.name in _WANTED:
            yield from _file(file, report)


def _archive(path: Path, report: ImportReport) -> Iterator[CarriedConversation]:
    try:
        archive = zipfile.ZipFile(path)
    except archives.DAMAGED as error:
        _note_damage(report, error)
        return
    with archive:
        members = {one.filename: one for one in archive.infolist()[:_MOST_FILES]}
        for name, member in members.items():
            place = PurePosixPath(name)
            if place.name == _MESSAGES:
                thread = members.get(str(place.with_name(_THREAD)))
                title = _unpacked(archive, thread, report) if thread is not None else b"{}"
                lines = _lines(_unpacked(archive, member, report))
                found = jan(_decoded(title, name, report), lines, report)
                if found is not None:
                    yield found
            elif place.name in _WANTED or name.endswith(_LM_STUDIO):
                content = _unpacked(archive, member, report)
                if content:
                    yield from conversations_of(_decoded(content, name, report), report)


def _unpacked(archive: zipfile.ZipFile, member: zipfile.ZipInfo, report: ImportReport) -> bytes:
    """Return a member's bytes; nothing of a damaged one, which is named in ``report``.

    A bomb is refused by what it unpacks to, not by what it says. Raises KnownError.
    """
    most = min(LARGEST, max(member.compress_size, 4096) * _MOST_RATIO)
    try:
        with archive.open(member) as file:
            content = file.read(most + 1)
    except archives.DAMAGED as error:
        _note_damage(report, error)
        return b""
    if len(content) > most:
        raise _too_large(member.filename)
    return content


def _note_damage(report: ImportReport, error: Exception) -> None:
    report.program = report.program or "ZIP"
    report.problems.append(_("The archive is damaged: {reason}").format(reason=str(error)[:200]))


def _decoded(content: bytes, name: str, report: ImportReport) -> Any:  # noqa: ANN401 - JSON
    try:
        return json.loads(content.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        report.problems.append(_("{name} is not whole.").format(name=name))
        return None


def _lines(content: bytes) -> list[str]:
    return content.decode("utf-8-sig", "replace").split("\n")


def _too_large(name: str) -> KnownError:
    return KnownError(
        _("The export is too large"),
        _("{name} unpacks to more than can be read.").format(name=name),
        _("Export fewer conversations at once."),
    )
