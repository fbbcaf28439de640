"""Any other model: whatever sentence-transformers can load, from a folder or from the hub, run by PyTorch.

The hub is asked only where a person named the model; otherwise a hub's model must have been downloaded before.
"""

from __future__ import annotations

import hashlib
import math
import os
import shlex
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from index.encoders.base import Floats
from index.encoders.minilm import sha256
from index.errors import ModelError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 8  # like-length texts; larger batches are slower on a CPU, for more of them is padding
# Tokens of a passage for models that read a text of any length: as many as most others read.
_UNLIMITED = 512
# Whose models the hub has under a name alone; and files one of which every model has.
_MAKERS = "sentence-transformers"
_FIRST_FILES = ("modules.json", "config.json")


class SentenceEncoder:
    """An Encoder; see there. Loaded on first use: importing PyTorch alone takes seconds."""

    def __init__(self, model: str, *, fetch: bool = False) -> None:
        """Take a local folder that holds a sentence-transformers model, or a Hugging Face name.

        A named model that is not on this machine is downloaded only with `fetch`.
        """
        self.name = model
        self._fetch = fetch
        self._lock = RLock()  # one caller at a time, with all cores

    @cached_property
    def fingerprint(self) -> str:
        """Equal for models that give passages the same vectors: files are recognised by content, hub models by name."""
        folder = Path(self.name)
        return _weights_hash(folder) if folder.is_dir() else f"hub:{self.name}"

    @cached_property
    def _model(self) -> SentenceTransformer:
        os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
        local = Path(self.name).is_dir()
        if not local and not self._fetch:
            self._require_download()
        try:
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging

            logging.disable_progress_bar()  # type: ignore[no-untyped-call]
            model = SentenceTransformer(
                self.name, device="cpu", local_files_only=local or not self._fetch, trust_remote_code=False
            )
        except (OSError, ValueError, ImportError) as error:
            raise ModelError(
                f"The model {self.name!r} cannot be loaded ({(str(error).splitlines() or [type(error).__name__])[0]}). "
                "Give --model a folder that holds a sentence-transformers model, or a name that can be downloaded."
            ) from error
        model.eval()
        return model

    def _require_download(self) -> None:
        """Raise ModelError unless the hub's model of this name was downloaded before."""
        from huggingface_hub import try_to_load_from_cache

        name = self.name if "/" in self.name else f"{_MAKERS}/{self.name}"
        try:
            found = any(isinstance(try_to_load_from_cache(name, file), str) for file in _FIRST_FILES)
        except ValueError as error:
            raise ModelError(f"{self.name!r} is neither a folder nor the name of a model.") from error
        if not found:
            raise ModelError(
                f"The model {self.name!r} is not on this machine, and none is downloaded because an archive names it. "
                f"If you trust it, download it first: hf download {shlex.quote(name)}"
            )

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
        return self._encode(texts, "document")

    def queries(self, texts: Sequence[str]) -> Floats:
        """Return the same for questions."""
        return self._encode(texts, "query")

    def _encode(self, texts: Sequence[str], task: str) -> Floats:
        import torch

        if not texts:
            return np.zeros((0, self.dim), np.float32)
        encode = self._model.encode_document if task == "document" else self._model.encode_query
        with self._lock, torch.autocast("cpu", torch.bfloat16, enabled=native_bfloat16()):
            vectors = encode(list(texts), batch_size=_BATCH, convert_to_numpy=True, show_progress_bar=False)
        floats = np.asarray(vectors, dtype=np.float32)
        return np.asarray(floats / np.linalg.norm(floats, axis=1, keepdims=True).clip(1e-12), dtype=np.float32)


def native_bfloat16() -> bool:
    """Return whether the processor multiplies bfloat16 itself; emulated it is slower than float32."""
    import torch

    able = torch.cpu.get_capabilities()
    return bool(able.get("avx512_bf16") or able.get("amx_bf16") or able.get("bf16"))


def _weights_hash(folder: Path) -> str:
    """Return one hash over the weights and configuration files that turn passages into vectors."""
    summary = hashlib.sha256()
    kinds = {".safetensors", ".bin", ".json", ".txt", ".onnx"}
    for path in sorted(folder.rglob("*")):
        if path.suffix in kinds and path.is_file():
            summary.update(f"{path.relative_to(folder)}\0{sha256(path)}\n".encode())
    return f"sha256:{summary.hexdigest()[:32]}"
