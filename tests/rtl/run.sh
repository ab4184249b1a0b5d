#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The tests of rtl_templates/: scripts of a subject each. Need a C++ compiler, iverilog, verilator, yosys.
exec sh "$(dirname "$0")/../parts.sh" rtl
