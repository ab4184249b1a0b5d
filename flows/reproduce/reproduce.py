#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""reproduce.py quick|maxdnn|hawx|hardware|hardware-full: the two papers' claims, measured. `make reproduce-...` calls this.

Each step's result is kept in build/reproduce/NAME; what was stopped goes on where it was, and what is there is not done
again. The end is a table of paper against measured, printed and written to results.md beside its pictures.
"""
import argparse
import os
import platform
import subprocess
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import hardware  # noqa: E402
import hawx  # noqa: E402
import maxdnn  # noqa: E402
from steps import AXGEN, ROOT, Data, Flow, Missing, write  # noqa: E402

# images: validation, calibration, test
QUICK = {"full": False, "images": (1000, 500, 2000), "sensitivity": (1000, 500, 0), "evaluations": 24}
FULL = {"full": True, "images": (5000, 2000, 10000), "sensitivity": (5000, 2000, 0), "evaluations": 60}
FLOWS = {"quick": (QUICK, (maxdnn, hawx)), "maxdnn": (FULL, (maxdnn,)), "hawx": (FULL, (hawx,)),
         "hardware": (QUICK, (hardware,)), "hardware-full": (FULL, (hardware,))}


class Report:
    """Markdown, and the rows of claims for the end."""

    def __init__(self):
        self.parts, self.claims = [], []

    def heading(self, text):
        self.parts.append(f"### {text}\n")
        self.claims.append(None)
        self.parts.append(len(self.claims))  # the claims' place, filled in at the end

    def attempt(self, what, *args):
        """A part of the report, or that it is not there yet (--report)."""
        try:
            what(*args)
        except Missing as step:
            self.note(f"Not done yet: {step}.")

    def note(self, text):
        self.parts.append(text + "\n")

    def picture(self, name, text):
        self.parts.append(f"![{text}]({name})\n")

    def table(self, title, columns, rows):
        lines = [title + "\n", "| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
        self.parts.append("\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows]) + "\n")

    def claim(self, what, paper, measured, holds):
        self.claims.append((what, paper, measured, {True: "yes", False: "no", None: "-"}[holds]))

    def text(self, head):
        out = [head]
        for part in self.parts:
            if not isinstance(part, int):
                out.append(part)
                continue
            rows = []
            for row in self.claims[part:]:
                if row is None:
                    break
                rows.append("| " + " | ".join(row) + " |")
            out.append("\n".join(["| claim | paper | measured | holds |", "|---|---|---|---|"] + rows) + "\n")
        return "\n".join(out)


def hardware():
    model = platform.machine()
    with open("/proc/cpuinfo") as f:
        model = next((line.split(":")[1].strip() for line in f if line.startswith("model name")), model)
    return f"{os.cpu_count()} cores of {model}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("flow", choices=FLOWS)
    parser.add_argument("--data", default=os.path.join(ROOT, "data"), help="models/README.md says what belongs there")
    parser.add_argument("--out", help="default: build/reproduce/FLOW")
    parser.add_argument("--report", action="store_true", help="run nothing: the report of what is there")
    parser.add_argument("-j", type=int, default=0, help="threads (default: all)")
    args = parser.parse_args()
    size, parts = FLOWS[args.flow]
    out = os.path.abspath(args.out or os.path.join(ROOT, "build", "reproduce", args.flow))
    version = subprocess.run([AXGEN, "--version"], stdout=subprocess.PIPE, text=True, check=True).stdout.splitlines()[0]
    flow, report = Flow(out, Data(os.path.abspath(args.data)), args.j, args.report), Report()
    for part in parts:
        part.reproduce(flow, size, report)
    validation, calibration, test = size["images"]
    text = report.text(f"`make reproduce-{args.flow}`, {time.strftime('%d %B %Y')}, {hardware()}, {version}: "
                       f"{flow.seconds():.0f} s of axgen. {validation:,} validation, {calibration:,} calibration and "
                       f"{test:,} test images (fewer where the data has fewer).\n")
    write(os.path.join(out, "results.md"), text)
    print(text)
    print(f"written: {out}/results.md")


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        print("reproduce: interrupted; the same command goes on from here", file=sys.stderr)
        sys.exit(130)
