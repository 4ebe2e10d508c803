"""What the trainer's own tower makes of pictures, beside what the engine made of them.

    cd models && TRAINING-PYTHON -m starter.training.parity FILE.npz

FILE holds ``pictures`` (as they enter the tower: uint8, N x side x side x 3) and ``embeddings``
(N x tokens x width, the engine's); ``packaging/benchmarks/eye_parity.py`` writes it and calls this.
The weights are those of the projector file that is shipped.
"""

import json
import sys
from pathlib import Path

import numpy as np
import torch
from gguf import GGUFReader
from torch import Tensor

from starter import card
from starter.training.tower import Eye, EyeShape, scaled

_SIZES = {
    "side": "image_size", "patch": "patch_size", "width": "embedding_length",
    "ffn": "feed_forward_length", "layers": "block_count", "heads": "attention.head_count",
    "out": "projection_dim",
}  # fmt: skip


def load(path: Path) -> Eye:
    """Return the tower of a projector file."""
    reader = GGUFReader(path)

    def size(name: str) -> int:
        field = reader.get_field(f"clip.vision.{name}")
        if field is None:
            raise SystemExit(f"{path} has no {name}")
        return int(field.contents())

    tensors = {
        tensor.name: torch.from_numpy(
            tensor.data.astype(np.float32).reshape([int(n) for n in reversed(tensor.shape)])
        )
        for tensor in reader.tensors
    }
    sizes = {name: size(key) for name, key in _SIZES.items()}
    eye = Eye(EyeShape(**sizes, hidden=len(tensors["mm.0.bias"])))
    eye.load_state_dict(dict(_named(tensors)))
    return eye.eval()


def _named(tensors: dict[str, Tensor]) -> "list[tuple[str, Tensor]]":
    """Return the file's tensors by the tower's names and shapes."""
    found: list[tuple[str, Tensor]] = []
    for name, tensor in tensors.items():
        if name == "v.position_embd.weight":
            found.append(("v.position_embd", tensor[None]))
        elif name == "v.patch_embd.weight":
            found.append((name, tensor.reshape(len(tensor), -1)))
        else:
            found.append((name, tensor))
    return found


def main(file: str) -> None:
    """Print how far the two lie apart."""
    with np.load(file) as kept:
        pictures, made = kept["pictures"], kept["embeddings"]
    torch.set_num_threads(1)
    with torch.inference_mode():
        wanted = load(card.EYES)(scaled(torch.from_numpy(pictures))).numpy()
    apart = np.abs(wanted - made)
    print(
        json.dumps(
            {
                "pictures": len(pictures),
                "largest value": round(float(np.abs(wanted).max()), 4),
                "largest difference": float(apart.max()),
                "mean difference": float(apart.mean()),
                "torch": torch.__version__,
            }
        )
    )


if __name__ == "__main__":
    main(sys.argv[1])
