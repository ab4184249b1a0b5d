# SPDX-License-Identifier: Apache-2.0
"""A network's layers as modules: integers forwards, by the library; gradients backwards, by PyTorch.

Between layers a tensor holds codes less their zero point, whole numbers q in float32: the real value is scale * q. So
padding is 0, and scales are nothing but factors of the weights' gradients.
"""

from __future__ import annotations

from typing import Any, Optional, Sequence

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.autograd.function import once_differentiable

from ..multiplier import Multiplier
from ..network import Network
from ..operators import Operator, tensor
from .slope import Slopes

aten = torch.ops.aten
INFINITY = float("inf")


def half_away(x: Tensor) -> Tensor:
    """Rounded to whole numbers, halves away from zero: as axgen rounds."""
    return (x.abs() + 0.5).floor_().copysign_(x)


class Layer(nn.Module):
    """What all layers have: integers by the library, on the CPU. `inputs` are numbers of layers."""

    def __init__(self, net: Network, name: str) -> None:
        super().__init__()
        self.net, self.name = net, name
        self.about: dict[str, Any] = net.describe(name)
        self.inputs: list[int] = self.about["inputs"]
        codes = self.about.get("codes")
        self.raw = codes is None  # accumulators are the output
        self.zero: int = 0 if self.raw else codes["zero"]
        self.scale: Optional[float] = None if self.raw else codes["scale"]
        self.low, self.high = (-2**31, 2**31 - 1) if self.raw else self.about["clamp"]
        #: Values of q at which an activation function ends: there the gradient does.
        self.limits = self._limits()
        self._operator: Optional[Operator] = None

    def _limits(self) -> tuple[float, float]:
        low, high = self.about["activation"]
        if self.raw:
            return -INFINITY, INFINITY
        assert self.scale is not None
        within = high is not None and round(high / self.scale) + self.zero <= self.high
        return -INFINITY if low is None else self.low - self.zero, self.high - self.zero if within else INFINITY

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_operator": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> "Layer":
        import copy

        new = self.__class__.__new__(self.__class__)
        memo[id(self)] = new
        for key, value in self.__getstate__().items():
            new.__dict__[key] = copy.deepcopy(value, memo)
        return new

    def extra_repr(self) -> str:
        return f"{self.about['op']}, {list(self.about['shape'])}"

    def operator(self) -> Operator:
        if self._operator is None:
            self._operator = Operator(self.net, self.name)
        return self._operator

    def integers(self, inputs: Sequence[Tensor]) -> Tensor:
        """What the accelerator computes: q, or int32 accumulators of the last layer, in channels_last order."""
        operator = self.operator()
        given = [x.detach().contiguous(memory_format=torch.channels_last) for x in inputs]
        count, dtype = len(given[0]), torch.int32 if self.raw else torch.float32
        out = torch.empty((count, *self.about["shape"]), dtype=dtype, memory_format=torch.channels_last)
        if count:
            operator.call([tensor(x.data_ptr(), "float32", True) for x in given], count,
                          tensor(out.data_ptr(), "int32" if self.raw else "float32", True))
        return out

    def forward(self, *inputs: Tensor) -> Tensor:
        return _Compute.apply(self, None, None, *inputs)

    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        """Of the inputs, then of weight and bias, from that of q (or the accumulators) within the limits."""
        raise NotImplementedError

    def factors(self) -> Tensor:
        """m / 2^s of the requantisation."""
        return torch.tensor(self.about["multiplier"], dtype=torch.float64) / 2.0 ** self.about["shift"]

    def padded(self, x: Tensor, value: float = 0.0) -> Tensor:
        top, bottom, left, right = self.about["pads"]
        return F.pad(x, (left, right, top, bottom), value=value) if any(self.about["pads"]) else x


class _Compute(torch.autograd.Function):
    """A layer. Rounding passes the gradient on, the limits of an activation function do not."""

    @staticmethod
    def forward(ctx: Any, layer: Layer, weight: Optional[Tensor], bias: Optional[Tensor], *inputs: Tensor) -> Tensor:
        used: Any = None
        with layer.operator().lock:
            if isinstance(layer, Weighted):
                used = (*layer.quantised(weight, bias), layer.slopes() if any(ctx.needs_input_grad) else None)
            out = layer.integers(inputs)
        ctx.layer, ctx.used = layer, used
        ctx.clamped = layer.limits != (-INFINITY, INFINITY)
        ctx.save_for_backward(*inputs, *([out] if ctx.clamped else []))
        return out.double() if layer.raw else out

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, g: Tensor) -> Any:
        layer: Layer = ctx.layer
        *inputs, out = ctx.saved_tensors if ctx.clamped else (*ctx.saved_tensors, None)
        if out is not None:
            g = aten.hardtanh_backward(g, out, *layer.limits)
        needs = ctx.needs_input_grad
        *of, weight, bias = layer.gradients(g.float(), inputs, needs[3:], ctx.used)
        return (None, weight if needs[1] else None, bias if needs[2] else None, *of)


class Weighted(Layer):
    """A conv or dense layer. `weight` and `bias` are real numbers; what is computed has their nearest codes, of scales that
    stay. gradient: "ste", that of the exact product, or "slope", that of the multiplier near each pair of operands."""

    def __init__(self, net: Network, name: str, gradient: str = "ste") -> None:
        super().__init__(net, name)
        if gradient not in ("ste", "slope"):
            raise ValueError(f'gradient: expected "ste" or "slope", found {gradient!r}')
        self.gradient = gradient
        w = self.about["weights"]
        source = net.describe(net.layers[self.inputs[0]].name)["codes"]
        codes = torch.from_numpy(net.weights(name)).double()
        self.weight_zero: int = w["zero"]
        bits = w["bits"]
        self.weight_high = 2 ** (bits - 1) - 1 if w["signed"] else 2**bits - 1
        self.weight_low = -self.weight_high if w["signed"] else 0
        if codes.numel() and codes.min() < self.weight_low:
            self.weight_low -= 1
        self.input_zero, self.input_scale = source["zero"], source["scale"]
        # Plain attributes, not buffers: they belong to the network, and stay in double precision.
        self.weight_scale = torch.tensor(self._scales(w, len(codes)), dtype=torch.float64)
        self.bias_scale = self.weight_scale * self.input_scale
        self.factor = torch.ones(len(codes), dtype=torch.float64) if self.raw else self.factors()
        bias = torch.tensor(w["bias"], dtype=torch.float64)
        self.weight = self._parameter((codes - self.weight_zero) * self._by_filter(self.weight_scale), self.weight_codes)
        self.bias = self._parameter(bias * self.bias_scale, self.bias_codes)
        self.multipliers: list[Multiplier] = []
        self.numbers: Optional[np.ndarray] = None  # which of them where; None: exact
        self._slopes: Optional[Slopes] = None

    # Those of the network; where it does not say, those that the requantisation implies.
    def _scales(self, w: dict[str, Any], filters: int) -> Any:
        if "scale" in w:
            return w["scale"]
        if self.raw:
            return [1 / self.input_scale] * filters
        assert self.scale is not None
        return (self.factors() * self.scale / self.input_scale).tolist()

    # In float32, where that has the same codes.
    @staticmethod
    def _parameter(real: Tensor, codes: Any) -> nn.Parameter:
        return nn.Parameter(real.float() if torch.equal(codes(real.float()), codes(real)) else real)

    @staticmethod
    def _by_filter(values: Tensor) -> Tensor:
        return values.reshape(-1, 1, 1, 1)

    def __getstate__(self) -> dict[str, Any]:
        return {**super().__getstate__(), "_slopes": None}

    def start_from(self, weight: Tensor) -> None:
        """Takes real weights where they have the codes that the layer has."""
        codes = self.weight_codes(self.weight)
        same = self.weight_codes(weight.float()) == codes
        with torch.no_grad():
            self.weight.copy_(torch.where(same, weight.to(self.weight.dtype), self.weight))

    def weight_codes(self, weight: Tensor) -> Tensor:
        """The nearest codes, whole numbers in float64 [F, C, KH, KW]."""
        return self._rounded(weight)[0]

    # And whether a weight is within the reach of the codes: beyond, its gradient is 0.
    def _rounded(self, weight: Tensor) -> tuple[Tensor, Tensor]:
        nearest = half_away(weight.detach().double() / self._by_filter(self.weight_scale)) + self.weight_zero
        self._check(nearest, "weights")
        codes = nearest.clamp(self.weight_low, self.weight_high)
        return codes, codes == nearest

    def bias_codes(self, bias: Tensor) -> Tensor:
        codes = half_away(bias.detach().double() / self.bias_scale)
        self._check(codes, "biases")
        if codes.numel() and float(codes.abs().max()) > 1.0001 * 2**31:  # in single precision the largest is 2^31
            raise ValueError(f"layer {self.name}: a bias of {float(bias.detach().abs().max()):.3g} lies beyond 32 bits, which are "
                             f"{float(self.bias_scale.min()) * 2**31:.3g} at its scale")
        return codes.clamp(-(2**31 - 1), 2**31 - 1)

    def _check(self, codes: Tensor, what: str) -> None:
        if not np.isfinite(float(codes.sum())):
            raise ValueError(f"layer {self.name}: its {what} are no finite numbers any more")

    def integers_now(self) -> tuple[np.ndarray, np.ndarray]:
        """Codes of weights and biases for a network. Raises ValueError where they are not what was trained: most weights lie
        far beyond the reach of their scale (at its end are as many as there are filters)."""
        codes, _ = self._rounded(self.weight)
        reach = self._by_filter(self.weight_scale) * max(self.weight_high - self.weight_zero, self.weight_zero - self.weight_low)
        beyond = int((self.weight.detach().double().abs() > 2 * reach).sum())
        if 2 * beyond > codes.numel():
            raise ValueError(f"layer {self.name}: {beyond} of {codes.numel()} weights lie beyond twice the reach of their scale, which "
                             "does not train: expected a module that is converted again")
        return codes.numpy(), self.bias_codes(self.bias).numpy()

    def quantised(self, weight: Tensor, bias: Tensor) -> tuple[Tensor, Tensor]:
        """Gives the library the parameters' codes. Returns the weights', and which weights these reach."""
        codes, within = self._rounded(weight)
        biases = self.bias_codes(bias)
        self.operator().load(codes.to(torch.int16).numpy(), biases.to(torch.int32).numpy())
        return codes, within

    def assign(self, multipliers: list[Multiplier], numbers: Optional[np.ndarray]) -> None:
        """numbers: which multiplier each layer, filter, kernel or weight has."""
        wide = [m.name for m in multipliers if not m.exact and m.a_bits + m.b_bits > 16]
        if wide and self.gradient == "slope":
            raise ValueError(f'layer {self.name}: {wide[0]} has no table, of which gradient="slope" takes the slopes: expected '
                             'operands of 16 bits together, or gradient="ste"')
        operator = Operator(self.net, self.name, multipliers)
        operator.assign(numbers)
        self._operator, self._slopes = operator, None
        self.multipliers, self.numbers = multipliers, numbers

    def operator(self) -> Operator:
        if self._operator is None:
            self._operator = Operator(self.net, self.name, self.multipliers)
            self._operator.assign(self.numbers)
        return self._operator

    def forward(self, *inputs: Tensor) -> Tensor:
        return _Compute.apply(self, self.weight, self.bias, *inputs)

    def slopes(self) -> Optional[Slopes]:
        """The multipliers' slopes; None where products are taken as exact."""
        exact = self.numbers is None or all(m.exact for m in self.multipliers)
        if self.gradient == "ste" or exact:
            return None
        if self._slopes is None:
            source = self.net.describe(self.net.layers[self.inputs[0]].name)
            low, high = source["clamp"]
            self._slopes = Slopes(self.multipliers, self.numbers, (min(low, self.input_zero), max(high, self.input_zero)),
                                  (self.weight_low, self.weight_high), self.input_zero, self.weight_zero)
        return self._slopes

    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], used: Any) -> tuple[Any, ...]:
        codes, within, slopes = used
        factor = self._by_filter(self.factor)
        if slopes is None:
            of_x, of_w = self._backward(g, inputs[0], (codes - self.weight_zero) * factor, wanted[0])
        else:
            of_x, of_w = self._backward_slopes(g, inputs[0], codes, slopes, wanted[0])
        of_w = of_w * factor * within / self._by_filter(self.weight_scale)
        of_b = g.sum((0, 2, 3)) * self.factor / self.bias_scale
        return of_x, of_w.to(self.weight.dtype), of_b.to(self.bias.dtype)

    # Of the input and of the weights, of sums of products x * weight; pads: the input's border is 0.
    def _backward(self, g: Tensor, x: Tensor, weight: Tensor, of_input: bool) -> tuple[Optional[Tensor], Tensor]:
        top, bottom, left, right = self.about["pads"]
        even = top == bottom and left == right
        given, pads = (x, [top, left]) if even else (self.padded(x), [0, 0])
        weight = weight.float()
        if weight.shape[1:] == given.shape[1:] and g.shape[2:] == (1, 1) and pads == [0, 0]:  # dense
            rows = g.flatten(1)
            return ((rows @ weight.flatten(1)).reshape(given.shape) if of_input else None,
                    (rows.t() @ given.flatten(1)).reshape(weight.shape))
        of_x, of_w, _ = aten.convolution_backward(g, given, weight, None, self.about["stride"], pads, [1, 1], False, [0, 0],
                                                  self.about["groups"], [of_input, True, False])
        if of_input and not even:
            of_x = of_x[:, :, top : given.shape[2] - bottom, left : given.shape[3] - right]
        return of_x if of_input else None, of_w

    # The same with each product's own slopes, which are sums of few terms u(x) * v(weight). Taps in the border multiply too.
    def _backward_slopes(self, g: Tensor, x: Tensor, codes: Tensor, slopes: Slopes, of_input: bool) -> tuple[Optional[Tensor], Tensor]:
        numbers = torch.from_numpy(np.asarray(slopes.numbers, np.int64))
        numbers = numbers.reshape(*numbers.shape, *[1] * (4 - numbers.dim()))
        factor = self._by_filter(self.factor)
        border = self.padded(x)  # whose codes are the zero's
        places = slopes.places(border)
        top, _, left, _ = self.about["pads"]
        whole = [slice(None), slice(None), slice(top, top + x.shape[2]), slice(left, left + x.shape[3])]
        of_x, of_w = torch.zeros_like(x) if of_input else None, torch.zeros_like(codes)
        for m in range(len(slopes.of_input)):
            mine = (numbers == m).expand(codes.shape)
            if not mine.any():
                continue
            for u, v in slopes.of_input[m] if of_x is not None else ():
                back, _ = self._pair(g, border, slopes.of_weights(v, codes) * factor * mine, (True, False))
                of_x += (back * slopes.at(u, places))[tuple(whole)]
            for u, v in slopes.of_weight[m]:
                _, forth = self._pair(g, slopes.at(u, places), codes, (False, True))
                of_w += forth * slopes.of_weights(v, codes) * mine
        return of_x, of_w

    def _pair(self, g: Tensor, x: Tensor, weight: Tensor, mask: tuple[bool, bool]) -> tuple[Any, Any]:
        return aten.convolution_backward(g, x, weight.float(), None, self.about["stride"], [0, 0], [1, 1], False, [0, 0],
                                         self.about["groups"], [*mask, False])[:2]


class AveragePool(Layer):
    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        x, kernel, stride = inputs[0], self.about["kernel"], self.about["stride"]
        top, _, left, _ = self.about["pads"]
        back = aten.avg_pool2d_backward(g * self._means(x), self.padded(x), kernel, stride, [0, 0], False, True, 1)
        return back[:, :, top : top + x.shape[2], left : left + x.shape[3]], None, None

    # By what each sum is multiplied.
    def _means(self, x: Tensor) -> Any:
        if self.raw:
            return 1.0
        factors = self.factors().float()
        if self.about["count_pads"] or not any(self.about["pads"]):
            return factors.reshape(-1, 1, 1)
        taps = F.avg_pool2d(self.padded(torch.ones_like(x[:1, :1])), self.about["kernel"], self.about["stride"], divisor_override=1)
        return factors[taps.long() - 1]


class MaxPool(Layer):
    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        with torch.enable_grad():
            x = inputs[0].detach().requires_grad_()
            y = F.max_pool2d(self.padded(x, -INFINITY), self.about["kernel"], self.about["stride"])
            return (*torch.autograd.grad(y, x, g), None, None)


class Add(Layer):
    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        return (*[g * float(m) if want else None for m, want in zip(self.factors(), wanted)], None, None)


class Concat(Layer):
    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        return (*g.split([x.shape[1] for x in inputs], 1), None, None)


class Pad(Layer):
    def gradients(self, g: Tensor, inputs: Sequence[Tensor], wanted: Sequence[bool], _used: Any) -> tuple[Any, ...]:
        first, (top, _, left, _) = self.about["channels"][0], self.about["pads"]
        channels, height, width = inputs[0].shape[1:]
        return g[:, first : first + channels, top : top + height, left : left + width], None, None


KINDS: dict[str, Any] = {"conv": Weighted, "dense": Weighted, "avgpool": AveragePool, "maxpool": MaxPool, "add": Add,
                         "concat": Concat, "pad": Pad}
