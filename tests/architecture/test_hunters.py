"""The rules that tests/conftest.py lays on every test: each must find what it is for."""

import os
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from hanlin_hunters import leftovers
from hanlin_hunters.leftovers import no_children_left, no_threads_left
from hanlin_hunters.network import NetworkForbiddenError


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "GRACE_SECONDS", 0.2)


def test_a_thread_left_over_is_found_with_the_line_that_started_it() -> None:
    end = threading.Event()
    thread = threading.Thread(target=end.wait, name="lost")
    found = pytest.raises(pytest.fail.Exception, match=r"'lost'.*test_hunters\.py:\d+")
    with found, no_threads_left():
        thread.start()
    end.set()
    thread.join()


def test_a_process_left_over_is_found_and_ended() -> None:
    found = pytest.raises(pytest.fail.Exception, match=r"test_hunters\.py:\d+")
    with found, no_children_left():
        child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    assert child.wait(10) != 0
    child.communicate()


def test_a_zombie_counts_as_left_over() -> None:
    found = pytest.raises(pytest.fail.Exception, match="zombie")
    with found, no_children_left():
        child = subprocess.Popen([sys.executable, "-c", ""])
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert child.wait(10) == 0


def test_what_ended_is_no_finding() -> None:
    with no_children_left(), no_threads_left():
        subprocess.run([sys.executable, "-c", ""], check=True)
        thread = threading.Thread(target=int)
        thread.start()
        thread.join()


def test_no_network_socket_can_be_opened() -> None:
    with pytest.raises(NetworkForbiddenError):
        socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    with pytest.raises(NetworkForbiddenError):
        socket.create_connection(("127.0.0.1", 9))
    pair = socket.socketpair()
    for end in pair:
        end.close()


@pytest.mark.loopback
def test_a_marked_test_reaches_this_computer_only() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
    with socket.socket() as far, pytest.raises(NetworkForbiddenError):
        far.connect(("192.0.2.1", 9))


def test_home_and_data_folder_are_the_tests_own(tmp_path: Path) -> None:
    assert Path.home().is_relative_to(tmp_path)
    assert Path(os.environ["HANLIN_DATA_DIR"]).is_relative_to(tmp_path)
