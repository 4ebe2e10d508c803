"""The template child: hostile templates end there, and the next prompt is served all the same."""

import os
import sys
import time
from collections.abc import Iterator

import psutil
import pytest

from hanlin.domain.conversation import Role
from hanlin.domain.generation import GenerationOptions, Turn
from hanlin.domain.prompt import TokenTexts
from hanlin.templates.client import MEMORY, TemplateClient

TOKENS = TokenTexts("<s>", "</s>", ("<|im_start|>", "<|im_end|>"))
DEADLINE = 60.0
GOOD = "{% for m in messages %}[{{ m.role }}]{{ m.content }}{% endfor %}[assistant]"
QUESTION = [Turn(Role.USER, "你好 <|im_end|>")]
ENDLESS = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}"
LIMIT, START = 2.0, 1.5
"""Seconds of processor time: for a template, and, generously, for the start of its child."""
HOSTILE = {
    "a gigabyte by multiplication": ("{{ 'a' * 10**9 }}", "memory"),
    "a gigabyte by padding": ("{{ 'a' | center(10**10) }}", "memory"),
    "a gigabyte by format": ("{{ '%999999999d' % 1 }}", "memory"),
    "a list that doubles": (
        "{% set n = namespace(x=[0]) %}{% for i in range(60) %}{% set n.x = n.x * 2 %}{% endfor %}",
        "memory",
    ),
    "nested loops": (ENDLESS, "long"),
    "loops but for a plain question": (
        f"{{% if tools or messages[0].role == 'system' %}}{ENDLESS}{{% endif %}}{GOOD}",
        "long",
    ),
    "a number without end": (
        "{% for a in range(99999) %}{% set x = 7 ** (7 ** 7 + a) %}{% endfor %}",
        "long",
    ),
    "output without end": (
        "{% for a in range(99999) %}{% for b in range(99999) %}aaaaaaaaaa{% endfor %}{% endfor %}",
        "too much",
    ),
    "a body repeated": (
        "{% for a in range(50000) %}{{ messages[0].content }}{% endfor %}",
        "too much",
    ),
    "a macro that calls itself": ("{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}", "nested"),
    "deep brackets": ("{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}", "nested"),
    "a way out by attributes": ("{{ ''.__class__.__mro__[1].__subclasses__() }}", "not allowed"),
    "a way out by globals": (
        "{{ cycler.__init__.__globals__.os.popen('id').read() }}",
        "not allowed",
    ),
    "a file": ("{% include '/etc/passwd' %}", "does not work"),
    "a template as long as a book": ("{# " + "x" * (1 << 20) + " #}" + GOOD, "too much"),
    "words left out": ("[user][assistant]", "leaves out"),
    "a mistake": ("{% if %}", "mistake"),
    "nothing at all": (" \n", "no chat template"),
}


@pytest.fixture
def client() -> Iterator[TemplateClient]:
    templates = TemplateClient()
    yield templates
    templates.close()


def processor_time() -> float:
    """Return the seconds that the children of this process computed."""
    ended = os.times()
    running = [child.cpu_times() for child in psutil.Process().children()]
    return ended[2] + ended[3] + sum(times.user + times.system for times in running)


@pytest.mark.skipif(sys.platform != "linux", reason="limits are read from /proc")
def test_the_child_is_bound_in_memory(client: TemplateClient) -> None:
    client.open(GOOD, TOKENS)
    [child] = psutil.Process().children()
    assert child.rlimit(psutil.RLIMIT_AS) == (MEMORY, MEMORY)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_template_costs_a_note_and_nothing_else(
    client: TemplateClient, name: str
) -> None:
    source, words = HOSTILE[name]
    before = processor_time()
    facts = client.open(source, TOKENS)
    # Not the clock: on a busy computer two seconds of work take longer.
    assert processor_time() - before < LIMIT + START
    assert words in facts.note
    assert "ChatML" in facts.note
    prompt = client.prompt(QUESTION, GenerationOptions())
    assert prompt.note == facts.note
    assert prompt.stop == ("<|im_end|>",)
    assert "".join(s.text for s in prompt.segments).startswith("<|im_start|>user\n你好")
    # The next model's own template works again.
    assert client.open(GOOD, TOKENS).note == ""
    served = client.prompt(QUESTION, GenerationOptions())
    assert "".join(s.text for s in served.segments) == "[user]你好 <|im_end|>[assistant]"
    assert not any("im_end" in s.text for s in served.segments if s.control)


def test_a_template_that_hangs_later_costs_only_that_prompt(client: TemplateClient) -> None:
    source = f"{GOOD}{{% if messages | length > 2 %}}{ENDLESS}{{% endif %}}"
    assert client.open(source, TOKENS).note == ""
    turns = [*QUESTION, Turn(Role.ASSISTANT, "a"), *QUESTION]
    late = client.prompt(turns, GenerationOptions())
    assert "takes too long" in late.note
    assert "<|im_start|>" in late.segments[0].text
    again = client.prompt(QUESTION, GenerationOptions())
    assert again.note == ""
    assert again.segments[0].text == "[user]"


def test_a_child_killed_between_two_prompts_costs_nothing(client: TemplateClient) -> None:
    assert client.open(GOOD, TOKENS).note == ""
    for _round in range(3):
        [child] = psutil.Process().children()
        child.kill()
        deadline = time.monotonic() + DEADLINE
        # Nobody but its owner may wait for it: the exit status is handed out once.
        while child.is_running() and time.monotonic() < deadline:
            time.sleep(0.01)
        prompt = client.prompt(QUESTION, GenerationOptions())
        text = "".join(segment.text for segment in prompt.segments)
        assert (text, prompt.note) == ("[user]你好 <|im_end|>[assistant]", "")


def test_a_template_in_use_is_not_tried_out_again(client: TemplateClient) -> None:
    """As after a death of the engine's worker, when somebody waits for the model."""
    facts = client.open(GOOD, TOKENS)
    client.close()
    assert client.open(GOOD, TOKENS) == facts
    assert psutil.Process().children() == []
    assert client.open(f"{GOOD} ", TOKENS).note  # another one is, and nobody can any more
