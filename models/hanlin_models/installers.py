"""The program's own installer, if a file of it lies on this computer: it travels with the models.

Only looked for where people and systems put such files; nothing is fetched.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from hanlin_models.orders import MAX_FILE_ON_FAT

_DOWNLOADS: Final = ("Downloads", "下载")
_KEPT_BY_APT: Final = Path("/var/cache/apt/archives")
_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "linux": ("hanlin_*.deb", "hanlin-[0-9]*.AppImage", "hanlin-[0-9]*.tar.xz"),
    "win32": ("hanlin-[0-9]*.exe", "hanlin-[0-9]*.zip"),
    "darwin": ("hanlin-[0-9]*.dmg",),
}


def at_hand(home: Path | None = None) -> Path | None:
    """Return the newest installer that is found, or the AppImage that is running; else None."""
    running = os.environ.get("APPIMAGE", "")
    if running and _fits(Path(running)):
        return Path(running)
    found = (path for path in _candidates(home or Path.home()) if _fits(path))
    return max(found, key=lambda path: path.stat().st_mtime, default=None)


def _candidates(home: Path) -> Iterator[Path]:
    folders = [home / name for name in _DOWNLOADS]
    if sys.platform == "linux":
        folders.append(_KEPT_BY_APT)
    for folder in folders:
        for pattern in _NAMES.get(sys.platform, ()):
            try:
                yield from folder.glob(pattern)
            except OSError:  # not for our eyes
                continue


def _fits(path: Path) -> bool:
    """Tell whether it is a file that can be read, and that a stick can hold."""
    try:
        return (
            path.is_file()
            and os.access(path, os.R_OK)
            and (0 < path.stat().st_size <= MAX_FILE_ON_FAT)
        )
    except OSError:
        return False
