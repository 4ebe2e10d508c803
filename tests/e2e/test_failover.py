"""A person fetches a model in the real window although a source breaks on the way."""

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import Status
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


def test_a_newcomer_fetches_a_model_although_the_way_breaks_and_talks_to_it(
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
        # The key of the main button: it looks at what was found, then gets it.
        window.insist("ctrl+Return", hub.file_requests, "a look at the header")
        window.shot("library-look-en")
        window.insist(
            "ctrl+Return", lambda: any(_later(one.range) for one in mirror.seen), "the mirror"
        )
        window.shot("library-failover-en")
        model = desk.folder / "models" / REPOSITORY / FILE
        eventually(lambda: model in desk.models(), "the whole model")
        window.shot("library-downloaded-en")
        window.close("Models")
        # By the palette, as somebody does who keeps the hands on the keys.
        window.press("ctrl+shift+p")
        window.turn_to("Command palette")
        window.type("kind-Q4")
        window.close("Command palette", "Return")
        eventually(lambda: _last_model(desk).startswith("kind"), "the switch")
        window.type("did you come?")
        window.press("Return")
        answer = eventually(lambda: desk.answer(Status.COMPLETE), "an answer")
        window.shot("library-first-answer-en")
    assert (answer.text(), answer.model) == ("I came safely.", "kind-Q4_K_M")
    assert model.read_bytes() == hub.shelf.repositories[REPOSITORY].files[FILE]


def _last_model(desk: Desktop) -> str:
    """Return which model was loaded last, "" before one was."""
    state = desk.folder / "state" / "state.json"
    if not state.is_file():
        return ""
    return str(json.loads(state.read_text()).get("last_model", ""))


def _later(asked: str) -> bool:
    """Tell whether a range begins behind the beginning of a file."""
    return asked.startswith("bytes=") and not asked.startswith("bytes=0-")
