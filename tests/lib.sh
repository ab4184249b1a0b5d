# SPDX-License-Identifier: Apache-2.0
# What the tests by shell share. A script tests/FOLDER/NAME.sh begins with
#   . "$(dirname "$0")/../lib.sh"
# and is then in the repository's root, with $root, $BUILD, $axgen, $random_net and a folder $work of its own, which is removed at
# its end (KEEP=1: stays). What a command printed goes to $work/out and $work/err: a check that fails shows both.
set -u
cd "$(dirname "$0")/../.." || exit 1
root=$PWD
BUILD=${BUILD:-build}
case $BUILD in /*) ;; *) BUILD=$root/$BUILD ;; esac
AXGEN_DATA=$root
AXGEN_CACHE=
export AXGEN_DATA AXGEN_CACHE
axgen=$BUILD/axgen
random_net=$BUILD/tests/sim/random_net
work=$(mktemp -d) || exit 1
if [ "${KEEP-}" ]; then echo "work folder: $work" >&2; else trap 'rm -rf "$work"' EXIT; fi

# ---- counting
passed=0 failed=0 skipped=0
ok() { echo "ok   $1"; passed=$((passed + 1)); }
fail() {
  echo "FAIL $1"
  for shown in log out err; do
    [ ! -s "$work/$shown" ] || sed 's/^/     /' "$work/$shown" | head -n 20
  done
  failed=$((failed + 1))
}
skip() { echo "SKIP $1"; skipped=$((skipped + 1)); }
judge() { if [ "$2" = 0 ]; then ok "$1"; else fail "$1"; fi; } # what, status
check() { # what, a command that succeeds
  what=$1
  shift
  "$@" >"$work/log" 2>&1
  judge "$what" $?
  rm -f "$work/log"
}
refused() { # what, exit status wanted, text wanted on stderr, arguments of `axgen $verb`...: writes nothing
  what=$1 want=$2 text=$3
  shift 3
  rm -rf "$work/never"
  "$axgen" "$verb" "$@" -o "$work/never" >"$work/out" 2>"$work/err"
  got=$?
  if [ $got = "$want" ] && grep -q -e "$text" "$work/err" && [ ! -e "$work/never" ]; then ok "$what"; else
    fail "$what: exit $got, wanted $want with \`$text\` and nothing written"
  fi
}
killed=0
killed_after() { # seconds, command...: which a SIGKILL ends then; counts in $killed those that still ran
  pause=$1
  shift
  "$@" >"$work/out" 2>"$work/err" &
  pid=$!
  sleep "$pause"
  kill -9 $pid 2>/dev/null && killed=$((killed + 1))
  wait $pid 2>/dev/null
}
counted() { # file: what others counted, lines `ok NAME` and `FAIL NAME why`
  cat "$1"
  passed=$((passed + $(grep -c '^ok ' "$1"))) failed=$((failed + $(grep -c '^FAIL ' "$1")))
}
finish() {
  echo "$passed passed, $failed failed, $skipped skipped"
  [ "$failed" = 0 ]
}

# ---- JSON: `j` is what the file holds
json() { # file, condition in Python; no object has a key twice
  python3 -c 'import json, sys
def once(pairs):
    o = dict(pairs)
    return o if len(o) == len(pairs) else sys.exit("a key twice: %s" % [k for k, v in pairs])
j = json.load(open(sys.argv[1]), object_pairs_hook=once)
sys.exit(0 if eval("(" + sys.argv[2] + ")") else "not so: " + sys.argv[2])' "$1" "$2"
}
field() { # file, expression in Python: prints it
  python3 -c 'import json, sys
j = json.load(open(sys.argv[1]))
print(eval("(" + sys.argv[2] + ")"))' "$1" "$2"
}

# ---- hardware
# A simulation that is bit-exact, with every multiplier proven, at the rate that was predicted (5 %).
simulate() { # config, options of axgen sim...
  "$axgen" sim --json "$@" >"$work/out" 2>"$work/err" && json "$work/out" 'j["bit_exact"] and j["values_compared"] > 0 and
    j.get("multipliers_proven", 1) > 0 and (j["images"] == 1 or abs(j["cycles_per_image"] / j["predicted_cycles_per_image"] - 1) < 0.05)'
}
silent() { # folder, command...: succeeds there and says nothing (but Icarus on timescales)
  (cd "$1" && shift && "$@") >"$work/out" 2>&1 && ! grep -v timescale "$work/out" >"$work/err"
}
lint() { # what, folder, top (default axgen_top)
  check "$1: verilator -Wall" silent "$2" verilator --lint-only -Wall -f axgen.f --top-module "${3:-axgen_top}"
  check "$1: iverilog -Wall" silent "$2" iverilog -g2005 -Wall -tnull -s "${3:-axgen_top}" -c axgen.f
}
random() { # seed, more arguments of random_net: a random network with its configuration in $work/rSEED, made anew
  rm -rf "$work/r$1" && mkdir -p "$work/r$1" && "$random_net" "$1" "$work/r$1" 2>"$work/err"
}

# ---- configurations
# A flow of flows/ with a change made by a sed script; an output goes to $work/never.
changed_flow() { # name, sed script, flow (default lenet5-dataflow)
  sed "s#\.\./models#$root/models#; s#^output:.*#output: $work/never#" "flows/${3:-lenet5-dataflow}.yaml" >"$work/$1.plain"
  changed "$1" "$2" "$work/$1.plain"
}
changed() { # name, sed script, configuration (default $work/c.yaml): makes $work/NAME.yaml and prints that
  sed "$2" "${3:-$work/c.yaml}" >"$work/$1.yaml"
  if cmp -s "${3:-$work/c.yaml}" "$work/$1.yaml"; then # a script that changes nothing: no file, so that its check fails
    rm "$work/$1.yaml"
  fi
  echo "$work/$1.yaml"
}
fashion=/usr/share/datasets/fashion-mnist
fashion_set() { # train or t10k, first, count: as a configuration's dataset
  echo "{format: idx, images: $fashion/$1-images-idx3-ubyte.gz, labels: $fashion/$1-labels-idx1-ubyte.gz, first: $2, count: $3}"
}
