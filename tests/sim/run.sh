#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Co-simulation of dataflow accelerators: scripts of a subject each, with $BUILD/axgen and $BUILD/tests/sim/random_net.
exec sh "$(dirname "$0")/../parts.sh" sim
