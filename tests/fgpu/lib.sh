# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it.
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
axgen=$root/${BUILD:-build}/axgen
case ${BUILD:-} in /*) axgen=$BUILD/axgen ;; esac
passed=0 failed=0
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
check() { # expected outcome, what, command: `clean` means no output at all
  expect=$1 what=$2
  shift 2
  "$@" >"$tmp/log" 2>&1
  status=$?
  case $expect in
  clean) [ "$status" = 0 ] && [ ! -s "$tmp/log" ] ;;
  exact) [ "$status" = 0 ] && grep -q '"bit_exact":.*true' "$tmp/log" ;;
  differs) [ "$status" = 4 ] && grep -q "layer conv1, element .* expected" "$tmp/log" ;;
  error) [ "$status" = 1 ] && grep -q "$text" "$tmp/log" ;;
  refused) [ "$status" != 0 ] && grep -q ILLEGAL_PARAMETER "$tmp/log" ;;
  esac
  if [ $? = 0 ]; then passed=$((passed + 1)); else
    echo "FAIL $what"
    head -20 "$tmp/log"
    failed=$((failed + 1))
  fi
}
finish() {
  echo "$passed passed, $failed failed"
  [ "$failed" = 0 ]
}
# The cores of other folders that those of rtl_templates/fgpu have inside, seen from there.
common="../common/axgen_ram.v ../common/axgen_ram_sp.v ../common/axgen_fifo.v ../common/axgen_slice.v $(echo ../common/axgen_count*.v)"
