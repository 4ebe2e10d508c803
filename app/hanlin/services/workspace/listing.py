"""What is in an open folder: files and sizes, without what its ignore rules leave out.

Only names and sizes are looked at here, never contents. No link is followed.
"""

import itertools
import os
from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pathspec import GitIgnoreSpec

MOST_FILES: Final = 400_000
"""Files that are listed; a disk opened by mistake ends here."""
_NEVER: Final = frozenset({".git", ".hg", ".svn"})
_MADE: Final = frozenset(
    {"node_modules", "__pycache__", ".venv", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox"}
)
"""Folders that programs fill, left out whether or not a rule says so."""
_RULES: Final = (".gitignore", ".ignore")
_LARGEST_RULES: Final = 1_000_000

Rules = tuple[tuple[int, GitIgnoreSpec], ...]
"""The rules that hold in a folder, each with how many letters of a path its own folder takes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A file or folder. ``path`` is inside the open folder; ``size`` is a file's, in bytes."""

    name: str
    path: str
    size: int = 0
    is_folder: bool = False


@dataclass(slots=True)
class Listing:
    """All that is listed. ``folders`` holds what lies in each folder, "" being the open one."""

    root: Path
    folders: dict[str, list[Entry]] = field(default_factory=dict)
    files: int = 0
    size: int = 0
    left_out: int = 0
    """Files and folders that rules leave out, and links."""
    complete: bool = True
    is_repository: bool = False
    _all: list[Entry] = field(default_factory=list)
    _ends: list[int] = field(default_factory=list)
    """Where in the text each file's path ends."""
    _text: str = ""

    def index(self) -> None:
        """Make what ``find`` looks through; it takes a moment among 100,000 files."""
        self._all = [
            entry for found in self.folders.values() for entry in found if not entry.is_folder
        ]
        paths = [entry.path.lower().replace("\n", " ") for entry in self._all]
        self._ends = list(itertools.accumulate(len(path) + 1 for path in paths))
        self._text = "\n".join(paths)

    def find(self, words: Sequence[str], most: int) -> list[Entry]:
        """Return up to ``most`` files whose path holds every one of the small-lettered words."""
        found: list[Entry] = []
        rarest = max(words, key=len)
        at = self._text.find(rarest)
        while at >= 0 and len(found) < most:
            number = bisect_right(self._ends, at)
            begin, end = self._ends[number - 1] if number else 0, self._ends[number]
            if all(self._text.find(word, begin, end) >= 0 for word in words):
                found.append(self._all[number])
            at = self._text.find(rarest, end)
        return found


def list_folder(root: Path, stopped: Callable[[], bool] = lambda: False) -> Listing:
    """Return what is in ``root``; folders that cannot be read are empty."""
    listing = Listing(root, is_repository=(root / ".git").exists())
    waiting: list[tuple[str, Rules]] = [("", _of_clone(root))]
    while waiting and not stopped():
        path, rules = waiting.pop()
        if listing.files >= MOST_FILES:
            listing.complete = False
            break
        rules = _with_own(root, path, rules)
        found = list(_entries(root, path, rules, listing))
        found.sort(key=lambda entry: (not entry.is_folder, entry.name.lower()))
        listing.folders[path] = found
        for entry in found:
            if entry.is_folder:
                waiting.append((entry.path, rules))
            else:
                listing.files += 1
                listing.size += entry.size
    listing.index()
    return listing


def _entries(root: Path, path: str, rules: Rules, listing: Listing) -> Iterable[Entry]:
    prefix = f"{path}/" if path else ""
    try:
        scan = os.scandir(root / path)
    except OSError:
        return
    with scan:
        for item in scan:
            place = prefix + item.name
            try:
                is_folder = item.is_dir(follow_symlinks=False)
                odd = not is_folder and not item.is_file(follow_symlinks=False)
                size = 0 if is_folder or odd else item.stat(follow_symlinks=False).st_size
            except OSError:
                continue
            if item.name in _NEVER:
                continue
            if odd or (is_folder and item.name in _MADE) or _ignored(place, rules, is_folder):
                listing.left_out += 1
                continue
            yield Entry(item.name, place, size, is_folder)


def _ignored(path: str, rules: Rules, is_folder: bool) -> bool:  # noqa: FBT001 - of the path
    """Tell what the nearest rule says of ``path``; none says that it stays."""
    for skipped, spec in reversed(rules):
        said = spec.check_file(f"{path[skipped:]}/" if is_folder else path[skipped:]).include
        if said is not None:
            return said
    return False


def _with_own(root: Path, path: str, rules: Rules) -> Rules:
    prefix = len(path) + 1 if path else 0
    lines = [line for name in _RULES for line in _read(root / path / name)]
    return (*rules, (prefix, GitIgnoreSpec.from_lines(lines))) if lines else rules


def _of_clone(root: Path) -> Rules:
    lines = _read(root / ".git" / "info" / "exclude")
    return ((0, GitIgnoreSpec.from_lines(lines)),) if lines else ()


def _read(place: Path) -> list[str]:
    try:
        if place.is_symlink() or not place.is_file() or place.stat().st_size > _LARGEST_RULES:
            return []
        text = place.read_text("utf-8", "replace")
    except OSError:
        return []
    return [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
