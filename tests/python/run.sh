#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Python package, by Debian's python3-numpy and python3-pytest, and docs/python.md, whose output must be what it says.
# Skipped where these are missing (make deps-test).
. "$(dirname "$0")/../lib.sh"

python=/usr/bin/python3
if ! "$python" -c 'import numpy, pytest' 2>/dev/null; then
  skip "python3-numpy or python3-pytest is missing"
  finish
  exit
fi
unset AXGEN_DATA
AXGEN_LIBRARY=$BUILD/libaxgen.so
AXGEN_CACHE=
export AXGEN_LIBRARY PYTHONDONTWRITEBYTECODE=1
"$python" -m pytest -q -p no:cacheprovider tests/python >"$work/log" 2>&1
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
check "docs/python.md prints what it says" "$python" -c '
import doctest, sys
failed, tried = doctest.testfile("docs/python.md", module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
sys.exit(failed or not tried)'

# As another user has it: installed by pip without a network, the library named by its folder alone.
if "$python" -c 'import setuptools, wheel, pip' 2>/dev/null; then
  cp -R python "$work/python"
  check "pip install" "$python" -m pip install -q --no-index --no-build-isolation --no-deps --target "$work/site" "$work/python"
  (cd "$work" && PYTHONPATH=$work/site "$python" -c 'import axgen, os
assert os.path.exists(os.path.join(os.path.dirname(axgen.__file__), "py.typed"))
assert axgen.Multiplier("exact8s")(3, -4) == -12') >"$work/out" 2>"$work/err"
  judge "and used from elsewhere" $?
else
  skip "pip, setuptools or wheel is missing"
fi
finish
