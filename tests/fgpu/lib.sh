# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it.
. "$(dirname "$0")/../lib.sh"
outcome() { # expected outcome, what, command: `clean` means no output at all
  expect=$1 what=$2
  shift 2
  "$@" >"$work/log" 2>&1
  status=$?
  case $expect in
  clean) [ "$status" = 0 ] && [ ! -s "$work/log" ] ;;
  exact) [ "$status" = 0 ] && json "$work/log" 'j["bit_exact"]' ;;
  differs) [ "$status" = 4 ] && grep -q "layer conv1, element .* expected" "$work/log" ;;
  error) [ "$status" = 1 ] && grep -q "$text" "$work/log" ;;
  refused) [ "$status" != 0 ] && grep -q ILLEGAL_PARAMETER "$work/log" ;;
  esac
  judge "$what" $?
}
# The cores of other folders that those of rtl_templates/fgpu have inside, seen from there.
common="../common/axgen_ram.v ../common/axgen_ram_sp.v ../common/axgen_fifo.v ../common/axgen_slice.v $(echo ../common/axgen_count*.v)"
