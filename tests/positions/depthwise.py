# SPDX-License-Identifier: Apache-2.0
"""depthwise.py FOLDER LAYER: gives the depthwise LAYER of the random network in FOLDER half as many PEs as it has filters, an even
number, and two multipliers that do not fit as the filters come: those of a PE want different ones."""
import re
import sys

folder, layer = sys.argv[1:]
net, text = open(folder + "/net.yaml").read(), open(folder + "/config.yaml").read()
filters = int(re.search(r"- name: %s\n(?:  .*\n)*?  shape: \[(\d+)" % layer, net).group(1))
number, few = layer[len("conv"):], filters // 4 * 2
choice = "  %s: {filters: {0-%d: B%s, %d-%d: C%s}}\n" % (layer, few - 1, number, few, filters - 1, number)
text = re.sub(r"^  %s:.*\n(    .*\n)*" % layer, choice, text, count=1, flags=re.M)
text = re.sub(r"^(    %s: \{pe: )\d+" % layer, r"\g<1>%d" % (filters // 2), text, flags=re.M)
open(folder + "/config.yaml", "w").write(text)
