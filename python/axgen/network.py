# SPDX-License-Identifier: Apache-2.0
"""Networks and their bit-exact emulation under assignments of multipliers."""

from __future__ import annotations

import ctypes
import os
from dataclasses import dataclass
from typing import Any, Mapping, Sequence, Union

import numpy as np

from . import _library as c
from .multiplier import Multiplier

#: What a layer multiplies with: one multiplier, or an array of them by filter [F], kernel [F, C] or weight [F, C, KH, KW].
LayerAssignment = Any
#: By the layers' names; "default" is for those that are not named (without it: exact).
Assignment = Mapping[str, LayerAssignment]
MultiplierLike = Union[Multiplier, str]


@dataclass(frozen=True)
class Layer:
    """A layer: its output's shape (channels, height, width), and for what multiplies how many filters, kernels, weights
    and multiplications for an image."""

    name: str
    op: str
    shape: tuple[int, int, int]
    filters: int
    kernels: int
    weights: int
    multiplications: int


@dataclass(frozen=True)
class Result:
    """Of an evaluation: top1 is correct / images; loss is the mean cross-entropy. NaN and 0 without labels."""

    images: int
    correct: int
    loss: float

    @property
    def top1(self) -> float:
        return self.correct / self.images


def _images(images: Any, shape: tuple[int, int, int]) -> np.ndarray:
    images = np.asarray(images)
    if images.dtype != np.uint8:
        raise TypeError(f"images: expected uint8 (pixels 0 to 255), found {images.dtype}")
    if images.ndim == 3 and shape[0] == 1:
        images = images[:, None]
    if images.ndim != 4 or images.shape[1:] != shape:
        raise ValueError(f"images: expected [count, {shape[0]}, {shape[1]}, {shape[2]}], found {list(images.shape)}")
    return np.ascontiguousarray(images)


def _labels(labels: Any, count: int) -> np.ndarray | None:
    if labels is None:
        return None
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu" or labels.shape != (count,):
        raise ValueError(f"labels: expected {count} integers, found {labels.dtype} {list(labels.shape)}")
    if count and (labels.min() < 0 or labels.max() > 255):
        raise ValueError(f"labels: expected 0 to 255, found {labels.min()} to {labels.max()}")
    return np.ascontiguousarray(labels, dtype=np.uint8)


class Network:
    """A network: net.yaml, or an ONNX model. One in floating point is quantised before it is run."""

    def __init__(self, handle: object):
        self._handle = handle
        self.name: str = c.lib.axgen_net_name(handle).decode(errors="replace")
        self.quantised: bool = c.lib.axgen_net_is_quantised(handle)
        self.layers: list[Layer] = []
        for i in range(c.lib.axgen_net_layers(handle)):
            info = c.lib.axgen_net_layer(handle, i)
            self.layers.append(Layer(info.name.decode(), info.op.decode(), (info.channels, info.height, info.width),
                                     info.filters, info.kernels, info.weights, info.multiplications))

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> "Network":
        """From net.yaml (with weights.safetensors beside it) or an ONNX model. Raises InputError."""
        return cls(c.call("axgen_net_read", os.fsencode(path)))

    def quantize(self, images: Any, *, scheme: str = "s8", act_bits: int = 8, weight_bits: int = 8,
                 calibration: str = "mse", per_tensor: bool = False, bias_correction: bool = True) -> "Network":
        """Integers from a float network, calibrated on uint8 images [count, C, H, W] (docs/quantisation.md)."""
        pixels = _images(images, self.input_shape)
        options = ["--scheme", scheme, "--act-bits", str(act_bits), "--weight-bits", str(weight_bits), "--calibration",
                   calibration, "--calibrate", str(len(pixels))]
        options += ["--per-tensor"] * per_tensor + ["--no-bias-correction"] * (not bias_correction)
        return Network(c.call("axgen_net_quantize", self._handle, pixels.ctypes.data, len(pixels), c.strings(options)))

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes net.yaml and weights.safetensors, both or neither."""
        c.call("axgen_net_write", self._handle, os.fsencode(folder))

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            c.lib.axgen_net_free(self._handle)

    def __repr__(self) -> str:
        return f"<Network {self.name}: {len(self.layers)} layers{'' if self.quantised else ', in floating point'}>"

    @property
    def input_shape(self) -> tuple[int, int, int]:
        return self.layers[0].shape

    @property
    def outputs(self) -> int:
        channels, height, width = self.layers[-1].shape
        return channels * height * width

    def layer(self, name: str) -> Layer:
        return self.layers[self._find(name)]

    def _find(self, name: str) -> int:
        index = c.lib.axgen_net_find(self._handle, name.encode())
        if index < 0:
            raise KeyError(f"network {self.name} has no layer {name!r}")
        return index

    def evaluator(self, images: Any, labels: Any = None, *, multipliers: Sequence[MultiplierLike] = (),
                  assignment: Assignment | None = None) -> "Evaluator":
        """For many assignments on the same images: what did not change is not computed again."""
        return Evaluator(self, images, labels, multipliers=multipliers, assignment=assignment)

    def evaluate(self, images: Any, labels: Any, assignment: Assignment | None = None,
                 progress: c.Progress | None = None) -> Result:
        """Accuracy on uint8 images [count, C, H, W] (or [count, H, W]) with integer labels [count]."""
        return self.evaluator(images, labels, assignment=assignment).run(progress=progress)

    def logits(self, images: Any, assignment: Assignment | None = None, progress: c.Progress | None = None) -> np.ndarray:
        """What the accelerator puts out, int32 [count, outputs]: bit for bit."""
        return self.evaluator(images, assignment=assignment).logits(progress=progress)


class Evaluator:
    """A network on images under assignments that change. Holds the images without copying them where they are
    C-contiguous uint8: do not change them."""

    def __init__(self, net: Network, images: Any, labels: Any = None, *, multipliers: Sequence[MultiplierLike] = (),
                 assignment: Assignment | None = None):
        self._net = net
        self._pixels = _images(images, net.input_shape)
        self._labels = _labels(labels, len(self._pixels))
        self._muls: list[Multiplier] = []
        self._handle: object = None
        for m in multipliers:
            self._number(m)
        for value in (assignment or {}).values():
            self._numbers(value)
        self._open()
        if assignment is not None:
            self.assign(assignment)

    def _open(self) -> None:
        handles = (ctypes.c_void_p * max(len(self._muls), 1))(*[m._handle for m in self._muls])
        labels = None if self._labels is None else self._labels.ctypes.data
        self._close()
        self._handle = c.call("axgen_evaluator_new", self._net._handle, handles, len(self._muls), self._pixels.ctypes.data,
                              labels, len(self._pixels))
        self._opened = len(self._muls)
        self._set: dict[int, np.ndarray] = {}

    def _close(self) -> None:
        if getattr(self, "_handle", None):
            c.lib.axgen_evaluator_free(self._handle)
        self._handle = None

    def __del__(self) -> None:
        self._close()

    # A multiplier's number in the list; new ones come to its end.
    def _number(self, m: Any) -> int:
        for i, known in enumerate(self._muls):
            if known is m or known.name == m:
                return i
        if isinstance(m, (str, os.PathLike)):
            m = Multiplier(m)
        if not isinstance(m, Multiplier):
            raise TypeError(f"expected a Multiplier or its name, found {m!r}")
        self._muls.append(m)
        return len(self._muls) - 1

    def _numbers(self, value: LayerAssignment) -> np.ndarray:
        array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
        if array.dtype.kind in "iu":  # already numbers of `multipliers`
            if array.size and (array.min() < 0 or array.max() > 63):
                raise ValueError(f"numbers of multipliers: found {array.min()} to {array.max()}")
            return array.astype(np.uint8)
        numbers = np.empty(array.shape, np.uint8)
        for at in np.ndindex(array.shape):
            entry = array[at]
            numbers[at] = entry if isinstance(entry, (int, np.integer)) else self._number(entry)
        return numbers

    def assign(self, assignment: Assignment) -> None:
        """The assignment from now on, of all layers: what is neither named nor in "default" is exact. Numbers in arrays are
        places in `multipliers`."""
        wanted = {name: self._numbers(value) for name, value in assignment.items()}
        if len(self._muls) != self._opened:
            self._open()
        default = wanted.pop("default", None)
        for name in wanted:
            self._net._find(name)
        for i, layer in enumerate(self._net.layers):
            if layer.multiplications or layer.name in wanted:
                self._assign_layer(i, layer, wanted.get(layer.name, default))

    def _assign_layer(self, index: int, layer: Layer, numbers: np.ndarray | None) -> None:
        if numbers is None:
            if index in self._set:
                c.call("axgen_evaluator_set", self._handle, index, 1, None, 0)
                del self._set[index]
            return
        if index in self._set and np.array_equal(self._set[index], numbers) and self._set[index].shape == numbers.shape:
            return
        levels = {0: (1, 1), 1: (2, layer.filters), 2: (3, layer.kernels), 4: (4, layer.weights)}
        if numbers.ndim not in levels or numbers.size != levels[numbers.ndim][1]:
            raise ValueError(f"layer {layer.name}: expected one multiplier, or {layer.filters} by filter [F], {layer.kernels} by "
                             f"kernel [F, C], {layer.weights} by weight [F, C, KH, KW]; found {list(numbers.shape)}")
        flat = np.ascontiguousarray(numbers).reshape(-1)
        c.call("axgen_evaluator_set", self._handle, index, levels[numbers.ndim][0],
               flat.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)), flat.size)
        self._set[index] = numbers.copy()

    def _run(self, first: int, count: int | None, logits: np.ndarray | None, progress: c.Progress | None) -> c.ResultInfo:
        count = len(self._pixels) - first if count is None else count
        if first < 0 or count < 1:
            raise ValueError(f"images {first} to {first + count}: the evaluator has {len(self._pixels)}")
        result = c.ResultInfo()
        with c.Watched(progress) as watch:
            c.call("axgen_evaluator_run", self._handle, first, count, None if logits is None else logits.ctypes.data,
                   ctypes.byref(result), watch.argument)
        return result

    def run(self, first: int = 0, count: int | None = None, *, progress: c.Progress | None = None) -> Result:
        """Accuracy on images [first, first + count), all by default."""
        result = self._run(first, count, None, progress)
        return Result(result.images, result.correct, result.loss)

    def logits(self, first: int = 0, count: int | None = None, *, progress: c.Progress | None = None) -> np.ndarray:
        """int32 [count, outputs] of images [first, first + count)."""
        out = np.empty((len(self._pixels) - first if count is None else count, self._net.outputs), np.int32)
        self._run(first, count, out, progress)
        return out

    def real(self, logits: np.ndarray) -> np.ndarray:
        """The real values that logits stand for, float64. Raises ValueError where the network does not say."""
        scale, zero = np.empty(self._net.outputs), ctypes.c_int32()
        if not c.lib.axgen_evaluator_scale(self._handle, scale.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), ctypes.byref(zero)):
            raise ValueError(f"network {self._net.name} has no scale for its output")
        return scale * (np.asarray(logits) - zero.value)
