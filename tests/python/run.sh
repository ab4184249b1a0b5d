#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The Python package, by Debian's python3-numpy and python3-pytest, and docs/python.md, whose output must be what it says.
# Skipped where these are missing (make deps-test).
. "$(dirname "$0")/../lib.sh"
. tests/python/lib.sh

python_suite "numpy, pytest" tests/python docs/python.md

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
