#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# The command line as a user meets it: what goes to stdout and stderr, exit codes, errors that name the place, and that
# an error leaves nothing behind.
exec sh "$(dirname "$0")/../parts.sh" cli
