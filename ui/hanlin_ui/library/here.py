"""The models on this computer at work: using, adding, verifying, moving, carrying, deleting."""

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QPushButton

from hanlin.domain.catalogue import FitEstimate
from hanlin.domain.models import Model, ModelDefaults, Purpose
from hanlin.kernel.errors import HanlinError
from hanlin.kernel.i18n import _, ngettext
from hanlin.kernel.jsonfile import JsonObject
from hanlin.kernel.units import size
from hanlin.services.events import ModelsChanged, SessionChanged
from hanlin.services.purposes import follow, kept_for
from hanlin.services.purposes import keep as keep_for
from hanlin.settings import travelling
from hanlin.settings.schema import SettingsSchema
from hanlin.settings.store import SettingChanged
from hanlin_models.adoption import FoundModel
from hanlin_models.shelf import Taken
from hanlin_models.verification import Verified
from hanlin_ui.dialogs.message import ask, show_text
from hanlin_ui.library import here_details, purposes
from hanlin_ui.library.adopting import AdoptDialog
from hanlin_ui.library.browse import BrowsePage
from hanlin_ui.library.catalogue import computer_now
from hanlin_ui.library.defaults_dialog import DefaultsDialog
from hanlin_ui.library.folders import choose_folder
from hanlin_ui.library.purposes import PurposesDialog
from hanlin_ui.library.services import LibraryDesk
from hanlin_ui.library.work import DiskWork, Progress
from hanlin_ui.starter_card import named_now


class HereController(QObject):
    """Keeps the page true, and does with models what is asked for."""

    use_requested = Signal(str)
    file_wanted = Signal()
    """A model file is to be chosen and added."""

    def __init__(
        self, page: BrowsePage, library: LibraryDesk, work: DiskWork, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._page = page
        self._library = library
        self._work = work
        self._session = library.desk.app.session
        self._registry = self._session.registry
        self._models: dict[str, Model] = {}
        self._estimates: dict[tuple[Path, int], FitEstimate | None] = {}
        """By the file and the context that was chosen for it."""
        self._twins: dict[str, str] = {}
        self._buttons = [QPushButton() for _number in range(4)]
        wishes = (self.file_wanted.emit, self._add_folder, self._adopt, self.take_in)
        for button, wish in zip(self._buttons, wishes, strict=True):
            button.clicked.connect(lambda _checked=False, act=wish: act())
            page.bar.addWidget(button)
        page.bar.addStretch()
        page.chosen.connect(lambda _key: self._show_details())
        page.acted.connect(lambda action, _choice: self._on_acted(action))
        page.opened.connect(self._on_opened)
        library.desk.events.listen(ModelsChanged, lambda _event: self.refresh())
        library.desk.events.listen(SettingChanged, self._on_setting_changed)
        library.desk.events.listen(SessionChanged, lambda _event: self._redraw())
        self.retranslate()

    def retranslate(self) -> None:
        """Say everything in the language of now."""
        texts = (
            _("Add file…"),
            _("Add folder…"),
            _("From other programs…"),
            _("Import from USB…"),
        )
        for button, text in zip(self._buttons, texts, strict=True):
            button.setText(text)
        self._page.set_empty("")
        self.refresh()

    def refresh(self) -> None:
        """Read the list again, and look into files that are new."""
        models = [named_now(model) for model in self._registry.models()]
        self._models = {model.id: model for model in models}
        self._redraw()
        self._library.disk.run(self, lambda: self._look_into(models)).on_success(self._looked)

    def forget(self) -> None:
        """Look into every file again at the next refresh."""
        self._estimates.clear()

    def choose(self, path: str) -> None:
        """Look at the model in the file ``path``."""
        found = (model.id for model in self._models.values() if str(model.path) == path)
        self._page.list.choose(next(found, ""))

    def _look_into(
        self, models: Sequence[Model]
    ) -> tuple[dict[tuple[Path, int], FitEstimate | None], list[list[Model]]]:
        """Return what the headers of new files say, and who is here twice; in the background."""
        new = {
            key: self._library.files.estimate(model, key[1])
            for model in models
            for key in (self._key(model),)
            if key not in self._estimates and not model.missing
        }
        return new, self._library.files.duplicates(models)

    def _looked(
        self, found: tuple[dict[tuple[Path, int], FitEstimate | None], list[list[Model]]]
    ) -> None:
        estimates, groups = found
        self._estimates |= estimates
        self._twins = {
            model.id: _(", ").join(
                other.name if other.name != model.name else str(other.path)
                for other in group
                if other is not model
            )
            for group in groups
            for model in group
        }
        self._redraw()

    def _key(self, model: Model) -> tuple[Path, int]:
        return model.path, model.defaults.context or self._library.desk.app.settings.context

    def _on_setting_changed(self, event: SettingChanged) -> None:
        if event.key == SettingsSchema.context.key:
            self.refresh()
        else:
            self._redraw()

    def _redraw(self) -> None:
        computer = computer_now(self._library)
        current = self._current_id()
        settings = self._library.desk.app.settings
        self._page.set_cards(
            [
                here_details.card(
                    model,
                    self._estimates.get(self._key(model)),
                    computer,
                    in_use=model.id == current,
                    twice=model.id in self._twins,
                    kept_for=purposes.words(kept_for(settings, model.id)),
                )
                for model in self._models.values()
            ]
        )

    def _current_id(self) -> str:
        model = self._session.chosen()
        return model.id if model is not None else ""

    def _shown(self) -> Model | None:
        return self._models.get(self._page.list.current_key())

    def _show_details(self) -> None:
        model = self._shown()
        if model is None:
            self._page.show_details(None)
            return
        self._page.show_details(
            here_details.details(
                model,
                self._estimates.get(self._key(model)),
                computer_now(self._library),
                in_use=model.id == self._current_id(),
                twins=self._twins.get(model.id, ""),
            )
        )

    def _on_opened(self, key: str) -> None:
        if key != self._current_id():
            self.use_requested.emit(str(self._models[key].path))

    def _on_acted(self, action: str) -> None:
        model = self._shown()
        if model is None:
            return
        acts: dict[str, Callable[[Model], object]] = {
            here_details.USE: lambda one: self.use_requested.emit(str(one.path)),
            here_details.DEFAULTS: self._choose_defaults,
            here_details.PURPOSES: self._choose_purposes,
            here_details.VERIFY: self._verify,
            here_details.MOVE: self._move,
            here_details.EXPORT: self._export,
            here_details.FOLDER: self._show_folder,
            here_details.FORGET: self._forget,
            here_details.DELETE: self._delete,
        }
        acts[action](model)

    def _choose_defaults(self, model: Model) -> None:
        def keep(defaults: ModelDefaults) -> None:
            self._run(lambda: self._registry.set_defaults(model.id, defaults))

        DefaultsDialog(self._page, model, keep).open()

    def _choose_purposes(self, model: Model) -> None:
        settings = self._library.desk.app.settings

        def keep(chosen: frozenset[Purpose]) -> None:
            self._run(lambda: keep_for(settings, model.id, chosen))

        PurposesDialog(self._page, model, kept_for(settings, model.id), keep).open()

    def _verify(self, model: Model) -> None:
        def verify(progressed: Progress) -> list[Verified]:
            files = self._library.files.verify(model, lambda done: progressed(done, model.bytes))
            if model.changed and all(one.right for one in files):
                self._registry.add(model.path)  # only its date was another one
            return files

        def tell(files: list[Verified]) -> None:
            lines = "\n".join(f"{one.path.name}: {one.words}" for one in files)
            show_text(self._page, _("Verified"), model.name, lines)

        self._work.run(_("Checking {name}").format(name=model.name), verify, tell)

    def _move(self, model: Model) -> None:
        choose_folder(
            self._page,
            _("Move {name} to…").format(name=model.name),
            lambda folder: self._move_to(model, folder),
        )

    def _move_to(self, model: Model, folder: Path) -> None:
        def move(progressed: Progress) -> Path:
            path = self._library.files.move(model, folder, progressed)
            self._library.online.downloads.forget(model.path)
            moved = self._registry.relocate(model, path)
            follow(self._library.desk.app.settings, model.id, moved.id)
            return moved.path

        in_use = model.id == self._current_id()

        def moved(path: Path) -> None:
            if in_use:
                self.use_requested.emit(str(path))

        self._work.run(_("Moving {name}").format(name=model.name), move, moved)

    def _export(self, model: Model) -> None:
        choose_folder(
            self._page,
            _("Write {name} to a USB stick or folder").format(name=model.name),
            lambda folder: self._export_to(model, folder),
        )

    def _export_to(self, model: Model, folder: Path) -> None:
        def export(progressed: Progress) -> Path:
            return self._library.files.export([model], folder, progressed)

        def tell(_manifest: Path) -> None:
            written = (folder, *self._library.files.beside(folder))
            show_text(
                self._page,
                _("The model was written"),
                _("On the other computer: Settings → Models → Import from USB…"),
                "\n".join(map(str, written)),
            )

        self._work.run(_("Writing {name}").format(name=model.name), export, tell)

    def take_in(self) -> None:
        """Ask for an exported folder, and take in what it holds."""

        def take(folder: Path) -> None:
            def work(progressed: Progress) -> tuple[list[Model], JsonObject]:
                files = self._library.files
                models = [self._add_taken(one) for one in files.take_in(folder, progressed)]
                return models, files.settings_in(folder)

            def taken(came: tuple[list[Model], JsonObject]) -> None:
                self._added(came[0])
                self._offer_settings(came[1])

            self._work.run(_("Taking in what {name} holds").format(name=folder.name), work, taken)

        choose_folder(self._page, _("The folder that was exported"), take)

    def _offer_settings(self, came: JsonObject) -> None:
        """Say what settings that came along would change, and ask."""
        settings = self._library.desk.app.settings
        if not (wanted := travelling.changes(settings, came)):
            return

        def take_over() -> None:
            self._run(lambda: travelling.take_over(settings, wanted))

        ask(
            self._page,
            _("Settings came along"),
            _("They would change these here:")
            + "\n\n"
            + "\n".join(f"• {one.words}" for one in wanted),
            _("Take them over"),
            take_over,
            _("Proxies, folders, tokens and what this computer's hardware does stay as they are."),
            no=_("Leave mine"),
        )

    def _add_taken(self, taken: Taken) -> Model:
        model = self._registry.add(taken.path)
        self._registry.set_defaults(model.id, taken.defaults)
        return model

    def _add_folder(self) -> None:
        def add(folder: Path) -> None:
            self._work.run(
                _("Looking through {name}").format(name=folder.name),
                lambda _progressed: self._library.files.models_in(folder),
                self._offer,
            )

        choose_folder(self._page, _("A folder with models"), add)

    def _adopt(self) -> None:
        self._work.run(
            _("Looking for other programs' models"),
            lambda _progressed: self._library.files.found_elsewhere(),
            self._offer,
        )

    def _offer(self, found: Sequence[FoundModel]) -> None:
        known = {model.path.resolve() for model in self._models.values()}
        new = [model for model in found if model.path.resolve() not in known]
        if new:
            AdoptDialog(self._page, new, self._take).open()
            return
        show_text(
            self._page,
            _("Nothing new was found"),
            _(
                "LM Studio, Ollama, Jan and the Hub's own cache were looked for; a folder may hold "
                "models as GGUF files."
            ),
            _("Models that are on the list already: {count}").format(count=len(found)),
        )

    def _take(self, chosen: list[FoundModel]) -> None:
        def take(_progressed: Progress) -> list[Model]:
            named = (self._library.files.named_path(model) for model in chosen)
            return [self._registry.add(path) for path in named]

        self._work.run(_("Adding models"), take, self._added)

    def _added(self, models: Sequence[Model]) -> None:
        if models:
            self.choose(str(models[-1].path))

    def _show_folder(self, model: Model) -> None:
        folder = str(model.path.parent)
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(folder)):
            show_text(self._page, _("Folder"), _("It lies here:"), str(model.path))

    def _forget(self, model: Model) -> None:
        self._run(lambda: self._drop(model))

    def _drop(self, model: Model) -> None:
        """Take a model off the list; after the one in use the starter answers."""
        in_use = model.id == self._current_id()
        self._registry.remove(model.id)
        left = next((one for one in self._registry.models() if not one.missing), None)
        if in_use and left is not None:
            self._session.select(left.id)

    def _delete(self, model: Model) -> None:
        paths = self._library.files.files_of(model)

        def delete(_progressed: Progress) -> int:
            self._drop(model)
            freed = self._library.files.delete(model)
            self._library.online.downloads.forget(model.path)
            return freed

        ask(
            self._page,
            _("Delete this model's files for good?"),
            "\n".join(str(path) for path in paths),
            ngettext("Delete {count} file", "Delete {count} files", len(paths)).format(
                count=len(paths)
            ),
            lambda: self._work.run(
                _("Deleting {name}").format(name=model.name), delete, lambda _freed: None
            ),
            _("{size} become free. It cannot be undone.").format(size=size(model.bytes)),
            final=True,
        )

    def _run(self, work: Callable[[], object]) -> None:
        self._library.desk.tasks.run(self, work).on_failure(self._failed)

    def _failed(self, error: HanlinError) -> None:
        self._library.report(error)
