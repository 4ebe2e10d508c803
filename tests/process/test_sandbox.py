"""The sandbox from inside: what is forbidden fails, what is needed works.

Every forbidden act is also tried outside of a sandbox, where it must go
through: an attempt that cannot succeed proves nothing.
"""

import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import hanlin
from hanlin.processes.caller import Caller, CallFailedError
from hanlin.processes.channel import Message
from hanlin.processes.policy import Gap, Policy, SandboxReport

if sys.platform != "linux":
    pytest.skip("only Linux has a sandbox yet", allow_module_level=True)

from hanlin.processes import landlock
from hanlin_fakes import forbidden_acts, sandboxed_child
from hanlin_fakes.forbidden_acts import ACTS, Targets

SECONDS = 60.0


def landlock_version() -> int:
    try:
        return landlock.abi()
    except OSError:
        return 0


needs_landlock = pytest.mark.skipif(
    landlock_version() == 0, reason="this kernel has no Landlock, or it is switched off"
)
pytestmark = [pytest.mark.loopback, needs_landlock]


@pytest.fixture
def targets(tmp_path: Path, sandboxed_home: Path) -> Iterator[Targets]:
    """Things worth harming, and listeners worth connecting to."""
    data, models = tmp_path / "data", tmp_path / "models"
    data.mkdir()
    models.mkdir()
    (data / "hanlin.db").write_bytes(b"secret")
    (models / "model.gguf").write_bytes(b"GGUF" * 5000)
    (models / "beside.txt").write_bytes(b"secret")
    (sandboxed_home / "diary.txt").write_bytes(b"secret")
    (sandboxed_home / "link-to-chats").symlink_to(data / "hanlin.db")
    memory = ctypes.create_string_buffer(b"secret!", 8)
    with (
        # Of its own: socket paths must be short, and pytest's folders are long.
        tempfile.TemporaryDirectory(prefix="hanlin-") as short,
        (data / "hanlin.db").open("rb") as held,
        socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp,
        socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as unix,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as abstract,
    ):
        tcp.bind(("127.0.0.1", 0))
        udp.bind(("127.0.0.1", 0))
        unix.bind(f"{short}/socket")
        abstract.bind(f"\0hanlin-test-{os.getpid()}")
        for server in (tcp, unix, abstract):
            server.listen()
        yield Targets(
            parent=os.getpid(),
            parent_descriptor=held.fileno(),
            parent_address=ctypes.addressof(memory),
            chats=str(data / "hanlin.db"),
            home=str(sandboxed_home),
            model=str(models / "model.gguf"),
            tcp_port=tcp.getsockname()[1],
            udp_port=udp.getsockname()[1],
            socket_path=f"{short}/socket",
            abstract_name=f"hanlin-test-{os.getpid()}",
            program="/bin/true",
        )


@pytest.fixture
def child(targets: Targets) -> Iterator[Caller]:
    """A child that may read the model and nothing else."""
    caller = Caller(sandboxed_child.command(Policy(read=(Path(targets.model),))))
    yield caller
    caller.close()


def ask(child: Caller, command: str, **fields: object) -> Message:
    return child.call({"command": command, **fields}, seconds=SECONDS).message


# forbidden


@pytest.mark.parametrize("act", ACTS)
def test_forbidden(child: Caller, targets: Targets, act: str) -> None:
    assert child.sandbox().complete, child.sandbox()
    refused = ask(child, "attempt", act=act, targets=targets.to_json())["refused"]
    assert "Errno" in str(refused), f"{act} went through"


# Some kernels switch the first two off, and inside a chroot nobody makes a namespace.
_REFUSED_TO_EVERYBODY_HERE_AND_THERE = (
    "queue_kernel_work",
    "type_into_the_terminal",
    "enter_a_namespace",
)


@pytest.mark.parametrize("act", ACTS)
def test_the_attempt_itself_works(targets: Targets, act: str) -> None:
    roots = (Path(hanlin.__file__).parents[1], Path(forbidden_acts.__file__).parents[1])
    attempt = subprocess.run(
        [sys.executable, "-P", "-B", "-m", "hanlin_fakes.forbidden_acts", act, targets.to_json()],
        env={"PYTHONPATH": os.pathsep.join(map(str, roots))},
        stderr=subprocess.PIPE,
        start_new_session=True,
        check=False,
    )
    said = attempt.stderr.decode()
    if attempt.returncode and os.getuid() != 0:
        pytest.skip(f"this account may not do it anyway: {said}")
    if attempt.returncode and act in _REFUSED_TO_EVERYBODY_HERE_AND_THERE:
        pytest.skip(f"this system refuses it to everybody: {said}")
    assert attempt.returncode == 0, said


def test_what_is_left_after_all_acts_is_what_was_there(child: Caller, targets: Targets) -> None:
    refusals = [ask(child, "attempt", act=act, targets=targets.to_json()) for act in ACTS]
    assert len([r for r in refusals if r["refused"]]) == len(ACTS) >= 50
    assert Path(targets.chats).read_bytes() == b"secret"
    assert Path(targets.chats).stat().st_mtime > 1
    assert Path(targets.home, "diary.txt").read_bytes() == b"secret"
    assert Path(targets.model).stat().st_size == 20_000
    assert {path.name for path in Path(targets.home).iterdir()} == {"diary.txt", "link-to-chats"}


# allowed


def test_it_reads_and_maps_what_it_was_given(child: Caller, targets: Targets) -> None:
    for command in ("read", "map"):
        received = child.call({"command": command, "path": targets.model}, seconds=SECONDS)
        assert received.payload == b"GGUF" * 5000


def test_a_model_behind_a_link_is_readable(tmp_path: Path) -> None:
    (tmp_path / "张 三").mkdir()
    (tmp_path / "张 三" / "模型.gguf").write_bytes(b"GGUF")
    link = tmp_path / "link.gguf"
    link.symlink_to(tmp_path / "张 三" / "模型.gguf")
    child = Caller(sandboxed_child.command(Policy(read=(link,))))
    try:
        message = {"command": "read", "path": str(link)}
        assert child.call(message, seconds=SECONDS).payload == b"GGUF"
    finally:
        child.close()


def test_it_computes(child: Caller) -> None:
    answer = ask(child, "compute")
    assert answer["threads"] == 8
    assert answer["processors"] == os.cpu_count()
    assert answer["affinity"] == len(os.sched_getaffinity(0))
    assert (answer["memory"], answer["own_status"]) == (True, True)
    assert answer["decimal"] == "0.3"
    assert answer["name"] == "CJK UNIFIED IDEOGRAPH-7FF0"


def test_it_writes_where_it_may_and_only_there(tmp_path: Path, targets: Targets) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    child = Caller(sandboxed_child.command(Policy(write=(scratch,))))
    try:
        child.call({"command": "write", "path": str(scratch)}, b"result", seconds=SECONDS)
        assert (scratch / "result").read_bytes() == b"result"
        with pytest.raises(CallFailedError, match="PermissionError"):
            child.call({"command": "write", "path": targets.home}, b"x", seconds=SECONDS)
        with pytest.raises(CallFailedError, match="PermissionError"):
            ask(child, "read", path=targets.model)
    finally:
        child.close()


def _attempted(policy: Policy, targets: Targets) -> tuple[set[str], SandboxReport]:
    """Return which forbidden acts a child with this policy gets away with, and its report."""
    child = Caller(sandboxed_child.command(policy))
    try:
        through = {
            act
            for act in ACTS
            if not ask(child, "attempt", act=act, targets=targets.to_json())["refused"]
        }
        return through, child.sandbox()
    finally:
        child.close()


def test_with_a_graphics_card_everything_forbidden_still_is(targets: Targets) -> None:
    policy = Policy(read=(Path(targets.model),), allow_gpu=True)
    through, report = _attempted(policy, targets)
    assert through == set()
    assert report.complete


def test_with_the_network_it_reaches_servers_and_still_no_program(targets: Targets) -> None:
    allowed = {"connect_by_tcp", "send_by_udp", "open_netlink"}
    through, report = _attempted(Policy(network=True), targets)
    assert through == allowed
    assert (report.filesystem, report.network, report.syscalls) == (True, False, True)
    assert report.gap is Gap.NONE
    assert report.reason


def test_with_sockets_of_this_computer_it_reaches_services_and_no_server_or_program(
    targets: Targets,
) -> None:
    # As the recording child has it, which talks to the system's sound.
    through, report = _attempted(Policy(local=True), targets)
    # Newer kernels keep sockets without a file to the sandbox they were made in.
    assert through - {"connect_to_an_abstract_socket"} == {"connect_to_a_unix_socket"}
    assert report.complete


_WITH_A_FOREIGN_THREAD = """
import ctypes, json, socket
from hanlin.processes.linux_sandbox import apply
from hanlin.processes.policy import Policy
libc = ctypes.CDLL(None)
started = libc.pthread_create(ctypes.byref(ctypes.c_ulong()), None, libc.pause, None)
report = apply(Policy())
try:
    socket.socket(socket.AF_INET)
    refused = False
except PermissionError:
    refused = True
print(json.dumps([started, report.complete, report.gap, report.detail, refused]), flush=True)
"""


def test_beside_a_thread_of_something_else_it_is_entered_but_not_called_complete() -> None:
    run = [sys.executable, "-c", _WITH_A_FOREIGN_THREAD]
    said = subprocess.run(run, capture_output=True, text=True, check=True, timeout=SECONDS).stdout
    started, complete, gap, detail, refused = json.loads(said)
    assert (started, complete, gap, refused) == (0, False, Gap.REFUSED, True)
    assert detail.startswith("threads:")
