"""The models on this computer: the starter and the files a person added.

Added files stay where they are and are never changed or deleted from here; only a list
of them is kept. Loading a model is the engine's work.
"""

import hashlib
import os
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from pathlib import Path

import psutil

from hanlin.domain.models import Advice, Model, ModelDefaults, Origin
from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError, from_os_error
from hanlin.kernel.i18n import _
from hanlin.kernel.units import size
from hanlin_models import gguf, model_defaults
from hanlin_models.names import PART
from hanlin_models.refusals import refusal
from hanlin_models.starter import starter

_OVERHEAD = 10
"""Beyond its weights a model needs about a tenth of their size, and at least _LEAST_OVERHEAD."""
_LEAST_OVERHEAD = 128 * 1024 * 1024
_COARSEST_CLOCK = 2
"""Seconds: FAT32 keeps no finer times."""


def free_memory() -> int:
    """Return the bytes that programs can still get without swapping."""
    return int(psutil.virtual_memory().available)


class ModelLibrary:
    """Every method may be called from any thread.

    The list is read anew each time, because window and command line share it. ``advice``
    gives what is known from elsewhere of a file of this name and size.
    """

    def __init__(
        self,
        list_path: Path,
        starter_folder: Path | None = None,
        memory: Callable[[], int] = free_memory,
        advice: Callable[[str, int], Advice] = lambda _file, _bytes: Advice(),
    ) -> None:
        self._list_path = list_path
        self._starter_folder = starter_folder
        self._memory = memory
        self._advice = advice
        self.note = ""
        """A sentence for the person when the list was last found damaged, otherwise ""."""

    def models(self) -> list[Model]:
        """Return every known model, the starter first, then in the order they were added."""
        return self._all(_looked_at)

    def listed(self) -> list[Model]:
        """Return the same without a look at the files: none is said to be gone or changed."""
        return self._all(_remembered)

    def _all(self, remember: Callable[[jsonfile.JsonObject], Model | None]) -> list[Model]:
        first = starter(self._starter_folder) if self._starter_folder else None
        content = self._read()
        added = [remember(entry) for entry in _entries(content)]
        chosen = content.get("defaults")
        defaults = chosen if isinstance(chosen, dict) else {}
        return [
            replace(model, defaults=model_defaults.from_json(defaults.get(model.id)))
            for model in (first, *added)
            if model is not None
        ]

    def find(self, id_or_path: str) -> Model | None:
        """Return the known model with this id, path or name (in any case), else None."""
        known = self.models()
        path = _absolute(Path(id_or_path))
        for matches in (
            lambda model: model.id == id_or_path,
            lambda model: _same_file(model.path, path),
            lambda model: model.name.casefold() == id_or_path.casefold(),
        ):
            if found := next(filter(matches, known), None):
                return found
        return None

    def inspect(self, path: Path | str) -> Model:
        """Return the model in the file at ``path`` without remembering it.

        Raises KnownError when the file cannot be a model, is incomplete, or is only a
        part of one.
        """
        path = _absolute(Path(path))
        info = gguf.read(path)
        _refuse_helpers(path, info)
        files = _all_parts(path, info)
        try:
            first = path.stat().st_size
            total = sum(file.stat().st_size for file in files)
        except OSError as error:
            raise from_os_error(error, str(path)) from error
        name = _name_of(path)
        advice = self._advice(path.name, first)
        return Model(
            id=_identity(name, path),
            name=name,
            path=path,
            origin=Origin.ADDED,
            bytes=total,
            architecture=info.architecture,
            context_length=info.context_length,
            sampling=advice.sampling,
            overrides=advice.overrides,
        )

    def add(self, path: Path) -> Model:
        """Remember the model file at ``path``; the same file twice is one model.

        Raises KnownError when it cannot be a model or the list cannot be written. A model
        that is too big for this computer is added all the same: see :meth:`too_big`.
        """
        known = self.find(str(_absolute(path)))
        if known is not None and known.origin is Origin.STARTER:
            return known
        model = self.inspect(known.path if known is not None else path)
        with self._changing() as content:
            entries = [one for one in _entries(content) if one.get("id") != model.id]
            content["models"] = [*entries, _entry(model)]
        return model

    def remove(self, model_id: str) -> None:
        """Forget a model that was added; its file stays where it is.

        Raises KnownError for the starter, an unknown model, or a list that cannot be written.
        """
        model = next((model for model in self.models() if model.id == model_id), None)
        if model is None:
            raise KnownError(
                _("No such model"),
                _("There is no model called “{name}” here.").format(name=model_id),
                _("Settings → Model shows the models of this computer."),
            )
        if model.origin is Origin.STARTER:
            raise KnownError(
                _("The starter model stays"),
                _("{name} is part of the program and cannot be removed.").format(name=model.name),
            )
        with self._changing() as content:
            content["models"] = [one for one in _entries(content) if one.get("id") != model_id]

    def keep_defaults(self, model_id: str, defaults: ModelDefaults) -> None:
        """Remember a person's choices for a model. Raises KnownError."""
        with self._changing() as content:
            known = content.get("defaults")
            kept = dict(known) if isinstance(known, dict) else {}
            kept[model_id] = model_defaults.to_json(defaults)
            content["defaults"] = kept

    def too_big(self, model: Model) -> str | None:
        """Return why the model does not fit into the memory that is free now, or None.

        An estimate by the file's size; the engine looks closer when it loads.
        """
        needed = model.bytes + max(model.bytes // _OVERHEAD, _LEAST_OVERHEAD)
        free = self._memory()
        if needed <= free:
            return None
        return _(
            "{name} needs about {needed} of memory, and {free} are free. "
            "Close other programs, or take a smaller quantisation of it."
        ).format(name=model.name, needed=size(needed), free=size(free))

    def _read(self) -> jsonfile.JsonObject:
        found = jsonfile.read(self._list_path)
        self.note = found.note or self.note
        return found.content

    @contextmanager
    def _changing(self) -> Iterator[jsonfile.JsonObject]:
        """Yield the file's content to be changed, alone among threads and programs; keep it."""
        with jsonfile.changing(self._list_path) as found:
            self.note = found.note or self.note
            found.content.update(version=1, models=_entries(found.content))
            yield found.content


def _entries(content: jsonfile.JsonObject) -> list[jsonfile.JsonObject]:
    listed = content.get("models")
    return (
        [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    )


def _entry(model: Model) -> jsonfile.JsonObject:
    return {
        "id": model.id,
        "name": model.name,
        "path": str(model.path),
        "bytes": model.bytes,
        "architecture": model.architecture,
        "context_length": model.context_length,
        "sampling": asdict(model.sampling) if model.sampling is not None else None,
        "stamp": _stamp(model.path),
        "overrides": {one.key: one.value for one in model.overrides},
    }


def _remembered(entry: jsonfile.JsonObject) -> Model | None:
    """Return the model of an entry, or None for one that somebody wrote by hand and wrongly."""
    match entry:
        case {"id": str(identity), "name": str(name), "path": str(text), "bytes": int(count)}:
            path = Path(text)
            context = entry.get("context_length")
            return Model(
                id=identity,
                name=name,
                path=path,
                origin=Origin.ADDED,
                bytes=count,
                architecture=str(entry.get("architecture", "")),
                context_length=context if isinstance(context, int) else None,
                sampling=model_defaults.sampling_from(entry.get("sampling")),
                overrides=model_defaults.overrides_from(entry.get("overrides")),
            )
        case _:
            return None


def _looked_at(entry: jsonfile.JsonObject) -> Model | None:
    """Return the model of an entry with what became of its file."""
    model = _remembered(entry)
    if model is None:
        return None
    now = _stamp(model.path)
    changed = now is not None and _differs(entry.get("stamp"), now)
    return replace(model, missing=now is None, changed=changed)


def _stamp(path: Path) -> list[int] | None:
    """Return size and time of change (in seconds) of a file, None when there is none."""
    try:
        found = path.stat()
    except (OSError, ValueError):
        return None
    return [found.st_size, int(found.st_mtime)] if stat.S_ISREG(found.st_mode) else None


def _differs(kept: object, now: list[int]) -> bool:
    """Tell whether a file is another one now; nothing is known of it from old lists."""
    match kept:
        case [int(size), int(moment)]:
            return size != now[0] or abs(moment - now[1]) > _COARSEST_CLOCK
        case _:
            return False


def _refuse_helpers(path: Path, info: gguf.GgufInfo) -> None:
    if info.is_projector:
        raise refusal(
            _("{name} lets another model see pictures; it is no model by itself."),
            path,
            _("Add the model's own file, usually the larger one beside it."),
        )
    if info.kind != "model" or not info.architecture or not info.tensors:
        raise refusal(
            _("{name} holds no complete model."),
            path,
            _("Add the model's own file, usually the largest one on its page."),
        )


def _all_parts(path: Path, info: gguf.GgufInfo) -> list[Path]:
    """Return the files of a model in parts, in order. Raises KnownError for a missing one."""
    if info.parts <= 1:
        return [path]
    named = PART.fullmatch(path.name)
    title = _("This model comes in several files")
    if info.part != 0 or named is None:
        raise KnownError(
            title,
            _("{name} is one of {count} parts.").format(name=path.name, count=info.parts),
            _("Keep all parts in one folder under their original names and add the first one."),
        )
    files = [
        path.with_name(f"{named['stem']}-{number:05}-of-{info.parts:05}.gguf")
        for number in range(1, info.parts + 1)
    ]
    missing = next((file for file in files if not file.is_file()), None)
    if missing is not None:
        raise KnownError(
            title,
            _("{name} is missing.").format(name=missing.name),
            _("Put all parts into one folder and add the first one again."),
        )
    return files


def _name_of(path: Path) -> str:
    """Return what people call the file: its own name says more than the one written inside."""
    named = PART.fullmatch(path.name)
    return named["stem"] if named else path.stem


def _identity(name: str, path: Path) -> str:
    slug = re.sub(r"[^\w.]+", "-", name.lower()).strip("-")
    return f"{slug}-{hashlib.sha256(os.fsencode(path)).hexdigest()[:8]}"


def _absolute(path: Path) -> Path:
    return Path(os.path.normpath(path.expanduser().absolute()))


def _same_file(one: Path, other: Path) -> bool:
    if one == other:
        return True
    try:
        return one.samefile(other)
    except (OSError, ValueError):  # ValueError: no path can be called so
        return False
