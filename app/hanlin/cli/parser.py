"""argparse in the interface's language: its own words are English only.

What the commands are, and what their words mean, is theirs.
"""

import argparse
from typing import Any, NoReturn

from hanlin.kernel.i18n import _


class Parser(argparse.ArgumentParser):
    """Sorts words into translated groups; its subcommands' parsers are of the same class."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**{"formatter_class": _Formatter, **settings, "add_help": False})
        self._words = self.add_argument_group(_("arguments"))
        self._choices = self.add_argument_group(_("options"))
        self.add_argument("-h", "--help", action="help", help=_("show this help and quit"))

    def add_argument(self, *names: Any, **settings: Any) -> argparse.Action:
        """Add a word to the group it belongs to."""
        group = self._choices if str(names[0]).startswith("-") else self._words
        return group.add_argument(*names, **settings)

    def error(self, message: str) -> NoReturn:
        """Say what is wrong with the command line and where to read on; end with 2."""
        self.exit(
            2,
            self.format_usage()
            + _("This command line cannot be understood: {detail}").format(detail=message)
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
