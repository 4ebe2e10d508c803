"""What stands in the way of sending what is attached, said above the field with a way out.

What is attached, and how it was read, is ``attaching``'s.
"""

from collections.abc import Sequence
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from hanlin.domain.attachments import AttachmentKind, Prepared
from hanlin.domain.models import Model, Purpose
from hanlin.kernel.i18n import _
from hanlin.services import attaching
from hanlin.services.attaching import Obstacle, Refusal
from hanlin_ui.chat.attachments.strip import AttachmentStrip
from hanlin_ui.controllers import missing_projector
from hanlin_ui.controllers.attachment_items import AttachmentItem
from hanlin_ui.controllers.shaping import Shaping
from hanlin_ui.desk import Desk


class Obstacles(QObject):
    """Judges what is attached to one conversation at a time, and says what it found."""

    model_wanted = Signal()
    """Another model is wanted, which can take what is attached."""

    def __init__(
        self, strip: AttachmentStrip, shaping: Shaping, desk: Desk, owner: QObject
    ) -> None:
        super().__init__(owner)
        self._strip = strip
        self._shaping = shaping
        self._desk = desk
        self._items: Sequence[AttachmentItem] = ()
        self._used: dict[str, int] = {}
        """How full the context of each conversation was after its last answer."""
        self.refusal: Refusal | None = None
        """Why it cannot be sent, None when it can."""
        self._remark: Refusal | None = None
        """What is missing although it can be sent."""
        strip.help_requested.connect(self._help)

    def remember(self, conversation_id: str, used: int) -> None:
        """Remember how many tokens of the context a conversation takes."""
        self._used[conversation_id] = used

    def judge(self, conversation_id: str, items: Sequence[AttachmentItem]) -> None:
        """Judge what is attached to the conversation, in the interface's language of now."""
        self._items = items
        ready = [item.prepared for item in items if item.prepared is not None]
        loaded = self._desk.app.session.status().loaded
        other = self._pictures_model(conversation_id, ready)
        if other is not None:
            loaded = self._desk.app.session.met(other.id)
        self.refusal = attaching.refusal(ready, loaded, self._used.get(conversation_id, 0))
        blind = loaded is not None and not loaded.sees
        if self.refusal and loaded and self.refusal.obstacle is Obstacle.BLIND:
            hint = missing_projector.hint(loaded) or self.refusal.hint
            self.refusal = replace(self.refusal, hint=hint)
        self._remark = None if self.refusal else attaching.remark(ready, loaded)
        said = self.refusal or self._remark
        if said is None:
            sentence = _("{name}, which you keep for pictures, will answer.")
            self._strip.say(sentence.format(name=other.name) if other is not None else "")
            return
        actions = {
            Obstacle.BLIND: _("Choose a model…"),
            Obstacle.DEAF: _("Choose a model…"),
            Obstacle.SCANNED: _("Read these pages") if blind else _("Attach pages as pictures"),
            Obstacle.EMPTY: _("Choose a part…"),
            Obstacle.ROOM: _("Choose a part…") if self._documents() else "",
        }
        self._strip.say(str(said.error()), actions[said.obstacle])

    def _pictures_model(self, conversation_id: str, ready: Sequence[Prepared]) -> Model | None:
        """Return the model that will be given the pictures in the place of the loaded one."""
        if not any(one.attachment.kind is AttachmentKind.PICTURE for one in ready):
            return None
        return self._desk.app.chat.lending.model_for(conversation_id, Purpose.PICTURES)

    def _documents(self) -> list[AttachmentItem]:
        return [
            item
            for item in self._items
            if item.prepared and item.prepared.attachment.kind is AttachmentKind.DOCUMENT
        ]

    def _help(self) -> None:
        said = self.refusal or self._remark
        if said is None:
            return
        if said.obstacle in (Obstacle.BLIND, Obstacle.DEAF):
            self.model_wanted.emit()
            return
        documents = self._documents()
        meant = next(
            (one for one in documents if said.hash and _hash(one) == said.hash),
            max(documents, key=_cost, default=None),
        )
        if meant is None:
            return
        loaded = self._desk.app.session.status().loaded
        if said.obstacle is not Obstacle.SCANNED:
            self._shaping.choose_part(meant)
        elif loaded is not None and not loaded.sees:
            self._shaping.read_pages(meant)
        else:
            self._shaping.to_pictures(meant)


def _hash(item: AttachmentItem) -> str:
    return item.prepared.attachment.hash if item.prepared else ""


def _cost(item: AttachmentItem) -> int:
    return item.prepared.attachment.tokens if item.prepared else 0
