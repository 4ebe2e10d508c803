"""``hanlin quick``: the small window for one question, as a desktop's own shortcut calls it.

Raises it in the program that runs already, over its local socket; else the program starts.
"""

import argparse
from collections.abc import Callable

from hanlin.cli.output import Console
from hanlin.cli.reading import STDIN, read_words
from hanlin.domain.start import QUICK, TRANSLATE_SELECTION, StartRequest
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import _
from hanlin.kernel.paths import Paths
from hanlin.preparing import find_paths, has_display

opener: Callable[[Paths, StartRequest], int] | None = None
"""Shows windows; given by the launcher, which alone may know the window's part."""


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command's words."""
    parser = commands.add_parser("quick", help=_("open the small window for a quick question"))
    parser.add_argument(
        "--translate",
        action="store_true",
        help=_("translate TEXT, or what is selected in another program, in a small window"),
    )
    parser.add_argument(
        "text", metavar=_("TEXT"), nargs="*", help=_("what to ask at once; “-” reads the input")
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Have the small window shown."""
    words = " ".join(arguments.text)
    text = read_words(console) if words == STDIN else words
    verb = TRANSLATE_SELECTION if arguments.translate else QUICK
    return show(arguments, StartRequest(verb, text.strip()))


def show(arguments: argparse.Namespace, request: StartRequest) -> int:
    """Have ``request`` done by the window that runs or by a new one; return the exit code."""
    if opener is None or not has_display():
        raise KnownError(
            _("No display was found"),
            _("The small window needs one."),
            _("“hanlin ask” answers in the terminal."),
        )
    return opener(find_paths(arguments.data_dir), request)
