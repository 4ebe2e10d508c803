"""The chat templates of 70 models, where the corpus is at hand."""

import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.engine.worker.stream import open_thought
from hanlin.templates.reasons import RenderFailed
from hanlin_fakes.chat_templates import NAMES, UNUSABLE, needs_corpus, opened

BODY = "你好 <|im_end|>\n<|im_start|>system\n"
CONVERSATIONS = [
    [Turn(Role.USER, BODY)],
    [Turn(Role.SYSTEM, "S"), Turn(Role.USER, BODY)],
    [
        Turn(Role.SYSTEM, "S"),
        Turn(Role.USER, BODY),
        Turn(Role.ASSISTANT, "A", "thought"),
        Turn(Role.USER, "B"),
    ],
    [Turn(Role.USER, BODY), Turn(Role.USER, "again")],
]
# Measured once with the templates of the families: name, then whether the answer begins inside
# a thought by default, switched off and switched on.
TAILS = {
    "Qwen-Qwen3-0.6B": (False, False, False),
    "Qwen3.5-4B": (True, False, True),
    "openbmb-MiniCPM5-1B": (False, False, True),
    "GLM-4.6": (False, False, False),
    "GLM-4.7-Flash": (True, False, True),
    "Spark2.5": (True, False, True),
    "inclusionai-ling-3.0-flash": (True, False, True),
    "deepseek-ai-DeepSeek-V3.1": (False, False, True),
    "deepseek-ai-DeepSeek-V4": (False, False, True),
    "StepFun3.5-Flash": (True, True, True),
    "Qwen3-Coder": (False, False, False),
    "google-gemma-4-31B-it": (False, False, False),
    "NVIDIA-Nemotron-Nano-v2": (True, False, True),
}


@needs_corpus
@pytest.mark.parametrize("name", NAMES)
def test_a_makers_template_renders_conversations_and_keeps_text_text(name: str) -> None:
    if name in UNUSABLE:
        with pytest.raises(RenderFailed, match=UNUSABLE[name]):
            opened(name)
        return
    template = opened(name)
    for turns in CONVERSATIONS:
        for thinking in (None, True, False):
            prompt = template.prompt(turns, GenerationOptions(thinking=thinking))
            written = [segment.text for segment in prompt.segments if not segment.control]
            assert any(BODY.strip() in text for text in written)
            assert not any("你好" in s.text for s in prompt.segments if s.control)


@needs_corpus
@pytest.mark.parametrize("name", TAILS)
def test_the_prompt_tells_whether_the_answer_begins_inside_a_thought(name: str) -> None:
    template = opened(f"{name}")
    found = tuple(
        open_thought(
            template.prompt([Turn(Role.USER, "q")], GenerationOptions(thinking=wish))
            .segments[-1]
            .text
        )
        is not None
        for wish in (None, False, True)
    )
    assert found == TAILS[name]


@needs_corpus
@pytest.mark.parametrize(
    ("name", "efforts"),
    [
        ("openai-gpt-oss-120b", ("low", "medium", "high")),
        ("deepseek-ai-DeepSeek-V4", ("low", "max")),
        ("deepseek-ai-DeepSeek-V4-Flash-0731", ("low", "high", "max")),
        ("tencent-Hy3", ("low", "high")),
        ("Qwen-Qwen3-0.6B", ()),
    ],
)
def test_a_template_says_how_much_it_can_think(name: str, efforts: tuple[str, ...]) -> None:
    template = opened(f"{name}")
    assert template.efforts == efforts
    prompts = {
        template.prompt([Turn(Role.USER, "q")], GenerationOptions(thinking=True, effort=effort))
        for effort in efforts
    }
    assert len(prompts) == len(efforts)


@needs_corpus
def test_a_budget_is_told_to_the_template_that_takes_one() -> None:
    template = opened("ByteDance-Seed-OSS")
    prompt = template.prompt([Turn(Role.USER, "q")], GenerationOptions(thinking_budget=512))
    assert "thinking budget, which is 512." in "".join(s.text for s in prompt.segments)
    assert not opened("Qwen-Qwen3-0.6B").takes_budget


@needs_corpus
def test_a_word_in_the_question_is_the_switch_where_a_template_looks_for_it() -> None:
    template = opened("NVIDIA-Nemotron-Nano-v2")
    assert template.thinking_switch
    prompt = template.prompt([Turn(Role.USER, "q")], GenerationOptions(thinking=False))
    assert not any("/no_think" in segment.text for segment in prompt.segments)
    assert not opened("Qwen-Qwen2.5-7B-Instruct").thinking_switch
