"""Twelve ways out of the snippet sandbox, and the world outside that they try to reach."""

import ctypes
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

TREASURE: Final = "TOP SECRET"


@contextmanager
def world(root: Path) -> Iterator[dict[str, object]]:
    """Make a secret, a parent, and listeners that would take a connection."""
    folder = root / "world"
    folder.mkdir()
    secret = folder / "secret.txt"
    secret.write_text(TREASURE)
    memory = ctypes.create_string_buffer(TREASURE.encode())
    with (
        socket.create_server(("127.0.0.1", 0)) as tcp,
        socket.socket(socket.AF_UNIX) as unix,
    ):
        name = f"\0hanlin-snippet-{os.getpid()}"
        unix.bind(name)
        unix.listen()
        yield {
            "secret": str(secret),
            "folder": str(folder),
            "pid": os.getpid(),
            "address": ctypes.addressof(memory),
            "port": tcp.getsockname()[1],
            "unix": name,
        }


def untouched(place: dict[str, object]) -> bool:
    """Tell whether the world is as it was made."""
    secret = Path(str(place["secret"]))
    return secret.read_text() == TREASURE and list(secret.parent.iterdir()) == [secret]


ESCAPES: Final = {
    "read a file": "print(open({secret!r}).read())",
    "read through a link": "import os\nos.symlink({secret!r}, 'l')\nprint(open('l').read())",
    "list a folder": "import os\nprint(os.listdir({folder!r}))",
    "read the accounts": "print(open('/etc/passwd').read())",
    "write elsewhere": "open({folder!r} + '/new', 'w').write('x')",
    "delete a file": "import os\nos.remove({secret!r})",
    "connect over TCP": "import socket\nsocket.create_connection(('127.0.0.1', {port}))",
    "connect to a local socket": "import socket\nsocket.socket(socket.AF_UNIX).connect({unix!r})",
    "start a program": "import subprocess\nsubprocess.run(['/bin/sh', '-c', 'true'], check=True)",
    "fork": "import os\nos.fork()",
    "signal the parent": "import os\nos.kill({pid}, 0)",
    "read the parent's memory": (
        "import ctypes, os\n"
        "class V(ctypes.Structure): _fields_ = [('b', ctypes.c_void_p), ('l', ctypes.c_size_t)]\n"
        "b = ctypes.create_string_buffer(10)\n"
        "n = ctypes.CDLL(None, use_errno=True).process_vm_readv({pid},"
        " ctypes.byref(V(ctypes.addressof(b), 10)), 1, ctypes.byref(V({address}, 10)), 1, 0)\n"
        "if n < 0: raise OSError(ctypes.get_errno(), 'refused')\n"
    ),
}
