"""Which of the two encoders a model name stands for."""

from __future__ import annotations

from index.encoders.base import BASE_MODEL, DEFAULT_MODEL, Encoder


def load_encoder(model: str | None = None) -> Encoder:
    """Return the encoder for a model name or local folder; None means the default. Raises ModelError."""
    from index.encoders.minilm import MiniLM, adaptation_folder

    model = model or DEFAULT_MODEL
    if model == BASE_MODEL or adaptation_folder(model):
        return MiniLM(model)
    from index.encoders.sentence_transformer import SentenceEncoder

    return SentenceEncoder(model)
