"""The training stream: items of all skills put into conversations, seeded and endless.

Shares, lengths and the thinking switch are set here; what an item says is its own module's business.
"""

from collections.abc import Iterator
from functools import lru_cache
from random import Random

from starter import asking, coding, declining, heldout, noise, sums, topics, translating
from starter.chat import Conversation, Sample, Turn
from starter.items import Item, Maker

SHARES: tuple[tuple[Maker, int], ...] = (
    (translating.make, 40), (topics.guide, 15), (topics.smalltalk, 9), (coding.make, 8),
    (sums.direct, 5), (sums.with_tool, 5), (sums.too_big, 1), (declining.make, 14), (noise.make, 4),
)  # fmt: skip
COMPLETIONS = 0.04
LONG = 0.012
CONTEXT = 1024


def item(rng: Random) -> Item:
    """One item whose prompt is not in the held-out set."""
    makers, weights = zip(*SHARES, strict=True)
    while True:
        maker: Maker = rng.choices(makers, weights)[0]
        found = maker(rng)
        if all(turn.user not in held() for turn in found.turns if len(turn.user) > 6):
            return found


@lru_cache(maxsize=1)
def held() -> frozenset[str]:
    return heldout.prompts()


def sample(rng: Random) -> Sample:
    """One training sample."""
    if rng.random() < COMPLETIONS:
        return coding.completion(rng)
    thinking = rng.random() < 0.17
    shape = rng.random()
    count = 1 if shape < 0.5 else rng.randint(2, 5)
    budget = 3000
    if shape > 1 - LONG:
        count, budget = 60, rng.randint(900, 2300)
    turns: list[Turn] = []
    found = item(rng)
    tools, system = found.tools, found.system
    if not tools and rng.random() < 0.06:
        tools = sums.offered(rng, with_calculator=found.skill != "sum" and rng.random() < 0.5)
    if not system and rng.random() < 0.2:
        system = rng.choice(asking.SYSTEMS)
    turns.extend(found.turns)
    while count > 1 and sum(len(t.user) + len(t.answer) for t in turns) < budget:
        count -= 1
        following = item(rng)
        # A sum means a tool call exactly when a calculator is offered, so the two never mix.
        if following.tools or following.system or (tools and following.skill in ("sum", "decline")):
            continue
        turns.extend(following.turns)
    blocks = rng.random() < 0.7
    if thinking and any(turn.response for turn in turns[:-1]):
        thinking = False
    return Conversation(turns, system, tools, thinking, blocks)


def stream(seed: int) -> Iterator[Sample]:
    """Samples without end; equal seeds give equal streams."""
    rng = Random(seed)
    while True:
        yield sample(rng)
