#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Every source file states its licence in its first lines.
cd "$(dirname "$0")/.." || exit 1
passed=0 failed=0
for file in $(git ls-files --cached --others --exclude-standard 2>/dev/null | grep -E '\.(c|h|v|sh|py|cpp|vlt|mk)$|^Makefile$|^\.ci/run$'); do
  [ -e "$file" ] || continue
  if head -n 4 "$file" | grep -q 'SPDX-License-Identifier: Apache-2.0'; then
    passed=$((passed + 1))
  else
    echo "FAIL $file has no SPDX line"
    failed=$((failed + 1))
  fi
done
echo "$passed passed, $failed failed"
[ "$failed" = 0 ]
