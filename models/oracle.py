#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Compare `axgen eval --logits` with PyTorch on the dequantised network.

Weights and activations are real numbers here, scale * (code - zero), computed in double precision by PyTorch's own operators;
after each layer the result is rounded to the layer's codes. Multipliers m, shifts and integer accumulators, which axgen computes
with, are not used. Needs Debian's python3-torch and python3-yaml."""
import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
import yaml

DTYPES = dict(I8=np.int8, U8=np.uint8, I16=np.int16, U16=np.uint16, I32=np.int32, F32=np.float32, F64=np.float64)


def safetensors(path):
    data = path.read_bytes()
    size = int.from_bytes(data[:8], "little")
    tensors = yaml.safe_load(data[8:8 + size].decode())
    tensors.pop("__metadata__", None)
    return {name: np.frombuffer(data[8 + size:][slice(*t["data_offsets"])], DTYPES[t["dtype"]]).reshape(t["shape"])
            for name, t in tensors.items()}


def rounded(real, layer):
    """The real numbers of the codes next to `real`, halves up, within the layer's clamp."""
    codes = layer["codes"]
    low, high = layer["clamp"]
    code = torch.floor(real / codes["scale"] + 0.5) + codes["zero"]
    return (code.clamp(low, high) - codes["zero"]) * codes["scale"]


def run(network, weights, pixels):
    values = {}
    for layer in network["layers"]:
        name, op = layer["name"], layer["op"]
        ins = [values[i] for i in layer.get("inputs", [])]
        if op == "input":
            scale, offset = (torch.tensor(network.get(key, 0), dtype=torch.double).reshape(-1, 1, 1)
                             for key in ("input_scale", "input_offset"))
            out = pixels.double() / 255 * scale + offset
        elif op in ("conv", "dense"):
            zero = layer["weights"]["zero"]
            scale = torch.from_numpy(weights[name + ".weight_scale"].copy())
            w = torch.from_numpy(weights[name + ".weight"].astype(np.float64)) - zero
            w = w * scale.reshape(-1, *[1] * (w.dim() - 1))
            bias = torch.from_numpy(weights[name + ".bias"].astype(np.float64)) * scale * values["scale", layer["inputs"][0]]
            if op == "dense":
                out = F.linear(ins[0].flatten(1), w.reshape(len(w), -1), bias)[:, :, None, None]
            else:
                top, bottom, left, right = layer["pads"]
                out = F.conv2d(F.pad(ins[0], (left, right, top, bottom)), w.reshape(len(w), -1, *layer["kernel"]), bias,
                               layer["stride"], groups=layer["groups"])
        elif op in ("avgpool", "maxpool"):
            top, bottom, left, right = layer["pads"]
            x = F.pad(ins[0], (left, right, top, bottom), value=0 if op == "avgpool" else -np.inf)
            out = (F.avg_pool2d if op == "avgpool" else F.max_pool2d)(x, layer["kernel"], layer["stride"])
            if op == "avgpool" and not layer["count_pads"]:
                inside = F.pad(torch.ones_like(ins[0]), (left, right, top, bottom))
                out = out / F.avg_pool2d(inside, layer["kernel"], layer["stride"])
        elif op == "add":
            out = ins[0] + ins[1]
        elif op == "pad":
            top, bottom, left, right = layer["pads"]
            out = F.pad(ins[0], (left, right, top, bottom, *layer["channels"]))
        elif op == "concat":
            out = torch.cat(ins, 1)
        else:
            sys.exit(f"oracle.py: operator {op} is not known here")
        if "codes" in layer:
            values["scale", name] = layer["codes"]["scale"]
            out = rounded(out, layer)
        elif op in ("conv", "dense"):  # the logits: whole numbers of this scale
            out = torch.round(out / (scale[0] * values["scale", layer["inputs"][0]]))
        values[name] = out
    return out.flatten(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("config", type=Path, help="as for axgen eval, exact multipliers; data set in CIFAR or IDX format, unpacked")
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--axgen", default="./axgen")
    args = parser.parse_args()
    config = yaml.safe_load(args.config.read_text())
    path = args.config.parent / config["network"]
    network = yaml.safe_load(path.read_text())
    weights = safetensors(path.parent / network["weights"]["file"])
    channels, height, width = network["layers"][0]["shape"]
    raw = np.fromfile(args.config.parent / config["dataset"]["images"], np.uint8)
    size = channels * height * width
    raw = raw.reshape(-1, size + 1)[:, 1:] if config["dataset"]["format"] == "cifar" else raw[16:].reshape(-1, size)
    pixels = torch.from_numpy(raw[:args.images].reshape(-1, channels, height, width).copy())
    with torch.no_grad():
        ours = torch.cat([run(network, weights, part) for part in pixels.split(50)]).numpy()
    with tempfile.NamedTemporaryFile(suffix=".npy") as file:
        subprocess.run([args.axgen, "eval", args.config, "--images", str(len(ours)), "--logits", file.name, "-q", "-o",
                        tempfile.gettempdir()], check=True, stdout=subprocess.DEVNULL)
        theirs = np.load(file.name)
    if "codes" in network["layers"][-1]:
        codes = network["layers"][-1]["codes"]
        ours = np.round(ours / codes["scale"]) + codes["zero"]
    same = np.mean(ours == theirs)
    classes = np.mean(ours.argmax(1) == theirs.argmax(1))
    worst = np.abs(ours - theirs).max() / np.abs(theirs).max()
    print(f"{network['name']}: {len(ours)} images, {100 * same:.3f} % of the logits equal, the greatest difference {worst:.2e} of "
          f"the greatest logit, {100 * classes:.2f} % of the classes equal")
    sys.exit(0 if classes > 0.98 and worst < 0.05 else 1)


if __name__ == "__main__":
    main()
