#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What Yosys and OpenSTA made is kept: the same result with and without, only what changed is made again, damaged and hostile
# entries do no harm.
. "$(dirname "$0")/../lib.sh"

mkdir "$work/bin"
for tool in yosys sta; do # says who was called with what, but for questions for its version
  cat >"$work/bin/$tool" <<X
#!/bin/sh
case "\$*" in *-[Vv]*) ;; *) echo $tool "\$*" >>"$work/calls" ;; esac
exec $(command -v $tool) "\$@"
X
  chmod +x "$work/bin/$tool"
done
{
  printf '\000\000\010\003\000\000\000\001\000\000\000\006\000\000\000\006'
  head -c 36 models/lenet5-fashion/weights.safetensors
} >"$work/images"
configuration() { # multiplier E, more of the target
  cat <<Y
network: $root/tests/config/tiny/net.yaml
dataset: {format: idx, images: $work/images}
multipliers: {E: $1}
assignment: {default: E}
target: {kind: dataflow, folding: {conv1: {pe: 1, simd: 1}, conv2: {pe: 1, simd: 1}}$2}
Y
}
synth() { # folder for the result, arguments of axgen synth...
  out=$1
  shift
  : >"$work/calls"
  PATH="$work/bin:$PATH" "$axgen" synth -q "$@" -o "$work/$out" >"$work/$out.txt" 2>"$work/err"
}
calls() { test "$(grep -c "^$1" "$work/calls")" = "$2"; } # tool, how often
same() { cmp "$work/$1.txt" "$work/$2.txt" && cmp "$work/$1/synth.json" "$work/$2/synth.json" && cmp "$work/$1/netlist.v" "$work/$2/netlist.v"; }
entries() { ls "$work/kept" | wc -l; }
AXGEN_CACHE=$work/kept

configuration exact8s "" >"$work/a.yaml"
check "nothing is kept yet" synth cold "$work/a.yaml"
check "each result is an entry, and the plan's FIFOs, and nothing else is there" test "$(entries)" = "$(($(wc -l <"$work/calls") + 1))" -a "$(ls "$work/kept" | grep -vc '^[0-9a-f]*\.entry$')" = 0
cp -r "$work/kept" "$work/good"
check "all of it is kept" synth warm "$work/a.yaml"
check "no tool ran" test ! -s "$work/calls"
check "and the result is the same" same cold warm
check "without the cache" synth without "$work/a.yaml" --no-cache
check "the result is the same too" same cold without
check "the netlist has every module once, under its own name" sh -c "! grep -E 'axgen_(module|child_|text_)' '$work/cold/netlist.v' && grep -q 'module layer_conv1' '$work/cold/netlist.v' && test -z \"\$(grep -o '^module [^(]*' '$work/cold/netlist.v' | sort | uniq -d)\""
check "contents of ROMs are named" grep -q 'INIT_FILE("rom/conv1_weights.hex")' "$work/cold/netlist.v"

# Of a changed multiplier: the elaboration, itself on its own and in the design, and the two timings.
configuration roup8s_p0_c4 "" >"$work/b.yaml"
check "another multiplier" synth other "$work/b.yaml"
check "only it is synthesised" calls yosys 3
check "and timed" calls sta 2
# ABC is a program of its own, which Yosys runs.
cat >"$work/bin/berkeley-abc" <<X
#!/bin/sh
case "\$*" in *version*) echo "ABC of another day" ;; *) exec $(command -v berkeley-abc || command -v yosys-abc) "\$@" ;; esac
X
chmod +x "$work/bin/berkeley-abc"
check "another ABC" synth abc "$work/a.yaml"
check "maps everything anew, and nothing is timed anew" test "$(grep -c ^yosys "$work/calls")" -gt 10 -a "$(grep -c ^sta "$work/calls")" = 0
check "the result is the same" same cold abc
rm "$work/bin/berkeley-abc"
# A tool that does not say what it is: what it makes is not kept, and nothing that was kept is taken for it.
sed -i 's/\*-\[Vv\]\*) ;;/*-[Vv]*) exit 1 ;;/' "$work/bin/yosys"
before=$(entries)
check "a Yosys without a version" synth nameless "$work/a.yaml"
check "runs, and nothing that it made is kept" test "$(grep -c ^yosys "$work/calls")" -gt 10 -a "$(($(entries) - before))" = "$(grep -c ^sta "$work/calls")"
sed -i 's/ exit 1 ;;/ ;;/' "$work/bin/yosys"
configuration exact8s ", name: mine" >"$work/c.yaml"
check "under a name of one's own" synth named "$work/c.yaml"
check "logic is found whatever its name: elaboration and the renamed multiplier" calls yosys 2
check "areas are the same" python3 -c "import json, sys
a, b = (json.load(open(sys.argv[1] + f + '/synth.json')) for f in ('/cold', '/named'))
sys.exit(a['area_um2'] != b['area_um2'] or a['timing']['delay_ns'] != b['timing']['delay_ns'])" "$work"
# Somebody's circuit: which recipe takes less energy is measured, and the measurement kept like all else; it is mapped by both
# recipes and in the design, and not once more.
before=$(entries)
configuration "$root/genlib/evolved/evo8s_mae101.net" "" >"$work/foreign.yaml"
check "somebody's multiplier" synth foreign "$work/foreign.yaml"
check "what was measured by two recipes is kept too" test "$(($(entries) - before))" = "$(($(wc -l <"$work/calls") + 2))"
check "it is there the next time" synth foreign2 "$work/foreign.yaml"
check "no tool ran" test ! -s "$work/calls"
check "and the result is the same" same foreign foreign2
check "and without a cache" synth foreign3 "$work/foreign.yaml" --no-cache
check "is the same" same foreign foreign3
check "two recipes are two runs" calls "yosys .*synth.ys" 2
python3 - "$work/kept" <<'P'
import glob, gzip, sys
found = 0
for path in glob.glob(sys.argv[1] + "/*.entry"):
    data = gzip.open(path).read()
    if b"\nmeasured.txt " in data:
        head, mark, rest = data.partition(b"\nmeasured.txt ")
        text = rest.split(b"\n", 1)[1].split(b" ")
        text[1] = b"nan" if found else b"-"
        text = b" ".join(text)
        open(path, "wb").write(gzip.compress(head + mark + b"%d\n" % len(text) + text))
        found += 1
sys.exit(found != 2)
P
check "measurements that are none: two" test $? = 0
check "with them" synth foreign4 "$work/foreign.yaml"
check "all is measured anew" same foreign foreign4
sed 's/0.0400000/0.0410000/;t;s/Open Cell/Open  Cell/' synth/liberty/axgen45.lib >"$work/other.lib"
check "the other library is another one" sh -c "! cmp -s synth/liberty/axgen45.lib '$work/other.lib'"
sed "s|^target|technology: {liberty: $work/other.lib}\ntarget|" "$work/a.yaml" >"$work/d.yaml"
check "another library" synth library "$work/d.yaml"
check "everything is synthesised for it" calls yosys "$(($(grep -c '' "$work/calls") - $(grep -c ^sta "$work/calls")))"
check "that memories are not of it is said" grep -q 'memories are estimated for 45 nm' "$work/err"
check "more than a multiplier" test "$(grep -c ^yosys "$work/calls")" -gt 10

# The library is edited while the first tool runs: the result, and what is kept of it, are those of the library that was read.
cp "$work/other.lib" "$work/mine.lib"
sed 's/area : *[0-9.]*/area : 99.5/' "$work/other.lib" >"$work/dear.lib"
check "the dear library is another one" sh -c "! cmp -s '$work/other.lib' '$work/dear.lib'"
mkdir "$work/edits"
cat >"$work/edits/yosys" <<X
#!/bin/sh
case "\$*" in *-V*) ;; *) cat "$work/dear.lib" >"$work/mine.lib" ;; esac
exec $(command -v yosys) "\$@"
X
chmod +x "$work/edits/yosys"
sed "s|other.lib|mine.lib|" "$work/d.yaml" >"$work/e.yaml"
check "a library that is edited meanwhile" env PATH="$work/edits:$PATH" "$axgen" synth -q --cache "$work/edited" "$work/e.yaml" -o "$work/meanwhile"
check "it was edited" cmp "$work/mine.lib" "$work/dear.lib"
cp "$work/other.lib" "$work/mine.lib"
check "what was kept of that run" "$axgen" synth -q --cache "$work/edited" "$work/e.yaml" -o "$work/after"
for run in meanwhile after; do
  check "$run: of the library that was read" cmp "$work/library/netlist.v" "$work/$run/netlist.v"
  check "$run: its areas and delays" python3 -c "import json, sys
a, b = (json.load(open(f + '/synth.json')) for f in sys.argv[1:])
sys.exit(a['area_um2'] != b['area_um2'] or a['timing'] != b['timing'])" "$work/library" "$work/$run"
done

# Damaged: one is empty, one cut, the others are as they were.
rm -rf "$work/kept"
cp -r "$work/good" "$work/kept"
set -- "$work/kept"/*
: >"$1"
head -c 100 "$2" >"$work/cut"
cp "$work/cut" "$2"
check "two damaged entries" synth damaged "$work/a.yaml"
check "the result is the same" same cold damaged
check "two tools ran" test "$(wc -l <"$work/calls")" = 2
check "whole again" synth again "$work/a.yaml"
check "no tool ran" test ! -s "$work/calls"

# Entries that are whole and hold something else.
for seed in 1 2 3; do
  rm -rf "$work/kept"
  cp -r "$work/good" "$work/kept"
  python3 - "$work/kept" $seed <<'P'
import gzip, os, random, sys
random.seed(int(sys.argv[2]))
for name in sorted(os.listdir(sys.argv[1])):
    path = os.path.join(sys.argv[1], name)
    data = bytearray(gzip.open(path).read())
    start = data.find(b"\n", 100) + 1 or data.index(b"\n") + 1  # behind the key and the first size
    for _ in range(1 + len(data) // 2000 * (int(sys.argv[2]) % 3)):
        at = random.randrange(start, len(data))
        data[at] = random.choice(b'0{}[]",\\$ \n\x00\xff') if int(sys.argv[2]) % 2 else random.randrange(256)
    with gzip.open(path, "wb") as f:
        f.write(bytes(data))
P
  synth hostile "$work/a.yaml"
  status=$?
  check "changed entries, $seed: exit $status" test $status = 0 -o $status = 3
done
rm -rf "$work/kept"

# ---- depths of FIFOs
cost() { "$axgen" cost --json flows/resnet8-dataflow.yaml "$@" -o "$work/cost" >"$work/$name.txt" 2>"$work/err"; }
predicted() { # what, then as cost: the same as without a cache
  what=$1
  shift
  name=now
  check "$what" cost "$@"
  check "$what: the same" cmp "$work/none.txt" "$work/now.txt"
}
name=none
check "a prediction that keeps nothing" cost --no-cache
check "left nothing" test ! -e "$work/kept"
predicted "with an empty cache"
check "an entry" test "$(entries)" = 1
predicted "from it"
entry=$(echo "$work"/kept/*.entry)
cp "$entry" "$work/entry"
for change in 's/ [0-9]* end/ end/' 's/ [0-9]* end/ 99999999 end/' 's/end$/1 end/' 's/ [0-9]* end/ -1 end/' 's/ end$//' '2s/^\([0-9]*\) [0-9]* /\1 99999999 /' '2s/^[0-9]* /0 /' '2s/^[0-9]* /1 /' '2s/^\([0-9]*\) [0-9]* /\1 0 /' '1s/entry/antry/'; do
  gzip -dc <"$work/entry" | sed "$change" >"$work/changed"
  check "changed by $change: it is another entry" sh -c "! gzip -dc <'$work/entry' | cmp -s - '$work/changed'"
  gzip <"$work/changed" >"$entry"
  predicted "changed by $change"
done
head -c 60 "$work/entry" >"$entry"
predicted "half an entry"
check "was made again" sh -c "gzip -dc <'$work/entry' >'$work/was' && gzip -dc <'$entry' | cmp - '$work/was'"
rm -rf "$work/kept"
mkdir "$work/kept"
echo file >"$work/file"
verb=synth
refused "a folder that cannot be" 1 'file: expected a folder' "$work/a.yaml" --cache "$work/file"
finish
