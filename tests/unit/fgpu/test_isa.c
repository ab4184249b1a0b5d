// SPDX-License-Identifier: Apache-2.0
//
// The instruction set: generated files up to date (AXGEN_UPDATE=1 writes them), assembler and disassembler, errors with
// their place, single instructions in the simulator.
#include "compiler/target/fgpu/kernel_internal.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void generated(const char *path, void (*write)(str *)) {
  str text = {0};
  diag d = {0};
  write(&text);
  if (getenv("AXGEN_UPDATE"))
    assert_true(file_write(path, text.data, text.len, &d));
  arena *mem = arena_new();
  bytes have;
  if (!file_read(mem, path, 1 << 20, &have, &d))
    fail_msg("%s", d.text.data);
  if (have.size != text.len || memcmp(have.data, text.data, text.len))
    fail_msg("%s is not what compiler/target/fgpu/isa.h gives: AXGEN_UPDATE=1 writes it", path);
  arena_free(mem);
  str_free(&text);
}

static void generated_files(void **state) {
  (void)state;
  generated("rtl_templates/fgpu/fgpu_isa.vh", fgpu_isa_verilog);
  generated("docs/fgpu-isa.md", fgpu_isa_document);
}

static void round_trip(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(1);
  str text = {0};
  uint32_t words[4096];
  for (size_t i = 0; i < BASE_COUNT(words); i++) {
    do // half of them instructions, half anything
      words[i] = (uint32_t)rng_next(&r) & (rng_below(&r, 2) ? ~(uint32_t)0 : 0xffff000f);
    while (i % 2 && !fgpu_valid(words[i]));
    if (i % 3 == 0)
      str_printf(&text, "label%zu:  ", i);
    fgpu_disassemble(words[i], &text);
    str_add(&text, i % 5 ? "\n" : " ; comment\n\n");
  }
  fgpu_code code;
  diag d = {0};
  if (!fgpu_assemble(mem, "test", text.data, &code, &d))
    fail_msg("%s", d.text.data);
  assert_int_equal(code.count, BASE_COUNT(words));
  assert_memory_equal(code.words, words, sizeof words);
  str_free(&text);
  arena_free(mem);
}

static void assembler(void **state) {
  (void)state;
  arena *mem = arena_new();
  fgpu_code code;
  diag d = {0};
  assert_true(fgpu_assemble(mem, "test",
                            "start: li r1, 70000\n li r2, -5\n li r3, 0x10000\nloop: addi r1, r1, -1\n"
                            " bany r1, loop\n jmp end\n nop\n mv r4, r5\nend: ret\n",
                            &code, &d));
  str text = {0};
  for (size_t i = 0; i < code.count; i++) {
    fgpu_disassemble(code.words[i], &text);
    str_add(&text, "\n");
  }
  assert_string_equal(text.data, "lui r1, 0x1\nori r1, r1, 4464\naddi r2, r0, -5\nlui r3, 0x1\naddi r1, r1, -1\n"
                                 "bany r1, .-1\nbnone r0, .+3\nadd r0, r0, r0\naddi r4, r5, 0\nret\n");
  str_free(&text);
  static const struct {
    const char *source, *error;
  } WRONG[] = {
      {"frob r1", "test:1:1: error: no such instruction"},
      {"\n add r1, r2", "test:2:12: error: expected `,`"},
      {"add r1, r2, r32", "test:1:13: error: expected a register, r0 to r31"},
      {"add r1, r2, r01", "test:1:13: error: expected a register, r0 to r31"},
      {"addi r1, r2, 40000", "test:1:14: error: expected -32768 to 32767"},
      {"andi r1, r2, -1", "test:1:14: error: expected 0 to 65535"},
      {"macc r1, r2.4, r3.0", "test:1:13: error: expected 0 to 3"},
      {"macc r1, r2, r3", "test:1:12: error: expected `.`"},
      {"rq r1, r2, r3, 48", "test:1:16: error: expected 1 to 47"},
      {"lw.x r1, 0(r2)", "test:1:4: error: expected .l, .n or .ln"},
      {"lw r1, 8192(r2)", "test:1:8: error: expected -8192 to 8191"},
      {"jmp nowhere", "test:1:5: error: no such label"},
      {"a: ret\na: ret", "test:2:1: error: the label is already there"},
      {"ret ret", "test:1:5: error: expected the end of the line"},
      {"lp r1, 16", "test:1:8: error: expected 0 to 15"},
  };
  for (size_t i = 0; i < BASE_COUNT(WRONG); i++) {
    diag e = {0};
    assert_false(fgpu_assemble(mem, "test", WRONG[i].source, &code, &e));
    if (strncmp(e.text.data, WRONG[i].error, strlen(WRONG[i].error)))
      fail_msg("%s: %s", WRONG[i].source, e.text.data);
    diag_free(&e);
  }
  arena_free(mem);
}

// Runs a program of one work-group on one CV of exact multipliers; memory of 4096 bytes.
static bool run(arena *mem, const fgpu_code *code, uint8_t *memory, diag *d) {
  fgpu_hw hw = {.cvs = 1, .slots = 2, .cache_lines = 8, .local_bytes = 4096};
  const mul *exact = mul_make(mem, "exact8s", d);
  for (int pe = 0; pe < FGPU_PES; pe++)
    hw.mul[0][pe] = exact;
  fgpu_descriptor launch = {[FGPU_D_GROUPS0] = 1, [FGPU_D_GROUPS1] = 1, [FGPU_D_QUEUES] = 1 << 16};
  fgpu_sim sim = {.hw = &hw,
                  .code = code,
                  .launches = (const fgpu_descriptor *)&launch,
                  .launch_count = 1,
                  .memory = memory,
                  .memory_bytes = 4096,
                  .latency = 8};
  return fgpu_sim_run(&sim, 0, 1, NULL, d);
}

// Quotients by constants: exact below 32768.
static void division(void **state) {
  (void)state;
  static uint8_t memory[4096];
  for (int n = 1; n < 32768; n = n < 300 ? n + 1 : n * 5 / 4) {
    arena *mem = arena_new();
    diag d = {0};
    fgpu_code code = {0};
    builder b = {mem, &code};
    int32_t x[FGPU_LANES];
    for (int lane = 0; lane < FGPU_LANES; lane++) { // around multiples of n, and at the end
      int k = 32767 / n;
      x[lane] = (lane < 32 ? k : lane - 32) * n - lane % 2;
      x[lane] = lane == 63 ? 32767 : x[lane] < 0 ? 0 : x[lane] > 32767 ? 32767 : x[lane];
      memcpy(memory + 4 * lane, &x[lane], 4);
    }
    fgpu_put_lane(&b, 1);
    fgpu_put_i(&b, FGPU_SLLI, 1, 1, 2);
    fgpu_put_mem(&b, FGPU_LW, 2, 0, 1, 0);
    fgpu_put_div_const(&b, 3, 2, n);
    fgpu_put_mem(&b, FGPU_SW, 3, 1024, 1, 0);
    fgpu_put_ret(&b);
    if (!run(mem, &code, memory, &d))
      fail_msg("%s", d.text.data);
    for (int lane = 0; lane < FGPU_LANES; lane++) {
      int32_t q;
      memcpy(&q, memory + 1024 + 4 * lane, 4);
      if (q != x[lane] / n)
        fail_msg("%d / %d = %d", x[lane], n, q);
    }
    arena_free(mem);
  }
}

static void faults(void **state) {
  (void)state;
  static const struct {
    const char *source, *error;
  } WRONG[] = {
      {"nop", "the program has ended without ret"},
      {".word 0xffffffff", "not an instruction"},
      {"li r1, 4093\n lw r2, 4(r1)", "an address outside the memory"},
      {"x: jmp x", "no end"},
  };
  static uint8_t memory[4096];
  for (size_t i = 0; i < BASE_COUNT(WRONG); i++) {
    arena *mem = arena_new();
    fgpu_code code;
    diag d = {0};
    assert_true(fgpu_assemble(mem, "test", WRONG[i].source, &code, &d));
    assert_false(run(mem, &code, memory, &d));
    assert_non_null(strstr(d.text.data, WRONG[i].error));
    diag_free(&d);
    arena_free(mem);
  }
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(generated_files), cmocka_unit_test(round_trip),
                                     cmocka_unit_test(assembler), cmocka_unit_test(division), cmocka_unit_test(faults)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
