#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# `axgen explore` on LeNet-5 with a few hundred images: every level and method, what it writes, that its points are what it says,
# that it goes on after a kill and gives the same whatever the threads: scripts of a subject each, with $BUILD/axgen.
exec sh "$(dirname "$0")/../parts.sh" explore
