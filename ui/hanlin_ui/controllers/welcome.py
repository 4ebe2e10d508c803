"""The empty conversation's way to a real model: which one suits this computer, and from USB.

Nothing connects: the catalogue is in the box. The pages of the models window are
``hanlin_ui.library``'s.
"""

from collections.abc import Callable

from PySide6.QtCore import QObject

import hanlin_resources
from hanlin.domain.catalogue import Task
from hanlin.services.events import CardsTried, ModelsChanged
from hanlin.settings.store import SettingChanged
from hanlin_models import fit, speed
from hanlin_models.catalogue import Catalogue
from hanlin_ui.chat.start_page import Offer, StartPage
from hanlin_ui.desk import Desk
from hanlin_ui.library import words


class WelcomeController(QObject):
    """Tells the start page what to offer, and greets who begins."""

    def __init__(self, page: StartPage, desk: Desk, parent: QObject) -> None:
        super().__init__(parent)
        self._page = page
        self._desk = desk
        desk.events.listen(ModelsChanged, lambda _event: self.refresh())
        desk.events.listen(CardsTried, lambda _event: self.refresh())
        desk.events.listen(SettingChanged, self._on_setting_changed)
        self.refresh()

    def refresh(self) -> None:
        """Look anew at what this computer could run; in the background."""
        task = self._desk.tasks.run(self, self._look)
        task.on_success(self._show).on_failure(self._desk.report)

    def _look(self) -> tuple[Callable[[], Offer] | None, bool]:
        """Return how to say which model is offered, and whether nobody has talked here yet.

        It is said when it is shown: the language may change while this looks.
        """
        app = self._desk.app
        begins = not app.store.conversations() and not app.store.conversations(trash=True)
        if begins:  # what is offered first must be right
            app.session.try_cards()
        memory = app.kit.computer()
        pace = speed.of_this_computer(app.state.memory_speed, app.state.card_speed)
        catalogue = Catalogue(hanlin_resources.folder("catalogue"))
        entry = fit.recommend(catalogue, Task.GENERAL, memory, pace)
        if entry is None:
            return None, begins
        estimate = fit.estimate_entry(entry, memory)

        def offer() -> Offer:
            label, _tone = words.entry_label(entry, estimate, memory, pace)
            return Offer(entry.name, label)

        return offer, begins

    def _show(self, found: tuple[Callable[[], Offer] | None, bool]) -> None:
        offer, begins = found
        self._page.set_offer(offer() if offer is not None else None)
        self._page.set_greeting(begins=begins)

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == "language":
            self.refresh()
