"""Our encoder as an ordinary sentence-transformers model, for programs that know nothing of this package.

Questions and passages have weights of their own, so the model routes them: `encode_query` and `encode_document` of
what is returned, or of what is loaded again after `save`, give the vectors of `queries` and `documents` here, apart
from the rounding to int8 (index.encoders.int8_bert), at PyTorch's speed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from index.encoders import weight_deltas
from index.encoders.base import BASE_MODEL, DEFAULT_MODEL
from index.encoders.minilm import adaptation_folder, packaged_base, passage_adaptation
from index.errors import ModelError

if TYPE_CHECKING:
    from pathlib import Path

    from sentence_transformers import SentenceTransformer


def as_sentence_transformer(model: str | None = None) -> SentenceTransformer:
    """Return an encoder of ours as a sentence-transformers model on the CPU, which needs nothing of ours any more.

    `model` is None for the shipped one, "all-MiniLM-L6-v2", or a folder that `pq train` made. Texts are cut at 256
    tokens; vectors have 384 numbers and length 1, and `encode` without a task reads a text as a passage.
    Raises ModelError for any other model: sentence-transformers loads those itself.
    """
    name = model or DEFAULT_MODEL
    folder = adaptation_folder(name)
    if folder is None and name != BASE_MODEL:
        raise ModelError(
            f"{name!r} is not a model of this package. If sentence-transformers can load it, call "
            f"SentenceTransformer({name!r})."
        )
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Router

    passages, *rest = _adapted(passage_adaptation(name), weight_deltas.PASSAGES)
    questions = passages
    if folder and weight_deltas.reads_questions_apart(folder):
        questions = _adapted(folder, weight_deltas.QUESTIONS)[0]
    router = Router.for_query_document(query_modules=[questions], document_modules=[passages])
    return SentenceTransformer(modules=[router, *rest], device="cpu", similarity_fn_name="cosine")


def _adapted(folder: Path | None, part: str) -> list[Any]:
    """Return the base model's modules (transformer, pooling, normalisation) with the weights of one part."""
    from sentence_transformers import SentenceTransformer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    base = SentenceTransformer(str(packaged_base()), device="cpu", local_files_only=True)
    modules: list[Any] = list(base.children())
    if folder:
        weight_deltas.apply(folder, modules[0].auto_model, part=part)
    return modules
