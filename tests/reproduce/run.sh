#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The flows of `make reproduce-...`: what is kept and what is done again, how claims are judged. axgen itself is a stand-in
# here; the searches have tests of their own. Ends with `N passed, N failed`.
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
PYTHONDONTWRITEBYTECODE=1 exec python3 tests/reproduce/check.py "$work"
