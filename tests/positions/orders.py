# SPDX-License-Identifier: Apache-2.0
"""orders.py write FOLDER SEED: gives most layers of the random network in FOLDER, with its foldings, multipliers by (PE, lane) in random
files and random orders of filters and channels, some as a list and some in a file.
orders.py check FOLDER: whether the accelerator that was built is that: its manifest has these positions and orders."""
import json
import random
import re
import sys

folder = sys.argv[2]
NAMES = "ABC"


def npy(name, shape, values):
    head = "{'descr': '|u1', 'fortran_order': False, 'shape': (%s,), }" % ", ".join(map(str, shape))
    head += " " * (-(11 + len(head)) % 64) + "\n"
    with open(folder + "/" + name, "wb") as file:
        file.write(b"\x93NUMPY\1\0" + bytes([len(head) % 256, len(head) // 256]) + head.encode() + bytes(values))


def layers():
    """Of net.yaml: name -> its keys as texts."""
    out = {}
    for part in open(folder + "/net.yaml").read().split("\n- ")[1:]:
        keys = dict(line.strip().split(": ", 1) for line in part.split("\n") if ": " in line)
        out[keys["name"]] = keys
    return out


def numbers(text):
    return [int(v) for v in re.findall(r"-?\d+", text)]


def random_order(name, key, count):
    """The order, and what the configuration says: nothing, a list or a file."""
    if random.random() < 0.25:
        return None, ""
    order = random.sample(range(count), count)
    if random.random() < 0.5:
        return order, ", %s: %s" % (key, order)
    npy("%s_%s.npy" % (name, key), [count], order)
    return order, ", %s: %s_%s.npy" % (key, name, key)


def write():
    random.seed(int(sys.argv[3]))
    net, text = layers(), open(folder + "/config.yaml").read()
    wanted, lines = {}, ["  default: A"]
    for name, pe, simd in re.findall(r"^    (\w+): \{pe: (\d+), simd: (\d+)", text, re.M):
        layer, pe, simd = net[name], int(pe), int(simd)
        if layer.get("groups", "1") != "1" or random.random() < 0.1:
            continue
        filters, channels = numbers(layer["shape"])[0], numbers(net[layer["inputs"][1:-1]]["shape"])[0]
        of_filters, first = random_order(name, "filters", filters)
        of_channels, second = random_order(name, "channels", channels)
        rows = [[random.randrange(len(NAMES)) for lane in range(simd)] for p in range(pe)]
        npy(name + "_at.npy", [pe, simd], sum(rows, []))
        lines.append("  %s: {positions: {file: %s_at.npy, multipliers: [A, B, C]%s%s}}" % (name, name, first, second))
        wanted[name] = {"rows": rows, "filters": of_filters, "channels": of_channels}
    text = re.sub(r"^assignment:\n(  .*\n)+", "assignment:\n%s\n" % "\n".join(lines), text, flags=re.M)
    open(folder + "/config.yaml", "w").write(text)
    json.dump(wanted, open(folder + "/wanted.json", "w"))


def check():
    wanted, manifest = json.load(open(folder + "/wanted.json")), json.load(open(folder + "/out/rtl/manifest.json"))
    key = dict(re.findall(r"^  ([ABC]): (\S+)$", open(folder + "/config.yaml").read(), re.M))
    sent = {layer["layer"]: layer.get("channel_order") for layer in manifest["layers"]}
    met = 0
    for layer in manifest["layers"]:
        want = wanted.get(layer["layer"])
        if not want:
            continue
        list_ = [m["name"] for m in layer["multipliers"]]
        rows = [[list_[i] for i in row] for row in layer.get("positions", [])]
        for run in [] if rows else layer["multipliers"]:
            rows += [[run["name"]] * layer["simd"]] * run["pes"]
        # PEs and lanes for which no order is given may be exchanged
        if (want["filters"] or layer["pe"] == 1) and (want["channels"] or layer["simd"] == 1):
            assert rows == [[key[NAMES[i]] for i in row] for row in want["rows"]], layer["layer"]
        if want["filters"]:
            assert (layer.get("channel_order") or sorted(want["filters"])) == want["filters"], layer["layer"]
            met += 1
        if want["channels"]:
            came = layer["inputs"][0]
            order = came.get("permuted_to") or sent.get(came["layer"]) or sorted(want["channels"])
            assert order == want["channels"], layer["layer"]
            met += 1
    assert met


{"write": write, "check": check}[sys.argv[1]]()
