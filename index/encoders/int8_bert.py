"""A BERT whose large matrices are int8, run by ONNX Runtime.

Four times the speed of float32, the same neighbours (tests/bench/speed.py), and nothing of PyTorch to import. The
graph is written here from the weights themselves, so that no second copy of a model has to be shipped.

Weights are scaled to seven bits, one scale a column: with eight, processors without VNNI overflow the sums of two
products that they keep in 16 bits. What goes into a matrix is scaled to eight bits anew for each text. Texts are read
one at a time, so a vector never depends on the texts beside it, and nothing is padded.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from index.encoders.base import Floats
from index.telemetry import onnx_runtime

if TYPE_CHECKING:
    from onnx import NodeProto, TensorProto

_BITS = 63  # the largest weight
_EPSILON = 1e-12  # of layer normalisation, as BERT has it
_HEAD = 32  # numbers in an attention head, in models of MiniLM's family
_CONTRIBUTED = "com.microsoft"  # the domain of the operators that ONNX Runtime adds
_OPSET, _IR = 18, 9

Item = TypeVar("Item")
Result = TypeVar("Result")


class Transformer:
    """Token ids -> one vector a token."""

    def __init__(self, weights: Mapping[str, Floats], *, exact: bool = False) -> None:
        """Take the weights of a BERT by the names that Hugging Face gives them; `exact` leaves them in float32."""
        onnxruntime = onnx_runtime()
        self._words = weights["embeddings.word_embeddings.weight"]
        self._places = weights["embeddings.position_embeddings.weight"]
        self._kinds = weights["embeddings.token_type_embeddings.weight"]
        options = onnxruntime.SessionOptions()
        options.inter_op_num_threads = 1
        # Passages come in numbers and are read side by side; a question comes alone.
        options.intra_op_num_threads = cores() if exact else 1
        options.add_session_config_entry("session.intra_op.allow_spinning", "0")
        graph = _Graph(weights, exact)
        model = graph.serialised()
        # Matrices are handed over as they are: written into the model and read out of it they would be copied twice.
        values = [onnxruntime.OrtValue.ortvalue_from_numpy(values) for values in graph.matrices.values()]
        options.add_external_initializers(list(graph.matrices), values)
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._words.shape[1])

    def states(self, ids: Sequence[int], kinds: Sequence[int] | None = None) -> Floats:
        """Return the last layer for tokens of one text, shape (len(ids), dim).

        `kinds` tells the first text of a pair (0) from the second (1), token by token. Safe from several threads.
        """
        embedded = self._words[ids] + self._places[: len(ids)] + self._kinds[kinds if kinds is not None else 0]
        states: Floats = self._session.run(None, {"embedded": embedded})[0]
        return states


def side_by_side(function: Callable[[Item], Result], items: Sequence[Item]) -> list[Result]:
    """Return `function` of each item, in order, as many at once as there are cores."""
    if len(items) < 2:
        return [function(item) for item in items]
    return list(_workers().map(function, items))


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _workers() -> ThreadPoolExecutor:
    """Return the threads that all models share: more of them than cores would only wait for each other."""
    return ThreadPoolExecutor(cores(), thread_name_prefix="transformer")


class _Graph:
    """The layers of a BERT, from embedded tokens to the last layer, as an ONNX model."""

    def __init__(self, weights: Mapping[str, Floats], exact: bool) -> None:
        self._weights = weights
        self._exact = exact
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []
        self.matrices: dict[str, np.ndarray[Any, Any]] = {}  # by name; only their shapes are in the model
        self._size = int(weights["embeddings.LayerNorm.weight"].shape[0])

    def serialised(self) -> bytes:
        """Return the model: `embedded` of shape (tokens, dim) -> `states` of the same shape."""
        from onnx import TensorProto, helper

        states, layer = self._normalised("embedded", "embeddings.LayerNorm"), 0
        while (name := f"encoder.layer.{layer}") + ".output.dense.weight" in self._weights:
            states, layer = self._layer(states, name), layer + 1
        self._add("Identity", [states], "states")
        shape: list[str | int | None] = ["tokens", self._size]
        ends = [helper.make_tensor_value_info(end, TensorProto.FLOAT, shape) for end in ("embedded", "states")]
        graph = helper.make_graph(self._nodes, "bert", ends[:1], ends[1:], self._constants)
        domains = [helper.make_opsetid("", _OPSET), helper.make_opsetid(_CONTRIBUTED, 1)]
        model: bytes = helper.make_model(graph, opset_imports=domains, ir_version=_IR).SerializeToString()
        return model

    def _layer(self, states: str, name: str) -> str:
        """Add attention and feed-forward network, each next to its short cut."""
        attention = f"{name}.attention"
        parts = [f"{attention}.self.{part}" for part in ("query", "key", "value")]
        batch = self._constant(f"{name}.batch", np.zeros(1, np.int64))
        read = [self._add("Unsqueeze", [self._linear(states, part), batch], f"{part}.one") for part in parts]
        mixed = self._add(
            "MultiHeadAttention", read, f"{attention}.mixed", domain=_CONTRIBUTED, num_heads=self._size // _HEAD
        )
        mixed = self._add("Squeeze", [mixed, batch], f"{attention}.flat")
        attended = self._beside(states, self._linear(mixed, f"{attention}.output.dense"), f"{attention}.output")
        inner = self._linear(attended, f"{name}.intermediate.dense")
        inner = self._add("Gelu", [inner], f"{name}.gelu", domain=_CONTRIBUTED)
        return self._beside(attended, self._linear(inner, f"{name}.output.dense"), f"{name}.output")

    def _linear(self, states: str, name: str) -> str:
        """Multiply by a matrix and add its bias."""
        rows = self._weights[f"{name}.weight"]  # one for each number that comes out
        bias = self._constant(f"{name}.bias", self._weights[f"{name}.bias"])
        if self._exact:
            product = self._add("MatMul", [states, self._constant(f"{name}.matrix", rows.T)], f"{name}.product")
            return self._add("Add", [product, bias], f"{name}.sum")
        scale = np.maximum(np.maximum(rows.max(axis=1), -rows.min(axis=1)), _EPSILON) / _BITS
        inputs = [
            states,
            self._constant(f"{name}.matrix", np.rint(rows / scale[:, None]).astype(np.int8).T),
            self._constant(f"{name}.scale", scale.astype(np.float32)),
            "",  # no zero point: the scale is symmetric
            bias,
        ]
        return self._add("DynamicQuantizeMatMul", inputs, f"{name}.sum", domain=_CONTRIBUTED)

    def _beside(self, states: str, change: str, name: str) -> str:
        return self._normalised(self._add("Add", [states, change], f"{name}.both"), f"{name}.LayerNorm")

    def _normalised(self, states: str, name: str) -> str:
        scales = [self._constant(f"{name}.{part}", self._weights[f"{name}.{part}"]) for part in ("weight", "bias")]
        return self._add("LayerNormalization", [states, *scales], f"{name}.states", axis=-1, epsilon=_EPSILON)

    def _constant(self, name: str, values: Any) -> str:
        from onnx import TensorProto, helper, numpy_helper

        values = np.ascontiguousarray(values)
        if values.ndim < 2:
            self._constants.append(numpy_helper.from_array(values, name))
            return name
        self.matrices[name] = values
        kind = helper.np_dtype_to_tensor_dtype(values.dtype)
        declared = TensorProto(name=name, dims=values.shape, data_type=kind, data_location=TensorProto.EXTERNAL)
        declared.external_data.add(key="location", value=name)
        self._constants.append(declared)
        return name

    def _add(self, operator: str, inputs: Sequence[str], output: str, **attributes: Any) -> str:
        from onnx import helper

        self._nodes.append(helper.make_node(operator, inputs, [output], **attributes))
        return output
