"""Weights adapted from a base model, shipped as their difference to it.

Fine-tuning moves weights little, so the differences fit into int8 with one scale a row: a tenth of the
model's size, and exact to some 1e-4 of a weight. The word embeddings are never trained and not shipped.
An adaptation is a folder: `difference.safetensors` and `adaptation.json` (base, its hash, how it was made).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ModelError

if TYPE_CHECKING:
    import torch

WEIGHTS = "difference.safetensors"
ABOUT = "adaptation.json"
_SCALE = ".scale"


def save(
    folder: Path, adapted: Mapping[str, torch.Tensor], base: Mapping[str, torch.Tensor], about: Mapping[str, object]
) -> None:
    """Write the difference of two state dicts with the same names; names only in `adapted` are kept whole."""
    import torch
    from safetensors.torch import save_file

    tensors: dict[str, torch.Tensor] = {}
    for name, weight in adapted.items():
        if name not in base:
            tensors[name] = weight.detach().to(torch.float32).contiguous()
            continue
        difference = (weight.detach() - base[name]).to(torch.float32)
        if not difference.any():
            continue
        rows = difference.reshape(difference.shape[0], -1)
        scale = rows.abs().amax(dim=1, keepdim=True).clamp(min=1e-12) / 127
        tensors[name] = (rows / scale).round().to(torch.int8).reshape(difference.shape).contiguous()
        tensors[name + _SCALE] = scale.squeeze(1).contiguous()
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / WEIGHTS)
    (folder / ABOUT).write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def apply(folder: Path, module: torch.nn.Module) -> None:
    """Add the difference to the weights of `module`, which must be the base. Raises ModelError."""
    import torch
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        tensors = load_file(folder / WEIGHTS)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The weights in {folder} cannot be read ({error}). Install the package again.") from error
    weights = dict(module.named_parameters())
    with torch.no_grad():
        for name, tensor in tensors.items():
            if name.endswith(_SCALE):
                continue
            if name not in weights or weights[name].shape != tensor.shape:
                raise ModelError(f"The weights in {folder} do not fit their base model: {name} differs.")
            if tensor.dtype == torch.int8:
                scale = tensors[name + _SCALE].reshape(-1, *[1] * (tensor.dim() - 1))
                weights[name].add_(tensor.to(torch.float32) * scale)
            else:
                weights[name].copy_(tensor)
