#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Destinations that cannot be written: whatever is there stays as it is.
. "$(dirname "$0")/lib.sh"
small_network
cd "$work/net" || exit 1
"$axgen" rtl config.yaml >/dev/null || exit 1
contents() { (cd "$1" && find . \( -type f -o -type l -o -type d -empty \) | sort | xargs sha256sum 2>&1 | sha256sum); }
# Another design for the same folder.
sed 's/out: B/out: C/' config.yaml >other.yaml

# what, text wanted, command...: refused, and out is as before
unchanged() {
  what=$1 text=$2 before=$(contents out)
  shift 2
  expect "$what" 1 "$text" "$@"
  [ "$before" = "$(contents out)" ] && clean_within 1 && ok "$what: nothing changed" || fail "$what: nothing changed"
}

rm out/rtl/axgen.f
mkdir out/rtl/axgen.f
unchanged "a folder in the place of a file" 'axgen.f: cannot write: there is a folder' "$axgen" rtl other.yaml
rmdir out/rtl/axgen.f
"$axgen" rtl config.yaml >/dev/null
mv out/rtl/rom "$work/rom"
echo mine >out/rtl/rom
unchanged "a file in the place of a folder" 'rom: expected a folder, found a file' "$axgen" rtl other.yaml
rm out/rtl/rom
mv "$work/rom" out/rtl/rom
echo mine >file
unchanged "a file in the place of the output folder" 'file: expected a folder, found a file' "$axgen" rtl other.yaml -o file
unchanged "a folder below a file" 'file: expected a folder, found a file' "$axgen" rtl other.yaml -o file/a/b
[ "$(cat file)" = mine ] && ok "the file stays" || fail "the file stays"
ln -s nowhere link
unchanged "a link to nothing" 'link: expected a folder, found a link' "$axgen" rtl other.yaml -o link

if [ "$nobody" ]; then
  chmod 755 "$work"
  mkdir "$work/of-nobody"
  chown 65534 "$work/of-nobody" "$work/tmp"
  unchanged "a folder of somebody else" 'cannot' $nobody "$axgen" rtl other.yaml
  $nobody "$axgen" rtl config.yaml -o "$work/of-nobody" >/dev/null
  chmod 555 "$work/of-nobody/rtl"
  expect "a read-only folder" 1 'cannot write into this folder: Permission denied' \
    $nobody "$axgen" rtl other.yaml -o "$work/of-nobody"
  chmod 755 "$work/of-nobody/rtl"
  chown 0 "$work/tmp"
  "$axgen" rtl other.yaml -o "$work/of-nobody" >/dev/null
  [ "$(stat -c %u "$work/of-nobody/rtl")" = 65534 ] && ok "root leaves a folder its owner" || fail "root leaves a folder its owner"
else
  skip "folders without permission: not root"
fi

# A full disk: a file system of 64 KiB. And a destination that cannot be renamed to: somebody's mount.
mkdir small
if unshare -rm mount -t tmpfs -o size=64k none small 2>/dev/null; then
  cat >"$work/full.sh" <<'END'
mount -t tmpfs -o size=64k none small && "$1" rtl config.yaml -o small >/dev/null 2>"$2/err"
echo $? "$(ls -A small)"
mkdir small/d && "$1" mul gen exact8s -o small/d >/dev/null 2>>"$2/err"
echo $? "$(ls -A small/d)"
END
  got=$(unshare -rm sh "$work/full.sh" "$axgen" "$work" | tr '\n' ,)
  [ "$got" = '1 ,1 ,' ] && grep -q 'No space left' "$work/err" && ok "a full disk" || fail "a full disk: $got"
  # Temporary folders on one that gets full while the simulator writes: no verdict on what is cut, no cut waveforms.
  random 2020
  cat >"$work/waves.sh" <<'END'
mount -t tmpfs -o size="$3" none small
TMPDIR=$PWD/small "$1" sim "$2/r2020/config.yaml" --icarus --images 4 --trace "$2/waves.vcd" -q >"$2/out" 2>"$2/err"
echo $? "$(ls -A small)"
END
  for size in 200k 1m 2m 2500k 3m; do
    got=$(unshare -rm sh "$work/waves.sh" "$axgen" "$work" $size)
    { [ "$got" = '1 ' ] || [ "$got" = '3 ' ]; } && grep -qE 'No space left|the disk is full' "$work/err" && [ ! -e "$work/waves.vcd" ] &&
      ok "a simulation with $size of disk" || fail "a simulation with $size of disk: $got"
  done
  cat >"$work/mount.sh" <<'END'
mount --bind file out/rtl/axgen.f && "$1" rtl other.yaml >/dev/null 2>"$2/err"
echo $?
END
  touch out/rtl/mine
  mv out/rtl/axgen.f "$work/axgen.f" && cp file out/rtl/axgen.f
  before=$(contents out)
  got=$(unshare -rm sh "$work/mount.sh" "$axgen" "$work")
  [ "$got" = 1 ] && [ "$before" = "$(contents out)" ] && grep -q 'axgen.f: cannot write: Device or resource busy' "$work/err" &&
    ok "files put back when one cannot be renamed to" || fail "files put back when one cannot be renamed to: $got"
  mv "$work/axgen.f" out/rtl/axgen.f
  rm out/rtl/mine
else
  skip "a full disk: no mount allowed"
fi
(ulimit -f 4 && exec "$axgen" rtl other.yaml -o limited) >"$work/out" 2>"$work/err"
[ $? != 0 ] && [ ! -e limited/rtl ] && ok "a limit on file sizes" || fail "a limit on file sizes"

# What works: a link, a foreign file, the working folder, several at once.
mkdir elsewhere
ln -s elsewhere linked
"$axgen" rtl config.yaml -o linked >/dev/null && "$axgen" rtl other.yaml -o linked >/dev/null
[ -L linked ] && [ -e elsewhere/rtl/manifest.json ] && ok "a link to a folder" || fail "a link to a folder"
echo mine >elsewhere/rtl/notes
"$axgen" rtl config.yaml -o linked >/dev/null
[ "$(cat elsewhere/rtl/notes)" = mine ] && rm elsewhere/rtl/notes && diff -r elsewhere/rtl out/rtl >"$work/out" &&
  ok "a foreign file stays" || fail "a foreign file stays"
(cd elsewhere/rtl && "$axgen" rtl ../../other.yaml -o .. >/dev/null && [ -e axgen.f ]) &&
  ok "the working folder stays itself" || fail "the working folder stays itself"
"$axgen" rtl other.yaml -o two >/dev/null
for round in 1 2 3 4 5; do
  for config in config other config other; do "$axgen" rtl $config.yaml -o rivals >/dev/null 2>&1 & done
  wait
  diff -r rivals/rtl out/rtl >/dev/null || diff -r rivals/rtl two/rtl >/dev/null || break
done
[ $round = 5 ] && [ "$(ls rivals)" = rtl ] && ok "four at once leave one whole design" || fail "four at once leave one whole design"
finish
