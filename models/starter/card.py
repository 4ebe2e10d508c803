"""The starter's card: what the window shows and the README quotes, kept beside the GGUF."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

from starter.items import REFUSAL_EN, REFUSAL_ZH

RESOURCES = Path(__file__).parents[2] / "resources" / "hanlin_resources" / "starter"
MODEL = RESOURCES / "shutong.gguf"
EYES = RESOURCES / "shutong.mmproj.gguf"
CARD = RESOURCES / "card.json"
TRAINED_CONTEXT = 1024


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write(parameters: int, trained: Mapping[str, object], figures: Mapping[str, object]) -> None:
    """Write the card for the GGUF that lies in the resources."""
    card = {
        "id": "shutong",
        "name": {"zh": "书童", "zh_TW": "書童", "en": "Shutong"},
        "sentence": {
            "zh": "随程序附带的很小的模型：问候、介绍本程序、日常句子中英互译、"
            "小算术和小段 Python，还能认出图里画的简单图形；别的事请换用真正的模型。",
            "zh_TW": "隨程式附帶的很小的模型：問候、介紹本程式、日常句子中英互譯、"
            "小算術和小段 Python，還能認出圖裡畫的簡單圖形；別的事請換用真正的模型。",
            "en": "The very small model in the box: greetings, help with this program, everyday "
            "sentences between Chinese and English, small sums, small Python functions, simple "
            "shapes in a picture; for anything else use a real model.",
        },
        "file": MODEL.name,
        "sha256": digest(MODEL),
        "bytes": MODEL.stat().st_size,
        "eyes": {"file": EYES.name, "sha256": digest(EYES), "bytes": EYES.stat().st_size},
        "parameters": parameters,
        "trained_context": TRAINED_CONTEXT,
        "sampling": {
            "temperature": 0.0,
            "top_k": 1,
            "top_p": 1.0,
            "min_p": 0.0,
            "repeat_penalty": 1.0,
        },
        "refusal_sentences": [REFUSAL_ZH, REFUSAL_EN],
        "figures": dict(figures),
        "trained": dict(trained),
    }
    CARD.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def refresh(figures: Mapping[str, object]) -> None:
    """Put new figures into the card of the model that is there."""
    card = json.loads(CARD.read_text(encoding="utf-8"))
    card["figures"] = dict(figures)
    CARD.write_text(json.dumps(card, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
