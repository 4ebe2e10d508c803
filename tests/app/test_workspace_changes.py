from pathlib import Path

import pytest

import diffs
from hanlin.kernel.errors import KnownError
from hanlin.services.workspace import answers, changes
from hanlin.services.workspace.answers import Act
from hanlin.services.workspace.changes import Proposal, Shown
from hanlin.services.workspace.files import Folder

CODE = "def add(a, b):\n    return a - b\n\n\ndef twice(a):\n    return a * 3\n"


def proposed(
    tmp_path: Path, answer: str, *, bare: bool = False, part: str = "", data: bytes = CODE.encode()
) -> tuple[Folder, Proposal]:
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "计算.py").write_bytes(data)
    folder = Folder(tmp_path)
    shown = {"src/计算.py": Shown(folder.read("src/计算.py").fingerprint, part)}
    return folder, changes.propose(answer, folder, shown, bare=bare)


def test_of_generated_changes_no_file_is_wrong_and_undo_restores_every_byte() -> None:
    found = diffs.measure(80, 7)
    assert found["wrong"] == []
    assert found["applied"]
    assert found["refused"]


@pytest.mark.parametrize(
    "answer",
    [
        (
            "src/计算.py\n```python\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n"
            ">>>>>>> REPLACE\n```"
        ),
        (
            "```python\nsrc/计算.py\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n"
            ">>>>>>> REPLACE\n```"
        ),
        "<<<<<<< SEARCH\nreturn a - b\n=======\nreturn a + b\n>>>>>>> REPLACE",
        (
            "```diff\n--- a/src/计算.py\n+++ b/src/计算.py\n@@ -40,2 +40,2 @@\n def add(a, b):\n"
            "-    return a - b\n+    return a + b\n```"
        ),
        "```diff\n--- 计算.py\n+++ 计算.py\n@@ ... @@\n-    return a - b\n+    return a + b\n```",
        "--- src/计算.py\n+++ src/计算.py\n-    return a - b\n+    return a + b\n",
        f"**src/计算.py**\n\n```python\n{CODE.replace('a - b', 'a + b')}```",
        f"```python src/计算.py\n{CODE.replace('a - b', 'a + b')}```",
        f"```python\n# src/计算.py\n{CODE.replace('a - b', 'a + b')}```",
        f"改好了\n```python\n{CODE.replace('a - b', 'a + b')}```\n```python\nadd(1, 2)\n```",
    ],
)
def test_a_change_is_understood_however_a_model_writes_it(tmp_path: Path, answer: str) -> None:
    folder, proposal = proposed(tmp_path, answer, bare=True)
    assert proposal.refusals == ()
    applied = changes.apply(folder, proposal.changes)
    place = tmp_path / "src" / "计算.py"
    assert place.read_text("utf-8") == CODE.replace("a - b", "a + b")
    changes.undo(folder, applied)
    assert place.read_text("utf-8") == CODE


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ("src/计算.py\n```\n<<<<<<< SEARCH\nnothing\n=======\nx\n>>>>>>> REPLACE\n```", "not fit"),
        ("src/计算.py\n```\n<<<<<<< SEARCH\n\n=======\nx\n>>>>>>> REPLACE\n```", "several places"),
        (
            "src/计算.py\n```\n<<<<<<< SEARCH\na\n=======\nb\n=======\n>>>>>>> REPLACE\n```",
            "unclear",
        ),
        ("```python src/计算.py\ndef add(a, b):\n    # ... rest of the code\n```", "leaves out"),
        ("```diff\n--- a/no.py\n+++ b/no.py\n@@ -1 +1 @@\n-a\n+b\n```", "There is no no.py"),
        ("```diff\n--- a/../x.py\n+++ b/../x.py\n@@ -1 +1 @@\n-a\n+b\n```", "not inside"),
        ("```diff\n--- a/src/计算.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-a\n```", "deletes"),
    ],
)
def test_what_does_not_fit_is_refused_by_name(tmp_path: Path, answer: str, said: str) -> None:
    _folder, proposal = proposed(tmp_path, answer)
    assert proposal.changes == ()
    (refusal,) = proposal.refusals
    assert said in refusal.reason
    assert refusal.path.split("/")[-1] in refusal.reason


def test_nothing_is_proposed_of_an_example_or_of_an_answer_broken_off(tmp_path: Path) -> None:
    example = "Call it so:\n```python\nadd(1, 2)\n```\n`np.array`:\n```python\nnp.array\n```"
    assert proposed(tmp_path, example)[1] == Proposal()
    assert answers.read("```python src/a.py\ndef add(") == []


def test_a_new_file_is_made_with_its_folder_and_taken_back_with_it(tmp_path: Path) -> None:
    folder, proposal = proposed(tmp_path, "`tests/test_add.py`\n```python\nassert True\n```")
    applied = changes.apply(folder, proposal.changes)
    assert (tmp_path / "tests" / "test_add.py").read_text() == "assert True\n"
    changes.undo(folder, applied)
    assert not (tmp_path / "tests").exists()


def test_a_part_that_was_shown_is_replaced_and_the_rest_stays(tmp_path: Path) -> None:
    part = "def twice(a):\n    return a * 3\n"
    answer = "```python\ndef twice(a):\n    return a * 2\n```"
    folder, proposal = proposed(tmp_path, answer, bare=True, part=part)
    changes.apply(folder, proposal.changes)
    assert (tmp_path / "src" / "计算.py").read_text() == CODE.replace("a * 3", "a * 2")


def test_all_or_nothing_is_written_and_undo_knows_of_later_changes(tmp_path: Path) -> None:
    answer = (
        "src/计算.py\n```\n<<<<<<< SEARCH\n    return a - b\n=======\n    return a + b\n"
        ">>>>>>> REPLACE\n```\n`new.py`\n```python\nx = 1\n```"
    )
    folder, proposal = proposed(tmp_path, answer)
    assert len(proposal.changes) == 2
    (tmp_path / "new.py").write_text("mine\n")
    with pytest.raises(KnownError, match=r"new\.py was changed"):
        changes.apply(folder, proposal.changes)
    assert (tmp_path / "src" / "计算.py").read_text() == CODE
    (tmp_path / "new.py").unlink()
    applied = changes.apply(folder, proposal.changes)
    (tmp_path / "new.py").write_text("x = 2\n")
    with pytest.raises(KnownError, match="changed in the meantime"):
        changes.undo(folder, applied)
    assert "a + b" in (tmp_path / "src" / "计算.py").read_text()


def test_git_quotes_of_chinese_names_are_read() -> None:
    quoted = "".join(f"\\{byte:03o}" for byte in "计算.py".encode())
    (wish,) = answers.read(f'--- "a/{quoted}"\n+++ "b/{quoted}"\n@@ -1 +1 @@\n-a\n+b\n')
    assert (wish.act, wish.name) == (Act.EDIT, "计算.py")
