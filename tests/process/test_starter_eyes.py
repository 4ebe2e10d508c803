"""The starter's eyes through the real worker: the numbers are the trainer's, the answers right.

What its figures are is `starter make evaluate`'s business; here stand pictures as a newcomer
draws them, whose answers must not get lost.
"""

from collections.abc import Mapping

import gguf
import numpy as np
import pytest
from PIL import Image, ImageDraw

from hanlin.domain.attachments import AttachmentKind, Pixels
from hanlin.domain.conversation import Role
from hanlin.domain.generation import Turn
from hanlin.engine.commands import Generate, Show
from hanlin.engine.events import Encoded
from hanlin_fakes.real_worker import GREEDY, Worker
from hanlin_fakes.talking import WORDS
from hanlin_fakes.viewing import open_pair, prompt
from starter import card, scoring, sights
from starter.asked import Asker
from starter.training.framing import letterbox

SIDE, PATCH, HEADS = 96, 12, 4
EPSILON = 1e-6
CLOSE = 1e-2
Arrays = Mapping[str, np.ndarray]


def circles(count: int, fill: str, size: tuple[int, int] = (480, 360)) -> Image.Image:
    image = Image.new("RGB", size, "white")
    pen = ImageDraw.Draw(image)
    for number in range(count):
        x, y = (number + 0.5) * size[0] / count, size[1] * (0.35 + 0.3 * (number % 2))
        radius = min(size) * 0.16
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=fill)
    return image


def texture() -> Image.Image:
    noise = np.random.default_rng(5).integers(0, 256, (20, 30, 3), dtype=np.uint8)
    return Image.fromarray(noise).resize((600, 400), Image.Resampling.BICUBIC)


@pytest.fixture(scope="module")
def weights() -> Arrays:
    reader = gguf.GGUFReader(card.EYES)
    return {
        tensor.name: tensor.data.astype(np.float32).reshape(tensor.shape[::-1])
        for tensor in reader.tensors
    }


def normed(x: np.ndarray, weights: Arrays, name: str) -> np.ndarray:
    centred = x - x.mean(-1, keepdims=True)
    scaled = centred / np.sqrt((centred**2).mean(-1, keepdims=True) + EPSILON)
    found: np.ndarray = scaled * weights[f"{name}.weight"] + weights[f"{name}.bias"]
    return found


def linear(x: np.ndarray, weights: Arrays, name: str) -> np.ndarray:
    found: np.ndarray = x @ weights[f"{name}.weight"].T + weights[f"{name}.bias"]
    return found


def silu(x: np.ndarray) -> np.ndarray:
    found: np.ndarray = x / (1 + np.exp(-x))
    return found


def embedded(image: Image.Image, weights: Arrays) -> np.ndarray:
    """What the trainer's tower makes of a picture, written out."""
    pixels = letterbox(image, SIDE).astype(np.float32) / 127.5 - 1
    rows = SIDE // PATCH
    cut = pixels.reshape(rows, PATCH, rows, PATCH, 3).transpose(0, 2, 4, 1, 3)
    kernel = weights["v.patch_embd.weight"]
    x = cut.reshape(rows * rows, -1) @ kernel.reshape(len(kernel), -1).T
    x = x + weights["v.patch_embd.bias"] + weights["v.position_embd.weight"]
    layers = sum(name.endswith("attn_q.weight") for name in weights)
    for layer in range(layers):
        block = f"v.blk.{layer}"
        y = normed(x, weights, f"{block}.ln1")
        q, k, v = (
            linear(y, weights, f"{block}.attn_{part}").reshape(len(x), HEADS, -1).transpose(1, 0, 2)
            for part in "qkv"
        )
        scores = q @ k.transpose(0, 2, 1) / np.sqrt(q.shape[-1])
        shares = np.exp(scores - scores.max(-1, keepdims=True))
        shares /= shares.sum(-1, keepdims=True)
        mixed = (shares @ v).transpose(1, 0, 2).reshape(len(x), -1)
        x = x + linear(mixed, weights, f"{block}.attn_out")
        y = normed(x, weights, f"{block}.ln2")
        x = x + linear(silu(linear(y, weights, f"{block}.ffn_up")), weights, f"{block}.ffn_down")
    x = normed(x, weights, "v.post_ln")
    return linear(silu(linear(x, weights, "mm.0")), weights, "mm.1")


@pytest.mark.parametrize("size", [(96, 96), (480, 360), (200, 1000)])
def test_the_engine_sees_what_the_trainer_saw(
    started: list[Worker], weights: Arrays, size: tuple[int, int]
) -> None:
    image = circles(3, "red", size)
    worker, loaded = open_pair(started, card.MODEL, card.EYES)
    assert loaded.sees
    worker.give(Show(2, "one", AttachmentKind.PICTURE, *image.size), image.tobytes())
    worker.tell(Generate(3, prompt(["[one]what is it"]), GREEDY, WORDS, WORDS))
    worker.until(Encoded)
    made = np.frombuffer(worker.payload, np.float32).reshape(-1, 256)
    wanted = embedded(image, weights)
    assert made.shape == wanted.shape == ((SIDE // PATCH) ** 2, 256)
    assert np.abs(made - wanted).max() < CLOSE * max(1.0, float(np.abs(wanted).max()))


def test_a_newcomer_asks_about_three_red_circles() -> None:
    shown = (sights.medium(circles(3, "red")),)
    with Asker(card.MODEL, card.EYES) as asker:
        assert asker.ask("图里有什么？", shown=shown).text == "图里有三个红色的圆形。"
        assert (
            asker.ask("How many circles are there?", shown=shown).text == "There are three circles."
        )
        assert asker.ask("What color is it?", shown=shown).text == "It is red."
        before = (
            Turn(Role.USER, "图里有什么？", media=shown),
            Turn(Role.ASSISTANT, "图里有三个红色的圆形。"),
        )
        assert asker.ask("是什么形状？", history=before).text == "圆形。"


def test_what_it_does_not_know_is_met_with_the_refusal() -> None:
    shown = (sights.medium(texture()),)
    with Asker(card.MODEL, card.EYES) as asker:
        for question in ("图里有什么？", "What is in this picture?"):
            assert scoring.refused(asker.ask(question, shown=shown).text)


def test_the_picture_reaches_it_as_plain_bytes() -> None:
    image = circles(1, "blue", (20, 10))
    pixels = sights.medium(image).load()
    assert isinstance(pixels, Pixels)
    assert (pixels.width, pixels.height, pixels.rgb) == (20, 10, image.tobytes())
