"""What goes wrong with networks, servers and disks, as the person sees it: named, and no dead end.

The real fetcher asks the test Hub; each trouble is told in one sentence in the language of the
window, with what to do. What the fetcher keeps and refuses is tests/models' business.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QLabel, QPlainTextEdit
from pytestqt.qtbot import QtBot

from hanlin.domain.downloads import Cause, DownloadState, Wanted, WantedFile
from hanlin.kernel import paths
from hanlin.kernel.instance import FileLock
from hanlin.processes import command
from hanlin_bench.bench import Bench
from hanlin_bench.library import REPOSITORY, row, says, use_hub
from hanlin_fakes import disks
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.server import Fault, Lie, Server, servers
from hanlin_hub.shelf import Repository, Shelf, sha256
from hanlin_hunters.qt import Dialogs
from hanlin_models import causes, downloads, fetching
from hanlin_ui.dialogs.message import MessageDialog
from hanlin_ui.library.downloads_page import DownloadsPage
from hanlin_ui.library.sections import Section
from hanlin_ui.library.window import LibraryWindow

pytestmark = pytest.mark.loopback
NAME = "m-Q4_K_M.gguf"
TITLE = "Small Q4_K_M"
_CHINESE = re.compile("[一-鿿]")
_REFUSALS = 9
"""More than the fetcher asks before it gives up."""


@dataclass
class World:
    """A test Hub, a data folder that knows it, and what is broken there."""

    hub: Server
    root: Path
    authority: Authority
    stack: ExitStack
    patch: pytest.MonkeyPatch
    wanted: Wanted = field(init=False)
    address: str = field(init=False)

    def __post_init__(self) -> None:
        self.mend()

    def mend(self) -> None:
        """Make everything as it should be."""
        self.stack.pop_all().close()
        self.patch.undo()
        self.hub.lie, self.hub.faults = Lie.NONE, []
        self.hub.shelf.repositories[REPOSITORY].gated = False
        self.address = self.hub.address
        data = self.hub.shelf.repositories[REPOSITORY].files[NAME]
        self.wanted = Wanted(TITLE, REPOSITORY, (WantedFile(NAME, len(data), sha256(data)),))

    @property
    def models(self) -> Path:
        return paths.under(self.root).models

    def enter(self, context: AbstractContextManager[object]) -> None:
        """Keep something up until the test ends."""
        self.stack.enter_context(context)

    def refuse(self, status: int, **headers: str) -> None:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.hub.faults = [Fault(status=status, headers=named) for _number in range(_REFUSALS)]

    def ask_for(self, repository: str, name: str) -> None:
        """Want a file of which nothing is known yet."""
        self.wanted = Wanted(TITLE, repository, (WantedFile(name, None, None),))


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    authority = Authority(tmp_path / "tls")
    shelf = Shelf()
    shelf.add(Repository(REPOSITORY, {NAME: write_random(tmp_path / "m.gguf").read_bytes()}))
    server = Server(authority, shelf)
    with ExitStack() as stack, servers(server):
        world = World(server, tmp_path / "bench", authority, stack, monkeypatch)
        use_hub(paths.under(world.root), server, authority)
        yield world


@pytest.fixture
def open_bench(qtbot: QtBot, world: World, dialogs: Dialogs) -> Iterator[Callable[[str], Bench]]:
    opened: list[Bench] = []

    def open_one(language: str) -> Bench:
        opened.append(Bench(qtbot, world.root, language))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def start(bench: Bench, wanted: Wanted) -> LibraryWindow:
    window = bench.models_window(Section.DOWNLOADS)
    library = bench.workbench.library
    assert library is not None
    library.fetch(wanted)
    return window


def _captive_portal(world: World) -> None:
    world.hub.lie = Lie.WEB_PAGE


def _another_file(world: World) -> None:
    world.hub.lie = Lie.WRONG_BYTES


def _an_empty_file(world: World) -> None:
    world.hub.shelf.add(Repository("good/Empty-GGUF", {NAME: b""}))
    world.ask_for("good/Empty-GGUF", NAME)


def _nobody_knows_it(world: World) -> None:
    world.ask_for("good/Nowhere-GGUF", NAME)


def _terms(world: World) -> None:
    world.hub.shelf.repositories[REPOSITORY].gated = True


def _an_old_token(world: World) -> None:
    world.refuse(401, X_Error_Message="Invalid credentials in Authorization header")


def _a_wrong_clock(world: World) -> None:
    later = Server(world.authority, world.hub.shelf, valid_days=(5, 30))
    world.enter(later)
    world.address = later.address


def _nobody_vouches(world: World) -> None:
    foreign = Server(Authority(world.root / "foreign"), world.hub.shelf)
    world.enter(foreign)
    world.address = foreign.address


def _a_small_disk(world: World) -> None:
    world.enter(disks.small_disk(world.models, "1m"))


def _fat(world: World) -> None:
    world.patch.setattr(downloads, "largest_file_on", lambda _folder: 1000)


def _started_elsewhere(world: World) -> None:
    target = world.models / REPOSITORY / NAME
    target.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(target.with_name(f".{NAME}.lock"))
    world.enter(lock)
    assert lock.try_acquire()


Trouble = tuple[Callable[[World], None], Cause]
TROUBLES: dict[str, tuple[Trouble, ...]] = {
    "files": (
        (_captive_portal, Cause.WEB_PAGE),
        (_another_file, Cause.WRONG_HASH),
        (_an_empty_file, Cause.EMPTY),
    ),
    "refusals": (
        (_nobody_knows_it, Cause.NO_SUCH_REPOSITORY),
        (_terms, Cause.GATED),
        (_an_old_token, Cause.ACCOUNT_REFUSED),
        (lambda world: world.refuse(403), Cause.FORBIDDEN),
        (lambda world: world.refuse(404), Cause.NO_SUCH_FILE),
        (lambda world: world.refuse(416), Cause.RANGE_REFUSED),
    ),
    "certificates": ((_a_wrong_clock, Cause.CLOCK), (_nobody_vouches, Cause.CERTIFICATE)),
    "this computer": ((_fat, Cause.FILE_TOO_LARGE), (_started_elsewhere, Cause.IN_USE)),
    "a full disk": ((_a_small_disk, Cause.DISK_FULL),),
}


@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", TROUBLES)
def test_a_trouble_is_named_in_a_sentence_with_what_to_do(
    world: World, open_bench: Callable[[str], Bench], kind: str
) -> None:
    bench = open_bench("en")
    for break_it, cause in TROUBLES[kind]:
        break_it(world)
        bench.app.settings.own_source = world.address
        window = start(bench, world.wanted)
        bench.until(_told(window, cause))
        bench.interface.set_language("zh_CN")
        assert _CHINESE.search(causes.sentence(cause))
        assert _CHINESE.search(causes.hint(cause))
        bench.until(_told(window, cause))
        # Nothing is lost: the person can try again, or take it off the list.
        assert bench.button("重试", row(window)).isEnabled()
        assert not (world.models / REPOSITORY / NAME).exists()
        bench.interface.set_language("en")
        _take_off(bench, window)
        world.mend()


def _told(window: LibraryWindow, cause: Cause) -> Callable[[], bool]:
    """Return whether the window says, in the language of now, what happened and what to do."""
    return lambda: causes.sentence(cause) in says(window) and causes.hint(cause) in says(window)


def _take_off(bench: Bench, window: LibraryWindow) -> None:
    page = window.findChildren(DownloadsPage)[0]
    bench.press("Cancel", row(window))

    def gone() -> bool:
        for dialog in window.findChildren(MessageDialog):
            if dialog.isVisible():
                bench.press("Cancel the download", dialog)
        return not page.rows()

    bench.until(gone)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_what_passes_by_itself_is_waited_for_and_told(
    world: World, open_bench: Callable[[str], Bench], status: int
) -> None:
    cause = Cause.RATE_LIMITED if status == 429 else Cause.SERVER_ERROR
    world.hub.faults = [Fault(status=status, headers={"Retry-After": "5"})]
    bench = open_bench("zh_CN")
    window = start(bench, world.wanted)
    left: list[int] = []

    def counts_down() -> bool:  # a busy computer skips some seconds
        found = re.search(f"{causes.sentence(cause)}([1-5]) 秒后自动重试。", says(window))
        left.extend([int(found.group(1))] if found else [])
        return bool(left) and left[-1] < left[0]

    if status != 500:
        bench.until(counts_down)
    bench.until(lambda: causes.sentence(cause) in says(window))
    bench.until((world.models / REPOSITORY / NAME).is_file)
    bench.until(lambda: causes.sentence(cause) not in says(window))


@pytest.mark.parametrize(
    ("repository", "name", "advice"),
    [
        ("good/..", "m.gguf", "“..”"),
        (REPOSITORY, "../m.gguf", "“..”"),
        ("good", "m.gguf", "斜杠"),
        ("good/-m", "m.gguf", "A 到 Z"),
        (REPOSITORY, "con.gguf", "另选一个文件"),
    ],
)
def test_a_name_that_leads_elsewhere_is_refused_in_words(
    world: World, open_bench: Callable[[str], Bench], repository: str, name: str, advice: str
) -> None:
    bench = open_bench("zh_CN")
    window = start(bench, Wanted(TITLE, repository, (WantedFile(name, 10, "0" * 64),)))
    message = bench.message(window)
    text = " ".join(label.text() for label in message.findChildren(QLabel))
    assert causes.sentence(Cause.BAD_NAME) in text
    assert advice in text
    message.close()
    assert world.hub.seen == []


def test_a_server_that_falls_silent_keeps_nobody_waiting(
    world: World, open_bench: Callable[[str], Bench]
) -> None:
    """Pages turn, the language changes and the download is paused while nothing comes."""
    world.hub.faults = [Fault(stall_after=1000) for _number in range(_REFUSALS)]
    bench = open_bench("en")
    window = start(bench, world.wanted)
    bench.until(lambda: bool(world.hub.file_requests()))
    window.show_page(Section.CATALOGUE)
    assert window.current_page() == Section.CATALOGUE
    bench.interface.set_language("zh_CN")
    window.show_page(Section.DOWNLOADS)
    bench.press("暂停", row(window))
    bench.until(lambda: "已暂停" in says(window))
    known = json.loads((world.root / "data" / "downloads.json").read_text())
    assert DownloadState.PAUSED in json.dumps(known)


def test_a_name_server_that_never_answers_is_named_and_keeps_nobody_waiting(
    world: World, open_bench: Callable[[str], Bench], monkeypatch: pytest.MonkeyPatch
) -> None:
    support = Path(disks.__file__).parents[1]

    def build(*arguments: object, import_roots: tuple[Path, ...]) -> command.ChildCommand:
        start_nameless = partial(command.build, entry="hanlin_fakes.nameless_fetcher")
        return start_nameless(*arguments, import_roots=(*import_roots, support))  # type: ignore[arg-type]  # what the program gives

    monkeypatch.setattr(fetching, "command", SimpleNamespace(build=build))
    bench = open_bench("en")
    bench.app.settings.own_source = "https://hub.invalid"
    window = start(bench, world.wanted)
    window.show_page(Section.CATALOGUE)
    assert window.current_page() == Section.CATALOGUE
    window.show_page(Section.DOWNLOADS)
    bench.until(lambda: causes.sentence(Cause.NAME_SLOW) in says(window))
    bench.interface.set_language("zh_CN")
    bench.until(lambda: causes.sentence(Cause.NAME_SLOW) in says(window))
    assert _CHINESE.search(causes.sentence(Cause.NAME_SLOW))
    bench.press("暂停", row(window))
    bench.until(lambda: "已暂停" in says(window))


def test_damage_on_this_disk_is_told_from_a_server_that_lies(
    world: World, open_bench: Callable[[str], Bench]
) -> None:
    """What was changed here is mended and told; a lie is refused with its server's name."""
    target = world.models / REPOSITORY / NAME
    part = target.with_name(f".{NAME}.part")
    size = world.wanted.files[0].size
    assert size is not None
    world.hub.faults = [Fault(stall_after=size // 2)]
    bench = open_bench("en")
    window = start(bench, world.wanted)
    bench.until(lambda: part.exists() and part.stat().st_size > 0)
    bench.press("Pause", row(window))
    bench.until(lambda: "Paused" in says(window))
    came = part.read_bytes()
    assert 0 < len(came) < size
    part.write_bytes(bytes([came[0] ^ 1]) + came[1:])
    bench.press("Go on", row(window))
    bench.until(target.is_file)
    assert sha256(target.read_bytes()) == world.wanted.files[0].sha256
    bench.until(lambda: "Here and verified" in says(window))
    bench.press("Log…", row(window))
    log = bench.message(window)
    told = log.findChildren(QPlainTextEdit)[0].toPlainText()
    assert "damaged on this computer's disk" in told
    assert causes.sentence(Cause.WRONG_HASH) not in told
    log.close()
