#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Weights, biases and factors that are loaded: all layers, one layer; other words on the same hardware.
. "$(dirname "$0")/../lib.sh"

loading() { # seed, folder: a random network, all of whose words are loaded
  random "$1" && rm -rf "${work:?}/$2" && mv "$work/r$1" "$work/$2"
  sed -i 's/^  clock_ns: 4/&\n  weights: load/' "$work/$2/config.yaml"
}
for seed in 1 5 1006 1011; do
  loading $seed loaded
  check "random $seed: Icarus, words loaded, stalls" simulate "$work/loaded/config.yaml" --icarus --images 2 --stalls $seed
done
check "random 1011: Verilator, words loaded, stalls" simulate "$work/loaded/config.yaml" --images 2 --stalls 2
loading 3 loaded
sed -i 's/^    out: {/&weights: rom, /' "$work/loaded/config.yaml"
check "random 3: Icarus, words of one layer loaded" simulate "$work/loaded/config.yaml" --icarus --images 2 --stalls 4
"$axgen" rtl "$work/loaded/config.yaml" >/dev/null 2>&1 && lint "random 3, words of one layer loaded" "$work/loaded/out/rtl"

for seed in 3 1003; do
  loading $seed a
  rm -rf "$work/b"
  cp -R "$work/a" "$work/b"
  python3 tests/sim/other_words.py "$work/b"
  a=$work/a/out/rtl b=$work/b/out/rtl
  for x in a b; do
    "$axgen" rtl "$work/$x/config.yaml" >/dev/null 2>"$work/err"
    cat "$work/$x/out/rtl/"*.v "$work/$x/out/rtl/cores/"*.v | grep -v '^//' >"$work/$x.v"
  done
  [ -s "$work/a.v" ] && cmp -s "$work/a.v" "$work/b.v" && ! cmp -s "$a/load/words.bin" "$b/load/words.bin" &&
    ok "random $seed: other words, the same Verilog" || fail "random $seed: other words, the same Verilog"
  cp "$b/tb/words.hex" "$a/tb/b.hex"
  cp "$b/tb/expected.hex" "$a/tb/b_expected.hex"
  m=$a/manifest.json
  set -- -Preload.IN_W=$((8 * $(field "$m" 'j["s_axis"]["tdata_bytes"]'))) -Preload.OUT_W=$((8 * $(field "$m" 'j["m_axis"]["tdata_bytes"]'))) \
    -Preload.BEATS_IN=$(field "$m" 'j["s_axis"]["beats_per_image"]') -Preload.BEATS_OUT=$(field "$m" 'j["m_axis"]["beats_per_image"]') \
    -Preload.WORDS=$(field "$m" 'j["s_cfg_axis"]["beats"]')
  (cd "$a" && iverilog -g2005 -o r.vvp -s reload "$@" -c axgen.f "$root/tests/sim/reload.v" && vvp -n r.vvp) >"$work/err" 2>&1
  [ "$(tail -n 1 "$work/err")" = PASS ] && ok "random $seed: loaded again without a reset" || fail "random $seed: loaded again"
  (cd "$a" && iverilog -g2005 -o t.vvp -s tb_axgen_top -c axgen.f tb/tb_axgen_top.v && vvp -n t.vvp) >"$work/err" 2>&1
  grep -q '^PASS' "$work/err" && ok "random $seed: its own testbench loads" || fail "random $seed: its own testbench loads"
  python3 - "$a" <<'END' && ok "random $seed: words.bin is words.hex" || fail "random $seed: words.bin is words.hex"
import struct, sys
words = [int(x, 16) for x in open(sys.argv[1] + '/tb/words.hex')]
sys.exit(open(sys.argv[1] + '/load/words.bin', 'rb').read() != struct.pack('<%dI' % len(words), *words))
END
done

finish
