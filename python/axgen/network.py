# SPDX-License-Identifier: Apache-2.0
"""Networks and their bit-exact emulation under assignments of multipliers."""

from __future__ import annotations

import ctypes
import json
import operator
import os
import tempfile
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping, Sequence, Union

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


def _unpickle(files: Mapping[str, bytes]) -> "Network":
    with tempfile.TemporaryDirectory(prefix=c.PASSING) as folder:
        for name, content in files.items():
            (Path(folder) / name).write_bytes(content)
        return Network(Path(folder) / "net.yaml")


class Network:
    """A network: net.yaml, or an ONNX model. One in floating point is quantised before it is run. It does not change: a
    copy is itself; pickled, it goes with its weights."""

    def __init__(self, path: str | os.PathLike[str]):
        self._read(c.call("axgen_net_read", c.text(path, "network")))

    def _read(self, handle: object) -> None:
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
        return cls(path)

    def __copy__(self) -> "Network":
        return self

    def __deepcopy__(self, _memo: object) -> "Network":
        return self

    def __reduce__(self) -> Any:
        with tempfile.TemporaryDirectory(prefix="axgen-") as folder:
            self.save(folder)
            return _unpickle, ({path.name: path.read_bytes() for path in Path(folder).iterdir()},)

    def quantize(self, images: Any, *, scheme: str = "s8", act_bits: int = 8, weight_bits: int = 8,
                 calibration: str = "mse", per_tensor: bool = False, bias_correction: bool = True,
                 progress: c.Progress | None = None) -> "Network":
        """Integers from a float network, calibrated on uint8 images [count, C, H, W] (docs/quantisation.md)."""
        pixels = _images(images, self.input_shape)
        options = ["--scheme", scheme, "--act-bits", str(act_bits), "--weight-bits", str(weight_bits), "--calibration",
                   calibration, "--calibrate", str(len(pixels))]
        options += ["--per-tensor"] * per_tensor + ["--no-bias-correction"] * (not bias_correction)
        with c.Watched(progress) as watch:
            handle = c.call("axgen_net_quantize_watched", self._handle, pixels.ctypes.data, len(pixels), c.strings(options), watch.argument)
        return Network._of(handle)

    @classmethod
    def _of(cls, handle: object) -> "Network":
        made = cls.__new__(cls)
        made._read(handle)
        return made

    def save(self, folder: str | os.PathLike[str]) -> None:
        """Writes net.yaml and weights.safetensors, both or neither."""
        c.call("axgen_net_write", self._handle, c.text(folder, "folder"))

    def __del__(self, _free: Any = c.lib.axgen_net_free) -> None:
        if getattr(self, "_handle", None):
            _free(self._handle)

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
        index = c.lib.axgen_net_find(self._handle, c.text(name, "layer"))
        if index < 0:
            raise KeyError(f"network {self.name} has no layer {name!r}")
        return index

    def describe(self, layer: str) -> dict[str, Any]:
        """All that docs/numerics.md says of a layer; its inputs are numbers of layers (include/axgen.h, axgen_net_describe)."""
        return json.loads(c.take_text(c.call("axgen_net_describe", self._handle, self._find(layer))))

    def weights(self, layer: str) -> np.ndarray:
        """The weight codes of a quantised network's layer, int16 [F, C, KH, KW]; a copy."""
        pointer = c.lib.axgen_net_weights(self._handle, self._find(layer))
        if not pointer:
            raise ValueError(f"layer {layer}: it has no weight codes")
        shape = self.describe(layer)["weights"]["shape"]
        return np.ctypeslib.as_array(pointer, tuple(shape)).copy()

    def with_weights(self, weights: Mapping[str, tuple[Any, Any]]) -> "Network":
        """The same network with other integers in some layers: by name, weight codes [F, C, KH, KW] and biases [F]."""
        count = len(self.layers)
        codes, biases = (ctypes.c_void_p * count)(), (ctypes.c_void_p * count)()
        kept = []
        for name, (weight, bias) in weights.items():
            index = self._find(name)
            if not self.layers[index].multiplications:
                raise ValueError(f"layer {name}: a {self.layers[index].op}, which has no weights")
            for array, to, dtype, size in ((weight, codes, np.int16, self.layers[index].weights),
                                           (bias, biases, np.int32, self.layers[index].filters)):
                flat = np.ascontiguousarray(array, dtype).reshape(-1)
                if flat.size != size or not np.array_equal(flat, np.asarray(array).reshape(-1)):
                    raise ValueError(f"layer {name}: expected {size} integers of {np.dtype(dtype).itemsize * 8} bits")
                kept.append(flat)
                to[index] = flat.ctypes.data
        return Network._of(c.call("axgen_net_with", self._handle, codes, biases))

    def corrected(self, assignment: Assignment, images: Any, progress: c.Progress | None = None) -> "Network":
        """The network whose biases and requantisation take back what the multipliers change in each filter's mean and gain on
        these images, as a search does for each of its points (docs/explore.md); without training, with the same weights."""
        return self.evaluator(images, assignment=assignment).corrected(progress=progress)

    def export(self, path: str | os.PathLike[str], qonnx: bool = False, *, assignment: Assignment | None = None,
               images: Any = None) -> None:
        """Writes a quantised network as an ONNX model, FILE.onnx, with QuantizeLinear and DequantizeLinear, or as QONNX
        (docs/onnx.md). Products are exact in ONNX: with an assignment and images it is the network that is `corrected` for it.
        Raises InputError for networks that ONNX cannot express."""
        if (assignment is None) != (images is None):
            raise TypeError("export: expected an assignment together with the images on which biases are corrected for it")
        net = self if assignment is None else self.corrected(assignment, images)
        c.call("axgen_net_export", net._handle, c.text(path, "path"), bool(qonnx))

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


def load_config(path: str | os.PathLike[str]) -> tuple[Network, dict[str, Any]]:
    """The network and the assignment of a configuration, such as a point that `explore` has written. Raises InputError."""
    config = c.call("axgen_config_read", c.text(path, "config"))
    try:
        net = Network._of(c.lib.axgen_config_net(config))
        muls = [Multiplier._of(c.lib.axgen_config_mul(config, i)) for i in range(c.lib.axgen_config_muls(config))]
        assignment: dict[str, Any] = {}
        for i, layer in enumerate(net.layers):
            numbers, units = ctypes.POINTER(ctypes.c_uint8)(), ctypes.c_size_t()
            level = c.lib.axgen_config_assignment(config, i, ctypes.byref(numbers), ctypes.byref(units))
            if level:
                entries = np.empty(units.value, object)
                entries[:] = [muls[numbers[k]] for k in range(units.value)]
                kernels = layer.kernels // layer.filters
                shapes = {1: (), 2: (-1,), 3: (-1, kernels), 4: tuple(net.weights(layer.name).shape)}
                assignment[layer.name] = entries[0] if level == 1 else entries.reshape(shapes[level])
        return net, assignment
    finally:
        c.lib.axgen_config_free(config)


class Evaluator:
    """A network on images under assignments that change. Holds the images without copying them where they are
    C-contiguous uint8: do not change them. Threads may share one: each call waits for the one before."""

    def __init__(self, net: Network, images: Any, labels: Any = None, *, multipliers: Sequence[MultiplierLike] = (),
                 assignment: Assignment | None = None):
        self._net = net
        self._pixels = _images(images, net.input_shape)
        self._labels = _labels(labels, len(self._pixels))
        self._muls: list[Multiplier] = []
        self._named: dict[str, int] = {}
        self._set: dict[int, np.ndarray] = {}
        self._lock = threading.Lock()
        self._user: int | None = None
        self._handle: object = None
        for m in multipliers:
            self._number(m)
        plan = self._plan(assignment or {})
        self._handle = self._open()
        self._apply(plan)

    def _open(self) -> object:
        handles = (ctypes.c_void_p * max(len(self._muls), 1))(*[m._handle for m in self._muls])
        labels = None if self._labels is None else self._labels.ctypes.data
        self._opened = len(self._muls)
        return c.call("axgen_evaluator_new", self._net._handle, handles, len(self._muls), self._pixels.ctypes.data, labels,
                      len(self._pixels))

    def __del__(self, _free: Any = c.lib.axgen_evaluator_free) -> None:
        if getattr(self, "_handle", None):
            _free(self._handle)

    def __reduce__(self) -> Any:
        raise TypeError("an Evaluator is neither copied nor pickled: make another of its network")

    # One call at a time; a progress function that calls what it watches would wait for itself.
    @contextmanager
    def _using(self) -> Iterator[None]:
        if self._user == threading.get_ident():
            raise RuntimeError("the evaluator is at work: its progress function cannot use it")
        with self._lock:
            self._user = threading.get_ident()
            try:
                yield
            finally:
                self._user = None

    # A multiplier's number in the list; new ones come to its end. A name is first of all what axgen calls so, then a table's
    # in the list.
    def _number(self, m: Any) -> int:
        key = m if isinstance(m, (Multiplier, str)) else os.fsdecode(m) if isinstance(m, os.PathLike) else None
        if key is None:
            raise TypeError(f"expected a Multiplier or its name, found {m!r}")
        if isinstance(key, str):
            if key in self._named:
                return self._named[key]
            try:
                made = Multiplier(key)
            except c.InputError:
                tables = [i for i, known in enumerate(self._muls) if known.name == key]
                if not tables:
                    raise
                return tables[0]
            self._named[key] = self._place(made)
            return self._named[key]
        return self._place(m)

    def _place(self, m: Multiplier) -> int:
        for i, known in enumerate(self._muls):
            if known is m or (m._source is not None and known._source == m._source):
                return i
        self._muls.append(m)
        return len(self._muls) - 1

    def _numbers(self, value: LayerAssignment) -> np.ndarray:
        array = value if isinstance(value, np.ndarray) else np.array(value, dtype=object)
        numbers = np.empty(array.shape, np.int64)
        if array.dtype.kind in "iu":  # already numbers of `multipliers`
            numbers = array
        else:
            for at in np.ndindex(array.shape):
                entry = array[at]
                number = isinstance(entry, (int, np.integer)) and not isinstance(entry, bool)
                numbers[at] = min(max(int(entry), -1), 256) if number else self._number(entry)
        if numbers.size and (numbers.min() < 0 or numbers.max() > 63):
            raise ValueError(f"numbers of multipliers: expected 0 to 63, found {numbers.min()} to {numbers.max()}")
        return numbers.astype(np.uint8)

    def assign(self, assignment: Assignment) -> None:
        """The assignment from now on, of all layers: what is neither named nor in "default" is exact. Numbers in arrays are
        places in `multipliers`. One that is refused changes nothing."""
        with self._using():
            muls, named, opened = len(self._muls), dict(self._named), self._opened
            try:
                self._apply(self._plan(assignment))
            except BaseException:
                del self._muls[muls:]
                self._named, self._opened = named, opened
                raise

    # What each layer that multiplies is to have, checked; by its number. None: exact products.
    def _plan(self, assignment: Assignment) -> dict[int, np.ndarray | None]:
        wanted = {name: self._numbers(value) for name, value in assignment.items()}
        default = wanted.pop("default", None)
        named = {self._net._find(name): numbers for name, numbers in wanted.items()}
        plan: dict[int, np.ndarray | None] = {}
        for i, layer in enumerate(self._net.layers):
            if i in named and not layer.multiplications:
                raise ValueError(f"layer {layer.name}: a {layer.op}, in which nothing multiplies")
            if layer.multiplications:
                plan[i] = named.get(i, default)
                self._check(layer, plan[i])
        return plan

    def _levels(self, layer: Layer) -> dict[int, tuple[int, int]]:
        return {0: (1, 1), 1: (2, layer.filters), 2: (3, layer.kernels), 4: (4, layer.weights)}

    def _check(self, layer: Layer, numbers: np.ndarray | None) -> None:
        if numbers is None:
            return
        levels = self._levels(layer)
        if numbers.ndim not in levels or numbers.size != levels[numbers.ndim][1]:
            raise ValueError(f"layer {layer.name}: expected one multiplier, or {layer.filters} by filter [F], {layer.kernels} by "
                             f"kernel [F, C], {layer.weights} by weight [F, C, KH, KW]; found {list(numbers.shape)}")
        if numbers.size and numbers.max() >= len(self._muls):
            raise ValueError(f"layer {layer.name}: multiplier number {numbers.max()}; the evaluator has {len(self._muls)}")

    # All of it or nothing: what an evaluator has refused is undone.
    def _apply(self, plan: dict[int, np.ndarray | None]) -> None:
        handle, before = self._handle, dict(self._set)
        if len(self._muls) != self._opened:
            self._handle, self._set = self._open(), {}
        try:
            for i, numbers in plan.items():
                self._assign_layer(i, numbers)
        except BaseException:
            if self._handle is not handle:
                c.lib.axgen_evaluator_free(self._handle)
                self._handle, self._set = handle, before
            else:
                for i in plan:
                    self._assign_layer(i, before.get(i))
            raise
        if self._handle is not handle:
            c.lib.axgen_evaluator_free(handle)

    def _assign_layer(self, index: int, numbers: np.ndarray | None) -> None:
        known = self._set.get(index)
        if numbers is None:
            if known is not None:
                c.call("axgen_evaluator_set", self._handle, index, 1, None, 0)
                del self._set[index]
            return
        if known is not None and known.shape == numbers.shape and np.array_equal(known, numbers):
            return
        flat = np.ascontiguousarray(numbers).reshape(-1)
        c.call("axgen_evaluator_set", self._handle, index, self._levels(self._net.layers[index])[numbers.ndim][0],
               flat.ctypes.data_as(ctypes.POINTER(ctypes.c_uint8)), flat.size)
        self._set[index] = numbers.copy()

    def _range(self, first: int, count: int | None) -> tuple[int, int]:
        first = operator.index(first)
        count = len(self._pixels) - first if count is None else operator.index(count)
        if first < 0 or count < 1 or first + count > len(self._pixels):
            raise ValueError(f"images {first} to {first + count}: the evaluator has {len(self._pixels)}")
        return first, count

    def _run(self, first: int, count: int, logits: np.ndarray | None, progress: c.Progress | None) -> c.ResultInfo:
        result = c.ResultInfo()
        with self._using(), c.Watched(progress) as watch:
            c.call("axgen_evaluator_run", self._handle, first, count, None if logits is None else logits.ctypes.data,
                   ctypes.byref(result), watch.argument)
        return result

    def run(self, first: int = 0, count: int | None = None, *, progress: c.Progress | None = None) -> Result:
        """Accuracy on images [first, first + count), all by default."""
        result = self._run(*self._range(first, count), None, progress)
        return Result(result.images, result.correct, result.loss)

    def logits(self, first: int = 0, count: int | None = None, *, progress: c.Progress | None = None) -> np.ndarray:
        """int32 [count, outputs] of images [first, first + count)."""
        first, count = self._range(first, count)
        out = np.empty((count, self._net.outputs), np.int32)
        self._run(first, count, out, progress)
        return out

    def corrected(self, count: int | None = None, *, progress: c.Progress | None = None) -> Network:
        """The network corrected for the assignment as it is now (Network.corrected), on the first `count` images; by default all
        of them, or as many as fit into 1 GiB."""
        _, count = self._range(0, count)
        with self._using(), c.Watched(progress) as watch:
            return Network._of(c.call("axgen_evaluator_corrected", self._handle, count, watch.argument))

    def real(self, logits: np.ndarray) -> np.ndarray:
        """The real values that logits stand for, float64. Raises ValueError where the network does not say."""
        scale, zero = np.empty(self._net.outputs), ctypes.c_int32()
        if not c.lib.axgen_evaluator_scale(self._handle, scale.ctypes.data_as(ctypes.POINTER(ctypes.c_double)), ctypes.byref(zero)):
            raise ValueError(f"network {self._net.name} has no scale for its output")
        return scale * (np.asarray(logits) - zero.value)
