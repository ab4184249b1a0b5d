#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Makes the circuits of this folder again (all, or those named): the same files, byte for byte, on any machine. Five to sixty seconds of
# one core each. Interrupted runs go on from their checkpoints in build/evolve/.
cd "$(dirname "$0")/../.." || exit 1
mkdir -p build/evolve
wanted=" $* "
while read -r name start mae wce objective generations seed; do
  case $wanted in "  " | *" $name "*) ;; *) continue ;; esac
  ./axgen mul evolve "$start" --mae "$mae" --wce "$wce" --objective "$objective" --generations "$generations" \
    --seed "$seed" --checkpoint "build/evolve/$name.checkpoint" -o "genlib/evolved/$name.net" || exit
done <<END
evo8s_mae1 exact8s 1.25 7 area 200000 1
evo8s_mae4 exact8s 4.25 22 area 200000 1
evo8s_mae12 roup8s_p0_c4 12.25 62 area 200000 1
evo8s_mae12_energy exact8s 12.25 62 energy 150000 1
evo8s_mae24 exact8s 24 120 area 200000 1
evo8s_mae33 roup8s_p0_c6 33.28 167 area 200000 1
evo8s_mae33_energy exact8s 33.28 167 energy 150000 1
evo8s_mae53 roup8s_p0_c6 53.33 267 area 200000 1
evo8s_mae53_energy bam8s_h0_v6_t0_const80 53.33 267 energy 150000 1
evo8s_mae75 roup8s_p1_c6 75 375 area 200000 1
evo8s_mae101 roup8s_p1_c6 101.28 507 area 200000 1
evo8s_mae101_energy bam8s_h0_v6_t1 101.28 507 energy 150000 1
evo8s_mae150 roup8s_p1_c7 150 750 area 200000 1
evo8s_mae224 roup8s_p0_c8 224 1120 area 200000 1
evo8s_mae340 roup8s_p2_c8 340 1700 area 200000 1
evo8s_mae500 roup8s_p2_c9 500 2500 area 200000 1
evo8u_mae1 exact8u 1.25 7 area 200000 1
evo8u_mae4 exact8u 4.25 22 area 200000 1
evo8u_mae12 bam8u_h0_v4_t0_const12 12 60 area 200000 1
evo8u_mae24 exact8u 24.53 123 area 500000 2
evo8u_mae37 exact8u 37.07 186 area 200000 1
evo8u_mae42_energy exact8u 42.28 211 energy 300000 3
evo8u_mae60 exact8u 60 300 area 200000 1
evo8u_mae90 exact8u 90 450 area 200000 1
evo8u_mae118 exact8u 118.72 594 area 200000 1
evo8u_mae118_energy bam8u_h0_v7_t0_const192 118.72 594 energy 400000 1
evo8u_mae165 bam8u_h1_v7_t0_const192 165.8 829 area 200000 1
evo8u_mae283 bam8u_h0_v8_t0_const448 283.5 1418 area 200000 1
evo8u_mae283_energy bam8u_h0_v8_t0_const448 283.56 1418 energy 400000 2
evo8u_mae400 bam8u_h0_v8_t2_const448 400 2000 area 200000 1
evo8u_mae580 exact8u 580 2900 area 200000 1
evo8u_mae580_energy bam8u_h0_v8_t2_const448 580.59 2903 energy 400000 1
END
