"""What is shown of what a search found, and in which order. Pure but for its two boxes.

The Hub tells no sizes in a search: what is too large is told by the parameters in the name.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QComboBox

from hanlin.domain.hub import FoundRepository
from hanlin.kernel.i18n import _

_SMALLEST_PACKING: Final = 0.35e9
"""Bytes of a thousand million parameters in the smallest packing that is of any use (Q2)."""
_TASKS: Final[Mapping[str, frozenset[str]]] = {
    "": frozenset(),
    "text": frozenset({"text-generation", "translation", "text2text-generation"}),
    "pictures": frozenset({"image-text-to-text", "image-to-text", "visual-question-answering"}),
    "sound": frozenset(
        {"automatic-speech-recognition", "audio-text-to-text", "any-to-any", "text-to-speech"}
    ),
    "search": frozenset({"feature-extraction", "sentence-similarity", "text-ranking"}),
}
_ORDERS: Final[Mapping[str, Callable[[FoundRepository], tuple[int, str]]]] = {
    "downloads": lambda one: (one.downloads, ""),
    "likes": lambda one: (one.likes, ""),
    "updated": lambda one: (0, one.updated),
}


class HubFilter(QObject):
    """Two boxes, of tasks and of orders; ``changed`` when another one was chosen."""

    changed = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.tasks, self.orders = QComboBox(), QComboBox()
        for box, keys in ((self.tasks, _TASKS), (self.orders, _ORDERS)):
            for key in keys:
                box.addItem("", key)
            box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
            box.currentIndexChanged.connect(self.changed)

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        words = {
            "": _("Every task"),
            "text": _("Text"),
            "pictures": _("Seeing pictures"),
            "sound": _("Hearing speech"),
            "search": _("Searching by meaning"),
            "downloads": _("Most downloaded"),
            "likes": _("Most liked"),
            "updated": _("Newest"),
        }
        for box in (self.tasks, self.orders):
            for place in range(box.count()):
                box.setItemText(place, words[box.itemData(place)])
        self.tasks.setAccessibleName(_("What it is for"))
        self.orders.setAccessibleName(_("Order"))

    @property
    def order(self) -> str:
        """What comes first, in the word of a search."""
        return str(self.orders.currentData())

    def shown(self, found: Sequence[FoundRepository]) -> list[FoundRepository]:
        """Return those of the chosen task, in the chosen order."""
        wanted = _TASKS[self.tasks.currentData()]
        kept = [one for one in found if not wanted or one.task in wanted]
        order = _ORDERS[self.order]
        return sorted(kept, key=order, reverse=True)


def is_too_large(found: FoundRepository, memory: int) -> bool:
    """Tell whether no packing of it fits into ``memory`` bytes, by its name."""
    return found.billions * _SMALLEST_PACKING > memory
