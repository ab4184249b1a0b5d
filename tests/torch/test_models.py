# SPDX-License-Identifier: Apache-2.0
"""Whole models: their integers are the network's, their gradients the float model's where codes are fine."""
import copy
import json
import operator
import pickle
import warnings
from collections import OrderedDict

import axgen
import axgen.torch
import numpy as np
import pytest
import torch
import torch.nn.functional as F
from conftest import pixels, settle
from torch import Tensor, nn
from torch.nn.utils import prune

MULS = ("roup8s_p1_c7", "mul8s_1L2N", "exact8s")


class Residual(nn.Module):
    """Strides, batch normalisation, a projection, a shortcut of zero channels, pools of both kinds."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 1, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU(inplace=True))
        self.conv1 = nn.Conv2d(8, 8, 3, 2, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(8)
        self.conv2 = nn.Conv2d(8, 8, 3, 1, 1)
        self.down = nn.Conv2d(8, 8, 1, 2)
        self.conv3 = nn.Conv2d(8, 12, 3, 1, 1)
        self.fc = nn.Linear(12, 5)

    def forward(self, x):
        x = self.stem(x)
        y = self.conv2(F.relu(self.norm1(self.conv1(x))))
        x = F.relu(y + self.down(x))
        y = self.conv3(x)
        x = torch.relu(y + F.pad(x, (0, 0, 0, 0, 2, 2)))
        x = F.adaptive_avg_pool2d(F.max_pool2d(x, 3, 2, 1), 1)
        return self.fc(torch.flatten(x, 1))


class Mobile(nn.Module):
    """Depthwise layers, ReLU6, concatenation, a value that is read before and after its clamp, a mean of rows and columns."""

    def __init__(self):
        super().__init__()
        self.expand = nn.Conv2d(3, 6, 1)
        self.depthwise = nn.Sequential(nn.Conv2d(6, 6, 3, 2, 1, groups=6, bias=False), nn.BatchNorm2d(6), nn.ReLU6())
        self.project = nn.Conv2d(6, 6, 1)
        self.grouped = nn.Conv2d(6, 6, 3, padding="same", groups=2)
        self.last = nn.Conv2d(12, 4, 1)

    def forward(self, x):
        x = self.depthwise(F.relu6(self.expand(x)))
        y = self.project(x)
        x = y + self.grouped(y.clamp(min=0))
        x = torch.cat([x, F.avg_pool2d(x, 3, 1, 1, count_include_pad=False)], dim=1)
        return self.last(x).mean([2, 3])


class Chain(nn.Sequential):
    """A list for an image; normalisation inside."""

    def __init__(self):
        super().__init__(nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.MaxPool2d(2), nn.BatchNorm2d(6), nn.Conv2d(6, 8, 3, bias=False), nn.ReLU(),
                         nn.AvgPool2d(2, ceil_mode=True), nn.Dropout(0.5), nn.Flatten(), nn.Linear(32, 20), nn.BatchNorm1d(20), nn.ReLU(),
                         nn.Linear(20, 7))

    def forward(self, x):
        return super().forward((x - 0.2) / 0.5)


MODELS = {"residual": (Residual, (3, 12, 12)), "mobile": (Mobile, (3, 9, 10)), "chain": (Chain, (1, 10, 10))}


def made(name, **options):
    kind, shape = MODELS[name]
    model = settle(kind())
    images = pixels(shape)
    return model, images, axgen.torch.convert(model, None, images, **options)


def mixed(module):
    """Multipliers of every level, in turn."""
    out = {}
    for i, (name, layer) in enumerate(module.weighted().items()):
        shape = layer.weight.shape[:i % 3]
        out[name] = np.array([MULS[k % 3] for k in range(int(np.prod(shape)))], object).reshape(shape) if i % 3 else MULS[i % 2]
    return out


@pytest.mark.parametrize("scheme", ["s8", "u8", "u8s8"])
@pytest.mark.parametrize("name", MODELS)
def test_as_axgen_eval(name, scheme, tmp_path):
    """Trained for a moment and saved, it gives what the program computes, integer for integer."""
    _, images, module = made(name, scheme=scheme)
    if scheme == "s8":
        module.assign(mixed(module))
    elif scheme == "u8":
        square = np.arange(256)[:, None] * np.arange(256)
        module.assign(axgen.Multiplier.from_table(square // 16 * 16, a_signed=False, b_signed=False, name="mine"))
    x, labels = torch.from_numpy(images), torch.arange(len(images)) % module.net.outputs
    optimiser = torch.optim.Adam(module.parameters(), lr=2e-3)
    first = module.logits(images)
    for _ in range(3):
        optimiser.zero_grad()
        F.cross_entropy(module(x), labels).backward()
        optimiser.step()
    module.eval()
    logits = module.logits(images)
    assert (logits != first).mean() > 0.5
    axgen.torch.save(module, tmp_path / "net")
    saved = axgen.Network.load(tmp_path / "net" / "net.yaml")
    assert np.array_equal(saved.logits(images, module.assignment), logits)
    if scheme == "s8":  # the program itself
        np.save(tmp_path / "images.npy", images)
        np.save(tmp_path / "labels.npy", labels.numpy())
        names = {m.name: m.name for layer in module.weighted().values() for m in layer.multipliers}
        config = {"network": str(tmp_path / "net" / "net.yaml"), "multipliers": names, "assignment": {},
                  "dataset": {"format": "npy", "images": str(tmp_path / "images.npy"), "labels": str(tmp_path / "labels.npy")}}
        for layer, value in module.assignment.items():
            keys = value.name if isinstance(value, axgen.Multiplier) else {",".join(map(str, at)): value[at].name for at in np.ndindex(value.shape)}
            level = {1: "filters", 2: "kernels"}.get(getattr(value, "ndim", 0))
            config["assignment"][layer] = {level: keys} if level else keys
        (tmp_path / "config.yaml").write_text(json.dumps(config))
        axgen.eval_config(tmp_path / "config.yaml", logits=tmp_path / "logits.npy")
        assert np.array_equal(np.load(tmp_path / "logits.npy").reshape(logits.shape), logits)
        net, assignment = axgen.load_config(tmp_path / "config.yaml")
        assert np.array_equal(axgen.torch.from_config(tmp_path / "config.yaml").logits(images), logits)
        assert np.array_equal(net.logits(images, assignment), logits)


@pytest.mark.parametrize("name", MODELS)
def test_near_the_float_model(name):
    """With codes of 16 bits values and gradients are the float model's, but for what rounding does."""
    model, images, module = made(name, act_bits=16, weight_bits=16, calibration="minmax", bias_correction=False)
    x = (torch.from_numpy(images).double() / 255).requires_grad_()
    labels = torch.arange(len(images)) % module.net.outputs
    model = model.double()
    want = model(x)
    F.cross_entropy(want, labels).backward()
    mine = (torch.from_numpy(images).float() / 255).requires_grad_()
    got = module(mine)
    F.cross_entropy(got, labels).backward()
    assert torch.allclose(got.double(), want, atol=2e-3 * float(want.abs().max()))
    error = (mine.grad - x.grad).norm() / x.grad.norm()
    assert error < 0.05, error  # of averages' and maxima's ties
    last = [m for m in model.modules() if isinstance(m, nn.Linear)][-1:]  # no normalisation is folded into it
    for m, layer in zip(last, list(module.weighted().values())[-1:]):
        assert (layer.weight.grad.reshape(m.weight.shape) - m.weight.grad).norm() < 0.02 * m.weight.grad.norm()
        assert (layer.bias.grad - m.bias.grad).norm() < 0.02 * m.bias.grad.norm()


def test_real_and_pixels():
    model, images, module = made("residual")
    with torch.no_grad():
        by_pixels, by_reals = module(torch.from_numpy(images)), module(torch.from_numpy(images).float() / 255)
        assert torch.equal(by_pixels, by_reals)
        scale = module.output_scale().flatten()
        assert torch.equal(by_pixels, (torch.from_numpy(module.logits(images)) * scale).float())
        near = model(torch.from_numpy(images).float() / 255)
        assert (by_pixels - near).abs().max() < 0.1 * near.abs().max()
    normalised = axgen.torch.convert(model, None, images, mean=[0.4, 0.5, 0.6], std=[0.2, 0.25, 0.3])
    x = (torch.from_numpy(images).float() / 255 - torch.tensor([0.4, 0.5, 0.6]).reshape(3, 1, 1)) / torch.tensor([0.2, 0.25, 0.3]).reshape(3, 1, 1)
    with torch.no_grad():
        assert (normalised(x) - model(x)).abs().max() < 0.1 * model(x).abs().max()
    same = (normalised.logits(x) == normalised.logits(images)).mean()
    assert same > 0.9  # but for pixels between two codes


def test_from_network(root):
    net = axgen.Network.load(root + "/models/resnet8-cifar10/net.yaml")
    images = pixels((3, 32, 32), 8)
    assignment = {"default": "roup8s_p1_c7", "conv1": ["exact8s", "trunc8s_k5"] * 8}
    module = axgen.torch.from_network(net, assignment)
    assert np.array_equal(module.logits(images), net.logits(images, assignment))
    assert np.array_equal(module.network().logits(images), net.logits(images))
    module.assign("trunc8s_k5")
    assert np.array_equal(module.logits(images), net.logits(images, {"default": "trunc8s_k5"}))
    with pytest.raises(KeyError, match="conv9"):
        module.assign({"conv9": "exact8s"})
    with pytest.raises(axgen.InputError):
        module.assign({"conv1": "exact4s"})
    assert np.array_equal(module.logits(images), net.logits(images, {"default": "trunc8s_k5"}))


@pytest.mark.parametrize("gradient", ["ste", "slope"])
def test_copies(gradient):
    _, images, module = made("residual", gradient=gradient)
    module.assign({"default": "roup8s_p1_c7", "stem.0": "exact8s"})
    assert module.assignment["stem_0"].name == "exact8s"
    logits = module.logits(images)
    for other in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert np.array_equal(other.logits(images), logits)
        with torch.no_grad():
            for p in other.parameters():
                p.mul_(0.5)
        assert not np.array_equal(other.logits(images), logits) and np.array_equal(module.logits(images), logits)
        other.load_state_dict(module.state_dict())
        assert np.array_equal(other.logits(images), logits)
    losses = []
    optimiser = torch.optim.Adam(module.parameters(), lr=0.01)
    labels = torch.arange(len(images)) % 5
    x = torch.from_numpy(images // 5) + (labels * 50).to(torch.uint8).reshape(-1, 1, 1, 1)  # brighter from class to class
    for _ in range(25):
        optimiser.zero_grad()
        loss = F.cross_entropy(module(x), labels)
        loss.backward()
        optimiser.step()
        losses.append(float(loss))
    assert losses[-1] < 0.8 * losses[0]


def refused(forward=None, module=None):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first = nn.Conv2d(3, 4, 3)
            self.block = nn.Sequential(nn.ReLU(), module or nn.Identity())

        def forward(self, x):
            x = self.block(self.first(x))
            return forward(x) if forward else x.mean([2, 3])

    return Model()


@pytest.mark.parametrize("model, says", [
    (refused(module=nn.GELU()), "block.1: .*GELU"),
    (refused(module=nn.ConvTranspose2d(4, 4, 2)), "block.1: .*ConvTranspose2d"),
    (refused(module=nn.Conv2d(4, 4, 2, dilation=2)), "block.1: .*dilation"),
    (refused(module=nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular")), "block.1: .*circular"),
    (refused(module=nn.BatchNorm2d(4, track_running_stats=False)), "block.1: .*statistics"),
    (refused(lambda x: x.sigmoid() * x), "sigmoid"),
    (refused(lambda x: x * x), "multiplies no activations"),
    (refused(lambda x: x / x), "divides by no activations"),
    (refused(lambda x: x.transpose(1, 2)), "transpose"),
    (refused(lambda x: x if x.sum() > 0 else -x), "trace"),
    (refused(lambda x: (x, x)), "one tensor"),
    (refused(lambda x: x + torch.arange(4.0)), "constant of shape"),  # of columns, as many as channels
    (refused(lambda x: x + torch.arange(4.0).reshape(4, 1)), "constant of shape"),
    (refused(lambda x: x.clamp(0.4, 0.1)), "limits in order"),
    (refused(lambda x: x.clamp(torch.zeros(4, 1, 1), None)), "numbers as limits"),
    (refused(lambda x: x.view(-1, 2, 4, 4)), "images apart"),
    (refused(lambda x: x.flatten()), "images apart"),
    (refused(lambda x: torch.stack([y for y in x])), "a loop over the images"),
    (refused(lambda x: x * float(x.mean())), "a number that depends on the image"),
    (refused(lambda x: x[:, :, 1:-1]), "slice"),
    (refused(lambda x: x.permute(0, 2, 3, 1).flatten(1)), "order of dimensions"),
    (refused(lambda x: nn.Conv2d(4, 4, 3)(x)), "each call makes anew"),
    (refused(lambda x: x.to(torch.int64)), "not of real numbers"),
    (refused(lambda x: x.mean(1)), "rows and columns"),
    (refused(lambda x: x / x.max()), "max: of all images together"),
    (refused(lambda x: x.min(2)[0]), "no layer for min"),
    (refused(lambda x: (lambda part: (x.relu_(), part)[1])(x[:, :2])), "in place on what a slice shares"),
    (refused(lambda x: x[:, [1, 0]]), "numbers and slices"),
    (refused(lambda x: F.threshold(x, 0.1, 0)), "expected equal ones"),
    (refused(lambda x: x.flatten(1) * torch.arange(64.0)), "only dense layers"),
    (refused(lambda x: torch.cat([x, torch.ones(2, 1, 4, 4)], 1)), "expected zeros"),
    (refused(lambda x: x.view(2, 4, 4, 4)[:, :, 0] @ torch.ones(4, 4)), "expected a list"),
    (refused(lambda x: F.batch_norm(x, torch.zeros(4), torch.ones(4), training=True)), "statistics of each batch"),
    (refused(lambda x: written(x, lambda y: y.__setitem__((slice(None), 0), 0))), "setitem: values written into a part"),
    (refused(lambda x: written(x, lambda y: y[:, :, ::2, ::2].relu_())), "relu_: .* in place on what a slice shares"),
    (refused(lambda x: (lambda part, x: (x.relu_(), part)[1])(x[:, :, ::2, ::2], x)), "in place on what a slice shares"),
    (refused(lambda x: x.zero_()), "zero_: axgen has no layer"),
    (refused(lambda x: torch.div(x, 2, rounding_mode="floor")), "rounding_mode"),
    (refused(lambda x: torch.cat([x, x], 2)), "expected one of channels"),
    (refused(module=nn.LazyConv2d(4, 3)), "block.1: its weight is not initialised"),
    (refused(module=nn.Sequential(nn.MaxPool2d(9))), r"block.1.0: with 2 images .* \(4x0x0\)"),
    (refused(module=nn.MaxPool2d(2, padding=2)), "block.1: .* at most half|block.1: .* smaller than half"),
    (refused(module=nn.Conv2d(5, 4, 3)), "block.1: .* to have 5 channels, but got 4"),
    (refused(module=nn.Conv2d(4, 4, 3, dtype=torch.complex64)), "block.1: its weight is torch.complex64"),
    (refused(module=nn.DataParallel(nn.ReLU())), "block.1: DataParallel"),
    (refused(module=torch.jit.script(nn.ReLU())), "block.1: a TorchScript module"),
    (refused(module=nn.Conv2d(4, 4, 3, device="meta")), "block.1: .* meta"),
    (refused(module=type("Branch", (nn.Module,), {"forward": lambda self, x: x if x.sum() > 0 else -x})()), "block.1: torch.fx cannot trace"),
    (refused(lambda x: x * float("nan")), "mul: .* no finite numbers"),
])
@pytest.mark.filterwarnings("ignore:Lazy modules")
def test_refused(model, says):
    with pytest.raises(axgen.torch.ConvertError, match=says):
        axgen.torch.convert(model, None, pixels((3, 6, 6)))


def written(x, write):
    """x, into which something was written."""
    write(x)
    return x


def doubled(module, inputs, output):
    return output * 2


def hooked(layer):
    layer.register_forward_hook(doubled)
    return layer


class More(nn.Module):
    """Takes more than an image, which nobody gives it."""

    def forward(self, x, *others, twice=False, by=None, **more):
        return x * 2 if twice or others or more else x + (1 if by is None else by)


# What is written in place is seen by all that read it later.
@pytest.mark.parametrize("forward", [
    lambda m, x: (lambda y: F.relu(y, inplace=True) + m.second(y))(m.first(x)),
    lambda m, x: (lambda y: F.relu_(y) + y)(m.first(x)),
    lambda m, x: (lambda y: y + m.relu(y))(m.first(x)),
    lambda m, x: (lambda y: m.second(y.clone().add_(1)) + y)(m.first(x)),
    lambda m, x: (lambda y: m.second(m.relu(y.contiguous())) + y)(m.first(x)),
    lambda m, x: torch.add(torch.tensor(1.0), m.first(x), alpha=-3),
    lambda m, x: m.values(m.first(x)),
    lambda m, x: m.hooked(m.first(x)),
    lambda m, x: (lambda y, z: operator.itruediv(y, 2) + z)(*[m.first(x)] * 2),
    lambda m, x: (lambda y, z: (y.sub_(0.1), operator.imul(y, -3))[1] + z)(*[m.first(x)] * 2),
    lambda m, x: m.weight_norm(m.pruned(m.spectral(m.first(x)))),
    lambda m, x: m.takes_more(m.first(input=x)),
    lambda m, x: torch.cat([m.pair(y).flatten(1) for y in (m.first(x), m.second(m.first(x)))], -1),
    lambda m, x: F.alpha_dropout(m.first(x), training=m.training).clamp_min(0).clamp_max_(0.5),
    lambda m, x: m.pad(m.shrink(m.first(x))),
], ids=["function", "underscore", "module", "clone", "alias", "alpha", "values", "hook", "itruediv", "imul", "computed weights",
        "more parameters", "lists", "clamps", "pad"])
@pytest.mark.filterwarnings("ignore:Named tensors")
def test_as_pytorch(forward):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second, self.values = nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3, padding=1), nn.Conv2d(4, 4, 1)
            self.hooked, self.relu, self.fc = hooked(nn.Conv2d(4, 4, 1)), nn.ReLU(inplace=True), nn.Linear(144, 5)
            self.weight_norm, self.spectral = (f(nn.Conv2d(4, 4, 1)) for f in (nn.utils.weight_norm, nn.utils.spectral_norm))
            self.pruned, self.takes_more = prune.l1_unstructured(nn.Conv2d(4, 4, 1), "weight", amount=0.3), More()
            self.pair, self.shrink, self.pad = nn.Conv2d(4, 2, 1), nn.Conv2d(4, 4, 3), nn.ConstantPad2d(1, 0.0)

        def forward(self, x):
            return self.fc(forward(self, x).flatten(1))

    model, x = Model().eval(), pixels((3, 8, 8))
    module = axgen.torch.convert(model, None, x, act_bits=12, weight_bits=12)
    want = model(torch.from_numpy(x).float() / 255)
    assert float((module(torch.from_numpy(x)) - want).abs().max() / want.abs().max()) < 0.01


def sized(m, x):
    """Asks for sizes, as models do that are written by hand."""
    assert x.dim() == x.ndim == 4 and x.shape[1] == 4, x.shape
    count, channels, *_ = x.size()
    if x.size(-1) > 4:
        x = F.avg_pool2d(x, kernel_size=(x.size(2), x.shape[3]))
    for _ in range(x.size(1)):
        x = F.relu(x)
    return x.view(count, channels)


def halves(m, x):
    maximum, _ = x.max(3)
    return m.list(maximum.amax(-1) + x.max(dim=2).values.max(2)[0])


# As people write it; each gives a list of 4 or of 256 numbers.
@pytest.mark.parametrize("forward", [
    sized, halves,
    lambda m, x: F.avg_pool2d(x, x.size()[2:]).view(x.size(0), -1),
    lambda m, x: F.max_pool2d(x, x.shape[-2:]).flatten(-3),
    lambda m, x: F.avg_pool2d(x, x.size()[3]).view(len(x), -1),
    lambda m, x: x.view(x.size(0), x.numel() // x.size(0)),
    lambda m, x: torch.reshape(x, (x.shape[0], x[0].numel())),
    lambda m, x: x.flatten(2).mean(-1),
    lambda m, x: x.view(x.size(0), x.size(1), -1).max(2)[0],
    lambda m, x: x.mean(3).mean(2),
    lambda m, x: x.mean(axis=(-1, -2)),
    lambda m, x: x.mean(2, True).mean(3, keepdim=True).squeeze(),
    lambda m, x: x.sum((2, 3)) / 64,
    lambda m, x: F.adaptive_max_pool2d(x, 1)[:, :, 0, 0],
    lambda m, x: F.adaptive_max_pool2d(x, 1, return_indices=True)[0][..., 0, 0],
    lambda m, x: m.point(x.mean([2, 3])[..., None, None]).flatten(1),
    lambda m, x: m.point(x.mean([2, 3]).unsqueeze(-1).unsqueeze(-1)).reshape(-1, 4),
    lambda m, x: m.point(x.flatten(1).view(-1, 4, 8, 8)).flatten(1),
    lambda m, x: m.back(m.list(x.mean([2, 3]))).permute(0, 2, 3, 1).flatten(1),
    lambda m, x: torch.max(x, torch.zeros(1)).clamp(max=x.size(2) / 16).flatten(1),
    lambda m, x: torch.minimum(F.threshold(x, 0, 0), torch.tensor(0.5)).flatten(1),
    lambda m, x: torch.addmm(m.list.bias, x.mean([2, 3]), m.list.weight.t()),
    lambda m, x: x.mean([2, 3]) @ m.list.weight + m.list.bias,
    lambda m, x: (x - m.point(x)).flatten(1),
    lambda m, x: x.add(m.point(x), alpha=0.5).flatten(1),
    lambda m, x: sum([x, m.point(x), x.relu()]).flatten(1),
    lambda m, x: torch.cat([torch.zeros_like(x)[:, :1], x, x.new_zeros(len(x), 1, 8, 8)], 1).relu().mean([2, 3]) @ torch.eye(6)[:, 1:5],
    lambda m, x: nn.AdaptiveAvgPool2d(1)(nn.ReLU()(x)).flatten(1),
    lambda m, x: F.avg_pool2d(x, 8, divisor_override=32).to(x.device).detach().type_as(x).data.flatten(1),
    lambda m, x: m.dilated(x).flatten(1),
    lambda m, x: m.listed(x.flatten(1)),
    lambda m, x: m.wide(m.normal(F.relu(x))).flatten(1),
    lambda m, x: m.grouped(m.normal(F.relu(x))).mean([2, 3]),
    lambda m, x: torch.cat(F.max_pool2d(m.normal(x).relu(), 2).chunk(2, dim=1)[::-1], 1).mean([2, 3]),
    lambda m, x: torch.cat([m.depthwise(x)[:, 2:], x.split([1, 3], 1)[1][:, ::2].relu()], 1).flatten(1),
    lambda m, x: torch.cat([x + m.point(x), m.point(x)], 1)[:, 2:6].flatten(1),
    lambda m, x: torch.cat([x.narrow(1, 0, 2), x.select(1, 3)[:, None], x[:, 2:3]], 1).mean([2, 3]),
    lambda m, x: (x + m.normal.weight.view(1, 4, 1, 1).expand_as(x)).flatten(1) if isinstance(x, Tensor) and torch.is_tensor(x) else x * 0,
    lambda m, x: m.list(x.mean([2, 3])[:, None]).squeeze(1),
    lambda m, x: F.max_pool2d(x, 8, return_indices=True)[0].flatten(1) * m.scale.item() if m.scale > 0 else x.flatten(1),
])
@pytest.mark.filterwarnings("ignore:.*(cannot be folded|can leave channels out)")
def test_as_written(forward):
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.point, self.dilated = nn.Conv2d(3, 4, 3, padding=1), nn.Conv2d(4, 4, 1), nn.Conv2d(4, 4, 1, dilation=2)
            self.list, self.listed, self.normal = nn.Linear(4, 4), nn.BatchNorm1d(256), nn.BatchNorm2d(4)
            self.depthwise = nn.Conv2d(4, 4, 3, padding=1, groups=4)
            self.wide, self.grouped = nn.Conv2d(4, 4, 8), nn.Conv2d(4, 4, 3, groups=2)
            self.back, self.scale = nn.Unflatten(1, (4, 1, 1)), nn.Parameter(torch.tensor(0.5))
            self.few, self.many = nn.Linear(4, 5), nn.Linear(256, 5)

        def forward(self, x):
            x = forward(self, self.first(x))
            return (self.few if x.shape[1] == 4 else self.many)(x)

    model, x = settle(Model()), pixels((3, 8, 8))
    module = axgen.torch.convert(model, None, x, act_bits=12, weight_bits=12)
    want = model(torch.from_numpy(x).float() / 255)
    assert float((module(torch.from_numpy(x)) - want).abs().max() / want.abs().max()) < 0.01


def test_normalisation_after_an_activation():
    """Goes into the layers after it where it can; where it cannot, somebody is told."""
    def model(padding):
        return settle(nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.BatchNorm2d(4), nn.Conv2d(4, 6, 3, padding=padding, groups=2), nn.Flatten()))

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert list(axgen.torch.convert(model(0), None, pixels((3, 8, 8))).weighted()) == ["conv_0", "conv_3"]
    with pytest.warns(UserWarning, match="2: it cannot be folded"):
        assert list(axgen.torch.convert(model(1), None, pixels((3, 8, 8))).weighted()) == ["conv_0", "conv_2", "conv_3"]


class Squeezed(nn.Module):
    def forward(self, x):
        return x.squeeze(1)


@pytest.mark.parametrize("ending, shape", [(Squeezed(), ()), (nn.Identity(), (1,)), (nn.Unflatten(1, (1, 1)), (1, 1))])
def test_output_shape(ending, shape):
    """A loss sees what it saw."""
    x = pixels((3, 2, 2), 5)
    module = axgen.torch.convert(nn.Sequential(nn.Flatten(), nn.Linear(12, 1), ending), None, x)
    for count in (5, 1, 0):
        assert module(torch.from_numpy(x[:count])).shape == (count, *shape)
    maps = axgen.torch.convert(nn.Conv2d(3, 4, 2, padding=1), None, x)
    assert maps(torch.from_numpy(x)).shape == (5, 4, 3, 3) and maps.logits(x).shape == (5, 36)


@pytest.mark.parametrize("before", [
    lambda m, x: F.max_pool2d(m.first(x), 2), lambda m, x: F.pad(m.first(x), (1, 1, 1, 1)), lambda m, x: torch.cat([m.first(x), m.second(x)], 1),
    lambda m, x: m.first(x)[:, :, ::2, ::2], lambda m, x: F.avg_pool2d(m.first(x), 2), lambda m, x: m.first(x) + m.second(x),
], ids=["maxpool", "pad", "concat", "slice", "avgpool", "add"])
def test_gradient_of_an_activation(before):
    """Ends at its limits, whatever layer it became a part of."""
    class Model(nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = nn.Conv2d(3, 4, 3), nn.Conv2d(3, 4, 3)

        def forward(self, x):
            return F.hardtanh(before(self, x), 0, 0.4).mean([2, 3])

    model, images = Model().double(), pixels((3, 8, 8), 4)
    module = axgen.torch.convert(model, None, images, act_bits=16, weight_bits=16, calibration="minmax", bias_correction=False)
    grads = []
    for net, x in ((model, torch.from_numpy(images).double() / 255), (module, torch.from_numpy(images).float() / 255)):
        x.requires_grad_()
        net(x).pow(2).sum().backward()
        grads.append(x.grad)
    assert (grads[1] - grads[0]).norm() < 0.05 * grads[0].norm()


def test_layers_for_quantised_training():
    """Have their batch normalisation and rounding inside."""
    from torch.nn import intrinsic, qat
    qconfig = torch.quantization.get_default_qat_qconfig("fbgemm")
    model = settle(nn.Sequential(intrinsic.qat.ConvBnReLU2d(3, 4, 3, qconfig=qconfig), qat.Conv2d(4, 4, 1, qconfig=qconfig), nn.Flatten(),
                                 qat.Linear(64, 3, qconfig=qconfig)))
    x = pixels((3, 6, 6))
    model.train()(torch.from_numpy(x).float() / 255)  # scales
    want = model.eval()(torch.from_numpy(x).float() / 255)
    module = axgen.torch.convert(model, None, x, act_bits=12, weight_bits=12)
    assert float((module(torch.from_numpy(x)) - want).abs().max() / want.abs().max()) < 0.02


def test_halves():
    """Parts of a layer's channels are layers with fewer filters, whose name is the model's."""
    class Halves(nn.Module):
        def __init__(self, first):
            super().__init__()
            self.first, self.second = first, nn.Conv2d(2, 2, 1)

        def forward(self, x):
            x, y = self.first(x).relu().chunk(2, 1)
            return torch.cat([x, self.second(y)], 1)

    module = axgen.torch.convert(Halves(nn.Conv2d(3, 4, 3)), {"first": "trunc8s_k5"}, pixels((3, 5, 5)))
    assert sorted(tuple(layer.weight.shape) for layer in module.weighted().values()) == [(2, 2, 1, 1), (2, 3, 3, 3), (2, 3, 3, 3)]
    assert list(module.assignment) == ["first", "first_2"]
    with pytest.warns(UserWarning, match="no layer before it can leave channels out"):
        axgen.torch.convert(Halves(nn.Conv2d(4, 4, 3, groups=2)), None, pixels((4, 5, 5)))


def test_called_twice():
    """A submodule's name is that of all its layers, axgen's names are each one's."""
    class Twice(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv, self.fc = nn.Conv2d(3, 3, 3, padding=1), nn.Linear(48, 4)

        def forward(self, x):
            return self.fc(self.conv(F.relu(self.conv(x))).flatten(1))

    module = axgen.torch.convert(Twice(), {"conv": "roup8s_p1_c7"}, pixels((3, 4, 4)))
    assert {name: m.name for name, m in module.assignment.items()} == {"conv": "roup8s_p1_c7", "conv_2": "roup8s_p1_c7"}
    module.assign({"conv_2": "exact8s", "conv": "roup8s_p1_c7"})
    assert {name: m.name for name, m in module.assignment.items()} == {"conv": "roup8s_p1_c7", "conv_2": "exact8s"}


def test_lists():
    """Images that are lists of numbers, for models without images."""
    x = np.random.default_rng(1).integers(0, 256, (20, 6)).astype(np.uint8)
    model = nn.Sequential(nn.Linear(6, 10), nn.ReLU(), nn.Linear(10, 4, bias=False))
    module = axgen.torch.convert(model, "roup8s_p1_c7", x, mean=0.5)
    logits = module.logits(x)
    assert np.array_equal(module.logits(torch.from_numpy(x).float() / 255 - 0.5), logits)
    assert np.array_equal(module.network().logits(x[:, :, None, None], module.assignment), logits)


@pytest.mark.parametrize("kind", [torch.float64, torch.bfloat16, torch.float16])
def test_kinds_of_numbers(kind):
    model = settle(Chain())
    images = pixels((1, 10, 10))
    assert axgen.torch.convert(model.to(kind), None, images).logits(images).std() > 0


def test_odd_names(tmp_path):
    model = nn.Sequential(OrderedDict([("a/b", nn.Conv2d(3, 4, 3)), ("new\nline", nn.ReLU()), ("values", nn.Conv2d(4, 2, 1)), ("\u00e9\"", nn.Conv2d(2, 2, 1)),
                                       ("l" * 300, nn.Conv2d(2, 2, 1)), ("l" * 299, nn.Conv2d(2, 2, 1)),
                                       ("default", nn.Conv2d(2, 2, 1)), ("flat", nn.Flatten()), ("for", nn.Linear(32, 3))]))
    images = pixels((3, 6, 6))
    module = axgen.torch.convert(model, {"a/b": "roup8s_p1_c7", "\u00e9\"": "trunc8s_k5"}, images)
    module.assign({"a/b": "roup8s_p1_c7", "l" * 300: "trunc8s_k5", "default": "trunc8s_k4"})
    assert [m.name for m in module.assignment.values()] == ["roup8s_p1_c7", "trunc8s_k4", "trunc8s_k4", "trunc8s_k5"] + ["trunc8s_k4"] * 3
    saved = axgen.torch.save(module, tmp_path / "new\nline")
    assert np.array_equal(saved.logits(images, module.assignment), module.logits(images))
    assert np.array_equal(axgen.Network.load(tmp_path / "new\nline" / "net.yaml").logits(images, module.assignment), module.logits(images))


def test_refused_images():
    model = Residual()
    with pytest.raises(TypeError, match="uint8"):
        axgen.torch.convert(model, None, np.zeros((2, 3, 12, 12), np.float32))
    with pytest.raises(TypeError, match="images"):
        axgen.torch.convert(model)
    with pytest.raises(ValueError, match="mean"):
        axgen.torch.convert(model, None, pixels((3, 12, 12)), mean=[1, 2])
    module = axgen.torch.convert(settle(model), None, pixels((3, 12, 12)))
    with pytest.raises(ValueError, match="3, 12, 12"):
        module(torch.zeros(1, 3, 12, 11))
    with pytest.raises(TypeError, match="int64"):
        module(torch.zeros(1, 3, 12, 12, dtype=torch.int64))
    with pytest.raises(ValueError, match="std"):
        axgen.torch.convert(model, None, pixels((3, 12, 12)), std=0)
    with pytest.raises(ValueError, match="gradient"):
        axgen.torch.from_network(module.net, gradient="soft")


@pytest.mark.parametrize("scheme", ["s8", "u8", "u8s8"])
@pytest.mark.parametrize("name", MODELS)
def test_onnx(name, scheme, tmp_path):
    """As a model in ONNX it comes back with the same integers."""
    _, images, module = made(name, scheme=scheme)
    axgen.torch.save(module, tmp_path / "net.onnx")
    axgen.run("net", "import", tmp_path / "net.onnx", output=tmp_path / "back")
    back = axgen.Network.load(tmp_path / "back" / "net.yaml")
    assert np.array_equal(back.logits(images), module.logits(images))


@pytest.mark.parametrize("ending", [lambda x: x.view(x.size(0), -1), lambda x: x.squeeze(-1).squeeze(-1), lambda x: x.reshape(-1, 4),
                                    lambda x: x.flatten(1), lambda x: x.reshape(x.shape[0], x.shape[1])])
def test_endings(ending):
    model = refused(lambda x: F.adaptive_avg_pool2d(x, 1))

    class Whole(nn.Module):
        def __init__(self):
            super().__init__()
            self.body, self.fc = model, nn.Linear(4, 3)

        def forward(self, x):
            return self.fc(ending(self.body(x)))

    images = pixels((3, 8, 8))
    whole = Whole().eval()
    module = axgen.torch.convert(whole, None, images)
    x = torch.from_numpy(images).float() / 255
    with torch.no_grad():
        assert (module(x) - whole(x)).abs().max() < 0.1 * whole(x).abs().max()
        assert module(x[:0]).shape == (0, 3)


def test_threads():
    """Which share a module."""
    import threading

    _, images, module = made("residual")
    module.assign("roup8s_p1_c7")
    want, got = module.logits(images), {}
    threads = [threading.Thread(target=lambda i=i: got.__setitem__(i, module.logits(images[i:]))) for i in range(4)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert all(np.array_equal(got[i], want[i:]) for i in range(4))


def test_softmax_at_the_end():
    model = nn.Sequential(settle(Residual()), nn.Softmax(1))
    with pytest.warns(UserWarning, match="softmax"):
        module = axgen.torch.convert(model, None, pixels((3, 12, 12)))
    assert module(torch.from_numpy(pixels((3, 12, 12)))).min() < 0


@pytest.mark.parametrize("factor", [float("nan"), float("inf"), 1e30])
@pytest.mark.parametrize("which", ["weight", "bias"])
def test_beyond_all_scales(which, factor, tmp_path):
    """What is not the module's any more in integers is not saved as if it were."""
    _, images, module = made("chain")
    with torch.no_grad():
        getattr(module.weighted()["conv_4"], which if which == "weight" else "bias").add_(0.1).mul_(factor)
    for path in ("net", "net.onnx"):
        with pytest.raises(ValueError, match="layer conv_4: .*(beyond|no finite numbers)"):
            axgen.torch.save(module, tmp_path / path)
    assert not list(tmp_path.iterdir())


def test_filters_of_one_weight(tmp_path):
    """Which is the largest of its filter, at the end of its scale's reach: training takes it beyond at once."""
    images = pixels((1, 8, 8))
    model = nn.Sequential(nn.Conv2d(1, 3, 1), nn.ReLU(), nn.Conv2d(3, 3, 1, groups=3), nn.Flatten(), nn.Linear(192, 4))
    module = axgen.torch.convert(model, None, images)
    with torch.no_grad():
        for layer in module.weighted().values():
            layer.weight.mul_(1.2)
    saved = axgen.torch.save(module, tmp_path / "net")
    assert np.array_equal(saved.logits(images), module.logits(images))


def test_adders_are_refused(root, tmp_path):
    """Not left out: eval has them, a module has not."""
    text = open(root + "/flows/lenet5-dataflow.yaml").read().replace("../models", root + "/models")
    for name, adder in (("exact", "exact"), ("loa", "loa_k6")):
        (tmp_path / name).write_text(text.replace("clock_ns: 4", f"clock_ns: 4\n  adder: {adder}"))
    assert axgen.torch.from_config(tmp_path / "exact").net.name == "lenet5-fashion"
    with pytest.raises(axgen.InputError, match="loa: `adder`: the library computes with exact sums"):
        axgen.torch.from_config(tmp_path / "loa")


def test_errors_name_no_file_that_is_gone():
    _, images, module = made("chain")
    for call in (lambda: module.assign({"4": "exact8u"}), lambda: pickle.loads(pickle.dumps(module)).assign({"conv_4": "exact8u"}),
                 lambda: pickle.loads(pickle.dumps(module.net)).logits(images, {"conv_4": "exact8u"})):
        with pytest.raises(axgen.InputError, match="^axgen: error: `exact8u` .* `conv_4` has signed 8-bit activations and signed 8-bit weights$"):
            call()


def test_paths(tmp_path, monkeypatch):
    _, images, module = made("chain")
    monkeypatch.chdir(tmp_path)
    for path in ("text.onnx", b"bytes.onnx", tmp_path / "path.onnx"):
        axgen.torch.save(module, path)
    assert len({path.read_bytes() for path in tmp_path.iterdir()}) == 1 and len(list(tmp_path.iterdir())) == 3


def test_refused_uses():
    model, images, module = made("chain")
    x = torch.from_numpy(images)
    for call, error, says in (
        (lambda: module(images), TypeError, "found ndarray"),
        (lambda: module(x.float().to_sparse()), TypeError, "sparse"),
        (lambda: module(torch.full((1, 1, 10, 10), float("nan"))), ValueError, "NaN"),
        (lambda: module.logits(images, batch=0), ValueError, "at least 1"),
        (lambda: module.assign(["exact8s"]), TypeError, "assignment: expected"),
        (lambda: torch.jit.trace(module, x.float()), RuntimeError, "outside of PyTorch"),
        (lambda: axgen.torch.save(model, "build/never"), TypeError, "Chain"),
        (lambda: axgen.torch.convert(print, None, images), TypeError, "torch.nn.Module"),
        (lambda: axgen.torch.convert(model, "trunc10s_k4", images, act_bits=10, weight_bits=10, gradient="slope"), ValueError, "no table"),
    ):
        with pytest.raises(error, match=says):
            call()
    first = torch.autograd.grad(module(x).pow(2).sum(), list(module.parameters()), create_graph=True)
    with pytest.raises(RuntimeError, match="twice"):
        sum(g.sum() for g in first).backward()
    assert np.array_equal(module.logits(images[::-1]), module.logits(images)[::-1])
