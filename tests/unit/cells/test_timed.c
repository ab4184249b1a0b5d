// SPDX-License-Identifier: Apache-2.0
//
// Timed simulation: delays and energies against hand arithmetic, swallowed and surviving pulses, random netlists of
// every cell against a plain event list, static timing, exchanged pins.
#include "genlib/cells/timed.h"

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

// Ports a (bits 2 ...), b and p; `cells` is the inside of the cells object.
static const mapped *netlist_of(arena *mem, const liberty *lib, mul_sig sig, const char *p, const char *cells) {
  str s = {0};
  diag d = {0};
  const mapped *m;
  str_add(&s, "{\"modules\":{\"m\":{\"ports\":{\"a\":{\"direction\":\"input\",\"bits\":[");
  for (int i = 0; i < sig.a_bits + sig.b_bits; i++)
    str_printf(&s, "%s%d", i == sig.a_bits ? "]},\"b\":{\"direction\":\"input\",\"bits\":[" : i ? "," : "", 2 + i);
  str_printf(&s, "]},\"p\":{\"direction\":\"output\",\"bits\":[%s]}},\"cells\":{%s}}}}", p, cells);
  char path[] = "/tmp/axgen-test-XXXXXX";
  int fd = mkstemp(path);
  assert_true(fd >= 0 && write(fd, s.data, s.len) == (ssize_t)s.len);
  close(fd);
  if (!mapped_read(mem, lib, path, NULL, sig, &m, &d))
    fail_msg("%s", d.text.data);
  unlink(path);
  str_free(&s);
  return m;
}

#define INV(name, in, out) "\"" name "\":{\"type\":\"INV_X1\",\"connections\":{\"A\":[" in "],\"ZN\":[" out "]}}"
#define XOR(name, x, y, out)                                                                                           \
  "\"" name "\":{\"type\":\"XOR2_X1\",\"connections\":{\"A\":[" x "],\"B\":[" y "],\"Z\":[" out "]}}"
static const mul_sig SIG1 = {.a_bits = 1, .b_bits = 1, .p_bits = 1};

// p = ~a, nothing behind it: the figures of INV_X1 as they stand in the library.
static void one_inverter(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  const mapped *m = netlist_of(mem, lib, SIG1, "4", INV("u", "2", "4"));
  double fall = 0.00963029 + (0.0192072 - 0.00963029) * (0 - 1.898) / (7.591 - 1.898); // load 0, slew 17 ps
  double rise = 0.0172024 + (0.031245 - 0.0172024) * (0 - 1.898) / (7.591 - 1.898);
  timed *t = timed_new(mem, m, TIMED_ARCS);
  assert_float_equal(timed_delay(t, 0, 0, 0, 1), fall, 0.6e-4);
  assert_float_equal(timed_delay(t, 0, 0, 0, 0), rise, 0.6e-4);
  assert_float_equal(timed_longest_ns(m), rise, 1e-9);
  uint16_t a[] = {0, 1, 1, 0, 1}, b[5] = {0};
  timed_feed(t, a, b, 1);
  assert_int_equal(timed_product(t), 1);
  timed_feed(t, a + 1, b, 4);
  timed_energy e = timed_result(t);
  assert_int_equal(timed_product(t), 0);
  assert_int_equal(e.pairs, 5);
  assert_int_equal(e.steps, 4);
  assert_int_equal(e.toggles, 6); // a and p, three times each
  assert_int_equal(e.settled, 6);
  assert_float_equal(e.switching_fj, 3 * 1.70023 * 1.1 * 1.1 / 2, 1e-6);
  assert_float_equal(e.operand_fj, e.switching_fj, 1e-9);
  assert_float_equal(e.internal_fj, 1.897133 - 2 * 0.0003, 1e-6);
  assert_float_equal(e.latest_ns, rise, 0.6e-4);
  double fell = 1.70023 * 0.605 - 0.0003, rose = 1.70023 * 0.605 + 1.897133; // of the steps: fell, 0, rose, fell
  assert_float_equal(e.squares, 2 * fell * fell + rose * rose, 1e-5);
  timed_restart(t); // p jumps without costing anything
  timed_feed(t, a, b, 1);
  assert_int_equal(timed_product(t), 1);
  assert_int_equal(timed_result(t).toggles, 6);
  assert_int_equal(timed_result(t).pairs, 6);
  arena_free(mem);
}

// p = a ^ (a through some inverters): constant, but for a pulse as long as the inverters take.
static void pulses(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  const mapped *shorter = netlist_of(mem, lib, SIG1, "9", INV("i0", "2", "4") "," XOR("x", "2", "4", "9"));
  const mapped *longer =
      netlist_of(mem, lib, SIG1, "19",
                 INV("i0", "2", "4") "," INV("i1", "4", "5") "," INV("i2", "5", "6") "," INV("i3", "6", "7") "," INV(
                     "i4", "7", "8") "," INV("i5", "8", "9") "," INV("i6", "9", "10") "," XOR("x", "2", "10", "19"));
  uint16_t a[] = {0, 1, 0, 1, 0}, b[5] = {0};
  timed *t = timed_new(mem, shorter, TIMED_ARCS), *u = timed_new(mem, longer, TIMED_ARCS);
  timed_feed(t, a, b, 5);
  timed_feed(u, a, b, 5);
  assert_int_equal(timed_result(t).toggles, 4 * 2); // a and the inverter
  assert_int_equal(timed_result(t).settled, 4 * 2);
  assert_int_equal(timed_result(u).toggles, 4 * (1 + 7 + 2)); // p goes down and up again
  assert_int_equal(timed_result(u).settled, 4 * (1 + 7));
  timed_energy e = timed_result(u);
  assert_float_equal(timed_glitch_factor(&e), 10.0 / 8, 1e-12);
  arena_free(mem);
}

// ---- random netlists against a plain event list --------------------------------------------------------------------
enum { MAX_EVENTS = 20000, MAX_NETS = 200 };

typedef struct {
  const mapped *m;
  const timed *t;
  int value[MAX_NETS], target[MAX_NETS];
  struct {
    int64_t at;
    int32_t net;
  } event[MAX_EVENTS];
  int events;
  uint64_t toggles[MAX_NETS];
} plain;

static unsigned state_of(const plain *p, size_t cell) {
  unsigned state = 0;
  const mapped_cell *c = &p->m->cells[cell];
  for (int v = 0; v < c->cell->inputs; v++)
    state |= (unsigned)p->value[c->net[c->cell->input[v]]] << v;
  return state;
}

// All outputs whose function has changed get a target and an event; `changed`: by net.
static void plain_evaluate(plain *p, const bool *changed, int64_t now) {
  for (size_t i = 0; i < p->m->count; i++) {
    const mapped_cell *c = &p->m->cells[i];
    for (int o = 0; o < c->cell->outputs; o++) {
      int32_t net = c->net[c->cell->output[o]];
      unsigned state = state_of(p, i);
      double least = 1e9;
      for (int v = 0; v < c->cell->inputs; v++)
        if (net >= 0 && changed[c->net[c->cell->input[v]]])
          least = fmin(least, timed_delay(p->t, i, o, v, state));
      int value = truth_at(c->cell->pins[c->cell->output[o]].function, state);
      if (net < 0 || least > 1e8 || value == p->target[net])
        continue;
      p->target[net] = value;
      assert_true(p->events < MAX_EVENTS);
      p->event[p->events].at = now + llround(least * 1e7); // in units that every tick is a multiple of
      p->event[p->events++].net = net;
    }
  }
}

static void plain_step(plain *p, unsigned operands, bool begin) {
  bool changed[MAX_NETS] = {false};
  int inputs = p->m->a_bits + p->m->b_bits;
  p->value[NET_ONE] = 1;
  for (int i = 0; i < inputs; i++) {
    int bit = operands >> i & 1;
    changed[NET_FIRST_INPUT + i] = p->value[NET_FIRST_INPUT + i] != bit;
    p->toggles[NET_FIRST_INPUT + i] += !begin && changed[NET_FIRST_INPUT + i];
    p->value[NET_FIRST_INPUT + i] = bit;
  }
  for (size_t i = 0; begin && i < p->m->count; i++)
    for (int o = 0; o < p->m->cells[i].cell->outputs; o++) {
      int pin = p->m->cells[i].cell->output[o];
      int32_t net = p->m->cells[i].net[pin];
      if (net >= 0)
        p->value[net] = p->target[net] = truth_at(p->m->cells[i].cell->pins[pin].function, state_of(p, i));
    }
  if (begin)
    return;
  plain_evaluate(p, changed, 0);
  while (p->events) {
    int64_t now = INT64_MAX;
    for (int i = 0; i < p->events; i++)
      now = p->event[i].at < now ? p->event[i].at : now;
    memset(changed, 0, sizeof changed);
    int left = 0;
    for (int i = 0; i < p->events; i++) {
      int32_t net = p->event[i].net;
      if (p->event[i].at != now) {
        p->event[left++] = p->event[i];
      } else if (p->value[net] != p->target[net]) {
        p->value[net] = p->target[net];
        p->toggles[net]++;
        changed[net] = true;
      }
    }
    p->events = left;
    plain_evaluate(p, changed, now);
  }
}

// 60 random combinational cells on 8 inputs; every net without a reader would be legal too, p takes the last eight.
static const mapped *random_netlist(arena *mem, const liberty *lib, rng *r) {
  str cells = {0}, p = {0};
  int nets = 10;
  for (int i = 0; i < 60; i++) {
    const liberty_cell *c;
    do
      c = &lib->cells[rng_below(r, (uint32_t)lib->cell_count)];
    while (!c->combinational || c->inputs == 0);
    str_printf(&cells, "%s\"u%d\":{\"type\":\"%s\",\"connections\":{", i ? "," : "", i, c->name);
    for (int v = 0; v < c->inputs; v++) {
      uint32_t from = rng_below(r, 40) == 0 ? 0 : 2 + rng_below(r, (uint32_t)nets - 2);
      str_printf(&cells, from ? "\"%s\":[%u]," : "\"%s\":[\"%u\"],", c->pins[c->input[v]].name, from);
    }
    for (int o = 0; o < c->outputs; o++)
      str_printf(&cells, "%s\"%s\":[%d]", o ? "," : "", c->pins[c->output[o]].name, nets++);
    str_add(&cells, "}}");
  }
  for (int i = 0; i < 8; i++)
    str_printf(&p, "%s%d", i ? "," : "", nets - 8 + i);
  const mapped *m = netlist_of(mem, lib, (mul_sig){.a_bits = 4, .b_bits = 4, .p_bits = 8}, p.data, cells.data);
  str_free(&cells);
  str_free(&p);
  return m;
}

static void random_netlists(const char *path, int rounds) {
  arena *mem = arena_new();
  const liberty *lib = library(mem, path);
  rng r = rng_seed(3);
  uint64_t glitches = 0;
  for (int round = 0; round < rounds; round++) {
    const mapped *m = random_netlist(mem, lib, &r);
    assert_true(m->nets <= MAX_NETS);
    timed *t = timed_new(mem, m, round % 4 == 3 ? TIMED_MERGED : TIMED_ARCS);
    mapped_stream *still = mapped_stream_new(mem, m);
    plain *p = arena_new_object(mem, plain);
    p->m = m, p->t = t;
    for (int i = 0; i < 100; i++) {
      uint16_t a = (uint16_t)rng_below(&r, 16), b = (uint16_t)rng_below(&r, 16);
      int64_t product;
      timed_feed(t, &a, &b, 1);
      mapped_stream_feed(still, &a, &b, 1);
      plain_step(p, a | (unsigned)b << 4, i == 0);
      mapped_products(m, false, &a, &b, 1, &product);
      assert_int_equal(timed_product(t), product);
    }
    for (int32_t net = 0; net < m->nets; net++)
      assert_int_equal(timed_toggles(t)[net], p->toggles[net]);
    timed_energy e = timed_result(t);
    assert_int_equal(e.settled, mapped_stream_result(still).toggles);
    assert_true(e.toggles >= e.settled);
    assert_true(e.latest_ns <= timed_longest_ns(m) * 1.02 + 0.001 * 60); // ticks are rounded
    glitches += e.toggles - e.settled;
  }
  assert_true(glitches > 1000);
  arena_free(mem);
}

static void every_cell(void **state) {
  (void)state;
  random_netlists(AXGEN45, 24);
  random_netlists(OSU018, 8); // slower cells: longer ticks
}

static void exchanged_pins(void **state) {
  (void)state;
  arena *mem = arena_new();
  const liberty *lib = library(mem, AXGEN45);
  const liberty_cell *fa = liberty_find(lib, "FA_X1"), *mux = liberty_find(lib, "MUX2_X1"),
                     *aoi = liberty_find(lib, "AOI21_X1");
  for (int v = 0; v < 3; v++)
    for (int w = 0; w < 3; w++)
      assert_true(mapped_symmetric(fa, v, w));
  int symmetric = 0;
  for (int v = 0; v < 3; v++)
    for (int w = v + 1; w < 3; w++) {
      assert_false(mapped_symmetric(mux, v, w));
      symmetric += mapped_symmetric(aoi, v, w);
    }
  assert_int_equal(symmetric, 1); // the two of the AND
  rng r = rng_seed(9);
  const mapped *m = random_netlist(mem, lib, &r);
  int32_t before[256], after[256];
  mapped_table(m, false, before);
  int swaps = 0;
  for (size_t i = 0; i < m->count; i++) {
    const liberty_cell *c = m->cells[i].cell;
    for (int v = 0; v < c->inputs; v++)
      for (int w = v + 1; w < c->inputs; w++) {
        const mapped *n = mapped_swap(mem, m, i, v, w);
        assert_int_equal(n->cells[i].net[c->input[v]], m->cells[i].net[c->input[w]]);
        assert_float_equal(n->area, m->area, 1e-9);
        double load = 0;
        for (int32_t net = NET_FIRST_INPUT; net < m->nets; net++)
          load += n->load[net] - m->load[net];
        if (m->cells[i].net[c->input[v]] >= NET_FIRST_INPUT && m->cells[i].net[c->input[w]] >= NET_FIRST_INPUT)
          assert_float_equal(load, 0, 1e-9);
        mapped_table(n, false, after);
        if (mapped_symmetric(c, v, w))
          assert_memory_equal(before, after, sizeof before);
        swaps++;
      }
  }
  assert_true(swaps > 60);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(one_inverter), cmocka_unit_test(pulses),
                                     cmocka_unit_test(every_cell), cmocka_unit_test(exchanged_pins)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
