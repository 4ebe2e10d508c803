"""What went wrong in the fetcher, before it is put into words."""

from hanlin.domain.downloads import Cause
from hanlin_models.causes import TRANSIENT


class Fault(Exception):
    """Something was not fetched. ``detail`` is for a report; ``wait`` is the server's wish."""

    def __init__(self, cause: Cause, detail: str = "", wait: float = 0.0) -> None:
        super().__init__(cause, detail)
        self.cause = cause
        self.detail = detail
        self.wait = wait

    @property
    def transient(self) -> bool:
        """Whether it may pass by itself."""
        return self.cause in TRANSIENT


class StoppedError(Exception):
    """The program asked to stop; not a fault."""
