"""The list of downloads over real fetchers and a test Hub."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from hanlin.domain.downloads import Cause, Download, DownloadState, Wanted, WantedFile
from hanlin.domain.models import Model
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.kernel.events import EventBus
from hanlin_fakes.waiting import DEADLINE, until
from hanlin_hub.authority import Authority
from hanlin_hub.orders import NAME, REPOSITORY, model_bytes, source
from hanlin_hub.server import Fault, Lie, Server, servers
from hanlin_hub.shelf import Repository, Shelf, sha256
from hanlin_models import downloads_file
from hanlin_models.connections_log import ConnectionsLog
from hanlin_models.downloads import DownloadProgressed, DownloadService
from hanlin_models.downloads_progress import describe
from hanlin_models.fetching import Fetching, Job
from hanlin_models.orders import Network, Source, SourceKind
from hanlin_models.sources import own_source

pytestmark = pytest.mark.loopback

SIZE = 600_000
DATA = model_bytes(SIZE)
PINNED = WantedFile(NAME, SIZE, sha256(DATA))


@dataclass
class Desk:
    """The services as the program builds them, and the Hub they talk to."""

    folder: Path
    hub: Server
    mirror: Server
    authority: Authority
    bus: EventBus = field(default_factory=EventBus)
    adopted: list[Path] = field(default_factory=list)
    verified: list[tuple[str, str]] = field(default_factory=list)
    allowed: bool = True
    services: list[DownloadService] = field(default_factory=list)

    @property
    def log(self) -> ConnectionsLog:
        return ConnectionsLog(self.folder / "connections.jsonl", SystemClock())

    @property
    def fetching(self) -> Fetching:
        network = Network(
            authorities=str(self.authority.certificate),
            token_origin=self.hub.address,
            patience=5.0,
        )
        models = self.folder / "models"
        return Fetching(models, self.log, lambda: network, lambda: self.allowed)

    def service(self, *own: Source, **options: object) -> DownloadService:
        def adopt(path: Path) -> Model | None:
            self.adopted.append(path)
            return None

        sources = own or (source(self.hub), source(self.mirror, "mirror"))
        made = DownloadService(
            self.folder / "models",
            self.folder / "downloads.json",
            self.fetching,
            lambda: sources,
            self.bus,
            adopt,
            lambda path, sha256: self.verified.append((path.name, sha256)),
            **{"room": 0, "reserve": 0, "persistence": 20.0, "block_bytes": 1 << 16, **options},
        )
        self.services.append(made)
        return made

    def file(self) -> Path:
        return self.folder / "models" / REPOSITORY / NAME


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    authority = Authority(tmp_path / "tls")
    shelf = Shelf()
    shelf.add(Repository(REPOSITORY, {NAME: DATA, "README.md": b"hello"}))
    store = Server(authority, shelf)
    hub, mirror = Server(authority, shelf, store=store), Server(authority, shelf)
    with servers(hub, store, mirror):
        made = Desk(tmp_path / "data", hub, mirror, authority)
        yield made
        for service in made.services:
            service.close()


def wait_for(service: DownloadService, identity: str, *states: DownloadState) -> Download:
    until(lambda: (service.find(identity) or pytest.fail("gone")).state in states)
    found = service.find(identity)
    assert found is not None
    return found


def test_a_model_that_nobody_pinned_is_looked_up_fetched_and_adopted(desk: Desk) -> None:
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (WantedFile(NAME),)))
    done = wait_for(service, asked.id, DownloadState.DONE, DownloadState.FAILED)
    assert (done.state, done.cause, done.done, done.total, done.detail) == (
        DownloadState.DONE,
        Cause.NONE,
        SIZE,
        SIZE,
        "",
    )
    assert done.wanted.files == (PINNED,)
    assert desk.adopted == [desk.file()]
    assert desk.file().read_bytes() == DATA
    assert desk.verified == [(NAME, sha256(DATA))]


def test_a_finished_download_is_forgotten_with_its_file_and_kept_with_its_disk(desk: Desk) -> None:
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (WantedFile(NAME),)))
    wait_for(service, asked.id, DownloadState.DONE)
    service.forget_missing()
    assert service.find(asked.id) is not None
    models = desk.file().parents[2]
    models.rename(models.with_name("away"))  # a stick that was pulled out
    service.forget_missing()
    assert service.find(asked.id) is not None
    models.with_name("away").rename(models)
    desk.file().unlink()
    service.forget_missing()
    assert service.downloads == ()


def test_every_request_is_on_record(desk: Desk) -> None:
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (WantedFile(NAME),)))
    wait_for(service, asked.id, DownloadState.DONE)
    service.close()
    connections = desk.log.connections()
    made = sum(len(server.seen) for server in (desk.hub, desk.mirror, desk.hub.store or desk.hub))
    assert len(connections) == made
    assert {one.purpose for one in connections} == {"download Small"}
    assert all(one.status and one.count is not None for one in connections)
    assert sum(one.count or 0 for one in connections) >= SIZE


def test_never_connect_starts_nothing(desk: Desk) -> None:
    desk.allowed = False
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (PINNED,)))
    failed = wait_for(service, asked.id, DownloadState.FAILED)
    assert "Never connect" in failed.note
    assert desk.hub.seen == []
    assert desk.log.connections() == []


def test_pause_and_go_on(desk: Desk) -> None:
    desk.hub.shelf.repositories[REPOSITORY].files["big.gguf"] = big = model_bytes(3_000_000)
    for server in (desk.hub.store, desk.mirror):
        assert server is not None
        server.bytes_per_second = 1_500_000
    service = desk.service(block_seconds=0.1)
    moved = threading.Event()
    desk.bus.subscribe(
        DownloadProgressed, lambda event: moved.set() if event.download.done > 500_000 else None
    )
    file = WantedFile("big.gguf", len(big), sha256(big))
    asked = service.add(Wanted("Big", REPOSITORY, (file,)))
    assert moved.wait(DEADLINE)
    service.pause(asked.id)
    until(lambda: not (desk.folder / "models" / REPOSITORY / ".big.gguf.lock").exists())
    part = desk.folder / "models" / REPOSITORY / ".big.gguf.part"
    assert part.stat().st_size > 0
    assert (service.find(asked.id) or asked).state is DownloadState.PAUSED
    service.close()

    again = desk.service()
    assert (again.find(asked.id) or asked).state is DownloadState.PAUSED
    again.resume(asked.id)
    wait_for(again, asked.id, DownloadState.DONE)
    assert (desk.folder / "models" / REPOSITORY / "big.gguf").read_bytes() == big


def test_after_a_kill_the_list_says_what_is_on_the_disk(desk: Desk) -> None:
    """The list is written when something changes, not with every byte that comes."""
    wanted = Wanted("Big", REPOSITORY, (WantedFile("big.gguf", 1000, "0" * 64),))
    state = desk.folder / "downloads.json"
    state.parent.mkdir(parents=True, exist_ok=True)
    downloads_file.write(state, [Download("a", wanted, DownloadState.RUNNING, 0, 1000)])
    part = desk.folder / "models" / REPOSITORY / ".big.gguf.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(bytes(400))
    found = desk.service().find("a")
    assert found is not None
    assert (found.state, found.done) == (DownloadState.PAUSED, 400)


def test_a_failed_download_says_why_and_the_next_one_has_its_turn(desk: Desk) -> None:
    desk.hub.lie = desk.mirror.lie = Lie.NONE
    service = desk.service()
    wrong = WantedFile("absent.gguf", 1000, "0" * 64)
    first = service.add(Wanted("Absent", REPOSITORY, (wrong,)))
    second = service.add(Wanted("Small", REPOSITORY, (PINNED,)))
    failed = wait_for(service, first.id, DownloadState.FAILED)
    assert failed.cause is Cause.NO_SUCH_FILE
    assert "no such file" in describe(failed, 0.0)
    wait_for(service, second.id, DownloadState.DONE)


def test_nobody_waits_for_a_download_that_is_being_started(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Starting asks the keyring for the token, and that may ask the person."""
    starting, released, answered = threading.Event(), threading.Event(), threading.Event()
    start = Fetching.start

    def start_slowly(*arguments: Any, **options: Any) -> Job:
        starting.set()
        assert released.wait(DEADLINE)
        return start(*arguments, **options)

    monkeypatch.setattr(Fetching, "start", start_slowly)
    service = desk.service()
    first = service.add(Wanted("First", REPOSITORY, (PINNED,)))
    assert starting.wait(DEADLINE)

    def look_and_pause() -> None:
        assert service.downloads
        service.pause(first.id)
        answered.set()

    threading.Thread(target=look_and_pause, daemon=True).start()
    try:
        assert answered.wait(DEADLINE / 2)
    finally:
        released.set()
    second = service.add(Wanted("Other", REPOSITORY, (WantedFile("absent.gguf", 9, "0" * 64),)))
    wait_for(service, second.id, DownloadState.FAILED)
    assert (service.find(first.id) or first).state is DownloadState.PAUSED
    assert not desk.file().exists()


def test_a_folder_that_cannot_be_made_fails_the_download_with_its_name(desk: Desk) -> None:
    desk.folder.mkdir()
    (desk.folder / "models").write_bytes(b"a file")
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (PINNED,)))
    failed = wait_for(service, asked.id, DownloadState.FAILED)
    assert str(desk.folder / "models") in failed.note


def test_asking_twice_is_one_download(desk: Desk) -> None:
    service = desk.service()
    wanted = Wanted("Small", REPOSITORY, (PINNED,))
    assert service.add(wanted).id == service.add(wanted).id
    assert len(service.downloads) == 1


def test_removing_leaves_no_litter(desk: Desk) -> None:
    for server in (desk.hub.store, desk.mirror):
        assert server is not None
        server.bytes_per_second = 200_000
    service = desk.service(block_seconds=0.1)
    asked = service.add(Wanted("Small", REPOSITORY, (PINNED,)))
    part = desk.file().with_name(f".{NAME}.part")
    until(lambda: part.exists() and part.stat().st_size > 0)
    service.remove(asked.id)
    assert service.downloads == ()
    assert list(desk.file().parent.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["../../evil.gguf", "/etc/x.gguf", "a/../b.gguf", "con.gguf", "a\\b.gguf", ".x.gguf", ""],
)
def test_a_name_that_leads_elsewhere_is_refused(desk: Desk, name: str) -> None:
    service = desk.service()
    with pytest.raises(KnownError):
        service.add(Wanted("Evil", REPOSITORY, (WantedFile(name, 10, "0" * 64),)))
    assert desk.hub.seen == []


def test_a_mirror_helps_when_the_hub_is_blocked(desk: Desk) -> None:
    desk.hub.faults = [Fault(status=503, only_files=False) for _ in range(50)]
    service = desk.service()
    asked = service.add(Wanted("Small", REPOSITORY, (WantedFile(NAME),)))
    done = wait_for(service, asked.id, DownloadState.DONE, DownloadState.FAILED)
    assert done.state is DownloadState.DONE


def test_a_model_in_parts_is_one_download(desk: Desk) -> None:
    files = desk.hub.shelf.repositories[REPOSITORY].files
    parts = {f"q/m-Q4_K_M-0000{n}-of-00002.gguf": model_bytes(200_000, seed=n) for n in (1, 2)}
    files.update(parts)
    told: list[int] = []
    desk.bus.subscribe(DownloadProgressed, lambda event: told.append(event.download.done))
    service = desk.service()
    wanted = tuple(WantedFile(name, len(data), sha256(data)) for name, data in parts.items())
    asked = service.add(Wanted("Parts", REPOSITORY, wanted))
    done = wait_for(service, asked.id, DownloadState.DONE, DownloadState.FAILED)
    assert (done.state, done.done) == (DownloadState.DONE, 400_000)
    folder = desk.folder / "models" / REPOSITORY
    assert {name: (folder / name).read_bytes() for name in parts} == parts
    assert told == sorted(told)
    assert desk.adopted == [folder / next(iter(parts))]


@pytest.mark.parametrize("pinned", [True, False])
def test_a_folder_serves_without_any_connection_what_is_known(desk: Desk, *, pinned: bool) -> None:
    share = desk.folder / "share"
    share.mkdir(parents=True)
    (share / NAME).write_bytes(DATA)
    desk.allowed = False
    service = desk.service(Source("share", SourceKind.FOLDER, str(share)))
    file = PINNED if pinned else WantedFile(NAME)
    made = service.add(Wanted("Tiny", REPOSITORY, (file,)))
    ended = wait_for(service, made.id, DownloadState.DONE, DownloadState.FAILED)
    assert ended.state is (DownloadState.DONE if pinned else DownloadState.FAILED)
    assert desk.file().exists() is pinned
    assert desk.hub.seen == []


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("https://models.example/hub/", SourceKind.HUB),
        ("/mnt/models", SourceKind.FOLDER),
        ("file:///mnt/my%20models", SourceKind.FOLDER),
    ],
)
def test_what_a_source_may_be(typed: str, kind: SourceKind) -> None:
    assert own_source(typed).kind is kind
    assert "%" not in own_source(typed).address


@pytest.mark.parametrize(
    "typed",
    [
        *("", "models", "smb://nas/models", "https://", "http://x.example"),
        *("https://[::1", "https://x.example:99999", "https://x.example:a"),
    ],
)
def test_what_is_no_source_is_named(typed: str) -> None:
    with pytest.raises(KnownError):
        own_source(typed)
