"""What the models window says of this computer, in the real program and both languages."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin_fakes.desktop import Desktop
from hanlin_hub.authority import Authority
from hanlin_hub.server import Server, servers
from hanlin_hub.shelf import Shelf

Make = Callable[..., Desktop]
pytestmark = [pytest.mark.timeout(300), pytest.mark.loopback]


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(authority: Authority) -> Iterator[Server]:
    server = Server(authority, Shelf())
    with servers(server):
        yield server


@pytest.mark.parametrize(
    ("language", "title", "tag"),
    [("en_US.UTF-8", "Models", "en"), ("zh_CN.UTF-8", "模型", "zh")],
)
def test_what_fits_is_said_in_both_languages(
    desktop: Make, hub: Server, authority: Authority, language: str, title: str, tag: str
) -> None:
    desk = desktop(LANG=language)
    desk.choose(
        own_source=hub.address,
        model_sources="own",
        extra_authorities=str(authority.certificate),
        appearance="light" if tag == "en" else "dark",
    )
    with desk.window() as window:
        window.wait_until_open()
        window.press("ctrl+shift+m")
        window.turn_to(title)
        window.shot(f"library-here-{tag}")
        window.press("Down")
        window.shot(f"library-recommended-{tag}")
        window.press("Down")
        window.shot(f"library-catalogue-{tag}")
        window.press("Down", "Down", "Down")
        window.shot(f"library-connections-{tag}")
        window.close(title)
    assert hub.seen == []
