#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What a search for two figures finds, beside two searches for one with half of the evaluations each, together
# (docs/explore.md): hypervolumes in both figures and accuracy, by the prices of whole accelerators.
#   sh flows/explore-two.sh CONFIG OUTDIR [EVALUATIONS [OPTIONS OF axgen explore...]]
# From the repository's root, or with $BUILD. Goes on where it was stopped.
set -eu
config=$1 out=$2 most=${3:-50}
shift 2
[ $# -eq 0 ] || shift
axgen=${BUILD:-build}/axgen
mkdir -p "$out"
explore() { "$axgen" explore "$config" --price design -q "$@" >/dev/null; }
explore --objective energy,area --max-evaluations "$most" -o "$out/both" "$@"
for one in energy area; do explore --objective $one --max-evaluations $((most / 2)) -o "$out/$one" "$@"; done
exec python3 - "$out" <<'PY'
import json, sys

def read(folder):
    """Of each point of the front on the validation images: energy, area, drop."""
    r = json.load(open(f"{sys.argv[1]}/{folder}/explore.json"))
    return r, [(1 - p["design"]["saving"]["energy"], 1 - p["design"]["saving"]["area"], max(p["validation"]["loss"], 0))
               for p in r["points"]]

def volume(points, corner):
    """Of the box up to the corner, what the points dominate: slice by slice of the first figure."""
    points = sorted(p for p in points if all(x < c for x, c in zip(p, corner)))
    if not points:
        return 0
    if len(corner) == 1:
        return corner[0] - points[0][0]
    ends = [p[0] for p in points[1:]] + [corner[0]]
    return sum((end - p[0]) * volume([q[1:] for q in points[:i + 1]], corner[1:])
               for i, (p, end) in enumerate(zip(points, ends)) if end > p[0])

CORNER = (1, 1, 0.1)
both, energy, area = (read(folder) for folder in ("both", "energy", "area"))
for name, (used, points) in (("energy,area", ([both[0]["evaluations"]], both[1])),
                             ("energy", ([energy[0]["evaluations"]], energy[1])),
                             ("area", ([area[0]["evaluations"]], area[1])),
                             ("energy and area, together", ([energy[0]["evaluations"], area[0]["evaluations"]], energy[1] + area[1]))):
    print(f"{name:26} {' + '.join(map(str, used)):>8} evaluations, {len(points):2} points, hypervolume {volume(points, CORNER) / 0.1:.4f}")
assert abs(volume(both[1], CORNER) / 0.1 - both[0]["hypervolume"]) < 1e-6, both[0]["hypervolume"]
PY
