#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Train one of the project's networks and export it as NAME/float.onnx and NAME/float.json.

A checkpoint is written after every epoch; started again, the training goes on from it and gives the same result
as if it had never stopped. Needs Debian's python3-torch and python3-onnx."""
import argparse
import json
import os
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

import onnx
import torch
import torch.nn.functional as F

import datasets
import networks

HERE = Path(__file__).resolve().parent


@dataclass
class Recipe:
    build: callable
    data: str
    epochs: int
    rate: float  # the peak of the one-cycle schedule
    shift: int  # augmentation: largest shift in pixels,
    flip: bool = True  # mirroring,
    gain: float = 0.0  # and largest relative change of brightness
    batch: int = 128
    decay: float = 5e-4
    smoothing: float = 0.0
    cutout: int = 0  # side of a grey square in every image
    then: dict = field(default_factory=dict)  # what changes in a second cycle, if there is one

    def cycles(self):
        return [self, replace(self, **self.then)] if self.then else [self]


RECIPES = {
    "lenet5-fashion": Recipe(networks.lenet5, "fashion-mnist", 30, 0.05, shift=1),
    "lenet5-mnist": Recipe(networks.lenet5, "mnist", 15, 0.05, shift=2, flip=False),
    "resnet8-cifar10": Recipe(networks.resnet8, "cifar10", 40, 0.2, shift=2, decay=2e-4),
    "resnet20-cifar10": Recipe(networks.resnet20, "cifar10", 30, 0.2, shift=3),
    "vgg11-cifar10": Recipe(networks.vgg11, "cifar10", 16, 0.05, shift=3,
                            then=dict(epochs=20, smoothing=0.1, cutout=10)),
    "mobilenetv2-cifar10": Recipe(networks.mobilenetv2, "cifar10", 20, 0.1, shift=3, then=dict(epochs=24, decay=2e-4)),
    "efficientnetlite-gtsrb": Recipe(networks.efficientnetlite0, "gtsrb", 15, 0.05, shift=3, flip=False, gain=0.3,
                                     batch=64, then=dict(epochs=10, rate=0.03, shift=4, gain=0.5, smoothing=0.1,
                                                         cutout=10)),
    "resnet18-cifar10": Recipe(networks.resnet18, "cifar10", 16, 0.1, shift=3, smoothing=0.1, cutout=8,
                               then=dict(epochs=16, cutout=10)),
}


def augment(x, recipe):
    """Shift, mirror and brighten every image on its own."""
    n, c, h, w = x.shape
    rows = torch.arange(h) + torch.randint(2 * recipe.shift + 1, (n, 1))
    cols = torch.arange(w) + torch.randint(2 * recipe.shift + 1, (n, 1))
    if recipe.flip:
        cols = torch.where(torch.rand(n, 1) < 0.5, cols.flip(1), cols)
    x = F.pad(x, [recipe.shift] * 4)
    x = x[torch.arange(n)[:, None, None, None], torch.arange(c)[:, None, None], rows[:, None, :, None],
          cols[:, None, None, :]]
    if recipe.cutout:
        near = [(torch.arange(size) - torch.randint(size, (n, 1))).abs() * 2 < recipe.cutout for size in (h, w)]
        x = torch.where((near[0][:, :, None] & near[1][:, None, :])[:, None], torch.tensor(128, dtype=x.dtype), x)
    if recipe.gain:
        x = x * (1 + recipe.gain * (2 * torch.rand(n, 1, 1, 1) - 1))
    return x.clamp(0, 255).div(255)


def forward(net, x, bf16=False):
    """The logits in float32; with bf16 the layers compute in bfloat16, on weights kept in float32."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        return net(x.contiguous(memory_format=torch.channels_last)).float()


def correct(net, part, bf16=False):
    """How many images of a part the network gets right."""
    net.eval()
    with torch.no_grad():
        return sum((forward(net, x / 255, bf16).argmax(1) == y).sum().item()
                   for x, y in zip(part[0].split(500), part[1].split(500)))


def save(path, write):
    """A file that is either complete or absent: write(temporary path), then rename."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    write(str(temporary))
    os.replace(temporary, path)


def train(net, recipe, cycle, seed, bf16, parts, checkpoint):
    """One cycle of the rate, from its last checkpoint on."""
    (images, labels), validation, _ = parts
    batches = len(images) // recipe.batch
    optimiser = torch.optim.SGD(net.parameters(), recipe.rate, momentum=0.9, weight_decay=recipe.decay, nesterov=True)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.rate, total_steps=recipe.epochs * batches + 1,
                                                   pct_start=0.25)
    state = dict(net=net, optimiser=optimiser, schedule=schedule)
    first = 0
    saved = torch.load(checkpoint) if checkpoint.exists() else dict(cycle=-1)
    if saved.get("cycle", 0) > cycle:
        return
    if saved.get("cycle", 0) == cycle:
        if (saved["epochs"], saved["seed"]) != (recipe.epochs, seed):
            raise SystemExit(f"{checkpoint}: from a run with other epochs or another seed; remove it to start afresh")
        first = saved["epoch"]
        for key, value in state.items():
            value.load_state_dict(saved[key])
    for epoch in range(first, recipe.epochs):
        torch.manual_seed(1000 * seed + 500 * cycle + epoch)  # all randomness of an epoch follows from its number
        start, total = time.time(), 0.0
        net.train()
        for chosen in torch.randperm(len(images))[:batches * recipe.batch].split(recipe.batch):
            logits = forward(net, augment(images[chosen], recipe), bf16)
            loss = F.cross_entropy(logits, labels[chosen], label_smoothing=recipe.smoothing)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        right = 100 * correct(net, validation, bf16) / len(validation[0])
        save(checkpoint, lambda path: torch.save(
            dict(cycle=cycle, epoch=epoch + 1, epochs=recipe.epochs, seed=seed,
                 **{k: v.state_dict() for k, v in state.items()}), path))
        print(f"cycle {cycle + 1} epoch {epoch + 1}/{recipe.epochs}  loss {total / batches:.4f}  validation {right:.2f} %  "
              f"{time.time() - start:.1f} s", flush=True)


def export(net, example, path):
    """Write the ONNX file: batch normalisation folded, nodes named after their layers."""
    net.eval()
    for layer in net.modules():
        if isinstance(layer, networks.Conv):
            layer.fuse()

    def write(target):
        torch.onnx.export(net, example, target, opset_version=13, input_names=["input"], output_names=["logits"],
                          dynamic_axes={"input": {0: "batch"}, "logits": {0: "batch"}})
        model = onnx.load(target)
        for node in model.graph.node:
            node.name = node.name.strip("/").replace("/", ".")
            for op in (".Conv", ".Gemm"):
                node.name = node.name[:-len(op)] if node.name.endswith(op) else node.name
        onnx.checker.check_model(model, full_check=True)
        onnx.save(model, target)
    save(path, write)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("name", choices=RECIPES, metavar="NAME", help=", ".join(RECIPES))
    parser.add_argument("--data", required=True, metavar="DIR", help="the data sets' folder (see README.md)")
    parser.add_argument("--epochs", type=int, metavar="N", help="instead of the recipe's")
    parser.add_argument("--checkpoint-dir", type=Path, metavar="DIR", help="default: DATA/train")
    parser.add_argument("--output", type=Path, metavar="DIR", default=HERE, help="NAME/ goes here; default: models/")
    parser.add_argument("--seed", type=int, default=1, metavar="N")
    parser.add_argument("--threads", type=int, default=os.cpu_count(), metavar="N", help="default: one a core")
    parser.add_argument("--bf16", action="store_true", help="train in bfloat16: faster where the processor has AMX")
    args = parser.parse_args()

    recipe = RECIPES[args.name]
    if args.epochs:
        recipe = replace(recipe, epochs=args.epochs, then={})
    folder = args.output / args.name
    epochs = sum(each.epochs for each in recipe.cycles())
    done = folder / "float.json"
    if done.exists() and json.loads(done.read_text())["epochs"] >= epochs:
        print(f"{args.name}: trained already", flush=True)
        return
    torch.set_num_threads(args.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(args.seed)
    net = recipe.build().to(memory_format=torch.channels_last)
    parts = datasets.load(recipe.data, args.data)
    for cycle, each in enumerate(recipe.cycles()):
        train(net, each, cycle, args.seed, args.bf16, parts,
              (args.checkpoint_dir or Path(args.data) / "train") / f"{args.name}.pt")

    _, validation, test = parts
    export(net, test[0][:1] / 255, folder / "float.onnx")
    right = correct(net, test)
    facts = dict(network=args.name, dataset=recipe.data, input="pixel / 255", test_images=len(test[0]),
                 test_correct=right, test_accuracy=round(right / len(test[0]), 6),
                 validation_accuracy=round(correct(net, validation) / len(validation[0]), 6),
                 parameters=sum(p.numel() for p in net.parameters()),
                 epochs=epochs, seed=args.seed,
                 bf16=args.bf16, torch=torch.__version__)
    save(folder / "float.json", lambda path: Path(path).write_text(json.dumps(facts, indent=2) + "\n"))
    print(f"{args.name}: test accuracy {100 * facts['test_accuracy']:.2f} %", flush=True)


if __name__ == "__main__":
    main()
