"""What a sandboxed child must not be able to do, each as one small attempt.

An act raises OSError when the system refuses it and returns when it went
through. The scripted child tries them inside the sandbox; run as a program,
this module tries one outside of it, which shows that the attempt itself works.
"""

import ctypes
import fcntl
import json
import mmap
import os
import signal
import socket
import sys
import termios
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is there to be harmed; made by the test, worthless to everybody else."""

    parent: int
    parent_descriptor: int
    """An open file of the parent's."""
    parent_address: int
    """Where eight bytes lie in the parent's memory."""
    chats: str
    home: str
    model: str
    """The one file the child may read, in a folder it may not."""
    tcp_port: int
    udp_port: int
    socket_path: str
    abstract_name: str
    program: str
    """A program that ends with status 0."""

    def to_json(self) -> str:
        """Return the form that travels to a child."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Targets":
        """Return what ``to_json`` wrote."""
        return cls(**json.loads(text))


Act = Callable[[Targets], object]
ACTS: Final[dict[str, Act]] = {}


def _act(attempt: Act) -> Act:
    ACTS[attempt.__name__] = attempt
    return attempt


def _call(name: str, *arguments: object) -> int:
    """Call a function of libc; raise its error."""
    result = int(getattr(_libc, name)(*arguments))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
    return result


def _opened(path: str | Path, flags: int = os.O_RDONLY) -> None:
    os.close(os.open(path, flags))


# reading


@_act
def read_the_chats(targets: Targets) -> None:
    """Read the database."""
    _opened(targets.chats)


@_act
def list_the_data_folder(targets: Targets) -> None:
    """List the folder the database is in."""
    os.listdir(Path(targets.chats).parent)  # noqa: PTH208 - the system call is the act


@_act
def list_home(targets: Targets) -> None:
    """List the person's files."""
    os.listdir(targets.home)  # noqa: PTH208 - the system call is the act


@_act
def read_a_file_at_home(targets: Targets) -> None:
    """Read a person's file."""
    _opened(f"{targets.home}/diary.txt")


@_act
def read_beside_the_model(targets: Targets) -> None:
    """Read another file in the model's folder."""
    _opened(Path(targets.model).with_name("beside.txt"))


@_act
def read_the_accounts(_targets: Targets) -> None:
    """Read the list of accounts."""
    _opened("/etc/passwd")


@_act
def read_through_own_root(targets: Targets) -> None:
    """Go around by the process's own entry in /proc."""
    _opened(f"/proc/self/root{targets.chats}")


@_act
def read_through_a_link(targets: Targets) -> None:
    """Go around by a symbolic link."""
    _opened(f"{targets.home}/link-to-chats")


@_act
def watch_home(targets: Targets) -> None:
    """Hear which files the person opens."""
    descriptor = _call("inotify_init1", 0)
    try:
        _call("inotify_add_watch", descriptor, targets.home.encode(), 0xFFF)
    finally:
        os.close(descriptor)


# writing and changing


@_act
def write_at_home(targets: Targets) -> None:
    """Make a file."""
    _opened(f"{targets.home}/new.txt", os.O_WRONLY | os.O_CREAT)


@_act
def write_tmp(_targets: Targets) -> None:
    """Make a file where everybody may."""
    path = f"/tmp/hanlin-forbidden-{os.getpid()}"  # noqa: S108 - that is the act
    _opened(path, os.O_WRONLY | os.O_CREAT)
    Path(path).unlink()


@_act
def write_shared_memory(_targets: Targets) -> None:
    """Make a shared memory file."""
    path = f"/dev/shm/hanlin-forbidden-{os.getpid()}"  # noqa: S108 - that is the act
    _opened(path, os.O_WRONLY | os.O_CREAT)
    Path(path).unlink()


@_act
def write_the_model(targets: Targets) -> None:
    """Open the one file it may read for writing."""
    _opened(targets.model, os.O_RDWR)


@_act
def write_beside_the_model(targets: Targets) -> None:
    """Make a file in the model's folder."""
    _opened(Path(targets.model).with_name("new.txt"), os.O_WRONLY | os.O_CREAT)


@_act
def write_our_program(_targets: Targets) -> None:
    """Change the program itself, which it reads to run."""
    _opened(__file__, os.O_WRONLY)


@_act
def empty_by_truncating(targets: Targets) -> None:
    """Cut a file by its name."""
    os.truncate(f"{targets.home}/diary.txt", 0)


@_act
def empty_the_model_by_reading(targets: Targets) -> None:
    """Cut a file by opening it for reading."""
    _opened(targets.model, os.O_RDONLY | os.O_TRUNC)


@_act
def delete_a_file(targets: Targets) -> None:
    """Delete a person's file."""
    Path(targets.home, "diary.txt").unlink()


@_act
def rename_the_chats(targets: Targets) -> None:
    """Move the database away."""
    os.rename(targets.chats, f"{targets.chats}.gone")  # noqa: PTH104 - the system call is the act


@_act
def make_a_folder(targets: Targets) -> None:
    """Make a folder."""
    Path(targets.home, "folder").mkdir()


@_act
def make_a_symbolic_link(targets: Targets) -> None:
    """Make a symbolic link."""
    Path(targets.home, "link").symlink_to("/")


@_act
def make_a_hard_link(targets: Targets) -> None:
    """Give the model a second name at home."""
    Path(targets.home, "hard-link").hardlink_to(targets.model)


@_act
def make_a_named_pipe(targets: Targets) -> None:
    """Make a pipe others can open."""
    os.mkfifo(f"{targets.home}/pipe")


@_act
def change_permissions(targets: Targets) -> None:
    """Open the database to everybody."""
    os.chmod(targets.chats, 0o666)  # noqa: PTH101, S103 - the system call is the act


@_act
def change_the_owner(targets: Targets) -> None:
    """Give the database away (to the one who has it, which is allowed)."""
    os.chown(targets.chats, os.getuid(), os.getgid())


@_act
def change_times(targets: Targets) -> None:
    """Make a file look older."""
    os.utime(targets.chats, (1, 1))


@_act
def change_attributes(targets: Targets) -> None:
    """Attach a note to a file."""
    os.setxattr(targets.chats, "user.note", b"x")


# connecting


@_act
def connect_by_tcp(targets: Targets) -> None:
    """Connect."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as client:
        client.connect(("127.0.0.1", targets.tcp_port))


@_act
def send_by_udp(targets: Targets) -> None:
    """Send one packet."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(b"x", ("127.0.0.1", targets.udp_port))


@_act
def connect_to_a_unix_socket(targets: Targets) -> None:
    """Connect to a program of this account: the session bus, the display, an agent."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(targets.socket_path)


@_act
def connect_to_an_abstract_socket(targets: Targets) -> None:
    """Connect to one that has no file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.connect(f"\0{targets.abstract_name}")


@_act
def open_netlink(_targets: Targets) -> None:
    """Ask the kernel about the network."""
    socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).close()


@_act
def make_a_socket_pair(_targets: Targets) -> None:
    """Make two sockets that know each other."""
    for end in socket.socketpair():
        end.close()


@_act
def listen(_targets: Targets) -> None:
    """Wait for connections."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as server:
        server.bind(("127.0.0.1", 0))
        server.listen()


# programs and processes


@_act
def run_a_program(targets: Targets) -> None:
    """Become another program; where that works, its status 0 tells."""
    os.execv(targets.program, [targets.program])  # noqa: S606 - that is the act


@_act
def spawn_a_program(targets: Targets) -> None:
    """Start another program."""
    os.waitpid(os.posix_spawn(targets.program, [targets.program], {}), 0)


@_act
def fork(_targets: Targets) -> None:
    """Double itself."""
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@_act
def clone_a_process(_targets: Targets) -> None:
    """Double itself as the kernel calls it."""
    sys_clone = {"x86_64": 56, "aarch64": 220}[os.uname().machine]
    if (pid := _call("syscall", sys_clone, int(signal.SIGCHLD), 0, 0, 0, 0)) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@_act
def signal_the_parent(targets: Targets) -> None:
    """Send a signal (one that does nothing)."""
    os.kill(targets.parent, signal.SIGCONT)


@_act
def probe_the_parent(targets: Targets) -> None:
    """See whether a process exists."""
    os.kill(targets.parent, 0)


@_act
def signal_everybody(_targets: Targets) -> None:
    """Send a signal to all processes of this account."""
    os.kill(-1, 0)


@_act
def signal_through_a_descriptor(targets: Targets) -> None:
    """Send a signal the new way."""
    descriptor = os.pidfd_open(targets.parent)
    try:
        signal.pidfd_send_signal(descriptor, signal.SIGCONT)
    finally:
        os.close(descriptor)


@_act
def trace_the_parent(targets: Targets) -> None:
    """Take hold of a process as debuggers do, without stopping it."""
    ptrace_seize = 0x4206
    _call("ptrace", ptrace_seize, targets.parent, None, None)


@_act
def read_the_parents_memory(targets: Targets) -> None:
    """Read memory by the call for it."""

    class Vector(ctypes.Structure):
        _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))

    buffer = ctypes.create_string_buffer(8)
    local = Vector(ctypes.addressof(buffer), 8)
    remote = Vector(targets.parent_address, 8)
    _call("process_vm_readv", targets.parent, ctypes.byref(local), ctypes.c_ulong(1),
          ctypes.byref(remote), ctypes.c_ulong(1), ctypes.c_ulong(0))  # fmt: skip


@_act
def open_the_parents_memory(targets: Targets) -> None:
    """Read memory by /proc."""
    _opened(f"/proc/{targets.parent}/mem")


@_act
def read_the_parents_environment(targets: Targets) -> None:
    """Read the environment, where tokens are."""
    _opened(f"/proc/{targets.parent}/environ")


@_act
def read_the_parents_command_line(targets: Targets) -> None:
    """Read the command line."""
    _opened(f"/proc/{targets.parent}/cmdline")


@_act
def open_the_parents_file(targets: Targets) -> None:
    """Open what the parent has open."""
    _opened(f"/proc/{targets.parent}/fd/{targets.parent_descriptor}")


@_act
def take_the_parents_descriptor(targets: Targets) -> None:
    """Copy a descriptor out of another process."""
    descriptor = os.pidfd_open(targets.parent)
    try:
        pidfd_getfd = 438
        os.close(_call("syscall", pidfd_getfd, descriptor, targets.parent_descriptor, 0))
    finally:
        os.close(descriptor)


@_act
def limit_the_parent(targets: Targets) -> None:
    """Read (and so be able to set) what another process may use."""
    limits = (ctypes.c_uint64 * 2)()
    _call("prlimit", targets.parent, 7, None, ctypes.byref(limits))


@_act
def make_shared_memory(_targets: Targets) -> None:
    """Make System V shared memory, which any program of this account can map."""
    number = _call("shmget", 0, ctypes.c_size_t(mmap.PAGESIZE), 0o1600)
    _call("shmctl", number, 0, None)


@_act
def type_into_the_terminal(_targets: Targets) -> None:
    """Type into the terminal of whoever started the program."""
    _, terminal = os.openpty()
    fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
    fcntl.ioctl(terminal, termios.TIOCSTI, b"x")


@_act
def enter_a_namespace(_targets: Targets) -> None:
    """Make a world of its own in which it is root."""
    clone_newuser = 0x10000000
    _call("unshare", clone_newuser)


@_act
def queue_kernel_work(_targets: Targets) -> None:
    """Let the kernel do things by io_uring, past the filter."""
    io_uring_setup = 425
    os.close(_call("syscall", io_uring_setup, 1, ctypes.create_string_buffer(120)))


def attempt(name: str, targets: Targets) -> str:
    """Try one act; return the name of the error that kept it, or an empty string."""
    try:
        ACTS[name](targets)
    except OSError as error:
        return str(error)
    return ""


if __name__ == "__main__":
    sys.exit(attempt(sys.argv[1], Targets.from_json(sys.argv[2])) or 0)
