#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The FGPU target. What its cores compute is tested in tests/unit/fgpu.
exec sh "$(dirname "$0")/../parts.sh" fgpu
