# SPDX-License-Identifier: Apache-2.0
"""check.py WHAT ...: looks at what `axgen sensitivity` printed and wrote. Exit status 0: it holds; else the reason."""
import csv
import filecmp
import gzip
import json
import os
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import time

LAYERS = ["conv1", "conv2", "fc1", "fc2", "fc3"]
KEYS = ["E", "B", "Z"]


def zeros(path):
    """A multiplier whose every product is 0."""
    header = b"{'descr': '<i4', 'fortran_order': False, 'shape': (256, 256), }"
    header += b" " * ((54 - len(header)) % 64 - 1) + b"\n"
    with open(path, "wb") as f:
        f.write(b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + bytes(4 << 16))


def values(line):
    """By scope, corrected, layer, multiplier."""
    rows = json.load(open(line))["sensitivities"]
    table = {(v["scope"], v["corrected"], v["layer"], v["multiplier"]): v for v in rows}
    assert len(table) == len(rows)
    return table


def fields(line, folder, images):
    r, table = json.load(open(line)), values(line)
    assert r["images"] == int(images) and r["seconds"] > 0
    expected = {(s, c, l, m) for s in ("layer", "onward") for c in (False, True) for l in LAYERS for m in KEYS}
    assert set(table) == expected
    for (_, _, _, key), v in table.items():
        lo, hi = v["interval"]
        assert lo <= v["loss"] <= hi and abs(v["loss"] - (r["exact"]["top1"] - v["top1"])) < 1e-12
        assert v["correct"] == round(v["top1"] * r["images"])
        assert key != "E" or v["loss"] == 0
    for c in (False, True):  # from the last layer on: that layer
        for m in KEYS:
            a, b = table["layer", c, "fc3", m], table["onward", c, "fc3", m]
            assert a["correct"] == b["correct"] and a["cross_entropy"] == b["cross_entropy"]
    for key in ("evaluations", "remembered", "seconds"):
        del r[key]
    assert r == json.load(open(folder + "/sensitivity.json"))
    rows = list(csv.DictReader(open(folder + "/sensitivity.csv")))
    assert len(rows) == len(table)
    for row in rows:
        v = table[row["scope"], row["biases"] == "corrected", row["layer"], row["multiplier"]]
        assert int(row["correct"]) == v["correct"] and int(row["images"]) == r["images"] and row["name"] == v["name"]
        assert abs(float(row["drop"]) - v["loss"]) < 1e-6
    picture = open(folder + "/sensitivity.svg").read()
    assert picture.startswith("<svg") and all(f">{name}<" in picture for name in LAYERS)


def evaluated(axgen, config, line):
    table = values(line)
    text = open(config).read()
    for scope, layer, key in [("layer", "conv2", "B"), ("onward", "fc1", "B"), ("onward", "conv1", "B"),
                              ("layer", "fc2", "Z")]:
        first = LAYERS.index(layer)
        which = LAYERS[first:] if scope == "onward" else [layer]
        path = os.path.join(os.path.dirname(config), "eval.yaml")
        with open(path, "w") as f:
            f.write(text + "assignment: {default: E, " + ", ".join(f"{name}: {key}" for name in which) + "}\n")
        e = json.loads(subprocess.run([axgen, "eval", path, "--images", "300", "--json", "-q"], check=True,
                                      stdout=subprocess.PIPE).stdout)
        v = table[scope, False, layer, key]
        assert e["correct"] == v["correct"] and abs(e["loss"] - v["cross_entropy"]) < 1e-9, (e, v)


def constant(line, network, labels, first):
    data = open(network + "/weights.safetensors", "rb").read()
    size = struct.unpack("<Q", data[:8])[0]
    place = json.loads(data[8:8 + size])["fc3.bias"]
    begin, end = place["data_offsets"]
    bias = struct.unpack(f"<{(end - begin) // 4}i", data[8 + size + begin:8 + size + end])
    answer = bias.index(max(bias))
    there = gzip.open(labels).read()[8 + int(first):][:300]
    assert values(line)["layer", False, "fc3", "Z"]["correct"] == there.count(answer)


def explored(line, history, layer):
    """The same number of images right, whatever the order."""
    rows = list(csv.DictReader(open(history)))
    table = values(line)
    assert sorted(int(r["correct"]) for r in rows) == sorted(table["layer", True, layer, m]["correct"] for m in KEYS)


def same(first, second):
    for name in ("sensitivity.csv", "sensitivity.svg", "sensitivity.json"):
        assert filecmp.cmp(f"{first}/{name}", f"{second}/{name}", shallow=False), name
    kept = sorted(name for name in os.listdir(first) if not name.startswith("sensitivity.db"))
    assert kept == ["sensitivity.csv", "sensitivity.json", "sensitivity.svg"], kept


def remembered(line):
    r = json.load(open(line))
    assert r["remembered"] == r["evaluations"] > 0, r


def rows_in(database):
    """How many evaluations it has; of a copy, since axgen holds the file."""
    try:
        shutil.copy(database, database + ".copy")
        held = sqlite3.connect(database + ".copy")
        count = held.execute("SELECT count(*) FROM evaluations").fetchone()[0]
        held.close()
        os.remove(database + ".copy")
        return count
    except (OSError, sqlite3.Error):
        return 0


def started(command):
    """Heeds SIGINT, which a shell's background jobs and their children do not."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def stopped(run):
    """What it said after SIGINT; it does not outlive the test."""
    run.send_signal(signal.SIGINT)
    try:
        return run.communicate(timeout=60)
    finally:
        run.kill()


def interrupted(axgen, config, folder):
    """After a few evaluations."""
    command = [axgen, "sensitivity", config, "-q", "-j1", "-o", folder]
    run = started(command)
    deadline = time.time() + 60
    while time.time() < deadline and rows_in(folder + "/sensitivity.db") < 3:
        time.sleep(0.01)
    out, err = stopped(run)
    assert run.returncode == 130 and out == "", (run.returncode, out, err)
    assert all(name.startswith("sensitivity.db") for name in os.listdir(folder)), os.listdir(folder)
    again = json.loads(subprocess.run(command + ["--json"], check=True, stdout=subprocess.PIPE).stdout)
    assert 0 < again["remembered"] < again["evaluations"], again


def less(line):
    table = values(line)
    assert not any(corrected for _, corrected, _, _ in table)
    assert {layer for _, _, layer, _ in table} == {"conv2", "fc2", "fc3"}
    # conv1's multiplier is in all of them.
    lost = {v["loss"] for (_, _, _, key), v in table.items() if key == "E"}
    assert len(lost) == 1


def narrow(line, rows):
    table = values(line)
    assert all((v["loss"] is None) == (key == "E") for (_, _, _, key), v in table.items())
    assert {r["drop"] == "" for r in csv.DictReader(open(rows)) if r["multiplier"] == "E"} == {True}


if __name__ == "__main__":
    checks = (zeros, fields, evaluated, constant, explored, same, remembered, interrupted, less, narrow)
    {f.__name__: f for f in checks}[sys.argv[1]](*sys.argv[2:])
