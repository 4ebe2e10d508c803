"""The door: the one place where the program opens a connection to the outside.

Plain HTTPS over the standard library, so that every rule stands here and is ours: TLS
only, redirects to TLS only, the token to one origin only, every request reported before
it is made, no wait without a deadline. What an answer's bytes mean is not known here.
"""

import contextlib
import email.utils
import http.client
import ipaddress
import itertools
import socket
import ssl
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Mapping
from typing import Final

import certifi

from hanlin.domain.downloads import Cause
from hanlin_models.fetcher.dialling import reach
from hanlin_models.fetcher.faults import Fault, StoppedError
from hanlin_models.orders import Network

_MOST_REDIRECTS: Final = 5
_HTTPS_PORT: Final = 443
_LONGEST_WAIT: Final = 3600.0
_NOT_YET_VALID, _EXPIRED = 9, 10  # X509_V_ERR_CERT_NOT_YET_VALID, X509_V_ERR_CERT_HAS_EXPIRED
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_LINKED: Final = ("x-linked-etag", "x-linked-size", "x-repo-commit")
AGENT: Final = "hanlin"

Report = Callable[[Mapping[str, object]], None]


class Answer:
    """One answer; its body is read in pieces. Must be closed."""

    def __init__(
        self,
        response: http.client.HTTPResponse,
        url: str,
        linked: Mapping[str, str],
        on_close: Callable[[int], None],
    ) -> None:
        self._response = response
        self._on_close = on_close
        self._count = 0
        self.url = url
        self.status = response.status
        self.linked = linked
        """What the Hub said of the file before it sent us on to its store."""

    def header(self, name: str) -> str:
        """Return a header, "" when it is not there."""
        return self._response.getheader(name, "").strip()

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Return all headers."""
        return self._response.getheaders()

    def readinto(self, view: memoryview) -> int:
        """Fill ``view`` as far as the body goes; 0 at its end. Raises Fault."""
        with _naming_faults():
            count = self._response.readinto(view)
        self._count += count
        return count

    def read(self, most: int) -> bytes:
        """Return at most ``most`` bytes of the rest. Raises Fault."""
        with _naming_faults():
            data = self._response.read(most)
        self._count += len(data)
        return data

    def close(self) -> None:
        """Let the connection go and report what came over it."""
        self._response.close()
        self._on_close(self._count)


class Door:
    """Makes requests. ``get`` may be called from several threads, ``abort`` from any."""

    def __init__(self, network: Network, report: Report) -> None:
        self._network = network
        self._report = report
        self._context = tls_context(network.authorities)
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()
        self._sockets: set[socket.socket] = set()
        self._aborted = False

    @property
    def network(self) -> Network:
        """How connections are made."""
        return self._network

    @property
    def context(self) -> ssl.SSLContext:
        """Whom this program trusts."""
        return self._context

    @property
    def report(self) -> Report:
        """Where requests are told."""
        return self._report

    def number(self) -> int:
        """Return the number of the next request."""
        return next(self._numbers)

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> Answer:
        """Ask for ``url`` and follow redirects. Raises Fault, or StoppedError after ``abort``."""
        linked: dict[str, str] = {}
        for _hop in range(_MOST_REDIRECTS + 1):
            answer = self._get_once(url, headers or {}, linked)
            if answer.status not in _REDIRECTS:
                return answer
            for name in _LINKED:
                if (value := answer.header(name)) and name not in linked:
                    linked[name] = value
            target = answer.header("location")
            answer.close()
            if not target:
                raise Fault(Cause.ODD_ANSWER, "a redirect to nowhere")
            url = check_redirect(url, target)
        raise Fault(Cause.ODD_ANSWER, "too many redirects")

    def abort(self) -> None:
        """End every request at once, for good."""
        with self._lock:
            self._aborted = True
            sockets = list(self._sockets)
        for one in sockets:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def headers_for(self, url: str) -> dict[str, str]:
        """Return the headers every request to ``url`` carries; the token for its origin alone."""
        headers = {"User-Agent": AGENT, "Accept-Encoding": "identity"}
        if self._network.token and origin_of(url) == origin_of(self._network.token_origin):
            headers["Authorization"] = f"Bearer {self._network.token}"
        return headers

    def _get_once(self, url: str, headers: Mapping[str, str], linked: Mapping[str, str]) -> Answer:
        parts = _split(url)
        if parts.scheme != "https" or not parts.hostname:
            raise Fault(Cause.NOT_ENCRYPTED, url)
        number = self.number()
        self._report({"event": "request", "number": number, "host": parts.netloc, "what": "GET"})
        connection = _Connection(self, parts.hostname, parts.port or _HTTPS_PORT)
        try:
            with _naming_faults():
                target = urllib.parse.urlunsplit(("", "", parts.path or "/", parts.query, ""))
                connection.request("GET", target, headers={**self.headers_for(url), **headers})
                response = connection.getresponse()
        except (Fault, StoppedError):
            self._finish(connection, number, 0, 0)
            if self._aborted:
                raise StoppedError from None
            raise

        def on_close(count: int) -> None:
            self._finish(connection, number, response.status, count)

        return Answer(response, url, dict(linked), on_close)

    def _finish(self, connection: "_Connection", number: int, status: int, count: int) -> None:
        if connection.sock is not None:
            with self._lock:
                self._sockets.discard(connection.sock)
        connection.close()
        self._report({"event": "response", "number": number, "status": status, "count": count})

    def dial(self, host: str, port: int) -> ssl.SSLSocket:
        """Return an encrypted connection, through the proxy if there is one."""
        plain = reach(self._network, host, port)
        try:
            plain.settimeout(self._network.patience)
            encrypted = self._context.wrap_socket(plain, server_hostname=host)
        except BaseException:
            plain.close()
            raise
        with self._lock:
            self._sockets.add(encrypted)
            aborted = self._aborted
        if aborted:
            encrypted.close()
            raise StoppedError
        return encrypted


class _Connection(http.client.HTTPSConnection):
    """A connection that is dialled by the door."""

    def __init__(self, door: Door, host: str, port: int) -> None:
        super().__init__(host, port)
        self._door = door

    def connect(self) -> None:
        """Open it; called by the first request."""
        self.sock = self._door.dial(self.host, self.port)


def tls_context(authorities: str) -> ssl.SSLContext:
    """Return whom we trust: the system's authorities, certifi's where it has none, ours."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if not context.cert_store_stats()["x509_ca"]:
        context.load_verify_locations(certifi.where())
    if authorities:
        context.load_verify_locations(authorities)
    return context


def origin_of(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what a token belongs to."""
    parts = urllib.parse.urlsplit(url)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or _HTTPS_PORT


def check_redirect(before: str, location: str) -> str:
    """Return the address behind ``location`` if ``before`` may send us there. Raises Fault.

    Only encrypted, and never from the world into this computer or its local network.
    """
    try:
        after = urllib.parse.urljoin(before, location)
    except ValueError as error:
        raise Fault(Cause.ODD_ANSWER, str(error)) from error
    one, other = _split(before), _split(after)
    if other.scheme != "https" or not other.hostname:
        raise Fault(Cause.NOT_ENCRYPTED, f"{one.netloc} redirects to {other.scheme}:")
    if _is_inside(other.hostname) and not _is_inside(one.hostname or ""):
        raise Fault(Cause.ODD_ANSWER, f"{one.netloc} redirects to {other.netloc}")
    return after


def retry_after(value: str, now: float | None = None) -> float:
    """Return the seconds that a Retry-After header asks for, at most an hour, 0 for none."""
    if value.isascii() and value.isdigit():
        return min(float(value), _LONGEST_WAIT)
    parsed = email.utils.parsedate_tz(value) if value else None
    try:
        moment = email.utils.mktime_tz(parsed) if parsed is not None else 0
    except (ValueError, OverflowError):  # a day that no calendar has
        moment = 0
    return min(max(moment - (time.time() if now is None else now), 0.0), _LONGEST_WAIT)


def _split(url: str) -> urllib.parse.SplitResult:
    """Take an address apart. Raises Fault for one that is none."""
    try:
        parts = urllib.parse.urlsplit(url)
        _port = parts.port
    except ValueError as error:
        raise Fault(Cause.ODD_ANSWER, str(error)) from error
    return parts


def _is_inside(host: str) -> bool:
    """Tell whether a host lies on this side, also as only the C library spells it: 127.1."""
    host = host.rstrip(".").lower()
    if host == "localhost" or host.endswith((".localhost", ".local")):
        return True
    with contextlib.suppress(ValueError):
        return not ipaddress.ip_address(host).is_global
    with contextlib.suppress(OSError, ValueError):
        return not ipaddress.ip_address(socket.inet_aton(host)).is_global
    return False


@contextlib.contextmanager
def _naming_faults() -> Iterator[None]:
    """Turn what sockets, TLS and http.client raise into our faults."""
    try:
        yield
    except ssl.SSLCertVerificationError as error:
        wrong_date = error.verify_code in (_NOT_YET_VALID, _EXPIRED)
        cause = Cause.CLOCK if wrong_date else Cause.CERTIFICATE
        raise Fault(cause, error.verify_message) from error
    except TimeoutError as error:
        raise Fault(Cause.STALLED, str(error)) from error
    except http.client.IncompleteRead as error:
        raise Fault(Cause.CUT, str(error)) from error
    except (http.client.RemoteDisconnected, ConnectionError, ssl.SSLEOFError) as error:
        raise Fault(Cause.CUT, str(error)) from error
    except http.client.HTTPException as error:
        raise Fault(Cause.ODD_ANSWER, repr(error)[:200]) from error
    except ssl.SSLError as error:
        raise Fault(Cause.CERTIFICATE, str(error)) from error
    except OSError as error:
        raise Fault(Cause.CUT, str(error)) from error
    except ValueError as error:  # a socket closed by abort, or a number that is none
        raise Fault(Cause.CUT, str(error)) from error
