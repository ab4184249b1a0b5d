#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers by (PE, lane) in the dataflow target: scripts of a subject each, with $BUILD/axgen and $BUILD/tests/sim/random_net.
exec sh "$(dirname "$0")/../parts.sh" positions
