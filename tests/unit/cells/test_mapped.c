// SPDX-License-Identifier: Apache-2.0
//
// Mapped netlists: every cell of both libraries against its truth table, a small multiplier, toggles against a plain
// count, energies against hand arithmetic, and netlists that are refused.
#include "genlib/cells/mapped.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define OSU018 "/usr/share/qflow/tech/osu018/osu018_stdcells.lib"
#define AXGEN45 "synth/liberty/axgen45.lib"

static const liberty *library(arena *mem, const char *path) {
  diag d = {0};
  const liberty *lib = NULL;
  if (!liberty_read(mem, path, &lib, &d))
    fail_msg("%s", d.text.data);
  return lib;
}

// Ports a (bits 2, 3 ..), b and p as given; `cells` is the inside of the cells object.
static bool read_netlist(arena *mem, const liberty *lib, mul_sig sig, const char *p, const char *cells,
                         const mapped **out, diag *d) {
  str s = {0};
  str_add(&s, "{\"modules\":{\"m\":{\"ports\":{\"a\":{\"direction\":\"input\",\"bits\":[");
  for (int i = 0; i < sig.a_bits; i++)
    str_printf(&s, "%s%d", i ? "," : "", 2 + i);
  str_add(&s, "]},\"b\":{\"direction\":\"input\",\"bits\":[");
  for (int i = 0; i < sig.b_bits; i++)
    str_printf(&s, "%s%d", i ? "," : "", 2 + sig.a_bits + i);
  str_printf(&s, "]},\"p\":{\"direction\":\"output\",\"bits\":[%s]}},\"cells\":{%s}}}}", p, cells);
  char path[] = "/tmp/axgen-test-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, s.data, s.len) == (ssize_t)s.len);
  close(fd);
  bool ok = mapped_read(mem, lib, path, NULL, sig, out, d);
  unlink(path);
  str_free(&s);
  return ok;
}

static void check_cells(const char *path) {
  arena *mem = arena_new();
  const liberty *lib = library(mem, path);
  int checked = 0;
  for (size_t i = 0; i < lib->cell_count; i++) {
    const liberty_cell *c = &lib->cells[i];
    if (!c->combinational || c->inputs == 0)
      continue;
    mul_sig sig = {.a_bits = 4, .b_bits = 4, .p_bits = c->outputs};
    str cells = {0}, p = {0};
    str_printf(&cells, "\"u\":{\"type\":\"%s\",\"connections\":{", c->name);
    for (int v = 0; v < c->inputs; v++)
      str_printf(&cells, "\"%s\":[%d],", c->pins[c->input[v]].name, 2 + v);
    for (int o = 0; o < c->outputs; o++) {
      str_printf(&cells, "%s\"%s\":[%d]", o ? "," : "", c->pins[c->output[o]].name, 20 + o);
      str_printf(&p, "%s%d", o ? "," : "", 20 + o);
    }
    str_add(&cells, "}}");
    const mapped *m;
    diag d = {0};
    if (!read_netlist(mem, lib, sig, p.data, cells.data, &m, &d))
      fail_msg("%s: %s", c->name, d.text.data);
    int32_t table[256];
    mapped_table(m, false, table);
    for (unsigned v = 0; v < 256; v++)
      for (int o = 0; o < c->outputs; o++)
        assert_int_equal(table[v] >> o & 1, truth_at(c->pins[c->output[o]].function, (v >> 4) | (v & 15) << 4));
    assert_float_equal(m->area, c->area, 1e-9);
    str_free(&cells);
    str_free(&p);
    checked++;
  }
  assert_true(checked >= 20);
  arena_free(mem);
}

static void every_cell(void **state) {
  (void)state;
  check_cells(AXGEN45);
  check_cells(OSU018);
}

#define CELL2(name, type, a, b, z)                                                                                     \
  "\"" name "\":{\"type\":\"" type "\",\"connections\":{\"A1\":[" a "],\"A2\":[" b "],\"ZN\":[" z "]}}"
#define HA(name, a, b, s, c)                                                                                           \
  "\"" name "\":{\"type\":\"HA_X1\",\"connections\":{\"A\":[" a "],\"B\":[" b "],\"S\":[" s "],\"CO\":[" c "]}}"
// 2 x 2 bits, unsigned; the cells deliberately not in order.
#define MUL2                                                                                                           \
  HA("h1", "12", "13", "21", "14")                                                                                     \
  "," HA("h2", "15", "14", "22", "23") "," CELL2("g0", "AND2_X1", "2", "4", "20") "," CELL2(                           \
      "g1", "AND2_X1", "3", "4", "12") "," CELL2("g2", "AND2_X1", "2", "5", "13") "," CELL2("g3", "AND2_X1", "3", "5", \
                                                                                            "15")

static const mul_sig SIG2 = {.a_bits = 2, .b_bits = 2, .p_bits = 4};

static void small_multiplier(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  diag d = {0};
  const mapped *m;
  if (!read_netlist(mem, lib, SIG2, "20,21,22,23", MUL2, &m, &d))
    fail_msg("%s", d.text.data);
  int32_t table[16];
  mapped_table(m, false, table);
  for (int a = 0; a < 4; a++)
    for (int b = 0; b < 4; b++)
      assert_int_equal(table[a << 2 | b], a * b);
  mapped_table(m, true, table);
  assert_int_equal(table[15], 9 - 16);
  assert_float_equal(m->area, 4 * 1.064 + 2 * 2.66, 1e-9);
  // a[0] drives A1 of g0 and A1 of g2
  assert_float_equal(m->load[NET_FIRST_INPUT], 2 * 0.918145, 1e-9);
  assert_float_equal(m->switching[NET_FIRST_INPUT], 0.918145 * 1.1 * 1.1, 1e-9);
  assert_float_equal(m->internal[NET_FIRST_INPUT], 0, 1e-12);
  // g0 drives nothing inside: only the mean of the tables of AND2_X1
  assert_float_equal(m->switching[m->out[0]], 0, 1e-12);
  assert_float_equal(m->internal[m->out[0]], (1.955658 + 3.047784 + 1.937484 + 3.396745) / 4, 1e-6);
  arena_free(mem);
}

static void toggles(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  diag d = {0};
  const mapped *m;
  assert_true(read_netlist(mem, lib, SIG2, "20,21,22,23", MUL2, &m, &d));
  // The nets in plain words: a0 a1 b0 b1, three partial products, h1's carry, p. (a1b0 a0b1 a1b1, c1, p0..p3)
  rng r = rng_seed(7);
  for (int round = 0; round < 40; round++) {
    size_t n = 1 + rng_below(&r, 1500), cut = rng_below(&r, (uint32_t)n + 1);
    uint16_t *a = arena_new_array(mem, uint16_t, n), *b = arena_new_array(mem, uint16_t, n);
    uint64_t expect = 0;
    unsigned before = 0;
    for (size_t i = 0; i < n; i++) {
      a[i] = (uint16_t)rng_below(&r, 4), b[i] = (uint16_t)rng_below(&r, 4);
      unsigned a0 = a[i] & 1, a1 = a[i] >> 1, b0 = b[i] & 1, b1 = b[i] >> 1, x = a1 & b0, y = a0 & b1;
      unsigned all = a[i] | b[i] << 2 | x << 4 | y << 5 | (a1 & b1) << 6 | (x & y) << 7 | (unsigned)(a[i] * b[i]) << 8;
      if (i != 0 && i != cut)
        expect += (uint64_t)__builtin_popcount(all ^ before);
      before = all;
    }
    mapped_stream *s = mapped_stream_new(mem, m);
    size_t done = 0;
    while (done < n) {
      size_t step = 1 + rng_below(&r, 700);
      if (done == cut)
        mapped_stream_restart(s);
      if (done < cut && done + step > cut)
        step = cut - done;
      if (done + step > n)
        step = n - done;
      mapped_stream_feed(s, a + done, b + done, step);
      done += step;
    }
    mapped_energy e = mapped_stream_result(s);
    assert_int_equal(e.toggles, expect);
    assert_int_equal(e.pairs, n);
    assert_int_equal(e.steps, n - (cut > 0 && cut < n ? 2 : 1));
    assert_true(mapped_energy_total(&e) >= 0);
  }
  arena_free(mem);
}

static void refuse(const liberty *lib, const char *p, const char *cells, const char *message) {
  arena *mem = arena_new();
  diag d = {0};
  const mapped *m;
  assert_false(read_netlist(mem, lib, SIG2, p, cells, &m, &d));
  if (!strstr(d.text.data, message))
    fail_msg("expected `%s` in %s", message, d.text.data);
  diag_free(&d);
  arena_free(mem);
}

static void refused(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  refuse(lib, "20,2,2", CELL2("g", "AND2_X1", "2", "4", "20"), "port `p` of 4 bits");
  refuse(lib, "20,2,2,2", CELL2("g", "NO_X1", "2", "4", "20"), "no cell of");
  refuse(lib, "20,2,2,2", "\"f\":{\"type\":\"DFF_X1\",\"connections\":{\"D\":[2],\"CK\":[3],\"Q\":[20]}}",
         "holds state");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "21", "20") "," CELL2("h", "AND2_X1", "20", "3", "21"), "loop");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "99", "20"), "nothing drives");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "3", "20") "," CELL2("h", "AND2_X1", "2", "3", "20"),
         "another driver");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "3", "4"), "another driver");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "3", "\"0\""), "drives a constant");
  refuse(lib, "20,2,2,2", CELL2("g", "AND2_X1", "2", "\"x\"", "20"), "connected to nothing");
  refuse(lib, "20,2,2,2", "\"g\":{\"type\":\"AND2_X1\",\"connections\":{\"A1\":[2],\"ZN\":[20]}}",
         "connected to nothing");
  refuse(lib, "20,2,2,2", "\"g\":{\"type\":\"AND2_X1\",\"connections\":{\"Q\":[2]}}", "no one-bit pin");
  refuse(lib, "20,2,2,2", "", "nothing drives p[0]");
  refuse(lib, "20,2,2,2", "[", "not JSON");
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(every_cell), cmocka_unit_test(small_multiplier),
                                     cmocka_unit_test(toggles), cmocka_unit_test(refused)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
