# SPDX-License-Identifier: Apache-2.0
"""A quantised network with approximate multipliers as a module that trains."""

from __future__ import annotations

import os
from typing import Any, Mapping, Optional, Sequence, Union

import numpy as np
import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ..multiplier import Multiplier
from ..network import Assignment, Network, load_config
from .layers import KINDS, Layer, Weighted, half_away


def _chosen(value: Any, made: dict[str, Multiplier]) -> tuple[list[Multiplier], Optional[np.ndarray]]:
    """An assignment of one layer, as different multipliers and which of them is where."""
    if value is None:
        return [], None
    entries = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
    multipliers: list[Multiplier] = []
    numbers = np.empty(entries.shape, np.uint8)
    for at in np.ndindex(entries.shape):
        m = entries[at]
        if isinstance(m, (str, os.PathLike)):
            m = made[os.fspath(m)] if os.fspath(m) in made else made.setdefault(os.fspath(m), Multiplier(m))
        if not isinstance(m, Multiplier):
            raise TypeError(f"expected a Multiplier or its name, found {entries[at]!r}")
        if not any(m is known for known in multipliers):
            multipliers.append(m)
        if len(multipliers) > 64:
            raise ValueError("more than 64 different multipliers in a layer")
        numbers[at] = next(i for i, known in enumerate(multipliers) if known is m)
    return multipliers, numbers


class _Codes(torch.autograd.Function):
    """The input's codes less their zero, from real numbers; the gradient passes within the clamp."""

    @staticmethod
    def forward(ctx: Any, x: Tensor, codes: Tensor, scale: Tensor, within: Tensor) -> Tensor:
        ctx.save_for_backward(scale, within)
        return codes

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> Any:
        scale, within = ctx.saved_tensors
        return (g * scale * within).float(), None, None, None


class Approximate(nn.Module):
    """A network of axgen's whose layers (`layers`, by their names) have weights and biases that train.

    Takes what the network's float model took: real numbers [N, C, H, W] (pixels p stand for p / 255 * scale + offset, as
    net.yaml says), or the pixels themselves, uint8. Returns the logits' real values, float32 [N, outputs]: exactly those of the
    integers that the accelerator computes, in training and evaluation alike.
    """

    def __init__(self, net: Network, assignment: Optional[Assignment] = None, *, gradient: str = "ste",
                 names: Optional[Mapping[str, Sequence[str]]] = None, output_shape: Optional[Sequence[int]] = None) -> None:
        super().__init__()
        if not net.quantised:
            raise ValueError(f"network {net.name} is in floating point: expected a quantised one")
        self.net = net
        self.names = dict(names or {})  # the model's, each of one or more layers
        self.output_shape = (net.outputs,) if output_shape is None else tuple(output_shape)  # of an image
        self.about = net.describe(net.layers[0].name)
        self.layers = nn.ModuleDict()
        for layer in net.layers[1:]:
            kind = KINDS[layer.op]
            key = layer.name
            while hasattr(self.layers, key):  # ModuleDict's own names, such as "values"
                key += "_"
            self.layers[key] = kind(net, layer.name, gradient) if kind is Weighted else kind(net, layer.name)
        self.assignment: dict[str, Any] = {}
        #: Real inputs x become x * input_factor + input_term by channel before they are coded (folded arithmetic).
        self.input_factor = torch.ones(len(self.about["input_scale"]), dtype=torch.float64)
        self.input_term = torch.zeros_like(self.input_factor)
        self._last_use = {i: at for at, layer in enumerate(self._layers(), 1) for i in layer.inputs}
        self.assign(assignment or {})

    def _layers(self) -> list[Layer]:
        return list(self.layers.values())  # type: ignore[arg-type]

    def weighted(self) -> dict[str, Weighted]:
        """The layers that multiply, by name."""
        return {layer.name: layer for layer in self._layers() if isinstance(layer, Weighted)}

    def assign(self, assignment: Optional[Assignment]) -> None:
        """Which multiplier each layer has from now on: one for all, or as axgen.Evaluator takes it; None: exact products."""
        assignment = {} if assignment is None else assignment
        if isinstance(assignment, (str, os.PathLike, Multiplier)):
            assignment = {"default": assignment}
        if not isinstance(assignment, Mapping):
            raise TypeError(f"assignment: expected a multiplier, or multipliers by the layers' names; found {assignment!r}")
        wanted = {layer: value for name, value in assignment.items() for layer in self.names.get(name, ())}
        wanted.update((name, value) for name, value in assignment.items() if name not in self.names)
        layers, made = self.weighted(), {}
        for name in wanted:
            if name != "default" and name not in layers:
                raise KeyError(f"network {self.net.name} has no layer {name!r} that multiplies")
        plan = {name: _chosen(wanted.get(name, wanted.get("default")), made) for name in layers}
        before = {name: (layer.multipliers, layer.numbers) for name, layer in layers.items()}
        try:
            for name, (multipliers, numbers) in plan.items():
                layers[name].assign(multipliers, numbers)
        except BaseException:
            for name, (multipliers, numbers) in before.items():
                layers[name].assign(multipliers, numbers)
            raise
        self.assignment = {name: _as_given(*chosen) for name, chosen in plan.items() if chosen[1] is not None}

    def input_codes(self, x: Tensor) -> Tensor:
        """The input layer's codes less their zero: of pixels, or of real numbers."""
        shape = tuple(self.about["shape"])
        if not isinstance(x, Tensor) or x.layout != torch.strided:
            raise TypeError(f"input: expected a dense tensor, found {x.layout if isinstance(x, Tensor) else type(x).__name__}")
        if torch.jit.is_tracing():
            raise RuntimeError("axgen computes outside of PyTorch, which cannot trace it: axgen.torch.save(module, 'net.onnx') "
                               "writes a model")
        if x.device.type != "cpu" or any(p.device.type != "cpu" for p in self.parameters()):
            raise ValueError("axgen computes on the CPU: expected the module and its input there")
        if x.dim() == 3 and shape[0] == 1:
            x = x[:, None]
        if x.dim() == 2 and shape[1:] == (1, 1):
            x = x[:, :, None, None]
        if tuple(x.shape[1:]) != shape:
            raise ValueError(f"input: expected [count, {shape[0]}, {shape[1]}, {shape[2]}], found {list(x.shape)}")
        by_channel = (-1, 1, 1)
        if x.dtype != torch.uint8 and not x.dtype.is_floating_point:
            raise TypeError(f"input: expected pixels (uint8) or real numbers, found {x.dtype}")
        if x.dtype == torch.uint8:
            scale, offset = (torch.tensor(self.about[key], dtype=torch.float64).reshape(by_channel)
                             for key in ("input_scale", "input_offset"))
            real = x.double() / 255 * scale + offset
        else:
            real = x.detach().double() * self.input_factor.reshape(by_channel) + self.input_term.reshape(by_channel)
        code = self.about["codes"]
        low, high = (limit - code["zero"] for limit in self.about["clamp"])
        nearest = half_away(real / code["scale"])
        if torch.isnan(nearest).any():
            raise ValueError("input: expected real numbers, found NaN")
        q = nearest.clamp(low, high).float()
        if not x.requires_grad:
            return q
        return _Codes.apply(x, q, (self.input_factor / code["scale"]).reshape(by_channel), nearest == q)

    # Values of the last layer: q, or accumulators.
    def _run(self, x: Tensor) -> Tensor:
        values = {0: self.input_codes(x)}
        for at, layer in enumerate(self._layers(), 1):
            values[at] = layer(*[values[i] for i in layer.inputs])
            for i in set(layer.inputs):
                if self._last_use[i] == at:
                    del values[i]
        return values[at]

    def forward(self, x: Tensor) -> Tensor:
        y = self._run(x)
        return (y.double() * self.output_scale()).float().reshape(len(y), *self.output_shape)

    def output_scale(self) -> Tensor:
        """By which the last layer's integers are real, [C, 1, 1]."""
        last = self._layers()[-1]
        if isinstance(last, Weighted) and last.raw:
            return last.bias_scale.reshape(-1, 1, 1)
        if last.raw:  # a mean's sums
            before = self._layers()[last.inputs[0] - 1] if last.inputs[0] else None
            scale = before.scale if before else self.about["codes"]["scale"]
            return torch.full((1, 1, 1), scale / (last.about["kernel"][0] * last.about["kernel"][1]), dtype=torch.float64)
        return torch.full((1, 1, 1), last.scale, dtype=torch.float64)

    @torch.no_grad()
    def logits(self, x: Any, batch: int = 256) -> np.ndarray:
        """The integers that the accelerator puts out, int32 [N, outputs], of pixels (uint8) or real numbers."""
        if batch < 1:
            raise ValueError(f"batch: expected at least 1, found {batch}")
        x = torch.from_numpy(x.copy()) if isinstance(x, np.ndarray) else torch.as_tensor(x)
        zero = self._layers()[-1].zero
        parts = [self._run(part).flatten(1) + zero for part in x.split(batch)]
        return torch.cat(parts).to(torch.int32).numpy()

    def network(self) -> Network:
        """The axgen network with the integers of the weights as they are now."""
        return self.net.with_weights({name: layer.integers_now() for name, layer in self.weighted().items()})


def _as_given(multipliers: list[Multiplier], numbers: Optional[np.ndarray]) -> Any:
    assert numbers is not None
    if numbers.ndim == 0:
        return multipliers[int(numbers)]
    out = np.empty(numbers.shape, dtype=object)
    for at in np.ndindex(numbers.shape):
        out[at] = multipliers[numbers[at]]
    return out


def from_network(net: Union[Network, str, os.PathLike[str]], assignment: Optional[Assignment] = None, *,
                 gradient: str = "ste") -> Approximate:
    """A module of a quantised network, with the same logits; its weights are the codes' real values."""
    return Approximate(net if isinstance(net, Network) else Network.load(net), assignment, gradient=gradient)


def from_config(path: Union[str, os.PathLike[str]], *, gradient: str = "ste") -> Approximate:
    """A module of a configuration's network and multipliers, such as a point that axgen.explore has found."""
    net, assignment = load_config(path)
    return Approximate(net, assignment, gradient=gradient)
