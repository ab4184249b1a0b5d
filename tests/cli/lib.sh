# SPDX-License-Identifier: Apache-2.0
# What the scripts of this folder share; they source it. Uses $BUILD/axgen.
. "$(dirname "$0")/../lib.sh"

# what, exit status wanted, text wanted (on stderr when the status is not 0, else on stdout), arguments...
case_() {
  what=$1 want=$2 text=$3
  shift 3
  "$axgen" "$@" >"$work/out" 2>"$work/err"
  got=$?
  [ "$want" = 0 ] && where=$work/out || where=$work/err
  if [ $got = "$want" ] && grep -q -e "$text" "$where"; then ok "$what"; else fail "$what: exit $got, wanted $want with \`$text\`"; fi
}
