"""The training stream: items of all skills put into conversations, seeded and endless.

Shares, lengths and the thinking switch are set here; what an item says is its module's business.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random

from starter import asking, coding, declining, heldout, naming, noise, sums, topics, translating
from starter.chat import Conversation, Sample, Tool, Turn
from starter.grammar import chance
from starter.items import Item, Maker

SHARES: tuple[tuple[Maker, int], ...] = (
    (translating.make, 62),
    (topics.guide, 19),
    (topics.smalltalk, 12),
    (topics.greeting, 3),
    (coding.make, 13),
    (sums.direct, 4),
    (sums.told, 3),
    (sums.several, 2),
    (sums.with_tool, 6),
    (sums.too_big, 1),
    (declining.make, 13),
    (declining.bare, 2),
    (noise.make, 4),
    (naming.make, 3),
    (naming.echo, 2),
)
COMPLETIONS = 0.045
LONG = 0.006
RESULT_LAST = 0.7
"""How often nothing follows the sentence with a tool's result: then it is learnt for certain."""
CONTEXT = 1024
SHORT = 6
"""Prompts this short may stand in the held-out set and in the training data."""


def item(rng: Random) -> Item:
    """One item whose prompt is not in the held-out set."""
    makers, weights = zip(*SHARES, strict=True)
    while True:
        maker: Maker = rng.choices(makers, weights)[0]
        found = maker(rng)
        if all(turn.user not in held() for turn in found.turns if len(turn.user) > SHORT):
            return found


@lru_cache(maxsize=1)
def held() -> frozenset[str]:
    """Return the prompts of the held-out set."""
    return heldout.prompts()


def sample(rng: Random) -> Sample:
    """One training sample."""
    if chance(rng, COMPLETIONS):
        return coding.completion(rng)
    found = item(rng)
    tools, system = found.tools, found.system
    if not tools and chance(rng, 0.02):
        tools = sums.offered(rng, with_calculator=found.skill != "sum" and chance(rng, 0.5))
    if not system and chance(rng, 0.15):
        system = asking.framed("system", rng)
    thinking = chance(rng, 0.12)
    # Of a thinking conversation only the last answer is learnt, so it is kept short.
    count = rng.choice((1, 1, 2)) if thinking else rng.choice((1, 1, 1, 2, 2, 3, 4))
    answered = any(turn.response for turn in found.turns)
    if answered and chance(rng, RESULT_LAST):
        count = 1
    if chance(rng, LONG):
        turns = followed(found, tools, (60, rng.randint(900, 2300)), rng)
    else:
        turns = followed(found, tools, (count, 3000), rng)
    if any(turn.response for turn in turns[:-1]):
        thinking = False
    # A result is read behind a call that the template writes anew, without its think block.
    kept = chance(rng, 0.35 if answered else 0.88)
    return Conversation(turns, system, tools, thinking, kept)


def followed(first: Item, tools: Sequence[Tool], most: tuple[int, int], rng: Random) -> list[Turn]:
    """Return the first item's turns and others', up to a count of items and of characters."""
    count, budget = most
    turns = list(first.turns)
    while count > 1 and sum(len(turn.user) + len(turn.answer) for turn in turns) < budget:
        count -= 1
        found = item(rng)
        # A sum means a tool call exactly when a calculator is offered, so the two never mix.
        mixed = tools and found.skill in ("sum", "decline")
        if not (found.tools or found.system or mixed):
            turns.extend(found.turns)
    return turns


def stream(seed: int) -> Iterator[Sample]:
    """Return samples without end; equal seeds give equal streams."""
    rng = Random(seed)
    while True:
        yield sample(rng)
