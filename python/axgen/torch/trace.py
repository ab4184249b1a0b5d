# SPDX-License-Identifier: Apache-2.0
"""From a PyTorch module, by torch.fx, to a float network of axgen's."""

from __future__ import annotations

import copy
import operator
import re
import warnings
from typing import Any, Callable, Optional, Sequence

import numpy as np
import torch
import torch.fx
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import prune

from .graph import INFINITY, ConvertError, Graph, Node, window
from .tracer import IMAGES, IN_PLACE, One, record


class Value:
    """A tensor of the model for one image: which node makes it, and the shape that PyTorch sees. Where it was flattened,
    that differs from the node's. Values with one `memory` change together, when a step works in place; `part`: it is a part
    of the memory, which other values have in whole."""

    def __init__(self, node: int, shape: Sequence[int], memory: Any = None, part: bool = False) -> None:
        self.node, self.shape, self.memory, self.part = node, tuple(shape), memory or object(), part


def _pair(value: Any) -> tuple[int, int]:
    return (int(value), int(value)) if isinstance(value, (int, np.integer)) else (int(value[0]), int(value[-1]))


def _array(value: Any) -> Optional[np.ndarray]:
    return None if value is None else value.detach().double().numpy()


class _Converter:
    """Walks through a traced model. `here`: for messages and names, the module at which it is."""

    def __init__(self, model: nn.Module, steps: torch.fx.Graph, shape: tuple[int, ...]) -> None:
        self.model, self.recorded, self.here = model, steps, ""
        self.graph = Graph((*shape, 1, 1)[:3])  # type: ignore[arg-type]
        self.shape: Any = shape
        self.steps: dict[Any, Callable[..., Any]] = _steps()

    def refuse(self, why: str) -> ConvertError:
        return ConvertError(f"{self.here or 'the model'}: {why}")

    def run(self) -> Value:
        """Returns the output."""
        values: dict[torch.fx.Node, Any] = {}
        for step in self.needed():
            # The steps' own names where the model calls functions by itself.
            self.here = (One.name(str(step.target)) if step.op == "call_module" else step.meta.get("axgen_module", "")) or step.name
            args = torch.fx.node.map_arg(step.args, lambda n: values[n])
            kwargs = torch.fx.node.map_arg(step.kwargs, lambda n: values[n])
            self.shape = step.meta.get("axgen_shape")
            if step.op == "placeholder":
                values[step] = Value(0, self.shape[1:])
            elif step.op == "output":
                return self.output(args[0])
            elif step.op == "get_attr":
                values[step] = operator.attrgetter(step.target)(self.model)
            else:
                values[step] = self.checked(self.step(step, args, kwargs))
                if args and isinstance(args[0], Value) and self.is_in_place(step):
                    self.overwrite(values, args[0], values[step])
        raise ConvertError("the model has no output")

    # All but steps whose results nobody reads, such as parts that were only asked for their size.
    def needed(self) -> list[torch.fx.Node]:
        needed: set[torch.fx.Node] = set()
        for step in reversed(self.recorded.nodes):
            always = step.op in ("placeholder", "output") or step.op != "get_attr" and self.is_in_place(step)
            if always or step.target is operator.setitem or any(user in needed for user in step.users):
                needed.add(step)
        return [step for step in self.recorded.nodes if step in needed]

    # PyTorch has the last word on shapes.
    def checked(self, made: Any) -> Any:
        if isinstance(made, Value) and self.shape != (IMAGES, *made.shape):
            found = f"{list(self.shape)} for {IMAGES} images" if self.shape is not None else "not of real numbers"
            raise self.refuse(f"its output is {found}, axgen's {list(made.shape)} for each")
        return made

    # All names of the changed memory have the new values from here on.
    def overwrite(self, values: dict[torch.fx.Node, Any], old: Value, new: Value) -> None:
        shared = [value for value in values.values() if isinstance(value, Value) and value.memory is old.memory]
        if any(value.part for value in shared):
            raise self.refuse("it works in place on what a slice shares: expected a new tensor (x = x.relu() for x.relu_())")
        new.memory = old.memory
        for value in shared:
            value.node = new.node

    def is_in_place(self, step: torch.fx.Node) -> bool:
        if step.op == "call_module":
            return bool(getattr(self.model.get_submodule(step.target), "inplace", False))
        place = {F.relu: 1, F.relu6: 1, F.hardtanh: 3}.get(step.target)
        if place is not None and len(step.args) > place:
            return bool(step.args[place])
        name = step.target if step.op == "call_method" else step.target.__name__
        return bool(step.kwargs.get("inplace")) or name.endswith("_") or step.target in IN_PLACE

    def output(self, value: Any) -> Value:
        if not isinstance(value, Value):
            raise ConvertError("the model's output: expected one tensor that depends on the input")
        return value

    def step(self, step: torch.fx.Node, args: Any, kwargs: Any) -> Any:
        if not any(isinstance(v, Value) for v in _leaves((args, kwargs))):
            if step.op == "call_function":
                return step.target(*args, **kwargs)
            if step.op == "call_method":
                return getattr(args[0], step.target)(*args[1:], **kwargs)
        if self.is_softmax(step) and all(user.op == "output" for user in step.users):
            warnings.warn(f"{self.here}: a softmax or sigmoid at the end is left out: the module gives logits", stacklevel=5)
            return args[0]
        if step.op == "call_module":
            module = self.model.get_submodule(step.target)
            name, kwargs = type(module).__name__, {**kwargs, "module": module}
            kind = next((kind for kind in type(module).__mro__ if kind in self.steps), nn.Module)
            # Kinds of it that compute something else are none.
            other = "forward" in vars(kind) and type(module).forward is not kind.forward
            made = None if other else self.steps.get(kind)
        else:
            key = step.target if step.op == "call_function" else f".{step.target}"
            name, made = getattr(key, "__name__", str(key).lstrip(".")), self.steps.get(key)
        if made is None:
            raise self.refuse(f"axgen has no layer for {name}")
        if "axis" in kwargs:  # NumPy's name
            kwargs = {**{key: value for key, value in kwargs.items() if key != "axis"}, "dim": kwargs["axis"]}
        if "input" in kwargs:  # PyTorch's name of what comes first
            args, kwargs = (kwargs["input"], *args), {key: value for key, value in kwargs.items() if key != "input"}
        try:
            return made(self, *args, **kwargs)
        except ConvertError:
            raise
        except Exception as error:  # arguments of kinds that no layer has
            raise self.refuse(f"{name}: {re.sub(r'_steps[.]<locals>[.]|_Converter[.]', '', str(error))}") from error

    def is_softmax(self, step: torch.fx.Node) -> bool:
        if step.op == "call_module":
            return isinstance(self.model.get_submodule(step.target), (nn.Softmax, nn.LogSoftmax, nn.Sigmoid))
        return step.target in ("softmax", "log_softmax", F.softmax, F.log_softmax, torch.softmax, torch.log_softmax, "sigmoid",
                               torch.sigmoid, F.sigmoid)

    # ---- what steps are made of ----

    def add(self, op: str, x: Any, shape: Sequence[int], **more: Any) -> Value:
        inputs = [v.node for v in (x if isinstance(x, (list, tuple)) else [x])]
        if min(shape) < 1:
            raise self.refuse(f"its output would be {list(shape)}: expected a larger image")
        node = Node(op, self.here, inputs, tuple(int(n) for n in shape), **more)  # type: ignore[arg-type]
        return Value(self.graph.add(node), node.shape)

    def node(self, x: Value) -> Node:
        return self.graph.nodes[x.node]

    def image(self, x: Any, what: str) -> tuple[int, int, int]:
        if not isinstance(x, Value):
            raise self.refuse(f"{what}: expected a tensor that depends on the input")
        if x.shape != self.node(x).shape:
            raise self.refuse(f"{what}: expected an image [C, H, W], found {list(x.shape)} made of {list(self.node(x).shape)}")
        return x.shape  # type: ignore[return-value]

    # Which dimensions of its node each of a value's is made of, without those of one; None: parts of them.
    def axes(self, x: Value) -> Optional[list[list[int]]]:
        whole = [(i, n) for i, n in enumerate(self.node(x).shape) if n > 1]
        out: list[list[int]] = []
        for size in x.shape:
            part: list[int] = []
            while size > 1 and whole and size % whole[0][1] == 0:
                size //= whole[0][1]
                part.append(whole.pop(0)[0])
            if size > 1:
                return None
            out.append(part)
        return out

    def shaped(self, x: Value) -> Value:
        """The same numbers in the same order in another shape: that of the step."""
        if not self.shape or self.shape[0] != IMAGES or np.prod(self.shape[1:]) != np.prod(x.shape):
            raise self.refuse(f"from {list(x.shape)} for each of {IMAGES} images to {list(self.shape or [])}: expected images apart")
        return Value(x.node, self.shape[1:], x.memory, x.part)

    def elementwise(self, x: Value, op: str, **more: Any) -> Value:
        return Value(self.add(op, x, self.node(x).shape, **more).node, x.shape)

    def conv(self, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Value:
        channels, height, width = self.image(x, "convolution")
        if any(d != 1 and k != 1 for d, k in zip(_pair(dilation), weight.shape[2:])):
            raise self.refuse(f"convolution: dilation {dilation}: expected 1")
        if weight.shape[1] * groups != channels:
            raise self.refuse(f"convolution: expected {weight.shape[1] * groups} channels, found {channels}")
        (kh, kw), (sh, sw) = weight.shape[2:], _pair(stride)
        if padding == "same":
            top, left = (kh - 1) // 2, (kw - 1) // 2
            pads = (top, kh - 1 - top, left, kw - 1 - left)
        else:
            ph, pw = (0, 0) if padding == "valid" else _pair(padding)
            pads = (ph, ph, pw, pw)
        shape = (weight.shape[0], (height + pads[0] + pads[1] - kh) // sh + 1, (width + pads[2] + pads[3] - kw) // sw + 1)
        return self.add("conv", x, shape, weight=_array(weight), bias=_array(bias),
                        attributes=window((kh, kw), (sh, sw), pads, groups=int(groups)))

    def linear(self, x: Any, weight: Any, bias: Any = None) -> Value:
        if not isinstance(x, Value) or isinstance(weight, Value) or isinstance(bias, Value):
            raise self.refuse("dense layer: expected weights that do not depend on the input")
        if len(weight.shape) != 2 or x.shape[-1:] != weight.shape[1:] or np.prod(x.shape) != weight.shape[1]:
            raise self.refuse(f"dense layer: expected a list of {weight.shape[-1]} numbers, found {list(x.shape)}")
        rows, term = weight.shape[0], _array(bias)
        made = self.add("dense", x, (rows, 1, 1), weight=_array(weight).reshape(rows, *self.node(x).shape),  # type: ignore[union-attr]
                        bias=None if term is None else np.broadcast_to(term, (rows,)).copy())
        return Value(made.node, (*x.shape[:-1], rows))

    def matmul(self, x: Any, weight: Any) -> Value:
        if isinstance(weight, Value) or weight.dim() != 2:
            raise self.refuse("matmul: expected a tensor that depends on the input times a matrix that does not")
        return self.linear(x, weight.t())

    # By channel; by number where that comes to a flattened image's numbers, which a dense layer after it takes.
    def affine(self, x: Value, factor: Any, term: Any) -> Value:
        both = []
        for value in (factor, term):
            array = np.asarray(value.detach().double() if isinstance(value, Tensor) else value, np.float64)
            try:
                each = np.broadcast_to(array, (IMAGES, *x.shape))
            except ValueError:
                each = np.full((IMAGES, *x.shape), array.reshape(-1)[:1]) if array.size == 1 else None
            if each is None or not np.array_equal(np.broadcast_to(each[:1], each.shape), each, equal_nan=True):
                raise self.refuse(f"a constant of shape {list(array.shape)}: expected one number, or one for each channel")
            both.append(each[0].reshape(self.node(x).shape))
        by_channel = all(np.array_equal(np.broadcast_to(each[:, :1, :1], each.shape), each, equal_nan=True) for each in both)
        if not by_channel and len(x.shape) != 1:
            raise self.refuse(f"a constant of shape {list(array.shape)}: expected one number, or one for each channel")
        if by_channel:
            both = [each[:, 0, 0].copy() for each in both]
        if (both[0] == 1).all() and (both[1] == 0).all():
            return Value(x.node, x.shape)
        return self.elementwise(x, "affine", weight=both[0], bias=both[1])

    def norm(self, x: Value, mean: Any, var: Any, weight: Any = None, bias: Any = None, eps: float = 1e-5) -> Value:
        if mean is None or var is None:
            raise self.refuse("batch normalisation without running statistics")
        factor = 1 / (var.detach().double() + eps).sqrt() * (1 if weight is None else weight.detach().double())
        term = (0 if bias is None else bias.detach().double()) - mean.detach().double() * factor
        by_channel = (-1, *[1] * (len(x.shape) - 1))
        return self.affine(x, factor.reshape(by_channel), term.reshape(by_channel))

    def clamp(self, x: Value, low: Any = None, high: Any = None) -> Value:
        for limit in (low, high):
            if isinstance(limit, Value) or isinstance(limit, Tensor) and limit.numel() != 1:
                raise self.refuse("clamp: expected numbers as limits")
        limits = (-INFINITY if low is None else float(low), INFINITY if high is None else float(high))
        if not limits[0] <= limits[1]:
            raise self.refuse(f"clamp from {limits[0]} to {limits[1]}: expected limits in order")
        return self.elementwise(x, "clamp", clamp=limits)

    def pool(self, op: str, x: Any, kernel: Any, stride: Any = None, padding: Any = 0, ceil: bool = False, count: bool = True,
             dilation: Any = 1, divisor: Any = None) -> Value:
        channels, height, width = self.image(x, "pool")
        if any(d != 1 and k != 1 for d, k in zip(_pair(dilation), _pair(kernel))):
            raise self.refuse(f"pool: dilation {dilation}: expected 1")
        (kh, kw), (ph, pw) = _pair(kernel), _pair(padding)
        sh, sw = _pair(stride if stride not in (None, []) else kernel)
        if 2 * ph > kh or 2 * pw > kw:
            raise self.refuse(f"pool: padding {[ph, pw]}: expected at most half of the window {[kh, kw]}")
        out, ends = [], []
        for size, k, s, p in ((height, kh, sh, ph), (width, kw, sw, pw)):
            n = (size + 2 * p - k + (s - 1 if ceil else 0)) // s + 1
            n -= ceil and (n - 1) * s >= size + p
            out.append(n)
            ends.append(max((n - 1) * s + k - size - p, 0) if ceil else p)
        count = count or divisor is not None
        if op == "avgpool" and ceil and count and (ph or pw) and (ends[0] > ph or ends[1] > pw):
            raise self.refuse("average pool: ceil_mode together with pads that count")
        counted = count and (ends[0] <= ph and ends[1] <= pw)
        more = {"count_pads": bool(counted)} if op == "avgpool" else {}
        made = self.add(op, x, (channels, *out), attributes=window((kh, kw), (sh, sw), (ph, ends[0], pw, ends[1]), **more))
        return made if divisor is None else self.affine(made, kh * kw / divisor, 0)

    def adaptive(self, op: str, x: Any, size: Any) -> Value:
        channels, height, width = self.image(x, "adaptive pool")
        wanted = (size, size) if isinstance(size, int) or size is None else tuple(size)
        oh, ow = (n if want is None else want for n, want in zip((height, width), wanted))
        if min(oh, ow) < 1 or height % oh or width % ow:
            raise self.refuse(f"adaptive pool from {height}x{width} to {oh}x{ow}: expected a divisor")
        return self.pool(op, x, (height // oh, width // ow))

    def reduce(self, op: str, x: Any, dim: Any, keepdim: bool = False) -> Value:
        """A mean or maximum over rows, columns or both."""
        axes = self.axes(x) if isinstance(x, Value) else None
        dims = {d % (1 + len(x.shape)) for d in ([dim] if isinstance(dim, int) else dim or [])}
        if axes is None or not dims or 0 in dims or any(0 in axes[d - 1] for d in dims):
            raise self.refuse(f"{op} of {list(x.shape)} over {dim}: expected rows and columns, [2, 3]")
        over = {axis for d in dims for axis in axes[d - 1]}
        channels, height, width = self.node(x).shape
        made = self.pool(op, Value(x.node, self.node(x).shape), (height if 1 in over else 1, width if 2 in over else 1)) if over else x
        return Value(made.node, tuple(1 if d in dims else n for d, n in enumerate(x.shape, 1) if keepdim or d not in dims))

    def sum(self, x: Any, dim: Any, keepdim: bool = False) -> Value:
        made = self.reduce("avgpool", x, dim, keepdim)
        return self.affine(made, int(np.prod(x.shape) // np.prod(made.shape)), 0)

    def sum_of(self, a: Any, b: Any, alpha: Any = 1) -> Value:
        if not isinstance(a, Value):
            return self.affine(b, alpha, a)
        if not isinstance(b, Value):
            return self.affine(a, 1, b * alpha)
        if a.shape != b.shape or self.node(a).shape != self.node(b).shape:
            raise self.refuse(f"addition of {list(a.shape)} and {list(b.shape)}: expected equal shapes")
        return Value(self.add("add", [a, self.affine(b, alpha, 0)], self.node(a).shape).node, a.shape)

    def difference(self, a: Any, b: Any, alpha: Any = 1) -> Value:
        return self.sum_of(a, b, -alpha)

    def product(self, a: Any, b: Any) -> Value:
        if isinstance(a, Value) and isinstance(b, Value):
            raise self.refuse("axgen multiplies no activations with each other")
        return self.affine(a, b, 0) if isinstance(a, Value) else self.affine(b, a, 0)

    def quotient(self, a: Any, b: Any) -> Value:
        if isinstance(b, Value):
            raise self.refuse("axgen divides by no activations")
        return self.affine(a, 1 / b, 0)

    def concat(self, tensors: Sequence[Any], dim: int = 0) -> Value:
        given = [x for x in tensors if isinstance(x, Value)]
        shapes = [self.node(x).shape for x in given]
        dims = {len(x.shape) for x in given}  # lists are flattened channel by channel
        if len(dims) != 1 or dim % (1 + min(dims)) != 1 or len({shape[1:] for shape in shapes}) != 1:
            raise self.refuse(f"concatenation of {[list(x.shape) for x in tensors]}: expected one of channels")
        places = [i for i, x in enumerate(tensors) if isinstance(x, Value)]
        ends = tensors[: places[0]], tensors[places[-1] + 1:]
        if len(given) != places[-1] - places[0] + 1 or any(x.any() or x.dim() != 4 for end in ends for x in end):
            raise self.refuse("concatenation with constants: expected zeros, before or after images")
        made = given[0]
        if len(given) > 1:
            made = self.add("concat", given, (sum(shape[0] for shape in shapes), *shapes[0][1:]))
        before, after = (sum(x.shape[1] for x in end) for end in ends)
        if before or after:
            made = self.pad(made, (0, 0, 0, 0, before, after))
        return Value(made.node, self.node(made).shape if dims == {3} else (sum(x.shape[0] for x in given),))

    def pad(self, x: Any, pads: Sequence[int], mode: str = "constant", value: Any = 0) -> Value:
        channels, height, width = self.image(x, "padding")
        left, right, top, bottom, before, after, *rest = [int(n) for n in (*pads, *[0] * (8 - len(pads)))]
        if mode != "constant" or value not in (0, None) or any(rest) or min(left, right, top, bottom, before, after) < 0:
            raise self.refuse("padding: expected zeros, around images and of channels")
        return self.add("pad", x, (channels + before + after, height + top + bottom, width + left + right),
                        attributes={"pads": [top, bottom, left, right], "channels": [before, after]})

    def permute(self, x: Value, dims: Sequence[int]) -> Value:
        kept = [d for d in (d % (1 + len(x.shape)) for d in dims) if d == 0 or x.shape[d - 1] > 1]
        if kept != sorted(kept):
            raise self.refuse(f"{list(dims)}: axgen has no layer for another order of dimensions")
        return self.shaped(x)

    def transpose(self, x: Value, first: int, second: int) -> Value:
        dims = list(range(1 + len(x.shape)))
        dims[first], dims[second] = dims[second], dims[first]
        return self.permute(x, dims)

    def item(self, x: Any, index: Any) -> Any:
        if not isinstance(x, Value):
            return x[index]
        entries = [i for i in (index if isinstance(index, tuple) else (index,)) if i is not None]
        dots = [i for i, entry in enumerate(entries) if entry is Ellipsis]
        for at in dots[:1]:
            entries[at:at + 1] = [slice(None)] * (2 + len(x.shape) - len(entries))
        if len(dots) > 1 or not all(isinstance(entry, (int, slice)) for entry in entries):
            raise self.refuse(f"an index {index}: expected numbers and slices")
        sizes = (IMAGES, *x.shape)
        ranges = [range(n)[entry] if isinstance(entry, slice) else [range(n)[entry]] for entry, n in zip(entries, sizes)]
        ranges += [range(n) for n in sizes[len(ranges):]]
        if all(len(r) == n for r, n in zip(ranges, sizes)):
            return self.shaped(x)
        whole = [len(r) == n for r, n in zip(ranges, sizes)]
        steps = [r[1] - r[0] if len(r) > 1 else n for r, n in zip(ranges, sizes)]
        if whole[:2] == [True, True] and len(x.shape) == 3 and all(list(r) == list(range(0, n, step)) for r, n, step in
                                                                   zip(ranges, sizes, steps)):
            made = self.pool("maxpool", x, 1, tuple(steps[2:]))
            return Value(made.node, self.shape[1:], x.memory, True)
        if whole[0] and whole[2:] == [True, True] and len(x.shape) == 3:
            return Value(self.channels(x, list(ranges[1])).node, self.shape[1:], x.memory, True)
        raise self.refuse(f"slice {index}: expected channels, or every k-th row and column, x[:, :, ::k, ::k]")

    def along(self, x: Any, dim: int, entry: Any) -> Any:
        return self.item(x, (*[slice(None)] * (dim % (1 + len(x.shape))), entry))

    def split(self, x: Any, size: Any, dim: int = 0) -> tuple[Value, ...]:
        channels, _, _ = self.image(x, "split")
        if dim % 4 != 1:
            raise self.refuse(f"split along {dim}: expected channels, 1")
        sizes = [min(size, channels - at) for at in range(0, channels, size)] if isinstance(size, int) else list(size)
        ends = np.cumsum(sizes).tolist()
        return tuple(self.channels(x, list(range(end - n, end))) for end, n in zip(ends, sizes))

    def channels(self, x: Value, kept: Sequence[int]) -> Value:
        """Some channels of an image: the layers before it with these alone, back to one with fewer filters. The image is a part
        of another's memory."""
        self.image(x, "choice of channels")
        made, whole = self.graph.channels(x.node, list(kept))
        if not whole:
            warnings.warn(f"{self.here}: no layer before it can leave channels out; it becomes a 1x1 convolution", stacklevel=6)
        return Value(made, self.graph.nodes[made].shape, x.memory, True)

    def attribute(self, x: Any, name: str) -> Any:
        if isinstance(x, Value) and name != "data":
            raise self.refuse(f"axgen has no layer for the attribute {name}")
        return x if isinstance(x, Value) else getattr(x, name)

    def store(self) -> Value:
        raise self.refuse("values written into a part of a tensor: axgen has no layer for that")


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, (list, tuple)):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


# What each kind of module and each function becomes. Modules are given as `module`, before keywords of their call.
def _steps() -> dict[Any, Callable[..., Any]]:
    C = _Converter

    def same(c: C, x: Value, *_args: Any, **_kwargs: Any) -> Value:
        return x

    def conv(c: C, x: Value, module: Any) -> Value:
        if module.padding_mode != "zeros" and any(module._reversed_padding_repeated_twice):
            raise c.refuse(f"padding_mode {module.padding_mode}: expected zeros")
        return c.conv(x, module.weight, module.bias, module.stride, module.padding, module.dilation, module.groups)

    def relu(c: C, x: Value, inplace: bool = False, module: Any = None) -> Value:
        return c.clamp(x, 0)

    def relu6(c: C, x: Value, inplace: bool = False, module: Any = None) -> Value:
        return c.clamp(x, 0, 6)

    def hardtanh(c: C, x: Value, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Value:
        return c.clamp(x, min_val, max_val)

    def clamp(c: C, x: Value, min: Any = None, max: Any = None) -> Value:
        return c.clamp(x, min, max)

    def norm(c: C, x: Value, running_mean: Any, running_var: Any, weight: Any = None, bias: Any = None, training: bool = False,
             momentum: float = 0.1, eps: float = 1e-5) -> Value:
        if training:
            raise c.refuse("batch normalisation with the statistics of each batch")
        return c.norm(x, running_mean, running_var, weight, bias, eps)

    def max_pool(c: C, x: Value, kernel_size: Any, stride: Any = None, padding: Any = 0, dilation: Any = 1, ceil_mode: bool = False,
                 return_indices: bool = False) -> Any:
        made = c.pool("maxpool", x, kernel_size, stride, padding, ceil_mode, True, dilation)
        return (made, None) if return_indices else made

    def adaptive_max(c: C, x: Value, output_size: Any, return_indices: bool = False) -> Any:
        made = c.adaptive("maxpool", x, output_size)
        return (made, None) if return_indices else made

    def avg_pool(c: C, x: Value, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
                 count_include_pad: bool = True, divisor_override: Any = None) -> Value:
        return c.pool("avgpool", x, kernel_size, stride, padding, ceil_mode, count_include_pad, 1, divisor_override)

    def add(c: C, a: Any, b: Any, alpha: Any = 1) -> Value:
        return c.sum_of(a, b, alpha)

    def mean(c: C, x: Value, dim: Any = None, keepdim: bool = False) -> Value:
        return c.reduce("avgpool", x, dim, keepdim)

    def amax(c: C, x: Value, dim: Any = None, keepdim: bool = False) -> Value:
        return c.reduce("maxpool", x, dim, keepdim)

    def sum(c: C, x: Value, dim: Any = None, keepdim: bool = False) -> Value:
        return c.sum(x, dim, keepdim)

    def maximum(c: C, a: Any, b: Any) -> Value:
        return c.clamp(a, b) if isinstance(a, Value) else c.clamp(b, a)

    def minimum(c: C, a: Any, b: Any) -> Value:
        return c.clamp(a, None, b) if isinstance(a, Value) else c.clamp(b, None, a)

    # Of two tensors, or along a dimension, with places that nothing may read.
    def maxima(c: C, x: Any, dim: Any = None, keepdim: bool = False) -> Any:
        if dim is None:
            raise c.refuse("max: of all images together")
        return (amax(c, x, dim, keepdim), None) if isinstance(dim, int) else maximum(c, x, dim)

    def minima(c: C, x: Any, other: Any = None) -> Value:
        if not isinstance(other, (Value, Tensor)):
            raise c.refuse("axgen has no layer for min")
        return minimum(c, x, other)

    def threshold(c: C, x: Value, threshold: float, value: float, inplace: bool = False) -> Value:
        if threshold != value:
            raise c.refuse(f"a threshold of {threshold} with the value {value}: expected equal ones")
        return c.clamp(x, threshold)

    def shaped(c: C, x: Value, *_args: Any, **_named: Any) -> Value:
        return c.shaped(x)

    def zeros(c: C, *_args: Any, **_named: Any) -> Tensor:
        return torch.zeros(c.shape)

    def permute(c: C, x: Value, *dims: Any) -> Value:
        return c.permute(x, dims[0] if isinstance(dims[0], (tuple, list)) else dims)

    def addmm(c: C, bias: Any, x: Any, weight: Any, beta: Any = 1, alpha: Any = 1) -> Value:
        return c.linear(x, weight.t() * alpha, bias * beta)

    def concat(c: C, tensors: Any, dim: int = 0) -> Value:
        return c.concat(tensors, dim)

    table: dict[Any, Callable[..., Any]] = {
        nn.Conv2d: conv,
        nn.Linear: lambda c, x, module: c.linear(x, module.weight, module.bias),
        nn.modules.batchnorm._BatchNorm: lambda c, x, module: c.norm(x, module.running_mean, module.running_var, module.weight,
                                                                     module.bias, module.eps),
        nn.ReLU: relu,
        nn.ReLU6: relu6,
        nn.Hardtanh: lambda c, x, module: c.clamp(x, module.min_val, module.max_val),
        nn.MaxPool2d: lambda c, x, module: max_pool(c, x, module.kernel_size, module.stride, module.padding, module.dilation,
                                                    module.ceil_mode, module.return_indices),
        nn.AvgPool2d: lambda c, x, module: avg_pool(c, x, module.kernel_size, module.stride, module.padding, module.ceil_mode,
                                                    module.count_include_pad, module.divisor_override),
        nn.AdaptiveAvgPool2d: lambda c, x, module: c.adaptive("avgpool", x, module.output_size),
        nn.AdaptiveMaxPool2d: lambda c, x, module: adaptive_max(c, x, module.output_size, module.return_indices),
        nn.Threshold: lambda c, x, module: threshold(c, x, module.threshold, module.value),
        nn.ZeroPad2d: lambda c, x, module: c.pad(x, module.padding),
        nn.ConstantPad2d: lambda c, x, module: c.pad(x, module.padding, value=module.value),
        F.linear: C.linear,
        F.adaptive_avg_pool2d: lambda c, x, output_size: c.adaptive("avgpool", x, output_size),
        F.adaptive_max_pool2d: adaptive_max,
        F.adaptive_max_pool2d_with_indices: lambda c, x, output_size, return_indices=True: adaptive_max(c, x, output_size, True),
        getattr: lambda c, x, name: c.attribute(x, name),
        F.max_pool2d_with_indices: lambda c, *args, **named: max_pool(c, *args, **{**named, "return_indices": True}),
        operator.setitem: lambda c, x, index, value: c.store(),
        operator.getitem: lambda c, x, index: c.item(x, index),
        torch.addmm: addmm,
    }
    table[nn.SyncBatchNorm] = table[nn.modules.batchnorm._BatchNorm]
    for kind in (nn.Identity, nn.modules.dropout._DropoutNd, F.dropout, F.dropout2d, F.alpha_dropout, F.feature_alpha_dropout,
                 ".contiguous", ".float", ".double", ".to", ".type", ".type_as", ".cpu", ".detach", torch.detach, ".requires_grad_"):
        table[kind] = same
    for kind in (nn.Flatten, nn.Unflatten, torch.flatten, ".flatten", ".unflatten", torch.reshape, ".reshape", ".view", ".view_as", ".reshape_as",
                 torch.squeeze, ".squeeze", torch.unsqueeze, ".unsqueeze"):
        table[kind] = shaped
    table[".clone"] = lambda c, x, **_named: Value(x.node, x.shape)
    for functions, step in (
        ((F.relu, torch.relu, torch.relu_, ".relu", ".relu_"), relu),
        ((F.relu6,), relu6),
        ((F.hardtanh,), hardtanh),
        ((torch.clamp, torch.clip, ".clamp", ".clamp_", ".clip", ".clip_"), clamp),
        ((torch.clamp_min, ".clamp_min", ".clamp_min_"), lambda c, x, min: c.clamp(x, min)),
        ((torch.clamp_max, ".clamp_max", ".clamp_max_"), lambda c, x, max: c.clamp(x, None, max)),
        ((F.batch_norm,), norm),
        ((F.max_pool2d, torch.max_pool2d), max_pool),
        ((F.avg_pool2d,), avg_pool),
        ((operator.add, operator.iadd, torch.add, ".add", ".add_"), add),
        ((operator.sub, operator.isub, torch.sub, ".sub", ".sub_"), C.difference),
        ((operator.mul, operator.imul, torch.mul, ".mul", ".mul_"), C.product),
        ((operator.truediv, operator.itruediv, torch.div, ".div", ".div_"), C.quotient),
        ((operator.neg, torch.neg, ".neg", ".neg_"), lambda c, x: c.affine(x, -1, 0)),
        ((torch.mean, ".mean"), mean),
        ((torch.amax, ".amax"), amax),
        ((torch.sum, ".sum"), sum),
        ((torch.max, ".max"), maxima),
        ((torch.maximum, ".maximum"), maximum),
        ((torch.minimum, ".minimum"), minimum),
        ((torch.min, ".min"), minima),
        ((torch.split, ".split"), C.split),
        ((torch.chunk, ".chunk"), lambda c, x, chunks, dim=0: c.split(x, -(-((IMAGES, *x.shape)[dim]) // chunks), dim)),
        ((torch.narrow, ".narrow"), lambda c, x, dim, start, length: c.along(x, dim, slice(start, start + length))),
        ((torch.select, ".select"), lambda c, x, dim, index: c.along(x, dim, index)),
        ((".expand_as",), lambda c, x, other: x.expand(c.shape)),
        ((F.threshold, F.threshold_), threshold),
        ((torch.permute, ".permute"), permute),
        ((torch.transpose, ".transpose"), C.transpose),
        ((F.conv2d, torch.conv2d), C.conv),
        ((operator.matmul, torch.matmul, torch.mm, ".matmul", ".mm"), C.matmul),
        ((torch.zeros_like, ".new_zeros"), zeros),
        ((torch.cat, getattr(torch, "concat", torch.cat)), concat),
        ((F.pad,), C.pad),
    ):
        for function in functions:
            table[function] = step
    return table


# What torch.fx would not, or not well, say itself.
def _check(model: nn.Module) -> None:
    for name, module in model.named_modules():
        here = name or "the model"
        if isinstance(module, torch.jit.ScriptModule):
            raise ConvertError(f"{here}: a TorchScript module: expected the module that it was made of")
        if isinstance(module, (nn.DataParallel, nn.parallel.DistributedDataParallel)):
            raise ConvertError(f"{here}: {type(module).__name__} spreads a module over devices: expected the module itself, its .module")
        for key, value in [*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)]:
            if isinstance(value, (nn.parameter.UninitializedParameter, nn.parameter.UninitializedBuffer)):
                raise ConvertError(f"{here}: its {key} is not initialised: expected a model that has seen an image")
            if value.is_meta or value.is_complex() or value.is_sparse or value.is_quantized:
                raise ConvertError(f"{here}: its {key} is {'on the device meta' if value.is_meta else str(value.dtype)}: expected real numbers")


# On the CPU, for evaluation. Tensors that are computed from parameters, such as weight_norm leaves in a module, are
# computed anew.
def _copy(model: nn.Module) -> nn.Module:
    memo = {id(value): value.detach().clone() for module in model.modules() for value in vars(module).values()
            if isinstance(value, Tensor) and not value.is_leaf}
    try:
        copied = copy.deepcopy(model, memo).cpu().eval()
        if any(value.dtype in (torch.float16, torch.bfloat16) for value in copied.state_dict().values()):
            copied = copied.float()  # which the CPU computes with
    except Exception as error:
        raise ConvertError(f"the model: it cannot be copied: {error}") from error
    for module in copied.modules():
        for hook in list(module._forward_pre_hooks.values()):
            if isinstance(hook, prune.BasePruningMethod):
                prune.remove(module, hook._tensor_name)
    return copied


def trace(model: nn.Module, shape: tuple[int, ...]) -> tuple[Graph, tuple[int, ...]]:
    """The model in evaluation mode as a float network that takes images of a shape [C, H, W], or lists of numbers [C], and
    the shape of what it returns for each. Raises ConvertError, which names the module, for what axgen has no layers for."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, found {model!r}")
    _check(model)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        one, steps = record(_copy(model), shape)
    with torch.no_grad():
        converter = _Converter(one, steps, shape)
        value = converter.run()
        output = converter.graph.prune(value.node)
    if output != len(converter.graph.nodes) - 1 or not output:
        raise ConvertError("the model's output: expected the last layer's")
    return converter.graph, value.shape
