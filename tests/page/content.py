#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""content.py PAGE EXPLORATION HOSTILE-PAGE HOSTILE: the pages say what the folders' files do."""
import glob
import html.parser
import json
import os
import re
import sys

VOID = {"meta", "img", "br", "hr", "input", "link"}


class Page(html.parser.HTMLParser):
    """Tags in order, checked: closed as they were opened, nothing that runs, no address but places of the page."""

    def __init__(self, path):
        super().__init__()
        self.open, self.tags, self.titles, self.text = [], [], [], ""
        with open(path) as f:
            self.source = f.read()
        self.feed(self.source)
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        a = dict(attrs)
        assert tag not in ("script", "iframe", "object", "embed", "link", "form", "base"), tag
        assert not any(k.startswith("on") or k == "style" for k in a), a
        assert a.get("href", "#").startswith("#") and a.get("src", "data:image/png").startswith("data:image/png"), a
        self.tags.append((tag, a))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag, tag

    def handle_data(self, data):
        if self.open and self.open[-1] == "title":
            self.titles.append(data)
        elif "style" not in self.open:
            self.text += data

    def all(self, tag, **having):
        return [a for t, a in self.tags if t == tag and all(a.get(k) == v for k, v in having.items())]


def section(page, name):
    part = re.split(r'<h2 id="', page.source)
    return next(p for p in part if p.startswith(name + '"'))


def check_front(page, folder):
    points = json.load(open(folder + "/explore.json"))["points"]
    links = [a["href"] for a in page.all("a") if a.get("href", "").startswith("#f")]
    for i, p in enumerate(points):
        details = [t for t in page.titles if t.startswith(f"points/{i + 1:02}: ")]
        assert details and f"{100 * p['saving']:.1f} %" in details[0] and f"{100 * p['validation']['loss']:.2f} points" in details[0], (i, details)
        assert links.count(f"#f1-a{i + 1}") >= 2, links # the mark and the row
        assert page.all("h3", id=f"f1-a{i + 1}")
    assert len(page.all("tr", **{"id": "f1-p1"})) == 1


def check_bars(page, folder):
    """Every layer of every design on one scale: the widths are the areas."""
    layers, found = [], re.findall(r'width="([\d.]+)%"[^>]*><title>[^<]*, multipliers: ([\d.]+) ', section(page, "area"))
    whole = 0
    for path in glob.glob(folder + "/*/synth.json"):
        s = json.load(open(path))
        whole += 1
        kept = {l["layer"]: l["area_um2"]["total"] for l in s["memories"]["layers"]}
        layers += [dict(l["area_um2"], total=l["area_um2"]["total"] + kept[l["layer"]]) for l in s["layers"]]
    most = max(l["total"] for l in layers)
    want = sorted(100 * l["multipliers"] / most for l in layers if 100 * l["multipliers"] / most >= 0.005)
    got = sorted(float(w) for w, v in found)
    for w in want:
        near = min(got, key=lambda g: abs(g - w))
        assert abs(near - w) < 0.006, (w, near)
        got.remove(near)
    assert len(got) <= whole, got # the whole designs'


def check_kinds(page, folder):
    kinds = set(json.load(open(glob.glob(folder + "/*/synth.json")[0]))["area_um2"]) - {"total"}
    for k in kinds:
        assert f"<span>{k}</span>" in section(page, "area"), k
    for k in ("memory: sram", "memory: flash"):
        assert f"<span>{k}</span>" in section(page, "area"), k
    assert "<span>memory outside</span>" in section(page, "energy") and "(beside)" in section(page, "energy")


def check_measured(page, folder):
    """Measured energies of all designs on one scale, memories as a kind; how sure they are; what was predicted beside them."""
    text, layers = section(page, "measured"), []
    for path in glob.glob(folder + "/*/synth.json"):
        layers += [(l["nj_per_image"] + l["memories_nj_per_image"] + l["memory_leakage_nj_per_image"], l["kinds"]["leakage"], "leakage") for l in json.load(open(path))["energy"]["layers"]]
    most = max(total for total, _, _ in layers)
    got = [float(w) for w in re.findall(r'width="([\d.]+)%"[^>]*><title>[^<]*, leakage: ', text)]
    for _, value, _ in layers:
        want = 100 * value / most
        assert want < 0.005 or any(abs(g - want) < 0.006 for g in got), (want, got)
    for kind in ("memories", "memory outside", "clock tree", "registers"):
        assert f"<span>{kind}</span>" in text, kind
    one = json.load(open(folder + "/one/synth.json"))["energy"]
    shown = lambda v, digits: f"{v:,.{digits}f}".replace(",", "\u202f")
    for figure in (shown(one["nj_per_image"], 1), shown(one["with_memories_nj_per_image"], 1), shown(one["glitches"]["ci95_nj_per_image"], 2), "98.7"):
        assert ">" + figure in text, figure
    assert "one, predicted" in text and "one, predicted" in section(page, "area")
    assert section(page, "predicted").count(">&minus;3.0 ") == 2 and section(page, "predicted").count(">1.0 ") == 4


def main():
    page, hostile = Page(sys.argv[1]), Page(sys.argv[3])
    check_front(page, sys.argv[2])
    check_bars(hostile, sys.argv[4])
    check_kinds(hostile, sys.argv[4])
    check_measured(hostile, sys.argv[4])
    for name in ("designs", "folding", "places", "fronts", "sensitivities", "scores", "multipliers"):
        assert page.all("h2", id=name), name
    for name in ("designs", "area", "measured", "energy", "predicted", "folding", "fifos", "places", "fronts", "sensitivities", "scores", "multipliers"):
        assert hostile.all("h2", id=name), name
    assert "roup8s_p1_c7" in page.text and "PEs × 2 lanes" in page.text
    assert "1024" in section(hostile, "fifos") and "100" in section(hostile, "fifos")
    assert "<script>alert(1)</script>" in hostile.text and os.path.basename(max(glob.glob(sys.argv[4] + "/*"), key=len)) in hostile.text
    for p in (page, hostile):
        assert p.source.index("Content-Security-Policy") < p.source.index("<title>")
        assert "http:" not in p.source.replace("http://www.w3.org/2000/svg", "") and "https:" not in p.source


main()
