"""A picture on the tower's square, as llama.cpp's mtmd puts it there; no PyTorch here."""

import numpy as np
from PIL import Image

PAD = (127, 127, 127)


def fitted(size: tuple[int, int], side: int) -> tuple[int, int, int, int]:
    """Return where a picture of a size lies on the square: left, top, right, bottom."""
    width, height = size
    scale = min(np.float32(side) / np.float32(width), np.float32(side) / np.float32(height))
    across, down = (
        min(int(np.ceil(np.float32(length) * scale)), side) for length in (width, height)
    )
    left, top = (side - across) // 2, (side - down) // 2
    return left, top, left + across, top + down


def letterbox(image: Image.Image, side: int, pad: tuple[int, int, int] | int = PAD) -> np.ndarray:
    """Return the picture on a grey square, uint8 (side, side, 3): mtmd's steps, in float32."""
    if image.size == (side, side):
        return np.asarray(image)
    left, top, right, bottom = fitted(image.size, side)
    square = Image.new(image.mode, (side, side), pad)
    square.paste(image.resize((right - left, bottom - top), Image.Resampling.BICUBIC), (left, top))
    return np.asarray(square)
