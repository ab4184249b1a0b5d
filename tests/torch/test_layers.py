# SPDX-License-Identifier: Apache-2.0
"""One layer: its integers and its gradients against NumPy's loops."""
import axgen
import axgen.torch
import numpy as np
import pytest
import reference
import torch
from conftest import pixels
from torch import nn

# in channels, filters, kernel, stride, padding, groups
SHAPES = {"plain": (3, 4, 3, 1, 1, 1), "strided": (2, 5, (2, 3), (2, 1), (0, 2), 1), "grouped": (4, 6, 3, 2, 1, 2),
          "depthwise": (3, 3, 3, 1, 1, 3), "pointwise": (5, 4, 1, 1, 0, 1), "same": (3, 4, (4, 2), 1, "same", 1)}
UNSIGNED = np.clip(np.arange(256)[:, None] * np.arange(256) - (np.arange(256)[:, None] & 3) * 40, 0, None)


def multipliers(scheme):
    if scheme == "u8":
        return [axgen.Multiplier.from_table(UNSIGNED, a_signed=False, b_signed=False, name="mine")]
    if scheme == "u8s8":
        return [axgen.Multiplier.from_table(np.roll(np.arange(256)[:, None] * np.arange(-128, 128) // 8 * 8, 128, 1), a_signed=False, name="mine")]
    return [axgen.Multiplier("roup8s_p1_c7"), axgen.Multiplier("trunc8s_k6"), axgen.Multiplier("mul8s_1L2N")]


def layer_of(shape, scheme, gradient="ste"):
    """The first of two convolutions, of random shape, with its multipliers by filter, and codes for its input."""
    channels, filters, kernel, stride, padding, groups = SHAPES[shape]
    model = nn.Sequential(nn.Conv2d(channels, filters, kernel, stride, padding, groups=groups), nn.ReLU(), nn.Conv2d(filters, 3, 1))
    module = axgen.torch.convert(model, None, pixels((channels, 6, 7)), scheme=scheme, gradient=gradient, mean=0.3)
    layer = module.layers["layer_0" if "layer_0" in module.layers else list(module.layers)[0]]
    muls = multipliers(scheme)
    numbers = np.arange(filters) % len(muls)
    layer.assign(muls, numbers.astype(np.uint8))
    source = module.about
    low, high = source["clamp"]
    codes = np.random.default_rng(7).integers(low, high, (2, *source["shape"]), endpoint=True)
    return module, layer, source, codes, [muls[n] for n in numbers]


def apply(layer, source, codes, requires_grad=False):
    q = torch.tensor(codes - source["codes"]["zero"], dtype=torch.float32, requires_grad=requires_grad)
    return q, layer(q)


@pytest.mark.parametrize("scheme", ["s8", "u8", "u8s8"])
@pytest.mark.parametrize("shape", SHAPES)
def test_forward(shape, scheme):
    _, layer, source, codes, muls = layer_of(shape, scheme)
    weights = layer.weight_codes(layer.weight).numpy().astype(int)
    bias = layer.bias_codes(layer.bias).numpy().astype(int)
    assert np.array_equal(weights, layer.net.weights(layer.name)) and list(bias) == layer.about["weights"]["bias"]
    tables = [reference.table_of(m) for m in muls]
    each = np.empty(weights.shape, object)
    for place in np.ndindex(weights.shape):
        each[place] = tables[place[0]]
    want = reference.requantised(layer.about, reference.conv(layer.about, source, weights, bias, codes, each))
    _, q = apply(layer, source, codes)
    assert np.array_equal(q.detach().numpy() + layer.zero, want)
    assert len(np.unique(want)) > 20


@pytest.mark.parametrize("scheme", ["s8", "u8"])
@pytest.mark.parametrize("gradient", ["ste", "slope"])
@pytest.mark.parametrize("shape", SHAPES)
def test_gradients(shape, gradient, scheme, monkeypatch):
    monkeypatch.setattr(axgen.torch.slope.Slopes.__init__, "__defaults__", (1e-9,))  # all terms
    _, layer, source, codes, muls = layer_of(shape, scheme, gradient)
    weights = layer.weight_codes(layer.weight).numpy().astype(int)
    q, out = apply(layer, source, codes, True)
    g = np.random.default_rng(5).normal(size=out.shape)
    (out * torch.tensor(g)).sum().backward()
    # What passes the clamp, then by the requantisation's factor.
    seen = out.detach().numpy() + layer.zero
    low, _ = layer.about["clamp"]  # ReLU's
    factor = np.array(layer.about["multiplier"]).reshape(-1, 1, 1) / 2.0 ** layer.about["shift"]
    g = g * (seen > low) * factor
    zero, weight_zero = source["codes"]["zero"], layer.about["weights"]["zero"]
    tables = [reference.table_of(m) for m in muls]
    half = 256 // 16

    def local(f, a, w, along):
        """By finite differences over the table."""
        table, (a0, b0) = tables[f]
        a, w = a + a0, w + b0
        if along == 0:
            up, down = min(a + half, 255), max(a - half, 0)
            return (table[up, w] - table[down, w]) / (up - down) - weight_zero
        up, down = min(w + half, 255), max(w - half, 0)
        return (table[a, up] - table[a, down]) / (up - down) - zero

    if gradient == "ste":
        of_a, of_w = reference.gradients(layer.about, source, weights, codes, g, lambda f, a, w: w - weight_zero, lambda f, a, w: a - zero)
    else:
        of_a, of_w = reference.gradients(layer.about, source, weights, codes, g, lambda f, a, w: local(f, a, w, 0),
                                         lambda f, a, w: local(f, a, w, 1))
    of_w /= np.array(layer.about["weights"]["scale"]).reshape(-1, 1, 1, 1)
    assert np.allclose(q.grad.numpy(), of_a, rtol=1e-3, atol=1e-4 * np.abs(of_a).max())
    assert np.allclose(layer.weight.grad.numpy(), of_w, rtol=1e-3, atol=1e-4 * np.abs(of_w).max())
    of_b = g.sum((0, 2, 3)) / (np.array(layer.about["weights"]["scale"]) * source["codes"]["scale"])
    assert np.allclose(layer.bias.grad.numpy(), of_b, rtol=1e-3, atol=1e-6 * np.abs(of_b).max())


def test_slopes_differ():
    """A multiplier that ignores the weight's low bits has steps: its own slope by the activation is that of the step."""
    from axgen.torch.slope import slopes_of, terms
    m = axgen.Multiplier("roup8s_p1_c7")
    of_a, of_b = slopes_of(m)
    assert of_a.shape == (256, 256) and abs(np.median(of_a[64:192, 200] / 72) - 1) < 0.2
    for table in (of_a, of_b):
        pairs = terms(table, 0.01)
        rest = table - sum(np.outer(u, v) for u, v in pairs)
        assert np.linalg.norm(rest) <= 0.0101 * np.linalg.norm(table) and len(pairs) < 100
        fewer = table - sum(np.outer(u, v) for u, v in pairs[:-1])
        assert np.linalg.norm(fewer) > 0.01 * np.linalg.norm(table)
    # An exact product's slopes are the other operand, one term.
    assert [len(terms(table, 0.01)) for table in slopes_of(axgen.Multiplier("exact8s"))] == [1, 1]


def test_weights_beyond_their_scale():
    _, layer, source, codes, _ = layer_of("plain", "s8")
    with torch.no_grad():
        layer.weight[0, 0, 0, 0] = 1e3
    q, out = apply(layer, source, codes, True)
    assert layer.weight_codes(layer.weight)[0, 0, 0, 0] == 127
    out.sum().backward()
    assert layer.weight.grad[0, 0, 0, 0] == 0 and layer.weight.grad[1].abs().sum() > 0
    with torch.no_grad():
        layer.weight[0, 0, 0, 0] = float("nan")
    with pytest.raises(ValueError, match="no finite numbers"):
        apply(layer, source, codes)


def test_gradient_of_what_was_computed():
    """Whatever multipliers and weights the layer has got since."""
    _, layer, source, codes, _ = layer_of("plain", "s8", "slope")
    q, out = apply(layer, source, codes, True)
    want = torch.autograd.grad(out.sum(), [q, layer.weight], retain_graph=True)
    muls, numbers = layer.multipliers, layer.numbers
    layer.assign([axgen.Multiplier("trunc8s_k8")], np.uint8(0))
    with torch.no_grad():
        layer.weight.mul_(0.5)
    assert all(torch.equal(a, b) for a, b in zip(torch.autograd.grad(out.sum(), [q, layer.weight]), want))
    _, out = apply(layer, source, codes, True)
    assert not torch.equal(torch.autograd.grad(out.sum(), layer.weight)[0], want[1])
    layer.assign(muls, numbers)


def test_operator():
    net = axgen.Network.load(__import__("conftest").ROOT + "/models/lenet5-fashion/net.yaml")
    conv2 = axgen.Operator(net, "conv2", [axgen.Multiplier("trunc8s_k8")])
    codes = np.random.default_rng(1).integers(0, 128, (3, 6, 14, 14))
    exact = conv2(codes)
    conv2.assign(0)
    assert (conv2(codes) != exact).mean() > 0.1
    conv2.assign(None)
    assert np.array_equal(conv2(codes), exact)
    conv2.load(net.weights("conv2") * 0, np.zeros(16))
    assert not conv2(codes).any()
    for bad, error in ((codes[:, :5], ValueError), (codes + 0.5, ValueError), (codes + 200, axgen.InputError)):
        with pytest.raises(error):
            conv2(bad)
    with pytest.raises(TypeError):
        conv2(codes, codes)
    with pytest.raises(ValueError, match="2400"):
        conv2.load(net.weights("conv1"), np.zeros(16))
    for weights, bias in ((0.5, 0), (65536 + 3, 0), (0, 2**33), (0, 0.5)):
        with pytest.raises(ValueError, match="integers"):
            conv2.load(net.weights("conv2") * 0 + weights, np.zeros(16) + bias)
    with pytest.raises(TypeError, match="Multipliers"):
        axgen.Operator(net, "conv2", ["exact8s"])
