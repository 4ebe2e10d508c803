"""The eye as a projector file: mtmd's keys and tensor names, float16 matrices, float32 the rest.

Torch's layouts go in as they are. A missing ``clip.use_silu`` would load and give wrong numbers.
"""

from pathlib import Path

import numpy as np
import torch
from gguf import GGUFWriter, LlamaFileType

from starter.training.tower import Eye, EyeShape

NAMES = {"mm.": "mm.", "v.": "v."}
MATRIX = 2


def export(checkpoint: Path, out: Path) -> int:
    """Write the projector; return how many numbers are in it."""
    state = torch.load(checkpoint, weights_only=False)
    shape = EyeShape(**state["shape"])
    eye = Eye(shape)
    eye.load_state_dict(state["eye"])
    writer = GGUFWriter(out, "clip")
    writer.add_type("mmproj")
    writer.add_name("Shutong's eyes")
    writer.add_description("The starter model's eyes, made by the project itself")
    writer.add_file_type(LlamaFileType.MOSTLY_F16)
    writer.add_bool("clip.has_vision_encoder", True)  # noqa: FBT003 - gguf's signature
    writer.add_string("clip.projector_type", "janus_pro")
    writer.add_bool("clip.use_silu", True)  # noqa: FBT003 - gguf's signature
    sizes = {
        "image_size": shape.side, "patch_size": shape.patch, "embedding_length": shape.width,
        "feed_forward_length": shape.ffn, "block_count": shape.layers,
        "attention.head_count": shape.heads, "projection_dim": shape.out,
    }  # fmt: skip
    for key, value in sizes.items():
        writer.add_uint32(f"clip.vision.{key}", value)
    writer.add_float32("clip.vision.attention.layer_norm_epsilon", shape.epsilon)
    writer.add_array("clip.vision.image_mean", [0.5, 0.5, 0.5])
    writer.add_array("clip.vision.image_std", [0.5, 0.5, 0.5])
    count = 0
    for name, tensor in eye.state_dict().items():
        values = tensor.detach().float().numpy()
        count += values.size
        if name == "v.position_embd":
            name, values = "v.position_embd.weight", values[0]  # noqa: PLW2901 - GGUF's shape
        elif name == "v.patch_embd.weight":
            values = values.reshape(-1, 3, shape.patch, shape.patch).astype(np.float16)
        elif values.ndim >= MATRIX:
            values = values.astype(np.float16)
        writer.add_tensor(name, np.ascontiguousarray(values))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return count
