"""The model session on screen: which model answers, loading, switching, adding files."""

from pathlib import Path

from PySide6.QtCore import QObject

from hanlin.domain.models import Model, Origin
from hanlin.engine.base import LoadedModel
from hanlin.engine.messages import LoadStoppedError
from hanlin.kernel.i18n import _, ngettext
from hanlin.services.events import (
    EngineSilent,
    ModelsChanged,
    NoticeCause,
    SessionChanged,
    SessionState,
    SessionStatus,
)
from hanlin.services.purposes import kept_for
from hanlin.settings.store import SettingChanged
from hanlin_ui.chat.page import ChatPage
from hanlin_ui.desk import Desk
from hanlin_ui.dialogs.message import ask
from hanlin_ui.library import purposes
from hanlin_ui.menus import Menus
from hanlin_ui.starter_card import StarterCard, name_now, named_now
from hanlin_ui.widgets.status_line import StatusLine


class SessionController(QObject):
    """Keeps the model menu, the status line and the thinking switch true."""

    def __init__(
        self,
        status_line: StatusLine,
        menus: Menus,
        page: ChatPage,
        card: StarterCard,
        desk: Desk,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._line = status_line
        self._menus = menus
        self._page = page
        self._card = card
        self._desk = desk
        self._session = desk.app.session
        self._settings = desk.app.settings
        self._conversation = ""
        self._ready = ""
        """The id of the chosen model that answered last."""
        menus.model_chosen.connect(self.select)
        page.composer.thinking_toggled.connect(self._on_thinking_toggled)
        page.composer.effort_chosen.connect(self._on_effort_chosen)
        menus.thinking_toggled.connect(self._on_thinking_toggled)
        desk.events.listen(SessionChanged, lambda event: self._on_session(event.status))
        desk.events.listen(EngineSilent, lambda event: status_line.set_silence(event.seconds))
        status_line.stop_requested.connect(self._on_stop_requested)
        desk.events.listen(ModelsChanged, lambda _event: self.refresh())
        desk.events.listen(SettingChanged, self._on_setting_changed)
        self.refresh()

    def open(self, conversation_id: str) -> None:
        """Follow to another conversation, "" for a new one."""
        self._conversation = conversation_id
        if not conversation_id:
            self._desk.app.chat.lending.begin()

    def follow(self, conversation_id: str) -> None:
        """Hear that the new conversation has been stored, and is this one."""
        self._conversation = conversation_id

    def refresh(self) -> None:
        """Read models and session again, as after a change of language."""
        self._show_models()
        self._show(self._session.status())

    def select(self, model_id: str) -> None:
        """Switch to the model, also in the middle of a conversation, which keeps to it."""
        self._desk.app.chat.lending.choose_by_hand(self._conversation, model_id)
        self._desk.tasks.run(self, lambda: self._session.select(model_id)).on_failure(
            self._desk.report
        )

    def add(self, path: Path) -> None:
        """Add a model file and ask whether to switch to it."""
        task = self._desk.tasks.run(self, lambda: self._session.registry.add(path))
        task.on_success(self._offer).on_failure(self._desk.report)

    def _on_stop_requested(self) -> None:
        def stop() -> None:
            self._session.stop_loading()
            self._desk.app.chat.stop_running()

        self._desk.tasks.run(self, stop).on_failure(self._desk.report)

    def _offer(self, model: Model) -> None:
        ask(
            self._page,
            _("The model was added"),
            _("Use {name} from now on?").format(name=model.name),
            _("Switch to it"),
            lambda: self.select(model.id),
            _("The conversation goes on with it. Settings → Model switches at any time."),
            no=_("Not now"),
        )

    def _show_models(self) -> None:
        models = [named_now(model) for model in self._session.registry.recent()]
        kept = {one.id: kept_for(self._settings, one.id) for one in models}
        self._menus.set_models(models, {key: purposes.words(one) for key, one in kept.items()})

    def _on_session(self, status: SessionStatus) -> None:
        model = status.model
        ready = status.state is SessionState.READY and status.lent is None
        if ready and model is not None and model.id != self._ready:
            self._ready = model.id
            self._show_models()
            if (own := model.defaults.thinking) is not None:
                self._on_thinking_toggled(own)
        self._show(status)

    def _show(self, status: SessionStatus) -> None:
        model = status.model
        starter = model is not None and model.origin is Origin.STARTER
        name = name_now(model.name) if model is not None else ""
        computed = _computed(status.loaded) if status.loaded is not None else ""
        shown = f"{name} · {purposes.words((status.lent,))}" if status.lent is not None else name
        self._line.set_model(shown, starter=starter, computed=computed)
        chosen = self._session.chosen()
        self._page.start.set_model(
            name_now(chosen.name) if chosen is not None else "",
            starter=chosen is not None and chosen.origin is Origin.STARTER,
            sentence=dict(self._card.sentence),
        )
        self._menus.set_current_model(chosen.id if chosen is not None else "")
        if status.state is SessionState.FAILED:
            self._line.set_failed(stopped=isinstance(status.error, LoadStoppedError))
            if status.error is not None:
                self._page.post_notice(str(status.error), NoticeCause.MODEL)
        else:
            loading = status.state is SessionState.LOADING
            self._line.set_loading(status.fraction if loading else None)
        if status.state is SessionState.RESTING:
            self._line.set_resting()
        self._show_thinking(status)

    def _show_thinking(self, status: SessionStatus) -> None:
        available = status.loaded is not None and status.loaded.thinking_switch
        on = self._settings.thinking
        self._page.composer.set_thinking(available=available, on=on)
        self._menus.set_thinking(available=available, on=on)
        efforts = status.loaded.efforts if status.loaded is not None else ()
        self._page.composer.set_efforts(efforts, self._settings.effort, switchable=available)

    def _on_thinking_toggled(self, on: bool) -> None:  # noqa: FBT001 - a Qt slot
        def keep() -> None:
            self._settings.thinking = on

        self._desk.tasks.run(self, keep).on_failure(self._desk.report)

    def _on_effort_chosen(self, effort: str) -> None:
        def keep() -> None:
            self._settings.effort = effort

        self._desk.tasks.run(self, keep).on_failure(self._desk.report)

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key.startswith("model_for_"):
            self.refresh()
        elif event.key in ("thinking", "effort"):
            self._show_thinking(self._session.status())
        elif event.key in {"context", "threads", "graphics", "gpu_layers", "cache_type"}:
            self._desk.tasks.run(self, self._session.reload).on_failure(self._desk.report)


def _computed(model: LoadedModel) -> str:
    """Return what computes the model, in the interface's language."""
    if model.gpu_layers:
        return _("Computed by {device}: {count} of {all} layers").format(
            device=model.device, count=model.gpu_layers, all=model.layers + 1
        )
    return ngettext(
        "Computed by the processor with {count} thread",
        "Computed by the processor with {count} threads",
        model.threads,
    ).format(count=model.threads)
