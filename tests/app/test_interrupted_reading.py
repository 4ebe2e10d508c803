"""A child that somebody ended while it read a file: the file is not called damaged."""

import signal

import pytest

from hanlin.documents.client import DocumentClient
from hanlin.documents.interrupted import InterruptedReadingError
from hanlin.documents.opener import OpenFile
from hanlin.kernel.errors import KnownError
from hanlin.processes.caller import Caller, CallerDiedError
from hanlin.processes.process import ExitReport


def _end(patch: pytest.MonkeyPatch, number: int, fault: str = "") -> None:
    def call(*_message: object, **_more: object) -> None:
        raise CallerDiedError(ExitReport(None, number, asked=False, fault=fault, last_lines=()))

    patch.setattr(Caller, "call", call)


def test_a_kill_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    _end(monkeypatch, signal.SIGKILL)
    with pytest.raises(InterruptedReadingError, match=r"a\.docx"):
        DocumentClient().texts("a.docx", b"x")
    with pytest.raises(InterruptedReadingError, match=r"a\.pdf"):
        OpenFile("a.pdf", b"x")


@pytest.mark.parametrize(
    ("number", "fault", "words"),
    [
        (signal.SIGSEGV, "", "damaged"),
        (signal.SIGKILL, "no message", "damaged"),
        (signal.SIGXCPU, "", "too long to read"),
    ],
)
def test_what_a_file_did_itself_is_told_of_the_file(
    monkeypatch: pytest.MonkeyPatch, number: int, fault: str, words: str
) -> None:
    _end(monkeypatch, number, fault)
    with pytest.raises(KnownError, match=words) as caught:
        OpenFile("a.pdf", b"x")
    assert not isinstance(caught.value, InterruptedReadingError)
