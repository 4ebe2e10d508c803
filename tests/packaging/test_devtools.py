"""dev.py's own reasoning: what it asks for, what it leaves out, which stage runs what."""

import plistlib
import re
import tomllib
from pathlib import Path

import pytest

from devtools import artefacts, commands, environment, macos, stages, system, windows
from devtools.console import Failure
from devtools.places import ROOT, SOURCE_ROOTS
from hanlin_rules.sources import PACKAGES


def _need(package: str, purpose: system.Purpose, *, met: bool) -> system.Need:
    return system.Need(f"the thing of {package}", package, purpose, lambda: met)


@pytest.fixture
def not_root(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(system, "is_root_on_debian", lambda: False)
    monkeypatch.setattr(
        system,
        "_NEEDS",
        (
            _need("libxcb-icccm4", system.Purpose.WINDOW, met=False),
            _need("fonts-noto-cjk", system.Purpose.WINDOW, met=False),
            _need("libgl1", system.Purpose.WINDOW, met=True),
            _need("xvfb", system.Purpose.TEST, met=False),
        ),
    )


@pytest.mark.usefixtures("not_root")
def test_what_is_missing_is_said_with_the_exact_line() -> None:
    with pytest.raises(Failure) as caught:
        system.provide(system.Purpose.WINDOW)
    assert caught.value.code == 3
    assert "apt-get install -y fonts-noto-cjk libxcb-icccm4\n" in caught.value.message
    assert "xvfb" not in caught.value.message


@pytest.mark.usefixtures("not_root")
def test_what_is_there_is_not_asked_for() -> None:
    system.provide(system.Purpose.COMPILE)


def test_a_missing_library_is_named_itself_and_not_by_qts_guess(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    ldd = tmp_path / "ldd"
    ldd.write_text("#!/bin/sh\nprintf '\\tlibxcb-icccm.so.4 => not found\\n'\n", encoding="utf-8")
    ldd.chmod(0o700)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(Failure, match=r"libxcb-icccm\.so\.4") as caught:
        system.check_libraries([tmp_path / "libqxcb.so"])
    assert caught.value.code == 3
    assert "xcb-cursor" not in caught.value.message


def test_the_environment_of_the_unit_tests_has_neither_qt_nor_llama_cpp(tmp_path: Path) -> None:
    core = environment.Environment(tmp_path, environment.CORE.leave_out)
    names = {
        found[1]
        for group in ("runtime", "test")
        for found in re.finditer(
            r"^([\w.-]+)==",
            core.lock_without_left_out(environment.LOCKS[group]).read_text(encoding="utf-8"),
            re.MULTILINE,
        )
    }
    assert {"pytest", "apsw-sqlite3mc", "cryptography"} <= names
    assert names & {"pyside6-essentials", "shiboken6", "llama-cpp-python", "pytest-qt"} == set()


def test_every_locked_package_has_a_hash_and_no_address() -> None:
    for lock in (*environment.LOCKS.values(), environment.TOOLS_LOCK):
        text = lock.read_text(encoding="utf-8")
        assert "://" not in text
        for entry in re.split(r"\n(?=\S)", text):
            assert entry.startswith("#") or "--hash=sha256:" in entry, entry


def test_every_test_folder_is_run_by_exactly_one_stage() -> None:
    folders = {file.relative_to(ROOT).parts[1] for file in (ROOT / "tests").rglob("test_*.py")} - {
        "support"
    }
    for folder in folders:
        owners = [stage for stage in stages.STAGES if stage.owns(f"tests/{folder}")]
        assert len(owners) == 1, folder


def test_a_path_that_no_stage_runs_is_refused() -> None:
    with pytest.raises(Failure, match=r"pyproject\.toml"):
        stages.run([str(ROOT / "pyproject.toml")])


def test_unknown_words_get_the_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["tset"]) == 2
    assert "dev.py" in capsys.readouterr().out


def test_the_wheel_holds_our_four_packages() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    wheel = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    assert sorted(wheel) == sorted(PACKAGES.values())
    assert {ROOT / folder.split("/")[0] for folder in wheel} == set(SOURCE_ROOTS)


def test_several_artefacts_are_made_in_one_go_and_a_runtime_belongs_to_the_appimage() -> None:
    wanted = artefacts.order(["portable", "appimage", "--runtime", "some/file", "deb"])
    assert list(wanted.packers) == ["portable", "appimage", "deb"]
    assert system.Purpose.PACK in wanted.purpose
    assert system.Purpose.PACK not in artefacts.order(["portable"]).purpose


@pytest.mark.parametrize(
    "words", [[], ["debb"], ["deb", "--runtime", "x"], ["appimage", "--runtime"]]
)
def test_what_cannot_be_built_is_refused_with_what_can(words: list[str]) -> None:
    with pytest.raises(Failure, match="portable, deb, appimage, windows, macos") as caught:
        artefacts.order(words)
    assert caught.value.code == 2


def test_the_icons_hold_a_picture_for_every_size() -> None:
    ico, icns = windows.icon_file(), macos.icon_file()
    assert ico.count(b"\x89PNG") == int.from_bytes(ico[4:6], "little") == 7
    assert int.from_bytes(icns[4:8], "big") == len(icns)


def test_the_mac_program_asks_for_no_more_than_it_needs() -> None:
    asked = plistlib.loads(macos.ENTITLEMENTS.read_bytes())
    assert asked == {"com.apple.security.cs.allow-unsigned-executable-memory": True}
