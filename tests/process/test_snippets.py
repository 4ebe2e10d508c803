"""Snippets in their child: what runs, what ends, and twelve ways out that are closed."""

import ctypes
import os
import socket
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.snippets.client import SHOWN, Ending, run

if sys.platform != "linux":
    pytest.skip("only Linux has a sandbox yet", allow_module_level=True)

from hanlin.processes import landlock

try:
    landlock.abi()
except OSError:
    pytest.skip("this kernel has no Landlock", allow_module_level=True)

pytestmark = [pytest.mark.loopback, pytest.mark.timeout(180)]


def test_a_snippet_prints_calculates_and_uses_the_standard_library() -> None:
    ran = run(
        "import json, math, datetime, re, sqlite3\n"
        "from pathlib import Path\n"
        "Path('数据.txt').write_text('你好')\n"
        "print(json.dumps({'a': math.factorial(5)}), Path('数据.txt').read_text())\n"
        "if __name__ == '__main__':\n    print('main')\n"
    )
    assert (ran.ending, ran.output) == (Ending.DONE, '{"a": 120} 你好\nmain\n')


def test_a_traceback_names_the_snippets_lines_and_nothing_of_ours() -> None:
    ran = run("def f(x):\n    return 1 / x\nprint('before')\nf(0)\n")
    assert ran.ending is Ending.RAISED
    assert ran.output.startswith("before\nTraceback")
    assert 'File "<snippet>", line 2, in f' in ran.output
    assert "return 1 / x" in ran.output
    assert "ZeroDivisionError" in ran.output
    assert "hanlin" not in ran.output


@pytest.mark.parametrize(
    ("code", "ending", "said"),
    [
        ("import sys; print('x'); sys.exit(3)", Ending.RAISED, "x"),
        ("import sys; sys.exit(0)", Ending.DONE, ""),
        ("input('name? ')", Ending.RAISED, "EOFError"),
        ("print(", Ending.RAISED, "SyntaxError"),
        ("import numpy", Ending.RAISED, "only Python's standard library"),
        ("import hanlin", Ending.RAISED, "only Python's standard library"),
        ("x = bytearray(4 << 30)", Ending.RAISED, "MemoryError"),
        ("import os; os._exit(0)", Ending.DIED, ""),
        ("import ctypes; ctypes.string_at(0)", Ending.DIED, ""),
        ("import threading\nthreading.Thread(target=print, args=('t',)).start()", Ending.DONE, "t"),
    ],
)
def test_each_end_is_told(code: str, ending: Ending, said: str) -> None:
    ran = run(code)
    assert ran.ending is ending
    assert said in ran.output


def test_an_endless_snippet_is_ended() -> None:
    assert run("while True: pass", seconds=1.0).ending is Ending.TIME
    assert run("import time; print('a', flush=True); time.sleep(999)", seconds=1.0).output == "a\n"


def test_a_flood_of_output_is_cut() -> None:
    ran = run("while True: print('x' * 10_000)")
    assert ran.ending in (Ending.RAISED, Ending.DIED, Ending.TIME)
    assert SHOWN <= len(ran.output) < SHOWN + 100


def test_the_person_can_stop_it_and_nothing_is_left(tmp_path: Path) -> None:
    stopped = threading.Event()
    threading.Timer(0.5, stopped.set).start()
    assert run("import time; time.sleep(60)", stopped).ending is Ending.STOPPED
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("hanlin-snippet-*"))  # noqa: S108
    run("open('left.txt', 'w').write('x')")
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("hanlin-snippet-*")) <= before  # noqa: S108


@pytest.fixture
def world(tmp_path: Path) -> Iterator[dict[str, object]]:
    """A secret, a parent, and listeners that would take a connection."""
    folder = tmp_path / "world"
    folder.mkdir()
    secret = folder / "secret.txt"
    secret.write_text("TOP SECRET")
    memory = ctypes.create_string_buffer(b"TOP SECRET")
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


ESCAPES = {
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


@pytest.mark.parametrize("escape", ESCAPES)
def test_a_way_out_is_closed(escape: str, world: dict[str, object]) -> None:
    ran = run(ESCAPES[escape].format(**world))
    assert ran.ending is Ending.RAISED, ran.output
    assert "Error" in ran.output
    assert "TOP SECRET" not in ran.output
    assert Path(str(world["secret"])).read_text() == "TOP SECRET"
    assert os.listdir(str(world["folder"])) == ["secret.txt"]  # noqa: PTH208
