// SPDX-License-Identifier: Apache-2.0
//
// The energy proxy: every multiplier of the accelerator is fed, in the order of the folding's schedule, what it sees
// for real images, and the toggles of its mapped netlist are counted (zero delay).
#include "compiler/target/dataflow/energy.h"

#include <string.h>

static int channel(const int *order, int i) { return order ? order[i] : i; }

void dataflow_proxy_taps(arena *mem, dataflow_proxy_job *j) {
  const dataflow_stage *s = j->s;
  size_t n = (size_t)s->sf * (size_t)s->simd, groups = (size_t)s->side * (size_t)s->rounds;
  int32_t *offset = arena_new_array(mem, int32_t, groups * n);
  int16_t *ky = arena_new_array(mem, int16_t, n), *kx = arena_new_array(mem, int16_t, n);
  for (size_t i = 0; i < n; i++) {
    int c, y, x;
    dataflow_window_element(s, (int)(i / (size_t)s->simd), (int)(i % (size_t)s->simd), &c, &y, &x);
    for (size_t g = 0; g < groups; g++)
      offset[g * n + i] =
          (dataflow_window_channel(s, (int)g * dataflow_group_filters(s), c) * s->in.h + y) * s->in.w + x;
    ky[i] = (int16_t)y, kx[i] = (int16_t)x;
  }
  j->offset = offset, j->ky = ky, j->kx = kx;
}

// Codes of the weights that multiplier (pe, lane) meets for one output pixel: [nf * sf].
static void weight_codes(const dataflow_proxy_job *j, int pe, int lane, int b_bits, uint16_t *b) {
  const dataflow_stage *s = j->s;
  uint32_t mask = (1u << b_bits) - 1;
  for (int nf = 0; nf < s->nf; nf++)
    for (int sf = 0; sf < s->sf; sf++) {
      int c, ky, kx, slot = nf * s->pe + pe, f = channel(s->order, slot), channels = dataflow_group_channels(s);
      dataflow_window_element(s, sf, lane, &c, &ky, &kx);
      size_t kernel = (size_t)f * (size_t)channels + (size_t)(dataflow_window_channel(s, slot, c) % channels);
      *b++ = (uint16_t)((uint32_t)j->node->weight[(kernel * (size_t)s->kh + (size_t)ky) * (size_t)s->kw + (size_t)kx] &
                        mask);
    }
}

// Codes of the activations of lane `lane` of a PE in group `group` under the window of output pixel (oy, ox): [sf].
static void activation_codes(const dataflow_proxy_job *j, const int32_t *image, int oy, int ox, int group, int lane,
                             int a_bits, uint16_t *a) {
  const dataflow_stage *s = j->s;
  uint32_t mask = (1u << a_bits) - 1;
  int y0 = oy * s->sh - s->pt, x0 = ox * s->sw - s->pl;
  const int32_t *offset = j->offset + (size_t)group * (size_t)s->sf * (size_t)s->simd;
  for (int sf = 0; sf < s->sf; sf++) {
    size_t i = (size_t)sf * (size_t)s->simd + (size_t)lane;
    int y = y0 + j->ky[i], x = x0 + j->kx[i];
    bool inside = y >= 0 && y < s->in.h && x >= 0 && x < s->in.w;
    a[sf] = (uint16_t)((uint32_t)(inside ? image[offset[i] + y0 * s->in.w + x0] : s->pad_code) & mask);
  }
}

// The same for the filters that the PE computes one after the other: [nf][sf].
static void pixel_codes(const dataflow_proxy_job *j, const int32_t *image, int oy, int ox, int pe, int lane, int a_bits,
                        uint16_t *a) {
  const dataflow_stage *s = j->s;
  size_t sf = (size_t)s->sf;
  for (int nf = 0, last = -1; nf < s->nf; nf++, a += sf) {
    int group = (nf * s->pe + pe) / dataflow_group_filters(s);
    if (group == last)
      memcpy(a, a - sf, sf * sizeof *a);
    else
      activation_codes(j, image, oy, ox, group, lane, a_bits, a);
    last = group;
  }
}

// What the multiplier sees for a block of pixels: each weight with the activation of one pixel after the other. acts:
// [pixels][nf * sf], weights: [nf * sf]. Returns how many pairs.
static size_t block_codes(const dataflow_stage *s, const uint16_t *acts, const uint16_t *weights, int pixels,
                          uint16_t *a, uint16_t *b) {
  size_t words = (size_t)s->nf * (size_t)s->sf, n = 0;
  for (size_t word = 0; word < words; word++)
    for (size_t h = 0; h < (size_t)pixels; h++, n++) {
      a[n] = acts[h * words + word];
      b[n] = weights[word];
    }
  return n;
}

size_t dataflow_proxy_sequence(const dataflow_proxy_job *j, const int32_t *image, int pe, int lane, int a_bits,
                               int b_bits, uint16_t *a, uint16_t *b) {
  const dataflow_stage *s = j->s;
  arena *mem = arena_new();
  size_t words = (size_t)s->nf * (size_t)s->sf, done = 0;
  uint16_t *acts = arena_new_array(mem, uint16_t, (size_t)s->hold * words),
           *weights = arena_new_array(mem, uint16_t, words);
  weight_codes(j, pe, lane, b_bits, weights);
  for (int oy = 0; oy < s->out.h; oy++)
    for (int x0 = 0; x0 < s->out.w; x0 += s->hold) {
      int pixels = s->out.w - x0 < s->hold ? s->out.w - x0 : s->hold;
      for (int h = 0; h < pixels; h++)
        pixel_codes(j, image, oy, x0 + h, pe, lane, a_bits, acts + (size_t)h * words);
      done += block_codes(s, acts, weights, pixels, a + done, b + done);
    }
  arena_free(mem);
  return done;
}

static mapped_energy run_multiplier(const dataflow_proxy_job *j, int pe, int lane) {
  const dataflow_stage *s = j->s;
  const synth_mul *m = &j->muls[s->muls[(size_t)pe * (size_t)s->simd + (size_t)lane]];
  assert(m->net);
  arena *mem = arena_new();
  uint16_t *a = arena_new_array(mem, uint16_t, (size_t)s->cycles),
           *b = arena_new_array(mem, uint16_t, (size_t)s->cycles);
  mapped_stream *stream = mapped_stream_new(mem, m->net);
  for (size_t i = 0; i < j->images && !interrupted(); i++)
    mapped_stream_feed(
        stream, a, b, dataflow_proxy_sequence(j, j->inputs[i], pe, lane, m->mul->sig.a_bits, m->mul->sig.b_bits, a, b));
  mapped_energy e = mapped_stream_result(stream);
  arena_free(mem);
  return e;
}

static void run_layer(arena *mem, const dataflow_proxy_job *j, proxy_layer *out) {
  const dataflow_stage *s = j->s;
  int count = s->pe * s->simd;
  arena *scratch = arena_new();
  mapped_energy *e = arena_new_array(scratch, mapped_energy, (size_t)count);
#pragma omp parallel for schedule(dynamic)
  for (int k = 0; k < count; k++)
    e[k] = run_multiplier(j, k / s->simd, k % s->simd);
  double images = (double)j->images, energy = 0, simple = 0;
  uint64_t toggles = 0, pairs = 0;
  bool used[CONFIG_MAX_MULS] = {false};
  for (int k = 0; k < count; k++) { // in order: the same sums whatever the threads
    energy += mapped_energy_total(&e[k]);
    simple += (double)e[k].pairs * j->muls[s->muls[k]].uniform_fj;
    toggles += e[k].toggles;
    pairs += e[k].pairs;
    used[s->muls[k]] = true;
  }
  str names = {0};
  for (size_t m = 0; m < j->design->cfg->mul_count; m++)
    if (used[m])
      str_printf(&names, "%s%s", names.len ? ", " : "", j->design->cfg->muls[m]->name);
  *out = (proxy_layer){.name = s->name,
                       .multipliers = arena_strdup(mem, names.data),
                       .operations = pairs / j->images,
                       .toggles = toggles / j->images,
                       .toggled_nj = energy / images * 1e-6,
                       .simple_nj = simple / images * 1e-6};
  str_free(&names);
  arena_free(scratch);
}

// What every node gives for each image.
static int32_t ***run_images(arena *mem, const dataflow_design *design, const dataset *data, size_t first,
                             size_t count) {
  int32_t ***values = arena_new_array(mem, int32_t **, count);
  for (size_t i = 0; i < count && !interrupted(); i++) {
    values[i] = infer_buffers(mem, design->cfg->net);
    ref_run(design->model, data->pixels + (first + i) * (size_t)net_shape_size(data->shape), values[i]);
  }
  return values;
}

static dataflow_proxy_job new_job(arena *mem, const dataflow_design *design, const dataflow_stage *s, int32_t ***values,
                                  size_t count) {
  const net_node *node = &design->cfg->net->nodes[s->node];
  const int32_t **inputs = arena_new_array(mem, const int32_t *, count);
  for (size_t i = 0; i < count; i++)
    inputs[i] = values[i][node->inputs[0]];
  dataflow_proxy_job j = {.design = design, .s = s, .node = node, .images = count, .inputs = inputs};
  dataflow_proxy_taps(mem, &j);
  return j;
}

bool dataflow_proxy_energy(arena *mem, const dataflow_design *design, const synth_mul *muls, const dataset *data,
                           size_t first, size_t count, proxy_result *out) {
  assert(count > 0 && first + count <= data->count);
  arena *scratch = arena_new();
  int32_t ***values = run_images(scratch, design, data, first, count);
  *out = (proxy_result){.images = count, .layers = arena_new_array(mem, proxy_layer, design->count)};
  for (size_t k = 0; k < design->count && !interrupted(); k++) {
    const dataflow_stage *s = &design->stages[k];
    if (s->kind != DATAFLOW_MVU)
      continue;
    dataflow_proxy_job j = new_job(scratch, design, s, values, count);
    j.muls = muls;
    proxy_layer *l = &out->layers[out->layer_count++];
    run_layer(mem, &j, l);
    out->toggled_nj += l->toggled_nj;
    out->simple_nj += l->simple_nj;
    out->operations += l->operations;
  }
  arena_free(scratch);
  return !interrupted();
}

// ---- stretches ------------------------------------------------------------------------------------------------------
// Stretch n of a layer: the same multiplier, image and place in both schedules.
static void draw_stretches(arena *mem, dataflow_proxy_job *j, operands_layer *l) {
  const dataflow_stage *held = j->s;
  dataflow_stage moving = *held;
  moving.hold = 1;
  const dataflow_stage *stages[OPERANDS_SCHEDULES] = {[OPERANDS_MOVING] = &moving, [OPERANDS_HELD] = held};
  size_t cycles = (size_t)held->cycles;
  l->length = cycles < OPERANDS_LENGTH ? cycles : OPERANDS_LENGTH;
  arena *scratch = arena_new();
  uint16_t *a = arena_new_array(scratch, uint16_t, cycles), *b = arena_new_array(scratch, uint16_t, cycles);
  for (int k = 0; k < OPERANDS_SCHEDULES; k++) {
    uint16_t *to_a = arena_new_array(mem, uint16_t, OPERANDS_STRETCHES * l->length),
             *to_b = arena_new_array(mem, uint16_t, OPERANDS_STRETCHES * l->length);
    l->a[k] = to_a, l->b[k] = to_b;
    j->s = stages[k];
    rng r = rng_seed((uint64_t)held->node);
    for (size_t n = 0; n < OPERANDS_STRETCHES && !interrupted(); n++) {
      const int32_t *image = j->inputs[rng_below(&r, (uint32_t)j->images)];
      int pe = (int)rng_below(&r, (uint32_t)held->pe), lane = (int)rng_below(&r, (uint32_t)held->simd);
      size_t at = rng_below(&r, (uint32_t)(cycles - l->length + 1));
      dataflow_proxy_sequence(j, image, pe, lane, 16, 16, a, b);
      memcpy(to_a + n * l->length, a + at, l->length * sizeof *a);
      memcpy(to_b + n * l->length, b + at, l->length * sizeof *b);
    }
  }
  arena_free(scratch);
}

bool dataflow_operands(arena *mem, const dataflow_design *design, const dataset *data, size_t first, size_t count,
                       operands_layer **out, size_t *layers) {
  assert(count > 0 && first + count <= data->count);
  arena *scratch = arena_new();
  int32_t ***values = run_images(scratch, design, data, first, count);
  *out = arena_new_array(mem, operands_layer, design->count);
  *layers = 0;
  for (size_t k = 0; k < design->count && !interrupted(); k++) {
    const dataflow_stage *s = &design->stages[k];
    if (s->kind != DATAFLOW_MVU)
      continue;
    dataflow_proxy_job j = new_job(scratch, design, s, values, count);
    operands_layer *l = &(*out)[(*layers)++];
    *l = (operands_layer){.node = s->node,
                          .name = s->name,
                          .hold = s->hold,
                          .multiplications = (uint64_t)s->cycles * (uint64_t)s->pe * (uint64_t)s->simd};
    draw_stretches(mem, &j, l);
  }
  arena_free(scratch);
  return !interrupted();
}
