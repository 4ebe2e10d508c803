"""A real child process: how it begins, what it inherits, how it answers and how it ends."""

import functools
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hanlin.kernel.errors import BugError
from hanlin.processes import command
from hanlin.processes.channel import PROTOCOL, Channel, ChannelClosedError, Message, Received
from hanlin.processes.command import ChildCommand
from hanlin.processes.limits import Limits
from hanlin.processes.process import ChildProcess, ExitReport
from hanlin.processes.supervisor import Patience
from hanlin_fakes import scripted_child

SECONDS = 60.0
"""How long anything here may take on a busy machine before the test fails."""


class Parent:
    """Starts one child and remembers what it said."""

    def __init__(self, how: ChildCommand) -> None:
        self.received: list[Received] = []
        self.ends: list[ExitReport] = []
        self.changed = threading.Condition()
        self.child = ChildProcess(how, self._hear, self._end)

    def _hear(self, received: Received) -> None:
        with self.changed:
            self.received.append(received)
            if received.message.get("event") != "number":  # nobody waits for one of a flood
                self.changed.notify_all()

    def _end(self, report: ExitReport) -> None:
        with self.changed:
            self.ends.append(report)
            self.changed.notify_all()

    def wait_for(self, fact: Callable[[], object]) -> None:
        with self.changed:
            assert self.changed.wait_for(fact, SECONDS), "it did not come"

    def events(self, name: str) -> list[Message]:
        return [r.message for r in self.received if r.message.get("event") == name]

    def ask(self, name: str, payload: bytes = b"", **fields: object) -> Received:
        """Return the answer to one command."""
        before = len(self.received)
        self.child.send({"command": name, **fields}, payload)
        self.wait_for(lambda: len(self.received) > before or self.ends)
        assert len(self.received) > before, self.ends
        return self.received[before]

    def tell(self, name: str, **fields: object) -> None:
        """Have the child do something from which no answer comes."""
        self.child.send({"command": name, **fields})

    def end(self) -> ExitReport:
        """Return how the child ended."""
        self.wait_for(lambda: self.ends)
        assert self.child.wait(SECONDS)
        return self.ends[0]


Start = Callable[..., Parent]


@pytest.fixture
def start() -> Iterator[Start]:
    parents: list[Parent] = []

    def begin(how: ChildCommand | None = None) -> Parent:
        parent = Parent(how or scripted_child.command())
        parents.append(parent)
        parent.child.start()
        assert parent.child.wait_hello(SECONDS)
        return parent

    yield begin
    for parent in parents:
        parent.child.kill()
        assert parent.child.wait(SECONDS)


def is_gone(pid: int) -> bool:
    """Whether nothing is left of the process, not even a zombie."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


# beginning


def test_it_says_hello_first(start: Start) -> None:
    parent = start()
    hello = parent.received[0].message
    assert (hello["event"], hello["protocol"], hello["kind"]) == ("hello", PROTOCOL, "scripted")
    assert parent.child.sandbox is not None
    assert parent.child.alive


def python(program: str, kind: str = "scripted") -> ChildCommand:
    return ChildCommand(kind, (sys.executable, "-S", "-c", program), {})


@pytest.mark.parametrize(
    "program",
    [
        "print('hello')",
        'print(\'{"event":"delta"}\')',
        'print(\'{"event":"hello","protocol":999,"kind":"scripted"}\')',
        f'print(\'{{"event":"hello","protocol":{PROTOCOL},"kind":"another"}}\')',
    ],
)
def test_a_wrong_hello_is_the_end(program: str) -> None:
    parent = Parent(python(f"{program}\nimport sys; sys.stdout.flush(); sys.stdin.read()"))
    parent.child.start()
    assert not parent.child.wait_hello(SECONDS)
    report = parent.end()
    assert report.fault
    assert not report.asked
    assert parent.received == []


def test_a_child_that_ends_without_hello_is_told() -> None:
    parent = Parent(python("import sys; sys.exit('nothing to do')"))
    parent.child.start()
    assert not parent.child.wait_hello(SECONDS)
    report = parent.end()
    assert (report.code, report.signal, report.asked, report.fault) == (1, None, False, "")
    assert report.last_lines == ("nothing to do",)


def test_a_program_that_is_not_there_is_our_fault(tmp_path: Path) -> None:
    parent = Parent(ChildCommand("scripted", (str(tmp_path / "none"),), {}))
    with pytest.raises(BugError):
        parent.child.start()
    assert not parent.child.alive
    parent.child.stop()
    parent.child.kill()
    assert parent.ends == []


# what it inherits


def test_nothing_of_our_environment_is_inherited(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("https_proxy", "HF_TOKEN", "PATH", "HOME", "LD_PRELOAD_TEST", "PYTHONSTARTUP"):
        monkeypatch.setenv(name, "secret")
    monkeypatch.setenv("LC_TIME", "C")
    answer = start().ask("environment").message
    environment = answer["environment"]
    assert isinstance(environment, dict)
    assert "secret" not in environment.values()
    assert environment["LC_TIME"] == "C"
    assert set(environment) <= {"LANG", "LANGUAGE", "LC_TIME", "LC_CTYPE", "LC_ALL", "TZ",
                                "PYTHONPATH", "LD_LIBRARY_PATH", "GGML_NO_BACKTRACE"}  # fmt: skip
    assert answer["folder"] == "/"


def test_it_closes_what_it_inherits_all_the_same() -> None:
    """Our own start hands nothing down; a child must not rely on it."""
    how = scripted_child.command()
    secret = os.dup2(0, 200)  # dup2 makes it inheritable
    popen = subprocess.Popen(
        how.argv,
        env=dict(how.environment),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        close_fds=False,
    )
    os.close(secret)
    assert popen.stdin is not None
    assert popen.stdout is not None
    with popen:
        channel = Channel(os.dup(popen.stdout.fileno()), os.dup(popen.stdin.fileno()))
        assert channel.receive()
        channel.send({"command": "descriptors"})
        received = channel.receive()
        channel.close()
    assert received is not None
    assert received.message == {
        "event": "answer",
        "id": None,
        "open": [0, 1, 2, 3, 4],  # 3 and 4 carry the protocol
        "same_output": True,
        "input": "",
    }


@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's own")
def test_it_leaves_no_core_and_goes_first_when_memory_ends(start: Start) -> None:
    answer = start().ask("environment").message
    assert answer["oom"] == "1000"
    assert answer["dumpable"] == 0
    assert "NoNewPrivs:\t1" in str(answer["status"])


@pytest.mark.skipif(sys.platform != "linux", reason="these are Linux's own")
def test_the_engine_sees_which_of_its_pages_are_in_memory(tmp_path: Path) -> None:
    """Nobody but root may open that table once a debugger may not look into the process."""
    said = """
import ctypes, mmap, os
from hanlin.processes import child
child._open_page_table()
child._leave_nothing_behind()
memory = mmap.mmap(-1, 2 * mmap.PAGESIZE)
memory[:1] = b"x"
first = ctypes.addressof(ctypes.c_char.from_buffer(memory)) // mmap.PAGESIZE
entries = os.pread(child.page_table(), 16, 8 * first)
print(entries[7] >> 7, entries[15] >> 7)
"""
    words = [sys.executable, "-c", said]
    ended = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True, cwd=tmp_path)
    assert ended.stdout.split() == ["1", "0"]


def test_the_frozen_program_starts_the_executable_beside_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(sys, "frozen", True, raising=False)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "hanlin"))
    how = command.build("engine", limits=Limits(memory=5))
    assert how.argv == (str(tmp_path / "hanlin-child"), "engine", "--memory", "5")
    monkeypatch.setattr(sys, "executable", str(tmp_path / "hanlin.exe"))
    assert command.build("engine").argv == (str(tmp_path / "hanlin-child.exe"), "engine")
    assert "PYTHONPATH" not in how.environment


def test_an_unknown_kind_is_refused() -> None:
    parent = Parent(command.build("no-such-kind"))
    parent.child.start()
    assert parent.end().code == 1
    assert "no-such-kind" in parent.ends[0].last_lines[-1]


# answering


def test_it_answers_with_text_and_bytes(start: Start) -> None:
    received = start().ask("echo", b"\x00\n" * 500_000, text="你好 \ud83d", id="a")
    assert received.message == {"event": "answer", "id": "a", "text": "你好 \ud83d"}
    assert received.payload == b"\x00\n" * 500_000


def test_a_handler_that_raises_ends_only_its_command(start: Start) -> None:
    parent = start()
    assert parent.ask("fail", id=1).message == {
        "event": "error", "id": 1, "error": "ValueError", "detail": "as told",
    }  # fmt: skip
    assert parent.ask("no-such-command").message["error"] == "LookupError"
    assert parent.ask("echo", text="alive").message["text"] == "alive"


def test_what_libraries_print_never_reaches_the_protocol(start: Start) -> None:
    parent = start()
    assert parent.ask("print_everywhere").message["event"] == "answer"
    parent.child.stop()
    assert parent.end().fault == ""
    assert parent.ends[0].last_lines == (
        "printed by python",
        "printed by C",
        "written on descriptor 1",
    )


def test_a_flood_of_100_000_messages_arrives_in_order(start: Start) -> None:
    parent = start()
    parent.child.send({"command": "flood", "count": 100_000})
    parent.wait_for(lambda: parent.events("answer"))
    numbers = [message["number"] for message in parent.events("number")]
    assert numbers == list(range(100_000))


def test_garbage_on_the_pipe_is_the_end_and_named(start: Start) -> None:
    parent = start()
    parent.tell("garbage")
    report = parent.end()
    assert "this is no JSON" in report.fault
    assert not report.asked


def test_a_listener_that_raises_stops_nothing(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[object] = []

    def hear(received: Received) -> None:
        heard.append(received.message["event"])
        raise RuntimeError("a bug in a listener")

    def end(report: ExitReport) -> None:
        heard.append(report.code)
        raise RuntimeError("another")

    child = ChildProcess(scripted_child.command(), hear, end)
    child.start()
    child.send({"command": "echo"})
    child.stop()
    assert heard == ["hello", "answer", 0]
    assert [record.levelname for record in caplog.records] == ["ERROR"] * 3


def test_the_end_is_told_last_however_slow_the_listener(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hanlin.processes.process._DRAIN_SECONDS", 0.02)
    heard: list[object] = []
    go_on, ended = threading.Event(), threading.Event()

    def hear(received: Received) -> None:
        assert go_on.wait(SECONDS)
        heard.append(received.message["event"])

    def end(report: ExitReport) -> None:
        heard.append(report.code)
        ended.set()

    child = ChildProcess(scripted_child.command(), hear, end)
    child.start()
    child.send({"command": "flood", "count": 3})
    child.send({"command": "leave", "status": 5})
    until = time.monotonic() + SECONDS
    while not is_gone(child.pid) and time.monotonic() < until:
        time.sleep(0.01)
    assert not ended.wait(0.3)
    go_on.set()
    assert child.wait(SECONDS)
    assert heard == ["hello", "number", "number", "number", "answer", 5]


def test_a_child_that_reads_nothing_does_not_block_us(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("hanlin.processes.process._MAX_PENDING", 2**20)
    parent = start()
    os.kill(parent.child.pid, signal.SIGSTOP)
    parent.child.send({"command": "echo"}, bytes(2**19))
    with pytest.raises(ChannelClosedError):
        parent.child.send({"command": "echo"}, bytes(2**19))
    parent.child.kill()
    assert parent.end().asked


# limits


def test_memory_beyond_the_limit_is_an_error_and_no_more(start: Start) -> None:
    parent = start(scripted_child.command(limits=Limits(memory=256 * 2**20)))
    assert parent.ask("allocate", count=50 * 2**20).message["event"] == "answer"
    assert parent.ask("allocate", count=300 * 2**20).message["error"] == "MemoryError"
    assert parent.ask("echo").message["event"] == "answer"


def test_processor_time_beyond_the_limit_is_the_end(start: Start) -> None:
    parent = start(scripted_child.command(limits=Limits(cpu_seconds=1)))
    parent.tell("burn")
    report = parent.end()
    assert report.signal == signal.SIGXCPU  # and not one that might be anybody's
    assert not report.asked


def test_open_files_beyond_the_limit_are_refused(start: Start) -> None:
    parent = start(scripted_child.command(limits=Limits(open_files=10)))
    assert parent.ask("open_many", count=5).message["event"] == "answer"
    assert parent.ask("open_many", count=10).message["error"] == "OSError"


# ending


@pytest.mark.parametrize("number", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
def test_a_crash_is_told_with_its_last_words(start: Start, number: int) -> None:
    parent = start()
    parent.tell("crash", signal=int(number))
    report = parent.end()
    assert (report.code, report.signal, report.asked, report.fault) == (None, number, False, "")
    assert report.last_lines[0] == "last words"
    if number != signal.SIGKILL:
        assert any("in crash" in line for line in report.last_lines), "no Python line"
    assert is_gone(parent.child.pid)


def test_a_status_is_told(start: Start) -> None:
    parent = start()
    parent.tell("leave", status=7)
    assert (parent.end().code, parent.ends[0].asked) == (7, False)


def test_only_the_last_200_lines_are_kept(start: Start) -> None:
    parent = start()
    parent.ask("complain", count=1000)
    parent.child.stop()
    assert parent.end().last_lines == tuple(f"line {number}" for number in range(800, 1000))


def test_messages_after_the_end_are_lost_without_a_word(start: Start) -> None:
    parent = start()
    parent.tell("leave", status=0)
    parent.end()
    parent.child.send({"command": "echo"})
    parent.child.stop()
    assert len(parent.ends) == 1


def test_asked_politely_it_ends_with_status_0(start: Start) -> None:
    parent = start()
    parent.child.stop()
    assert parent.end() == ExitReport(0, None, asked=True, fault="", last_lines=())
    assert not parent.child.alive
    assert is_gone(parent.child.pid)


def test_one_that_was_stopped_is_woken_and_ends_as_asked(start: Start) -> None:
    parent = start()
    os.kill(parent.child.pid, signal.SIGSTOP)
    parent.child.stop()
    assert parent.end() == ExitReport(0, None, asked=True, fault="", last_lines=())


QUICK = Patience(shutdown=0.2, terminate=0.2)


@pytest.mark.parametrize(
    ("misbehaviour", "number"),
    [("hang", signal.SIGTERM), ("hang_hard", signal.SIGKILL), ("hold_interpreter", signal.SIGTERM)],
)
def test_the_ladder_ends_whatever_hangs(start: Start, misbehaviour: str, number: int) -> None:
    parent = start()
    parent.tell(misbehaviour)
    parent.wait_for(lambda: parent.events("hanging"))
    parent.child.stop(QUICK)
    assert (parent.end().signal, parent.ends[0].asked) == (number, True)
    assert is_gone(parent.child.pid)


def test_the_promised_ladder_takes_three_seconds_at_most() -> None:
    patience = Patience()
    assert patience.shutdown + patience.terminate == pytest.approx(3.0)


def test_a_child_outlives_the_thread_that_started_it(start: Start) -> None:
    """Linux kills for PR_SET_PDEATHSIG when the starting thread ends: ours must not."""
    parents: list[Parent] = []
    thread = threading.Thread(target=lambda: parents.append(start()))
    thread.start()
    thread.join()
    assert parents[0].ask("echo", text="alive").message["text"] == "alive"
    # The signal would come a moment after the thread's end: ask again until it must have.
    until = time.monotonic() + 0.3
    while time.monotonic() < until:
        assert parents[0].ask("echo").message["event"] == "answer"


def test_a_kill_while_everybody_stops_and_sends(start: Start) -> None:
    """Whatever comes together, it ends once and nobody is left waiting."""
    for _ in range(10):
        parent = start()
        acts: list[Callable[[], object]] = [
            parent.child.kill,
            parent.child.stop,
            parent.child.stop,
            functools.partial(parent.tell, "echo"),
            functools.partial(parent.tell, "crash", signal=11),
        ]
        threads = [threading.Thread(target=act) for act in acts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
            assert not thread.is_alive()
        parent.end()
        assert len(parent.ends) == 1
        assert is_gone(parent.child.pid)
