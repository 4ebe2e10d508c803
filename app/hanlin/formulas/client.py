"""Has formulas drawn, or read as MathML, by the child, which it starts, times and kills."""

import logging
import os
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from hanlin.formulas import mathml, shape
from hanlin.formulas.mathml import Node, NoFormulaError
from hanlin.formulas.shape import NoShapeError, Shape
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
T = TypeVar("T")


class FormulaClient:
    """Calls block for some seconds at most and may come from any thread."""

    def __init__(self) -> None:
        built = command.build("formulas", limits=Limits(memory=_MEMORY))
        # Its library asks for a home when it is imported, to look for fonts that are not wanted.
        environment = {**built.environment, "HOME": os.sep}
        self._caller = Caller(replace(built, environment=environment))

    def draw(self, source: str, *, display: bool) -> Shape | None:
        """Return the drawing of the LaTeX ``source``; None when there is none."""
        return self._asked("draw", "shape", source, shape.from_wire, display=display)

    def mathml(self, source: str, *, display: bool) -> Node | None:
        """Return the LaTeX ``source`` as MathML; None when there is none."""
        return self._asked("mathml", "mathml", source, mathml.from_wire, display=display)

    def _asked(
        self, what: str, field: str, source: str, read: Callable[[object], T], *, display: bool
    ) -> T | None:
        if not source.strip() or len(source) > LONGEST:
            return None
        try:
            received = self._caller.call(
                {"command": what, "display": display},
                source.encode("utf-8", "replace"),
                seconds=_DEADLINE,
            )
            return read(received.message[field]) if field in received.message else None
        except (CallError, HanlinError, NoShapeError, NoFormulaError, ChannelClosedError) as error:
            _log.warning("a formula could not be read: %s", type(error).__name__)
            return None

    def close(self) -> None:
        """Leave no process."""
        self._caller.close()
