"""Weights adapted from a base model, shipped as their difference to it.

Fine-tuning moves weights little, so the differences fit into int8 with one scale a row: a tenth of the
model's size, and exact to some 1e-4 of a weight. The word embeddings are never trained and not shipped.
An adaptation is a folder: `difference.safetensors` and `adaptation.json` (how it was made). Where questions are
read by weights of their own, `questions.safetensors` and `questions.json` stand beside them; passages are not
concerned, so an archive made without them can be searched with them. Without `difference.safetensors` passages are
read by the base model.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from index.encoders.base import Floats
from index.errors import ModelError

if TYPE_CHECKING:
    import torch

ABOUT = "adaptation.json"
PASSAGES, QUESTIONS = "difference", "questions"  # the two parts
_SCALE = ".scale"


def save(
    folder: Path,
    adapted: Mapping[str, torch.Tensor],
    base: Mapping[str, torch.Tensor],
    about: Mapping[str, object],
    *,
    part: str = PASSAGES,
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
    save_file(tensors, weights_file(folder, part))
    _write(folder / (ABOUT if part == PASSAGES else f"{part}.json"), about)


def describe(folder: Path, about: Mapping[str, object]) -> None:
    """Write how an adaptation was made."""
    _write(folder / ABOUT, about)


def reads_questions_apart(folder: Path) -> bool:
    """Return whether questions have weights of their own."""
    return weights_file(folder, QUESTIONS).is_file()


def concerns_passages(folder: Path) -> bool:
    """Return whether passages are read otherwise than by the base model."""
    return weights_file(folder).is_file()


def copy_passages(source: Path | None, folder: Path) -> None:
    """Make `folder` an adaptation that reads passages as that of `source` does; None: as the base model does."""
    folder.mkdir(parents=True, exist_ok=True)
    if source is None:
        _write(folder / ABOUT, {})
        return
    for file in (source / ABOUT, weights_file(source)):
        if file.is_file():
            shutil.copyfile(file, folder / file.name)


def adapted(folder: Path, base: Mapping[str, Floats], *, part: str = PASSAGES) -> dict[str, Floats]:
    """Return the weights of `base` with a difference added, and those that only the adaptation has.

    Raises ModelError.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load_file

    try:
        tensors = load_file(weights_file(folder, part))
    except (OSError, SafetensorError) as error:
        raise ModelError(f"The weights in {folder} cannot be read ({error}). Install the package again.") from error
    weights = dict(base)
    for name, tensor in tensors.items():
        if name.endswith(_SCALE):
            continue
        if tensor.dtype != np.int8:
            weights[name] = tensor
        elif name not in base or base[name].shape != tensor.shape:
            raise ModelError(f"The weights in {folder} do not fit their base model: {name} differs.")
        else:
            scale = tensors[name + _SCALE].reshape(-1, *[1] * (tensor.ndim - 1))
            weights[name] = base[name] + tensor.astype(np.float32) * scale
    return weights


def apply(folder: Path, module: torch.nn.Module, *, part: str = PASSAGES) -> None:
    """Add a difference to the weights of `module`: the base's. Raises ModelError."""
    import torch

    own = dict(module.named_parameters())
    weights = adapted(folder, {name: weight.detach().numpy() for name, weight in own.items()}, part=part)
    if strange := weights.keys() - own.keys():
        raise ModelError(f"The weights in {folder} do not fit their base model: {min(strange)} is not in it.")
    with torch.no_grad():
        for name, weight in own.items():
            weight.copy_(torch.from_numpy(weights[name]))


def weights_file(folder: Path, part: str = PASSAGES) -> Path:
    """Return where the weights of a part are kept."""
    return folder / f"{part}.safetensors"


def _write(file: Path, about: Mapping[str, object]) -> None:
    file.write_text(json.dumps(about, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
