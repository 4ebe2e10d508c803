"""One window for each data folder: a second start brings the first window forward.

Who is first is decided by the lock of ``hanlin.kernel.instance``; here the second
only tells the first, over a local socket that no other account can open.
QtNetwork is imported late and for these two classes alone.
"""

import getpass
import hashlib
import json
import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QThread, Signal

from hanlin.domain.start import StartRequest
from hanlin.kernel import jsonfile
from hanlin.kernel.paths import Paths

if TYPE_CHECKING:
    from PySide6.QtNetwork import QLocalSocket

_CONNECT_MS: Final = 2_000
_TRIES: Final = 60
_PAUSE_MS: Final = 200
_ANSWER_MS: Final = 10_000
"""A window that is busy with something may take a while."""
_LONGEST_MESSAGE: Final = 4_000_000
_log = logging.getLogger(__name__)


def name_of(paths: Paths) -> str:
    """Return the socket's name for this person and this data folder."""
    key = f"{getpass.getuser()}\n{paths.data.resolve()}"
    return "hanlin-" + hashlib.sha256(key.encode()).hexdigest()[:24]


def tell_first(paths: Paths, request: StartRequest, gone: Callable[[], bool]) -> bool:
    """Have the first window do what ``request`` asks; return whether it heard.

    Waits some seconds for a first window that is itself only starting, or on its way out:
    until ``gone``, which is asked again and again, says that it has ended.
    """
    files = [str(path.absolute()) for path in request.files]
    message = json.dumps({"verb": request.verb, "text": request.text, "files": files})
    for _attempt in range(_TRIES):
        if (heard := _hears(name_of(paths), message.encode() + b"\n")) is not None:
            return heard
        if gone():
            return False
        QThread.msleep(_PAUSE_MS)
    return False


def _hears(name: str, message: bytes) -> bool | None:
    """Return whether a window that listens answers; None when there is none, or not any more."""
    from PySide6.QtNetwork import QLocalSocket  # noqa: PLC0415 - only a second start needs it

    socket = QLocalSocket()
    socket.connectToServer(name)
    if not socket.waitForConnected(_CONNECT_MS):
        return None
    socket.write(message)
    # An answer, because the system takes connections and bytes even for a window that hangs.
    if socket.waitForBytesWritten(_CONNECT_MS) and socket.waitForReadyRead(_ANSWER_MS):
        return True
    return False if socket.state() is QLocalSocket.LocalSocketState.ConnectedState else None


class FirstInstance(QObject):
    """Listens for later starts."""

    asked = Signal(object)
    """A later start wants something: a StartRequest."""

    def __init__(self, paths: Paths, parent: QObject) -> None:
        super().__init__(parent)
        from PySide6.QtNetwork import QLocalServer  # noqa: PLC0415 - after the first paint

        self._server: QLocalServer = QLocalServer(self)
        self._server.setSocketOptions(QLocalServer.SocketOption.UserAccessOption)
        name = name_of(paths)
        QLocalServer.removeServer(name)  # we hold the lock, so whoever left it is dead
        if not self._server.listen(name):
            _log.warning("later starts cannot be heard: %s", self._server.errorString())
        self._server.newConnection.connect(self._on_connected)

    def close(self) -> None:
        """Listen no more."""
        self._server.close()

    def _on_connected(self) -> None:
        socket: QLocalSocket = self._server.nextPendingConnection()
        socket.readyRead.connect(lambda: self._on_readable(socket))
        socket.disconnected.connect(socket.deleteLater)

    def _on_readable(self, socket: "QLocalSocket") -> None:
        if not socket.canReadLine():
            if socket.bytesAvailable() > _LONGEST_MESSAGE:
                socket.abort()
            return
        request = _read(bytes(socket.readLine().data()))
        socket.write(b"heard\n")
        self.asked.emit(request)


def _read(line: bytes) -> StartRequest:
    """Return what a later start says; nonsense asks for the window alone."""
    try:
        said = jsonfile.parse(line)
    except ValueError:
        return StartRequest()
    verb, text, names = (said.get(key) for key in ("verb", "text", "files"))
    files = names if isinstance(names, list) else []
    return StartRequest(
        verb if isinstance(verb, str) else "",
        text if isinstance(text, str) else "",
        tuple(Path(name) for name in files if isinstance(name, str)),
    )
