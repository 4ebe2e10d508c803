"""What commands and events of the engine's worker share: the version, codes, kinds, names.

What is said with them stands in ``commands`` and ``events``. Turning a code into a sentence for
a person belongs to ``messages``; the pipes belong to ``hanlin.processes``.
"""

from enum import StrEnum
from typing import Final

PROTOCOL_VERSION: Final = 2
"""Raised when a message changes its meaning; part of ``Load``, which both sides share."""

SENSES_TOO_DEEP: Final = "layers"
"""Begins why a projector cannot be used that has too many layers."""

PLAIN_CPU: Final = "HANLIN_PLAIN_CPU"
"""The environment variable that makes a worker take the simplest module for its processor."""


class Code(StrEnum):
    """Why the worker refused a command."""

    LIBRARY = "library"
    """llama.cpp could not be loaded."""
    VERSION = "version"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    EMPTY = "empty"
    HTML = "html"
    NOT_GGUF = "not-gguf"
    ARCHITECTURE = "architecture"
    DAMAGED = "damaged"
    MEMORY = "memory"
    PROJECTOR = "projector"
    """The projector cannot be used with this model."""
    MEDIUM = "medium"
    """The picture or sound cannot be shown to this model."""
    NO_MODEL = "no-model"
    NOT_A_CHAT_MODEL = "not-a-chat-model"
    CANCELLED = "cancelled"
    FORM = "form"
    """The form asked of the answer is no JSON schema or grammar."""
    BIAS = "bias"
    """The text whose token was to be weighed is none of the model's tokens."""
    NO_DEVICE = "no-device"
    """The module for other processors than the CPU found none."""
    COMPUTE = "compute"
    """llama.cpp could not evaluate the tokens."""
    BUG = "bug"


class CacheType(StrEnum):
    """How keys and values are kept: fewer bits take less memory and are less exact."""

    F16 = "f16"
    Q8_0 = "q8_0"
    Q4_0 = "q4_0"
