"""What other programs change in the conversations, such as a command in a terminal: told here.

Only that something changed is known, and not what. Models' files are ``file_news``'s business.
"""

import logging
from typing import Final

from hanlin.kernel.errors import HanlinError
from hanlin.kernel.events import EventBus
from hanlin.services.events import ConversationsChanged
from hanlin.services.executor import SerialExecutor
from hanlin.store.database import Database

_SECONDS: Final = 2.0
"""Between two looks, each of which asks the database for one number."""
_log = logging.getLogger(__name__)


class Neighbours:
    """Looks now and then, on the services' thread, from ``begin`` until that is closed."""

    def __init__(self, database: Database, bus: EventBus, executor: SerialExecutor) -> None:
        self._database = database
        self._bus = bus
        self._executor = executor

    def begin(self) -> None:
        """Look from now on. Returns at once."""
        self._executor.post(self._look, _SECONDS)

    def _look(self) -> None:
        try:
            if self._database.others_wrote():
                self._bus.publish(ConversationsChanged())
        except HanlinError as error:  # it is asked again
            _log.warning("it is not known whether others wrote: %s", type(error).__name__)
        self.begin()
