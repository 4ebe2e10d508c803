r"""Whether the engine's eyes are the trainer's: tower and projector through mtmd, and by PyTorch.

    PYTHONPATH=app:models:resources:tests/support .venv/bin/python \\
        packaging/benchmarks/eye_parity.py --torch TRAINING-PYTHON [--pictures N]

TRAINING-PYTHON is one that ``models/starter/requirements.txt`` is installed in. The pictures are
the trainer's own scenes in all their sizes, so what is compared holds the way into the tower's
square, too. Prints one line of JSON, and ends with an error when they lie 0.01 or more of the
largest number apart.
"""

import argparse
import json
import subprocess
import tempfile
from pathlib import Path
from random import Random

import numpy as np

from hanlin.domain.attachments import AttachmentKind
from hanlin.engine.commands import Generate, Show
from hanlin.engine.events import Encoded
from hanlin_fakes.real_worker import GREEDY, Worker
from hanlin_fakes.viewing import open_pair, prompt
from starter import card, scenes
from starter.training import drawing
from starter.training.framing import letterbox

SEED = 20_261_122
CLOSE = 1e-2
SIDE = 96
WIDTH = 256
"""Numbers of an embedding: the text model's width."""
MODELS = Path(__file__).parents[2] / "models"


def seen(worker: Worker, number: int, width: int, height: int, pixels: bytes) -> np.ndarray:
    """Return what the engine makes of a picture."""
    name = f"picture {number}"
    worker.give(Show(2 * number, name, AttachmentKind.PICTURE, width, height), pixels)
    asked = prompt([f"[{name}]what is it"])
    worker.tell(Generate(2 * number + 1, asked, GREEDY, 4, 1))
    worker.until(Encoded)
    return np.frombuffer(worker.payload, np.float32)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--torch", required=True, help="a Python with PyTorch")
    parser.add_argument("--pictures", type=int, default=40)
    arguments = parser.parse_args()
    dice = Random(SEED)  # noqa: S311 - so that figures can be repeated
    started: list[Worker] = []
    worker, _loaded = open_pair(started, card.MODEL, card.EYES)
    pictures, embeddings = [], []
    for number in range(1, arguments.pictures + 1):
        image = drawing.picture(scenes.draw(dice, others=0.0), dice).image.convert("RGB")
        pictures.append(letterbox(image, SIDE))
        made = seen(worker, number, *image.size, image.tobytes())
        embeddings.append(made.reshape(-1, WIDTH))
    worker.process.stop()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "seen.npz"
        np.savez(file, pictures=np.stack(pictures), embeddings=np.stack(embeddings))
        command = [arguments.torch, "-m", "starter.training.parity", str(file)]
        done = subprocess.run(
            command, cwd=MODELS, stdout=subprocess.PIPE, check=True, text=True, timeout=600
        )
    print(done.stdout.strip())
    told = json.loads(done.stdout)
    if told["largest difference"] >= CLOSE * max(1.0, told["largest value"]):
        raise SystemExit("the engine's eyes are not the trainer's")


if __name__ == "__main__":
    main()
