"""The seccomp filter, call by call, and what a sandbox says on systems that lack its parts."""

import errno
import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import hanlin
from hanlin.processes import syscalls
from hanlin.processes.caller import Caller, CallerDiedError
from hanlin.processes.policy import Gap, Policy, SandboxReport

if sys.platform != "linux":
    pytest.skip("only Linux has a sandbox yet", allow_module_level=True)

from hanlin.processes import seccomp
from hanlin_fakes import forbidden_acts, sandboxed_child

SECONDS = 60.0
PID = 4711
MACHINES = ("x86_64", "aarch64")
ARCHITECTURE = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
CLOSED = {
    **syscalls.SOCKETS,
    **syscalls.PROGRAMS,
    **syscalls.OTHERS,
    **syscalls.SHARED,
    **syscalls.ATTRIBUTES,
    **syscalls.WATCHING,
    **syscalls.MOUNTS,
    **syscalls.KERNEL,
}
ALLOW, KILL = "allow", "kill"


def decide(
    machine: str,
    number: int,
    *arguments: int,
    network: bool = False,
    local: bool = False,
    architecture: int | None = None,
) -> str:
    """Run the filter as the kernel would; return what it decides."""
    words = {0: number, 4: architecture or ARCHITECTURE[machine]}
    words |= {16 + 8 * index: value & 0xFFFFFFFF for index, value in enumerate(arguments)}
    steps = seccomp.program(machine, PID, network=network, local=local)
    value, at = 0, 0
    while True:
        step = steps[at]
        at += 1
        match step.code:
            case 0x20:
                value = words.get(step.value, 0)
            case 0x54:
                value &= step.value
            case 0x15:
                at += step.if_true if value == step.value else step.if_false
            case 0x25:
                at += step.if_true if value > step.value else step.if_false
            case 0x45:
                at += step.if_true if value & step.value else step.if_false
            case 0x06:
                if step.value == 0x7FFF0000:
                    return ALLOW
                if step.value == 0x80000000:
                    return KILL
                assert step.value >> 16 == 5
                return errno.errorcode[step.value & 0xFFFF]
            case _:
                raise AssertionError(step)


def number_of(table: syscalls.Table, name: str, machine: str) -> int | None:
    return table[name][MACHINES.index(machine)]


@pytest.mark.parametrize("machine", MACHINES)
def test_exactly_the_closed_calls_are_refused(machine: str) -> None:
    closed = {number_of(CLOSED, name, machine) for name in CLOSED} - {None}
    judged = {number_of(syscalls.SPECIAL, name, machine) for name in syscalls.SPECIAL} - {None}
    assert not closed & judged
    for number in range(syscalls.NEWEST + 1):
        if number not in judged:
            assert decide(machine, number) == ("EPERM" if number in closed else ALLOW), number


@pytest.mark.parametrize("machine", MACHINES)
def test_newer_calls_and_other_conventions_do_not_exist(machine: str) -> None:
    for number in (syscalls.NEWEST + 1, 463, 1000, 0x40000000, 0x40000000 | 41, 0xFFFFFFFF):
        assert decide(machine, number) == "ENOSYS"
    for foreign in (0x40000003, 0x40000028, ARCHITECTURE[MACHINES[machine == "x86_64"]]):
        assert decide(machine, 0, architecture=foreign) == KILL


THREAD = 0x003D0F00
"""The flags glibc starts a thread with."""


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("clone", (THREAD,), ALLOW),
        ("clone", (17,), "EPERM"),
        ("clone", (0,), "EPERM"),
        ("clone", (0x4111,), "EPERM"),  # vfork
        ("clone", (THREAD | 0x00020000,), "EPERM"),
        ("clone", (THREAD | 0x40000000,), "EPERM"),
        ("clone3", (), "ENOSYS"),
        ("kill", (PID, 9), ALLOW),
        ("kill", (1, 0), "EPERM"),
        ("kill", (0, 9), "EPERM"),
        ("kill", (-1, 9), "EPERM"),
        ("kill", (-PID, 9), "EPERM"),
        ("tgkill", (PID, 5, 6), ALLOW),
        ("tgkill", (1, PID, 6), "EPERM"),
        ("prlimit64", (0, 7), ALLOW),
        ("prlimit64", (PID, 7), ALLOW),
        ("prlimit64", (1, 7), "EPERM"),
        ("ioctl", (0, 0x5412), "EPERM"),
        ("ioctl", (0, 0x541C), "EPERM"),
        ("ioctl", (0, 0x15412 | 1 << 32), ALLOW),
        ("ioctl", (0, 0x5412 | 1 << 32), "EPERM"),
        ("ioctl", (0, 0x5413), ALLOW),
        ("openat", (0, 0, os.O_RDONLY), ALLOW),
        ("openat", (0, 0, os.O_RDONLY | os.O_TRUNC), "EPERM"),
        ("openat", (0, 0, os.O_RDONLY | os.O_TRUNC | os.O_CLOEXEC), "EPERM"),
        ("openat", (0, 0, 3 | os.O_TRUNC), "EPERM"),
        ("openat", (0, 0, os.O_WRONLY | os.O_TRUNC | os.O_CREAT), ALLOW),  # Landlock's to judge
        ("openat", (0, 0, os.O_RDWR | os.O_TRUNC), ALLOW),
        ("openat2", (), "ENOSYS"),
    ],
)
def test_a_call_is_judged_by_its_arguments(
    machine: str, name: str, arguments: tuple[int, ...], expected: str
) -> None:
    number = number_of(syscalls.SPECIAL, name, machine)
    assert number is not None
    assert decide(machine, number, *arguments) == expected


def test_the_old_open_is_judged_as_the_new_one() -> None:
    assert decide("x86_64", 2, 0, os.O_RDONLY | os.O_TRUNC) == "EPERM"
    assert decide("x86_64", 2, 0, os.O_RDONLY) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize(
    ("network", "local", "open_families"),
    [(True, False, [2, 10, 16]), (False, True, [1]), (True, True, [1, 2, 10, 16])],
    ids=["over IP", "on this computer", "both"],
)
def test_a_policy_opens_connecting_by_its_families_and_nothing_else(
    machine: str, open_families: list[int], *, network: bool, local: bool
) -> None:
    def judged(number: int, *arguments: int) -> str:
        return decide(machine, number, *arguments, network=network, local=local)

    numbers = {name: number_of(syscalls.SOCKETS, name, machine) or 0 for name in syscalls.SOCKETS}
    families = {family: judged(numbers["socket"], family, 1) for family in range(50)}
    assert [family for family, answer in families.items() if answer == ALLOW] == open_families
    # The domain is 32 bits wide for the kernel, whatever lies above them.
    assert judged(numbers["socket"], 40 | 1 << 32, 1) == "EPERM"
    answers = {name: judged(number) for name, number in numbers.items()}
    assert [name for name, answer in answers.items() if answer == ALLOW] == ["connect"]
    for number in range(syscalls.NEWEST + 1):
        if number not in numbers.values():
            assert judged(number) == decide(machine, number)


@pytest.mark.parametrize(
    ("machine", "header"),
    [
        ("x86_64", "/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
        ("aarch64", "/usr/include/asm-generic/unistd.h"),
    ],
)
def test_the_numbers_are_the_kernels(machine: str, header: str) -> None:
    if not Path(header).exists():
        pytest.skip(f"{header} is not installed (Debian: linux-libc-dev)")
    defined = dict(
        re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)", Path(header).read_text("utf-8"))
    )
    for table in (CLOSED, syscalls.SPECIAL):
        for name in table:
            number = number_of(table, name, machine)
            assert defined.get(name) == (None if number is None else str(number)), name


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("network", [False, True])
def test_the_filter_fits_the_kernels_machine(*, network: bool, local: bool) -> None:
    for machine in MACHINES:
        steps = seccomp.program(machine, PID, network=network, local=local)
        assert len(steps) <= 4096
        assert all(step.if_true < 256 and step.if_false < 256 for step in steps)


# the real kernel

needs_this_machine = pytest.mark.skipif(
    os.uname().machine not in MACHINES, reason="no filter for this kind of processor"
)


@pytest.fixture
def child() -> Iterator[Caller]:
    caller = Caller(sandboxed_child.command(Policy()))
    yield caller
    caller.close()


def system_call(child: Caller, number: int, *arguments: object) -> str:
    """Make the call in the sandbox; return its error."""
    message = {"command": "system_call", "number": number, "arguments": arguments}
    return str(child.call(message, seconds=SECONDS).message["error"])


@needs_this_machine
def test_the_kernel_refuses_every_closed_call(child: Caller) -> None:
    numbers = {name: number_of(CLOSED, name, os.uname().machine) for name in CLOSED}
    answers = {
        name: system_call(child, number, -1, -1, -1, -1, -1, -1)
        for name, number in numbers.items()
        if number is not None
    }
    assert len(answers) > 90
    assert set(answers.values()) == {"EPERM"}, answers


@needs_this_machine
def test_the_kernel_judges_arguments(child: Caller) -> None:
    own = child.call({"command": "own_numbers"}, seconds=SECONDS).message
    numbers = {
        name: number_of(syscalls.SPECIAL, name, os.uname().machine) or 0
        for name in syscalls.SPECIAL
    }
    assert system_call(child, numbers["kill"], own["pid"], 0) == ""
    assert system_call(child, numbers["kill"], "parent", 0) == "EPERM"
    assert system_call(child, numbers["tgkill"], own["pid"], own["thread"], 0) == ""
    assert system_call(child, numbers["tgkill"], "parent", "parent", 0) == "EPERM"
    assert system_call(child, numbers["prlimit64"], 0, 7, 0, 0) == ""
    assert system_call(child, numbers["prlimit64"], "parent", 7, 0, 0) == "EPERM"
    assert system_call(child, numbers["ioctl"], 0, 0x5412, 0) == "EPERM"
    assert system_call(child, numbers["ioctl"], 0, 0x5413, 0) == "ENOTTY"
    assert system_call(child, numbers["clone"], signal.SIGCHLD, 0, 0, 0, 0) == "EPERM"
    assert system_call(child, numbers["clone3"], 0, 0) == "ENOSYS"
    assert system_call(child, syscalls.NEWEST + 1) == "ENOSYS"


@pytest.mark.skipif(os.uname().machine != "x86_64", reason="other processors have no int 0x80")
def test_a_call_by_the_32_bit_convention_kills(child: Caller) -> None:
    with pytest.raises(CallerDiedError) as caught:
        child.call({"command": "foreign_call"}, seconds=SECONDS)
    # SIGSEGV where the kernel was built without 32-bit programs.
    assert caught.value.report.signal in (signal.SIGSYS, signal.SIGSEGV)


# systems that lack a part

PROGRAM = """
import errno, json, os, sys
from hanlin.processes import landlock, linux_sandbox, seccomp
from hanlin.processes.policy import Policy
from hanlin_fakes import forbidden_acts
def without(module, name, number):
    def fail(*arguments, **options):
        raise OSError(number, os.strerror(number))
    setattr(module, name, fail)
{lack}
report = linux_sandbox.apply(Policy())
acts = {{}}
for act in {acts}:
    acts[act] = forbidden_acts.attempt(act, forbidden_acts.Targets.from_json(sys.argv[1]))
json.dump({{"report": report.to_message(), "acts": acts}}, sys.stdout)
"""


def in_a_lacking_system(lack: str, tmp_path: Path, *acts: str) -> tuple[SandboxReport, set[str]]:
    """Return the report of a process where ``lack`` was done, and the acts that went through."""
    (tmp_path / "hanlin.db").write_bytes(b"secret")
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "diary.txt").write_bytes(b"secret")
    targets = forbidden_acts.Targets(
        os.getpid(), 0, 0, str(tmp_path / "hanlin.db"), str(tmp_path / "home"),
        str(tmp_path / "hanlin.db"), 0, 0, "", "", "/bin/true",
    )  # fmt: skip
    roots = (Path(hanlin.__file__).parents[1], Path(forbidden_acts.__file__).parents[1])
    said = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(lack=lack, acts=acts), targets.to_json()],
        env={"PYTHONPATH": os.pathsep.join(map(str, roots))},
        stdout=subprocess.PIPE,
        check=True,
    ).stdout
    result = json.loads(said)
    through = {act for act, refused in result["acts"].items() if not refused}
    return SandboxReport.from_message(result["report"]), through


READING = ("read_the_chats", "write_at_home")
CALLING = ("make_a_socket_pair", "fork")


@needs_this_machine
@pytest.mark.parametrize(
    ("number", "gap"),
    [
        (errno.ENOSYS, Gap.KERNEL),
        (errno.EOPNOTSUPP, Gap.KERNEL),
        (errno.EPERM, Gap.REFUSED),
    ],
)
def test_without_landlock_the_calls_stay_closed(tmp_path: Path, number: int, gap: Gap) -> None:
    report, through = in_a_lacking_system(
        f"without(landlock, 'abi', {number})", tmp_path, *READING, *CALLING
    )
    assert (report.filesystem, report.network, report.syscalls) == (False, True, True)
    assert (report.gap, report.complete) == (gap, False)
    assert report.reason
    assert os.strerror(number) in report.detail
    assert through == set(READING)


def test_without_seccomp_the_files_stay_closed(tmp_path: Path) -> None:
    report, through = in_a_lacking_system(
        f"without(seccomp, 'restrict', {errno.EINVAL})", tmp_path, *READING, *CALLING
    )
    if not report.filesystem:
        pytest.skip("this kernel has no Landlock, or it is switched off")
    assert (report.network, report.syscalls, report.gap) == (False, False, Gap.KERNEL)
    assert through == set(CALLING)


def test_on_an_unknown_processor_it_says_so(tmp_path: Path) -> None:
    report, _ = in_a_lacking_system(
        "os.uname = lambda: os.uname_result(('Linux', '', '', '', 'riscv64'))",
        tmp_path,
    )
    assert (report.syscalls, report.gap) == (False, Gap.MACHINE)
    assert report.reason


def test_what_is_accepted_but_does_not_hold_is_not_reported(tmp_path: Path) -> None:
    report, _ = in_a_lacking_system(
        "landlock.restrict = seccomp.restrict = lambda *arguments, **options: 7", tmp_path
    )
    assert report == SandboxReport(
        filesystem=False,
        network=False,
        syscalls=False,
        gap=Gap.REFUSED,
        detail="landlock: accepted, but the trial went through; "
        "seccomp: accepted, but the trial went through",
    )


@needs_this_machine
@pytest.mark.parametrize("version", range(1, 8))
def test_older_landlocks_close_the_same_acts(tmp_path: Path, version: int) -> None:
    acts = (
        *READING, *CALLING, "empty_by_truncating", "empty_the_model_by_reading", "delete_a_file",
        "rename_the_chats", "make_a_folder", "signal_the_parent", "read_the_parents_environment",
    )  # fmt: skip
    report, through = in_a_lacking_system(
        f"real = landlock.abi; landlock.abi = lambda: min({version}, real())", tmp_path, *acts
    )
    if not report.filesystem:
        pytest.skip("this kernel has no Landlock, or it is switched off")
    assert report.complete
    assert through == set()


def test_a_second_thread_is_our_own_mistake(tmp_path: Path) -> None:
    with pytest.raises(subprocess.CalledProcessError):
        in_a_lacking_system(
            "from threading import *; Thread(target=Event().wait, daemon=True).start()",
            tmp_path,
        )


# what travels


@pytest.mark.parametrize(
    "report",
    [
        SandboxReport(filesystem=True, network=True, syscalls=True),
        SandboxReport(filesystem=False, network=True, syscalls=True, gap=Gap.KERNEL, detail="x"),
    ],
)
def test_a_report_arrives_as_it_was_sent(report: SandboxReport) -> None:
    assert SandboxReport.from_message(report.to_message()) == report


@pytest.mark.parametrize(
    "message", [None, 5, [], {}, {"filesystem": 1, "network": "yes", "gap": 7, "detail": 7}]
)
def test_an_odd_report_counts_as_nothing(message: object) -> None:
    report = SandboxReport.from_message(message)
    assert report == SandboxReport(filesystem=False, network=False, syscalls=False, gap=Gap.UNKNOWN)
    assert report.reason


@pytest.mark.parametrize("gap", Gap)
def test_every_gap_has_its_sentence(gap: Gap) -> None:
    report = SandboxReport(filesystem=False, network=False, syscalls=False, gap=gap)
    assert report.reason.endswith(".")
    whole = SandboxReport(filesystem=True, network=True, syscalls=True, gap=gap)
    assert whole.reason == ""
