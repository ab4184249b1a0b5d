#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Files of positions and orders that are none: each is refused in words, at its place in the configuration, and nothing is written.
. "$(dirname "$0")/../lib.sh"
check "files that are no positions or orders are refused" python3 tests/positions/files.py "$axgen" "$PWD/tests/config/tiny/net.yaml" "$work"
finish
