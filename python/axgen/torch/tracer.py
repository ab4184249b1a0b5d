# SPDX-License-Identifier: Apache-2.0
"""A PyTorch module's steps by torch.fx, which has sizes at hand: two images go along."""

from __future__ import annotations

import operator
from typing import Any, Optional

import torch
import torch.fx
from torch import Tensor, nn

from .graph import ConvertError

IMAGES = 2  # how many go along: one could vanish in a squeeze()

#: What a tensor says of itself but for its values.
_FACTS = {"size", "dim", "ndimension", "numel", "nelement", "stride", "is_contiguous", "is_floating_point", "is_complex", "is_signed",
          "get_device", "type", "element_size", "storage_offset"}


class _Proxy(torch.fx.Proxy):
    """A value of the trace. `sample`: what it is for the images that go along; `fixed`: for all images. Sizes and the like are
    not recorded, they are numbers."""

    sample: Any = None
    fixed = False

    @property
    def __class__(self) -> Any:  # for isinstance(x, torch.Tensor)
        return Tensor if isinstance(self.sample, Tensor) else _Proxy

    def __getattr__(self, name: str) -> Any:
        value = getattr(self.sample, name)
        if isinstance(value, Tensor):
            return self.tracer.create_proxy("call_function", getattr, (self, name), {})
        return super().__getattr__(name) if callable(value) else value

    def __len__(self) -> int:
        return len(self.sample)

    def __iter__(self) -> Any:
        raise ValueError("a loop over the images of a batch")

    def __bool__(self) -> bool:
        return bool(self.sample) if self.fixed else super().__bool__()

    def __float__(self) -> float:
        return float(self.known())

    def __int__(self) -> int:
        return int(self.known())

    def __index__(self) -> int:
        return operator.index(self.known())

    def known(self) -> Any:
        if not self.fixed:
            raise ValueError("a number that depends on the image")
        return self.sample

    # Steps like x += y, which torch.fx would take for x = x + y: but other names of x change too.
    def __setitem__(self, index: Any, value: Any) -> None:
        self.tracer.create_proxy("call_function", operator.setitem, (self, index, value), {})


IN_PLACE = (operator.iadd, operator.isub, operator.imul, operator.itruediv)
for _step in IN_PLACE:
    setattr(_Proxy, f"__{_step.__name__}__",
            lambda x, y, step=_step: x.tracer.create_proxy("call_function", step, (x, y), {}))


class One(nn.Module):
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


def _mapped(value: Any, function: Any) -> Any:
    return torch.fx.node.map_aggregate(value, lambda leaf: function(leaf) if issubclass(type(leaf), _Proxy) else leaf)


class Tracer(torch.fx.Tracer):
    """Notes in which module each step is and of which shape its tensor is ("axgen_module", "axgen_shape" of a node's meta);
    `failed`: in which module tracing came to its end."""

    def __init__(self, images: Tensor) -> None:
        super().__init__()
        self.images = images
        self.path: list[str] = []
        self.failed = ""
        self.refused = False  # by PyTorch
        self.computing = False

    def proxy(self, node: torch.fx.Node) -> torch.fx.Proxy:
        return _Proxy(node, self)

    def call_module(self, m: nn.Module, forward: Any, args: Any, kwargs: Any) -> Any:
        if self.computing:
            return forward(*args, **kwargs)
        if m not in self.submodule_paths:
            if next(m.parameters(), None) is not None:
                raise ValueError(f"a {type(m).__name__} that each call makes anew: expected it in __init__")
            return forward(*args, **kwargs)
        self.path.append(One.name(self.path_of_module(m)))
        try:
            return super().call_module(m, forward, args, kwargs)
        except Exception:
            self.failed = self.failed or self.path[-1]
            raise
        finally:
            self.path.pop()

    # What hooks do to a layer is traced as well, and what PyTorch's layers for quantised training do to their weights.
    def is_leaf_module(self, m: nn.Module, module_qualified_name: str) -> bool:
        plain = not type(m).__module__.startswith(("torch.ao.", "torch.nn.qat", "torch.nn.intrinsic"))
        return plain and super().is_leaf_module(m, module_qualified_name) and not m._forward_pre_hooks and not m._forward_hooks

    # Parameters are values of the trace, but for what is computed aside.
    def getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Any) -> Any:
        return attr_val if self.computing else super().getattr(attr, attr_val, parameter_proxy_cache)

    def _module_getattr(self, attr: str, attr_val: Any, parameter_proxy_cache: Any) -> Any:  # PyTorch 1.12's name of it
        return attr_val if self.computing else super()._module_getattr(attr, attr_val, parameter_proxy_cache)

    def create_arg(self, a: Any) -> Any:
        return a.node if issubclass(type(a), _Proxy) else super().create_arg(a)

    def create_node(self, *args: Any, **kwargs: Any) -> torch.fx.Node:
        node = super().create_node(*args, **kwargs)
        node.meta["axgen_module"] = self.path[-1] if self.path else ""
        return node

    def create_proxy(self, kind: str, target: Any, args: Any, kwargs: Any, *rest: Any, **named: Any) -> Any:
        fixed: list[bool] = []
        _mapped((args, kwargs), lambda proxy: fixed.append(proxy.fixed))
        real = self.compute(kind, target, *_mapped((args, kwargs), lambda proxy: proxy.sample))
        if isinstance(real, (int, float, str, torch.Size, torch.dtype, tuple)) and not _tensors(real):
            name = target if kind == "call_method" else getattr(target, "__name__", "")
            if name in _FACTS or all(fixed):
                return real
        proxy = super().create_proxy(kind, target, args, kwargs, *rest, **named)
        proxy.sample, proxy.fixed = real, kind != "placeholder" and all(fixed)
        if isinstance(real, Tensor):
            proxy.node.meta["axgen_shape"] = tuple(real.shape) if real.is_floating_point() else None
        if not _tensors(real):
            return proxy
        parts = [self.create_proxy("call_function", operator.getitem, (proxy, i), {}) for i in range(len(real))]
        return parts if type(real) in (tuple, list) else type(real)(parts)

    def compute(self, kind: str, target: Any, args: Any, kwargs: Any) -> Any:
        """A step's value for the images that go along."""
        if kind == "placeholder":
            return self.images
        self.computing = True
        try:
            if kind == "get_attr":
                return operator.attrgetter(target)(self.root)
            with torch.no_grad():
                if kind == "call_module":
                    return self.root.get_submodule(target)(*args, **kwargs)
                return target(*args, **kwargs) if kind == "call_function" else getattr(args[0], target)(*args[1:], **kwargs)
        except Exception:
            self.refused = True
            raise
        finally:
            self.computing = False


def _tensors(value: Any) -> bool:
    return isinstance(value, (tuple, list)) and bool(value) and all(isinstance(part, Tensor) for part in value)


def record(model: nn.Module, shape: tuple[int, ...]) -> tuple[One, torch.fx.Graph]:
    """The steps of a model for images of this shape. Raises ConvertError."""
    kind: Optional[torch.dtype] = next((p.dtype for p in model.parameters() if p.is_floating_point()), torch.float32)
    tracer, one = Tracer(torch.full((IMAGES, *shape), 0.5, dtype=kind)), One(model)
    try:
        with torch.random.fork_rng(devices=[]):
            return one, tracer.trace(one)
    except Exception as error:
        why = f"torch.fx cannot trace it: {error}; expected a forward() whose course does not depend on the values of tensors"
        if tracer.refused:
            why = f"with {IMAGES} images {list(shape)} PyTorch says: {error}"
        raise ConvertError(f"{tracer.failed or 'the model'}: {why}") from error
