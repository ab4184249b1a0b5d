#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# deb.sh: a Debian package of what was built: program, libraries, header, Python package, man page; in $BUILD. `make deb` builds
# first. The same sources give the same bytes.
set -eu
cd "$(dirname "$0")/.."
BUILD=${BUILD:-build}
version=$(sed -n 's/^.define AXGEN_VERSION "\(.*\)".*/\1/p' include/axgen.h)
architecture=$(dpkg --print-architecture)
multiarch=$(gcc -print-multiarch)
# Of the newest commit; without one, of the licence.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y LICENSE)}
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
stage=$work/stage
umask 022

make -s BUILD="$BUILD" PREFIX=/usr LIBNAME="lib/$multiarch" DESTDIR="$stage" install
strip --strip-unneeded "$stage/usr/bin/axgen" "$stage/usr/lib/$multiarch/libaxgen.so".[0-9]*
strip --strip-debug "$stage/usr/lib/$multiarch/libaxgen.a"
python=$stage/usr/lib/python3/dist-packages/axgen
mkdir -p "$python"
install -m 644 python/axgen/*.py python/axgen/py.typed "$python"
install -d "$python/torch"
install -m 644 python/axgen/torch/*.py "$python/torch"
documents=$stage/usr/share/doc/axgen
mkdir -p "$documents"
install -m 644 README.md docs/*.md "$documents"
install -m 644 LICENSE "$documents/copyright"
gzip -9n "$stage/usr/share/man/man1/axgen.1"

# What the program and the library need; the plugin for MPI is of use only where MPI is.
mkdir -p "$work/debian"
printf 'Source: axgen\n\nPackage: axgen\nArchitecture: any\nDescription: axgen\n' >"$work/debian/control"
depends=$(cd "$work" && dpkg-shlibdeps -O -l"$stage/usr/lib/$multiarch" "$stage/usr/bin/axgen" "$stage/usr/lib/$multiarch/libaxgen.so".[0-9]* 2>"$work/said") ||
  { cat "$work/said" >&2; exit 3; }
mkdir -p "$stage/DEBIAN"
cat >"$stage/DEBIAN/control" <<END
Package: axgen
Version: $version
Architecture: $architecture
Maintainer: The axgen authors <axgen@localhost>
Section: electronics
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$stage" | cut -f 1)
Depends: ${depends#shlibs:Depends=}
Recommends: yosys, verilator | iverilog, opensta, python3-numpy
Suggests: iverilog, g++, graphviz, openmpi-bin, dataset-fashion-mnist, python3-torch, python3-matplotlib
Description: hardware compiler for approximate neural-network accelerators
 From a trained CNN, a library of approximate multipliers and an accuracy
 budget to the Verilog of an accelerator that computes bit for bit what the
 emulator measured. Program, C library with header, Python package.
END
printf 'activate-noawait ldconfig\n' >"$stage/DEBIAN/triggers"
# What is linked with the library needs this minor version: before 1.0 the next may change it (include/axgen.h).
minor=${version#*.}
abi=$(objdump -p "$stage/usr/lib/$multiarch/libaxgen.so" | sed -n 's/^ *SONAME *libaxgen\.so\.//p')
printf 'libaxgen %s axgen (>= %s), axgen (<< %s.%s~)\n' "$abi" "$version" "${version%%.*}" $((${minor%%.*} + 1)) >"$stage/DEBIAN/shlibs"
(cd "$stage" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$stage/DEBIAN/md5sums"
package=$BUILD/axgen_${version}_$architecture.deb
find "$stage" -newermt "@$SOURCE_DATE_EPOCH" -print0 | xargs -0 -r touch --no-dereference --date="@$SOURCE_DATE_EPOCH"
dpkg-deb --root-owner-group -Zxz --build "$stage" "$package" >/dev/null
echo "$package"
