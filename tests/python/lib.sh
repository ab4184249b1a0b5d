# SPDX-License-Identifier: Apache-2.0
# What the suites of the Python package share; after tests/lib.sh.

# python_suite MODULES FOLDER DOC: the tests of FOLDER by pytest, counted; then that DOC prints what it says. Skipped where
# Debian's python3 lacks one of the modules.
python=/usr/bin/python3
python_suite() {
  if ! "$python" -c "import $1" 2>/dev/null; then
    skip "Debian's python3 has not all of $1"
    finish
    exit
  fi
  unset AXGEN_DATA
  AXGEN_LIBRARY=$BUILD/libaxgen.so
  OMP_WAIT_POLICY=passive
  export AXGEN_LIBRARY OMP_WAIT_POLICY PYTHONDONTWRITEBYTECODE=1
  "$python" -m pytest -q -p no:cacheprovider "$2" >"$work/log" 2>&1
  status=$?
  summary=$(tail -n 1 "$work/log")
  passed=$(number passed) failed=$(number failed) skipped=$(number skipped)
  passed=${passed:-0} failed=${failed:-0} skipped=${skipped:-0}
  if [ $status != 0 ]; then
    cat "$work/log"
    [ "$failed" != 0 ] || failed=1
  fi
  PYTHONPATH=$root/python
  export PYTHONPATH
  check "$3 prints what it says" "$python" -c '
import doctest, sys
failed, tried = doctest.testfile(sys.argv[1], module_relative=False, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
sys.exit(failed or not tried)' "$3"
}
number() { echo "$summary" | grep -oE "[0-9]+ $1" | cut -d ' ' -f 1; }
