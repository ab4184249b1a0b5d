# SPDX-License-Identifier: Apache-2.0
"""From a PyTorch model to a module of its quantised network, and back to files."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import Any, Optional, Sequence, Union

import numpy as np
import torch
from torch import nn

from .._library import PASSING, InputError
from ..network import Assignment, Network
from .module import Approximate
from .trace import ConvertError, trace

Numbers = Union[float, Sequence[float]]


def _by_channel(value: Numbers, channels: int, what: str) -> np.ndarray:
    array = np.asarray(value, np.float64).reshape(-1)
    if array.size not in (1, channels):
        raise ValueError(f"{what}: expected one number, or one for each of the {channels} channels; found {array.size}")
    if not np.isfinite(array).all() or (what == "std" and (array == 0).any()):
        raise ValueError(f"{what}: expected finite numbers{', not 0' if what == 'std' else ''}; found {array.tolist()}")
    return np.broadcast_to(array, (channels,)).copy()


def convert(model: nn.Module, assignment: Optional[Assignment] = None, images: Any = None, *, mean: Numbers = 0.0,
            std: Numbers = 1.0, gradient: str = "ste", name: str = "model", scheme: str = "s8", act_bits: int = 8,
            weight_bits: int = 8, calibration: str = "mse", per_tensor: bool = False, bias_correction: bool = True) -> Approximate:
    """A module with the integers of axgen's network for a model, whose products are the multipliers' of the assignment.

    model: any module that torch.fx can trace, of convolutions, dense and batch-normalisation layers, clamps (ReLU, ReLU6,
    ...), pools, additions, concatenations, padding. It stays as it is. images: uint8 [N, C, H, W] (or [N, H, W]) to calibrate
    on; the model takes (pixel / 255 - mean) / std, numbers or one for each channel. assignment: a multiplier for all layers, or
    as axgen.Evaluator takes it, by the layers' names in the model ("block1.conv1") or in axgen ("block1_conv1"); None: exact
    products. gradient: "ste" (of exact products) or "slope" (of the multiplier near each pair of operands). The others are those of
    axgen.Network.quantize. Raises ConvertError (a ValueError), which names the submodule, for what axgen has no layers for.
    """
    if images is None:
        raise TypeError("images: expected some, uint8 [N, C, H, W], to calibrate on")
    pixels = images.detach().cpu().numpy() if isinstance(images, torch.Tensor) else np.asarray(images)
    if pixels.dtype != np.uint8:
        raise TypeError(f"images: expected pixels, uint8, found {pixels.dtype}; mean and std say what the model makes of them")
    if pixels.ndim == 3:
        pixels = pixels[:, None]
    taken = pixels.shape[1:]
    if pixels.ndim == 2:
        pixels = pixels[:, :, None, None]
    if pixels.ndim != 4 or 0 in pixels.shape:
        raise ValueError(f"images: expected some, [N, C, H, W] or lists [N, C], found {list(pixels.shape)}")
    channels = pixels.shape[1]
    offset, step = _by_channel(mean, channels, "mean"), _by_channel(std, channels, "std")
    graph, output = trace(model, taken)
    factor, term = graph.fold()
    bad = graph.unbounded()
    if bad is not None:
        raise ConvertError(f"{bad.where}: its weights, with what is folded into them, are no finite numbers")
    graph.name_layers()
    with tempfile.TemporaryDirectory(prefix=PASSING) as folder:
        path = graph.write(Path(folder), name, factor / step, term - offset / step * factor)
        try:
            net = Network.load(path)
        except InputError as error:
            raise ConvertError(f"the model: {str(error).replace(str(path), 'its network')}") from error
    quantised = net.quantize(pixels, scheme=scheme, act_bits=act_bits, weight_bits=weight_bits, calibration=calibration,
                             per_tensor=per_tensor, bias_correction=bias_correction)
    names: dict[str, list[str]] = {}
    for node in graph.nodes:
        if node.weight is not None and node.where != "default":  # which are all others
            names.setdefault(node.where, []).append(node.name)  # a module that is called again is another layer
    made = Approximate(quantised, gradient=gradient, names=names, output_shape=output)
    made.input_factor, made.input_term = torch.from_numpy(factor), torch.from_numpy(term)
    for node in graph.nodes:
        if node.weight is not None:  # what was rounded trains on from where it was
            made.weighted()[node.name].start_from(torch.from_numpy(node.weight))
    if assignment is not None:
        made.assign(assignment)
    return made


def save(module: Approximate, path: Union[str, os.PathLike[str]]) -> Network:
    """Writes the network with the weights' integers: a folder with net.yaml, or where the name ends so, a quantised .onnx model,
    which `axgen net import` reads back exactly. Returns the network."""
    if not isinstance(module, Approximate):
        raise TypeError(f"expected a module of axgen.torch, found {type(module).__name__}: convert makes one")
    net = module.network()
    if not os.fsdecode(path).endswith(".onnx"):
        net.save(path)
        return net
    net.export(path)
    return net
