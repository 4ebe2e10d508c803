"""What a controller works with: the program's services and the ways into and out of them.

Only a bundle: it decides nothing. Made by the main window when the application
is there, closed before it goes.
"""

from collections.abc import Callable
from dataclasses import dataclass

from hanlin.bootstrap import Application
from hanlin.kernel.errors import HanlinError
from hanlin_ui.bridges.events import EventBridge
from hanlin_ui.bridges.stream import StreamBridge
from hanlin_ui.bridges.tasks import Tasks


@dataclass(frozen=True, slots=True)
class Desk:
    """Used on the GUI thread."""

    app: Application
    events: EventBridge
    stream: StreamBridge
    tasks: Tasks
    report: Callable[[HanlinError], object]
    """Shows an error."""

    def close(self) -> None:
        """Hear nothing more, and finish what is being written."""
        self.stream.close()
        self.events.close()
        self.tasks.close()
