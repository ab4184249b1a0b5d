// SPDX-License-Identifier: Apache-2.0
//
// The Verilog in lock step with the simulator: random programs, every instruction and every register write of every
// wavefront, then memory. Networks: all layers' values against the reference.
#include "tests/unit/fgpu/models.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { READ_BYTES = 4096, OWN_BYTES = 1024, GROUPS0 = 3, GROUPS1 = 4 };

// ---- random programs ----------------------------------------------------------------------------------------------
typedef struct {
  arena *mem;
  rng *r;
  fgpu_code *code;
  int window; // bytes of a wavefront's scratchpad
  bool dot4;
} generator;

static unsigned pick(generator *g, unsigned n) { return rng_below(g->r, n); }
static void put(generator *g, uint32_t w) { fgpu_code_add(g->mem, g->code, w); }
static unsigned data_reg(generator *g) { return pick(g, 16); } // r0 to r15; r16 to r31 keep their roles
enum { OWN = 16, ADDRESS = 17, COUNT = 18, ALL_ON = 19, PARAMETER = 20 };

// ADDRESS = somewhere in the scratchpad, in the own region or in the region that is only read.
static unsigned address(generator *g, bool writes) {
  unsigned from = data_reg(g), where = pick(g, 3);
  if (where == 0) {
    put(g, fgpu_i(FGPU_ADDI, ADDRESS, from, (int)pick(g, 99))); // any: it wraps around
    return FGPU_LOCAL;
  }
  bool own = writes || where == 1;
  put(g, fgpu_i(FGPU_ANDI, ADDRESS, from, pick(g, 2) ? 0x7c : own ? OWN_BYTES - 1 : READ_BYTES - 1));
  if (own)
    put(g, fgpu_r(FGPU_ADD, ADDRESS, ADDRESS, OWN, 0));
  return 0;
}

static void memory_access(generator *g) {
  static const fgpu_op LOADS[] = {FGPU_LB, FGPU_LBU, FGPU_LH, FGPU_LHU, FGPU_LW};
  static const fgpu_op STORES[] = {FGPU_SB, FGPU_SH, FGPU_SW};
  bool writes = pick(g, 3) == 0;
  unsigned flags = address(g, writes), rd = data_reg(g), more = pick(g, 4);
  if (writes) {
    put(g, fgpu_i(STORES[pick(g, 3)], rd, ADDRESS, (int)(flags | (pick(g, 2) ? FGPU_NOWAIT : 0))));
    return;
  }
  for (unsigned i = 0; i < more; i++) // loads that do not wait go to registers of their own
    put(g, fgpu_i(LOADS[pick(g, 5)], (rd + 1 + i) % 16, ADDRESS, (int)(flags | FGPU_NOWAIT)));
  put(g, fgpu_i(LOADS[pick(g, 5)], rd, ADDRESS, (int)flags));
}

static void compute(generator *g) {
  unsigned op;
  do
    op = g->dot4 && pick(g, 8) == 0 ? (unsigned)FGPU_DOT4 : pick(g, 64);
  while (!fgpu_isa[op].name || (op == FGPU_DOT4 && !g->dot4) || (op >= FGPU_LB && op <= FGPU_SW) ||
         (op >= FGPU_BANY && op <= FGPU_RET));
  uint32_t w = fgpu_r((fgpu_op)op, data_reg(g), data_reg(g), data_reg(g), pick(g, 2048));
  if (fgpu_isa[op].format == FGPU_F_RI || fgpu_isa[op].format == FGPU_F_HI)
    w = (w & 0xffff0000) | pick(g, 65536);
  for (int bit = 0; !fgpu_valid(w) && bit < 21; bit++) // clear the bits that the format does not use
    if (!fgpu_valid(w) && w >> bit & 1) {
      uint32_t less = w & ~(1u << bit);
      w = fgpu_isa[op].format == FGPU_F_RQ && (bit < 6) ? w : less;
    }
  if (fgpu_isa[op].format == FGPU_F_RQ)
    w = (w & ~63u) | (1 + pick(g, 47));
  if (fgpu_valid(w))
    put(g, w);
}

static void step(generator *g, int depth);

static void control(generator *g, int depth) {
  switch (pick(g, 3)) {
  case 0: // some lanes off for a while
    put(g, fgpu_i(FGPU_ANDI, ADDRESS, data_reg(g), 1 << pick(g, 3)));
    put(g, fgpu_i(FGPU_EXEC, 0, ADDRESS, 0));
    for (unsigned i = pick(g, 5); i > 0; i--)
      step(g, 2);
    put(g, fgpu_i(FGPU_EXEC, 0, ALL_ON, 0));
    break;
  case 1: { // a loop
    put(g, fgpu_i(FGPU_ADDI, COUNT, 0, 1 + (int)pick(g, 3)));
    size_t start = g->code->count;
    for (unsigned i = 1 + pick(g, 5); i > 0; i--)
      step(g, 2);
    put(g, fgpu_i(FGPU_ADDI, COUNT, COUNT, -1));
    put(g, fgpu_i(FGPU_BANY, 0, COUNT, (int)start - (int)g->code->count - 1));
    break;
  }
  default: { // a jump ahead
    size_t at = g->code->count;
    unsigned reg = data_reg(g), op = pick(g, 2) ? FGPU_BANY : FGPU_BNONE;
    put(g, 0);
    for (unsigned i = pick(g, 4); i > 0; i--)
      step(g, depth + 1);
    g->code->words[at] = fgpu_i((fgpu_op)op, 0, reg, (int)(g->code->count - at) - 1);
  }
  }
}

static void step(generator *g, int depth) {
  unsigned what = pick(g, 10);
  if (what < 3)
    memory_access(g);
  else if (what < 4 && depth < 2)
    control(g, depth);
  else
    compute(g);
}

static void program(generator *g, int steps) {
  put(g, fgpu_i(FGPU_ADDI, ALL_ON, 0, 1));
  put(g, fgpu_i(FGPU_LANE, 1, 0, 0));
  put(g, fgpu_i(FGPU_SLLI, 2, 1, 2));
  for (int i = 0; i < g->window; i += 256) // nothing undefined
    put(g, fgpu_i(FGPU_SW, 1, 2, i | FGPU_LOCAL));
  put(g, fgpu_i(FGPU_WGID, OWN, 0, 1));
  put(g, fgpu_i(FGPU_MULI, OWN, OWN, GROUPS0));
  put(g, fgpu_i(FGPU_WGID, ADDRESS, 0, 0));
  put(g, fgpu_r(FGPU_ADD, OWN, OWN, ADDRESS, 0));
  put(g, fgpu_i(FGPU_MULI, OWN, OWN, OWN_BYTES));
  put(g, fgpu_i(FGPU_ADDI, OWN, OWN, READ_BYTES));
  for (unsigned r = 3; r < 16; r++)
    put(g, fgpu_i(FGPU_LW, r, 2, (int)(256 * (r - 3))));
  for (int i = 0; i < steps; i++)
    step(g, 0);
  put(g, fgpu_i(FGPU_SW, data_reg(g), OWN, 0));
  put(g, fgpu_i(FGPU_RET, 0, 0, 0));
}

// ---- comparing traces ---------------------------------------------------------------------------------------------
typedef struct {
  const char *line;
  size_t number;
} event;

// By what is before the tab, then in order.
static int by_key(const void *a, const void *b) {
  const event *x = a, *y = b;
  size_t n = strcspn(x->line, "\t"), m = strcspn(y->line, "\t");
  int c = strncmp(x->line, y->line, n < m ? n : m);
  return c ? c : n != m ? (n > m) - (n < m) : (x->number > y->number) - (x->number < y->number);
}

static event *sorted(arena *mem, const char *text, size_t *count) {
  size_t cap = 0;
  event *e = NULL;
  *count = 0;
  for (const char *p = text; *p; p += strcspn(p, "\n") + 1) {
    arena_grow(mem, e, *count, cap);
    e[*count] = (event){arena_strndup(mem, p, strcspn(p, "\n")), *count};
    ++*count;
  }
  qsort(e, *count, sizeof *e, by_key);
  return e;
}

static void compare_traces(arena *mem, const char *want, const char *got) {
  size_t n, m;
  event *w = sorted(mem, want, &n), *g = sorted(mem, got, &m);
  for (size_t i = 0; i < n && i < m; i++)
    if (strcmp(w[i].line, g[i].line))
      fail_msg("the simulator: %s\nthe Verilog:   %s", w[i].line, g[i].line);
  assert_int_equal(n, m);
}

static void hex_lines(const uint8_t *memory, size_t size, str *out) {
  for (size_t line = 0; line < size; line += FGPU_LINE) {
    for (size_t i = line + FGPU_LINE; i-- > line;)
      str_printf(out, "%02x", memory[i]);
    str_add(out, "\n");
  }
}

// Several launches of one random program on one tile.
typedef struct {
  fgpu_tile tile;
  fgpu_code code;
  fgpu_descriptor *launch;
  uint8_t *memory;
  str host, memory_text, script;
} random_case;

static void case_make(arena *mem, uint64_t seed, bool icarus, bool dot4, int launches, int steps, random_case *c) {
  rng r = rng_seed(seed);
  diag d = {0};
  *c = (random_case){
      .tile = {.hw = {.cvs = sample_pick(&r, 1, icarus ? 2 : 4), .slots = 2 << rng_below(&r, 3), .cache_lines = 8},
               .memory_bytes = READ_BYTES + GROUPS0 * GROUPS1 * OWN_BYTES},
      .launch = arena_new_array(mem, fgpu_descriptor, (size_t)launches)};
  fgpu_tile *tile = &c->tile;
  tile->hw.local_bytes = 256 * tile->hw.slots;
  tile->hw.dot4 = dot4;
  static const char *const MULS[] = {"exact8s", "roup8s_p1_c6", "bam8s_h0_v4_t0", "exact8u"};
  for (int i = 0; i < tile->hw.cvs * FGPU_PES; i++) {
    const mul *m = mul_make(mem, MULS[rng_below(&r, BASE_COUNT(MULS))], &d);
    if (!m)
      fail_msg("%s", d.text.data);
    int cv = i / FGPU_PES; // CVs that share a queue must be alike: which of them runs a group depends on time
    tile->hw.mul[cv][i % FGPU_PES] = cv < 2 ? m : tile->hw.mul[1][i % FGPU_PES];
  }
  for (int i = 0; i < launches; i++) {
    uint32_t *l = c->launch[i];
    l[FGPU_D_PC] = (uint32_t)c->code.count;
    program(&(generator){mem, &r, &c->code, 256, dot4}, steps);
    l[FGPU_D_GROUPS0] = GROUPS0;
    l[FGPU_D_GROUPS1] = GROUPS1;
    for (int cv = 0; cv < FGPU_MAX_CVS; cv++) // the first CV, and all others
      l[FGPU_D_QUEUE_OF] |= (uint32_t)(cv >= tile->hw.cvs ? FGPU_NO_QUEUE : tile->hw.cvs > 1 && cv ? 5 : 0) << 4 * cv;
    l[FGPU_D_QUEUES] = tile->hw.cvs > 1 ? 1 << 16 : GROUPS1 << 16;
    l[FGPU_D_QUEUES + 5] = tile->hw.cvs > 1 ? 1 | GROUPS1 << 16 : 0;
    for (int k = 12; k < 16; k++)
      l[k] = (uint32_t)rng_next(&r);
  }
  tile->code_words = c->code.count;
  tile->launches = (size_t)launches;
  c->memory = arena_alloc(mem, tile->memory_bytes);
  for (size_t i = 0; i < tile->memory_bytes; i++)
    c->memory[i] = rng_below(&r, 4) ? (uint8_t)rng_next(&r) : 0;
  hex_lines(c->memory, tile->memory_bytes, &c->memory_text);
  for (size_t i = 0; i < c->code.count; i++)
    str_printf(&c->host, "%05zx %08x\n", 0x40000 + i, c->code.words[i]);
  for (int i = 0; i < launches * FGPU_DESCRIPTOR; i++)
    str_printf(&c->host, "%05x %08x\n", 0x80000 + i, c->launch[i / FGPU_DESCRIPTOR][i % FGPU_DESCRIPTOR]);
  str_printf(&c->script, "0 0 %d\n1 0 %u\n", launches, tile->memory_bytes / FGPU_LINE);
}

static void case_free(random_case *c) {
  str_free(&c->script);
  str_free(&c->host);
  str_free(&c->memory_text);
}

static void lock_step(uint64_t seed, bool icarus, bool dot4, int launches, int steps) {
  arena *mem = arena_new();
  diag d = {0};
  random_case c;
  case_make(mem, seed, icarus, dot4, launches, steps, &c);
  char *trace = NULL;
  size_t size = 0;
  fgpu_sim sim = {.hw = &c.tile.hw,
                  .code = &c.code,
                  .launches = (const fgpu_descriptor *)c.launch,
                  .launch_count = (size_t)launches,
                  .memory = c.memory,
                  .memory_bytes = c.tile.memory_bytes,
                  .latency = FGPU_LATENCY,
                  .trace = open_memstream(&trace, &size)};
  bool ok = fgpu_sim_run(&sim, 0, (size_t)launches, NULL, &d);
  fclose(sim.trace);
  if (!ok)
    fail_msg("%s", d.text.data);
  fgpu_rtl_result rtl = {0};
  fgpu_rtl_options opt = {.icarus = icarus, .trace = true, .stalls = seed % 2 ? 7 : 0, .dir = getenv("AXGEN_FGPU_DIR")};
  if (!fgpu_rtl_run(mem, &c.tile, &c.host, &c.memory_text, &c.script, &opt, &rtl, &d))
    fail_msg("%s", d.text.data);
  compare_traces(mem, trace, rtl.trace);
  str after = {0};
  hex_lines(c.memory, c.tile.memory_bytes, &after);
  assert_string_equal(after.data, rtl.output);
  free(trace);
  str_free(&after);
  case_free(&c);
  arena_free(mem);
}

static void random_programs(void **state) {
  (void)state;
  const char *more = getenv("AXGEN_FGPU_SEEDS");
  for (uint64_t seed = 1; seed <= (more ? strtoull(more, NULL, 10) : 1); seed++)
    lock_step(seed, false, seed % 4 == 2, 20, 60); // AXGEN_FGPU_SEEDS=N: more of them
}

static void random_programs_icarus(void **state) {
  (void)state;
  if (!getenv("AXGEN_FGPU_SEEDS"))
    lock_step(101, true, true, 1, 20);
}

// The checks of the memory port find a request that changes while it waits, in any field, and a parted burst.
static void broken_port(void **state) {
  (void)state;
  static const struct {
    int fault;
    const char *named;
  } FAULTS[] = {{1, "was withdrawn while ready was low"},
                {2, "m_write changed"},
                {3, "m_addr changed"},
                {4, "m_id changed"},
                {5, "m_wdata changed"},
                {6, "m_wstrb changed"},
                {7, "burst on the memory port was parted"}};
  arena *mem = arena_new();
  random_case c;
  case_make(mem, 102, true, false, 1, 5, &c);
  for (size_t i = 0; i < BASE_COUNT(FAULTS); i++) {
    diag d = {0};
    fgpu_rtl_result rtl = {0};
    fgpu_rtl_options opt = {.icarus = true, .stalls = 7, .fault = FAULTS[i].fault};
    assert_false(fgpu_rtl_run(mem, &c.tile, &c.host, &c.memory_text, &c.script, &opt, &rtl, &d));
    assert_int_equal(d.exit_code, 4);
    if (!strstr(d.text.data, FAULTS[i].named))
      fail_msg("fault %d: %s", FAULTS[i].fault, d.text.data);
    str_free(&d.text);
  }
  case_free(&c);
  arena_free(mem);
}

// Random programs behind the AXI ports: the same memory as the simulator's, on a narrow and on a wide bus. An error of
// the bus is reported and ends the simulation.
static void behind_axi(void **state) {
  (void)state;
  arena *mem = arena_new();
  for (int round = 0; round < 2; round++) {
    random_case c;
    diag d = {0};
    fgpu_rtl_result rtl = {0};
    case_make(mem, 103, true, false, 1, 2, &c);
    fgpu_rtl_options opt = {
        .icarus = true, .axi = true, .axi_bits = round == 0 ? 32 : 256, .stalls = 7, .bad_read = round == 1 ? 3 : 0};
    bool ok = fgpu_rtl_run(mem, &c.tile, &c.host, &c.memory_text, &c.script, &opt, &rtl, &d);
    if (round == 0) {
      if (!ok)
        fail_msg("%s", d.text.data);
      fgpu_sim sim = {.hw = &c.tile.hw,
                      .code = &c.code,
                      .launches = (const fgpu_descriptor *)c.launch,
                      .launch_count = 1,
                      .memory = c.memory,
                      .memory_bytes = c.tile.memory_bytes,
                      .latency = FGPU_LATENCY};
      assert_true(fgpu_sim_run(&sim, 0, 1, NULL, &d));
      str after = {0};
      hex_lines(c.memory, c.tile.memory_bytes, &after);
      assert_string_equal(after.data, rtl.output);
      str_free(&after);
    } else {
      assert_false(ok);
      assert_int_equal(d.exit_code, 4);
      assert_non_null(strstr(d.text.data, "the bus answered with an error"));
    }
    str_free(&d.text);
    case_free(&c);
  }
  arena_free(mem);
}

// ---- networks -----------------------------------------------------------------------------------------------------
static const char *const SIGNED[] = {"exact8s", "roup8s_p0_c4", "bam8s_h0_v3_t0"};

// The network on the Verilog, with multipliers that have gates.
static void on_verilog(arena *mem, network *net, rng *r, model_level level, const fgpu_options *o, size_t images,
                       const fgpu_rtl_options *opt) {
  diag d = {0};
  infer_model *m = model_of(mem, net, r, SAMPLE_S8, 8, 8, level, (int)BASE_COUNT(SIGNED));
  const mul *muls[BASE_COUNT(SIGNED)];
  for (size_t i = 0; i < BASE_COUNT(SIGNED); i++)
    if (!(muls[i] = mul_make(mem, SIGNED[i], &d)))
      fail_msg("%s", d.text.data);
  m->muls = muls;
  const uint8_t *pixels[8];
  for (size_t i = 0; i < images; i++)
    pixels[i] = random_pixels(mem, r, net);
  fgpu_program *p;
  fgpu_cosim c;
  if (!infer_check(m, &d) || !fgpu_plan(mem, m, BASE_COUNT(SIGNED), o, &p, &d) ||
      !fgpu_simulate(mem, p, pixels, images, opt, &c, &d))
    fail_msg("%s", d.text.data);
  size_t values = 0;
  for (size_t i = 1; i < net->count; i++)
    values += (size_t)net_shape_size(net->nodes[i].shape);
  assert_int_equal(c.values_compared, values + images * (size_t)net_shape_size(net_output(net)->shape));
  fileset files = {0};
  const config cfg = {.net = net, .clock_ns = 4};
  assert_true(fgpu_emit(mem, p, &(origin){&cfg, "", "", ""}, NULL, &files, &d));
}

static void random_networks(void **state) {
  (void)state;
  for (uint64_t seed = 1; seed <= 2; seed++) {
    arena *mem = arena_new();
    rng r = rng_seed(seed);
    network *net = sample_network(mem, &r, SAMPLE_S8, 8, 8, 5);
    on_verilog(mem, net, &r, seed == 1 ? BY_KERNEL : BY_FILTER, &(fgpu_options){.cvs = (int)seed, .slots = 2}, 2,
               &(fgpu_rtl_options){.icarus = true, .stalls = seed == 1 ? 3 : 0});
    arena_free(mem);
  }
}

static void lenet(void **state) {
  (void)state;
  arena *mem = arena_new();
  rng r = rng_seed(1);
  diag d = {0};
  network *net;
  if (!net_read(mem, "models/lenet5-fashion/net.yaml", &net, &d))
    fail_msg("%s", d.text.data);
  on_verilog(mem, net, &r, BY_FILTER, &(fgpu_options){.cvs = 2}, 3, &(fgpu_rtl_options){0});
  arena_free(mem);
}

int main(int argc, char **argv) {
  if (argc > 1) // only the tests that match
    cmocka_set_test_filter(argv[1]);
  const struct CMUnitTest tests[] = {cmocka_unit_test(random_programs), cmocka_unit_test(random_programs_icarus),
                                     cmocka_unit_test(broken_port),     cmocka_unit_test(behind_axi),
                                     cmocka_unit_test(random_networks), cmocka_unit_test(lenet)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
