"""Settings and state: typed, told, and never lost."""

import json
import threading
from pathlib import Path
from typing import Any

import pytest

from hanlin.kernel import jsonfile
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.settings.migrations import upgrade
from hanlin.settings.schema import (
    Choice,
    Number,
    Setting,
    SettingsSchema,
    Switch,
    Text,
    settings_of,
)
from hanlin.settings.store import SettingChanged, Settings, State, StateNotKept
from hanlin_fakes import disks


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "config" / "settings.json"


def opened(path: Path) -> Settings:
    return Settings(path, EventBus())


def test_a_fresh_start_has_the_defaults_and_writes_nothing(path: Path) -> None:
    settings = opened(path)
    assert (settings.language, settings.appearance, settings.thinking) == (
        "system",
        "system",
        False,
    )
    assert (settings.context, settings.threads, settings.gpu_layers) == (0, 0, 0)
    assert settings.note == ""
    assert not path.exists()


def test_a_choice_survives_a_restart(path: Path) -> None:
    settings = opened(path)
    settings.language = "zh_CN"
    settings.thinking = True
    settings.context = 8192
    again = opened(path)
    assert (again.language, again.thinking, again.context) == ("zh_CN", True, 8192)


def test_a_change_is_told_once_and_only_when_it_is_one(path: Path) -> None:
    told: list[SettingChanged] = []
    bus = EventBus()
    bus.subscribe(SettingChanged, told.append)
    settings = Settings(path, bus)
    settings.appearance = "system"
    settings.appearance = "dark"
    settings.appearance = "dark"
    assert told == [SettingChanged("appearance", "dark")]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("language", "klingon"),
        ("language", 1),
        ("thinking", "yes"),
        ("thinking", 1),
        ("threads", -1),
        ("threads", 513),
        ("threads", True),
        ("context", 1.5),
    ],
)
def test_what_is_not_allowed_is_refused_by_hand_and_ignored_in_the_file(
    path: Path, key: str, value: object
) -> None:
    settings = opened(path)
    with pytest.raises(ValueError, match=key):
        setattr(settings, key, value)
    path.parent.mkdir()
    path.write_text(json.dumps({key: value}))
    assert getattr(opened(path), key) == getattr(Settings, key).default
    other = opened(path)
    other.appearance = "light"
    assert json.loads(path.read_text())[key] == value


def test_unknown_keys_stay(path: Path) -> None:
    path.parent.mkdir()
    path.write_text('{"version": 1, "from_the_future": {"a": [1]}}')
    settings = opened(path)
    settings.thinking = False
    assert json.loads(path.read_text()) == {
        "version": 1,
        "from_the_future": {"a": [1]},
        "thinking": False,
    }


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, b"{", b"[1]", b"\xff\xfe{}", b"[" * 100_000])
def test_a_damaged_file_is_set_aside_and_the_one_before_is_used(path: Path, damage: bytes) -> None:
    settings = opened(path)
    settings.language = "en"
    settings.appearance = "dark"
    path.write_bytes(damage)
    again = opened(path)
    assert again.language == "en"
    assert again.appearance == "system"
    assert "could not be read" in again.note
    assert path.with_name("settings.json.bad1").read_bytes() == damage
    third = opened(path)
    assert (third.language, third.note) == ("en", "")


def test_a_damaged_file_without_another_gives_defaults_and_says_so(path: Path) -> None:
    path.parent.mkdir()
    path.write_bytes(b"nonsense")
    settings = opened(path)
    assert settings.language == "system"
    assert "Defaults are used" in settings.note
    assert path.with_name("settings.json.bad1").read_bytes() == b"nonsense"


def test_a_folder_that_may_not_be_written_keeps_the_old_value(path: Path) -> None:
    opened(path).language = "en"
    with disks.read_only(path.parent):
        settings = opened(path)
        with pytest.raises(KnownError, match="may not be written"):
            settings.language = "zh_CN"
        assert settings.language == "en"
    assert opened(path).language == "en"


def test_a_full_disk_keeps_the_old_file(tmp_path: Path) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as folder:
        path = folder / "settings.json"
        opened(path).language = "en"
        before = path.read_bytes()
        disks.fill(folder)
        with pytest.raises(KnownError, match="no room left"):
            opened(path).language = "zh_CN"
        assert path.read_bytes() == before
        assert list(folder.glob(".*.tmp")) == []


def test_steps_lead_from_version_to_version_and_keep_the_old_file(path: Path) -> None:
    def rename(content: dict[str, object]) -> dict[str, object]:
        content["language"] = content.pop("tongue", "system")
        return content

    def double(content: dict[str, object]) -> dict[str, object]:
        content["context"] = 4096
        return content

    path.parent.mkdir()
    path.write_text('{"tongue": "en", "kept": 1}')
    settings = Settings(path, EventBus(), (rename, double))
    assert (settings.language, settings.context) == ("en", 4096)
    settings.thinking = False
    stored = json.loads(path.read_text())
    assert (stored["version"], stored["kept"]) == (3, 1)
    assert json.loads(path.with_name("settings.json.v1").read_text())["tongue"] == "en"


def test_a_newer_file_is_read_as_far_as_it_goes_and_stays_newer() -> None:
    newer: dict[str, object] = {"version": 9, "language": "en"}
    assert upgrade(newer, (lambda _content: {},)) == newer


@pytest.mark.parametrize("version", [None, 0, -3, "two", True])
def test_a_file_with_a_strange_version_counts_as_the_first(version: object) -> None:
    assert upgrade({"version": version})["version"] == 1


def test_reading_does_not_wait_for_the_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    state = State(path)
    writing, go_on = threading.Event(), threading.Event()

    def slowly(*_arguments: object) -> None:
        writing.set()
        assert go_on.wait(30)

    monkeypatch.setattr(jsonfile, "write", slowly)
    writer = threading.Thread(target=lambda: setattr(state, "last_model", "new"))
    writer.start()
    assert writing.wait(30)
    assert state.last_model == ""
    go_on.set()
    writer.join()
    assert state.last_model == "new"


def test_state_lives_in_its_own_file_and_survives(tmp_path: Path) -> None:
    state = State(tmp_path / "state.json")
    state.last_model = "shutong"
    state.loading_model = "big"
    again = State(tmp_path / "state.json")
    assert (again.last_model, again.loading_model, again.last_conversation) == (
        "shutong",
        "big",
        "",
    )


def test_state_that_cannot_be_written_is_kept_for_this_run(tmp_path: Path) -> None:
    folder = tmp_path / "state"
    folder.mkdir()
    told: list[StateNotKept] = []
    bus = EventBus()
    bus.subscribe(StateNotKept, told.append)
    with disks.read_only(folder):
        state = State(folder / "state.json", bus)
        for model in ("other", "shutong"):
            state.last_model = model
        assert state.last_model == "shutong"
    (event,) = told  # once is enough
    assert "state.json may not be written" in str(event.error)


CHOSEN_ELSEWHERE = {
    "effort",  # beside the thinking switch
    "model_for_chat",  # in the models window
    "model_for_coding",
    "model_for_translation",
    "model_for_pictures",
    "shortcuts",  # in the dialog of keys
}


def every_setting() -> list[Setting[Any]]:
    return list(settings_of(SettingsSchema))


@pytest.mark.parametrize("setting", every_setting(), ids=lambda setting: str(setting.key))
def test_every_setting_has_words_and_an_allowed_default(setting: Setting[Any]) -> None:
    assert setting.allowed(setting.default) == setting.default
    if setting.key in CHOSEN_ELSEWHERE:
        assert setting.label is None
        return
    assert setting.label is not None
    assert setting.label()
    if isinstance(setting, Choice):
        assert all(words() for words in setting.choices.values())
    else:
        assert isinstance(setting, Switch | Number | Text)
        assert setting.hint is not None
        assert setting.hint()


def test_settings_and_state_share_no_key() -> None:
    chosen = {setting.key for setting in Settings.settings()}
    remembered = {setting.key for setting in State.settings()}
    assert len(chosen) == len(Settings.settings())
    assert not chosen & remembered
