#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Built for one prefix, installed under another, moved, and used by somebody without rights in a folder of their own.
. "$(dirname "$0")/lib.sh"
small_network
unset AXGEN_DATA
(umask 077 && make -s BUILD="$BUILD" PREFIX=/usr DESTDIR="$work/stage" install) >"$work/out" 2>"$work/err" &&
  [ -x "$work/stage/usr/bin/axgen" ] && [ -s "$work/stage/usr/share/man/man1/axgen.1" ] && ok "make install" || fail "make install"
mkdir "$work/opt dir"
mv "$work/stage/usr" "$work/opt dir/there" # moved, to where the path has a blank
mkdir -p "$work/home"
cp -R "$work/net" "$work/home/net"
if [ "$nobody" ]; then
  chmod 755 "$work" "$work/opt dir"
  chown -R 65534 "$work/home" "$work/tmp"
fi
ln -s "$work/opt dir/there/bin/axgen" "$work/axgen-link"
while read -r text verb; do
  set -- $verb
  (cd "$work/home" && HOME=/nonexistent timeout 120 $nobody "$work/opt dir/there/bin/axgen" "$@") >"$work/out" 2>"$work/err"
  got=$?
  [ $got = 0 ] && grep -q "$text" "$work/out" && clean_within 1 && ok "installed: $verb" || fail "installed: $verb: exit $got"
done <<END
exact8s mul list
gates mul show mul8s_1KV8
mul_roup8s_p1_c7.v mul gen roup8s_p1_c7 -o gen
files rtl net/config.yaml
bit-exact sim net/config.yaml --icarus
bit-exact sim net/config.yaml
area synth net/config.yaml
END
"$work/axgen-link" mul list | grep -q exact8s && ok "through a link" || fail "through a link"
AXGEN_DATA=$work/none
export AXGEN_DATA
expect "AXGEN_DATA comes first" 1 "$work/none" "$work/axgen-link" mul list
finish
