"""The launcher: the window by default, the command line when words are given.

Nothing but the standard library is imported before it is known which of the two
is wanted, so that ``hanlin --version`` is quick and the window paints early.
"""

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hanlin import __version__

if TYPE_CHECKING:
    from hanlin.domain.start import StartRequest
    from hanlin.domain.transfer import CarriedConversation
    from hanlin.kernel.paths import Paths

# Words that open the window all the same.
_WINDOW_OPTIONS = ("--data-dir", "--language")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the program; return its exit code."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    _repair_streams()
    try:
        return _start(arguments)
    except KeyboardInterrupt:  # before a command began, which answers to it by itself
        return 130


def _start(arguments: list[str]) -> int:
    if arguments == ["--version"]:  # the command line would import every command first
        sys.stdout.write(f"hanlin {__version__}\n")
        return 0
    if not _wants_window(arguments):
        return _command_line(arguments)
    from hanlin.preparing import has_display  # noqa: PLC0415 - see the module's docstring

    if not has_display():
        sys.stderr.write(
            "No display was found, so the conversation opens in this terminal.\n"
            "没有找到显示器，对话将在终端中进行。\n"
        )
        return _command_line([*arguments, "chat"])
    return _window(arguments)


def _repair_streams() -> None:
    """Give everybody something to read and to print to: cron, and windows of Windows, have none."""
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - lives as long as the process
    for name in ("stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - lives as long as the process
        elif hasattr(stream, "reconfigure"):
            # Chinese answers must survive a console with another code page.
            stream.reconfigure(encoding="utf-8", errors="replace")
    if hasattr(sys.stdin, "reconfigure"):
        sys.stdin.reconfigure(errors="replace")  # a line in another encoding ends no conversation


def _wants_window(arguments: Sequence[str]) -> bool:
    """Tell whether the words hold nothing but options of the window (and their values)."""
    rest = iter(arguments)
    for word in rest:
        name, equals, _value = word.partition("=")
        if name not in _WINDOW_OPTIONS and not _is_model_file(word):
            return False
        if name in _WINDOW_OPTIONS and not equals and next(rest, None) is None:
            return False  # the command line says what is missing
    return True


def _is_model_file(word: str) -> bool:
    """Tell whether the word is a GGUF file, as a double click in a file manager gives it."""
    return word.lower().endswith(".gguf")


def _command_line(arguments: list[str]) -> int:
    from hanlin.cli.main import main as run  # noqa: PLC0415 - see the module's docstring
    from hanlin.preparing import prepare  # noqa: PLC0415

    prepare(arguments)
    if "export" in arguments:
        from hanlin.cli import export  # noqa: PLC0415

        export.printer = _print
    if "quick" in arguments:
        from hanlin.cli import quick  # noqa: PLC0415

        quick.opener = _open
    return run(arguments)


def _open(paths: "Paths", request: "StartRequest") -> int:
    from hanlin_ui.application import run  # noqa: PLC0415 - the one command with a window

    return run(paths, request)


def _print(carried: "CarriedConversation") -> bytes:
    from hanlin_ui.printing import pdf  # noqa: PLC0415 - the one command that draws

    return pdf(carried)


def _window(arguments: list[str]) -> int:
    from hanlin.preparing import hurry, prepare  # noqa: PLC0415 - see the module's docstring

    hurry()
    from hanlin.domain.start import StartRequest  # noqa: PLC0415
    from hanlin_ui.application import run  # noqa: PLC0415

    paths = prepare(arguments)
    files = tuple(Path(word) for word in arguments if _is_model_file(word))
    return run(paths, StartRequest(files=files))


if __name__ == "__main__":
    sys.exit(main())
