#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tables.
. "$(dirname "$0")/lib.sh"

# What `mul gen --format` writes is read back as the same function, mixed signs and products of 17 bits too.
for mul in mul8s_1KVP exact8u roup8us_p1_c7; do
  "$axgen" mul show "$mul" --table >"$work/want"
  for format in bin h npy hex c; do
    if [ "$mul" = roup8us_p1_c7 ] && [ "$format" = bin ]; then
      "$axgen" mul gen $mul --format bin -o "$work/f" >"$work/out" 2>&1 || has "17 bits do not fit into TFApprox's words" "products take 17 bits"
      continue
    fi
    "$axgen" mul gen "$mul" --format $format --name t -o "$work/f" >/dev/null && "$axgen" mul import "$work/f/t.$format" -o "$work/f/$mul" >"$work/out" 2>&1 &&
      "$axgen" mul show "$work/f/$mul/t.bin" --table >"$work/got"
    if cmp -s "$work/want" "$work/got"; then ok "$mul as .$format and back"; else fail "$mul as .$format and back: $(cat "$work/out")"; fi
    rm -f "$work/got"
  done
done
if [ "$("$axgen" mul gen exact8u --format c -o "$work/only_c" && ls "$work/only_c")" = "$work/only_c/mul_exact8u.c
mul_exact8u.c" ]; then ok "--format c"; else fail "--format c"; fi
"$axgen" mul gen exact8u --format bin -o "$work/f" >/dev/null
if [ "$(wc -c <"$work/f/mul_exact8u.bin")" = 131072 ] && [ "$(od -An -tu2 -j$((2 * (255 * 256 + 254))) -N2 "$work/f/mul_exact8u.bin" | tr -d ' ')" = 64770 ]; then ok "TFApprox's layout"; else fail "TFApprox's layout"; fi
if "$axgen" mul gen exact16s --format npy -o "$work/no" >"$work/out" 2>&1; then fail "gen --format of 16 x 16 bits"; else has "gen --format of 16 x 16 bits" "writes up to 2^16"; fi
if "$axgen" mul gen exact8s --format tar -o "$work/no" >"$work/out" 2>&1; then fail "an unknown format"; else has "an unknown format" "expected bin, h, npy, hex or c"; fi

# Nothing near a product; products stored + 32768; a constant, whose import is remembered by the file.
"$axgen" mul show exact8s --table | awk '{print $3 + 32768}' >"$work/shifted.txt"
refused "products that are stored with an offset" "$work/shifted.txt" "" "cannot be told" "less about 32768 .* index signed"
taken "... with it named" "$work/shifted.txt" "--product-offset 32768" "two's complement codes" "MAE 0.0000"
"$axgen" mul show exact8u --table | awk '{print ($1 * 7919 + $2 * 104729) % 65536}' >"$work/noise.txt"
refused "a table that is no product" "$work/noise.txt" "" "cannot be told"
head -c 131072 /dev/zero >"$work/zero.bin"
refused "a constant" "$work/zero.bin" "" "cannot be told" "index: .."
taken "a constant that is asked for" "$work/zero.bin" "--index su" "a signed and b unsigned (as asked for)" "warning"
if "$axgen" mul show "$work/o/zero.bin" >"$work/out" 2>&1; then has "its import is remembered" "a signed 8 bits .*b unsigned 8 bits"; else fail "its import is remembered: $(cat "$work/out")"; fi
mkdir "$work/net"
cp models/lenet5-fashion/net.yaml models/lenet5-fashion/weights.safetensors "$work/net/"
data=/usr/share/datasets/fashion-mnist
"$axgen" mul import "$work/zero.bin" --index signed -o "$work/net/imported" >/dev/null 2>&1
array
taken "a netlist for a configuration" "$work/s.v" "" "MAE 1.2500"
cp "$work/o/mul8s_mine.net" "$work/zero.bin" "$work/net/"
config() { printf 'network: net.yaml\ndataset: {format: idx, images: %s/t10k-images-idx3-ubyte.gz, labels: %s/t10k-labels-idx1-ubyte.gz}\nmultipliers: {E: exact8s, Z: %s}\nassignment: {default: E, conv2: Z}\n' $data $data "$1" >"$work/net/c.yaml"; }
for z in imported/zero.bin "{file: zero.bin, index: signed}" mul8s_mine.net; do
  config "$z"
  if "$axgen" eval "$work/net/c.yaml" -n 10 >"$work/out" 2>&1; then has "a configuration with $z" "top-1"; else fail "a configuration with $z: $(cat "$work/out")"; fi
done
config zero.bin
if "$axgen" eval "$work/net/c.yaml" -n 10 >"$work/out" 2>&1; then fail "a configuration guesses"; else has "a configuration does not guess" "c.yaml:3:30: error: .*cannot be told"; fi

finish
