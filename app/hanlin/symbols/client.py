"""Asks the child what a source file defines."""

import json
import logging
from typing import Final

from hanlin.kernel.errors import HanlinError
from hanlin.processes import command
from hanlin.processes.caller import Caller, CallError
from hanlin.processes.channel import ChannelClosedError
from hanlin.processes.limits import Limits
from hanlin.symbols.symbol import LANGUAGES, Symbol

LONGEST: Final = 1_000_000
"""Bytes of a file that is looked into."""
_DEADLINE: Final = 20.0
_MEMORY: Final = 512 * 2**20
_log = logging.getLogger(__name__)


class SymbolClient:
    """Calls block for some seconds at most and may come from any thread."""

    def __init__(self) -> None:
        self._caller = Caller(command.build("symbols", limits=Limits(memory=_MEMORY)))

    def symbols(self, text: str, language: str) -> list[Symbol]:
        """Return what ``text`` defines, in its order; [] for a language that is not known."""
        data = text.encode("utf-8", "replace")
        if language not in LANGUAGES or len(data) > LONGEST:
            return []
        try:
            received = self._caller.call(
                {"command": "symbols", "language": language}, data, seconds=_DEADLINE
            )
            return [Symbol(*fields) for fields in json.loads(received.payload)]
        except (CallError, HanlinError, ChannelClosedError, ValueError, TypeError) as error:
            _log.warning("symbols were not found: %s", type(error).__name__)
            return []

    def close(self) -> None:
        """Leave no process."""
        self._caller.close()
