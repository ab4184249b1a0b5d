#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Fine-tuning with approximate multipliers, from beginning to end: ResNet-8 on CIFAR-10.

    flows/finetune.py [--data data] [--output build/finetune] [--saving 0.7] [--level layer|filter|kernel] [--epochs N] [--seed N]
                      [--gradient ste|slope] [--distil SHARE]

1. axgen.explore finds which multiplier each layer, filter or kernel has; of what it finds, the assignment that saves at least SAVING
   of the multipliers' energy and loses least on the validation images is taken.
2. The network trains with these multipliers, on the first 45,000 training images, mirrored and shifted at random. It learns the labels,
   and by SHARE the answers of the exact 8-bit network (Hinton et al., arXiv 1503.02531).
3. axgen measures it on the 10,000 test images, which nothing before has seen.

Needs Debian's python3-torch, CIFAR-10 in DATA (models/README.md), and `make lib`. What was done is kept in OUTPUT: started again,
it goes on there. Same seed, same numbers.
"""

import argparse
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "python"))

import torch  # noqa: E402

import axgen  # noqa: E402
import axgen.torch  # noqa: E402

MULTIPLIERS = ["exact8s", "evo8s_mae1", "evo8s_mae4", "evo8s_mae12_energy", "evo8s_mae24", "trunc8s_k5", "evo8s_mae33_energy",
               "evo8s_mae53_energy", "evo8s_mae101_energy", "mul8s_1L2L", "trunc8s_k8", "evo8s_mae340", "mul8s_1L2N", "mul8s_1L12"]


def read_cifar(folder, files):
    """Images uint8 [N, 3, 32, 32] and labels uint8 [N] of CIFAR-10's .bin files."""
    records = np.concatenate([np.fromfile(folder / file, np.uint8).reshape(-1, 3073) for file in files])
    return records[:, 1:].reshape(-1, 3, 32, 32), records[:, 0]


def augmented(images, rng):
    """Each mirrored or not, and shifted by up to 4 pixels; what comes in is 0."""
    count = len(images)
    images = np.where(rng.random(count)[:, None, None, None] < 0.5, images[..., ::-1], images)
    wide = np.pad(images, ((0, 0), (0, 0), (4, 4), (4, 4)))
    windows = np.lib.stride_tricks.sliding_window_view(wide, (32, 32), (2, 3))
    y, x = rng.integers(0, 9, (2, count))
    return np.ascontiguousarray(windows[np.arange(count), :, y, x])


def find(net, data, output, args):
    """The config of the assignment that saves so much and loses least on validation images."""
    validation, calibration, test = data
    found = axgen.explore(net, MULTIPLIERS, validation, calibration=calibration, test=test, output=output, level=args.level,
                          max_loss=args.max_loss, max_evaluations=args.evaluations)
    enough = [point for point in found["points"] if point["saving"] >= args.saving]
    if not enough:
        sys.exit(f"axgen.explore found nothing that saves {args.saving:.0%}: expected a larger --max-loss or --evaluations")
    return min(enough, key=lambda point: point["validation"]["loss"])


def described(value):
    """A layer's multipliers: its one, or how many filters or kernels have each."""
    if isinstance(value, axgen.Multiplier):
        return value.name
    names, counts = np.unique([m.name for m in value.flat], return_counts=True)
    return ", ".join(f"{count} {name}" for name, count in zip(names, counts))


def loss_of(answers, labels, taught, args):
    """Cross entropy, and by args.distil the divergence from what the teacher answers, both at args.temperature."""
    loss = torch.nn.functional.cross_entropy(answers, labels)
    if taught is None:
        return loss
    t = args.temperature
    divergence = torch.nn.functional.kl_div(torch.log_softmax(answers / t, 1), torch.softmax(taught / t, 1), reduction="batchmean")
    return (1 - args.distil) * loss + args.distil * t * t * divergence


def train(module, teacher, images, labels, args, checkpoint):
    """Adam with a learning rate that falls to 0. A checkpoint an epoch, from which it goes on."""
    optimiser = torch.optim.Adam(module.parameters(), lr=args.rate)
    steps = len(images) // args.batch
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps * args.epochs)
    first = 0
    if checkpoint.exists():
        state = torch.load(checkpoint)
        first = state["epochs"]
        module.load_state_dict(state["module"])
        optimiser.load_state_dict(state["optimiser"])
        schedule.load_state_dict(state["schedule"])
    for epoch in range(first, args.epochs):
        rng, started, total = np.random.default_rng((args.seed, epoch)), time.time(), 0.0
        order = rng.permutation(len(images))[: steps * args.batch].reshape(steps, -1)
        for batch in order:
            x, y = torch.from_numpy(augmented(images[batch], rng)), torch.from_numpy(labels[batch].astype(np.int64))
            with torch.no_grad():
                taught = teacher(x) if teacher else None
            loss = loss_of(module(x), y, taught, args)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += float(loss)
        print(f"epoch {epoch + 1} of {args.epochs}: training loss {total / steps:.4f}, {time.time() - started:.0f} s", flush=True)
        torch.save({"epochs": epoch + 1, "module": module.state_dict(), "optimiser": optimiser.state_dict(),
                    "schedule": schedule.state_dict()}, str(checkpoint) + ".new")
        os.replace(str(checkpoint) + ".new", checkpoint)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=Path, default=ROOT / "data")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "finetune")
    parser.add_argument("--network", type=Path, default=ROOT / "models" / "resnet8-cifar10" / "net.yaml")
    parser.add_argument("--saving", type=float, default=0.7)
    parser.add_argument("--validation", type=int, default=5000, help="images that the search measures on")
    parser.add_argument("--level", choices=("layer", "filter", "kernel"), default="kernel")
    parser.add_argument("--max-loss", type=float, default=0.025, help="before training: where the search looks most closely")
    parser.add_argument("--evaluations", type=int, default=32)
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--rate", type=float, default=5e-4)
    parser.add_argument("--images", type=int, default=45000, help="training images")
    parser.add_argument("--gradient", choices=("ste", "slope"), default="ste")
    parser.add_argument("--distil", type=float, default=0.9, help="share of the exact network's answers in what is learnt; 0: labels alone")
    parser.add_argument("--temperature", type=float, default=3)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    torch.manual_seed(args.seed)
    torch.use_deterministic_algorithms(True)

    cifar = args.data / "cifar-10-batches-bin"
    images, labels = read_cifar(cifar, [f"data_batch_{i}.bin" for i in range(1, 6)])
    test = read_cifar(cifar, ["test_batch.bin"])
    net = axgen.Network.load(args.network)
    last = len(images) - len(images) // 10  # what comes behind is not trained on
    chosen = slice(last, last + args.validation)
    validation, calibration = (images[chosen], labels[chosen]), (images[:1000], labels[:1000])
    best = find(net, (validation, calibration, test), args.output / "search", args)
    module = axgen.torch.from_config(best["config"], gradient=args.gradient)
    print(f"found: {best['saving']:.1%} of the multipliers' energy saved")
    for name, value in module.assignment.items():
        print(f"  {name:14} {described(value)}")

    before = axgen.eval_config(best["config"])["top1"]
    teacher = axgen.torch.from_network(args.network).eval() if args.distil else None
    count = min(args.images, last)
    train(module, teacher, images[:count], labels[:count], args, args.output / "checkpoint.pt")
    tuned = axgen.torch.save(module, args.output / "network")
    exact = net.evaluate(*test).top1
    after = tuned.evaluate(*test, module.assignment).top1
    print(f"top-1 on {len(test[1])} test images, by axgen: exact {exact:.2%}, found {before:.2%}, fine-tuned {after:.2%}")
    print(f"change: {100 * (after - exact):+.2f} points at {best['saving']:.1%} saved")
    result = {"saving": best["saving"], "exact": exact, "found": before, "fine_tuned": after, "epochs": args.epochs,
              "gradient": args.gradient, "distil": args.distil, "rate": args.rate, "seed": args.seed,
              "assignment": {name: described(value) for name, value in module.assignment.items()}}
    (args.output / "result.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
