"""Which model answers a question: the one that is kept for such work, else the chosen one.

A conversation in which a person chose a model by hand keeps to that one, also when another
was chosen elsewhere since. Loading is the session's work, what each model is kept for is
known to ``purposes``, and what was chosen where to ``own_models``.
"""

import threading
from collections.abc import Callable

from hanlin.domain.models import Model, Purpose
from hanlin.kernel.errors import HanlinError, join_sentences
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import Said, _
from hanlin.services.events import (
    NoticeCause,
    NoticePosted,
    NoticeWithdrawn,
    SessionState,
    SessionStatus,
)
from hanlin.services.executor import SerialExecutor
from hanlin.services.session import ModelSession
from hanlin.settings.store import SettingChanged


class Lending:
    """Methods may be called from any thread. ``failed`` hears why a model could not be lent."""

    def __init__(
        self,
        session: ModelSession,
        bus: EventBus,
        executor: SerialExecutor,
        failed: Callable[[HanlinError], object],
    ) -> None:
        self._session = session
        self._bus = bus
        self._executor = executor
        self._failed = failed
        self._lock = threading.Lock()
        self._registry = session.registry
        self._own = session.registry.own
        self._told = ""
        """The answer of which it was said last who writes it."""
        self._unsubscribe = bus.subscribe(SettingChanged, self._on_setting)

    def close(self) -> None:
        """Stop listening."""
        self._unsubscribe()

    def choose_by_hand(self, conversation_id: str, model_id: str) -> None:
        """Hear that a person chose a model while the conversation ("" a new one) was open."""
        self._own.choose(conversation_id, model_id)

    def chose_by_hand(self, conversation_id: str) -> bool:
        """Tell whether the conversation keeps to the model that a person chose in it."""
        return bool(self._own.of(conversation_id))

    def begin(self, conversation_id: str = "") -> None:
        """Hear that the new conversation has this name now; "" that another one is begun."""
        self._own.begin(conversation_id)

    def model_for(self, conversation_id: str, purpose: Purpose | None) -> Model | None:
        """Return the model that goes before the chosen one, None for none.

        It is the conversation's own, else the one kept for ``purpose``. Nothing is loaded, and
        no disk is waited for.
        """
        wanted = own = self._registry.usable(self._own.of(conversation_id))
        kept = self._registry.kept(purpose) if purpose is not None else None
        if kept is not None:
            met = self._session.met(own.id) if own is not None else None
            blind = purpose is Purpose.PICTURES and met is not None and not met.sees
            wanted = kept if own is None or blind else own
        chosen = self._session.chosen()
        if wanted is None or (chosen is not None and chosen.id == wanted.id):
            return None
        return wanted

    def is_loaded(self, conversation_id: str, purpose: Purpose | None) -> bool:
        """Tell whether the model that is there is the one that would answer."""
        return _is_right(self.model_for(conversation_id, purpose), self._session.status())

    def purpose_of(self, name: str | None) -> Purpose | None:
        """Return what an answer of the model called ``name`` was for, as far as that shows."""
        kept = self._registry.kept(Purpose.CODING)
        return Purpose.CODING if kept is not None and kept.name == name else None

    def prepare(self, answer_id: str, conversation_id: str, purpose: Purpose | None) -> bool:
        """Tell whether the model that is to answer is loaded; otherwise have it loaded.

        The session's next change is the time to ask again.
        """
        wanted = self.model_for(conversation_id, purpose)
        status = self._session.status()
        right = _is_right(wanted, status)
        held = None if right else self._session.held
        if held is Purpose.TRANSLATION:  # which may take hours, and gives way to an answer
            self._tell(answer_id, Said(lambda: _translating(status)))
            return status.state is SessionState.READY
        if held is not None:
            return False  # a completion takes seconds; the session tells of its end
        own = wanted is not None and wanted.id == self._own.of(conversation_id)
        said, chosen = _own_words if own else _kept_words, self._session.chosen()
        self._tell(answer_id, Said(lambda: said(wanted, chosen, purpose)))
        if not right:
            self._executor.post(lambda: self._change(wanted, None if own else purpose))
        elif status.state is SessionState.RESTING:
            self._session.wake()
        return right and status.state is SessionState.READY

    def follow(self, status: SessionStatus) -> None:
        """Hear where the session stands: what was said of a lent model ends with it."""
        if status.state is SessionState.READY and status.lent is None:
            self._tell("", "")

    def _change(self, wanted: Model | None, lent_for: Purpose | None) -> None:
        try:
            if wanted is None:
                self._session.bring_back()
            elif lent_for is None:
                self._session.select(wanted.id)
            else:
                self._session.lend(wanted.id, lent_for)
        except HanlinError as error:
            self._failed(error)

    def _tell(self, answer_id: str, sentence: str) -> None:
        """Say who writes an answer, once for each."""
        with self._lock:
            known, self._told = self._told, answer_id if sentence else ""
        if sentence and known != answer_id:
            self._bus.publish(NoticePosted(sentence, NoticeCause.LENT))
        elif known and not sentence:
            self._bus.publish(NoticeWithdrawn(NoticeCause.LENT))

    def _on_setting(self, event: SettingChanged) -> None:
        """Let what a person keeps models for from now on go before what was chosen earlier."""
        if event.key.startswith("model_for_"):
            self._own.clear()


def _is_right(wanted: Model | None, status: SessionStatus) -> bool:
    """Tell whether the model that is there is ``wanted``, None the chosen one."""
    if wanted is None:
        return status.lent is None
    return status.model is not None and status.model.id == wanted.id


def _own_words(wanted: Model | None, _chosen: Model | None, _purpose: Purpose | None) -> str:
    if wanted is None:
        return ""
    return _("This conversation goes on with {name}, which you chose in it.").format(
        name=wanted.name
    )


def _kept_words(wanted: Model | None, chosen: Model | None, purpose: Purpose | None) -> str:
    if wanted is None:
        return ""
    said = (
        _("This question is answered by {name}, which you keep for pictures.")
        if purpose is Purpose.PICTURES
        else _("This question is answered by {name}, which you keep for programming.")
    ).format(name=wanted.name)
    if chosen is None:
        return said
    back = _("Afterwards {name} is back.").format(name=chosen.name)
    return join_sentences(said, back)


def _translating(status: SessionStatus) -> str:
    name = status.model.name if status.model is not None else ""
    return _("This question is answered by {name}, which is translating just now.").format(
        name=name
    )
