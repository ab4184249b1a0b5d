# SPDX-License-Identifier: Apache-2.0
"""check.py agree FOLDER: what axgen score wrote of 600 images is well-formed and its tables, pictures and page agree.
check.py own FILE: its JSON where the config assigns L2N and L12 takes other operands."""
import csv
import json
import sys
import xml.dom.minidom as dom
from html.parser import HTMLParser


class Page(HTMLParser):
    svgs = 0

    def handle_starttag(self, tag, attrs):
        assert tag != "script" and not any(k in ("src", "href") for k, v in attrs)
        self.svgs += tag == "svg" and ("role", "img") in attrs


def agree(folder):
    j = json.load(open(folder + "/score.json"))
    names = ["KV6", "KV8", "KV9", "KVP", "L2J", "L2L", "L2N", "L12"]
    assert [b["key"] for b in j["blocks"]] == names, j["blocks"]
    assert 1 <= len(j["representatives"]) <= 12
    assert sum(r["stands_for"] for r in j["representatives"]) == j["images"] == 600
    assert all(0 <= r["image"] < 600 and r["deviation"] > 0 for r in j["representatives"])

    score = {b["key"]: b["score"] for b in j["blocks"]}
    assert score["KV6"] == 0 and 0 < score["KV8"] < score["KV9"] < score["KVP"] < score["L2N"] < score["L12"], score
    assert j["kendall"] > 0.7 and j["spearman"] > 0.8, j
    assert j["assigned"] == 0
    for b in j["blocks"]:  # filters average to layers, layers to the network
        total = sum(l["multiplications"] for l in b["layers"])
        assert total == 416520
        model = sum(l["score"] * l["multiplications"] / total for l in b["layers"])
        assert abs(model - b["score"]) <= 1e-12 + 1e-9 * model
        for l in b["layers"]:
            assert abs(sum(l["filters"]) / len(l["filters"]) - l["score"]) <= 1e-12 + 1e-9 * l["score"]

    rows = list(csv.DictReader(open(folder + "/score/table1.csv")))
    filters = sum(len(l["filters"]) for l in j["blocks"][0]["layers"])
    assert len(rows) == 8 * (1 + 5 + filters)
    for r in rows:
        b = j["blocks"][names.index(r["block"])]
        if r["level"] == "model":
            want = b["score"]
        else:
            l = next(l for l in b["layers"] if l["layer"] == r["layer"])
            want = l["filters"][int(r["filter"])] if r["level"] == "filter" else l["score"]
        assert abs(float(r["score"]) - want) <= 1e-8 * want

    page = Page()
    page.feed(open(folder + "/score/report.html").read())
    assert page.svgs == 4, page.svgs
    for f in ("fig2", "fig3", "fig4", "fig4-scatter"):
        text = open(f"{folder}/score/{f}.svg").read()
        dom.parseString(text)
        assert "nan" not in text and ("mul8s_1L2N" in text or f == "fig2")


def own(path):
    j = json.load(open(path))
    block = {b["key"]: b for b in j["blocks"]}
    assert abs(j["assigned"] - block["L2N"]["score"]) < 1e-9 * j["assigned"]
    assert block["L12"]["score"] is None and block["L12"]["layers"][0]["filters"] == []
    assert block["L12"]["top1"] == j["top1"]


{"agree": agree, "own": own}[sys.argv[1]](sys.argv[2])
