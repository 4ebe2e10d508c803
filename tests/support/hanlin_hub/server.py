"""The test Hub's servers: TLS on 127.0.0.1, the Hub's and ModelScope's interface, and lies.

A server sends people on to a ``store`` as the Hub does, if it has one. ``lie`` is told
with every file, ``faults`` once each, in order, before anything else is answered.
"""

import contextlib
import json
import re
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from hanlin_hub.authority import Authority
from hanlin_hub.shelf import Repository, Shelf, sha256

_CHUNK = 1 << 16
_RANGE = re.compile(r"bytes=(\d+)-(\d*)")
_PAGE = b"<html><body>Welcome to the hotel. Please sign in.</body></html>"


class Lie(StrEnum):
    """How a server deceives. The bytes of most lies begin like a model's."""

    NONE = ""
    WEB_PAGE = "web-page"
    PAGE_AS_FILE = "page-as-file"
    WRONG_BYTES = "wrong-bytes"
    SHORTER = "shorter"
    LONGER = "longer"
    SHIFTED_RANGE = "shifted-range"
    RANGE_FROM_START = "range-from-start"
    OTHER_VERSION = "other-version"
    PACKED = "packed"
    PLAIN_HTTP = "plain-http"


@dataclass
class Fault:
    """Something that goes wrong once: a status, or a body that ends or stops in the middle."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    cut_after: int | None = None
    stall_after: int | None = None
    only_files: bool = True


@dataclass(frozen=True)
class Seen:
    """A request that was made."""

    path: str
    authorization: str
    range: str


class Server:
    """One host. Use as a context manager; ``address`` is known at once."""

    def __init__(
        self,
        authority: Authority,
        shelf: Shelf,
        *,
        store: "Server | None" = None,
        valid_days: tuple[int, int] = (-1, 30),
    ) -> None:
        self.shelf = shelf
        self.store = store
        self.lie = Lie.NONE
        self.faults: list[Fault] = []
        self.token = ""
        """The only token it accepts."""
        self.bytes_per_second = 0
        self.ignores_range = False
        self.seen: list[Seen] = []
        self.lock = threading.Lock()
        self.closing = threading.Event()
        first, last = valid_days
        context = authority.context(valid_from_days=first, valid_to_days=last)
        self._server = _Listener(self)
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self.address = f"https://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Server":
        self._thread = threading.Thread(target=self._serve, name="test-hub", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.end_connections()
        self._server.server_close()
        self._thread.join()

    def next_fault(self, *, file: bool) -> Fault | None:
        """Take the fault that is due."""
        with self.lock:
            if self.faults and (file or not self.faults[0].only_files):
                return self.faults.pop(0)
        return None

    def file_requests(self) -> list[Seen]:
        """Return the requests for bytes of files."""
        return [one for one in self.seen if "/resolve/" in one.path or "/store/" in one.path]

    def _serve(self) -> None:
        self._server.serve_forever(poll_interval=0.02)


_Request = socket.socket | tuple[bytes, socket.socket]
_Address = tuple[str, int] | str


def _socket(request: _Request) -> socket.socket:
    return request[1] if isinstance(request, tuple) else request


class _Listener(ThreadingHTTPServer):
    daemon_threads = False
    block_on_close = True

    def __init__(self, hub: Server) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.hub = hub
        self._open: set[socket.socket] = set()

    def process_request(self, request: _Request, client_address: _Address) -> None:
        self._open.add(_socket(request))
        super().process_request(request, client_address)

    def shutdown_request(self, request: _Request) -> None:
        self._open.discard(_socket(request))
        super().shutdown_request(request)

    def end_connections(self) -> None:
        """Cut whoever is still connected."""
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def handle_error(self, request: _Request, client_address: _Address) -> None:
        """Clients that go away are what these tests are about."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Listener

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""

    @property
    def hub(self) -> Server:
        return self.server.hub

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def do_CONNECT(self) -> None:
        self.send_error(405)

    def _answer(self) -> None:
        hub = self.hub
        self.close_connection = True
        parts = urllib.parse.urlsplit(self.path)
        path = urllib.parse.unquote(parts.path)
        query = dict(urllib.parse.parse_qsl(parts.query))
        with hub.lock:
            hub.seen.append(
                Seen(path, self.headers.get("Authorization", ""), self.headers.get("Range", ""))
            )
        said = self.headers.get("Authorization", "")
        if hub.token and said and said != f"Bearer {hub.token}":
            self._refuse(401, "", "Invalid credentials in Authorization header")
            return
        is_file = "/resolve/" in path or path.startswith("/store/")
        fault = hub.next_fault(file=is_file)
        if fault is not None and fault.status:
            self._send(fault.status, b"{}", {"Content-Type": "application/json", **fault.headers})
            return
        if path == "/api/models":
            self._json(self._search(query))
        elif matched := re.fullmatch(
            r"/api/models/([^/]+/[^/]+)(/tree/[^/]+|/revision/[^/]+)?", path
        ):
            if (repository := self._repository(matched[1])) is not None:
                tree = (matched[2] or "").startswith("/tree/")
                self._json(repository.tree() if tree else repository.info())
        elif matched := re.fullmatch(r"/api/v1/models/([^/]+/[^/]+)/repo/files", path):
            if (repository := self._repository(matched[1])) is not None:
                self._json(repository.modelscope())
        elif matched := re.fullmatch(r"(?:/models)?/([^/]+/[^/]+)/resolve/[^/]+/(.+)", path):
            self._resolve(matched[1], matched[2], fault)
        elif path.startswith("/store/") and (data := hub.shelf.stored(path[7:])) is not None:
            self._file(data, fault)
        else:
            self._refuse(404, "EntryNotFound", "not found")

    def _search(self, query: dict[str, str]) -> list[dict[str, object]]:
        words = query.get("search", "").lower()
        author = query.get("author", "")
        found = [
            repository.info()
            for repository in self.hub.shelf.repositories.values()
            if words in repository.name.lower()
            and (not author or repository.name.startswith(author + "/"))
            and not repository.private
        ]
        found.sort(key=lambda info: -int(str(info["downloads"])))
        if "modified" in query.get("sort", "").lower():
            found.sort(key=lambda info: str(info["lastModified"]), reverse=True)
        return found[: int(query.get("limit", "100"))]

    def _repository(self, name: str) -> Repository | None:
        repository = self.hub.shelf.repositories.get(name)
        # The Hub does not tell a repository that does not exist from a private one.
        if repository is None or (repository.private and not self._has_token()):
            self._refuse(401, "RepoNotFound", "Invalid username or password.")
            return None
        return repository

    def _has_token(self) -> bool:
        return bool(self.hub.token) and self.headers.get("Authorization", "").endswith(
            self.hub.token
        )

    def _resolve(self, name: str, file: str, fault: Fault | None) -> None:
        repository = self._repository(name)
        if repository is None:
            return
        if repository.gated and not self._has_token():
            self._refuse(401, "GatedRepo", "Access to this model is restricted.")
            return
        data = repository.files.get(file)
        if data is None:
            self._refuse(404, "EntryNotFound", "Entry not found")
            return
        if self.hub.lie is Lie.PLAIN_HTTP:
            self._send(302, b"", {"Location": f"http://127.0.0.1:1/store/{sha256(data)}"})
        elif self.hub.store is not None:
            self._send(
                302,
                b"",
                {
                    "Location": f"{self.hub.store.address}/store/{sha256(data)}",
                    "X-Repo-Commit": repository.commit,
                    "X-Linked-Etag": f'"{sha256(data)}"',
                    "X-Linked-Size": str(len(data)),
                    "ETag": f'"{sha256(data)}"',
                },
            )
        else:
            self._file(data, fault)

    def _file(self, data: bytes, fault: Fault | None) -> None:
        """Send a file, or what the lie makes of it."""
        lie = self.hub.lie
        etag = f'"{sha256(data)}"'
        matched = _RANGE.fullmatch(self.headers.get("Range", ""))
        if lie is Lie.WEB_PAGE:
            self._send(200, _PAGE, {"Content-Type": "text/html; charset=utf-8"})
            return
        if lie is Lie.OTHER_VERSION and matched:
            data, etag = altered(data), '"another"'
        elif lie in _ALTERATIONS:
            data = _ALTERATIONS[lie](data)
        headers = {
            "ETag": etag,
            "Content-Type": "application/octet-stream",
            "Accept-Ranges": "bytes",
        }
        if lie is Lie.PACKED:
            headers["Content-Encoding"] = "gzip"
        condition = self.headers.get("If-Range", "")
        if matched is None or self.hub.ignores_range or (condition and condition != etag):
            self._stream(200, memoryview(data), headers, fault)
            return
        start, end = int(matched[1]), int(matched[2] or len(data) - 1) + 1
        if start >= len(data):
            self._send(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            return
        piece = memoryview(data)[start:end]
        if lie is Lie.RANGE_FROM_START:
            piece = memoryview(data)[: end - start]
        said = start - 1 if lie is Lie.SHIFTED_RANGE else start
        headers["Content-Range"] = f"bytes {said}-{said + len(piece) - 1}/{len(data)}"
        self._stream(206, piece, headers, fault)

    def _stream(
        self, status: int, data: memoryview, headers: dict[str, str], fault: Fault | None
    ) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        cut = fault.cut_after if fault is not None else None
        stall = fault.stall_after if fault is not None else None
        rate = self.hub.bytes_per_second
        piece = min(_CHUNK, max(rate // 50, 1)) if rate else (1 << 20)
        most = min(one for one in (cut, stall, len(data)) if one is not None)
        for at in range(0, most, piece):
            self.wfile.write(data[at : min(at + piece, most)])
            if rate:
                time.sleep(piece / rate)
        if stall is not None:
            self.hub.closing.wait(60)

    def _json(self, value: object) -> None:
        self._send(200, json.dumps(value).encode(), {"Content-Type": "application/json"})

    def _refuse(self, status: int, code: str, message: str) -> None:
        headers = {"X-Error-Message": message, "Content-Type": "application/json"}
        if code:
            headers["X-Error-Code"] = code
        self._send(status, json.dumps({"error": message}).encode(), headers)

    def _send(self, status: int, data: bytes, headers: dict[str, str]) -> None:
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)


def altered(data: bytes) -> bytes:
    """Return other bytes of the same length that still begin like the file."""
    middle = len(data) // 2
    return (
        data[:middle]
        + bytes(byte ^ 0x55 for byte in data[middle : middle + 64])
        + data[middle + 64 :]
    )


_ALTERATIONS: dict[Lie, Callable[[bytes], bytes]] = {
    Lie.PAGE_AS_FILE: lambda data: (_PAGE + data)[: len(data)],
    Lie.WRONG_BYTES: altered,
    Lie.SHORTER: lambda data: data[:-100],
    Lie.LONGER: lambda data: data + bytes(100),
}


@contextlib.contextmanager
def servers(*some: Server) -> Iterator[None]:
    """Run several servers."""
    with contextlib.ExitStack() as stack:
        for one in some:
            stack.enter_context(one)
        yield
