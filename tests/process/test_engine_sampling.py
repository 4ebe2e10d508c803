"""The samplers and the forms of answers, with real llama.cpp and tiny models."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from hanlin.domain.conversation import PartKind
from hanlin.domain.generation import Form, Sampling, StopReason, TokenBias
from hanlin.domain.prompt import Segment
from hanlin.engine.commands import Generate
from hanlin.engine.events import ModelLoaded, Refused
from hanlin.engine.protocol import Code
from hanlin_fakes import gguf_models
from hanlin_fakes.real_worker import GREEDY, Worker, load, question

A, B = ord("a"), ord("b")
SCHEMA = {
    "type": "object",
    "properties": {"city": {"enum": ["北京", "上海"]}, "days": {"type": "integer", "maximum": 9}},
    "required": ["city", "days"],
    "additionalProperties": False,
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    folder = tmp_path_factory.mktemp("models")
    loop = ["<think>", "m", "</think>", *"abcabcabcabcabc"]
    return {
        "noise": gguf_models.write_random(folder / "noise.gguf"),
        "letters": gguf_models.write_random(folder / "letters.gguf", comparable=True),
        "thinks": gguf_models.write_scripted(folder / "thinks.gguf", loop[:4]),
        "advises": gguf_models.write_random(
            folder / "advises.gguf",
            layers=1,
            sampling={"temp": 0.6, "top_k": 20, "top_p": 0.8, "penalty_repeat": 1.05},
        ),
    }


@pytest.fixture
def worker(request: pytest.FixtureRequest, models: dict[str, Path]) -> Iterator[Worker]:
    path = models[request.param]
    worker = Worker(path)
    worker.tell(load(path, context=2048))
    worker.until(ModelLoaded)
    yield worker
    worker.process.stop()


def written(
    worker: Worker, number: int, sampling: Sampling = GREEDY, form: Form | None = None
) -> str:
    worker.answer(number, *question("hi"), sampling=sampling, reserve=64, max_tokens=64, form=form)
    return worker.text(number)


def most_repeated(text: str) -> int:
    """How often the most frequent run of six characters begins in ``text``."""
    runs = [text[at : at + 6] for at in range(len(text) - 5)]
    return max(map(runs.count, runs))


def repeats(text: str) -> int:
    return len(text) - len(set(text))


@pytest.mark.parametrize("worker", ["letters"], indirect=True)
def test_each_sampler_has_its_effect(worker: Worker) -> None:
    usual = written(worker, 2)
    assert set(usual) > {usual[0]}
    assert repeats(usual) > 40
    for number, penalty in enumerate(
        (
            Sampling(temperature=0, repeat_penalty=4.0),
            Sampling(temperature=0, frequency_penalty=2.0),
            Sampling(temperature=0, presence_penalty=4.0, top_k=0),
        ),
        start=10,
    ):
        assert repeats(written(worker, number, penalty)) < repeats(usual)
    dry = written(worker, 20, Sampling(temperature=0, dry=3.0))
    assert most_repeated(dry) <= 1 < most_repeated(usual)
    first = ord(usual[0])
    assert (
        written(worker, 21, Sampling(temperature=0, bias=(TokenBias(first, -100.0),)))[0]
        != (usual[0])
    )
    only = Sampling(temperature=1.0, bias=(TokenBias(A, 50.0), TokenBias(B, 50.0)))
    assert set(written(worker, 22, only)) == {"a", "b"}
    assert written(worker, 23, Sampling(bias=(TokenBias(10**6, 5.0), TokenBias(-1, 5.0)), seed=1))


@pytest.mark.parametrize("worker", ["letters"], indirect=True)
def test_a_word_is_weighed_by_its_text_if_it_is_one_token(worker: Worker) -> None:
    usual = written(worker, 2)
    never = Sampling(temperature=0, bias=(TokenBias(-1, -100.0, usual[0]),))
    assert usual[0] not in written(worker, 3, never)
    two = Sampling(temperature=0, bias=(TokenBias(-1, -100.0, "ab"),))
    worker.tell(Generate(4, question("hi"), two, 16))
    refused = worker.hear()
    assert isinstance(refused, Refused)
    assert (refused.code, refused.detail) == (Code.BIAS, "ab")
    assert written(worker, 5) == usual


@pytest.mark.parametrize("worker", ["noise", "letters"], indirect=True)
@pytest.mark.parametrize("temperature", [0.0, 1.5])
def test_a_json_schema_is_obeyed(worker: Worker, temperature: float) -> None:
    form = Form(json_schema=json.dumps(SCHEMA))
    for number in range(2, 8):
        text = written(worker, number, Sampling(temperature, 40, seed=number), form=form)
        value = json.loads(text)
        assert value["city"] in ("北京", "上海")
        assert isinstance(value["days"], int)


@pytest.mark.parametrize("worker", ["letters"], indirect=True)
def test_a_grammar_ends_the_answer_and_penalties_hold_in_it(worker: Worker) -> None:
    form = Form(grammar='root ::= ("x" | "y" | "z"){12}')
    assert set(written(worker, 2, form=form)) <= set("xyz")
    assert len(worker.text(2)) == 12
    spread = written(worker, 3, Sampling(temperature=0, frequency_penalty=3.0), form=form)
    assert {spread.count(letter) for letter in "xyz"} == {4}


@pytest.mark.parametrize("worker", ["thinks"], indirect=True)
def test_a_form_binds_the_answer_and_not_the_thought(worker: Worker) -> None:
    tail = Segment("<|im_end|>\n<|im_start|>assistant\n<think>\n", control=True)
    form = Form(grammar='root ::= "<ok>"')
    segments = (*question("hi")[:2], tail)
    worker.answer(2, *segments, max_tokens=30, form=form)
    assert worker.text(2, PartKind.THINKING) == "<think>m"
    assert worker.text(2) == "<ok>"


@pytest.mark.parametrize("worker", ["letters"], indirect=True)
@pytest.mark.parametrize(
    "form",
    [
        Form(grammar="root ::= ("),
        Form(grammar='other ::= "a"'),
        Form(grammar='root ::= root "a"'),
        Form(json_schema="{"),
        Form(json_schema='{"type": "nonsense"}'),
        Form(json_schema='{"$ref": "https://example.com/schema.json"}'),
        Form(json_schema='{"$ref": "#/nowhere"}'),
    ],
)
def test_a_wrong_form_is_refused_and_the_worker_lives(worker: Worker, form: Form) -> None:
    worker.tell(Generate(2, question("hi"), GREEDY, 16, 8, form=form))
    refused = worker.hear()
    assert isinstance(refused, Refused)
    assert refused.code is Code.FORM
    end = worker.answer(3, *question("hi"), max_tokens=4)
    assert end.reason is StopReason.LIMIT


def test_the_makers_advice_is_told(models: dict[str, Path]) -> None:
    told = []
    for name in ("advises", "noise"):
        worker = Worker(models[name])
        worker.tell(load(models[name]))
        told.append(worker.until(ModelLoaded).sampling)
        worker.process.stop()
    assert told[1] is None
    assert told[0] is not None
    assert told[0] == Sampling(told[0].temperature, 20, told[0].top_p, 0.0, told[0].repeat_penalty)
    numbers = (told[0].temperature, told[0].top_p, told[0].repeat_penalty)
    assert numbers == pytest.approx((0.6, 0.8, 1.05))
