# SPDX-License-Identifier: Apache-2.0
"""A float network as axgen has it: layers, what is folded into them, its files."""

from __future__ import annotations

import json
import re
import struct
import warnings
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Optional

import numpy as np

INFINITY = float("inf")


class ConvertError(ValueError):
    """A module that axgen has no layers for; the text names it."""


@dataclass
class Node:
    """A layer: an operator of net.yaml, or "affine" (x * scale + shift by channel, or by value) or "clamp", until they are folded. inputs
    are numbers of nodes, shape is [C, H, W], attributes as net.yaml has them; where: the module it comes from."""

    op: str
    where: str
    inputs: list[int]
    shape: tuple[int, int, int]
    attributes: dict[str, Any] = field(default_factory=dict)
    weight: Optional[np.ndarray] = None
    bias: Optional[np.ndarray] = None
    clamp: tuple[float, float] = (-INFINITY, INFINITY)
    name: str = ""

    @property
    def by_channel(self) -> bool:
        """Of an affine node: whether its numbers are one for each channel, or for each value."""
        return self.weight is not None and self.weight.ndim == 1

    @property
    def clamped(self) -> bool:
        return self.clamp != (-INFINITY, INFINITY)


def window(kernel: tuple[int, int], stride: tuple[int, int] = (1, 1), pads: tuple[int, int, int, int] = (0, 0, 0, 0),
           **more: Any) -> dict[str, Any]:
    """Of a layer with a window; pads: top, bottom, left, right."""
    return {"kernel": list(kernel), "stride": list(stride), "pads": list(pads), **more}


class Graph:
    """Nodes in the order in which they are computed; the first is the image."""

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self.nodes = [Node("input", "input", [], shape)]

    def add(self, node: Node) -> int:
        self.nodes.append(node)
        return len(self.nodes) - 1

    def channels(self, index: int, kept: list[int]) -> tuple[int, bool]:
        """Adds a node with some of a node's channels; what is between it and the layer whose filters these are is there a second
        time. Returns its number, and whether there is such a layer: else it is a convolution with weights 1."""
        again: list[tuple[Node, list[int]]] = []  # from the last one on
        node = self.nodes[index]
        while node.op not in ("conv", "dense") or node.attributes.get("groups", 1) > 1:
            if node.op == "concat":
                ends = np.cumsum([self.nodes[i].shape[0] for i in node.inputs])
                part = int(np.searchsorted(ends, kept[0], "right"))
                first = int(ends[part]) - self.nodes[node.inputs[part]].shape[0]
                if not all(first <= channel < ends[part] for channel in kept):
                    break
                kept = [channel - first for channel in kept]
                index, node = node.inputs[part], self.nodes[node.inputs[part]]
                continue
            depthwise = node.op == "conv" and node.weight is not None and node.weight.shape[:2] == (node.attributes["groups"], 1)
            if node.op not in ("affine", "clamp", "maxpool", "avgpool") and not depthwise:
                break
            again.append((node, kept))
            index, node = node.inputs[0], self.nodes[node.inputs[0]]
        whole = kept == list(range(node.shape[0]))
        fits = whole or node.op in ("conv", "dense") and node.attributes.get("groups", 1) == 1
        if fits and not whole:
            index = self._some(node, kept, node.inputs)
        elif not whole:
            weight = np.zeros((len(kept), node.shape[0], 1, 1))
            weight[np.arange(len(kept)), kept] = 1
            index = self.add(Node("conv", node.where, [index], (len(kept), *node.shape[1:]), window((1, 1), groups=1), weight))
        for node, some in reversed(again):
            index = self._some(node, some, [index])
        return index, fits

    # A layer with some of its filters.
    def _some(self, node: Node, kept: list[int], inputs: list[int]) -> int:
        attributes = dict(node.attributes)
        if attributes.get("groups", 1) > 1:
            attributes["groups"] = len(kept)
        weight, bias = (None if array is None else array[kept] for array in (node.weight, node.bias))
        return self.add(replace(node, inputs=list(inputs), shape=(len(kept), *node.shape[1:]), attributes=attributes, weight=weight, bias=bias))

    def fold(self) -> tuple[np.ndarray, np.ndarray]:
        """Puts affine nodes and clamps into the layers before them. Returns by which factor and term of each channel the
        image is changed before it is coded."""
        channels = self.nodes[0].shape[0]
        factor, term = np.ones(channels), np.zeros(channels)
        for i in range(1, len(self.nodes)):
            node = self.nodes[i]
            if node.op not in ("affine", "clamp"):
                continue
            before = self.nodes[node.inputs[0]]
            if len(self._readers(node.inputs[0])) != 1:
                self._stand_alone(i)
            elif node.op == "clamp" and before.op != "input":
                low, high = before.clamp
                before.clamp = (min(max(low, node.clamp[0]), node.clamp[1]), max(min(high, node.clamp[1]), node.clamp[0]))
                self._bypass(i)
            elif node.op == "affine" and before.op in ("conv", "dense") and not before.clamped and node.by_channel:
                self._scale(before, node)
                self._bypass(i)
            elif node.op == "affine" and before.op == "input" and node.by_channel:
                factor, term = factor * node.weight, term * node.weight + node.bias
                self._bypass(i)
            else:
                self._stand_alone(i)
        self._drop()
        return factor, term

    def unbounded(self) -> Optional[Node]:
        """The first node, if any, whose weights are no finite numbers in single precision, as files have them."""
        with np.errstate(over="ignore"):
            return next((node for node in self.nodes for array in (node.weight, node.bias)
                         if array is not None and not np.isfinite(array.astype(np.float32)).all()), None)

    @staticmethod
    def _scale(layer: Node, affine: Node) -> None:
        assert layer.weight is not None and affine.weight is not None and affine.bias is not None
        layer.weight = layer.weight * affine.weight.reshape(-1, 1, 1, 1)
        layer.bias = (0 if layer.bias is None else layer.bias) * affine.weight + affine.bias

    def _readers(self, index: int) -> list[Node]:
        return [node for node in self.nodes for i in node.inputs if i == index]

    # An affine node goes into another or the layers after it; where it does not fit, it is a convolution of each channel. A clamp is a mean
    # over one pixel.
    def _stand_alone(self, index: int) -> None:
        node, readers = self.nodes[index], self._readers(index)
        if node.op == "clamp":
            node.op, node.attributes = "avgpool", window((1, 1), count_pads=True)
            return
        assert node.weight is not None and node.bias is not None
        if len(readers) == 1 and readers[0].op == "affine" and node.by_channel == readers[0].by_channel:
            after = readers[0]
            after.weight, after.bias = node.weight * after.weight, node.bias * after.weight + after.bias
            self._bypass(index)
            return
        fits = all(r.op == "dense" or r.op == "conv" and node.by_channel and not (node.bias.any() and any(r.attributes["pads"])) for r in readers)
        if readers and fits:
            for reader in readers:
                self._scale_input(reader, node)
            self._bypass(index)
            return
        if not node.by_channel:
            raise ConvertError(f"{node.where}: arithmetic with a constant for each number of a flattened image: expected only dense "
                               "layers after it")
        warnings.warn(f"{node.where}: it cannot be folded into a convolution beside it; it becomes a 1x1 depthwise convolution", stacklevel=4)
        node.op, node.attributes = "conv", window((1, 1), groups=node.shape[0])
        node.weight = node.weight.reshape(-1, 1, 1, 1)

    @staticmethod
    def _scale_input(layer: Node, affine: Node) -> None:
        assert layer.weight is not None and affine.weight is not None and affine.bias is not None
        filters, channels = layer.weight.shape[:2]
        first = np.arange(filters) // (filters // layer.attributes.get("groups", 1)) * channels
        of = first[:, None] + np.arange(channels)  # which channel of its input each kernel reads
        factor, term = (array.reshape(len(array), *(array.shape[1:] or (1, 1)))[of] for array in (affine.weight, affine.bias))
        layer.bias = (0 if layer.bias is None else layer.bias) + (layer.weight * term).sum((1, 2, 3))
        layer.weight = layer.weight * factor

    def _bypass(self, index: int) -> None:
        to = self.nodes[index].inputs[0]
        for other in self.nodes[index + 1 :]:
            other.inputs = [to if i == index else i for i in other.inputs]
        self.nodes[index].op, self.nodes[index].inputs = "", []

    # Nodes that nothing reads; the last one that is left is the output.
    def _drop(self) -> None:
        used = {i for node in self.nodes if node.op for i in node.inputs}
        last = max(i for i, node in enumerate(self.nodes) if node.op)
        self._keep([i for i, node in enumerate(self.nodes) if node.op and (i in used or i == last)])

    # These alone, in this order. Returns their numbers then.
    def _keep(self, kept: list[int]) -> dict[int, int]:
        place = {old: new for new, old in enumerate(kept)}
        self.nodes = [self.nodes[i] for i in kept]
        for node in self.nodes:
            node.inputs = [place[i] for i in node.inputs]
        return place

    def prune(self, output: int) -> int:
        """Leaves out what the output does not need. Returns its number then."""
        needed = {0, output}
        for i in range(output, 0, -1):
            if i in needed:
                needed.update(self.nodes[i].inputs)
        return self._keep(sorted(needed))[output]

    def name_layers(self) -> None:
        """Names that net.yaml takes, and hardware, of at most 64 characters: of the modules, the ends of long ones, made unique."""
        taken: set[str] = set()
        for node in self.nodes:
            plain = re.sub(r"[^A-Za-z0-9]+", "_", node.where).strip("_")
            if node.op in ("add", "concat", "pad") and not plain.endswith(node.op):
                plain = f"{plain}_{node.op}".strip("_")
            plain = plain[-48:].strip("_")
            plain = plain if plain[:1].isalpha() else f"{node.op}_{plain}".rstrip("_")
            name, number = plain, 2
            while name in taken:
                name, number = f"{plain}_{number}", number + 1
            taken.add(name)
            node.name = name

    def write(self, folder: Path, name: str, scale: np.ndarray, offset: np.ndarray) -> Path:
        """net.yaml (as JSON, which is YAML) and weights.safetensors, in floating point."""
        layers, arrays = [], {}
        for node in self.nodes:
            layer: dict[str, Any] = {"name": node.name, "op": node.op}
            if node.inputs:
                layer["inputs"] = [self.nodes[i].name for i in node.inputs]
            layer["shape"] = list(node.shape)
            layer.update(node.attributes)
            if node.clamped:
                layer["activation"] = [_real(limit) for limit in node.clamp]
            layers.append(layer)
            if node.weight is not None:
                arrays[f"{node.name}.weight"] = node.weight.astype(np.float32)
                if node.bias is not None:
                    arrays[f"{node.name}.bias"] = node.bias.astype(np.float32)
        head = {"format": 1, "name": name, "quantised": False, "input_scale": scale.tolist(), "input_offset": offset.tolist(),
                "weights": {"file": "weights.safetensors"}, "layers": layers}
        if len(set(scale)) == 1 and len(set(offset)) == 1:
            head["input_scale"], head["input_offset"] = float(scale[0]), float(offset[0])
        (folder / "weights.safetensors").write_bytes(_safetensors(arrays))
        path = folder / "net.yaml"
        text = json.dumps(head)
        for limit in ("-.inf", ".inf"):  # which JSON has no word for
            text = text.replace(json.dumps(f"\0{limit}"), limit)
        path.write_text(text)
        return path


def _real(limit: float) -> Any:
    return limit if abs(limit) != INFINITY else "\0.inf" if limit > 0 else "\0-.inf"


def _safetensors(arrays: dict[str, np.ndarray]) -> bytes:
    head: dict[str, Any] = {}
    parts, at = [], 0
    for name, array in arrays.items():
        data = np.ascontiguousarray(array).tobytes()
        head[name] = {"dtype": "F32", "shape": list(array.shape), "data_offsets": [at, at + len(data)]}
        parts.append(data)
        at += len(data)
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + b"".join(parts)
