"""Which of the two encoders a model name stands for."""

from __future__ import annotations

from index.encoders.base import BASE_MODEL, DEFAULT_MODEL, Encoder
from index.errors import ModelError

_SHOWN = 100  # characters of a name that may be anything


def load_encoder(model: str | None = None, *, fetch: bool = False) -> Encoder:
    """Return the encoder for a model name or local folder; None means the default. Raises ModelError.

    A model that is not on this machine is downloaded only with `fetch`: where a person named it, never where an archive
    does.
    """
    from index.encoders.minilm import MiniLM, adaptation_folder

    model = model or DEFAULT_MODEL
    if not model.isprintable():
        raise ModelError(f"{model[:_SHOWN]!r} is not the name of a model, nor a folder.")
    try:
        ours = model == BASE_MODEL or adaptation_folder(model) is not None
    except OSError as error:  # too long for a path, or in a folder that may not be read
        raise ModelError(f"The model {model[:_SHOWN]!r} cannot be read ({error.strerror}).") from error
    if ours:
        return MiniLM(model)
    from index.encoders.sentence_transformer import SentenceEncoder

    return SentenceEncoder(model, fetch=fetch)
