"""A picture on the tower's square, as llama.cpp's mtmd puts it there; no PyTorch here."""

import numpy as np
from PIL import Image

PAD = (127, 127, 127)


def letterbox(image: Image.Image, side: int) -> np.ndarray:
    """Return the picture on a grey square, uint8 (side, side, 3): mtmd's steps, in float32."""
    width, height = image.size
    if (width, height) == (side, side):
        return np.asarray(image)
    scale = min(np.float32(side) / np.float32(width), np.float32(side) / np.float32(height))
    fitted = tuple(
        min(int(np.ceil(np.float32(length) * scale)), side) for length in (width, height)
    )
    square = Image.new("RGB", (side, side), PAD)
    square.paste(
        image.resize(fitted, Image.Resampling.BICUBIC),
        ((side - fitted[0]) // 2, (side - fitted[1]) // 2),
    )
    return np.asarray(square)
