# SPDX-License-Identifier: Apache-2.0
"""What HAWX (arXiv 2602.16336) claims, measured on this project's networks."""
import csv
import os

from maxdnn import best, said
from steps import catalogue

BLOCKS = ["mul8s_1KV6", "mul8s_1KV8", "mul8s_1KV9", "mul8s_1KVP", "mul8s_1L2J", "mul8s_1L2L", "mul8s_1L2N", "mul8s_1L12"]
# Power relative to 1KV6 that the paper's Table II gives for a network with one block everywhere, and its accuracies.
POWER = {"1KV6": 1, "1KV8": 0.993, "1KV9": 0.965, "1KVP": 0.854, "1L2N": 0.296}
NETWORKS = {"lenet5-fashion": ("LeNet-5", 1), "resnet8-cifar10": ("ResNet-8", None), "vgg11-cifar10": ("VGG-11", 3),
            "efficientnetlite-gtsrb": ("EfficientNet-Lite", 5), "resnet18-cifar10": ("ResNet-18", 4)}  # the longest last
TABLE2 = {"lenet5-fashion": {"1KV6": 97.80, "1KV9": 97.77, "1L2N": 95.58}, "vgg11-cifar10": {"1KV6": 92.39},
          "resnet18-cifar10": {"1KV6": 92.39, "1KV9": 90.96},
          "efficientnetlite-gtsrb": {"1KV6": 99.65, "1KV8": 99.80, "1KV9": 92.80}}
FILTERS_CONV = 6 + 16  # of LeNet-5's convolutions
FILTERS_ALL = FILTERS_CONV + 120 + 84 + 10


def keyed(names):
    return {name.split("_")[1]: name for name in names}


def search(flow, size, network, name, names, cost, method, level, *options, test=True):
    """Without test images: its seconds are those of the search, from its beginning."""
    validation, calibration, tested = size["images"]
    config = flow.config(network, keyed(names), (validation, calibration, tested if test else 0),
                         explore={"cost": cost} if cost else {})
    return flow.run(name, "explore", config, "--method", method, "--level", level, "--max-loss", "0.01",
                    "--max-evaluations", "100", *options, timed=not test)


def ours(known, names):
    return {key: known[name]["realistic"] for key, name in keyed(names).items()}


def speed(flow, size, report):
    """LeNet-5 with two blocks, every layer one of them: all 32 assignments against HAWX's search, as the paper has it and
    corrected. Costs are the catalogue's: relative to exact8s, which is not in the space."""
    network, names = "lenet5-fashion", ["mul8s_1KV8", "mul8s_1L2N"]
    for correction, options in (("as in the paper", ["--no-bias-correction"]), ("biases corrected", [])):
        found = {}
        for method in ("exhaustive", "hawx"):
            name = f"hawx-speed-{method}-{'plain' if options else 'corrected'}"
            found[method] = search(flow, size, network, name, names, None, method, "layer", *options, test=False)
        count = {m: r["evaluations"] for m, r in found.items()}
        seconds = {m: r["seconds"] for m, r in found.items()}
        meet = {m: max([p["saving"] for p in r["points"] if p["validation"]["loss"] <= 0.01], default=0)
                for m, r in found.items()}
        ratio = seconds["exhaustive"] / seconds["hawx"]
        report.claim(f"LeNet-5, two blocks, by layer: faster than exhaustive ({correction})", "23x",
                     f"{ratio:.1f}x in seconds ({seconds['exhaustive']:.1f} / {seconds['hawx']:.1f}), "
                     f"{count['exhaustive'] / count['hawx']:.1f}x in evaluations ({count['exhaustive']} / {count['hawx']})",
                     ratio >= 23)
        report.claim(f"... and as good at 1 point ({correction})", "comparable accuracy",
                     f"saves {100 * meet['hawx']:.1f} %, exhaustive {100 * meet['exhaustive']:.1f} %",
                     meet["hawx"] >= meet["exhaustive"] - 0.02)
    report.claim("LeNet-5, two blocks, by filter: by count", "3e6",
                 f"2^{FILTERS_CONV} = {2 ** FILTERS_CONV:.1e} for the filters of the convolutions alone, "
                 f"2^{FILTERS_ALL} = {2.0 ** FILTERS_ALL:.1e} for all", 2 ** FILTERS_CONV >= 3e6)


def few_evaluations(flow, report, step, name, paper):
    """Whether as many full evaluations as the paper needs find what the whole search finds, by its history."""
    with open(os.path.join(flow.out, step, "history.csv")) as f:
        rows = list(csv.DictReader(f))

    def saved(count):
        return max([100 * (1 - float(r["energy"])) for r in rows[:count] if float(r["drop"]) <= 0.01], default=0)

    counts = sorted({paper or 5, 5, len(rows)})
    report.claim(f"{name}: full evaluations to a boundary at 1 point", str(paper) if paper else "not in the paper",
                 ", ".join(f"{saved(count):.1f} % saved after {count}" for count in counts),
                 saved(paper) >= saved(len(rows)) - 2 if paper else None)


def one_network(flow, size, known, report, network, rows):
    name, paper = NETWORKS[network]
    if not flow.data.has(network):
        report.note(f"{name} was not measured: its data is not there (models/README.md; make ... DATASETS=FOLDER).")
        return
    short = network.split("-")[0]
    runs = {}
    for correction, options in (("plain", ["--no-bias-correction"]), ("corrected", [])):
        runs[correction] = search(flow, size, network, f"hawx-{short}-{correction}", BLOCKS, ours(known, BLOCKS), "hawx",
                                  "layer", *options)
        few_evaluations(flow, report, f"hawx-{short}-{correction}",
                        f"{name}{', biases corrected' if correction == 'corrected' else ''}", paper)
    published = search(flow, size, network, f"hawx-{short}-published", [f"mul8s_{k}" for k in POWER], POWER, "hawx",
                       "layer")
    rows.append([name] + [said(best(r, 1)) for r in (runs["plain"], runs["corrected"], published)])


def networks(flow, size, known, report, chosen):
    rows = []
    for network in chosen:
        report.attempt(one_network, flow, size, known, report, network, rows)
    report.table("HAWX's search at 1 point: what its best design saves on the test images",
                 ["network", "eight blocks, our energies", "the same, biases corrected",
                  "five blocks, the paper's powers, biases corrected"], rows)


def one_table2(flow, size, report, network, rows):
    if not flow.data.has(network):
        return
    name, _ = NETWORKS[network]
    names = [f"mul8s_{k}" for k in POWER]
    config = flow.config(network, keyed(names), size["images"], assignment={"default": "1KV6"})
    found = flow.run(f"hawx-{network.split('-')[0]}-score", "score", config, "--representatives", "16")
    for block in found["blocks"]:
        key = block["key"]
        paper = TABLE2.get(network, {}).get(key)
        rows.append([name, key, f"{POWER[key]:.3f}", f"{paper:.2f}" if paper else "", f"{100 * block['top1']:.2f}",
                     f"{block['score']:.1e}"])
    tau = found.get("kendall")
    report.claim(f"{name}: hawx(model) follows the accuracy (Kendall's tau with what is lost)", "follows",
                 "undefined" if tau is None else f"{tau:.2f}", (tau or 0) >= 0.8)


def table2(flow, size, report, chosen):
    """One block everywhere, as the rows of Table II that have one."""
    rows = []
    for network in chosen:
        report.attempt(one_table2, flow, size, report, network, rows)
    report.table("One block everywhere, not corrected (Table II): top-1 in percent, ours on validation images",
                 ["network", "block", "power (paper)", "top-1 (paper)", "top-1", "hawx(model)"], rows)


def reproduce(flow, size, report):
    known = catalogue()
    report.heading("HAWX")
    chosen = [n for n in NETWORKS if size["full"] or n in ("lenet5-fashion", "resnet8-cifar10")]
    report.attempt(speed, flow, size, report)
    networks(flow, size, known, report, chosen)
    table2(flow, size, report, chosen)
