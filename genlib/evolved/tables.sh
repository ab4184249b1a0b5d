#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tables of docs/evolution.md from the catalogue: `tables.sh` prints the first, `tables.sh PUBLISHED.csv` the second
# (columns name, signed, mae, wce, ..., published_power_mw, published_area_um2), `tables.sh --update PUBLISHED.csv` puts both
# into the document.
set -e
cd "$(dirname "$0")/../.."
catalogue=genlib/catalogue/axgen45.csv

shipped() {
  echo '| name | MAE | WCE | EP % | bias | um2 | ratio | ns | fJ | ratio | start |'
  echo '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|'
  awk -F, '
    FNR == NR && FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    FNR == NR { line[$1] = $0; next }
    /^evo8/ { split($0, job, " "); split(line[job[1]], f, ","); split(line[/^evo8u/ ? "exact8u" : "exact8s"], e, ",")
      if (line[job[1]] != "")
        printf "| `%s` | %.2f | %d | %.1f | %+.1f | %.1f | %.2f | %.2f | %.1f | %.2f | `%s` |\n", job[1], f[at["mae"]],
          f[at["wce"]], 100 * f[at["ep"]], f[at["bias"]], f[at["area"]], f[at["area"]] / e[at["area"]], f[at["delay"]],
          f[at["energy"]], f[at["energy"]] / e[at["energy"]], job[2] }' "$catalogue" genlib/evolved/make.sh
}

published() {
  echo '| published | MAE | WCE | area | power | ours, smallest | WCE | area | ours, most frugal | WCE | energy |'
  echo '|---|--:|--:|--:|--:|---|--:|--:|---|--:|--:|'
  awk -F, '
    FNR == NR && FNR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    FNR == NR { if ($1 ~ /^evo8[su]_/ || $1 ~ /^exact8[su]$/) { area[$1] = $at["area"]; energy[$1] = $at["energy"]
                  mae[$1] = $at["mae"]; wce[$1] = $at["wce"] } next }
    FNR == 1 { for (i = 1; i <= NF; i++) col[$i] = i; next }
    { name = $1; sign = $2; m = $col["mae"]; power = $col["published_power_mw"]; size = $col["published_area_um2"]
      if (name == "mul8s_1KV6" || name == "mul8u_1JFF") { base_power[sign] = power; base_area[sign] = size; next }
      small = frugal = ""
      for (n in mae) if (n ~ "^evo8" sign "_" && mae[n] <= m) {
        if (small == "" || area[n] < area[small]) small = n
        if (frugal == "" || energy[n] < energy[frugal]) frugal = n }
      if (small == "" || m > 1000) next # beyond the range that is shipped
      e = energy[frugal] / energy["exact8" sign]; p = power / base_power[sign]; bold = e < p ? "**" : ""
      printf "| `%s` | %.2f | %d | %.2f | %.2f | `%s` | %d | %.2f | `%s` | %d | %s%.2f%s |\n", name, m, $col["wce"],
        size / base_area[sign], p, small, wce[small], area[small] / area["exact8" sign], frugal, wce[frugal], bold, e, bold }
  ' "$catalogue" "$1"
}

case ${1:-} in
'') shipped ;;
--update)
  shipped >docs/evolution.tmp1
  published "$2" >docs/evolution.tmp2
  awk '
    /^\| name \| MAE/ { while ((getline l < "docs/evolution.tmp1") > 0) print l; skip = 1 }
    /^\| published \|/ { while ((getline l < "docs/evolution.tmp2") > 0) print l; skip = 1 }
    !/^\|/ { skip = 0 }
    !skip' docs/evolution.md >docs/evolution.tmp
  mv docs/evolution.tmp docs/evolution.md
  rm docs/evolution.tmp1 docs/evolution.tmp2 ;;
*) published "$1" ;;
esac
