"""A person fetches a model in the real window although a source breaks on the way."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin_fakes.desktop import Desktop, eventually
from hanlin_fakes.gguf_models import write_scripted
from hanlin_hub.authority import Authority
from hanlin_hub.server import Fault, Server, servers
from hanlin_hub.shelf import Repository, Shelf

Make = Callable[..., Desktop]
pytestmark = [pytest.mark.timeout(300), pytest.mark.loopback]
REPOSITORY = "good/Kind-GGUF"
FILE = "kind-Q4_K_M.gguf"


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    shelf = Shelf()
    model = write_scripted(tmp_path / FILE, ["I ", "came ", "safely", "."], feed_forward=4096)
    shelf.add(Repository(REPOSITORY, {FILE: model.read_bytes()}))
    return shelf


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(shelf: Shelf, authority: Authority) -> Iterator[Server]:
    server = Server(authority, shelf)
    with servers(server):
        yield server


@pytest.fixture
def mirror(shelf: Shelf, authority: Authority) -> Iterator[Server]:
    server = Server(authority, shelf)
    with servers(server):
        yield server


def test_a_model_comes_although_the_way_breaks(
    desktop: Make, hub: Server, mirror: Server, authority: Authority
) -> None:
    desk = desktop()
    desk.choose(
        own_source=f"{hub.address};{mirror.address}",
        model_sources="own",
        extra_authorities=str(authority.certificate),
    )
    size = len(hub.shelf.repositories[REPOSITORY].files[FILE])
    # What is asked for: a look at the header, a taste, the file itself; then it is broken.
    hub.faults = [Fault(), Fault(), Fault(cut_after=size // 2), *[Fault(status=503)] * 50]
    mirror.bytes_per_second = size // 30
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+shift+m")
        window.turn_to("Models")
        window.press("Down", "Down", "Down", "Tab")
        window.type(REPOSITORY)
        window.press("Return")
        eventually(lambda: hub.seen, "the search")
        window.shot("library-search-en")
        window.press("Return")
        eventually(hub.file_requests, "a look at the header")
        window.shot("library-look-en")
        window.press("Tab", "space")
        eventually(lambda: any(_later(one.range) for one in mirror.seen), "the mirror to go on")
        window.shot("library-failover-en")
        model = desk.folder / "models" / REPOSITORY / FILE
        eventually(model.is_file, "the whole model")
        window.shot("library-downloaded-en")
        window.turn_to_main()
    assert model.read_bytes() == hub.shelf.repositories[REPOSITORY].files[FILE]
    known = json.loads(desk.cli("models", "list", "--json"))
    assert str(model) in {one["path"] for one in known}


def _later(asked: str) -> bool:
    """Tell whether a range begins behind the beginning of a file."""
    return asked.startswith("bytes=") and not asked.startswith("bytes=0-")
