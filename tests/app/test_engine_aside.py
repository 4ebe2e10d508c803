"""What is done beside the engine's thread ends, whatever it raised and however short memory is."""

import subprocess
import sys

import pytest

from hanlin.engine.worker.aside import Aside, Asides

ASIDE = Aside()
ASIDES = Asides()


def fail() -> None:
    raise MemoryError


def test_what_a_job_raised_is_raised_where_it_is_waited_for_and_the_next_is_done() -> None:
    done: list[int] = []
    ASIDE.begin(fail)
    with pytest.raises(MemoryError):
        ASIDE.wait()
    ASIDE.begin(lambda: done.append(1))
    ASIDE.wait()
    assert done == [1]


def test_two_work_at_once_and_a_third_is_refused_instead_of_waited_for() -> None:
    first = ASIDES.idle()
    first.begin(fail)
    second = ASIDES.idle()
    second.begin(fail)
    assert first is not second
    with pytest.raises(MemoryError):
        ASIDES.idle()
    with pytest.raises(MemoryError):
        first.wait()
    assert ASIDES.idle() is first
    with pytest.raises(MemoryError):
        second.wait()


STARVED = """
import resource
from hanlin.engine.worker.aside import Aside

def fill():
    size = 1 << 20
    while size > 16:
        try:
            while True:
                kept.append(bytearray(size))
        except MemoryError:
            size //= 2

done, kept = [0], []
aside = Aside()
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used, resource.RLIM_INFINITY))
for _ in range(5):
    aside.begin(fill)
    aside.wait()
    done[0] += 1
kept.clear()
print(done[0])
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is limited on Linux")
def test_a_job_begins_and_ends_where_no_memory_is_left() -> None:
    told = subprocess.run(
        [sys.executable, "-c", STARVED], capture_output=True, text=True, timeout=60, check=False
    )
    assert (told.stdout, told.returncode) == ("5\n", 0), told.stderr
