#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Weights that are streamed from outside: random networks bit for bit, with and without stalls; how many words each port takes;
# beside words that are loaded, and loaded again; the testbench that goes along; files that are wrong.
. "$(dirname "$0")/../lib.sh"

streaming() { # seed, words added to the layer `out`: a random network whose layers stream their weights
  random "$1" && sed -i "s/^  clock_ns: 4/&\\n  weights: stream/; s/^    out: {/&$2/" "$work/r$1/config.yaml"
}
# Bit-exact, at the rate that was predicted, and the bytes of each port are what its folding says.
measured() { # config, options...
  simulate "$@" && json "$work/out" 'j["weight_streams"] and all(
    w["beats_per_image"] == w["beats"] * w["passes_per_image"] and w["bytes_per_image"] == w["beats_per_image"] * w["tdata_bytes"] and
    abs(w["bytes_per_cycle"] - w["bytes_per_image"] / c) < 1e-9 for c in [j["cycles_per_image"]] for w in j["weight_streams"])'
}
for seed in 3 1011; do
  streaming $seed ''
  check "random $seed: Icarus, stalls" measured "$work/r$seed/config.yaml" --icarus --images 3 --stalls $seed
done
check "random 1011: Verilator, stalls" measured "$work/r1011/config.yaml" --images 3 --stalls 2

# ---- what is written
rtl() { # folder
  "$axgen" rtl "$work/$1/config.yaml" >"$work/$1/text"
}
check "rtl" rtl r1011
lint "random 1011" "$work/r1011/out/rtl"
check "rtl lists the ports" grep -q '^conv0  *s_weights_conv0_axis ' "$work/r1011/text"
cp -R "$work/r1011/out/rtl" "$work/first"
check "rtl again" rtl r1011
check "the same bytes twice" diff -r "$work/first" "$work/r1011/out/rtl"
check "no weights in ROM" sh -c '! ls "$1"/rom/*weights*' - "$work/first"
# The files have the weights of the ROM images, low byte first.
sed 's/weights: stream/weights: rom/' "$work/r1011/config.yaml" >"$work/r1011/rom.yaml"
check "the same network with ROMs" "$axgen" rtl "$work/r1011/rom.yaml" -o "$work/rom"
check "the words are those of the ROMs" python3 - "$work/first" "$work/rom/rtl" <<'END'
import json, sys
streams = json.load(open(sys.argv[1] + '/manifest.json'))['weight_streams']
assert len(streams) == 4
for w in streams:
    data, size = open(sys.argv[1] + '/' + w['file'], 'rb').read(), w['tdata_bytes']
    rom = [int(x, 16) for x in open(sys.argv[2] + '/rom/' + w['layer'] + '_weights.hex')]
    assert [int.from_bytes(data[i:i + size], 'little') for i in range(0, len(data), size)] == rom and len(rom) == w['beats']
END

# ---- other verbs
check "energy" "$axgen" energy "$work/r3/config.yaml" --images 1 -o "$work/energy"
streaming 1003 ''
check "synth" "$axgen" synth "$work/r1003/config.yaml" --images 1 -o "$work/synth"
"$axgen" rtl "$work/r1003/config.yaml" -o "$work/synth" >/dev/null
check "synth finds the ROMs that manifest.json tells of" json "$work/synth/synth.json" \
  "0 < j['rom_bits'] == sum(l['rom_bits'] for l in json.load(open('$work/synth/rtl/manifest.json'))['layers'])"

# ---- the testbench that goes along: counts what passes the ports; named, from elsewhere; wrong files
bench() { # folder, top, more
  top=$2
  (cd "$1" && shift 2 && iverilog -g2005 -o tb.vvp "$@" -c axgen.f "tb/tb_$top.v" && vvp -n tb.vvp)
}
counted() { # folder
  python3 tests/sim/count.py "$1" >"$1/count.v" || return 1
  bench "$1" axgen_top -s count -s tb_axgen_top count.v -Ptb_axgen_top.FINISH=0 >"$work/said" 2>&1
  cat "$work/said"
  grep -q '^PASS tb_axgen_top' "$work/said" && grep -q '^counted [1-9]' "$work/said" && ! grep -q '^wrong' "$work/said"
}
check "each port takes its words, so many an image" counted "$work/first"
spoiled() { # file, how (shell, of "$f"), what is said
  rm -rf "$work/spoiled"
  cp -R "$work/first" "$work/spoiled"
  f=$work/spoiled/$1
  eval "$2"
  bench "$work/spoiled" axgen_top -s tb_axgen_top >"$work/said" 2>&1
  status=$?
  cat "$work/said"
  [ $status != 0 ] && grep -q "$3" "$work/said" && grep -q '^FAIL' "$work/said"
}
check "a file that is too short" spoiled stream/conv1.bin 'truncate -s -1 "$f"' 'stream/conv1.bin has only 11 bytes, 2 words of 6 are needed'
check "a file that is too long" spoiled stream/conv1.bin 'printf x >>"$f"' 'stream/conv1.bin has more than 12 bytes, 2 words of 6'
check "a file that is missing" spoiled stream/out.bin 'rm "$f"' 'stream/out.bin cannot be read'
check "other weights" spoiled stream/out.bin 'tr "\000-\377" "\001-\377\000" <"$f" >x && mv x "$f"' 'was expected'

# ---- beside words that are loaded; rows that no later window reads are under way when words are loaded again
streaming 15 'weights: load, '
check "random 15: Icarus, stalls" measured "$work/r15/config.yaml" --icarus --images 3 --stalls 4
sed -i 's/^  kind: dataflow/&\n  name: eyes/' "$work/r15/config.yaml"
check "random 15: rtl" rtl r15
lint "random 15: streamed and loaded" "$work/r15/out/rtl" eyes
named() {
  rtl=$work/r15/out/rtl
  sed "s,^[^#],$rtl/&," "$rtl/axgen.f" >"$work/all.f"
  iverilog -g2005 -o "$work/tb.vvp" -s tb_eyes "-DEYES_ROM=\"$rtl/rom\"" "-Ptb_eyes.FOLDER=\"$rtl\"" -c "$work/all.f" "$rtl/tb/tb_eyes.v" &&
    vvp -n "$work/tb.vvp" >"$work/said"
  cat "$work/said"
  grep -q '^PASS tb_eyes' "$work/said"
}
check "random 15: loaded again, named, from another folder" named

finish
