# SPDX-License-Identifier: Apache-2.0
"""One layer of a network by itself, whose weights change: what training computes with."""

from __future__ import annotations

import ctypes
import threading
from typing import Any, Sequence

import numpy as np

from . import _library as c
from .multiplier import Multiplier
from .network import Network

_TYPES = {"uint8": 0, "int8": 1, "int16": 2, "int32": 3, "float32": 4}


def tensor(address: int, dtype: str, channels_last: bool) -> c.Tensor:
    """Values of a layer in somebody's memory."""
    return c.Tensor(address, _TYPES[dtype], channels_last)


class Operator:
    """Layer `layer` of a quantised network, at first with its own weights and exact products. Threads may share one: each call
    waits for the one before; `lock` holds several together."""

    def __init__(self, net: Network, layer: str, multipliers: Sequence[Multiplier] = ()):
        self._net, self._muls, self._handle = net, list(multipliers), None
        self.lock = threading.RLock()
        for m in self._muls:
            if not isinstance(m, Multiplier):
                raise TypeError(f"multipliers: expected Multipliers, found {m!r}")
        index = net._find(layer)
        self.layer = net.layers[index]
        self.inputs = [net.layers[i] for i in net.describe(layer)["inputs"]]
        handles = (ctypes.c_void_p * max(len(self._muls), 1))(*[m._handle for m in self._muls])
        self._handle = c.call("axgen_operator_new", net._handle, index, handles, len(self._muls))

    def __del__(self, _free: Any = c.lib.axgen_operator_free) -> None:
        if getattr(self, "_handle", None):
            _free(self._handle)

    def __reduce__(self) -> Any:
        raise TypeError("an Operator is neither copied nor pickled: make another of its network")

    def assign(self, numbers: Any) -> None:
        """Multiplies from now on with these of `multipliers`: a number, or an array of them by filter [F], kernel [F, C] or
        weight [F, C, KH, KW]; None: exact products."""
        if numbers is None:
            with self.lock:
                c.call("axgen_operator_set", self._handle, 1, None, 0)
            return
        numbers = np.asarray(numbers)
        level = {0: 1, 1: 2, 2: 3, 4: 4}.get(numbers.ndim)
        if level is None or numbers.dtype.kind not in "iu" or (numbers.size and not 0 <= numbers.min() <= numbers.max() < 64):
            raise ValueError(f"layer {self.layer.name}: expected numbers of multipliers by layer, filter, kernel or weight")
        flat = np.ascontiguousarray(numbers, np.uint8).reshape(-1)
        with self.lock:
            c.call("axgen_operator_set", self._handle, level, flat.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)), flat.size)

    def load(self, codes: Any, bias: Any) -> None:
        """Weight codes [F, C, KH, KW] and biases [F] from now on."""
        given = codes, bias
        with np.errstate(invalid="ignore"):
            codes, bias = np.ascontiguousarray(codes, np.int16), np.ascontiguousarray(bias, np.int32)
        if codes.size != self.layer.weights or bias.size != self.layer.filters:
            raise ValueError(f"layer {self.layer.name}: expected {self.layer.weights} weights and {self.layer.filters} biases")
        if not np.array_equal(codes, given[0]) or not np.array_equal(bias, given[1]):
            raise ValueError(f"layer {self.layer.name}: expected integers, weights of 16 bits and biases of 32")
        with self.lock:
            c.call("axgen_operator_weights", self._handle, codes.ctypes.data, bias.ctypes.data)

    def call(self, inputs: Sequence[c.Tensor], count: int, out: c.Tensor) -> None:
        """Computes `count` images in memory that the caller answers for."""
        with self.lock:
            c.call("axgen_operator_run", self._handle, (c.Tensor * len(inputs))(*inputs), count, ctypes.byref(out))

    def __call__(self, *inputs: Any) -> np.ndarray:
        """The layer's codes, int32 [N, C, H, W] (accumulators of a last layer without codes), from its inputs' codes: integers
        [N, C, H, W] each. What the accelerator computes."""
        if len(inputs) != len(self.inputs):
            raise TypeError(f"layer {self.layer.name}: expected {len(self.inputs)} inputs, found {len(inputs)}")
        arrays = []
        for value, layer in zip(inputs, self.inputs):
            array = np.ascontiguousarray(value, np.int32)
            if array.shape != (len(array), *layer.shape):
                raise ValueError(f"layer {self.layer.name}: expected {['count', *layer.shape]}, found {list(array.shape)}".replace("'", ""))
            if not np.array_equal(array, value):
                raise ValueError(f"layer {self.layer.name}: expected integers, found others")
            arrays.append(array)
        if len({len(array) for array in arrays}) != 1:
            raise ValueError(f"layer {self.layer.name}: its inputs have different counts of images")
        out = np.empty((len(arrays[0]), *self.layer.shape), np.int32)
        self.call([tensor(a.ctypes.data, "int32", False) for a in arrays], len(out), tensor(out.ctypes.data, "int32", False))
        return out
