# SPDX-License-Identifier: Apache-2.0
"""check.py WHAT ...: looks at what `axgen explore` printed and wrote. Exit status 0: it holds; else the reason."""
import filecmp
import hashlib
import json
import math
import os
import re
import signal
import subprocess
import sys
import time

LAYERS = ["conv1", "conv2", "fc1", "fc2", "fc3"]


def names_of(config):
    """The multipliers that a point's config names, and its assignment's lines."""
    text = open(config).read()
    block = text.split("multipliers:\n")[1].split("assignment:\n")
    names = re.findall(r"^  (.*?): ", block[0], re.M)
    lines = dict(re.findall(r"^  (\w+): (.*)$", block[1].split("\ntarget:")[0], re.M))
    return names, lines


def counts(c, interval):
    assert c["images"] > 0 and 0 <= c["top1"] <= 1 and -1 <= c["loss"] <= 1
    if interval:
        lo, hi = c["interval"]
        assert lo <= c["loss"] <= hi
    return c


def front(line, folder, most, figure="energy"):
    r = json.load(open(line))
    assert 0 < r["evaluations"] <= int(most), r["evaluations"]
    assert 0 <= r["hypervolume"] <= 1 and r["seconds"] > 0
    kept = json.load(open(folder + "/explore.json"))
    listed = {f["name"]: f["sha256"] for f in r["files"]}
    there = {os.path.relpath(os.path.join(at, name), folder) for at, _, names in os.walk(folder) for name in names}
    assert set(listed) == {name for name in there if not name.startswith("explore.db")}, (listed, there)
    for name, digest in listed.items():
        assert hashlib.sha256(open(os.path.join(folder, name), "rb").read()).hexdigest() == digest, name
    assert ("evaluations_to_boundary" in r) == (r["method"] == "hawx")
    assert r.get("evaluations_to_boundary", 1) in range(1, min(5, r["evaluations"]) + 1), r
    del r["seconds"], r["remembered"], r["files"]
    assert kept == r
    assert r["points"]
    before = None
    for i, p in enumerate(r["points"]):
        assert p["config"] == f"{folder}/points/{i + 1:02d}/config.yaml" and os.path.exists(p["config"])
        assert 0 < p[figure] < 1 and math.isclose(p["saving"], 1 - p[figure])
        v, t = counts(p["validation"], False), counts(p["test"], True)
        assert v["images"] == 300 and t["images"] == 200
        assert math.isclose(v["loss"], r["exact"]["top1"] - v["top1"], abs_tol=1e-12)
        assert p["meets"] == (t["loss"] <= r["max_loss"])
        if before:  # dear to cheap, and each cheaper one loses more
            assert p[figure] < before[figure] and v["loss"] > before["validation"]["loss"]
        before = p
        names, lines = names_of(p["config"])
        assert sorted(lines) == LAYERS, lines
        assert lines["fc3"].strip('"') == "E" and lines["conv1"].strip('"') == "A", lines
        for name in ["net.yaml", "weights.safetensors"]:
            assert os.path.exists(os.path.join(os.path.dirname(p["config"]), name))
    points = sorted(os.listdir(folder + "/points"))
    assert points == [f"{i + 1:02d}" for i in range(len(r["points"]))], points
    rows = open(folder + "/front.csv").read().splitlines()
    assert len(rows) == 1 + len(r["points"]) and len({row.count(",") for row in rows}) == 1
    assert len(open(folder + "/history.csv").read().splitlines()) == 1 + r["evaluations"]
    assert open(folder + "/front.svg").read().startswith("<svg")


def point(line, number, evaluated):
    """What eval counts is what explore reported of the test images."""
    p = json.load(open(line))["points"][int(number) - 1]
    e = json.load(open(evaluated))
    assert e["images"] == p["test"]["images"] and e["top1"] == p["test"]["top1"], (e, p["test"])


def names_in(folder):
    """Without the database, and the journal that a killed SQLite leaves beside it."""
    return sorted(name for name in os.listdir(folder) if not name.startswith("explore.db"))


def same(first, *others):
    """The folders hold the same, but for the database and where they are."""
    for other in others:
        for folder, _, files in os.walk(first):
            there = other + folder[len(first):]
            assert names_in(there) == names_in(folder), (there, names_in(there))
            for name in files:
                a, b = os.path.join(folder, name), os.path.join(there, name)
                if name == "explore.json":
                    assert open(a).read().replace(first, "") == open(b).read().replace(other, ""), b
                elif not name.startswith("explore.db"):
                    assert filecmp.cmp(a, b, shallow=False), b


def remembered(line, kept):
    r, k = json.load(open(line)), json.load(open(kept))
    assert r["remembered"] == r["evaluations"] == k["evaluations"] > 0, r


def started(command):
    """Heeds SIGINT, which a shell's background jobs and their children do not."""
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True,
                            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))


def stopped(run):
    """What it said after SIGINT; it does not outlive the test."""
    run.send_signal(signal.SIGINT)
    try:
        return run.communicate(timeout=60)
    finally:
        run.kill()


def interrupted(axgen, config, folder):
    """Stopped after some evaluations, before its end; then a second run goes on from there."""
    command = [axgen, "explore", config, "--level", "weight", "--method", "random", "--max-evaluations", "100000",
               "--json", "-q", "-o", folder]
    run = started(command)
    database = folder + "/explore.db"
    deadline = time.time() + 60
    while time.time() < deadline and not (os.path.exists(database) and os.path.getsize(database) > 20000):
        time.sleep(0.02)
    out, _ = stopped(run)
    assert run.returncode == 130, run.returncode
    r = json.loads(out)
    assert r["evaluations"] > 0 and r["points"] and all(p["test"] is None for p in r["points"])
    for p in r["points"][-2:]:
        evaluated = json.loads(subprocess.run([axgen, "eval", p["config"], "--json", "-q"], check=True,
                                              stdout=subprocess.PIPE).stdout)
        assert evaluated["images"] == 200
    command[command.index("100000")] = str(r["evaluations"])
    again = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert again["remembered"] == again["evaluations"] == r["evaluations"], again
    assert [p["validation"] for p in again["points"]] == [p["validation"] for p in r["points"]]


def multipliers(folder, most):
    points = sorted(os.listdir(folder + "/points"))
    assert points
    for p in points:
        names, _ = names_of(f"{folder}/points/{p}/config.yaml")
        assert len(names) <= int(most), names


def narrow(folder, to):
    """The network of a folder, fc1's weights in 4 bits."""
    os.mkdir(to)
    raw = bytearray(open(folder + "/weights.safetensors", "rb").read())
    size = int.from_bytes(raw[:8], "little")
    first, last = json.loads(raw[8:8 + size])["fc1.weight"]["data_offsets"]
    for i in range(8 + size + first, 8 + size + last):
        raw[i] = ((raw[i] ^ 128) - 128 >> 4) & 255
    open(to + "/weights.safetensors", "wb").write(raw)
    text = re.sub(", sha256: \\w+", "", open(folder + "/net.yaml").read())
    before, after = text.split("- name: fc1\n")
    after = after.replace("weights: {bits: 8", "weights: {bits: 4", 1)
    after = re.sub("shift: (\\d+)", lambda m: f"shift: {int(m[1]) - 4}", after, count=1)
    open(to + "/net.yaml", "w").write(before + "- name: fc1\n" + after)


def unscaled(folder, to):
    """The network of a folder, without the scale of fc3's weights: nobody knows what its answers are in real numbers."""
    os.mkdir(to)
    raw = open(folder + "/weights.safetensors", "rb").read()
    size = int.from_bytes(raw[:8], "little")
    header, data = json.loads(raw[8:8 + size]), b""
    del header["fc3.weight_scale"]
    for entry in header.values():
        if "data_offsets" in entry:
            first, last = entry["data_offsets"]
            entry["data_offsets"] = [len(data), len(data) + last - first]
            data += raw[8 + size + first:8 + size + last]
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    open(to + "/weights.safetensors", "wb").write(len(text).to_bytes(8, "little") + text + data)
    open(to + "/net.yaml", "w").write(re.sub(", sha256: \\w+", "", open(folder + "/net.yaml").read()))


def volume(line, least):
    """What is dominated is at least so much."""
    r = json.load(open(line))
    assert r["hypervolume"] >= float(least), r["hypervolume"]


def few(line, more):
    """Its cheapest point is as cheap, and it holds most of the same hypervolume."""
    a, b = json.load(open(line)), json.load(open(more))
    assert a["evaluations"] == 6 < b["evaluations"]
    assert a["hypervolume"] > 0.95 * b["hypervolume"], (a["hypervolume"], b["hypervolume"])
    assert a["points"][-1]["energy"] < b["points"][-1]["energy"] + 0.01


def costs(line, number, energy):
    """How many points there are, and what the cheapest costs."""
    r = json.load(open(line))
    assert len(r["points"]) == int(number), len(r["points"])
    assert math.isclose(r["points"][-1]["energy"], float(energy), abs_tol=1e-9), r["points"][-1]["energy"]


def level_alike(first, second):
    """Two levels found the same, in everything but the level's name."""
    a, b = (json.load(open(folder + "/explore.json")) for folder in (first, second))
    assert a.pop("level") != b.pop("level")
    text = [json.dumps(r).replace(folder, "") for r, folder in ((a, first), (b, second))]
    assert text[0] == text[1], text
    assert filecmp.cmp(first + "/history.csv", second + "/history.csv", shallow=False)


def dominated(points, corner):
    """The volume up to the corner that points dominate: slice by slice of the first coordinate."""
    points = sorted(p for p in points if all(x < c for x, c in zip(p, corner)))
    if not points or len(corner) == 1:
        return corner[0] - points[0][0] if points else 0
    ends = [p[0] for p in points[1:]] + [corner[0]]
    return sum((end - p[0]) * dominated([q[1:] for q in points[:i + 1]], corner[1:])
               for i, (p, end) in enumerate(zip(points, ends)) if end > p[0])


def two(line, folder, most, first, second):
    """Two figures: the front is what nothing that was run to its end beats, in all three; all files tell both."""
    r = json.load(open(line))
    assert r["objective"] == f"{first},{second}" and 0 < r["evaluations"] <= int(most), r
    rows = [row.split(",") for row in open(folder + "/history.csv").read().splitlines()]
    assert rows[0] == ["evaluation", first, second, "images", "correct", "drop", "cross_entropy"] and len(rows) == 1 + r["evaluations"]
    tried = [(float(row[1]), float(row[2]), float(row[5])) for row in rows[1:] if int(row[3]) == r["exact"]["images"]] + [(1, 1, 0)]
    is_ = [(p[first], p[second], p["validation"]["loss"]) for p in r["points"]]
    near = 2e-6  # the digits of history.csv
    for p in is_:
        assert any(all(abs(a - b) < near for a, b in zip(p, t)) for t in tried), p
        assert not any(all(a < b + near for a, b in zip(t, p)) and any(a < b - near for a, b in zip(t, p)) for t in tried), (p, tried)
    for t in tried:
        assert min(t[:2]) >= 1 or any(all(a < b + near for a, b in zip(p, t)) for p in is_ + [(1, 1, 0)]), (t, is_)
    volume = dominated([(a, b, max(loss, 0)) for a, b, loss in is_], (1, 1, 0.1)) / 0.1
    assert abs(volume - r["hypervolume"]) < 1e-9, (volume, r["hypervolume"])
    assert is_ and is_ == sorted(is_, key=lambda p: -p[0])
    table = [row.split(",") for row in open(folder + "/front.csv").read().splitlines()]
    assert table[0][:5] == ["point", first, second, "saving", second + "_saving"] and len(table) == 1 + len(is_)
    for p, row in zip(r["points"], table[1:]):
        assert p["savings"] == {first: p["saving"], second: p["savings"][second]}, p
        assert math.isclose(p["saving"], 1 - p[first]) and math.isclose(p["savings"][second], 1 - p[second])
        assert len(row) == len(table[0]) and all(abs(float(a) - b) < near for a, b in
                                                 zip(row[1:5], (p[first], p[second], p["saving"], p["savings"][second])))
        assert p["test"]["images"] == 200 and p["meets"] == (p["test"]["loss"] <= r["max_loss"]) and os.path.exists(p["config"])
    picture = open(folder + "/front.svg").read()
    assert all(f"{figure} saved, %" in picture for figure in (first, second))


def reported(line, page, explored):
    """The report has both figures of each point, and the one that saves most in both together."""
    points = json.load(open(explored + "/explore.json"))["points"]
    front = json.load(open(line))[0]["front"]
    best = min((p for p in points if p["meets"]), key=lambda p: p["energy"] + p["area"])
    assert front["best_point"] == points.index(best) + 1, front
    for figure, saving in best["savings"].items():
        assert math.isclose(front["best_savings"][figure], saving, abs_tol=1e-9), front
    text = open(page + "/report.html").read()
    assert "energy saved, %" in text and "area saved, %" in text
    for p in points:
        assert f"{100 * p['savings']['energy']:.1f} % of the energy and {100 * p['savings']['area']:.1f} % of the area saved" in text, p


PRODUCTS = {"conv1": 117600, "conv2": 240000, "fc1": 48000, "fc2": 10080, "fc3": 840}


def layers_of(config):
    """The multiplier of each layer."""
    text = open(config).read()
    name = dict(re.findall(r"^  (.*?): (.*)$", text.split("multipliers:\n")[1].split("assignment:\n")[0], re.M))
    name = {key.strip('"'): of.strip('"') for key, of in name.items()}
    return {layer: name[key.strip('"')] for layer, key in names_of(config)[1].items()}


def energies(axgen, line):
    """Points of another objective tell their multipliers' energy too: products x the catalogue's figures."""
    listed = json.loads(subprocess.run([axgen, "mul", "list", "--json"], check=True, stdout=subprocess.PIPE).stdout)
    each = {m["name"]: m["realistic"] for m in listed}
    for p in json.load(open(line))["points"]:
        of_layer = layers_of(p["config"])
        is_ = sum(n * each[of_layer[layer]] for layer, n in PRODUCTS.items())
        assert math.isclose(p["energy"], is_ / (each["exact8s"] * sum(PRODUCTS.values())), abs_tol=2e-9), (p, of_layer)
        assert p["energy"] != p["area"]


PLACES = {"conv1": 30, "conv2": 80, "fc1": 16, "fc2": 4, "fc3": 1}


def areas(axgen, line):
    """The area of multipliers: PEs x lanes of each layer x the catalogue's figures."""
    listed = json.loads(subprocess.run([axgen, "mul", "list", "--json"], check=True, stdout=subprocess.PIPE).stdout)
    each = {m["name"]: m["area"] for m in listed}
    for p in json.load(open(line))["points"]:
        of_layer = layers_of(p["config"])
        is_ = sum(n * each[of_layer[layer]] for layer, n in PLACES.items())
        assert math.isclose(p["area"], is_ / (each["exact8s"] * sum(PLACES.values())), abs_tol=2e-9), (p, of_layer)


def tile(line, runs):
    """Each point has one multiplier a PE, alike in both compute vectors, and all take the same cycles."""
    points, runs = json.load(open(line))["points"], [json.loads(run) for run in open(runs)]
    assert len(points) == len(runs) > 2
    for p, run in zip(points, runs):
        first, second = (cv["lids"] for cv in run["cvs"])
        assert first == second and len(first) == 8, run["cvs"]
        assert set(names_of(p["config"])[0]) == set(first), (names_of(p["config"]), first)
    assert len({run["cycles_per_image"] for run in runs}) == 1, [run["cycles_per_image"] for run in runs]


if __name__ == "__main__":
    {f.__name__: f for f in (front, point, same, remembered, interrupted, multipliers, narrow, costs, level_alike,
                             tile, unscaled, volume, few, energies, areas, two, reported)}[sys.argv[1]](*sys.argv[2:])
