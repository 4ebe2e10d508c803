"""Search, listings and headers through the Hub's real client against the test Hub."""

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.hub import ListedFile
from hanlin.kernel.clock import SystemClock
from hanlin.kernel.errors import KnownError
from hanlin.kernel.i18n import Said
from hanlin_fakes.gguf_models import write_random
from hanlin_hub.authority import Authority
from hanlin_hub.orders import source
from hanlin_hub.server import Fault, Server, servers
from hanlin_hub.shelf import COMMIT, Repository, Shelf
from hanlin_models import loading, names
from hanlin_models.connections_log import ConnectionsLog
from hanlin_models.fetching import Fetching
from hanlin_models.hub import HubSearch, choose, packing_words, wanted
from hanlin_models.names import Kind
from hanlin_models.orders import Network, Source, SourceKind

pytestmark = pytest.mark.loopback

ACCOUNT, STALE = "hf_of_a_test", "hf_stale"
SPLIT = "big/Big-Q4_K_M-0000{}-of-00002.gguf"


class Desk:
    """The search as the program builds it."""

    def __init__(self, folder: Path) -> None:
        authority = Authority(folder / "tls")
        shelf = Shelf()
        model = write_random(folder / "m.gguf").read_bytes()
        files = {
            "README.md": b"hello",
            "m-Q4_K_M.gguf": model,
            "m-Q8_0.gguf": model + bytes(32),
            "mmproj-F16.gguf": b"GGUF" + bytes(100),
            "mtp-m-Q4_0.gguf": b"GGUF" + bytes(50),
        }
        shelf.add(Repository("good/Small-GGUF", files, downloads=50))
        shelf.add(Repository("good/Odd-GGUF", {}, downloads=5, architecture="telechat"))
        shelf.add(Repository("good/Secret-GGUF", files, private=True))
        shelf.add(Repository("good/Empty-GGUF", {"e-Q4_K_M.gguf": b""}))
        parts = {SPLIT.format(number): b"GGUF" + bytes(number) for number in (1, 2)}
        shelf.add(Repository("good/Big-GGUF", {**parts, "x-Q8_0-00001-of-00002.gguf": b"GGUF"}))
        self.store = Server(authority, shelf)
        self.hub = Server(authority, shelf, store=self.store)
        self.log = ConnectionsLog(folder / "connections.jsonl", SystemClock())
        self.token = ""
        self.sources: tuple[Source, ...] = (source(self.hub),)
        self.fetching = Fetching(folder / "models", self.log, self._network, lambda: True)
        self.search = HubSearch(self.fetching, lambda: self.sources)
        self._authority = authority

    def _network(self) -> Network:
        return Network(
            authorities=str(self._authority.certificate),
            token=self.token,
            token_origin=self.hub.address,
            patience=5.0,
        )


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path)
    with servers(made.hub, made.store):
        yield made


def test_search_finds_and_warns(desk: Desk) -> None:
    found = desk.search.search("gguf")
    assert [one.name for one in found][:2] == ["good/Small-GGUF", "good/Odd-GGUF"]
    assert [bool(one.problem) for one in found][:2] == [False, True]
    assert found[0].licence == "apache-2.0"


def test_why_a_model_cannot_be_used_can_be_said_again(desk: Desk) -> None:
    (odd,) = (one for one in desk.search.search("gguf") if one.problem)
    assert isinstance(odd.problem, Said)


def test_search_is_ordered_by_the_hub_as_asked(desk: Desk) -> None:
    desk.hub.shelf.add(Repository("good/New-GGUF", {}, updated="2026-11-20T00:00:00.000Z"))
    assert desk.search.search("gguf")[0].name == "good/Small-GGUF"
    assert desk.search.search("gguf", order="updated")[0].name == "good/New-GGUF"


def test_the_client_asks_nothing_but_what_was_asked(desk: Desk) -> None:
    desk.search.search("gguf")
    assert {one.path for one in desk.hub.seen} == {"/api/models"}
    assert [one.purpose for one in desk.log.connections()] == ["search gguf"]


def test_a_listing_is_models_not_files(desk: Desk) -> None:
    listing = desk.search.listing("good/Small-GGUF")
    assert listing.commit == COMMIT
    assert [offer.quantisation for offer in listing.offers] == ["Q4_K_M", "Q8_0"]
    assert listing.projector is not None
    assert listing.draft is not None
    assert listing.draft.name == "mtp-m-Q4_0.gguf"
    order = wanted(listing, choose(listing.offers))
    assert [file.name for file in order.files] == ["m-Q4_K_M.gguf", "mmproj-F16.gguf"]
    assert all(file.sha256 for file in order.files)
    assert order.revision == COMMIT


def test_parts_are_one_model_and_a_missing_part_is_none(desk: Desk) -> None:
    listing = desk.search.listing("good/Big-GGUF")
    by_label = {offer.label: offer for offer in listing.offers}
    whole, broken = by_label["Big-Q4_K_M"], by_label["x-Q8_0"]
    assert [file.name for file in whole.files] == [SPLIT.format(1), SPLIT.format(2)]
    with pytest.raises(KnownError):
        wanted(listing, broken)


def test_an_empty_file_is_called_empty(desk: Desk) -> None:
    listing = desk.search.listing("good/Empty-GGUF")
    with pytest.raises(KnownError, match=r"e-Q4_K_M is empty .* \(0 bytes\)"):
        choose(listing.offers)
    with pytest.raises(KnownError, match="is empty"):
        wanted(listing, listing.offers[0])
    with pytest.raises(KnownError, match="holds no GGUF model"):
        choose(())
    listed = desk.search.listing("good/Small-GGUF")
    with pytest.raises(KnownError, match="It has: Q4_K_M, Q8_0"):
        choose(listed.offers, "Q2_K")


def test_a_header_is_read_from_the_beginning_alone(desk: Desk) -> None:
    listing = desk.search.listing("good/Small-GGUF")
    header = desk.search.header(listing, listing.offers[0])
    assert header.info.architecture == "qwen3"
    assert loading.prospect(header).loads


def test_a_private_or_absent_repository_is_named(desk: Desk) -> None:
    for name in ("good/Secret-GGUF", "good/Absent-GGUF"):
        with pytest.raises(KnownError, match="does not exist, or it is private"):
            desk.search.listing(name)


def test_a_token_opens_what_is_private_and_a_stale_one_is_named(desk: Desk) -> None:
    desk.hub.token = desk.token = ACCOUNT
    assert desk.search.listing("good/Secret-GGUF").offers
    desk.token = STALE
    with pytest.raises(KnownError, match=r"expired\. \(401\)") as caught:
        desk.search.listing("good/Secret-GGUF")
    assert "Search the Hub" in caught.value.hint


def test_a_hub_that_answers_nonsense_is_named(desk: Desk) -> None:
    desk.hub.faults = [Fault(status=200, only_files=False) for _ in range(9)]
    with pytest.raises(KnownError):
        desk.search.listing("good/Small-GGUF")


@pytest.mark.parametrize(
    ("status", "headers", "said"),
    [
        (429, {"Retry-After": "1"}, r"asks to wait.*Try again in 1 second\."),
        (429, {"Retry-After": "900"}, r"asks to wait.*Try again in 15 minutes\."),
        (503, {"Retry-After": "30"}, r"has a fault.*Try again in 30 seconds\."),
        (503, {}, r"has a fault.*Try again later\."),
        (200, {"Content-Type": "text/html; charset=utf-8"}, "A web page came"),
    ],
)
@pytest.mark.parametrize("kind", [SourceKind.HUB, SourceKind.MODELSCOPE])
def test_what_keeps_a_person_waiting_is_named_at_once(
    desk: Desk, kind: SourceKind, status: int, headers: dict[str, str], said: str
) -> None:
    desk.sources = (source(desk.hub, kind=kind),)
    desk.hub.faults = [Fault(status=status, headers=headers, only_files=False)]
    ask = desk.search.search if kind is SourceKind.HUB else desk.search.listing
    with pytest.raises(KnownError, match=said) as caught:
        ask("good/Small-GGUF")
    assert len(desk.hub.seen) == 1
    assert "where it stopped" not in caught.value.hint


def test_of_an_address_the_host_is_said_and_the_rest_is_in_the_log(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    page = {"Content-Type": "text/html"}
    desk.hub.faults = [Fault(status=200, headers=page, only_files=False)]
    with caplog.at_level(logging.INFO), pytest.raises(KnownError) as caught:
        desk.search.search("good/Small-GGUF")
    assert "(127.0.0.1)" in caught.value.message
    assert "search=good" in caplog.text


def test_a_name_that_leads_elsewhere_is_asked_of_nobody(desk: Desk) -> None:
    with pytest.raises(KnownError) as caught:
        desk.search.find("good/..")
    assert "another folder" in caught.value.hint
    assert desk.hub.seen == []


def test_modelscope_lists_when_the_hub_is_gone(desk: Desk) -> None:
    desk.sources = (
        Source("gone", SourceKind.HUB, "https://127.0.0.1:9"),
        source(desk.store, "ModelScope", SourceKind.MODELSCOPE),
    )
    listing = desk.search.listing("good/Small-GGUF")
    assert listing.source == "ModelScope"
    assert [offer.quantisation for offer in listing.offers] == ["Q4_K_M", "Q8_0"]


def test_the_network_switched_off(desk: Desk) -> None:
    closed = Fetching(Path("/nonexistent"), desk.log, Network, lambda: False)
    with pytest.raises(KnownError, match="Never connect"):
        HubSearch(closed, lambda: desk.sources).search("qwen")
    assert desk.log.connections() == []


@pytest.mark.parametrize(
    ("name", "kind", "packing"),
    [
        ("Qwen3-4B-Q4_K_M.gguf", Kind.MODEL, "Q4_K_M"),
        ("Qwen3.6-35B-A3B-UD-Q4_K_XL.gguf", Kind.MODEL, "UD-Q4_K_XL"),
        ("model-iq4xs.gguf", Kind.MODEL, "IQ4XS"),
        ("bge-m3-q8_0.gguf", Kind.MODEL, "Q8_0"),
        ("x/BF16/m-BF16-00001-of-00002.gguf", Kind.MODEL, "BF16"),
        ("mmproj-F16.gguf", Kind.PROJECTOR, "F16"),
        ("mtp-Qwen3.8-27B-Q4_0.gguf", Kind.SIDECAR, "Q4_0"),
        ("imatrix.gguf", Kind.SIDECAR, ""),
        ("Hy-MT2-1.8B-1.25Bit.gguf", Kind.UNREADABLE, ""),
        ("README.md", Kind.OTHER, ""),
    ],
)
def test_what_a_name_says(name: str, kind: Kind, packing: str) -> None:
    assert names.kind_of(name) is kind
    assert names.quantisation_of(name) == packing


@pytest.mark.parametrize(
    ("name", "billions"),
    [
        ("unsloth/Qwen3-4B-GGUF", 4),
        ("a/Qwen3-30B-A3B-Instruct", 30),
        ("a/smollm2-1.7b-instruct", 1.7),
        ("8B-fans/Mystery-GGUF", 0),
        ("a/Phi-4-4bit-GGUF", 0),
    ],
)
def test_how_large_a_name_says_it_is(name: str, billions: float) -> None:
    assert names.billions(name) == billions


def test_a_half_precision_projector_is_preferred() -> None:
    files = [ListedFile(f"mmproj-{one}.gguf", 10, None) for one in ("BF16", "F32", "F16")]
    found = names.projector_for(files)
    assert found is not None
    assert found.name == "mmproj-F16.gguf"


def test_packings_are_explained() -> None:
    packings = ("Q2_K", "IQ3_M", "Q4_K_M", "UD-Q4_K_XL", "Q8_0", "F16")
    assert [bool(packing_words(one)) for one in packings] == [True] * 6
