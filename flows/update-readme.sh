#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Puts the demo's real output and the demo's configuration into README.md. Run after `make demo`.
set -e
cd "$(dirname "$0")/.."
./axgen report build/demo/exact build/demo/roup-conv2 build/demo/roup-most build/demo/found >build/demo/table.txt
cp build/demo/report.svg docs/demo.svg
awk '
  function insert(file) { while ((getline line < file) > 0) if (line !~ /^# SPDX/) print (line == "" ? "" : "    " line) }
  /<!-- demo-begin -->/ { print; insert("build/demo/table.txt"); skip = 1 }
  /<!-- config-begin -->/ { print; insert("flows/lenet5-dataflow.yaml"); skip = 1 }
  /<!-- (demo|config)-end -->/ { skip = 0 }
  !skip' README.md >README.md.tmp
mv README.md.tmp README.md
