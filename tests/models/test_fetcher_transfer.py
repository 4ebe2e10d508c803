"""One file from lying, broken and honest servers: right bytes under the right name, or a cause."""

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from hanlin.domain.downloads import Cause
from hanlin.kernel.instance import FileLock
from hanlin_fakes import disks
from hanlin_hub.authority import Authority
from hanlin_hub.orders import NAME, REPOSITORY, model_bytes, order, source
from hanlin_hub.server import Fault as Trouble
from hanlin_hub.server import Lie, Server, servers
from hanlin_hub.shelf import Repository, Shelf
from hanlin_models.fetcher.control import Control
from hanlin_models.fetcher.faults import Fault
from hanlin_models.fetcher.https import Door, check_redirect, retry_after
from hanlin_models.fetcher.transfer import Transfer
from hanlin_models.orders import DownloadOrder, Network, Source, SourceKind

pytestmark = pytest.mark.loopback

SIZE = 400_000
DATA = model_bytes(SIZE)
ACCOUNT = "hf_of_a_test"


@dataclass
class World:
    """A Hub with its store, a mirror, and the means to fetch from them."""

    folder: Path
    authority: Authority
    hub: Server
    store: Server
    mirror: Server
    told: list[Mapping[str, object]] = field(default_factory=list)

    @property
    def target(self) -> Path:
        return self.folder / REPOSITORY / NAME

    def fetch(self, *sources: Source, network: Network | None = None, **changes: object) -> None:
        placed = order(self.folder, DATA, *(sources or (source(self.hub),)), **changes)
        self.run(placed, network)

    def run(self, placed: DownloadOrder, network: Network | None = None) -> None:
        network = network or Network(patience=2.0)
        network = replace(network, authorities=str(self.authority.certificate))
        door = Door(network, self.told.append)
        quarantine = self.folder / ".quarantine"
        Transfer(placed, placed.files[0], quarantine, door, Control(), self.told.append).run()

    def cause(self, *sources: Source, **changes: float) -> Cause:
        with pytest.raises(Fault) as raised:
            self.run(order(self.folder, DATA, *(sources or (source(self.hub),)), **changes))
        assert not self.target.exists()
        return raised.value.cause

    def assert_complete(self) -> None:
        assert self.target.read_bytes() == DATA
        assert [path.name for path in self.target.parent.iterdir()] == [NAME]

    def half(self) -> None:
        """Let half of the file come, and then nothing more."""
        self.store.faults = [Trouble(cut_after=SIZE // 2), *(Trouble(status=500) for _ in range(9))]
        with pytest.raises(Fault):
            self.fetch(persistence=0.5)
        self.store.faults = []
        assert 0 < self.part_size() <= SIZE // 2

    def part_size(self) -> int:
        return (self.target.with_name(f".{NAME}.part")).stat().st_size


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    authority = Authority(tmp_path / "tls")
    shelf = Shelf()
    shelf.add(Repository(REPOSITORY, {NAME: DATA}))
    store = Server(authority, shelf)
    hub = Server(authority, shelf, store=store)
    mirror = Server(authority, shelf)
    with servers(hub, store, mirror):
        yield World(tmp_path / "models", authority, hub, store, mirror)


def test_an_honest_server_gives_the_file_and_nothing_else(world: World) -> None:
    world.fetch()
    world.assert_complete()
    hosts = [one["host"] for one in world.told if one["event"] == "request"]
    assert hosts == [
        address.removeprefix("https://") for address in (world.hub.address, world.store.address)
    ]
    assert [one["count"] for one in world.told if one["event"] == "response"] == [0, SIZE]


REFUSALS = {
    Lie.WEB_PAGE: Cause.WEB_PAGE,
    Lie.PAGE_AS_FILE: Cause.WEB_PAGE,
    Lie.WRONG_BYTES: Cause.WRONG_HASH,
    Lie.SHORTER: Cause.WRONG_SIZE,
    Lie.LONGER: Cause.WRONG_SIZE,
    Lie.PACKED: Cause.ENCODED,
    Lie.PLAIN_HTTP: Cause.NOT_ENCRYPTED,
}
REFUSALS_AFTER_HALF = {
    Lie.SHIFTED_RANGE: Cause.WRONG_RANGE,
    Lie.RANGE_FROM_START: Cause.WRONG_HASH,
    Lie.OTHER_VERSION: Cause.CHANGED,
}


@pytest.mark.parametrize("lie", REFUSALS)
def test_a_lie_is_refused_with_its_cause(world: World, lie: Lie) -> None:
    world.store.lie = world.hub.lie = lie
    assert world.cause() is REFUSALS[lie]


@pytest.mark.parametrize("lie", REFUSALS_AFTER_HALF)
def test_a_lie_about_the_rest_is_refused_with_its_cause(world: World, lie: Lie) -> None:
    world.half()
    world.store.lie = lie
    assert world.cause() is REFUSALS_AFTER_HALF[lie]


@pytest.mark.parametrize("lie", [*REFUSALS, *REFUSALS_AFTER_HALF])
def test_after_a_lie_another_source_makes_it_good(world: World, lie: Lie) -> None:
    if lie in REFUSALS_AFTER_HALF:
        world.half()
    world.store.lie = world.hub.lie = lie
    world.fetch(source(world.hub), source(world.mirror, "mirror"))
    world.assert_complete()


def test_what_came_before_is_not_fetched_again(world: World) -> None:
    world.half()
    had = world.part_size()
    world.store.seen.clear()
    world.fetch()
    world.assert_complete()
    assert [one.range for one in world.store.seen] == [f"bytes={had}-{SIZE - 1}"]


def test_a_server_that_ignores_ranges_does_not_spoil_what_came(world: World) -> None:
    world.half()
    world.store.ignores_range = True
    world.fetch()
    world.assert_complete()


def test_the_source_changes_in_the_middle_of_the_file(world: World) -> None:
    world.store.faults = [Trouble(cut_after=SIZE // 2)]
    world.store.faults += [Trouble(status=503, headers={"Retry-After": "60"})] * 5
    world.fetch(source(world.hub), source(world.mirror, "mirror"), persistence=30)
    world.assert_complete()
    assert len(world.mirror.file_requests()) == 1
    assert world.mirror.file_requests()[0].range.startswith("bytes=")


def test_a_mixed_file_that_is_wrong_shows_who_lied(world: World) -> None:
    world.half()
    world.mirror.lie = Lie.RANGE_FROM_START
    world.store.faults = [Trouble(status=503, headers={"Retry-After": "2"})]
    world.fetch(source(world.hub), source(world.mirror, "mirror"), persistence=30)
    world.assert_complete()


def test_a_silent_server_is_left_after_the_patience(world: World) -> None:
    world.store.faults = [Trouble(stall_after=SIZE // 3)]
    network = Network(patience=0.5)
    world.fetch(source(world.hub), source(world.mirror, "mirror"), network=network)
    world.assert_complete()
    assert [one["cause"] for one in world.told if one["event"] == "fault"] == ["stalled"]


STATUSES = [
    (Trouble(status=500), Cause.SERVER_ERROR),
    (Trouble(status=429, headers={"Retry-After": "600"}), Cause.RATE_LIMITED),
    (Trouble(status=403), Cause.FORBIDDEN),
    (Trouble(status=404), Cause.NO_SUCH_FILE),
    (Trouble(status=416), Cause.RANGE_REFUSED),
    (Trouble(status=401, headers={"X-Error-Code": "RepoNotFound"}), Cause.NO_SUCH_REPOSITORY),
    (Trouble(status=401, headers={"X-Error-Code": "GatedRepo"}), Cause.GATED),
    (
        Trouble(
            status=401,
            headers={"X-Error-Message": "Invalid credentials in Authorization header"},
        ),
        Cause.ACCOUNT_REFUSED,
    ),
]


@pytest.mark.parametrize(("trouble", "cause"), STATUSES)
def test_a_refusal_is_named(world: World, trouble: Trouble, cause: Cause) -> None:
    world.hub.faults = list(itertools.repeat(trouble, 9))
    assert world.cause(persistence=0.5) is cause


@pytest.mark.parametrize(("trouble", "cause"), STATUSES)
def test_a_refusal_is_no_end_when_another_source_has_the_file(
    world: World, trouble: Trouble, cause: Cause
) -> None:
    world.hub.faults = list(itertools.repeat(trouble, 9))
    world.fetch(source(world.hub), source(world.mirror, "mirror"))
    world.assert_complete()


def test_the_token_goes_to_the_hub_alone(world: World) -> None:
    world.hub.token = ACCOUNT
    world.hub.shelf.repositories[REPOSITORY].gated = True
    network = Network(token=ACCOUNT, token_origin=world.hub.address, patience=2.0)
    world.fetch(network=network)
    world.assert_complete()
    assert [one.authorization for one in world.hub.seen] == [f"Bearer {ACCOUNT}"]
    assert [one.authorization for one in world.store.seen] == [""]


def test_the_token_never_goes_to_a_mirror(world: World) -> None:
    network = Network(token=ACCOUNT, token_origin=world.hub.address, patience=2.0)
    world.fetch(source(world.mirror, "mirror"), network=network)
    assert [one.authorization for one in world.mirror.seen] == [""]


@pytest.mark.parametrize("days", [(5, 30), (-30, -5)])
def test_a_wrong_clock_is_named(world: World, days: tuple[int, int]) -> None:
    with Server(world.authority, world.hub.shelf, valid_days=days) as server:
        assert world.cause(source(server)) is Cause.CLOCK


def test_a_server_nobody_vouches_for_gets_no_request(world: World, tmp_path: Path) -> None:
    with Server(Authority(tmp_path / "foreign"), world.hub.shelf) as server:
        assert world.cause(source(server)) is Cause.CERTIFICATE
        assert server.seen == []


def test_bytes_that_the_disk_changed_are_fetched_again_and_nothing_else(world: World) -> None:
    world.half()
    part = world.target.with_name(f".{NAME}.part")
    with part.open("rb+") as file:
        file.seek(20_000)
        file.write(b"damage")
    world.store.seen.clear()
    world.fetch()
    world.assert_complete()
    assert [one.range for one in world.store.seen][1:] == ["bytes=0-65535"] or len(
        world.store.seen
    ) == 2
    assert not (world.folder / ".quarantine").exists()
    [repair] = [one for one in world.told if one.get("phase") == "repairing"]
    assert 0 < int(str(repair["damaged"])) <= 65536


def test_a_lie_is_kept_as_proof_until_the_file_is_right(world: World) -> None:
    world.store.lie = Lie.WRONG_BYTES
    assert world.cause() is Cause.WRONG_HASH
    assert len(list((world.folder / ".quarantine").iterdir())) == 1
    world.store.lie = Lie.NONE
    world.fetch()
    world.assert_complete()
    assert list((world.folder / ".quarantine").iterdir()) == []


def test_a_file_that_is_there_is_verified_and_not_fetched(world: World) -> None:
    world.fetch()
    world.hub.seen.clear()
    world.fetch()
    assert world.hub.seen == []
    world.target.write_bytes(DATA[:-1] + b"?")
    world.fetch()
    world.assert_complete()


def test_two_starts_of_one_download(world: World) -> None:
    world.target.parent.mkdir(parents=True)
    with FileLock(world.target.with_name(f".{NAME}.lock")) as lock:
        assert lock.try_acquire()
        assert world.cause() is Cause.IN_USE


def test_the_reserve_of_the_disk_is_respected(world: World) -> None:
    assert world.cause(reserve=2**62) is Cause.DISK_FULL


def test_a_disk_that_fills_in_the_middle_keeps_what_came(world: World) -> None:
    with disks.small_disk(world.folder, "4m") as small:
        ballast = disks.fill(small, leave=SIZE // 2)
        assert world.cause() is Cause.DISK_FULL
        came = world.part_size()
        assert came > 0
        ballast.unlink()
        world.hub.seen.clear()
        world.fetch()
        world.assert_complete()
        assert [one.range for one in world.hub.seen] != [""]


def test_a_disk_that_cannot_hold_the_file(world: World) -> None:
    assert world.cause(max_file=SIZE - 1) is Cause.FILE_TOO_LARGE
    assert world.hub.seen == []


@pytest.mark.parametrize("inside", [f"{REPOSITORY}/", f"{REPOSITORY.split('/')[1]}/", ""])
def test_a_folder_in_the_local_network_is_a_source(
    world: World, tmp_path: Path, inside: str
) -> None:
    shared = tmp_path / "share" / f"{inside}{NAME}"
    shared.parent.mkdir(parents=True)
    shared.write_bytes(DATA)
    world.fetch(Source("lan", SourceKind.FOLDER, str(tmp_path / "share")))
    world.assert_complete()
    assert [one for one in world.told if one["event"] == "request"] == []


def test_a_journal_cut_anywhere_costs_at_most_what_it_no_longer_says(world: World) -> None:
    world.half()
    journal = world.target.with_name(f".{NAME}.journal")
    whole = journal.read_bytes()
    for length in range(0, len(whole), 97):
        journal.write_bytes(whole[:length])
        world.fetch()
        world.assert_complete()
        world.target.unlink()
        world.half()


def test_unreachable_and_unknown_hosts_are_named(world: World) -> None:
    gone = Source("gone", SourceKind.HUB, "https://127.0.0.1:9")
    assert world.cause(gone, persistence=0.2) is Cause.UNREACHABLE


@pytest.mark.parametrize(
    ("after", "cause"),
    [
        ("http://example.com/x", Cause.NOT_ENCRYPTED),
        ("file:///etc/passwd", Cause.NOT_ENCRYPTED),
        ("https://127.0.0.1/x", Cause.ODD_ANSWER),
        ("https://192.168.1.1/x", Cause.ODD_ANSWER),
        ("https://localhost/x", Cause.ODD_ANSWER),
        ("https://localhost./x", Cause.ODD_ANSWER),
        ("https://127.1/x", Cause.ODD_ANSWER),
        ("https://2130706433/x", Cause.ODD_ANSWER),
        ("https://0x7f.1/x", Cause.ODD_ANSWER),
        ("https://[::ffff:10.0.0.1]/x", Cause.ODD_ANSWER),
        ("https://[::1", Cause.ODD_ANSWER),
        ("//[", Cause.ODD_ANSWER),
        ("https://example.org:99999/x", Cause.ODD_ANSWER),
    ],
)
def test_where_no_redirect_may_lead(after: str, cause: Cause) -> None:
    with pytest.raises(Fault) as raised:
        check_redirect("https://huggingface.co/a", after)
    assert raised.value.cause is cause


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("5", 5.0),
        ("999999", 3600.0),
        ("", 0.0),
        ("soon", 0.0),
        ("Thu, 01 Jan 1970 00:01:40 GMT", 90.0),
        ("Thu, 99 Jan 99999 00:00:00 GMT", 0.0),
        ("²", 0.0),
        ("9" * 400, 3600.0),
    ],
)
def test_how_long_a_server_wishes_us_to_wait(value: str, seconds: float) -> None:
    assert retry_after(value, now=10.0) == seconds
