"""Drawings of the starter's training that are coloured anew: what is drawn is what is said."""

from pathlib import Path

import numpy as np
import pytest

from starter import scenes
from starter.training import sheets

SIDE = 96
EXAMPLES = 400


@pytest.fixture
def stock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> sheets.Stock:
    monkeypatch.setattr(sheets, "SHARD", 40)
    sheets.draw(tmp_path, 3, 3, SIDE)
    return sheets.Stock(tmp_path, 4)


def test_a_drawing_in_other_colours_shows_what_it_says(stock: sheets.Stock) -> None:
    examples = [stock.example() for _ in range(EXAMPLES)]
    assert {one.scene.kind for one in examples} == set(scenes.KINDS)
    for one in examples:
        assert one.pixels.shape == (SIDE, SIDE, 3)
        there = one.middles[one.middles[:, 0] >= 0]
        assert len(there) == (0 if one.scene.kind == "other" else one.scene.count)
        assert (there[:, :2] <= SIDE).all()
        if one.scene.kind in scenes.SHAPES:
            assert not scenes.held_out(one.scene.colour, one.scene.kind, one.scene.count)


def test_turned_and_moved_objects_stand_where_their_middles_say(stock: sheets.Stock) -> None:
    squares = [
        one for one in (stock.example() for _ in range(EXAMPLES)) if one.scene.kind == "square"
    ]
    assert len(squares) > 10
    stood = 0
    for one in squares:
        x, y = one.middles[0, :2].astype(int)
        patch = one.pixels[y - 2 : y + 3, x - 2 : x + 3].reshape(-1, 3).astype(int)
        corners = one.pixels[[0, 0, -1, -1], [0, -1, 0, -1]].astype(int)
        away = np.abs(corners - patch.mean(0)).sum(-1).max()
        stood += bool(np.ptp(patch, axis=0).max() < away)
    # A hollow one, or one through a bad JPEG, is no plain patch.
    assert stood > 0.9 * len(squares)


def test_labels_give_back_their_scene() -> None:
    for scene in (
        scenes.Scene("other"), scenes.Scene("star", "grey", 5),
        scenes.Scene("digit", "red", text="7"), scenes.Scene("character", "blue", text="水"),
    ):  # fmt: skip
        assert sheets.named(np.array(sheets.label(scene))) == scene
