"""What the pages of the models window work with. Only a bundle: it decides nothing.

Opened in the background when the window is first wanted, closed with the program.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace

from hanlin.bootstrap import Application, open_engine, open_files, open_online
from hanlin.domain.catalogue import Memory
from hanlin.engine.base import LoadOptions
from hanlin.kernel.errors import HanlinError
from hanlin_models import probe, speed
from hanlin_models.online import Online
from hanlin_models.shelf import ModelFiles
from hanlin_models.speed import Speed
from hanlin_ui.bridges.tasks import Tasks
from hanlin_ui.desk import Desk


@dataclass(frozen=True, slots=True)
class Services:
    """The services behind the window. Made on a background thread."""

    online: Online
    files: ModelFiles

    @classmethod
    def open(cls, app: Application) -> "Services":
        """Read the catalogue and the list of downloads; nothing connects."""
        return cls(open_online(app.kit, count=app.connections.add), open_files(app.kit))


@dataclass(frozen=True, slots=True)
class LibraryDesk:
    """Used on the GUI thread. Work that takes long has threads of its own here."""

    desk: Desk
    services: Services
    net: Tasks
    """Asks the hubs: seconds, or minutes where the network is bad."""
    disk: Tasks
    """Reads and writes whole models: minutes."""
    report: Callable[[HanlinError], object]
    """Shows an error above the models window."""

    @property
    def online(self) -> Online:
        """What finds and fetches."""
        return self.services.online

    @property
    def files(self) -> ModelFiles:
        """What verifies, moves and carries."""
        return self.services.files

    def measure_speed(self, progressed: Callable[[int, int], object]) -> int:
        """Measure and keep how fast this computer is; blocks for half a minute.

        ``progressed`` may raise to stop it. Raises HanlinError.
        """
        app = self.desk.app
        options = LoadOptions(threads=app.settings.threads)
        with closing(open_engine()) as engine:
            measured = probe.measure(engine, app.paths.data, options, progressed)
            app.state.memory_speed = measured
            card = app.kit.hardware.card(app.settings)
            if card is not None and card.verdict is not None and card.verdict.memory:
                on_card = replace(options, backend=card.backend.path)
                measured = probe.measure(engine, app.paths.data, on_card, progressed)
                app.state.card_speed = measured
        return measured

    @property
    def speed(self) -> Speed:
        """How fast this computer was when it was measured, or a guess if it never was."""
        state = self.desk.app.state
        return speed.of_this_computer(state.memory_speed, state.card_speed)

    @property
    def memory(self) -> Memory:
        """What this computer has now."""
        return self.desk.app.kit.computer()
