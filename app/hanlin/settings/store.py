"""Settings and state on the disk: typed attributes over two small JSON files.

Which settings exist stands in the schema. Keys of the file that this version does not
know, and values it does not allow, stay in the file untouched.
"""

import logging
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.settings.migrations import STEPS, Step, upgrade, version_of
from hanlin.settings.schema import Setting, SettingsSchema, StateSchema, settings_of

T = TypeVar("T")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class SettingChanged:
    """The person chose another value for the setting called ``key``."""

    key: str
    value: object


@dataclass(frozen=True, slots=True)
class StateNotKept:
    """The disk refuses what the program remembers by itself. Told once."""

    error: KnownError


class _Preferences:
    """The values of one file. Safe to use from any thread; reading never waits for the disk.

    A ``glance`` is for reading before the program is there: it changes nothing on the disk,
    so that who opens the file for good still finds, and tells, what is wrong with it.
    """

    def __init__(self, path: Path, steps: Sequence[Step] = STEPS, *, glance: bool = False) -> None:
        self.path = path
        self._writing = threading.Lock()
        found = jsonfile.read(path, mend=not glance)
        self.note = found.note
        """A sentence for the person when the file could not be read, otherwise ""."""
        self._content = upgrade(found.content, steps)
        """Never changed, only replaced by another: who reads needs no lock."""
        if not glance and found.content and version_of(found.content) != version_of(self._content):
            self._keep_old_version(found.content)

    @classmethod
    def settings(cls) -> tuple[Setting[Any], ...]:
        """Return all settings of this file, in the order of the schema."""
        return settings_of(cls)

    def value_of(self, setting: Setting[T]) -> T:
        """Return the value, or the default when none is kept or it is not allowed."""
        value = setting.allowed(self._content.get(setting.key))
        return setting.default if value is None else value

    def change(self, setting: Setting[T], value: T) -> None:
        """Keep ``value``, durably.

        Raises KnownError when the disk refuses and ValueError for a value that is not
        allowed; the old value then stays.
        """
        if setting.allowed(value) is None:
            raise ValueError(f"{setting.key}: {value!r}")
        with self._writing:
            if setting.allowed(self._content.get(setting.key)) == value:
                return
            changed = {**self._content, setting.key: value}
            self._write(changed)
            self._content = changed

    def _write(self, content: jsonfile.JsonObject) -> None:
        jsonfile.write(self.path, content)

    def _keep_old_version(self, content: jsonfile.JsonObject) -> None:
        old = self.path.with_name(f"{self.path.name}.v{version_of(content)}")
        try:
            jsonfile.write(old, content)
        except KnownError as error:  # the file itself is not written yet, so nothing is lost
            _log.warning("no copy of the old settings: %s", error)


class Settings(SettingsSchema, _Preferences):
    """What the person chose. Each change is told to the bus as :class:`SettingChanged`."""

    def __init__(
        self, path: Path, bus: EventBus, steps: Sequence[Step] = STEPS, *, glance: bool = False
    ) -> None:
        super().__init__(path, steps, glance=glance)
        self._bus = bus

    def change(self, setting: Setting[T], value: T) -> None:
        """Keep ``value`` and tell it; see the base class for errors."""
        before = self.value_of(setting)
        super().change(setting, value)
        if before != value:
            self._bus.publish(SettingChanged(setting.key, value))


class State(StateSchema, _Preferences):
    """What the program remembers.

    A disk that refuses is no error, because nobody asked for this to be kept: the first time
    it is told to the bus as :class:`StateNotKept`, and always logged.
    """

    refused: KnownError | None = None
    """Why it is not kept, for who was not there yet when it was told."""

    def __init__(self, path: Path, bus: EventBus | None = None, *, glance: bool = False) -> None:
        super().__init__(path, glance=glance)
        self._bus = bus

    def _write(self, content: jsonfile.JsonObject) -> None:
        try:
            super()._write(content)
        except KnownError as error:
            _log.warning("the program's state is not kept: %s", error)
            self.refused = error
            bus, self._bus = self._bus, None
            if bus is not None:
                bus.publish(StateNotKept(error))
