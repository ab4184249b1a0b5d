#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# What happens to a program in the world: signals, full disks, tools that lie, names that bite.
exec sh "$(dirname "$0")/../parts.sh" hostile
