"""The .deb on a Debian with nothing else: installed, used without a network, removed.

``dev.py build deb`` runs these; Debian 13's turn comes with HANLIN_RELEASES=bookworm,trixie.
The X server stands outside, so that inside is only what the package depends on.
"""

import gzip
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from devtools.places import BUILD
from hanlin.cli.main import COMMANDS
from hanlin_fakes import bare_system
from hanlin_fakes.bare_system import PERSON, BareSystem
from hanlin_fakes.desktop import Desktop, Window, eventually

_PACKED_BYTES = 90_000_000
_RELEASES = os.environ.get("HANLIN_RELEASES", "bookworm").split(",")
_SHOTS = Path(os.environ.get("HANLIN_SHOTS", BUILD / "shots"))
_DATA = "资料 夹"


@pytest.fixture(scope="session")
def deb(made: Callable[[str], Path]) -> Path:
    return made("deb")


def _run(*words: object) -> str:
    command = [str(word) for word in words]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def _field(deb: Path, name: str) -> str:
    return _run("dpkg-deb", "--field", deb, name).strip()


def test_it_fits_the_budget(deb: Path) -> None:
    assert deb.stat().st_size <= _PACKED_BYTES
    assert int(_field(deb, "Installed-Size")) * 1024 <= 260_000_000


def test_it_runs_no_script_at_installation(deb: Path, tmp_path: Path) -> None:
    _run("dpkg-deb", "--control", deb, tmp_path / "control")
    assert [path.name for path in (tmp_path / "control").iterdir()] == ["control"]


def test_it_asks_for_chinese_fonts(deb: Path) -> None:
    assert "fonts-noto-cjk" in _field(deb, "Recommends")


def test_all_its_files_are_roots_and_nobody_else_writes_them(deb: Path) -> None:
    lines = _run("dpkg-deb", "--contents", deb).splitlines()
    assert lines
    assert {line.split()[1] for line in lines} == {"root/root"}
    assert {line[:10] for line in lines} <= {"drwxr-xr-x", "-rw-r--r--", "-rwxr-xr-x", "lrwxrwxrwx"}


def test_desktop_and_software_centre_accept_what_it_says(deb: Path, tmp_path: Path) -> None:
    for tool in ("desktop-file-validate", "appstreamcli"):
        if shutil.which(tool) is None:
            pytest.skip(f"{tool} is not installed")
    _run("dpkg-deb", "--extract", deb, tmp_path)
    share = tmp_path / "usr/share"
    _run("desktop-file-validate", share / "applications/hanlin.desktop")
    # The project has no domain to name itself after; everything else counts.
    words = ["appstreamcli", "validate", "--no-net", "--override=cid-desktopapp-is-not-rdns=info"]
    _run(*words, share / "metainfo/hanlin.metainfo.xml")
    sizes = {path.parts[-3] for path in share.glob("icons/hicolor/*/apps/hanlin.png")}
    assert {"16x16", "48x48", "128x128", "256x256", "512x512"} <= sizes


def test_the_manual_knows_every_command_in_both_languages(deb: Path, tmp_path: Path) -> None:
    _run("dpkg-deb", "--extract", deb, tmp_path)
    for folder in ("man1", "zh_CN/man1"):
        packed = (tmp_path / "usr/share/man" / folder / "hanlin.1.gz").read_bytes()
        text = gzip.decompress(packed).decode()
        assert [name for name in COMMANDS if f"\n.B {name}\n" not in text] == []
        assert "@" not in text


@pytest.fixture(scope="module", params=_RELEASES)
def bare(request: pytest.FixtureRequest, deb: Path) -> Iterator[BareSystem]:
    """Return a Debian on which the package is installed."""
    if reason := bare_system.why_not():
        pytest.skip(reason)
    # Not in the folder for temporary files, which may hold little and no devices.
    BUILD.mkdir(exist_ok=True)
    root = Path(tempfile.mkdtemp(prefix=f"{request.param}-", dir=BUILD))
    try:
        system = BareSystem(root, request.param)
        system.install(deb)
        yield system
    finally:
        shutil.rmtree(root, ignore_errors=True)


@pytest.mark.timeout(900)
@pytest.mark.parametrize("user", ["root", PERSON])
def test_it_finds_itself_complete_without_a_network(bare: BareSystem, user: str) -> None:
    done = bare.run(["hanlin", "--self-test"], user=user)
    assert "FAILED" not in done.stdout
    assert re.search(r"^ok +starter: \d+ tokens", done.stdout, re.MULTILINE), done.stdout


@pytest.mark.timeout(300)
def test_the_doctor_says_what_lacks_and_that_it_runs(bare: BareSystem) -> None:
    done = bare.run(["hanlin", "--language", "en", "doctor"], user=PERSON)
    font = next(line for line in done.stdout.splitlines() if "Chinese font" in line)
    assert font.startswith("!!"), "this system has no font at all"


@pytest.mark.timeout(300)
def test_it_talks_in_a_window(bare: BareSystem) -> None:
    if not os.environ.get("DISPLAY") or shutil.which("xdotool") is None:
        pytest.skip("there is no X display, or xdotool is not installed")
    environment = {"DISPLAY": os.environ["DISPLAY"], "HANLIN_DATA_DIR": f"/home/{PERSON}/{_DATA}"}
    if key := os.environ.get("XAUTHORITY"):
        shutil.copyfile(key, bare.home(PERSON) / "key")
        os.chown(bare.home(PERSON) / "key", 1000, 1000)
        environment["XAUTHORITY"] = f"/home/{PERSON}/key"
    person = Desktop(bare.home(PERSON) / _DATA, _SHOTS, {})
    process = bare.start(["hanlin", "--language", "en"], user=PERSON, environment=environment)
    with Window(process, _SHOTS, ("--class", "hanlin")) as window:
        window.wait_until_painted()
        window.shot(f"deb-{bare.release}-start")
        window.type("hello")
        window.press("Return")
        answer = eventually(lambda: person.answer("complete"), "an answer")
        window.shot(f"deb-{bare.release}-answered")
        window.quit()
    assert answer.text()


@pytest.mark.timeout(300)
def test_removed_it_leaves_nothing_but_what_the_person_wrote(bare: BareSystem) -> None:
    bare.run(["dpkg", "--purge", "hanlin"])
    assert bare.run(["dpkg", "-s", "hanlin"], check=False).returncode != 0
    left = [path for path in bare.files("hanlin") if not path.startswith(("home/", "root/"))]
    assert left == []
    assert not (bare.root / "opt/hanlin").exists()
