#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Synthesis end to end: scripts of a subject each, with $BUILD/tests/synth/* and $BUILD/axgen.
exec sh "$(dirname "$0")/../parts.sh" synth
