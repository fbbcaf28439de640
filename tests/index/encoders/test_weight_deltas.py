"""Adapted weights as a difference to their base."""

from __future__ import annotations

import json

import pytest

from index.encoders.weight_deltas import ABOUT, PASSAGES, apply, save
from index.errors import ModelError

pytestmark = pytest.mark.model  # needs torch


@pytest.fixture
def layers():
    import torch

    torch.manual_seed(5)
    base, adapted = torch.nn.Linear(40, 30), torch.nn.Linear(40, 30)
    adapted.load_state_dict(base.state_dict())
    with torch.no_grad():
        adapted.weight.add_(0.01 * torch.randn(30, 40))
        adapted.weight[7] = base.weight[7] + torch.linspace(-0.5, 0.5, 40)
    return base, adapted


def copy_of(base):
    import torch

    fresh = torch.nn.Linear(40, 30)
    fresh.load_state_dict(base.state_dict())
    return fresh


def test_a_difference_gives_back_the_adapted_weights_to_a_step_of_each_row(layers, tmp_path):
    base, adapted = layers
    save(tmp_path / "it", adapted.state_dict(), base.state_dict(), {"base": "b", "queries": 3})
    fresh = copy_of(base)
    apply(tmp_path / "it", fresh)
    step = (adapted.weight - base.weight).abs().amax(dim=1, keepdim=True) / 127
    assert ((fresh.weight - adapted.weight).abs() <= 0.5 * step + 1e-7).all()
    assert (fresh.weight - base.weight).abs().max() > 0.4  # it did change
    assert json.loads((tmp_path / "it" / ABOUT).read_text()) == {"base": "b", "queries": 3}


def test_what_was_not_trained_is_not_shipped(layers, tmp_path):
    from safetensors.torch import load_file

    base, adapted = layers
    save(tmp_path / "it", adapted.state_dict(), base.state_dict(), {})
    tensors = load_file(tmp_path / "it" / f"{PASSAGES}.safetensors")
    assert sorted(tensors) == ["weight", "weight.scale"]
    assert tensors["weight"].itemsize == 1


def test_a_parameter_that_the_base_lacks_is_kept_whole(layers, tmp_path):
    import torch

    base, adapted = layers
    without = {name: weight for name, weight in base.state_dict().items() if name != "bias"}
    save(tmp_path / "it", adapted.state_dict(), without, {})
    fresh = copy_of(base)
    with torch.no_grad():
        fresh.bias.zero_()
    apply(tmp_path / "it", fresh)
    assert torch.equal(fresh.bias, adapted.bias)


def test_a_difference_to_another_base_is_refused(layers, tmp_path):
    import torch

    base, adapted = layers
    save(tmp_path / "it", adapted.state_dict(), base.state_dict(), {})
    with pytest.raises(ModelError, match="do not fit their base model: weight differs"):
        apply(tmp_path / "it", torch.nn.Linear(41, 30))


@pytest.mark.parametrize("content", [None, b"", b"garbage" * 50])
def test_unreadable_weights_are_told(layers, tmp_path, content):
    if content is not None:
        (tmp_path / f"{PASSAGES}.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match=r"The weights in .* cannot be read .*Install the package again"):
        apply(tmp_path, layers[0])
