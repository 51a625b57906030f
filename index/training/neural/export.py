"""Exporting: a trained encoder becomes one ONNX graph of 8-bit weights, which the service runs without torch.

Each weight matrix is stored as 8-bit integers with a scale for every 32 inputs of an output; ONNX Runtime
unfolds it once, when the session is made. Activations stay in float32: quantising them too (dynamic
quantisation) halves the time of a question and moves token vectors to a cosine of .98.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from torch import nn

TABLE: Final = "embeddings.word_embeddings.weight"
PROJECTION: Final = "projection"
BLOCK: Final = 32  # weights that share a scale; single large ones would take the precision from a whole column
SMALLEST: Final = 10_000  # numbers in a tensor from which it is stored in 8 bits


class Graph(nn.Module):
    """Token ids to unit token vectors and one unit vector a text."""

    def __init__(self, transformer: nn.Module, projection: torch.Tensor) -> None:
        super().__init__()
        self.transformer = transformer
        self.projection = nn.Parameter(projection, requires_grad=False)

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return shape (texts, tokens, width) and shape (texts, dimension)."""
        hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
        pooled = (hidden * weight).sum(1) / weight.sum(1)
        return nn.functional.normalize(hidden @ self.projection, dim=-1), nn.functional.normalize(pooled, dim=-1)


def export(transformer: nn.Module, projection: torch.Tensor, path: Path) -> None:
    """Write the graph of a trained transformer and its projection, shape (hidden, width), to this file."""
    graph = Graph(transformer.eval(), projection)
    ids = torch.randint(5, 1000, (2, 9))
    axes = {name: {0: "texts", 1: "tokens"} for name in ("input_ids", "attention_mask", "tokens")}
    torch.onnx.export(
        graph,
        (ids, torch.ones_like(ids)),
        str(path),
        input_names=["input_ids", "attention_mask"],
        output_names=["tokens", "pooled"],
        dynamic_axes=axes | {"pooled": {0: "texts"}},
        opset_version=17,
        dynamo=False,
    )
    model = onnx.load(path)
    _name_weights(model.graph, transformer.state_dict() | {PROJECTION: projection})
    for weights in [one for one in model.graph.initializer if np.prod(one.dims) >= SMALLEST]:
        _quantise(model.graph, weights)
    onnx.save(model, path)


def _name_weights(graph: Any, state: dict[str, torch.Tensor]) -> None:
    """Give the graph's weights the names of the transformer's; the exporter numbers those that it transposes."""
    known = {_print_of(tensor.numpy()): name for name, tensor in state.items()}
    known |= {_print_of(tensor.numpy().T): f"{name}.T" for name, tensor in state.items() if tensor.ndim == 2}
    for weights in graph.initializer:
        if name := known.get(_print_of(numpy_helper.to_array(weights))):
            for node in graph.node:
                for at, used in enumerate(node.input):
                    if used == weights.name:
                        node.input[at] = name
            weights.name = name


def _print_of(array: NDArray[Any]) -> tuple[tuple[int, ...], bytes]:
    return array.shape, np.ascontiguousarray(array).tobytes()


def _quantise(graph: Any, weights: Any) -> None:
    """Store a matrix as integers with a scale for every BLOCK inputs of an output."""
    name, array = weights.name, numpy_helper.to_array(weights)
    axis = 1 if name == TABLE else 0
    integers, scales = in_blocks(array, axis)
    graph.initializer.remove(weights)
    stored: dict[str, NDArray[Any]] = {
        f"{name}.int8": integers,
        f"{name}.scale": scales,
        f"{name}.shape": np.array(array.shape, np.int64),
    }
    graph.initializer.extend(numpy_helper.from_array(value, key) for key, value in stored.items())
    if name == TABLE:
        _look_up(graph, name)
    else:
        for node in reversed(_unfolded(name, f"{name}.int8", f"{name}.scale", f"{name}.shape", name)):
            graph.node.insert(0, node)


def in_blocks(array: NDArray[np.float32], axis: int) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """A matrix as integers and their scales, each BLOCK numbers along this axis a block of their own.

    returns  shape (n / BLOCK, BLOCK, m) and (n / BLOCK, 1, m) for axis 0,
             (n, m / BLOCK, BLOCK) and (n, m / BLOCK, 1) for axis 1
    """
    shape = (-1, BLOCK, array.shape[1]) if axis == 0 else (array.shape[0], -1, BLOCK)
    blocks = array.reshape(shape)
    largest = np.abs(blocks).max(axis=1 if axis == 0 else 2, keepdims=True)
    scales = np.maximum(largest / 127, 1e-7).astype(np.float16)
    return np.clip(np.rint(blocks / scales.astype(np.float32)), -127, 127).astype(np.int8), scales


def _unfolded(name: str, integers: str, scales: str, shape: str, result: str) -> list[Any]:
    """Nodes that turn integers and scales into the matrix that they stand for."""
    return [
        helper.make_node("Cast", [integers], [f"{name}.numbers"], to=TensorProto.FLOAT),
        helper.make_node("Cast", [scales], [f"{name}.lengths"], to=TensorProto.FLOAT),
        helper.make_node("Mul", [f"{name}.numbers", f"{name}.lengths"], [f"{name}.blocks"]),
        helper.make_node("Reshape", [f"{name}.blocks", shape], [result]),
    ]


def _look_up(graph: Any, name: str) -> None:
    """Unfold only the rows that are looked up: the table of words stays in 8 bits in memory."""
    at, gather = next((at, node) for at, node in enumerate(graph.node) if name in node.input)
    ids, result = gather.input[1], gather.output[0]
    graph.node.remove(gather)
    width = next(one for one in graph.initializer if one.name == f"{name}.shape")
    width.CopyFrom(numpy_helper.from_array(np.array([0, 0, numpy_helper.to_array(width)[1]], np.int64), width.name))
    nodes = [
        helper.make_node("Gather", [f"{name}.int8", ids], [f"{name}.rows"]),
        helper.make_node("Gather", [f"{name}.scale", ids], [f"{name}.row_scales"]),
        *_unfolded(name, f"{name}.rows", f"{name}.row_scales", f"{name}.shape", result),
    ]
    for node in reversed(nodes):
        graph.node.insert(at, node)
