"""Reaching a host: names looked up in bounded time, directly or through a proxy.

What is said over the connection, TLS first of all, is the door's business.
"""

import platform
import queue
import socket
import threading
import urllib.parse
import urllib.request
from typing import Final

from python_socks import ProxyConnectionError, ProxyError, ProxyTimeoutError, ProxyType
from python_socks.sync import Proxy

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.faults import Fault
from hanlin_models.orders import Network
from hanlin_models.proxies import NONE, bypasses

_CONNECT_SECONDS: Final = 15.0
_NAME_SECONDS: Final = 8.0
"""Somebody may be waiting for the answer, and then the next source is asked."""
_PROXIES: Final = {
    "http": ProxyType.HTTP,
    "socks": ProxyType.SOCKS5,
    "socks5": ProxyType.SOCKS5,
    "socks5h": ProxyType.SOCKS5,
    "socks4": ProxyType.SOCKS4,
    "socks4a": ProxyType.SOCKS4,
}
_PROXY_PORTS: Final = {ProxyType.HTTP: 8080, ProxyType.SOCKS4: 1080, ProxyType.SOCKS5: 1080}


def reach(network: Network, host: str, port: int) -> socket.socket:
    """Return a connection to ``host``, through the proxy if it goes by one. Raises Fault."""
    proxy = network.proxy or _proxy_of_the_system(host)
    if proxy in ("", NONE) or bypasses(host, network.no_proxy):
        return _connect(host, port)
    return _through(proxy, host, port)


def _connect(host: str, port: int) -> socket.socket:
    """Return a connection to the first address of ``host`` that answers. Raises Fault."""
    last: OSError | None = None
    for family, kind, protocol, address in addresses(host, port, _NAME_SECONDS):
        plain = socket.socket(family, kind, protocol)
        plain.settimeout(_CONNECT_SECONDS)
        try:
            plain.connect(address)
        except OSError as error:
            last = error
            plain.close()
            continue
        return plain
    raise Fault(Cause.UNREACHABLE, f"{host}: {last}") from last


_Address = tuple[socket.AddressFamily, socket.SocketKind, int, tuple[str, int] | tuple[object, ...]]


def addresses(host: str, port: int, patience: float) -> list[_Address]:
    """Look ``host`` up within ``patience`` seconds. Raises Fault."""
    found: queue.SimpleQueue[list[_Address] | OSError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            found.put(error)
        else:
            found.put([(entry[0], entry[1], entry[2], entry[4]) for entry in entries])

    # Looking up a name cannot be interrupted; a thread that hangs in it is left behind.
    threading.Thread(target=look_up, name="dns", daemon=True).start()
    try:
        answer = found.get(timeout=patience)
    except queue.Empty:
        raise Fault(Cause.NAME_SLOW, host) from None
    if isinstance(answer, OSError):
        raise Fault(Cause.NAME_UNKNOWN, host) from answer
    return answer


def _proxy_of_the_system(host: str) -> str:
    """Return what Windows or macOS says is to be used for ``host``, "" for nothing.

    On Linux there is no such place; the program looks at the desktop's settings itself.
    """
    if platform.system() not in ("Windows", "Darwin"):
        return ""
    known = urllib.request.getproxies()
    if urllib.request.proxy_bypass(host):
        return ""
    return known.get("https") or known.get("socks") or known.get("http") or ""


def _through(address: str, host: str, port: int) -> socket.socket:
    """Return a connection to ``host`` that a proxy made. Raises Fault.

    The name is looked up by the proxy: it may be the only one that can.
    """
    proxy = urllib.parse.urlsplit(address)
    kind = _PROXIES.get(proxy.scheme)
    if kind is None or not proxy.hostname:
        raise Fault(Cause.PROXY, f"{proxy.scheme}: only HTTP and SOCKS proxies are supported")
    try:
        asked = proxy.port or _PROXY_PORTS[kind]
    except ValueError as error:
        raise Fault(Cause.PROXY, str(error)) from error
    first = addresses(proxy.hostname, asked, _NAME_SECONDS)[0][3]
    through = Proxy(
        kind,
        str(first[0]),
        asked,
        username=urllib.parse.unquote(proxy.username) if proxy.username else None,
        password=urllib.parse.unquote(proxy.password or "") if proxy.username else None,
        rdns=True,
    )
    try:
        return through.connect(host, port, timeout=_CONNECT_SECONDS)
    except (ProxyError, ProxyConnectionError, ProxyTimeoutError, OSError, ValueError) as error:
        raise Fault(Cause.PROXY, str(error)[:200]) from error
