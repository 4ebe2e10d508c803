"""What holds for every test: no home, no keyring, no network, nothing left behind."""

import importlib.util
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin_hunters.leftovers import no_children_left, no_threads_left
from hanlin_hunters.network import no_network


def pytest_addoption(parser: pytest.Parser) -> None:
    """Name pytest-qt's settings where it is not installed, so that they are no surprise."""
    if importlib.util.find_spec("pytestqt") is None:
        for name in ("qt_api", "qt_log_level_fail", "qt_log_ignore"):
            parser.addini(name, "read by pytest-qt, which is not installed here")


@pytest.fixture(autouse=True)
def sandboxed_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let the test, and every child of it, live in a home of its own; return that home."""
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(home))
    for name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME", "XDG_CACHE_HOME"):
        monkeypatch.setenv(name, str(home / name.lower()))
    for name in ("APPDATA", "LOCALAPPDATA"):
        monkeypatch.setenv(name, str(home / "AppData"))
    monkeypatch.setenv("HANLIN_DATA_DIR", str(tmp_path / "hanlin-data"))
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    return home


@pytest.fixture(autouse=True)
def nothing_left_running(sandboxed_home: Path) -> Iterator[None]:
    """Fail the test that leaves a thread or a process behind, and name the line."""
    with no_children_left(), no_threads_left():
        yield


@pytest.fixture(autouse=True)
def network_forbidden(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let no test leave the computer."""
    with no_network(loopback=request.node.get_closest_marker("loopback") is not None):
        yield
