# SPDX-License-Identifier: Apache-2.0
import os
import signal
import subprocess
import sys
import xml.dom.minidom

work = sys.argv[1]
fake = os.path.join(work, "axgen")
with open(fake, "w") as f:  # counts how often it was called, fails where the config says so
    f.write('#!/bin/sh\necho "$*" >>"$(dirname "$0")/calls"\ngrep -q fail "$2" && exit 3\necho \'{"calls": '
            '"\'"$(wc -l <"$(dirname "$0")/calls")"\'"}\'\n')
os.chmod(fake, 0o755)
os.environ["AXGEN"] = fake
os.environ.pop("EVOAPPROX", None)
sys.path.insert(0, "flows/reproduce")
import maxdnn  # noqa: E402
import picture  # noqa: E402
import reproduce  # noqa: E402
from steps import Data, Flow  # noqa: E402

results = []


def check(what, holds):
    print(("ok   " if holds else "FAIL ") + what)
    results.append(bool(holds))


# ---- steps
out = os.path.join(work, "out")
flow = Flow(out, Data(os.path.join(work, "nowhere")), 2)
first = flow.run("a", "eval", "one\n")
check("a step runs once", Flow(out, None, 1).run("a", "eval", "one\n") == first and first["calls"] == "1")
check("another config: again", flow.run("a", "eval", "two\n")["calls"] == "2")
check("other options: again", flow.run("a", "eval", "two\n", "--images", "3")["calls"] == "3")
with open(os.path.join(out, "a.json"), "w") as f:
    f.write('{"command": ["ev')  # as a full disk leaves it
check("a broken result: again", flow.run("a", "eval", "two\n")["calls"] == "4")
try:
    flow.run("b", "eval", "fail\n")
    check("a step that fails ends the flow", False)
except SystemExit as e:
    check("a step that fails ends the flow", "exit status 3" in str(e))
check("... and leaves no result", not os.path.exists(os.path.join(out, "b.json")))
stopping = os.path.join(work, "stopping")
with open(stopping, "w") as f:  # Ctrl-C while it is at work; restored, since a shell's background jobs ignore it
    f.write("#!/bin/sh\nkill -INT $PPID\n")
os.chmod(stopping, 0o755)
run = subprocess.run([sys.executable, "flows/reproduce/reproduce.py", "quick", "--out", os.path.join(work, "stopped")],
                     env={**os.environ, "AXGEN": stopping}, stderr=subprocess.PIPE, text=True,
                     preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
check("Ctrl-C: says how to go on, without a traceback",
      run.returncode == 130 and run.stderr == "reproduce: interrupted; the same command goes on from here\n")
signs = os.path.join(work, "data", "gtsrb")  # fewer images than the sizes of the flows ask for
os.makedirs(signs)
for name, images in (("train.bin", 2500), ("test.bin", 700)):
    with open(os.path.join(signs, name), "wb") as f:
        f.truncate(3073 * images)
parts = Data(os.path.join(work, "data")).parts("efficientnetlite-gtsrb", *reproduce.FULL["images"])
check("no more images than there are", [p["first"] + p.get("count", 0) for p in parts] == [2500, 2000, 700])
check("data that is not there", not flow.data.has("resnet8-cifar10"))
report = reproduce.Report()
report.attempt(Flow(out, None, 1, True).run, "never", "eval", "one\n")
check("--report runs nothing and says so", "never" in report.text("") and not os.path.exists(os.path.join(out, "never.yaml")))
check("its seconds are those of all steps", 0 < flow.seconds() == Flow.seconds(flow))


# ---- claims
def point(saving, loss):
    return {"saving": saving, "energy": 1 - saving, "test": {"loss": loss, "interval": [loss - 0.01, loss + 0.01]}}


front = {"points": [point(0.2, 0.01), point(0.5, 0.04), point(0.6, 0.041)]}
check("the best within a loss", maxdnn.best(front, 4)["saving"] == 0.5 and maxdnn.best(front, 0.5) is None)
check("... in words", maxdnn.said(maxdnn.best(front, 4)) == "50.0 % (loses 4.0, 3.0 to 5.0)" and
      maxdnn.said(None) == "none")


class Canned:
    """A flow whose explorations all find the same front; keeps what was asked for."""
    asked = []

    def config(self, *_, **__):
        return ""

    def run(self, name, *options):
        self.asked.append((name, options))
        return {"points": [point(0.2, 0), point(0.3, 0.032)]}


report = reproduce.Report()
report.heading("ALWANN")
known = {name: {"energy": 1} for name in ["exact8s"] + maxdnn.EVOAPPROX}
maxdnn.alwann(Canned(), {"images": None, "evaluations": 5}, known, report)
text = report.text("")
check("ALWANN's front: no more than was lost", text.count("16.5 % at -1.0 | 20.0 % | yes") == 2 and
      text.count("28.3 % at 3.1 | 20.0 % | no") == 2)
check("... its method as it was", len({name for name, _ in Canned.asked}) == 4 and
      sum("alwann" in options and "--tune" in options and "--no-bias-correction" in options for _, options in Canned.asked) == 2)
held = maxdnn.joint({"LLAM": [(10, 1), (20, 3)], "FLAM": [(20, 2), (50, 30)], "KLAM": [(10, 1), (30, 4)]})
check("who makes up a joint front", held == {"LLAM": 1, "FLAM": 1, "KLAM": 2})
report = reproduce.Report()
report.heading("Paper")
report.claim("c", "1", "2", False)
report.heading("Other")
report.claim("d", "3", "4", None)
text = report.text("head")
check("claims stand below their headings",
      text.index("### Paper") < text.index("| c | 1 | 2 | no |") < text.index("### Other") < text.index("| d | 3 | 4 | - |"))
svg = picture.fronts("a < b & c", {"x": [(10, 1), (30, 5)], "<y>": [(20, 70)], "none": []})
check("pictures are well-formed", xml.dom.minidom.parseString(svg).documentElement.tagName == "svg" and
      svg.count("<circle") == 2 + 3)

failed = results.count(False)
print(f"{len(results) - failed} passed, {failed} failed")
sys.exit(failed > 0)
