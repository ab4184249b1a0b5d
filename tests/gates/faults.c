// SPDX-License-Identifier: Apache-2.0
//
// faults CONFIG IMAGES COUNT: maps the hardware of CONFIG, records its pins in Icarus, and replays them on the netlist
// as it is and with one cell replaced, COUNT times: by another cell with as many pins, or by the same one with two nets
// exchanged. Checks that areas and flip-flops are those of the account. Lines `ok ...`, `FAIL ...`.
#include "tests/gates/design.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static int failures;
static void expect(bool ok, const char *what) {
  printf("%s %s\n", ok ? "ok  " : "FAIL", what);
  failures += !ok;
}

static void check_account(const synth_result *r) {
  const synth_netlist *n = r->netlist;
  double *area = calloc(r->layer_count * SYNTH_KIND_COUNT, sizeof *area);
  assert(area);
  int64_t flip_flops = 0;
  bool same = true;
  for (size_t i = 0; i < n->count; i++) {
    area[n->group[i]] += n->cells[i].cell->area;
    flip_flops += n->cells[i].cell->sequential;
  }
  for (size_t i = 0; i < r->layer_count; i++)
    for (int k = 0; k < SYNTH_KIND_COUNT; k++)
      same = same && fabs(area[i * SYNTH_KIND_COUNT + (size_t)k] - r->layers[i].area.area[k]) < 1e-6;
  free(area);
  expect(same, "each layer's and kind's area as accounted");
  expect(flip_flops == r->total.flip_flops && n->count == (size_t)r->total.cells, "as many cells and flip-flops");
}

// Another combinational cell with as many pins, inputs and outputs at the same places.
static const liberty_cell *another(const liberty *lib, const liberty_cell *c, rng *r) {
  const liberty_cell *list[1000];
  uint32_t count = 0;
  for (size_t i = 0; i < lib->cell_count && count < BASE_COUNT(list); i++) {
    const liberty_cell *o = &lib->cells[i];
    bool fits = o->combinational && o->pin_count == c->pin_count && o->inputs == c->inputs && c->outputs == 1 &&
                o->output[0] == c->output[0] &&
                !truth_equal(o->pins[o->output[0]].function, c->pins[c->output[0]].function);
    if (fits)
      list[count++] = o;
  }
  return count ? list[rng_below(r, count)] : NULL;
}

// 0: nothing noticed, 4: found; else something is wrong.
static int replay(const design *x, const synth_netlist *n, gates_replayed *done) {
  arena *mem = arena_new();
  diag d = {0};
  gates *g;
  bool ok = gates_new(mem, n, x->dir, &g, &d) && gates_replay(mem, g, x->pins, NULL, done, NULL, &d);
  int code = ok ? 0 : d.exit_code;
  if (code != 0 && (code != EXIT_CHECK || !strstr(d.text.data, "mapped netlist is")))
    fprintf(stderr, "%s", d.text.data);
  diag_free(&d);
  arena_free(mem);
  return code;
}

static void inject(const design *x, int count) {
  const synth_netlist *n = x->logic.netlist;
  rng r = rng_seed(7);
  int found = 0, other = 0;
  for (int k = 0; k < count; k++) {
    synth_netlist bad = *n;
    mapped_cell *cells = arena_memdup(x->mem, n->cells, n->count * sizeof *cells);
    const liberty_cell *with = NULL;
    bad.cells = cells;
    while (!with) {
      size_t i = rng_below(&r, (uint32_t)n->count);
      with = another(n->lib, cells[i].cell, &r);
      cells[i].cell = with ? with : cells[i].cell;
    }
    gates_replayed done;
    int code = replay(x, &bad, &done);
    found += code == EXIT_CHECK;
    other += code != EXIT_CHECK && code != 0;
  }
  printf("     %d of %d replaced cells found\n", found, count);
  expect(other == 0, "a replaced cell is a difference or nothing");
  expect(2 * found > count, "most replaced cells are found");
}

int main(int argc, char **argv) {
  design x = {.mem = arena_new()};
  diag d = {0};
  gates_replayed done = {0};
  target_sim r = {0};
  bool ok = argc == 4 && design_open(&x, argv[1], &d) && design_record(&x, strtoul(argv[2], NULL, 10), false, &r, &d);
  target_sim_free(&r);
  if (ok) {
    check_account(&x.logic);
    expect(replay(&x, x.logic.netlist, &done) == 0 && done.cycles > 100 && done.bits > 1000,
           "the netlist as it is gives the recorded outputs");
    inject(&x, atoi(argv[3]));
  }
  fprintf(stderr, "%s", d.text.data ? d.text.data : "");
  if (x.dir)
    tool_temp_remove(x.dir);
  arena_free(x.mem);
  return !ok || failures;
}
