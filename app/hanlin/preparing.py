"""What is known before anything is built: the folders to use and the language to speak.

Apart from the composition root because the window is painted with these two
alone; what builds services, opens files of the person's or imports much does
not belong here.
"""

import gc
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import hanlin_resources
from hanlin.kernel import i18n, paths
from hanlin.kernel.events import EventBus
from hanlin.kernel.paths import Paths
from hanlin.settings.store import Settings


def hurry() -> None:
    """Let the garbage collector rest: what a start makes stays, and is walked over in vain.

    Behind the window it is the window's collector that looks for garbage (``hanlin_ui.pauses``).
    """
    gc.disable()


def prepare(arguments: Sequence[str]) -> Paths:
    """Find the folders and set the interface's language from the words of the command line.

    Done before the words are parsed in full, because help and errors are translated too.
    """
    data_dir = _word_after("--data-dir", arguments)
    folders = find_paths(Path(data_dir) if data_dir else None)
    language = _word_after("--language", arguments)
    use_language(language or Settings(folders.settings, EventBus(), glance=True).language)
    return folders


def use_language(language: str) -> None:
    """Use ``language``: ``zh_CN``, ``zh_TW``, ``en``, or ``system``."""
    chosen = i18n.system_language() if language == "system" else language
    i18n.install(hanlin_resources.folder("locale"), chosen)


def find_paths(data_dir: Path | None) -> Paths:
    """Return the folders: the given one, a portable program's own, or the person's."""
    return paths.resolve(data_dir, _program_folder())


def has_display() -> bool:
    """Tell whether a window can be shown."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(os.environ.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))


def _program_folder() -> Path | None:
    """Return the folder of the frozen program; of an AppImage, the one its file lies in."""
    if not getattr(sys, "frozen", False):
        return None
    program = Path(sys.executable)
    image, mounted = os.environ.get("APPIMAGE"), os.environ.get("APPDIR")
    # Another program's image passes its variables on to all that is started from it.
    if image and mounted and program.is_relative_to(mounted):
        return Path(image).parent
    return program.parent


def _word_after(option: str, arguments: Sequence[str]) -> str | None:
    for index, word in enumerate(arguments):
        if word == option:
            return arguments[index + 1] if index + 1 < len(arguments) else None
        if word.startswith(f"{option}="):
            return word.partition("=")[2]
    return None
