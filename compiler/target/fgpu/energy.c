// SPDX-License-Identifier: Apache-2.0
//
// The energy proxy of an fgpu tile: what each PE's multiplier takes for real images, in the order of the simulator,
// through its mapped netlist (zero delay).
#include "compiler/target/fgpu/energy.h"

#include <stdlib.h>

typedef struct {
  mapped_stream *stream;
  mapped_energy before; // sums up to the launch that runs
  uint16_t *a, *b; // taken since then
  size_t count, cap;
} element;

typedef struct {
  const fgpu_program *p;
  const synth_mul *muls;
  element pe[FGPU_MAX_CVS][FGPU_PES][FGPU_UNITS]; // one a multiplier
  size_t launch;
  proxy_layer *of_node; // sums over all images
  bool (*used)[CONFIG_MAX_MULS]; // by node
} meter;

static void feed(element *e) {
  mapped_stream_feed(e->stream, e->a, e->b, e->count);
  e->count = 0;
}

// All that was taken up to here belongs to the launch that ran.
static void end_launch(meter *m) {
  int node = m->p->launches[m->launch].node;
  proxy_layer *l = &m->of_node[node];
  int units = fgpu_units(&m->p->hw);
  for (int i = 0; i < m->p->hw.cvs * FGPU_PES * units; i++) {
    int cv = i / units / FGPU_PES, pe = i / units % FGPU_PES, mul = m->p->pe_mul[cv][pe];
    element *e = &m->pe[cv][pe][i % units];
    feed(e);
    mapped_energy now = mapped_stream_result(e->stream);
    uint64_t pairs = now.pairs - e->before.pairs;
    l->operations += pairs;
    l->toggles += now.toggles - e->before.toggles;
    l->toggled_nj += (mapped_energy_total(&now) - mapped_energy_total(&e->before)) * 1e-6;
    l->simple_nj += (double)pairs * m->muls[mul].uniform_fj * 1e-6;
    m->used[node][mul] |= pairs > 0;
    e->before = now;
  }
}

static void take(void *user, size_t launch, int cv, int pe, int unit, uint8_t a, uint8_t b) {
  meter *m = user;
  element *e = &m->pe[cv][pe][unit];
  if (launch != m->launch) {
    end_launch(m);
    m->launch = launch;
  }
  const mul_sig *sig = &m->p->hw.mul[cv][pe]->sig;
  if (e->count == e->cap)
    feed(e);
  e->a[e->count] = a & ((1u << sig->a_bits) - 1);
  e->b[e->count++] = b & ((1u << sig->b_bits) - 1);
}

static void add_layer(arena *mem, const meter *m, size_t node, size_t images, proxy_result *out) {
  proxy_layer l = m->of_node[node];
  str names = {0};
  for (size_t i = 0; i < m->p->mul_count; i++)
    if (m->used[node][i])
      str_printf(&names, "%s%s", names.len ? ", " : "", m->p->model->muls[i]->name);
  l.name = m->p->model->net->nodes[node].name;
  l.multipliers = arena_strdup(mem, names.data ? names.data : "");
  l.operations /= images;
  l.toggles /= images;
  l.toggled_nj /= (double)images;
  l.simple_nj /= (double)images;
  str_free(&names);
  out->layers[out->layer_count++] = l;
  out->toggled_nj += l.toggled_nj;
  out->simple_nj += l.simple_nj;
  out->operations += l.operations;
}

bool fgpu_energy(arena *mem, const fgpu_program *p, const synth_mul *muls, const dataset *data, size_t first,
                 size_t count, proxy_result *out, diag *d) {
  assert(count > 0 && first + count <= data->count);
  enum { CHUNK = 4096 };
  const network *net = p->model->net;
  arena *scratch = arena_new();
  meter m = {.p = p,
             .muls = muls,
             .of_node = arena_new_array(scratch, proxy_layer, net->count),
             .used = arena_calloc(scratch, net->count, sizeof *m.used)};
  int units = fgpu_units(&p->hw);
  for (int i = 0; i < p->hw.cvs * FGPU_PES * units; i++) {
    int cv = i / units / FGPU_PES, pe = i / units % FGPU_PES;
    const mapped *circuit = muls[p->pe_mul[cv][pe]].net;
    assert(circuit);
    m.pe[cv][pe][i % units] = (element){.stream = mapped_stream_new(scratch, circuit),
                                        .a = arena_new_array(scratch, uint16_t, CHUNK),
                                        .b = arena_new_array(scratch, uint16_t, CHUNK),
                                        .cap = CHUNK};
  }
  int32_t **values = infer_buffers(scratch, net);
  bool ok = true;
  for (size_t i = 0; i < count && ok; i++) {
    infer_input_codes(net, data->pixels + (first + i) * (size_t)net_shape_size(data->shape), values[0]);
    ok = fgpu_run(p, values, NULL, &(fgpu_watch){.macc = take, .user = &m}, d);
  }
  if (ok) {
    end_launch(&m);
    *out = (proxy_result){.images = count, .layers = arena_new_array(mem, proxy_layer, net->count)};
    for (size_t i = 0; i < net->count; i++)
      if (net_multiplies(&net->nodes[i]))
        add_layer(mem, &m, i, count, out);
  }
  arena_free(scratch);
  return ok;
}
