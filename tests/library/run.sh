#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The library as it is installed: what it exports, the example of docs/library.md, a C and a C++ program.
. "$(dirname "$0")/../lib.sh"

stage=$work/stage/opt/axgen
check "make install" make -s BUILD="$BUILD" PREFIX=/opt/axgen DESTDIR="$work/stage" install
PKG_CONFIG_PATH=$stage/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$work/stage
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
unset AXGEN_DATA # found from where the library lies
flags=$(pkg-config --cflags --libs axgen 2>"$work/err") || fail "pkg-config axgen"
LD_LIBRARY_PATH=$stage/lib
export LD_LIBRARY_PATH
version=$(pkg-config --modversion axgen)
[ "axgen $version" = "$("$axgen" --version | head -n 1)" ] && ok "version" || fail "version: $version"

soname=$(objdump -p "$stage/lib/libaxgen.so" | sed -n 's/^ *SONAME *//p')
case $version in 0.*) abi=${version%.*} ;; *) abi=${version%%.*} ;; esac
[ "$soname" = "libaxgen.so.$abi" ] && [ -e "$stage/lib/$soname" ] && grep -q "^SONAME = \"$soname\"" python/axgen/_library.py
judge "the library's name is that of its ABI, $soname, and what Python loads" $?
others=$(nm -D --defined-only "$stage/lib/libaxgen.so" | awk '$3 !~ /^axgen_/ && $2 != "A" { print $3 }')
[ -z "$others" ] && ok "libaxgen.so exports axgen_* alone" || fail "libaxgen.so exports $others"
others=$(nm -g --defined-only "$stage/lib/libaxgen.a" | awk 'NF == 3 && $3 !~ /^axgen_/ { print $3 }')
[ -z "$others" ] && ok "libaxgen.a exports axgen_* alone" || fail "libaxgen.a exports $others"
declared=$(grep -oE '\baxgen_[a-z_]+\(' include/axgen.h | tr -d '(' | sort -u)
defined=$(nm -D --defined-only "$stage/lib/libaxgen.so" | awk '$3 ~ /^axgen_/ { sub(/@.*/, "", $3); print $3 }' | sort -u)
missing=$(printf '%s\n' $defined | while read -r name; do printf '%s\n' $declared | grep -qx "$name" || echo "$name"; done)
[ -z "$missing" ] && ok "what is exported is declared" || fail "not in axgen.h: $missing"

# The example of the documentation, and what it says that the example prints.
sed -n '/^```c$/,/^```$/p' docs/library.md | sed '1d;$d' >"$work/example.c"
sed -n '/it prints$/,$p' docs/library.md | sed -n '/^```$/,/^```$/p' | sed '1d;$d' >"$work/want"
lines=$(wc -l <"$work/example.c")
[ "$lines" -le 40 ] && ok "the example has $lines lines" || fail "the example has $lines lines"
check "the example compiles" gcc -std=c11 -Wall -Wextra -Werror -o "$work/example" "$work/example.c" $flags
"$work/example" >"$work/out" 2>"$work/err" && cmp -s "$work/out" "$work/want" && ok "the example prints what is documented" ||
  fail "the example prints what is documented"
check "statically" gcc -std=c11 -o "$work/static" "$work/example.c" "-I$stage/include" "$stage/lib/libaxgen.a" \
  $(PKG_CONFIG_PATH= PKG_CONFIG_SYSROOT_DIR= pkg-config --libs yaml-0.1 libcjson libprotobuf-c zlib libmd sqlite3) -lm -fopenmp
"$work/static" >"$work/out" 2>"$work/err" && cmp -s "$work/out" "$work/want" && ok "and prints the same" || fail "and prints the same"

printf '#include <axgen.h>\nint main() { return axgen_version()[0] != AXGEN_VERSION[0]; }\n' >"$work/cpp.cc"
check "from C++" g++ -std=c++11 -Wall -Wextra -Werror -o "$work/cpp" "$work/cpp.cc" $flags
check "runs" "$work/cpp"

# Folders of any name; what is installed can be removed.
place() { make -s BUILD="$BUILD" PREFIX="$work/R & D" LIBNAME="lib x" DESTDIR= "$1"; }
check "make install to folders with blanks" place install
odd="$work/R & D/lib x"
eval "set -- $(PKG_CONFIG_SYSROOT_DIR= PKG_CONFIG_PATH="$odd/pkgconfig" pkg-config --cflags --libs axgen)"
check "pkg-config names them" g++ -std=c++11 -o "$work/cpp" "$work/cpp.cc" "$@"
LD_LIBRARY_PATH=$odd "$work/cpp" && ok "and it runs" || fail "and it runs"
check "make uninstall" place uninstall
left=$(find "$work/R & D" ! -type d)
[ -z "$left" ] && ok "leaves nothing" || fail "make uninstall leaves $left"

# conv2 by kernel, the multipliers in turn.
kernels=$(awk 'BEGIN { for (f = 0; f < 16; f++) for (c = 0; c < 6; c++) printf "%s\"%d,%d\": %s", f + c ? ", " : "", f, c, substr("EAT", (f * 6 + c) % 3 + 1, 1) }')
cat >"$work/config.yaml" <<END
network: $root/models/lenet5-fashion/net.yaml
multipliers: {E: exact8s, A: roup8s_p1_c7, T: trunc8s_k8}
assignment: {default: E, conv2: {kernels: {$kernels}}}
dataset: {format: idx, images: /usr/share/datasets/fashion-mnist/t10k-images-idx3-ubyte.gz,
  labels: /usr/share/datasets/fashion-mnist/t10k-labels-idx1-ubyte.gz}
END
AXGEN_DATA=$root "$axgen" eval "$work/config.yaml" -n 200 --logits "$work/logits.npy" >"$work/out" 2>"$work/err" && ok "axgen eval" || fail "axgen eval"
tail -c 8000 "$work/logits.npy" >"$work/logits"
check "exercise.c compiles" gcc -std=c11 -Wall -Wextra -Werror -pthread -o "$work/exercise" tests/library/exercise.c $flags
"$work/exercise" "$work/config.yaml" "$work/logits" >"$work/said" 2>"$work/err"
judge "exercise.c ends well" $?
counted "$work/said"
[ ! -s "$work/err" ] && ok "nothing on standard error" || fail "nothing on standard error"
check "operators.c compiles" gcc -std=c11 -Wall -Wextra -Werror -pthread -o "$work/operators" tests/library/operators.c $flags -lm
"$work/operators" >"$work/said" 2>"$work/err"
judge "operators.c ends well" $?
counted "$work/said"

# The Debian package: what it depends on can be installed, and it works from where it is unpacked.
if command -v dpkg-shlibdeps >/dev/null; then
  unset PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
  check "make deb" sh -c 'BUILD=$1 sh packaging/deb.sh >"$2/package"' deb "$BUILD" "$work"
  package=$(tail -n 1 "$work/package")
  cp "$package" "$work/first.deb"
  check "again" sh -c 'BUILD=$1 sh packaging/deb.sh >"$2/package"' deb "$BUILD" "$work"
  cmp -s "$package" "$work/first.deb" && ok "the same bytes" || fail "the package's bytes differ"
  dpkg-deb -f "$package" Depends >"$work/out"
  missing=$(for needed in libyaml-0-2 libcjson1 libprotobuf-c1 libsqlite3-0 zlib1g libmd0 libgomp1; do
    grep -q "$needed" "$work/out" || echo "$needed"
  done)
  [ -z "$missing" ] && ok "what it depends on" || fail "it does not depend on $missing"
  [ "$(dpkg-deb -I "$package" shlibs)" = "libaxgen 0.1 axgen (>= $version), axgen (<< 0.2~)" ]
  judge "what is linked with it depends on" $?
  if [ "$(id -u)" = 0 ]; then
    mkdir -p "$work/installed/var/lib/dpkg/updates" "$work/installed/var/lib/dpkg/info"
    touch "$work/installed/var/lib/dpkg/status"
    check "dpkg installs it" dpkg --root="$work/installed" --log="$work/dpkg.log" --force-depends -i "$package"
    check "and removes it" dpkg --root="$work/installed" --log="$work/dpkg.log" -P axgen
    [ ! -e "$work/installed/usr" ] && ok "which leaves nothing" || fail "which leaves something"
  else
    skip "only root installs packages"
  fi
  dpkg-deb -x "$package" "$work/root"
  (cd "$work" && env -i PATH=/usr/bin:/bin HOME="$work" "$work/root/usr/bin/axgen" mul gen roup8s_p1_c7 -o "$work/gen") >"$work/out" 2>"$work/err"
  judge "the packaged program" $?
  gcc -o "$work/packaged" "$work/example.c" "-I$work/root/usr/include" "-L$work/root/usr/lib/$(gcc -print-multiarch)" -laxgen &&
    LD_LIBRARY_PATH=$work/root/usr/lib/$(gcc -print-multiarch) "$work/packaged" >"$work/out" 2>"$work/err" && cmp -s "$work/out" "$work/want"
  judge "the packaged library" $?
else
  skip "dpkg-dev is missing"
fi
finish
