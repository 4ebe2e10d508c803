"""The way out: proxies, and names that nobody answers for."""

import base64
import importlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.downloads import Cause
from hanlin_hub.authority import Authority
from hanlin_hub.proxy import Proxy
from hanlin_hub.server import Server
from hanlin_hub.shelf import Shelf
from hanlin_models.fetcher import dialling
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Door
from hanlin_models.fetching import SWITCHES
from hanlin_models.orders import Network, Source, SourceKind

pytestmark = pytest.mark.loopback


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "tls")


@pytest.fixture
def hub(authority: Authority) -> Iterator[Server]:
    with Server(authority, Shelf()) as server:
        yield server


def status_through(proxy: str, authority: Authority, hub: Server) -> int:
    door = Door(Network(proxy=proxy, authorities=str(authority.certificate)), lambda _said: None)
    answer = door.get(f"{hub.address}/api/models")
    answer.close()
    return answer.status


@pytest.mark.parametrize("socks", [False, True])
def test_a_proxy_passes_the_encrypted_connection_on(
    authority: Authority, hub: Server, *, socks: bool
) -> None:
    with Proxy(socks=socks) as proxy:
        assert status_through(proxy.address, authority, hub) == 200
        assert proxy.asked == [hub.address.removeprefix("https://")]


@pytest.mark.parametrize("socks", [False, True])
def test_a_proxy_that_wants_a_password(authority: Authority, hub: Server, *, socks: bool) -> None:
    login = "s3cret" if socks else base64.b64encode(b"me:s3cret").decode()
    with Proxy(password=login, socks=socks) as proxy:
        with pytest.raises(Fault) as raised:
            status_through(proxy.address, authority, hub)
        assert raised.value.cause is Cause.PROXY
        named = proxy.address.replace("://", "://me:s3cret@")
        assert status_through(named, authority, hub) == 200


@pytest.mark.parametrize(
    "proxy",
    ["ftp://127.0.0.1:21", "http://127.0.0.1:9", "socks5://127.0.0.1:9", "http://127.0.0.1:x"],
)
def test_a_proxy_that_cannot_be_used_is_named(
    proxy: str, authority: Authority, hub: Server
) -> None:
    with pytest.raises(Fault) as raised:
        status_through(proxy, authority, hub)
    assert raised.value.cause is Cause.PROXY


@pytest.mark.parametrize(
    ("proxy", "no_proxy", "asked"),
    [("", "", 0), ("none", "", 0), ("{proxy}", "localhost, 127.0.0.0/8", 0), ("{proxy}", "", 1)],
)
def test_who_is_reached_without_the_proxy(
    authority: Authority, hub: Server, proxy: str, no_proxy: str, asked: int
) -> None:
    with Proxy(socks=True) as there:
        network = Network(proxy.format(proxy=there.address), no_proxy, str(authority.certificate))
        Door(network, lambda _said: None).get(f"{hub.address}/api/models").close()
        assert len(there.asked) == asked


def test_the_hubs_client_goes_by_the_proxy_too(
    authority: Authority, hub: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SWITCHES.items():  # the client reads them when it is imported
        monkeypatch.setenv(name, value)
    client = importlib.import_module("hanlin_models.fetcher.hub")
    with Proxy(socks=True) as proxy:
        network = Network(proxy.address, authorities=str(authority.certificate))
        source = Source("test", SourceKind.HUB, hub.address)
        client.search(Door(network, lambda _said: None), source, "qwen", "", 5)
        assert proxy.asked == [hub.address.removeprefix("https://")]


def test_a_name_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    released = threading.Event()

    def hang(*_arguments: object, **_options: object) -> list[object]:
        released.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(dialling, "_NAME_SECONDS", 0.1)
    door = Door(Network(authorities=str(authority.certificate)), lambda _said: None)
    try:
        with pytest.raises(Fault) as raised:
            door.get("https://example.invalid/")
        assert raised.value.cause is Cause.NAME_SLOW
    finally:
        released.set()


@pytest.fixture
def no_names(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let the network know no name; return those that were asked for."""
    asked: list[str] = []

    def refuse(host: str, *_arguments: object, **_options: object) -> list[object]:
        asked.append(host)
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    return asked


def test_a_name_nobody_knows_is_named(authority: Authority, no_names: list[str]) -> None:
    door = Door(Network(authorities=str(authority.certificate)), lambda _said: None)
    with pytest.raises(Fault) as raised:
        door.get("https://example.invalid/")
    assert (raised.value.cause, raised.value.detail) == (Cause.NAME_UNKNOWN, "example.invalid")
    assert no_names == ["example.invalid"]


def test_the_hubs_client_asks_for_an_unknown_name_once_and_gives_up(
    authority: Authority, no_names: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in SWITCHES.items():  # the client reads them when it is imported
        monkeypatch.setenv(name, value)
    hub = importlib.import_module("hanlin_models.fetcher.hub")
    door = Door(Network(authorities=str(authority.certificate)), lambda _said: None)
    source = Source("none", SourceKind.HUB, "https://hub.invalid")
    with pytest.raises(Fault) as raised:
        hub.search(door, source, "qwen", "", 5)
    assert (raised.value.cause, raised.value.detail) == (Cause.NAME_UNKNOWN, "hub.invalid")
    assert no_names == ["hub.invalid"]
