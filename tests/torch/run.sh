#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# axgen.torch, by Debian's python3-torch and python3-pytest, and docs/torch.md, whose output must be what it says. Skipped
# where these are missing.
. "$(dirname "$0")/../lib.sh"
. tests/python/lib.sh

python_suite "torch, numpy, pytest" tests/torch docs/torch.md
check "importing axgen imports no torch" "$python" -c 'import axgen, sys; sys.exit("torch" in sys.modules)'
finish
