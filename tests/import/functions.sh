#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Functions in C.
. "$(dirname "$0")/lib.sh"

v mul8u_and.c <<'END'
// MAE% = 0.68 %
// WCE = 1785
#include <stdint.h>
uint16_t mul8u_and(uint8_t a, uint8_t b)
{
   uint16_t w, v; w = a & 0xF8; v = w * b; return v;
}
END
taken "a C function" "$work/mul8u_and.c" "" "function mul8u_and: a = a (8 bits)" "unsigned, as the module's name says" "MAE 446.2500, WCE 1785" "header *agrees" \
  "all 65536 pairs: the C function, evaluated here, = our netlist"
v ba.c <<'END'
/* evolved functions have B first, and 64 bits for all */
#include <stdlib.h>
uint64_t mul2u_BA(const uint64_t B,const uint64_t A)
{
   uint64_t O, t_1, t_2[2];   int avg=0;
   t_1=((B >> 1)&1)&((A >> 0)&1);
   t_2[0]=((B >> 0)&1)&((A >> 1)&1); t_2[1] = t_1 ^ t_2[0];
   O = 0;
   O |= (((A >> 0)&1)&((B >> 0)&1)) << 0;
   O |= (t_2[1]&1) << 1;
   O |= (((A >> 1)&1)&1) << 2;
   O |= (0&1) << 3;
   return O;
}
END
taken "B before A" "$work/ba.c" "" "a = A (2 bits), b = B (2 bits)" "all 16 pairs"
if [ "$("$axgen" mul show "$work/o/mul2u_BA.net" --table | awk '$1 == 2 && $2 == 0 {print $3}')" = 4 ]; then ok "a is A"; else fail "a is A"; fi
v types.c <<'END'
int32_t times(int8_t x, int8_t y) { int8_t hi = x & ~3; int s = (x < 0) != (y < 0) ? -1 : 1; (void)s; return (int32_t)hi * y + (x == 0 && y > 5 || !y ? 1 : 0) - (y >= 0 ? 0 : 1 << 1); }
END
taken "C's types and operators" "$work/types.c" "" "signed, as its types say" "all 65536 pairs"
if command -v gcc >/dev/null; then # the same function, by a compiler
  printf '#include <stdint.h>\n#include <stdio.h>\n%s\nint main(void) { for (int a = 0; a < 256; a++) for (int b = 0; b < 256; b++) printf("%%d %%d %%d\\n", (int8_t)a, (int8_t)b, (int)times((int8_t)a, (int8_t)b)); }\n' "$(cat "$work/types.c")" >"$work/main.c"
  gcc -w -o "$work/main" "$work/main.c" && "$work/main" >"$work/want" && "$axgen" mul show "$work/o/times.net" --table >"$work/got"
  if cmp -s "$work/want" "$work/got"; then ok "they are C's"; else fail "they are C's: $(diff "$work/want" "$work/got" | head -3)"; fi
fi
v mul12s_t.c <<'END'
int32_t mul12s_t(int16_t A, int16_t B) { uint32_t P = ((A >> 2) * (B >> 2)) << (2 * 2); return P & 0xFFFFFF; }
END
taken "12 x 12 bits in C" "$work/mul12s_t.c" "" "a = A (12 bits), b = B (12 bits), product = the result (24 bits)" "signed, as the module's name says" "sampled .*pairs: the C function"
for mul in roup8s_p1_c7 bam8u_h0_v4_t0 roup8us_p1_c7; do # the last has products of 17 bits
  "$axgen" mul gen $mul --format c --name model -o "$work/c" >/dev/null && "$axgen" mul import "$work/c/model.c" --name back -o "$work/c" >"$work/out" 2>&1
  "$axgen" mul show $mul --table >"$work/want" && "$axgen" mul show "$work/c/back.net" --table >"$work/got"
  if cmp -s "$work/want" "$work/got"; then ok "our C model of $mul and back"; else fail "our C model of $mul and back: $(cat "$work/out")"; fi
done
c() { printf '%s\n' "$2" >"$work/f.c"; c_name=$1; shift 2; refused "$c_name" "$work/f.c" "" "$@"; }
c "a loop in C" "int f(char a, char b) { int p = 0;
 for (;;) p += a; return p; }" "f.c:2:2: error: .for.: only straight-line code"
c "a call in C" "int f(char a, char b) { return system(a); }" "f.c:1:32: error: .system. is not declared; functions and globals are not taken"
c "a macro in C" "#define X 1
int f(char a, char b) { return a * b; }" "f.c:1:1: error: .*only #include is taken"
c "a pointer in C" "int f(char *a, char b) { return *a; }" "f.c:1:12: error: "
c "a division in C" "int f(char a, char b) { return a * b / 3; }" "a division is not taken"
c "a value that is not set" "short f(char a, char b) { short c; return c * a; }" "f.c:1:43: error: .c. has no value here"
c "a shift too far" "int f(char a, char b) { return a << 32; }" "has no defined value"
c "a deep expression" "int f(char a, char b) { return $(printf '%1000s' | tr ' ' '('); }" "nested more than 200"
c "an adder in C" "uint16_t f(uint8_t a, uint8_t b) { return a + b; }" "it adds (a + b)"

finish
