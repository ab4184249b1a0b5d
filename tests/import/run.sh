#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Multipliers from elsewhere, as Verilog in several styles and as tables; what must be refused, and why.
exec sh "$(dirname "$0")/../parts.sh" import
