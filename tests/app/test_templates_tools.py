"""What a maker's template writes as a call of a tool is read back as that call.

``REPORT`` says it of every template of the corpus, with the reason where it is not so.
"""

import json
import random

import pytest

from hanlin.domain.conversation import PartKind, Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.tools import Tool, ToolCall
from hanlin.engine.tooling import typed_call
from hanlin.engine.worker.stream import AnswerParser
from hanlin.templates.reasons import RenderFailed
from hanlin_fakes.chat_templates import NAMES, UNUSABLE, needs_corpus, opened

WEATHER = Tool(
    "get_weather",
    "The weather",
    json.dumps(
        {
            "type": "object",
            "properties": {
                "city": {"type": "string"},
                "days": {"type": "integer"},
                "code": {"type": "string"},
                "parts": {"type": "array"},
            },
        }
    ),
)
CLOCK = Tool("get-time", "", '{"type": "object", "properties": {"exact": {"type": "boolean"}}}')
TOOLS = (WEATHER, CLOCK)
FIRST = ToolCall(
    "get_weather",
    json.dumps(
        {"city": '北京 "东城" <a&b>\nx', "days": 3, "code": "0012", "parts": ["a", {"b": "c"}]},
        ensure_ascii=False,
    ),
)
SECOND = ToolCall("get-time", '{"exact": true}')
READ, ONE = "read", "read, one call in a turn"
NO_TOOLS = "does not show the tools it is offered"
HIDES = "shows tools, but not the calls in its history"
BARE = "its call is a bare JSON object, not told from an answer in JSON"
HEADED = "its call is a part of its own under a header of control tokens"
REPORT = dict.fromkeys(NAMES, READ) | {
    "CohereForAI-c4ai-command-r-plus-tool_use": "its call is a block of JSON in the text",
    "GigaChat3-10B-A1.8B": HEADED,
    "GigaChat3.1-10B-A1.8B": ONE,
    "HuggingFaceTB-SmolLM3-3B": NO_TOOLS,
    "Kimi-K3": HEADED,
    "LFM2-8B-A1B": HIDES,
    "LFM2.5-8B-A1B": "writes Python without escaping strings; a line feed in one is an error",
    "LFM2.5-Instruct": HIDES,
    "MiniMax-M3": "its arguments are nested elements without types",
    "deepseek-ai-DeepSeek-R1-Distill-Llama-8B": NO_TOOLS,
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B": NO_TOOLS,
    "deepseek-ai-DeepSeek-V3.1": NO_TOOLS,
    "fireworks-ai-llama-3-firefunction-v2": "renders nothing: 'functions' is undefined",
    "google-gemma-2-2b-it": NO_TOOLS,
    "ibm-granite-granite-3.3-2B-Instruct": HIDES,
    "llama-cpp-rwkv-world": NO_TOOLS,
    "meetkai-functionary-medium-v3.2": "its call is text under a header that is text",
    "meta-llama-Llama-3.1-8B-Instruct": BARE,
    "meta-llama-Llama-3.2-3B-Instruct": BARE,
    "meta-llama-Llama-3.3-70B-Instruct": BARE,
    "microsoft-Phi-3.5-mini-instruct": NO_TOOLS,
    "muse-glimmer": HEADED,
    "openai-gpt-oss-120b": ONE,
}
WITH_CALLS_ONLY = {
    "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B": READ,
    "deepseek-ai-DeepSeek-V3.1": READ,
}
"""Templates that show no tools, but the calls of a model that was told of some elsewhere."""
ENDS = (
    "<|call|>",
    "<|eom_id|>",
    "<|eot_id|>",
    "<|im_end|>",
    "<|calls|>",
    "</s>",
    "<|message_sep|>",
)


def conversation(*calls: ToolCall) -> list[Turn]:
    results = [Turn(Role.TOOL, "RESULT") for _ in calls]
    asked = [Turn(Role.SYSTEM, "sys"), Turn(Role.USER, "QUESTION")]
    return [*asked, Turn(Role.ASSISTANT, "", calls=calls), *results]


def written_calls(name: str, *calls: ToolCall) -> str:
    """Return what the template writes between the question and the result."""
    prompt = opened(name).prompt(conversation(*calls), GenerationOptions(tools=TOOLS))
    text = "".join(segment.text for segment in prompt.segments)
    answer, found, _ = text[text.rindex("QUESTION") + len("QUESTION") :].partition("RESULT")
    if not found:  # even the result is left out
        return ""
    ends = [at for end in ENDS if (at := answer.find(end, answer.find("get_weather"))) >= 0]
    return answer[: min(ends)] if ends else answer


def read(answer: str, seed: int) -> list[ToolCall]:
    """Return the calls in ``answer``, which comes in pieces cut at random."""
    dice = random.Random(seed)
    parser = AnswerParser(None, with_calls=True)
    pieces = []
    while answer:
        size = dice.choice((1, 2, 3, 5, 40)) if seed else len(answer)
        pieces += parser.feed(answer[:size])
        answer = answer[size:]
    found = [text for kind, text in pieces + parser.end() if kind is PartKind.TOOL_CALL]
    told = [json.loads(typed_call(text, TOOLS)) for text in found]
    return [ToolCall(call["name"], json.dumps(call["arguments"])) for call in told]


def same(calls: list[ToolCall]) -> list[tuple[str, object]]:
    return [(call.name, json.loads(call.arguments)) for call in calls]


def outcome(name: str) -> str:
    """Return what becomes of the calls: ``READ``, ``ONE``, or something shorter than a reason."""
    for calls, good in (([FIRST, SECOND], READ), ([FIRST], ONE)):
        try:
            answer = written_calls(name, *calls)
        except RenderFailed:
            continue
        if all(same(read(answer, seed)) == same(calls) for seed in range(5)):
            return good
    return "not read"


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
def test_a_call_is_read_as_it_was_made(name: str) -> None:
    report = REPORT[name]
    if name in UNUSABLE:
        with pytest.raises(RenderFailed, match=UNUSABLE[name]):
            opened(name)
        return
    if report == NO_TOOLS:
        assert not opened(name).takes_tools
        assert outcome(name) == WITH_CALLS_ONLY.get(name, "not read")
        return
    assert opened(name).takes_tools
    assert outcome(name) == (report if report in (READ, ONE) else "not read")


@needs_corpus
def test_what_a_tool_is_given_never_becomes_a_control_token() -> None:
    call = ToolCall("get_weather", '{"city": "6<|im_end|>7"}')
    for name in NAMES:
        if name in UNUSABLE or not opened(name).takes_tools:
            continue
        prompt = opened(name).prompt(conversation(call), GenerationOptions(tools=TOOLS))
        assert "RESULT" in "".join(segment.text for segment in prompt.segments)
        assert not any("<|im_end|>7" in s.text for s in prompt.segments if s.control)


def test_the_types_of_arguments_are_those_of_the_tool() -> None:
    texts = {"city": "12", "days": "3", "code": "null", "parts": "['a', None]", "other": "{x"}
    call = json.dumps({"name": "get_weather", "arguments": {"a": 1}, "texts": texts})
    assert json.loads(typed_call(call, TOOLS)) == {
        "name": "get_weather",
        "arguments": {
            "a": 1,
            "city": "12",
            "days": 3,
            "code": "null",
            "parts": ["a", None],
            "other": "{x",
        },
    }
    assert json.loads(typed_call(call, ()))["arguments"]["days"] == 3
