"""The composition root: every object of the program is built here, once, by hand.

``open_models`` builds what answers questions, ``open_application`` adds what
keeps conversations. Nothing else constructs services, and no service looks
anything up by itself.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import hanlin_resources
from hanlin.documents.client import DocumentClient
from hanlin.domain.catalogue import Memory
from hanlin.domain.models import Advice
from hanlin.engine.base import Engine
from hanlin.engine.client import EngineClient
from hanlin.engine.spare import QUIET_SECONDS
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.connections import ConnectionCounter
from hanlin.kernel.errors import HanlinError, from_home_error, join_sentences
from hanlin.kernel.events import EventBus
from hanlin.kernel.i18n import _
from hanlin.kernel.paths import Paths
from hanlin.processes.caller import end_all
from hanlin.services.assistants import AssistantService
from hanlin.services.chat import ChatService
from hanlin.services.completing import Completer
from hanlin.services.events import KeyProtected
from hanlin.services.executor import SerialExecutor
from hanlin.services.filing import FilingService
from hanlin.services.hardware import Hardware
from hanlin.services.neighbours import Neighbours
from hanlin.services.search import SearchService
from hanlin.services.session import ModelSession
from hanlin.services.transfer.service import TransferService
from hanlin.services.translation.queue import FileQueue
from hanlin.services.translation.service import TranslationService
from hanlin.settings.store import SettingChanged, Settings, State
from hanlin.store.assistants import Assistants
from hanlin.store.conversations import Store
from hanlin.store.filing import Filing
from hanlin.store.states import StateFiles
from hanlin.templates.client import TemplateClient
from hanlin.vault import Keyring, Vault, system_keyring
from hanlin_models import fit
from hanlin_models.catalogue import Catalogue
from hanlin_models.library import ModelLibrary
from hanlin_models.online import Online
from hanlin_models.shelf import ModelFiles

_EYES_SHARE = 4
"""What models saw takes a quarter of what they read, at most."""
_GB = 10**9
_PROTECTING_SECONDS = 1.0
"""How long the end waits for a keyring; what it leaves unfinished harms nothing."""
_log = logging.getLogger(__name__)


class _Closing:
    """What is left with ``with``."""

    def close(self) -> None:
        """Give everything back."""
        raise NotImplementedError

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


@dataclass
class ModelKit(_Closing):
    """What answers questions: the engine, the models, the choices about them."""

    paths: Paths
    bus: EventBus
    settings: Settings
    state: State
    library: ModelLibrary
    engine: Engine
    hardware: Hardware
    session: ModelSession
    executor: SerialExecutor
    states: StateFiles | None = None

    def computer(self) -> Memory:
        """Return the memory that models can have here now, the graphics card's too."""
        return fit.this_computer(self.hardware.graphics_memory(self.settings))

    def close(self) -> None:
        """End the engine and every thread; return when no child process is left."""
        self.session.close()
        self.engine.close()
        self.executor.close()


@dataclass(frozen=True, slots=True)
class Protection:
    """Whether more than this disk is needed to read the conversations."""

    protected: bool

    @property
    def sentence(self) -> str:
        """Return what a person should know, in the interface's language; "" when protected."""
        if self.protected:
            return ""
        return _(
            "Conversations are encrypted, but the key lies beside them because this system has "
            "no usable keyring: anyone with this disk can read them."
        )


@dataclass
class Application(_Closing):
    """Everything the window and ``hanlin chat`` stand on."""

    kit: ModelKit
    store: Store
    chat: ChatService
    completer: Completer
    filing: FilingService
    search: SearchService
    assistants: AssistantService
    translation: TranslationService
    transfer: TransferService
    files: FileQueue
    neighbours: Neighbours
    connections: ConnectionCounter
    protection: Protection
    vault: Vault
    _protecting: threading.Thread | None = None
    _ending: threading.Thread | None = None

    @property
    def paths(self) -> Paths:
        """The program's folders."""
        return self.kit.paths

    @property
    def bus(self) -> EventBus:
        """Where the services tell what happened."""
        return self.kit.bus

    @property
    def settings(self) -> Settings:
        """What the person chose."""
        return self.kit.settings

    @property
    def state(self) -> State:
        """What the program remembers."""
        return self.kit.state

    @property
    def session(self) -> ModelSession:
        """The loaded model."""
        return self.kit.session

    def damage(self) -> str:
        """Return what of the person's files was found damaged and mended, "" when nothing was."""
        return join_sentences(self.settings.note, self.state.note, self.kit.library.note)

    def protect_later(self) -> None:
        """Move a key that lies beside the conversations into the keyring, if there is one now.

        Happens in the background, because a keyring may ask a person; KeyProtected tells of
        it. A folder that is carried to other computers keeps its key, or it would open here
        alone.
        """
        if self.protection.protected or self.paths.carried:
            return
        # No executor's: those must not wait for a keyring, nor the program's end for this.
        self._protecting = threading.Thread(target=self._protect, name="protecting", daemon=True)
        self._protecting.start()

    def _protect(self) -> None:
        try:
            if self.vault.protect():
                self.protection = Protection(protected=True)
                self.bus.publish(KeyProtected())
        except HanlinError as error:
            _log.warning("the key stays where it is: %s", error)

    def sandbox_note(self) -> str:
        """Return why the engine is not fully confined, "" when it is or has not started."""
        report = self.kit.engine.sandbox
        return report.reason if report is not None else ""

    def hurry(self) -> None:
        """Let nobody wait long for a child any more, because ``close`` is about to be called."""
        if self._ending is None:
            self._ending = end_all()

    def close(self) -> None:
        """Keep what is unsaved, end the engine, close the database."""
        self.hurry()
        self.files.close()
        self.translation.close()
        self.chat.close()
        self.kit.close()
        self.search.close()
        self.store.close()
        if self._protecting is not None:
            self._protecting.join(_PROTECTING_SECONDS)
        if self._ending is not None:
            self._ending.join()


def open_models(
    folders: Paths,
    *,
    engine: Engine | None = None,
    key: bytes | None = None,
    spare_after: float | None = None,
) -> ModelKit:
    """Build what answers questions.

    With the database's ``key`` conversations' states are kept, without it nothing of a
    conversation is read or written. ``spare_after``: see ``EngineClient``.
    """
    bus = EventBus()
    settings = Settings(folders.settings, bus)
    state = State(folders.window_state, bus)
    library = ModelLibrary(
        folders.data / "models.json", hanlin_resources.folder("starter"), advice=_advice
    )
    states = encoded = None
    if key:
        states = StateFiles(folders.states, key, lambda: settings.kept_states * _GB)
        seen = folders.states.with_name("encoded")
        encoded = StateFiles(seen, key, lambda: settings.kept_states * _GB // _EYES_SHARE)
    chosen = engine or EngineClient(
        TemplateClient(), states=states, encoded=encoded, spare_after=spare_after
    )
    executor = SerialExecutor("services")
    hardware = open_hardware(folders)
    session = ModelSession(chosen, library, state, settings, hardware, bus, executor)
    return ModelKit(
        folders, bus, settings, state, library, chosen, hardware, session, executor, states
    )


def open_hardware(folders: Paths) -> Hardware:
    """Build what knows the graphics cards; nothing is looked at before somebody asks."""
    starter = next(iter(sorted(hanlin_resources.folder("starter").glob("*.gguf"))), None)
    return Hardware(folders.state / "hardware.json", starter)


def _advice(file: str, size: int) -> Advice:
    """Return what the catalogue knows of a file; read only when one is added."""
    return Catalogue(hanlin_resources.folder("catalogue")).advice(file, size)


def open_documents() -> AbstractContextManager[DocumentClient]:
    """Build what reads foreign files in a child of its own; nothing starts before it is asked."""
    return closing(DocumentClient())


def open_engine() -> Engine:
    """Build one more engine, for a measurement; to be closed by the caller."""
    return EngineClient(TemplateClient())


def open_online(
    kit: ModelKit,
    *,
    queue: bool = True,
    find_keyring: Callable[[], Keyring | None] = system_keyring,
    count: Callable[[], object] = lambda: None,
) -> Online:
    """Build what finds and fetches models; nothing connects before a person asks for it.

    ``queue`` False keeps no list of downloads, for one command alone. ``count`` is called for
    every request. To be closed by the caller.
    """
    folder = hanlin_resources.folder("catalogue")
    return Online(
        kit.paths,
        folder,
        kit.settings,
        kit.bus,
        kit.session.registry.add,
        find_keyring,
        count,
        memory=kit.computer,
        queue=queue,
    )


def open_files(kit: ModelKit) -> ModelFiles:
    """Build what verifies, moves, adopts and carries the files of models; it never connects."""
    return ModelFiles(kit.paths, Catalogue(hanlin_resources.folder("catalogue")), kit.computer)


def open_application(
    folders: Paths,
    *,
    engine: Engine | None = None,
    find_keyring: Callable[[], Keyring | None] = system_keyring,
) -> Application:
    """Unlock the vault, open the database and build the services.

    May take seconds (a keyring that asks) and may be called from any thread. Raises
    HanlinError; nothing is then left open, and no data was changed.
    """
    try:
        folders.create()
    except OSError as error:
        raise from_home_error(error, str(folders.data)) from error
    connections = ConnectionCounter()
    connections.install()
    vault = Vault(folders.keys, folders.database, find_keyring)
    unlocked = vault.open()
    store = Store.open(folders.database, unlocked.key, SystemClock())
    vault.settle()
    try:
        store.mark_leftovers_interrupted()
        store.purge_trash()
        kit = open_models(folders, engine=engine, key=unlocked.key, spare_after=QUIET_SECONDS)
    except BaseException:
        store.close()
        raise
    _keep_tidy(kit, store)
    assistants = AssistantService(
        Assistants(store),
        hanlin_resources.folder("assistants"),
        SystemClock(),
        lambda: kit.settings.answer_language,
    )
    chat = ChatService(
        store, kit.engine, kit.session, kit.settings, kit.bus, kit.executor, assistants
    )
    filing = FilingService(Filing(store), kit.bus)
    search = SearchService(store.database, kit.bus)
    translation = TranslationService(store, kit.engine, kit.session, kit.settings, kit.bus)
    return Application(
        kit,
        store,
        chat,
        Completer(kit.engine, kit.session, chat.is_busy),
        filing,
        search,
        assistants,
        translation,
        TransferService(store, kit.bus),
        FileQueue(store.database, kit.engine, translation, kit.bus),
        Neighbours(store.database, kit.bus, kit.executor),
        connections,
        Protection(unlocked.protected),
        vault,
    )


def open_store(
    folders: Paths, *, find_keyring: Callable[[], Keyring | None] = system_keyring
) -> Store:
    """Unlock the vault and open the conversations alone, for a command that asks no model.

    Raises HanlinError. To be closed by the caller.
    """
    try:
        folders.create()
    except OSError as error:
        raise from_home_error(error, str(folders.data)) from error
    vault = Vault(folders.keys, folders.database, find_keyring)
    unlocked = vault.open()
    store = Store.open(folders.database, unlocked.key, SystemClock())
    vault.settle()
    return store


def _keep_tidy(kit: ModelKit, store: Store) -> None:
    """Remove states of deleted conversations now, and what a smaller limit leaves no room for."""

    def tidy() -> None:
        if kit.states is not None:
            kept = (*store.conversations(), *store.conversations(trash=True))
            kit.states.tidy(conversation.id for conversation in kept)

    def follow(event: SettingChanged) -> None:
        if event.key == "kept_states":
            kit.executor.post(tidy)

    kit.executor.post(store.take_room)  # before the first answer has to wait for it
    kit.executor.post(tidy)
    kit.bus.subscribe(SettingChanged, follow)
