"""Memory by llama.cpp's formulas, checked against figures that were measured once."""

from dataclasses import replace
from pathlib import Path

import pytest

import hanlin_resources
from hanlin.domain.catalogue import Fit, FitEstimate, Geometry, Memory, Task
from hanlin.engine.worker.offload import Weights, fitting_layers
from hanlin_fakes.gguf_models import write_random
from hanlin_models import fit, gguf, loading
from hanlin_models.catalogue import Catalogue
from hanlin_models.gguf import GgufInfo, Header
from hanlin_models.speed import COMFORT, Speed, ability, active_of_header, of_this_computer

GIB = 2**30
CATALOGUE = Catalogue(hanlin_resources.folder("catalogue"))
LAPTOP = Memory(free=12 * GIB, total=16 * GIB)


def header(architecture: str, **facts: int) -> Header:
    info = GgufInfo(
        bytes=1,
        version=3,
        architecture=architecture,
        name="",
        quantisation="",
        context_length=262144,
        has_chat_template=True,
        tokenizer="gpt2",
        tensors=1,
        parameters=1,
        kind="model",
        part=0,
        parts=1,
    )
    return Header(info, {f"{architecture}.{name}": value for name, value in facts.items()})


def described(architecture: str, **facts: int) -> Geometry:
    words = {name.replace("__", "."): value for name, value in facts.items()}
    found = fit.geometry_of(header(architecture, **words))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("geometry", "context", "mebibytes"),
    [
        (
            described(
                "qwen3",
                block_count=36,
                embedding_length=2560,
                attention__head_count=32,
                attention__head_count_kv=8,
                attention__key_length=128,
                attention__value_length=128,
            ),
            8192,
            1152,
        ),
        (
            described(
                "qwen35",
                block_count=65,
                nextn_predict_layers=1,
                embedding_length=5120,
                attention__head_count=24,
                attention__head_count_kv=4,
                attention__key_length=256,
                attention__value_length=256,
                full_attention_interval=4,
                ssm__state_size=128,
                ssm__inner_size=6144,
                ssm__conv_kernel=4,
                ssm__group_count=16,
            ),
            32768,
            2048 + 149.6,
        ),
        (
            described(
                "deepseek2",
                block_count=47,
                embedding_length=2048,
                attention__head_count=20,
                attention__head_count_kv=1,
                attention__key_length=576,
                attention__value_length=512,
                attention__key_length_mla=256,
            ),
            32768,
            1692,
        ),
    ],
)
def test_the_cache_is_what_the_engine_allocates(
    geometry: Geometry, context: int, mebibytes: float
) -> None:
    assert fit.cache_bytes(geometry, context) / 2**20 == pytest.approx(mebibytes, rel=0.001)


def test_the_catalogue_and_the_formula_agree() -> None:
    entry = CATALOGUE.find("qwen3-4b-2507")
    assert entry.geometry is not None
    assert fit.cache_bytes(entry.geometry, 8192) == 1152 * 2**20


def test_a_packed_cache_is_smaller() -> None:
    geometry = Geometry(16, 4, 256)
    assert fit.cache_bytes(geometry, 32768, "q8_0") == 1088 * 2**20


@pytest.mark.parametrize(
    ("memory", "verdict"),
    [
        (Memory(12 * GIB, 16 * GIB), Fit.GOOD),
        (Memory(2 * GIB, 16 * GIB), Fit.TIGHT),
        (Memory(2 * GIB, 3 * GIB), Fit.TOO_LARGE),
        (Memory(2 * GIB, 3 * GIB, graphics=24 * GIB), Fit.GOOD),
    ],
)
def test_the_verdict_follows_the_memory(memory: Memory, verdict: Fit) -> None:
    assert fit.estimate_entry(CATALOGUE.find("qwen3-4b-2507"), memory).verdict is verdict


def test_a_longer_context_needs_more_and_never_more_than_the_model_can() -> None:
    entry = CATALOGUE.find("qwen3-8b")
    short, long = (fit.estimate_entry(entry, LAPTOP, n) for n in (4096, 1_000_000))
    assert (short.needed or 0) < (long.needed or 0)
    assert long.context == entry.context


FAST = Speed(60e9, measured=True)


def test_one_model_per_task_is_recommended_and_it_fits() -> None:
    chosen = fit.recommend(CATALOGUE, Task.GENERAL, LAPTOP, FAST)
    assert chosen is not None
    assert fit.estimate_entry(chosen, LAPTOP).verdict is Fit.GOOD
    small = fit.recommend(CATALOGUE, Task.GENERAL, Memory(3 * GIB, 4 * GIB), FAST)
    assert small is not None
    assert (small.files[0].bytes or 0) < (chosen.files[0].bytes or 0)
    assert fit.recommend(CATALOGUE, Task.GENERAL, Memory(10**8, 10**8), FAST) is None


@pytest.mark.parametrize("bytes_per_second", [10e9, 20e9, 30e9, 60e9])
@pytest.mark.parametrize("task", [Task.GENERAL, Task.CODING, Task.TRANSLATION, Task.VISION])
def test_what_is_recommended_writes_at_a_comfortable_pace(
    task: Task, bytes_per_second: float
) -> None:
    large = Memory(22 * GIB, 24 * GIB)
    paced = Speed(bytes_per_second, measured=True)
    chosen = fit.recommend(CATALOGUE, task, large, paced)
    assert chosen is not None
    assert paced.tokens(fit.estimate_entry(chosen, large)) >= COMFORT


def test_where_none_is_pleasant_the_fastest_is_recommended() -> None:
    slow = Speed(1e9, measured=True)
    chosen = fit.recommend(CATALOGUE, Task.GENERAL, LAPTOP, slow)
    assert chosen is not None
    others = (fit.estimate_entry(one, LAPTOP) for one in CATALOGUE.for_task(Task.GENERAL))
    quicker = [one for one in others if one.active < fit.estimate_entry(chosen, LAPTOP).active]
    assert all(one.verdict is Fit.UNKNOWN for one in quicker)
    assert fit.recommend(CATALOGUE, Task.REASONING, LAPTOP, slow) is None


def test_a_small_computer_is_offered_somebody_to_talk_to() -> None:
    chosen = fit.recommend(CATALOGUE, Task.EDGE, LAPTOP, of_this_computer(10e9))
    assert chosen is not None
    assert Task.GENERAL in chosen.tasks


@pytest.mark.parametrize(
    ("more", "less"), [("4B", "0.6B"), ("30B-A3B", "4B"), ("27B", "30B-A3B"), ("0.9B+ViT", "?")]
)
def test_who_is_abler(more: str, less: str) -> None:
    assert ability(more) > ability(less)


def test_a_mixture_reads_a_part_of_its_weights() -> None:
    mixture = fit.estimate_entry(CATALOGUE.find("qwen3-coder-30b-a3b"), LAPTOP)
    assert mixture.active == pytest.approx(mixture.weights / 10, rel=0.01)
    seeing = fit.estimate_entry(CATALOGUE.find("qwen3.5-4b"), LAPTOP)
    assert 0 < seeing.active < seeing.weights  # its projector is not read for a token
    facts = {"expert_count": 128, "expert_used_count": 8}
    assert active_of_header(header("qwen3moe", **facts), 1000) == pytest.approx(109, abs=1)
    assert active_of_header(header("qwen3"), 1000) == 1000
    assert active_of_header(header("qwen3", expert_count=8, expert_used_count=9), 1000) == 1000


def test_an_unknown_size_is_no_verdict() -> None:
    assert fit.estimate_entry(CATALOGUE.find("qwen3-vl-4b"), LAPTOP).verdict is Fit.UNKNOWN


def test_speed_is_said_in_characters_and_a_guess_is_called_one() -> None:
    measured = of_this_computer(20e9)
    assert measured.label(reading(2_500_000_000)) == "about 13 characters/s"
    assert measured.words(reading(2_500_000_000)) == "about 13 characters a second on this computer"
    slow = of_this_computer(1.0)
    assert slow.words(reading(10**9)) == "about 1 character a second on this computer"
    guess = of_this_computer(0)
    assert guess.words(reading(10**8)).startswith("perhaps ")
    assert 0 < guess.bytes_per_second <= 30e9


def reading(active: int, on_card: float = 0.0) -> FitEstimate:
    return FitEstimate(Fit.GOOD, "", active, 8192, weights=active, active=active, on_card=on_card)


def test_each_part_of_a_model_has_the_pace_of_its_place() -> None:
    speed = Speed(10e9, measured=True, card=100e9)
    assert speed.tokens(reading(10**9)) == pytest.approx(10)
    assert speed.tokens(reading(10**9, 1.0)) == pytest.approx(100)
    assert speed.tokens(reading(10**9, 0.5)) == pytest.approx(1 / (0.05 + 0.005))


def test_a_pace_is_known_only_where_all_of_it_was_measured() -> None:
    processor, both = of_this_computer(10e9), of_this_computer(10e9, 100e9)
    assert processor.words(reading(10**9, 0.5)).startswith("perhaps ")
    assert both.words(reading(10**9, 0.5)).startswith("about ")
    assert of_this_computer(0, 100e9).words(reading(10**9, 1.0)).startswith("about ")


GAMING = Memory(12 * GIB, 16 * GIB, graphics=int(7.2 * GIB))
"""A card of 8 GB, of which the screen takes a part."""
WORKSTATION = Memory(26 * GIB, 32 * GIB, graphics=23 * GIB)
OFFICE = Memory(10 * GIB, 16 * GIB, graphics=int(1.6 * GIB))
CROWDED = Memory(2 * GIB, 16 * GIB, graphics=int(7.2 * GIB))


@pytest.mark.parametrize(
    ("computer", "model", "verdict", "least", "most", "says"),
    [
        (GAMING, "qwen3-4b-2507", Fit.GOOD, 1.0, 1.0, "Fits the graphics card"),
        (GAMING, "qwen3-8b", Fit.GOOD, 0.85, 1.0, "card"),
        (GAMING, "qwen3-14b", Fit.GOOD, 0.5, 0.8, "Partly on the graphics card"),
        (GAMING, "qwen3.6-35b-a3b", Fit.TOO_LARGE, 0.2, 0.4, "its graphics card"),
        (WORKSTATION, "qwen3-14b", Fit.GOOD, 1.0, 1.0, "Fits the graphics card"),
        (WORKSTATION, "qwen3.6-35b-a3b", Fit.GOOD, 0.8, 1.0, "graphics card"),
        (OFFICE, "qwen3-4b-2507", Fit.GOOD, 0.1, 0.4, "Partly on the graphics card"),
        (OFFICE, "qwen3-8b", Fit.GOOD, 0.1, 0.3, "Partly on the graphics card"),
        (CROWDED, "qwen3-4b-2507", Fit.GOOD, 1.0, 1.0, "Fits the graphics card"),
        (CROWDED, "qwen3-14b", Fit.TIGHT, 0.5, 0.8, "beside what the graphics card takes"),
        (LAPTOP, "qwen3-4b-2507", Fit.GOOD, 0.0, 0.0, "Fits: "),
    ],
)
def test_what_a_graphics_card_makes_possible(
    computer: Memory, model: str, verdict: Fit, least: float, most: float, says: str
) -> None:
    estimate = fit.estimate_entry(CATALOGUE.find(model), computer)
    assert estimate.verdict is verdict
    assert least <= estimate.on_card <= most
    assert says in estimate.words


@pytest.mark.parametrize("task", [Task.GENERAL, Task.CODING, Task.TRANSLATION, Task.VISION])
def test_a_graphics_card_is_worth_an_abler_model(task: Task) -> None:
    pace = of_this_computer(0)
    without = fit.recommend(CATALOGUE, task, replace(GAMING, graphics=0), pace)
    with_card = fit.recommend(CATALOGUE, task, GAMING, pace)
    large = fit.recommend(CATALOGUE, task, WORKSTATION, pace)
    assert without is not None
    assert with_card is not None
    assert large is not None
    sizes = [ability(one.parameters) for one in (without, with_card, large)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[-1]
    for computer, chosen in ((GAMING, with_card), (WORKSTATION, large)):
        assert pace.tokens(fit.estimate_entry(chosen, computer)) >= COMFORT


@pytest.mark.parametrize("gibibytes", [2, 4, 6, 8, 12, 16, 24, 48])
@pytest.mark.parametrize("model", ["qwen3-4b-2507", "qwen3-8b", "qwen3-14b", "qwen3.8-27b"])
def test_the_share_is_what_the_worker_gives_to_the_card(model: str, gibibytes: int) -> None:
    layers, width = {
        "qwen3-4b-2507": (36, 2560),
        "qwen3-8b": (36, 4096),
        "qwen3-14b": (40, 5120),
        "qwen3.8-27b": (64, 5120),
    }[model]
    entry = CATALOGUE.find(model)
    said = fit.estimate_entry(entry, Memory(64 * GIB, 64 * GIB, graphics=gibibytes * GIB))
    each = said.weights // (layers + 1)
    weights = Weights((each,) * layers, each, width)
    given = fitting_layers(weights, 8192, said.cache // 8192, gibibytes * GIB) / (layers + 1)
    assert said.on_card == pytest.approx(given, abs=0.1)


def test_a_real_file_is_read_and_will_load(tmp_path: Path) -> None:
    path = write_random(tmp_path / "m.gguf", "qwen35", layers=4)
    read = gguf.read_header(path)
    assert loading.prospect(read).loads
    geometry = fit.geometry_of(read)
    assert geometry is not None
    assert geometry.state_bytes > 0


def test_the_beginning_of_a_file_is_enough(tmp_path: Path) -> None:
    data = write_random(tmp_path / "m.gguf").read_bytes()
    whole = gguf.read_header(tmp_path / "m.gguf")
    length = next(
        n
        for n in range(1024, len(data), 1024)
        if gguf.read_beginning(data[:n], "m.gguf", len(data)) is not None
    )
    assert length < len(data) / 2
    assert gguf.read_beginning(data[:length], "m.gguf", len(data)) == whole


def test_a_kind_the_engine_does_not_know_will_not_load() -> None:
    prospect = loading.prospect(header("telechat"))
    assert not prospect.loads
    assert "telechat" in prospect.problem
