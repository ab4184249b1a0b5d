#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The fronts of the larger networks for docs/explore.md, and a table of them:
#   flows/explore-networks.sh [-j THREADS] [-p NETWORKS] [-l LEVEL] [-n "NAME..."] [DATA] OUTDIR
# THREADS for each network (default: as axgen), NETWORKS side by side (default 1). DATA is described in models/README.md
# (default: data beside flows). What was stopped goes on where it was, what is done is not done again.
# OUTDIR/NAME-LEVEL/ has the front, OUTDIR/NAME-LEVEL.txt what axgen said; the table comes last.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
AXGEN=${AXGEN:-$root/axgen}
# libgomp's threads otherwise spin while they wait, at the cost of whoever shares the cores.
export OMP_WAIT_POLICY="${OMP_WAIT_POLICY:-passive}"
usage() { sed -n '4p' "$0" | sed 's/^# */usage: /' >&2; exit 2; }

threads= side=1 level=kernel networks="resnet18 vgg11 mobilenetv2 efficientnetlite resnet20"
while getopts j:p:l:n: option; do
  case $option in
  j) threads=$OPTARG ;;
  p) side=$OPTARG ;;
  l) level=$OPTARG ;;
  n) networks=$OPTARG ;;
  *) usage ;;
  esac
done
shift $((OPTIND - 1))
data=$root/data
[ $# -ne 2 ] || { data=$1; shift; }
[ $# -eq 1 ] && [ -n "$1" ] || usage
[ -d "$data" ] || { echo "$0: no folder $data; models/README.md says what belongs there" >&2; exit 1; }
data=$(cd "$data" && pwd)
mkdir -p "$1"
out=$(cd "$1" && pwd)

# The flow with absolute paths, so that it can lie in OUTDIR.
configure() {
  sed "s|\.\./models/|$root/models/|; s|\.\./data/|$data/|; s|^output:.*|output: $out/$1-$level|" \
    "$root/flows/$1-explore.yaml" >"$out/$1.yaml"
}

explore() { # NAME
  said=$out/$1-$level.txt
  [ ! -s "$said" ] || return 0
  configure "$1"
  "$AXGEN" explore "$out/$1.yaml" --level "$level" -q ${threads:+-j "$threads"} \
    -o "$out/$1-$level" >"$said.now" 2>"$out/$1-$level.log" || { cat "$out/$1-$level.log" >&2; return 1; }
  mv "$said.now" "$said"
}

row() { # NAME
  awk -F, -v name="$1" -v level="$level" '
    FNR == NR { if (FNR > 1) { for (most = 1; most <= 4; most += 3) if ($9 <= most / 100 && $3 > saved[most]) saved[most] = $3 }
                next }
    /^resnet|^vgg|^mobile|^efficient/ && /: exact/ { split($0, word, " "); exact = word[3] }
    / hypervolume / { split($0, word, " "); evaluations = word[1]; before = 0
      if (match($0, /\([0-9]+ more/)) before = substr($0, RSTART + 1, RLENGTH - 6)
      match($0, /hypervolume [0-9.]+/); volume = substr($0, RSTART + 12, RLENGTH - 12)
      match($0, /[0-9]+ s;/); seconds = substr($0, RSTART, RLENGTH - 3) }
    END { printf "| %s | %s | %s | %d | %s%s | %s | %.1f %% / %.1f %% |\n", name, level, exact, evaluations + before,
          seconds, (before > 0 ? " (went on)" : ""), volume, 100 * saved[1], 100 * saved[4] }
  ' "$out/$1-$level/front.csv" "$out/$1-$level.txt"
}

if [ "$side" -gt 1 ]; then
  # One network each: this script again, whose table is not wanted.
  printf '%s\n' $networks | xargs -P "$side" -I NAME \
    sh "$0" ${threads:+-j "$threads"} -l "$level" -n NAME "$data" "$out" >/dev/null
else
  for n in $networks; do explore "$n"; done
fi
echo "| network | level | exact, validation % | evaluations | seconds | hypervolume | saved at most 1 point / 4 points below exact, test images |"
echo "|---|---|--:|--:|--:|--:|--|"
for n in $networks; do row "$n"; done
