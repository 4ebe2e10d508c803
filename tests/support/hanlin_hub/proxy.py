"""A proxy on 127.0.0.1 that passes encrypted connections on, or refuses to: HTTP or SOCKS 5."""

import contextlib
import socket
import threading


class Proxy:
    """Use as a context manager. ``asked`` are the hosts it was to connect to.

    HTTP looks for ``password`` anywhere in what is said, SOCKS wants it after "me".
    """

    def __init__(self, *, password: str = "", socks: bool = False) -> None:
        self._password = password
        self._socks = socks
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        scheme = "socks5" if socks else "http"
        self.address = f"{scheme}://127.0.0.1:{self._listening.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._open: list[socket.socket] = [self._listening]

    def __enter__(self) -> "Proxy":
        self._start(self._accept)
        return self

    def __exit__(self, *_error: object) -> None:
        for one in self._open:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()
        for thread in self._threads:
            thread.join()

    def _start(self, target: object, *arguments: object) -> None:
        thread = threading.Thread(target=target, args=arguments, name="proxy")  # type: ignore[arg-type] # any function
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _address = self._listening.accept()
                self._open.append(client)
                self._start(self._serve, client)

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError):
            host = self._hear_socks(client) if self._socks else self._hear_http(client)
            if not host:
                client.close()
                return
            self.asked.append(host)
            name, port = host.rsplit(":", 1)
            server = socket.create_connection((name, int(port)))
            self._open.append(server)
            granted = b"\x05\0\0\x01\0\0\0\0\0\0" if self._socks else b"HTTP/1.1 200 OK\r\n\r\n"
            client.sendall(granted)
            self._start(_pass_on, client, server)
            _pass_on(server, client)

    def _hear_http(self, client: socket.socket) -> str:
        """Return the host that is asked for, "" after refusing."""
        said = b""
        while b"\r\n\r\n" not in said:
            said += client.recv(4096)
        if self._password and self._password.encode() not in said:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
            return ""
        return said.split(b" ")[1].decode()

    def _hear_socks(self, client: socket.socket) -> str:
        """Return the host that is asked for (RFC 1928, 1929), "" after refusing."""
        methods = client.recv(2)[1]
        offered = client.recv(methods)
        wanted = 2 if self._password else 0
        if wanted not in offered:
            client.sendall(b"\x05\xff")
            return ""
        client.sendall(bytes((5, wanted)))
        if self._password:
            client.recv(1)
            name, word = _counted(client), _counted(client)
            right = (name, word) == (b"me", self._password.encode())
            client.sendall(b"\x01\0" if right else b"\x01\x01")
            if not right:
                return ""
        kind = client.recv(4)[3]
        host = socket.inet_ntoa(client.recv(4)) if kind == 1 else _counted(client).decode()
        return f"{host}:{int.from_bytes(client.recv(2), 'big')}"


def _counted(client: socket.socket) -> bytes:
    return client.recv(client.recv(1)[0])


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
