"""Text -> vectors, behind a protocol with two methods; which of our two encoders a model name stands for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
DEFAULT_MODEL = "ministerial-minilm"
BASE_MODEL = "all-MiniLM-L6-v2"


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine."""

    name: str  # what `--model` was given

    @property
    def fingerprint(self) -> str:
        """Equal for models that give passages the same vectors."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def limit(self) -> int:
        """Longest input in tokens; the rest of a longer text is not seen."""

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens, special ones included."""

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return float32 of shape (len(texts), dim), each row of length 1. No texts: (0, dim)."""

    def queries(self, texts: Sequence[str]) -> Floats:
        """Return the same for questions; some models treat them differently."""
