#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Tools that give another circuit than the file says.
. "$(dirname "$0")/lib.sh"

# A Yosys that gets one gate of the circuit wrong: the proof must find it.
mkdir "$work/bad"
cat >"$work/bad/yosys" <<END
#!/bin/sh
"$(command -v yosys)" "\$@" || exit
[ ! -f flat.json ] || sed -i '0,/\\\$_AND_/s//\$_OR_/' flat.json
END
chmod +x "$work/bad/yosys"
for file in tests/import/list.v tests/import/trunc.v; do
  PATH=$work/bad:$PATH "$axgen" mul import "$file" -o "$work/no" >"$work/out" 2>&1
  [ $? = 4 ] && has "a circuit that is not the file's ($(basename "$file"))" "for a = .* it gives 0x.*, the imported netlist 0x" || fail "a wrong circuit passes: $(cat "$work/out")"
done
cat >"$work/bad/yosys" <<END
#!/bin/sh
"$(command -v yosys)" "\$@" || exit
! grep -qs '"mul12u_TRUNC"' plain.json || sed -i 's/\\\$_AND_/\$_XOR_/' plain.json
END
PATH=$work/bad:$PATH "$axgen" mul import "tests/import/trunc.v" -o "$work/no" >"$work/out" 2>&1
[ $? = 4 ] && has "a reading of the file that is not the circuit's" "it gives 0x.*, the imported netlist 0x" || fail "a wrong reading passes: $(cat "$work/out")"

finish
