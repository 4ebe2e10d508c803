"""How long a worker that should be working has given no sign of life: to be told, not to be judged.

Killing a worker that hangs is the supervisor's decision and takes much longer.
"""

from typing import Final

from hanlin.kernel.clock import Clock

LOOK_SECONDS: Final = 1.0
"""How often to look while a worker works."""
_WORTH_TELLING: Final = 5
_LATE: Final = 3 * LOOK_SECONDS
"""Who looks so late was asleep itself, as a suspended computer is."""


class SilenceWatch:
    """To be asked again and again by the one thread that hears the worker."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._since: float | None = None
        self._looked = 0.0
        self._told = 0

    def look(self, last_sign: float | None) -> int | None:
        """Return the whole seconds of silence when they are news, 0 when it is over, else None.

        ``last_sign`` is the monotonic time of the worker's last sign of life; None when
        it has nothing to do.
        """
        now = self._clock.monotonic()
        if last_sign is None:
            self._since = None
        elif self._since is None or now - self._looked > _LATE:
            self._since = now
        self._looked = now
        seconds = 0
        if last_sign is not None and self._since is not None:
            seconds = int(now - max(last_sign, self._since))
        if seconds < _WORTH_TELLING:
            seconds = 0
        if seconds == self._told:
            return None
        self._told = seconds
        return seconds
