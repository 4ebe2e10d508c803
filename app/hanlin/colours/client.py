"""Asks the child how code is coloured, which it starts, times and kills."""

import logging
from typing import Final

from hanlin.colours.runs import Colours, NoColoursError, from_wire
from hanlin.kernel.errors import HanlinError
from hanlin.processes import command
from hanlin.processes.caller import Caller, CallError
from hanlin.processes.channel import ChannelClosedError
from hanlin.processes.limits import Limits

LONGEST: Final = 60_000
"""Characters of code that are still coloured."""
_LONGEST_NAME: Final = 60
_MEMORY: Final = 384 * 2**20
_DEADLINE: Final = 20.0
_log = logging.getLogger(__name__)


class ColourClient:
    """Calls block for some seconds at most and may come from any thread."""

    def __init__(self) -> None:
        self._caller = Caller(command.build("colours", limits=Limits(memory=_MEMORY)))

    def find(self, language: str, text: str) -> Colours:
        """Return the colours of ``text``; none when it is too long or the language not known."""
        if not language or len(language) > _LONGEST_NAME:
            return Colours()
        told = text if len(text) <= LONGEST else ""
        try:
            received = self._caller.call(
                {"command": "colour", "language": language},
                told.encode("utf-8", "replace"),
                seconds=_DEADLINE,
            )
            return from_wire(received.payload, received.message.get("ending", ""))
        except (CallError, HanlinError, ChannelClosedError, NoColoursError) as error:
            _log.warning("no colours for %s: %s", language, type(error).__name__)
            return Colours()

    def close(self) -> None:
        """Leave no process."""
        self._caller.close()
