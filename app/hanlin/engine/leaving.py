"""The way out of a worker: its states go to the disk first, and what is asked meanwhile waits."""

from collections.abc import Callable
from typing import Final

from hanlin.engine.keeping import Keeper

FOR_ANOTHER_SECONDS: Final = 4.0
"""How long the next model may wait for states on their way to the disk."""
FOR_THE_END_SECONDS: Final = 8.0
"""How long the program's end may, which nobody waits for: its windows are closed by then."""


class Leaving:
    """Belongs to the client's thread."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._later: list[Callable[[], None]] | None = None

    def then(self, act: Callable[[], None]) -> None:
        """Do ``act`` now, or behind the leaving that is under way."""
        if self._later is None:
            act()
        else:
            self._later.append(act)

    def leave(self, decide: Callable[[], None], seconds: float, *, ready: bool) -> None:
        """Do ``decide``, which ends the worker; a ``ready`` one gives its states out first.

        That may take ``seconds``; what is not on the disk by then is read again some day.
        """
        if not ready:
            decide()
            return
        later: list[Callable[[], None]] = []
        self._later = later

        def go() -> None:
            if self._later is later:
                self._later = None
            decide()
            for act in later:
                act()

        self._keeper.flush(seconds, go)
