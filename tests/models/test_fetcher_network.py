"""The way out: proxies, and names that nobody answers for."""

import base64
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
from hanlin_models.fetcher import https
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Door
from hanlin_models.online import proxy_of
from hanlin_models.orders import Network

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


def test_a_proxy_passes_the_encrypted_connection_on(authority: Authority, hub: Server) -> None:
    with Proxy() as proxy:
        assert status_through(proxy.address, authority, hub) == 200
        assert proxy.asked == [hub.address.removeprefix("https://")]


def test_a_proxy_that_wants_a_password(authority: Authority, hub: Server) -> None:
    login = base64.b64encode(b"me:s3cret").decode()
    with Proxy(password=login) as proxy:
        with pytest.raises(Fault) as raised:
            status_through(proxy.address, authority, hub)
        assert raised.value.cause is Cause.PROXY
        named = proxy.address.replace("http://", "http://me:s3cret@")
        assert status_through(named, authority, hub) == 200


@pytest.mark.parametrize("proxy", ["socks5://127.0.0.1:1080", "http://127.0.0.1:9"])
def test_a_proxy_that_cannot_be_used_is_named(
    proxy: str, authority: Authority, hub: Server
) -> None:
    with pytest.raises(Fault) as raised:
        status_through(proxy, authority, hub)
    assert raised.value.cause in (Cause.PROXY, Cause.UNREACHABLE)


def test_the_proxy_is_the_chosen_one_or_the_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    assert proxy_of("") == ""
    monkeypatch.setenv("https_proxy", "http://there:1")
    assert [proxy_of(one) for one in ("", "none", "http://mine:2")] == [
        "http://there:1",
        "",
        "http://mine:2",
    ]


def test_a_name_that_takes_for_ever_is_given_up(
    monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    released = threading.Event()

    def hang(*_arguments: object, **_options: object) -> list[object]:
        released.wait(60)
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", hang)
    monkeypatch.setattr(https, "_CONNECT_SECONDS", 0.1)
    door = Door(Network(authorities=str(authority.certificate)), lambda _said: None)
    try:
        with pytest.raises(Fault) as raised:
            door.get("https://example.invalid/")
        assert raised.value.cause is Cause.NAME_SLOW
    finally:
        released.set()


def test_a_name_nobody_knows_is_named(
    monkeypatch: pytest.MonkeyPatch, authority: Authority
) -> None:
    def refuse(*_arguments: object, **_options: object) -> list[object]:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    door = Door(Network(authorities=str(authority.certificate)), lambda _said: None)
    with pytest.raises(Fault) as raised:
        door.get("https://example.invalid/")
    assert raised.value.cause is Cause.NAME_UNKNOWN
