# SPDX-License-Identifier: Apache-2.0
"""check.py WHAT ...: looks at what `axgen predict` printed and wrote. Exit status 0: it holds; else the reason."""
import csv
import filecmp
import json
import math
import os
import signal
import subprocess
import sys
import time

PREDICTORS = ["model", "hawx", "variance", "mae", "mred"]


def tau_b(x, y):
    sign = lambda v: (v > 0) - (v < 0)
    pairs = [(sign(x[i] - x[k]), sign(y[i] - y[k])) for i in range(len(x)) for k in range(i)]
    return sum(a * b for a, b in pairs) / math.sqrt(sum(a != 0 for a, _ in pairs) * sum(b != 0 for _, b in pairs))


def ranks(v):
    return [sum(a < b for a in v) + (sum(a == b for a in v) - 1) / 2 for b in v]


def pearson(x, y):
    mx, my = sum(x) / len(x), sum(y) / len(y)
    xy, xx, yy = (sum((a - m) * (b - n) for a, b in zip(p, q))
                  for p, m, q, n in [(x, mx, y, my), (x, mx, x, mx), (y, my, y, my)])
    return xy / math.sqrt(xx * yy)


def pooled(pairs):
    """The points of the map that never falls and fits best, found by its definition: max over lower, min over upper."""
    xs = sorted({x for x, _ in pairs})
    mean = lambda lo, hi: (lambda of: sum(of) / len(of))([y for x, y in pairs if xs[lo] <= x <= xs[hi]])
    level = [max(min(mean(lo, hi) for hi in range(i, len(xs))) for lo in range(i + 1)) for i in range(len(xs))]
    blocks = []
    for x, v in zip(xs, level):
        own = [a for a, _ in pairs if a == x]
        if blocks and math.isclose(blocks[-1][1], v, abs_tol=1e-12):
            blocks[-1][0].extend(own)
        else:
            blocks.append((own, v))
    return [(sum(b) / len(b), v) for b, v in blocks]


def mapped(points, x):
    if x <= points[0][0]:
        return points[0][1]
    for (xa, ya), (xb, yb) in zip(points, points[1:]):
        if x <= xb:
            return ya + (yb - ya) * (x - xa) / (xb - xa)
    return points[-1][1]


def study(line, folder, count):
    """predict.json follows from predict.csv, whose losses are counts."""
    r = json.load(open(line))
    kept = json.load(open(folder + "/predict.json"))
    del r["seconds"], r["remembered"]
    assert kept == r
    rows = list(csv.DictReader(open(folder + "/predict.csv")))
    assert len(rows) == r["assignments"] == int(count) and not r["interrupted"]
    loss = [float(row["loss"]) for row in rows]
    for row, of in zip(rows, loss):
        assert abs((int(row["worse"]) - int(row["better"])) / int(row["images"]) - of) < 1e-6
        assert 0 <= float(row["energy"]) <= 2
        assert (float(row["model"]) == 0) <= (float(row["predicted_loss"]) == 0)
    inside = [i for i, of in enumerate(loss) if 0.005 - 1e-9 <= of <= 0.2 + 1e-9]
    assert len(inside) == r["in_range"] > 3
    for name in PREDICTORS:
        value, said = [float(row[name]) for row in rows], r["predictors"][name]
        here, there = [value[i] for i in inside], [loss[i] for i in inside]
        assert abs(tau_b(here, there) - said["tau"]) < 1e-9, name
        assert abs(tau_b(value, loss) - said["tau_all"]) < 1e-9, name
        assert abs(pearson(ranks(here), ranks(there)) - said["rho"]) < 1e-9, name
        for half in 0, 1:
            points = pooled([(value[i], loss[i]) for i in range(len(rows)) if i % 2 != half])
            for i in range(half, len(rows), 2):
                assert abs(mapped(points, value[i]) - float(rows[i][name + "_calibrated"])) < 1e-4, (name, i)
        errors = [abs(float(rows[i][name + "_calibrated"]) - loss[i]) for i in inside]
        assert abs(sum(errors) / len(errors) - said["mean_error"]) < 1e-5 and abs(max(errors) - said["greatest_error"]) < 1e-5
    own = [abs(float(rows[i]["predicted_loss"]) - loss[i]) for i in inside]
    assert abs(sum(own) / len(own) - r["mean_error"]) < 1e-5
    assert open(folder + "/predict.svg").read().startswith("<svg")


def same(one, two):
    names = ["predict.csv", "predict.json", "predict.svg"]
    _, different, missing = filecmp.cmpfiles(one, two, names, shallow=False)
    assert not different and not missing, (different, missing)


def remembered(line):
    r = json.load(open(line))
    assert r["remembered"] == r["evaluations"] > 0, r


def own(line, row, folder):
    """The config's own assignment, an assignment of the study, gets the study's prediction."""
    r, rows = json.load(open(line)), list(csv.DictReader(open(folder + "/predict.csv")))
    assert abs(r["predicted_loss"] - float(rows[int(row)]["predicted_loss"])) < 1e-6, r
    for name in PREDICTORS:
        assert math.isclose(r[name], float(rows[int(row)][name]), rel_tol=1e-5), name


def assigned(folder, row):
    """The assignment of a row, as a config has it."""
    of = list(csv.DictReader(open(folder + "/predict.csv")))[int(row)]
    print("assignment: {" + ", ".join(f"{l}: {of[l]}" for l in ["conv1", "conv2", "fc1", "fc2", "fc3"]) + "}")


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
    """Stopped after some assignments, before its end; then a second run goes on from there."""
    command = [axgen, "predict", config, "--assignments", "5000", "--json", "-q", "-o", folder]
    run = started(command)
    database = folder + "/predict.db"
    deadline = time.time() + 60
    while time.time() < deadline and not (os.path.exists(database) and os.path.getsize(database) > 28000):
        time.sleep(0.02)
    out, _ = stopped(run)
    assert run.returncode == 130, run.returncode
    r = json.loads(out)
    assert r["interrupted"] and 0 < r["assignments"] < 5000
    command[command.index("5000")] = str(r["assignments"])
    again = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    assert not again["interrupted"] and again["remembered"] == again["evaluations"] == r["evaluations"], again
    assert again["predictors"] == r["predictors"]


if __name__ == "__main__":
    {f.__name__: f for f in (study, same, remembered, own, assigned, interrupted)}[sys.argv[1]](*sys.argv[2:])
