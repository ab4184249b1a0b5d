#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# axgen.torch, by Debian's python3-torch and python3-pytest, and docs/torch.md, whose output must be what it says. Skipped
# where these are missing.
. "$(dirname "$0")/../lib.sh"

python=/usr/bin/python3
if ! "$python" -c 'import torch, numpy, pytest' 2>/dev/null; then
  skip "python3-torch or python3-pytest is missing"
  finish
  exit
fi
unset AXGEN_DATA
AXGEN_LIBRARY=$BUILD/libaxgen.so
AXGEN_CACHE=
OMP_WAIT_POLICY=passive
export AXGEN_LIBRARY AXGEN_CACHE OMP_WAIT_POLICY PYTHONDONTWRITEBYTECODE=1
"$python" -m pytest -q -p no:cacheprovider tests/torch >"$work/log" 2>&1
status=$?
summary=$(tail -n 1 "$work/log")
number() { echo "$summary" | grep -oE "[0-9]+ $1" | cut -d ' ' -f 1; }
passed=$(number passed) failed=$(number failed) skipped=$(number skipped)
passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}
if [ $status != 0 ]; then
  cat "$work/log"
  [ "$failed" != 0 ] || failed=1
fi

PYTHONPATH=$root/python
export PYTHONPATH
check "docs/torch.md prints what it says" "$python" -c '
import doctest, sys
failed, tried = doctest.testfile("docs/torch.md", module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
sys.exit(failed or not tried)'
check "importing axgen imports no torch" "$python" -c 'import axgen, sys; sys.exit("torch" in sys.modules)'
finish
