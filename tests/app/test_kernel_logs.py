"""Logging: nothing secret gets in, and a bad disk stops nobody."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.kernel import logs
from hanlin_fakes import disks

log = logging.getLogger("hanlin.test")


@pytest.fixture(autouse=True)
def root_level() -> Iterator[None]:
    level = logging.getLogger().level
    yield
    logging.getLogger().setLevel(level)


def test_a_line_lands_in_the_file_and_in_memory(tmp_path: Path) -> None:
    book = logs.start(tmp_path / "logs", "window")
    log.info("started 翰林")
    book.close()
    log.info("after the end")
    (line,) = book.last_lines()
    assert line.endswith("INFO hanlin.test: started 翰林")
    assert (tmp_path / "logs" / "window.log").read_text("utf-8") == line + "\n"


def test_memory_keeps_the_newest_lines(tmp_path: Path) -> None:
    book = logs.start(tmp_path, "window")
    for number in range(1000):
        log.info("line %d", number)
    book.close()
    assert len(book.last_lines()) == 200
    assert book.last_lines()[-1].endswith("line 999")


def test_files_are_rotated_and_few(tmp_path: Path) -> None:
    folder = tmp_path / "logs"
    book = logs.start(folder, "window")
    for _number in range(60):
        log.info("%s", "x" * 100_000)
    book.close()
    files = list(folder.iterdir())
    assert len(files) == 4
    assert all(file.stat().st_size < 1_200_000 for file in files)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("at /home/张三/x.py", "at ~/x.py"),
        ("/home/张三丰/x.py", "/home/张三丰/x.py"),
        ("token hf_AbCdEfGhIjKlMn", "token [token]"),
        ("Authorization: Bearer abcdefghijkl", "Authorization: Bearer [token]"),
        ("key " + "ab" * 32, "key [key]"),
        ("key " + "QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUE=", "key [key]"),
        ("sha 0123abcd and 42", "sha 0123abcd and 42"),
    ],
)
def test_what_is_redacted(text: str, expected: str) -> None:
    assert logs.redact(text, Path("/home/张三")) == expected


def test_traces_are_redacted_too(tmp_path: Path, sandboxed_home: Path) -> None:
    book = logs.start(tmp_path / "logs", "window")
    try:
        int(f"cannot read {sandboxed_home / 'a.txt'} with {'ab' * 32}")
    except ValueError:
        log.exception("failed")
    book.close()
    text = (tmp_path / "logs" / "window.log").read_text()
    assert "cannot read ~/a.txt with [key]" in text
    assert "Traceback" in text
    assert str(sandboxed_home) not in text


def test_a_folder_that_may_not_be_written_leaves_the_memory(tmp_path: Path) -> None:
    with disks.read_only(tmp_path):
        book = logs.start(tmp_path / "logs", "window")
        log.info("still here")
        book.close()
    assert "no log file" in book.last_lines()[0]
    assert book.last_lines()[1].endswith("still here")


def test_a_full_disk_stops_nobody(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with disks.small_disk(tmp_path / "disk", "64k") as folder:
        book = logs.start(folder, "window")
        disks.fill(folder)
        for _number in range(10):
            log.info("x" * 1000)
        assert len(book.last_lines()) == 10
        (folder / "ballast").unlink()
        book.close()
    assert capfd.readouterr().err == ""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_disk_that_is_full_does_not_spoil_the_end(tmp_path: Path) -> None:
    (tmp_path / "full.log").symlink_to("/dev/full")
    book = logs.start(tmp_path, "full")
    logging.getLogger("hanlin.test").warning("one line")
    book.close()
    assert "one line" in book.last_lines()[-1]
