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

from .graph import INFINITY, Graph, Node, window


class ConvertError(ValueError):
    """A module that axgen has no layers for; the text names it."""


class Value:
    """A tensor of the model for one image: which node makes it, and the shape that PyTorch sees. Where it was flattened,
    that differs from the node's. Values with one `memory` change together, when a step works in place; `part`: it is a part
    of the memory, which other values have in whole."""

    def __init__(self, node: int, shape: Sequence[int], memory: Any = None, part: bool = False) -> None:
        self.node, self.shape, self.memory, self.part = node, tuple(shape), memory or object(), part


class _Proxy(torch.fx.Proxy):
    """Steps like x += y, which torch.fx would take for x = x + y: but other names of x change too."""

    def __setitem__(self, index: Any, value: Any) -> None:
        self.tracer.create_proxy("call_function", operator.setitem, (self, index, value), {})


_IN_PLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv)
for _step in _IN_PLACE:
    setattr(_Proxy, f"__{_step.__name__}__",
            lambda x, y, step=_step: x.tracer.create_proxy("call_function", step, (x, y), {}))


class _One(nn.Module):
    """A model as it is called with an image alone, whatever else it takes."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, x: Any) -> Any:
        return self.model(x)

    @staticmethod
    def name(path: str) -> str:
        """A module's in the model."""
        return path[len("model."):]


class _Tracer(torch.fx.Tracer):
    """Notes in which module each step is; `failed`: in which one tracing came to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.path: list[str] = []
        self.failed = ""

    def proxy(self, node: torch.fx.Node) -> torch.fx.Proxy:
        return _Proxy(node, self)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        self.path.append(_One.name(self.path_of_module(m)))
        try:
            return super().call_module(m, forward, args, kwargs)
        except Exception:
            self.failed = self.failed or self.path[-1]
            raise
        finally:
            self.path.pop()

    # What hooks do to a layer is traced as well.
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        return super().is_leaf_module(m, module_qualified_name) and not m._forward_pre_hooks and not m._forward_hooks

    def create_node(self, *args: Any, **kwargs: Any) -> torch.fx.Node:
        node = super().create_node(*args, **kwargs)
        node.meta["axgen_module"] = self.path[-1] if self.path else ""
        return node


def _pair(value: Any) -> tuple[int, int]:
    return (int(value), int(value)) if isinstance(value, (int, np.integer)) else (int(value[0]), int(value[-1]))


def _array(value: Any) -> Optional[np.ndarray]:
    return None if value is None else value.detach().double().numpy()


class _Converter:
    """Walks through a traced model. `here`: for messages and names, the module at which it is."""

    def __init__(self, traced: torch.fx.GraphModule, shape: tuple[int, int, int]) -> None:
        self.traced, self.graph, self.here = traced, Graph(shape), ""
        self.steps: dict[Any, Callable[..., Any]] = _steps()

    def refuse(self, why: str) -> ConvertError:
        return ConvertError(f"{self.here or 'the model'}: {why}")

    def run(self) -> int:
        """Returns the number of the output's node."""
        values: dict[torch.fx.Node, Any] = {}
        for step in self.traced.graph.nodes:
            # The steps' own names where the model calls functions by itself.
            self.here = (_One.name(str(step.target)) if step.op == "call_module" else step.meta.get("axgen_module", "")) or step.name
            args = torch.fx.node.map_arg(step.args, lambda n: values[n])
            kwargs = torch.fx.node.map_arg(step.kwargs, lambda n: values[n])
            if step.op == "placeholder":
                values[step] = Value(0, self.graph.nodes[0].shape)
            elif step.op == "output":
                return self.output(args[0])
            elif step.op == "get_attr":
                values[step] = operator.attrgetter(step.target)(self.traced)
            else:
                values[step] = self.step(step, args, kwargs)
                if args and isinstance(args[0], Value) and self.is_in_place(step):
                    self.overwrite(values, args[0], values[step])
        raise ConvertError("the model has no output")

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
            return bool(getattr(self.traced.get_submodule(step.target), "inplace", False))
        place = {F.relu: 1, F.relu6: 1, F.hardtanh: 3}.get(step.target)
        if place is not None and len(step.args) > place:
            return bool(step.args[place])
        name = step.target if step.op == "call_method" else step.target.__name__
        return bool(step.kwargs.get("inplace")) or name.endswith("_") or step.target in _IN_PLACE

    def output(self, value: Any) -> int:
        if not isinstance(value, Value):
            raise ConvertError("the model's output: expected one tensor that depends on the input")
        return value.node

    def step(self, step: torch.fx.Node, args: Any, kwargs: Any) -> Any:
        if not any(isinstance(v, Value) for v in _leaves((args, kwargs))):
            if step.op == "call_function":
                return step.target(*args, **kwargs)
            if step.op == "call_method":
                return getattr(args[0], step.target)(*args[1:], **kwargs)
        if self.is_softmax(step) and all(user.op == "output" for user in step.users):
            warnings.warn(f"{self.here}: a softmax at the end is left out: the module gives logits", stacklevel=5)
            return args[0]
        if step.op == "call_module":
            module = self.traced.get_submodule(step.target)
            name, kwargs = type(module).__name__, {**kwargs, "module": module}
            made = next((self.steps[kind] for kind in type(module).__mro__ if kind in self.steps), None)
        else:
            key = step.target if step.op == "call_function" else f".{step.target}"
            name, made = getattr(key, "__name__", str(key).lstrip(".")), self.steps.get(key)
        if made is None:
            raise self.refuse(f"axgen has no layer for {name}")
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
            return isinstance(self.traced.get_submodule(step.target), (nn.Softmax, nn.LogSoftmax))
        return step.target in ("softmax", "log_softmax", F.softmax, F.log_softmax, torch.softmax, torch.log_softmax)

    # ---- what steps are made of ----

    def add(self, op: str, x: Any, shape: Sequence[int], **more: Any) -> Value:
        inputs = [v.node for v in (x if isinstance(x, (list, tuple)) else [x])]
        if min(shape) < 1:
            raise self.refuse(f"its output would be {list(shape)}: expected a larger image")
        node = Node(op, self.here, inputs, tuple(int(n) for n in shape), **more)  # type: ignore[arg-type]
        return Value(self.graph.add(node), node.shape)

    def image(self, x: Any, what: str) -> tuple[int, int, int]:
        if not isinstance(x, Value):
            raise self.refuse(f"{what}: expected a tensor that depends on the input")
        if len(x.shape) != 3:
            raise self.refuse(f"{what}: expected an image [C, H, W], found {list(x.shape)}")
        return x.shape  # type: ignore[return-value]

    def elementwise(self, x: Value, op: str, **more: Any) -> Value:
        node = self.graph.nodes[x.node]
        made = self.add(op, x, node.shape, **more)
        return Value(made.node, x.shape)

    def conv(self, x: Any, weight: Any, bias: Any = None, stride: Any = 1, padding: Any = 0, dilation: Any = 1, groups: int = 1) -> Value:
        channels, height, width = self.image(x, "convolution")
        if _pair(dilation) != (1, 1):
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
        shape = self.graph.nodes[x.node].shape
        if len(x.shape) != 1 or x.shape[0] != weight.shape[1]:
            raise self.refuse(f"dense layer: expected a list of {weight.shape[1]} numbers, found {list(x.shape)}")
        made = self.add("dense", x, (weight.shape[0], 1, 1), weight=_array(weight).reshape(len(weight), *shape), bias=_array(bias))  # type: ignore[union-attr]
        return Value(made.node, (weight.shape[0],))

    def affine(self, x: Value, factor: Any, term: Any) -> Value:
        channels = self.graph.nodes[x.node].shape[0]
        if len(x.shape) != 3 and self.graph.nodes[x.node].shape[1:] != (1, 1):
            raise self.refuse("arithmetic with constants after an image was flattened")
        both = []
        for value in (factor, term):
            array = np.asarray(value.detach().double() if isinstance(value, Tensor) else value, np.float64)
            by_channel = (channels, *[1] * (len(x.shape) - 1))
            if array.size != 1 and (array.shape[-len(x.shape):] != by_channel or array.size != channels):
                raise self.refuse(f"a constant of shape {list(array.shape)}: expected one number, or one for each channel")
            both.append(np.broadcast_to(array.reshape(-1), (channels,)).copy())
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
        if _pair(dilation) != (1, 1) or divisor is not None:
            raise self.refuse("pool: dilation and divisor_override are not known")
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
        if op == "avgpool" and ceil and count and (ph or pw) and (ends[0] > ph or ends[1] > pw):
            raise self.refuse("average pool: ceil_mode together with pads that count")
        counted = count and (ends[0] <= ph and ends[1] <= pw)
        more = {"count_pads": bool(counted)} if op == "avgpool" else {}
        return self.add(op, x, (channels, *out), attributes=window((kh, kw), (sh, sw), (ph, ends[0], pw, ends[1]), **more))

    def adaptive(self, op: str, x: Any, size: Any) -> Value:
        channels, height, width = self.image(x, "adaptive pool")
        wanted = (size, size) if isinstance(size, int) or size is None else tuple(size)
        oh, ow = (n if want is None else want for n, want in zip((height, width), wanted))
        if min(oh, ow) < 1 or height % oh or width % ow:
            raise self.refuse(f"adaptive pool from {height}x{width} to {oh}x{ow}: expected a divisor")
        return self.pool(op, x, (height // oh, width // ow))

    def mean(self, x: Any, dim: Any = None, keepdim: bool = False) -> Value:
        channels, height, width = self.image(x, "mean")
        dims = {d % 4 for d in ([dim] if isinstance(dim, int) else dim or [])}
        if dims != {2, 3}:
            raise self.refuse(f"mean over {dim}: expected the rows and columns, [2, 3]")
        made = self.pool("avgpool", x, (height, width))
        return made if keepdim else Value(made.node, (channels,))

    def sum_of(self, a: Any, b: Any, alpha: Any = 1) -> Value:
        if not isinstance(a, Value):
            return self.affine(b, alpha, a)
        if not isinstance(b, Value):
            return self.affine(a, 1, b * alpha)
        if alpha != 1 or a.shape != b.shape:
            raise self.refuse(f"addition of {list(a.shape)} and {list(b.shape)}: expected equal shapes, without a factor")
        made = self.add("add", [a, b], self.graph.nodes[a.node].shape)
        return Value(made.node, a.shape)

    def difference(self, a: Any, b: Any) -> Value:
        if isinstance(b, Value):
            if isinstance(a, Value):
                raise self.refuse("axgen subtracts no activations")
            return self.affine(b, -1, a)
        return self.affine(a, 1, -b)

    def product(self, a: Any, b: Any) -> Value:
        if isinstance(a, Value) and isinstance(b, Value):
            raise self.refuse("axgen multiplies no activations with each other")
        return self.affine(a, b, 0) if isinstance(a, Value) else self.affine(b, a, 0)

    def quotient(self, a: Any, b: Any) -> Value:
        if isinstance(b, Value):
            raise self.refuse("axgen divides by no activations")
        return self.affine(a, 1 / b, 0)

    def concat(self, tensors: Sequence[Any], dim: int = 0) -> Value:
        if not tensors or not all(isinstance(x, Value) for x in tensors):
            raise self.refuse("concatenation: expected tensors that depend on the input")
        shapes = [self.graph.nodes[x.node].shape for x in tensors]
        dims = {len(x.shape) for x in tensors}  # lists are flattened channel by channel
        if len(dims) != 1 or dim % (1 + min(dims)) != 1 or len({shape[1:] for shape in shapes}) != 1:
            raise self.refuse(f"concatenation of {[list(x.shape) for x in tensors]}: expected one of channels")
        made = self.add("concat", list(tensors), (sum(shape[0] for shape in shapes), *shapes[0][1:]))
        return made if dims == {3} else Value(made.node, (sum(x.shape[0] for x in tensors),))

    def pad(self, x: Any, pads: Sequence[int], mode: str = "constant", value: Any = 0) -> Value:
        channels, height, width = self.image(x, "padding")
        left, right, top, bottom, before, after, *rest = [int(n) for n in (*pads, *[0] * (8 - len(pads)))]
        if mode != "constant" or value not in (0, None) or any(rest) or min(left, right, top, bottom, before, after) < 0:
            raise self.refuse("padding: expected zeros, around images and of channels")
        return self.add("pad", x, (channels + before + after, height + top + bottom, width + left + right),
                        attributes={"pads": [top, bottom, left, right], "channels": [before, after]})

    def flatten(self, x: Value, start: int = 0, end: int = -1) -> Value:
        if (start, end if end < 0 else end - len(x.shape) - 1) != (1, -1):
            raise self.refuse(f"flatten from {start} to {end}: expected all but the first dimension")
        return Value(x.node, (int(np.prod(x.shape)),), x.memory)

    def reshape(self, x: Value, *sizes: Any) -> Value:
        wanted = list(sizes[0]) if len(sizes) == 1 and isinstance(sizes[0], (tuple, list)) else list(sizes)
        size = int(np.prod(x.shape))
        after = [n if isinstance(n, int) else -2 for n in wanted[1:]]
        if after in ([-1], [size]):
            return Value(x.node, (size,), x.memory)
        if tuple(after) == x.shape:
            return x
        if self.graph.nodes[x.node].shape == (size, 1, 1) and after in ([size, 1, 1], [-1, 1, 1]):
            return Value(x.node, (size, 1, 1), x.memory)
        raise self.refuse(f"reshape of {list(x.shape)} to {wanted[1:]}: expected a list of all values")

    def squeeze(self, x: Value, *_dims: Any) -> Value:
        if self.graph.nodes[x.node].shape[1:] != (1, 1):
            raise self.refuse(f"squeeze of {list(x.shape)}: expected one pixel")
        return Value(x.node, self.graph.nodes[x.node].shape[:1], x.memory)

    def size(self, x: Value, dim: Optional[int] = None) -> Any:
        whole = (1, *x.shape)
        return torch.Size(whole) if dim is None else whole[dim]

    def attribute(self, x: Any, name: str) -> Any:
        if isinstance(x, Value) and name == "shape":
            return torch.Size((1, *x.shape))
        raise self.refuse(f"the attribute {name}")

    def item(self, x: Any, index: Any) -> Any:
        if not isinstance(x, Value):
            return x[index]
        channels, height, width = self.image(x, "slice")
        whole = slice(None, None, None)
        index = [i for i in (index if isinstance(index, tuple) else (index,)) if i is not Ellipsis]
        steps = [s.step or 1 for s in index[2:] if isinstance(s, slice) and not s.start and s.stop is None]
        if len(index) == 4 and index[:2] == [whole, whole] and len(steps) == 2 and min(steps) > 0:
            made = self.pool("maxpool", x, 1, tuple(steps))
            return Value(made.node, made.shape, x.memory, max(steps) > 1)
        raise self.refuse(f"slice {index}: expected every k-th row and column, x[:, :, ::k, ::k]")

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
        if module.padding_mode != "zeros":
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
                 return_indices: bool = False) -> Value:
        if return_indices:
            raise c.refuse("return_indices")
        return c.pool("maxpool", x, kernel_size, stride, padding, ceil_mode, True, dilation)

    def avg_pool(c: C, x: Value, kernel_size: Any, stride: Any = None, padding: Any = 0, ceil_mode: bool = False,
                 count_include_pad: bool = True, divisor_override: Any = None) -> Value:
        return c.pool("avgpool", x, kernel_size, stride, padding, ceil_mode, count_include_pad, 1, divisor_override)

    def add(c: C, a: Any, b: Any, alpha: Any = 1) -> Value:
        return c.sum_of(a, b, alpha)

    def mean(c: C, x: Value, dim: Any = None, keepdim: bool = False) -> Value:
        return c.mean(x, dim, keepdim)

    def flatten(c: C, x: Value, start_dim: int = 0, end_dim: int = -1) -> Value:
        return c.flatten(x, start_dim, end_dim)

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
        nn.AdaptiveMaxPool2d: lambda c, x, module: c.adaptive("maxpool", x, module.output_size),
        nn.Flatten: lambda c, x, module: c.flatten(x, module.start_dim, module.end_dim),
        nn.ZeroPad2d: lambda c, x, module: c.pad(x, module.padding),
        nn.ConstantPad2d: lambda c, x, module: c.pad(x, module.padding, value=module.value),
        F.conv2d: C.conv,
        F.linear: C.linear,
        F.adaptive_avg_pool2d: lambda c, x, output_size: c.adaptive("avgpool", x, output_size),
        F.adaptive_max_pool2d: lambda c, x, output_size: c.adaptive("maxpool", x, output_size),
        operator.setitem: lambda c, x, index, value: c.store(),
        getattr: lambda c, x, name: c.attribute(x, name),
        operator.getitem: lambda c, x, index: c.item(x, index),
        ".size": C.size,
    }
    for kind in (nn.Identity, nn.modules.dropout._DropoutNd, F.dropout, F.dropout2d, F.alpha_dropout, F.feature_alpha_dropout,
                 ".contiguous", ".float"):
        table[kind] = same
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
        ((torch.flatten, ".flatten"), flatten),
        ((torch.reshape, ".reshape", ".view"), C.reshape),
        ((torch.squeeze, ".squeeze"), lambda c, x, *dims, **_named: c.squeeze(x, *dims)),
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
    except Exception as error:
        raise ConvertError(f"the model: it cannot be copied: {error}") from error
    for module in copied.modules():
        for hook in list(module._forward_pre_hooks.values()):
            if isinstance(hook, prune.BasePruningMethod):
                prune.remove(module, hook._tensor_name)
    return copied


def trace(model: nn.Module, shape: tuple[int, int, int]) -> Graph:
    """The model in evaluation mode as a float network that takes images of a shape [C, H, W]. Raises ConvertError, which
    names the module, for what axgen has no layers for."""
    if not isinstance(model, nn.Module):
        raise TypeError(f"model: expected a torch.nn.Module, found {model!r}")
    _check(model)
    model = _copy(model)
    tracer = _Tracer()
    one = _One(model)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            traced = torch.fx.GraphModule(one, tracer.trace(one))
    except Exception as error:
        raise ConvertError(f"{tracer.failed or 'the model'}: torch.fx cannot trace it: {error}; expected a forward() whose course does "
                           "not depend on the values of tensors") from error
    with torch.no_grad():
        converter = _Converter(traced, shape)
        output = converter.graph.prune(converter.run())
    if output != len(converter.graph.nodes) - 1 or not output:
        raise ConvertError("the model's output: expected the last layer's")
    return converter.graph
