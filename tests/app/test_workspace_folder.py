import shutil
import subprocess
from pathlib import Path

import pytest

from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin.services.workspace.asking import Part, Told, question
from hanlin.services.workspace.files import Folder, OutsideError
from hanlin.services.workspace.git import staged_diff
from hanlin.services.workspace.listing import list_folder
from hanlin.services.workspace.service import FolderCounted, FolderListed, Workspace, tokens_in


def test_rules_of_every_folder_are_followed_and_links_are_not(tmp_path: Path) -> None:
    root = tmp_path / "project"
    for name in ("a.py", "a.log", "keep.log", "sub/b.tmp", "sub/b.py", "build/x.o", ".git/config"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / ".gitignore").write_text("*.log\n!keep.log\n/build/\n")
    (root / "sub" / ".gitignore").write_text("*.tmp\n")
    (root / "out").symlink_to("/etc")
    listing = list_folder(root)
    top = [entry.path for entry in listing.folders[""]]
    assert top == ["sub", ".gitignore", "a.py", "keep.log"]
    assert [entry.path for entry in listing.folders["sub"]] == ["sub/.gitignore", "sub/b.py"]
    assert listing.is_repository
    assert (listing.files, listing.left_out) == (5, 4)


@pytest.mark.parametrize(
    "path",
    [
        *("../x", "/etc/hostname", "link.py", "linked/x", ".git/config", ""),
        # What Windows or macOS take for the same folder.
        *(".GIT/config", ".git./config", ".git /config", "GIT~1/config", ".g\u200cit/config"),
        *(".git::$INDEX_ALLOCATION/config", "sub/.Hg/hgrc"),
    ],
)
def test_nothing_outside_the_folder_is_read(tmp_path: Path, path: str) -> None:
    (tmp_path / "link.py").symlink_to("/etc/hostname")
    (tmp_path / "linked").symlink_to("/etc")
    (tmp_path / ".git").mkdir()
    (tmp_path / ".git" / "config").write_text("x")
    with pytest.raises(OutsideError):
        Folder(tmp_path).read(path)


def test_tokens_are_counted_in_the_background(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("x = 1\n" * 60)
    (tmp_path / "b.bin").write_bytes(b"\0" * 100)
    bus = EventBus()
    heard: list[object] = []
    bus.subscribe(FolderListed, heard.append)
    bus.subscribe(FolderCounted, heard.append)
    workspace = Workspace(bus)
    workspace.open(tmp_path)
    workspace.wait()
    assert isinstance(heard[0], FolderListed)
    assert heard[-1] == FolderCounted(2, 2)
    assert workspace.tokens == {"a.py": tokens_in(b"x = 1\n" * 60), "b.bin": 0}
    workspace.close()


def test_a_question_holds_each_file_once_and_its_parts(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_bytes(b"one\r\ntwo\r\nthree\r\n")
    (tmp_path / "b.md").write_text("```\ncode\n```\n")
    folder, told = Folder(tmp_path), Told()
    chosen = {"a.py": (Part(1, 1),), "b.md": ()}
    text = question("Fix it.", folder, chosen, told, edits=True)
    assert "`a.py`:\n\n```python\ntwo\n```" in text
    assert "````markdown\n```\ncode\n```\n````" in text
    assert "<<<<<<< SEARCH" in text
    again = question("More.", folder, chosen, told, edits=False)
    assert "two" not in again
    assert "`a.py`, `b.md`" in again


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_what_is_staged_is_read_and_nothing_of_the_repository_runs(tmp_path: Path) -> None:
    def git(*words: str) -> None:
        subprocess.run(
            [shutil.which("git") or "", "-C", str(tmp_path), *words],
            check=True,
            capture_output=True,
        )

    git("init", "-q")
    marker = tmp_path / "ran"
    for key in ("core.fsmonitor", "diff.external"):
        git("config", key, f"touch {marker}")
    with pytest.raises(KnownError, match="Nothing is staged"):
        staged_diff(tmp_path)
    (tmp_path / "新.py").write_text("x = 1\n")
    git("-c", "core.fsmonitor=false", "add", "新.py")
    assert "+x = 1" in staged_diff(tmp_path)
    assert not marker.exists()
    with pytest.raises(KnownError, match="git could not say"):
        staged_diff(tmp_path.parent / "nowhere")


def test_files_are_found_by_every_word_of_their_path(tmp_path: Path) -> None:
    for name in ("src/Alpha.py", "src/beta.py", "测试/alpha_测试.py", "al/pha.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("x")
    found = list_folder(tmp_path)

    def names(*words: str, most: int = 9) -> list[str]:
        return sorted(entry.path for entry in found.find(words, most))

    assert names("alpha") == ["src/Alpha.py", "测试/alpha_测试.py"]
    assert names("src", "alpha") == ["src/Alpha.py"]
    assert names("测试") == ["测试/alpha_测试.py"]
    assert names("py") == ["src/Alpha.py", "src/beta.py", "测试/alpha_测试.py"]
    assert len(names("a", most=2)) == 2
    assert names("nothing") == []
