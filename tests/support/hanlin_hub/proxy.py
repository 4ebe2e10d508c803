"""An HTTP proxy on 127.0.0.1 that passes encrypted connections on, or refuses to."""

import contextlib
import socket
import threading


class Proxy:
    """Use as a context manager. ``asked`` are the hosts it was to connect to."""

    def __init__(self, *, password: str = "") -> None:
        self._password = password
        self.asked: list[str] = []
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
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
            said = b""
            while b"\r\n\r\n" not in said:
                said += client.recv(4096)
            host = said.split(b" ")[1].decode()
            self.asked.append(host)
            if self._password and self._password.encode() not in said:
                client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
                client.close()
                return
            name, port = host.rsplit(":", 1)
            server = socket.create_connection((name, int(port)))
            self._open.append(server)
            client.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
            self._start(_pass_on, client, server)
            _pass_on(server, client)


def _pass_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(1 << 16):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)
