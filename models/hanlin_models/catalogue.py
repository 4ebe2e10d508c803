"""The catalogue of models that ships with the program: reading it, asking it.

The data lies in the resources and has a schema beside it; nothing in it is believed that
the schema does not allow. Whether a model fits is not known here.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from hanlin.domain.catalogue import (
    CatalogueEntry,
    CatalogueFile,
    Geometry,
    Licence,
    Runs,
    Task,
    Thinking,
)
from hanlin.domain.downloads import Wanted, WantedFile
from hanlin.domain.models import Advice
from hanlin.kernel.errors import BugError, KnownError
from hanlin.kernel.i18n import Said, _, in_language, joined
from hanlin_models import model_defaults

FILE = "catalogue.json"
_VERSION = 1


class Catalogue:
    """The models, in the catalogue's order. Immutable; entries are made in today's language."""

    def __init__(self, folder: Path) -> None:
        try:
            self._content: Mapping[str, Any] = json.loads((folder / FILE).read_bytes())
            if self._content["version"] != _VERSION:
                raise ValueError(self._content["version"])  # noqa: TRY301 - the same end
            list(self)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise BugError(
                _("The catalogue of models cannot be read"),
                f"{folder / FILE}: {error!r}",
                _("Install the program again; if that does not help, report it."),
            ) from error

    def __iter__(self) -> Iterator[CatalogueEntry]:
        """Yield every entry."""
        for one in self._content["models"]:
            yield self._entry(one)

    def find(self, identity: str) -> CatalogueEntry:
        """Return the entry with this id, or this name in any case. Raises KnownError."""
        wanted = identity.casefold()
        for entry in self:
            if wanted in (entry.id, entry.name.casefold(), entry.repository.casefold()):
                return entry
        raise KnownError(
            _("No such model"),
            _("The catalogue has no model called “{name}”.").format(name=identity),
            _("“hanlin models list --catalogue” shows what there is."),
        )

    def for_task(self, task: Task) -> list[CatalogueEntry]:
        """Return the models for a task, recommended ones first."""
        found = [entry for entry in self if task in entry.tasks]
        return sorted(found, key=lambda entry: (entry.runs is not Runs.YES, not entry.recommended))

    def of_file(self, name: str) -> CatalogueEntry | None:
        """Return the entry that names this file, whatever its letters' case."""
        wanted = name.casefold()
        for entry in self:
            if any(file.name.casefold() == wanted for file in entry.files):
                return entry
        return None

    def reading(self, file: str, architecture: str) -> Mapping[str, str]:
        """Return what an OCR model was trained to be asked, by what is read; {} for others.

        Known by the name of its file, or by an architecture that only OCR models have.
        """
        if (entry := self.of_file(file)) is not None:
            return entry.reading
        others = {entry.architecture for entry in self if not entry.reading}
        for entry in self:
            of_its_own = entry.architecture == architecture and architecture not in others
            if entry.reading and (of_its_own or entry.id in file.casefold()):
                return entry.reading
        return {}

    def advice(self, name: str, size: int) -> Advice:
        """Return what is known of the file of this name; its faults only if the size fits, too.

        Somebody may have mended the file and kept its name.
        """
        entry = self.of_file(name)
        if entry is None:
            return Advice()
        same = any(
            file.name.casefold() == name.casefold() and file.bytes == size for file in entry.files
        )
        return Advice(
            model_defaults.sampling_from(entry.sampling),
            model_defaults.overrides_from(entry.overrides) if same else (),
        )

    def checksums(self) -> dict[str, str]:
        """Return the known checksums by owner/repository/file, in small letters."""
        return {
            f"{entry.repository}/{file.name}".casefold(): file.sha256
            for entry in self
            for file in (*entry.files, entry.projector)
            if file is not None and file.sha256
        }

    def _entry(self, one: Mapping[str, Any]) -> CatalogueEntry:
        reason = one["reason"]
        licence = self._content["licences"][one["licence"]]
        return CatalogueEntry(
            id=one["id"],
            family=one["family"],
            name=one["name"],
            tasks=tuple(Task(task) for task in one["tasks"]),
            recommended=one["recommended"],
            parameters=one["parameters"],
            architecture=one["architecture"],
            repository=one["repository"],
            revision=one["revision"],
            files=tuple(_file(file) for file in one["files"]),
            projector=_file(one["projector"]) if one["projector"] else None,
            licence=Licence(
                licence["name"], _in_language(licence["limits"]), licence["commercial"]
            ),
            context=one["context"],
            geometry=_geometry(one["memory"]),
            sampling=dict(one["sampling"]),
            thinking=Thinking(one["thinking"]),
            runs=Runs(one["runs"]),
            reason=_in_language(self._content["reasons"][reason]) if reason else "",
            text=_in_language(one["text"]),
            superseded_by=one["superseded_by"],
            overrides=dict(one["overrides"]),
            reading=dict(one.get("reading", {})),
        )


def wanted(entry: CatalogueEntry, quantisation: str = "", *, projector: bool = True) -> Wanted:
    """Return what to fetch for an entry whose files are known. Raises KnownError."""
    if entry.runs is not Runs.YES:
        raise KnownError(
            _("This model cannot be used here"), joined(": ", (entry.name, entry.reason))
        )
    chosen = [
        file
        for file in entry.files
        if not quantisation or file.quantisation.casefold() == quantisation.casefold()
    ]
    if not chosen:
        raise KnownError(
            _("No such file"),
            _("The catalogue names no file of {name} that is packed as {packing}.").format(
                name=entry.name, packing=quantisation or "…"
            ),
            _("Look the model up at the Hub, which lists all its files."),
        )
    files = [chosen[0]]
    if projector and entry.projector is not None:
        files.append(entry.projector)
    return Wanted(
        f"{entry.name} {chosen[0].quantisation}",
        entry.repository,
        tuple(WantedFile(file.name, file.bytes, file.sha256) for file in files),
        entry.revision,
    )


def _file(one: Mapping[str, Any]) -> CatalogueFile:
    return CatalogueFile(one["name"], one.get("quantisation", ""), one["bytes"], one["sha256"])


def _geometry(one: Mapping[str, Any] | None) -> Geometry | None:
    if one is None:
        return None
    return Geometry(
        layers=one["attention_layers"],
        kv_heads=one["kv_heads"],
        head_dim=one["head_dim"],
        has_values=one["has_values"],
        state_bytes=one["state_bytes"],
    )


def _in_language(text: Mapping[str, str]) -> str:
    return Said(lambda: in_language(text))
