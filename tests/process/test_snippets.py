"""Snippets in their child: what runs, what ends, and twelve ways out that are closed."""

import os
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.snippets.client import SHOWN, Ending, run
from hanlin_fakes import escapes

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
    assert run("import time; print('a', flush=True); time.sleep(999)", seconds=5.0).output == "a\n"


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


def test_folders_in_folders_end_it_and_nothing_is_left() -> None:
    code = "import os, time\nfor _ in range(3000): os.mkdir('d'); os.chdir('d')\ntime.sleep(60)"
    before = set(Path(os.environ.get("TMPDIR", "/tmp")).glob("hanlin-snippet-*"))  # noqa: S108
    assert run(code).ending is Ending.SPACE
    assert set(Path(os.environ.get("TMPDIR", "/tmp")).glob("hanlin-snippet-*")) <= before  # noqa: S108


@pytest.fixture
def outside(tmp_path: Path) -> Iterator[dict[str, object]]:
    with escapes.world(tmp_path) as place:
        yield place


@pytest.mark.parametrize("escape", escapes.ESCAPES)
def test_a_way_out_is_closed(escape: str, outside: dict[str, object]) -> None:
    ran = run(escapes.ESCAPES[escape].format(**outside))
    assert ran.ending is Ending.RAISED, ran.output
    assert "Error" in ran.output
    assert escapes.TREASURE not in ran.output
    assert escapes.untouched(outside)
