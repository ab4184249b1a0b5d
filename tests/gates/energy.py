# SPDX-License-Identifier: Apache-2.0
# energy.py LIBERTY FOLDER: the energy by kind of the design in FOLDER (icarus.c), from what Icarus counted there and the
# library's figures, read anew here. Prints both, `KIND OURS ICARUS PER CENT`, and fails where the total differs by more than
# 5 % or a kind of at least 1 % of it by more than 15 %.
import json, re, sys
from collections import defaultdict

lib, folder = open(sys.argv[1]).read(), sys.argv[2] + "/"
volt = float(re.search(r"nom_voltage\s*:\s*([\d.]+)", lib).group(1))


def group(text, start):  # from the brace at `start` to the one that closes it
    depth = 0
    for m in re.compile(r"[{}]").finditer(text, start):
        depth += 1 if m.group() == "{" else -1
        if depth == 0:
            return text[start + 1 : m.start()]


def groups(text, name):  # NAME (ARG) { ... }
    return [(m.group(1).strip(' "'), group(text, m.end() - 1)) for m in re.finditer(r"\b%s\s*\(([^)]*)\)\s*\{" % name, text)]


def number(text, name):
    m = re.search(r"\b%s\s*:\s*([-\d.eE+]+)" % name, text)
    return float(m.group(1)) if m else 0.0


def edge(power, name):  # figures of this library do not depend on load or slew
    return [float(v) for _, t in groups(power, name) for v in re.search(r'values\s*\(\s*"([^"]*)"', t).group(1).split(",")][0]


def read_cell(text):
    pins = {}
    for name, p in groups(text, "pin"):
        powers = []
        for _, w in groups(p, "internal_power"):
            when, related = re.search(r'when\s*:\s*"([^"]*)"', w), re.search(r'related_pin\s*:\s*"([^"]*)"', w)
            powers.append((related and related.group(1), when and when.group(1), edge(w, "rise_power"), edge(w, "fall_power")))
        pins[name] = {"cap": number(p, "capacitance"), "powers": powers, "output": "direction : output" in p}
    return pins


netlist = json.load(open(folder + "netlist.json"))
used = {c["cell"] for c in netlist["cells"] + netlist["registers"]}
cells = {name: read_cell(text) for name, text in groups(lib, "cell") if name in used}
toggles = [tuple(map(int, line.split())) for line in open(folder + "toggles.txt")]
load, kind_of, inside = defaultdict(float), {}, defaultdict(float)
for c in netlist["cells"] + netlist["registers"]:
    for pin, net in c["pins"].items():
        p = cells[c["cell"]][pin]
        if p["output"]:
            kind_of[net] = c["kind"]
            caused = [(r + f) / 2 for related, _, r, f in p["powers"] if related]
            inside[net] += sum(caused) / len(caused) if caused else 0
        else:
            load[net] += p["cap"]
for net, kind in netlist["driven_from_outside"].items():
    kind_of.setdefault(int(net), kind)
theirs = defaultdict(float)
for net, kind in kind_of.items():
    if net < len(toggles):
        theirs[kind] += sum(toggles[net]) * (load[net] * volt * volt / 2 + inside[net])


# Flip-flops: their own energies under their conditions.
def holds(when, values):
    return eval(re.sub(r"!", " not ", when.replace("&", " and ").replace("|", " or ")), {}, values)


def own(cell, pin, rise, values):
    return sum(r if rise else f for related, when, r, f in cells[cell][pin]["powers"] if not related and (not when or holds(when, values)))


clocked = {}
for cell in {c["cell"] for c in netlist["registers"]}:
    for d in (False, True):
        for q in (False, True):
            values = {"D": d, "Q": q, "QN": not q}
            clocked[cell, True, d, q] = own(cell, "CK", True, dict(values, CK=True))
            clocked[cell, False, d, q] = own(cell, "CK", False, dict(values, CK=False))
for line in open(folder + "states.txt"):
    edge_name, d, q = line.split()
    d, q = int(d, 16), int(q, 16)
    for i, c in enumerate(netlist["registers"]):
        theirs["registers"] += clocked[c["cell"], edge_name == "r", bool(d >> i & 1), bool(q >> i & 1)]
for c in netlist["registers"]:
    net = c["pins"]["D"]
    for high in (True, False):
        mean = sum(own(c["cell"], "D", rise, {"D": rise, "CK": high, "Q": q, "QN": not q}) for rise in (0, 1) for q in (False, True)) / 4
        theirs["registers"] += toggles[net][0 if high else 1] * mean if net < len(toggles) else 0

ours = json.load(open(folder + "ours.json"))["kinds"]
total, bad = sum(theirs.values()), []
for kind, value in list(ours.items()) + [("total", sum(ours.values()))]:
    other = total if kind == "total" else theirs[kind]
    if value == other == 0:
        continue
    off = 100 * (value / other - 1) if other else 100
    print("%-12s %14.0f %14.0f %+6.1f %%" % (kind, value, other, off))
    if abs(off) > (5 if kind == "total" else 15) and other > 0.01 * total:
        bad.append(kind)
sys.exit("beyond the bound: " + ", ".join(bad) if bad else 0)
