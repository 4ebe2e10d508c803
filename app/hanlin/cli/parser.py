"""argparse in the interface's language: its own words are English only.

What the commands are, and what their words mean, is theirs.
"""

import argparse
import re
from collections.abc import Callable
from typing import Any, Final, NoReturn

from hanlin.kernel.i18n import _

_COMPLAINTS: Final[tuple[tuple[re.Pattern[str], Callable[[], str]], ...]] = (
    (
        re.compile(r"the following arguments are required: (?P<words>.+)"),
        lambda: _("{words} is missing"),
    ),
    (re.compile(r"unrecognized arguments: (?P<words>.+)"), lambda: _("{words} is not known")),
    (
        re.compile(
            r"argument (?P<name>.+?): invalid choice: (?P<value>.+?) \(choose from (?P<all>.+)\)"
        ),
        lambda: _("{name} cannot be {value}; it can be {all}"),
    ),
    (
        re.compile(r"argument (?P<name>.+?): expected (at least )?one argument"),
        lambda: _("{name} lacks its value"),
    ),
    (
        re.compile(r"argument (?P<name>.+?): invalid \w+ value: (?P<value>.+)"),
        lambda: _("{name} cannot be {value}"),
    ),
    (re.compile(r"argument (?P<name>.+?): (?P<why>.+)"), lambda: _("{name}: {why}")),
)
"""What argparse says in English, and how it is said here."""


class Parser(argparse.ArgumentParser):
    """Sorts words into translated groups; its subcommands' parsers are of the same class."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **settings, "add_help": False})
        self._mixing = False
        self._words = self.add_argument_group(_("arguments"))
        self._choices = self.add_argument_group(_("options"))
        self.add_argument("-h", "--help", action="help", help=_("show this help and quit"))

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add a word to the group it belongs to."""
        group = self._choices if str(names[0]).startswith("-") else self._words
        return group.add_argument(*names, **settings)

    def parse_known_args(
        self,
        args: Any = None,  # noqa: ANN401 - argparse has three signatures of this
        namespace: Any = None,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        """Take a command's words on both sides of its options; behind ``--`` all are words."""
        words = list(args or ())
        if self._mixing or self._subparsers is not None or "--" in words:
            return super().parse_known_args(args, namespace)
        usage, self._mixing = self.usage, True
        self.usage = self._usage()  # argparse would cut the English "usage: " off its front
        try:
            return self.parse_known_intermixed_args(words, namespace)
        finally:
            self.usage, self._mixing = usage, False

    def _usage(self) -> str:
        formatter = self._get_formatter()
        formatter.add_usage(None, self._actions, self._mutually_exclusive_groups, prefix="")
        return formatter.format_help().strip().replace("%", "%%")

    def add_mutually_exclusive_group(self, **settings: Any) -> "argparse._MutuallyExclusiveGroup":
        """Add words of which one at most is said, among the others."""
        return self._choices.add_mutually_exclusive_group(**settings)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and where to read on; end with 2."""
        self.exit(
            2,
            self.format_usage()
            + _("This command line cannot be understood: {detail}").format(detail=_said(message))
            + "\n"
            + _("“{program} --help” explains the words.").format(program=self.prog)
            + "\n",
        )


class _Formatter(argparse.HelpFormatter):
    def add_usage(
        self,
        usage: Any,  # noqa: ANN401 - handed through
        actions: Any,  # noqa: ANN401
        groups: Any,  # noqa: ANN401
        prefix: str | None = None,
    ) -> None:
        """Begin the usage line in the interface's language."""
        # "" is asked for where a usage line begins a subcommand's name.
        super().add_usage(usage, actions, groups, _("usage: ") if prefix is None else prefix)


def _said(message: str) -> str:
    """Return argparse's complaint in the interface's language, as it is where it is not known."""
    for pattern, words in _COMPLAINTS:
        if found := pattern.fullmatch(message):
            return words().format(**found.groupdict())
    return message
