"""A model on its way: its window killed or closed, fetched on, carried, used elsewhere."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin_fakes.desktop import Desktop, Window, eventually
from hanlin_fakes.gguf_models import write_scripted
from hanlin_hub.authority import Authority
from hanlin_hub.server import Server, servers
from hanlin_hub.shelf import Repository, Shelf

Make = Callable[..., Desktop]
pytestmark = [pytest.mark.timeout(400), pytest.mark.loopback]
REPOSITORY = "good/Kind-4B-GGUF"
FILE = "kind-Q4_K_M.gguf"
SEARCH, DOWNLOADS = 3, 4
"""Sections of the models window, counted from the first."""
QUICKLY, SLOWLY = 20, 60
"""Seconds that the whole model takes: nobody needs so long for a look, or for a beginning."""


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(tmp_path: Path, authority: Authority) -> Iterator[Server]:
    shelf = Shelf()
    model = write_scripted(tmp_path / FILE, ["I ", "came ", "safely", "."], feed_forward=4096)
    shelf.add(Repository(REPOSITORY, {FILE: model.read_bytes()}))
    server = Server(authority, shelf)
    with servers(server):
        yield server


def open_models(window: Window, title: str, section: int) -> None:
    """Open the models window at a section; its list of sections has the keyboard."""
    window.wait_until_open()
    window.press("ctrl+shift+m")
    window.turn_to(title)
    window.press(*["Down"] * section)


@pytest.mark.parametrize(
    ("language", "appearance", "title", "leave"),
    [
        pytest.param("zh_CN.UTF-8", "dark", "模型", Window.kill, id="killed-zh"),
        pytest.param("en_US.UTF-8", "light", "Models", Window.quit, id="closed-en"),
    ],
)
def test_a_download_outlives_its_window_and_the_model_travels(
    desktop: Make,
    hub: Server,
    authority: Authority,
    tmp_path: Path,
    language: str,
    appearance: str,
    title: str,
    leave: Callable[[Window], None],
) -> None:
    desk = desktop(LANG=language)
    desk.choose(
        own_source=hub.address,
        model_sources="own",
        extra_authorities=str(authority.certificate),
        appearance=appearance,
    )
    shot = f"travel-{language[:2]}"
    data = hub.shelf.repositories[REPOSITORY].files[FILE]
    target = desk.folder / "models" / REPOSITORY / FILE
    part = target.with_name(f".{FILE}.part")
    with desk.window() as window:
        open_models(window, title, SEARCH)
        window.press("Tab")
        window.type("kind")
        window.press("Return")
        eventually(lambda: hub.seen, "the search")
        window.shot(f"{shot}-search")
        hub.bytes_per_second = len(data) // QUICKLY
        # The key of the main button: it looks at what was found, then gets it.
        window.insist("ctrl+Return", hub.file_requests, "a look at the header")
        hub.bytes_per_second = len(data) // SLOWLY
        window.insist("ctrl+Return", part.exists, "the download")
        eventually(lambda: part.stat().st_size > len(data) // 20, "a beginning")
        window.shot(f"{shot}-downloading")
        leave(window)
    asked = len(hub.seen)
    assert not target.exists()
    hub.bytes_per_second = 0
    with desk.window() as window:
        open_models(window, title, DOWNLOADS)
        window.shot(f"{shot}-left")
        assert len(hub.seen) == asked, "something connected by itself"
        window.insist("ctrl+Return", lambda: target in desk.models(), "the whole model")
        window.shot(f"{shot}-whole")
        window.close(title)
    ranges = [one.range for one in hub.seen[asked:] if one.range]
    assert any(not one.startswith("bytes=0-") for one in ranges), "it began from zero"
    assert target.read_bytes() == data
    stick = tmp_path / "U 盘"
    desk.cli("models", "export", str(stick), desk.models()[target])
    elsewhere = Desktop(tmp_path / "elsewhere", tmp_path, {"LANG": language})
    elsewhere.cli("models", "import", str(stick))
    [there] = [path for path in elsewhere.models() if path.name == FILE]
    assert there.read_bytes() == data
    said = elsewhere.cli("ask", "--model", elsewhere.models()[there], "did you come?")
    assert said == "I came safely.\n"
