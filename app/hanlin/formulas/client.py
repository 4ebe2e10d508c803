"""Has formulas drawn by the child, which it starts, times and kills."""

import logging
import os
from dataclasses import replace
from typing import Final

from hanlin.formulas.shape import NoShapeError, Shape, from_wire
from hanlin.kernel.errors import HanlinError
from hanlin.processes import command
from hanlin.processes.caller import Caller, CallError
from hanlin.processes.channel import ChannelClosedError
from hanlin.processes.limits import Limits

LONGEST: Final = 3_000
"""Characters of a formula that is drawn; beyond, its source is shown."""
_MEMORY: Final = 384 * 2**20
_DEADLINE: Final = 20.0
_log = logging.getLogger(__name__)


class FormulaClient:
    """Calls block for some seconds at most and may come from any thread."""

    def __init__(self) -> None:
        built = command.build("formulas", limits=Limits(memory=_MEMORY))
        # Its library asks for a home when it is imported, to look for fonts that are not wanted.
        environment = {**built.environment, "HOME": os.sep}
        self._caller = Caller(replace(built, environment=environment))

    def draw(self, source: str, *, display: bool) -> Shape | None:
        """Return the drawing of the LaTeX ``source``; None when there is none."""
        if not source.strip() or len(source) > LONGEST:
            return None
        try:
            received = self._caller.call(
                {"command": "draw", "display": display},
                source.encode("utf-8", "replace"),
                seconds=_DEADLINE,
            )
            if "shape" not in received.message:
                return None
            return from_wire(received.message["shape"])
        except (CallError, HanlinError, NoShapeError, ChannelClosedError) as error:
            _log.warning("a formula could not be drawn: %s", type(error).__name__)
            return None

    def close(self) -> None:
        """Leave no process."""
        self._caller.close()
