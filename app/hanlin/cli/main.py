"""The command line: one parser, one module per command, all of them thin over the services.

Commands print to standard output what was asked for and to standard error what
goes on meanwhile. Exit codes: 0 done, 1 failed with a sentence, 2 wrong words,
130 stopped with Ctrl+C.
"""

import argparse
import importlib
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from hanlin import __version__
from hanlin.cli.output import Console
from hanlin.cli.parser import Parser
from hanlin.kernel import jsonfile, logs
from hanlin.kernel.errors import HanlinError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.preparing import find_paths

COMMANDS = (  # as people type them
    "ask",
    "chat",
    "translate",
    "fim",
    "code",
    "search",
    "quick",
    "export",
    "import",
    "models",
    "ocr",
    "doctor",
    "bench",
)

_MODULES = {"import": "import_files"}
"""Commands whose name Python keeps for itself."""


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of ``hanlin``; each command adds its own words."""
    parser = Parser(
        prog="hanlin",
        description=_("An offline assistant: a window by default, or one of the commands below."),
    )
    parser.add_argument(
        "--version",
        action="version",
        version=f"hanlin {__version__}",
        help=_("show the program's version and quit"),
    )
    parser.add_argument(
        "--self-test",
        action="store_true",
        help=_("check this installation, print what was found, and quit"),
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        metavar="DIR",
        help=_("keep everything in DIR, for example on a USB stick"),
    )
    parser.add_argument(
        "--language",
        choices=["zh_CN", "zh_TW", "en"],
        help=_("the interface's language for this run"),
    )
    commands = parser.add_subparsers(title=_("commands"), dest="command", metavar=_("COMMAND"))
    for name in COMMANDS:
        importlib.import_module(_module(name)).add_parser(commands)
    return parser


def _module(command: str) -> str:
    return f"hanlin.cli.{_MODULES.get(command, command)}"


def run(arguments: argparse.Namespace) -> int:
    """Run the command of ``arguments``; return the exit code."""
    console = Console(json_lines=bool(getattr(arguments, "json", False)))
    command = "self_test" if arguments.self_test else arguments.command
    notes = _Notes(console)
    log = logs.start(find_paths(arguments.data_dir).logs, "cli")
    logging.getLogger(jsonfile.__name__).addHandler(notes)
    try:
        code = importlib.import_module(_module(command)).run(arguments, console)
    except HanlinError as error:
        console.error(error)
        return 1
    except KeyboardInterrupt:
        console.end_line()
        return 130
    except BrokenPipeError:
        # The reader of a pipe went away: nothing more to say, and nobody to say it to.
        sys.stderr.close()
        return 1
    except OSError as error:
        # What commands read and write they tell of themselves: left is where they print to.
        logging.getLogger(__name__).exception("the output")
        told = from_os_error(error, error.filename or _("Standard output"))
        Console(json_lines=False, out=sys.stderr).error(told)
        return 1
    finally:
        logging.getLogger(jsonfile.__name__).removeHandler(notes)
        log.close()
    return int(code)


class _Notes(logging.Handler):
    """Shows the person the sentences about damaged files; the rest of the log is a file's."""

    def __init__(self, console: Console) -> None:
        super().__init__(logging.WARNING)
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        self._console.note(record.getMessage())


def main(argv: Sequence[str]) -> int:
    """Parse ``argv`` (without the program's name) and run the command."""
    parser = build_parser()
    arguments = parser.parse_args(argv)
    if arguments.command is None and not arguments.self_test:
        parser.error(_("{words} is missing").format(words=_("COMMAND")))
    return run(arguments)
