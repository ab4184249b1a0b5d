// SPDX-License-Identifier: Apache-2.0
//
// From a network and an assignment to a program image: checks, LIDs, memory, then the launches of one node after the
// other.
#include "compiler/target/fgpu/plan.h"

#include <string.h>

typedef struct {
  arena *mem;
  fgpu_program *p;
  const net_node *node;
  int index;
  uint8_t canonical[CONFIG_MAX_MULS];
  uint32_t scratch; // address of the node's partial sums
  uint8_t *constants;
  size_t constant_bytes, constant_cap;
} planner;

// ---- launches -----------------------------------------------------------------------------------------------------
static uint32_t *add_launch(planner *s, const char *name, const char *kernel, int node) {
  fgpu_program *p = s->p;
  arena_grow(s->mem, p->launches, p->launch_count, p->launch_cap);
  p->launches[p->launch_count] = (fgpu_launch){.name = name, .kernel = kernel, .node = node};
  arena_grow(s->mem, p->descriptors, p->launch_count, p->descriptor_cap);
  uint32_t *d = p->descriptors[p->launch_count++];
  memset(d, 0, sizeof(fgpu_descriptor));
  return d;
}

// The kernel's address in the program; one that is there already is used again (branches are relative).
static uint32_t add_kernel(planner *s, const fgpu_code *kernel) {
  fgpu_code *all = &s->p->code;
  for (size_t at = 0; at + kernel->count <= all->count; at++)
    if (!memcmp(all->words + at, kernel->words, kernel->count * sizeof *kernel->words))
      return (uint32_t)at;
  uint32_t at = (uint32_t)all->count;
  for (size_t i = 0; i < kernel->count; i++)
    fgpu_code_add(s->mem, all, kernel->words[i]);
  return at;
}

// Room for constants at a line of their own; *at: where they are in s->constants. Returns their address.
static uint32_t add_constants(planner *s, size_t bytes, size_t *at) {
  bytes = (bytes + FGPU_LINE - 1) / FGPU_LINE * FGPU_LINE;
  while (s->constant_bytes + bytes > s->constant_cap) {
    size_t cap = s->constant_cap ? 2 * s->constant_cap : 4096;
    uint8_t *grown = arena_alloc(s->mem, cap);
    if (s->constant_bytes)
      memcpy(grown, s->constants, s->constant_bytes);
    s->constants = grown;
    s->constant_cap = cap;
  }
  *at = s->constant_bytes;
  s->constant_bytes += bytes;
  return s->p->constant_base + (uint32_t)*at;
}

static void put_word(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(value >> 8 * i);
}

// A launch over the rows of something: one queue for all CVs.
static uint32_t *row_launch(planner *s, const char *name, const char *kernel, const fgpu_code *code, int items,
                            int rows) {
  uint32_t *d = add_launch(s, name, kernel, s->index);
  fgpu_launch *l = &s->p->launches[s->p->launch_count - 1];
  d[FGPU_D_PC] = add_kernel(s, code);
  d[FGPU_D_GROUPS0] = (uint32_t)div_ceil(items, FGPU_LANES);
  d[FGPU_D_GROUPS1] = (uint32_t)rows;
  for (int cv = 0; cv < FGPU_MAX_CVS; cv++)
    d[FGPU_D_QUEUE_OF] |= (uint32_t)(cv < s->p->hw.cvs ? 0 : FGPU_NO_QUEUE) << 4 * cv;
  d[FGPU_D_QUEUES] = (uint32_t)rows << 16;
  l->groups = d[FGPU_D_GROUPS0] * d[FGPU_D_GROUPS1];
  l->lanes = (int64_t)items * rows;
  return d;
}

// Fills `rows` rows of so many bytes with a code.
static void fill(planner *s, const char *what, uint32_t base, uint32_t bytes, uint32_t row, int rows, int32_t code) {
  int unit = base % 4 || bytes % 4 || row % 4 ? 1 : 4;
  fgpu_code kernel = {0};
  fgpu_kernel_fill(s->mem, (int)bytes / unit, unit, row, ((uint32_t)code & 255) * 0x01010101u, &kernel);
  uint32_t *d = row_launch(s, what, "fill", &kernel, (int)bytes / unit, rows);
  d[FGPU_D_PARAMS + 2] = base;
}

// ---- conv and dense -----------------------------------------------------------------------------------------------
// A filter's weights [c][ky][kx] in the kernel's order; `channel`: of a list, which the bodies count from 0.
static void write_weights(const net_node *n, const conv_shape *s, const int16_t *weight, int channel, uint8_t *at) {
  int taps[CONV_BODY_TAPS][3];
  int bodies = n->kh / s->body_rows * (n->kw / s->body_columns) * (int)div_ceil(s->channels, s->body_channels);
  for (int body = 0; body < bodies; body++) {
    int count = fgpu_kernel_conv_body(n, s, body, taps);
    for (int t = 0; t < count; t++) {
      if (taps[t][0] < 0)
        continue;
      int64_t from = ((int64_t)(taps[t][0] + channel) * n->kh + taps[t][1]) * n->kw + taps[t][2];
      at[t / 4 * FGPU_LINE + t % 4] = (uint8_t)weight[from];
    }
    at += div_ceil(count, 4) * FGPU_LINE;
  }
}

// Bytes of a list's entry: the channel's offset, then its weights.
static int64_t entry_bytes(const conv_shape *s) { return (1 + s->words) * FGPU_LINE; }

// One lane's constants: the header, then the weights.
static void write_lane(const network *net, const net_node *n, const conv_shape *shape, bool list, const fgpu_task *t,
                       uint8_t *lane) {
  int of_group = net_input_shape(net, n).c / n->groups, filters = n->shape.c / n->groups;
  int group = t->filter / filters * of_group;
  const int16_t *weights = n->weight + (int64_t)t->filter * of_group * n->kh * n->kw;
  put_word(lane, (uint32_t)t->filter);
  put_word(lane + FGPU_LINE, (uint32_t)infer_folded_bias(net, n, t->filter));
  if (n->mult)
    put_word(lane + 2 * FGPU_LINE, n->mult[t->filter]);
  put_word(lane + 3 * FGPU_LINE, list ? 0 : (uint32_t)group);
  put_word(lane + 4 * FGPU_LINE, (uint32_t)t->channel_count);
  lane += CONV_HEADER;
  if (!list)
    write_weights(n, shape, weights, 0, lane);
  for (int c = 0; list && c < t->channel_count; c++) {
    int channel = t->channels ? t->channels[c] : c;
    put_word(lane, (uint32_t)(group + channel));
    write_weights(n, shape, weights, channel, lane + FGPU_LINE);
    lane += entry_bytes(shape);
  }
}

// The constants of all lanes; sets the kernel's stride. Returns their address.
static uint32_t conv_constants(planner *s, const fgpu_task *tasks, conv_kernel *k) {
  const fgpu_placement *place = k->place;
  conv_shape shape = fgpu_kernel_conv_shape(s->p, s->index, k->list);
  int longest = 0;
  for (int i = 0; i < place->groups * FGPU_PES; i++)
    if (place->task[i] >= 0 && tasks[place->task[i]].channel_count > longest)
      longest = tasks[place->task[i]].channel_count;
  k->stride = (uint32_t)(CONV_HEADER + (k->list ? longest * entry_bytes(&shape) : shape.words * FGPU_LINE));
  size_t at;
  uint32_t constants = add_constants(s, (size_t)k->stride * (size_t)place->groups, &at);
  for (int i = 0; i < place->groups * FGPU_PES; i++) {
    uint8_t *lane = s->constants + at + (size_t)(i / FGPU_PES) * k->stride + (size_t)(i % FGPU_PES) * 4;
    if (place->task[i] < 0)
      put_word(lane, ~(uint32_t)0);
    else
      write_lane(s->p->model->net, s->node, &shape, k->list, &tasks[place->task[i]], lane);
  }
  return constants;
}

static void conv_launch(planner *s, const fgpu_task *tasks, conv_kernel k) {
  fgpu_program *p = s->p;
  const net_node *n = s->node;
  const fgpu_placement *place = k.place;
  int64_t pixels = (int64_t)n->shape.h * n->shape.w;
  uint32_t constants = conv_constants(s, tasks, &k);
  fgpu_code kernel = {0};
  fgpu_kernel_conv(s->mem, p, &k, &kernel);
  uint32_t *d = add_launch(s, n->name, k.list ? "conv by channels" : net_op_name(n->op), s->index);
  d[FGPU_D_PC] = add_kernel(s, &kernel);
  d[FGPU_D_GROUPS0] = (uint32_t)div_ceil(pixels, place->pixels);
  d[FGPU_D_GROUPS1] = (uint32_t)(place->groups / (FGPU_PHASES / place->pixels));
  for (int cv = 0; cv < FGPU_MAX_CVS; cv++)
    d[FGPU_D_QUEUE_OF] |= (uint32_t)(cv < p->hw.cvs ? place->class_of[cv] : FGPU_NO_QUEUE) << 4 * cv;
  for (int c = 0; c < place->classes; c++)
    d[FGPU_D_QUEUES + c] = (uint32_t)place->first[c] | (uint32_t)place->end[c] << 16;
  const fgpu_tensor *in = &p->tensors[n->inputs[0]];
  d[FGPU_D_PARAMS] = in->origin - (uint32_t)(n->pt * in->row + n->pl * in->cp);
  d[FGPU_D_PARAMS + 1] = constants;
  d[FGPU_D_PARAMS + 2] = p->tensors[s->index].origin;
  d[FGPU_D_PARAMS + 3] = s->scratch;
  fgpu_launch *l = &p->launches[p->launch_count - 1];
  l->groups = d[FGPU_D_GROUPS0] * d[FGPU_D_GROUPS1];
  for (int i = 0; i < place->groups * FGPU_PES; i++)
    if (place->task[i] >= 0) {
      l->lanes += pixels;
      l->macs += pixels * tasks[place->task[i]].channel_count * n->kh * n->kw;
    }
}

// A table of the requantisation's multipliers, one word a channel.
static uint32_t multiplier_table(planner *s) {
  const net_node *n = s->node;
  size_t at;
  uint32_t address = add_constants(s, (size_t)s->p->tensors[s->index].cp * 4, &at);
  for (int c = 0; c < n->shape.c; c++)
    put_word(s->constants + at + 4 * (size_t)c, n->mult[c]);
  return address;
}

static void row_node(planner *s, const char *kernel_name, const fgpu_code *kernel, uint32_t in, uint32_t constants,
                     uint32_t out, uint32_t second) {
  const net_node *n = s->node;
  const fgpu_tensor *t = &s->p->tensors[s->index];
  uint32_t *d = row_launch(s, n->name, kernel_name, kernel, n->shape.w * (t->words ? t->cp / 4 : t->cp), n->shape.h);
  d[FGPU_D_PARAMS] = in;
  d[FGPU_D_PARAMS + 1] = constants;
  d[FGPU_D_PARAMS + 2] = out;
  d[FGPU_D_PARAMS + 3] = second;
}

static bool plan_conv(planner *s, diag *d) {
  fgpu_program *p = s->p;
  const net_node *n = s->node;
  int rounds, *counts;
  fgpu_task **tasks = fgpu_lids_tasks(s->mem, p->model, s->index, s->canonical, &rounds, &counts);
  bool list = rounds > 1, raw = net_is_raw(p->model->net, n);
  for (int r = 0; r < rounds; r++) {
    fgpu_placement place;
    int missing = fgpu_lids_place(s->mem, (const uint8_t(*)[FGPU_PES])p->pe_mul, p->hw.cvs, tasks[r], counts[r],
                                  (int64_t)n->shape.h * n->shape.w, &place);
    if (missing >= 0)
      return fgpu_plan_refuse(n, d, "it was assigned multiplier %s, which no PE has (see `lids`)",
                              p->model->muls[missing]->name);
    if (place.groups > 65535)
      return fgpu_plan_refuse(n, d, "%d groups of filters, at most 65535", place.groups);
    conv_launch(s, tasks[r],
                (conv_kernel){.node = s->index, .place = &place, .list = list, .resume = r > 0, .raw = raw});
  }
  if (list && !raw) {
    fgpu_code kernel = {0};
    fgpu_kernel_requantise(s->mem, p, s->index, &kernel);
    row_node(s, "requantise", &kernel, 0, multiplier_table(s), p->tensors[s->index].origin, s->scratch);
  }
  return true;
}

// ---- the other operators ------------------------------------------------------------------------------------------
static void plan_border(planner *s) {
  const network *net = s->p->model->net;
  const net_node *n = s->node;
  const fgpu_tensor *t = &s->p->tensors[s->index];
  if (net_is_raw(net, n))
    return;
  enum { PIECE = 65536 }; // items of a row are counted with 15 bits
  for (uint32_t at = 0; t->border && at < t->bytes; at += PIECE) {
    uint32_t bytes = t->bytes - at < PIECE ? t->bytes - at : PIECE;
    fill(s, arena_printf(s->mem, "border of %s", n->name), t->base + at, bytes, 0, 1, n->quant.zero);
  }
  if (n->op == NET_PAD) {
    int32_t zero = (int32_t)clamp64(n->quant.zero, n->lo, n->hi);
    fill(s, n->name, t->origin, (uint32_t)(n->shape.w * t->cp), (uint32_t)t->row, n->shape.h, zero);
  }
}

static void plan_copy(planner *s, int input, uint32_t offset) {
  fgpu_program *p = s->p;
  const net_node *in = &p->model->net->nodes[input];
  fgpu_code kernel = {0};
  fgpu_kernel_copy(s->mem, p, s->index, input, &kernel);
  uint32_t *d = row_launch(s, s->node->name, "copy", &kernel, in->shape.w * p->tensors[input].cp, in->shape.h);
  d[FGPU_D_PARAMS] = p->tensors[input].origin;
  d[FGPU_D_PARAMS + 2] = p->tensors[s->index].origin + offset;
}

static bool plan_pool(planner *s, diag *d) {
  (void)d;
  const net_node *n = s->node;
  const fgpu_tensor *in = &s->p->tensors[n->inputs[0]], *out = &s->p->tensors[s->index];
  bool near = n->op == NET_MAXPOOL && net_has_pads(n);
  fgpu_code kernel = {0};
  fgpu_kernel_pool(s->mem, s->p, s->index, &kernel);
  row_node(s, net_op_name(n->op), &kernel, in->origin - (near ? 0 : (uint32_t)(n->pt * in->row + n->pl * in->cp)),
           n->op == NET_AVGPOOL && !out->words ? multiplier_table(s) : 0, out->origin, 0);
  return true;
}

static bool plan_add(planner *s, diag *d) {
  (void)d;
  const net_node *n = s->node;
  const fgpu_tensor *t = s->p->tensors;
  fgpu_code kernel = {0};
  fgpu_kernel_add(s->mem, s->p, s->index, &kernel);
  row_node(s, "add", &kernel, t[n->inputs[0]].origin, 0, t[s->index].origin, t[n->inputs[1]].origin);
  return true;
}

static bool plan_concat(planner *s, diag *d) {
  (void)d;
  const net_node *n = s->node;
  for (uint32_t k = 0, offset = 0; k < (uint32_t)n->input_count; k++) {
    plan_copy(s, n->inputs[k], offset);
    offset += (uint32_t)s->p->model->net->nodes[n->inputs[k]].shape.c;
  }
  return true;
}

static bool plan_pad(planner *s, diag *d) {
  (void)d;
  const net_node *n = s->node;
  const fgpu_tensor *out = &s->p->tensors[s->index];
  plan_copy(s, n->inputs[0], (uint32_t)(n->pt * out->row + n->pl * out->cp + n->pad_c0));
  return true;
}

// clang-format off
#define ROWS(X)                                                                                                        \
  X(NET_INPUT, NULL) X(NET_CONV, plan_conv) X(NET_DENSE, plan_conv) X(NET_MAXPOOL, plan_pool)                          \
  X(NET_AVGPOOL, plan_pool) X(NET_ADD, plan_add) X(NET_CONCAT, plan_concat) X(NET_PAD, plan_pad)
// clang-format on
static const struct {
  bool (*plan)(planner *s, diag *d); // NULL: the input, whose border comes with the image
} operators[NET_OPS] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_OPS, "a row for each operator");

static bool plan_node(planner *s, diag *d) {
  plan_border(s);
  return operators[s->node->op].plan(s, d);
}

// ---- all together -------------------------------------------------------------------------------------------------
bool fgpu_plan(arena *mem, const infer_model *model, size_t mul_count, const fgpu_options *opt, fgpu_program **out,
               diag *d) {
  const network *net = model->net;
  assert(net->quantised && model->assign && mul_count >= 1 && mul_count <= CONFIG_MAX_MULS);
  fgpu_program *p = arena_new_object(mem, fgpu_program);
  p->model = model;
  p->mul_count = mul_count;
  planner s = {.mem = mem, .p = p};
  bool ok = true;
  for (size_t i = 0; i < net->count; i++)
    ok &= fgpu_plan_supported(model, (int)i, d);
  if (!ok || !fgpu_plan_options(mem, p, opt, s.canonical, d))
    return false;
  uint32_t *scratch = arena_new_array(mem, uint32_t, net->count);
  int64_t total = 0;
  for (size_t i = 0; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    total += (int64_t)(n->shape.h + 64) * (n->shape.w + 64) * (n->shape.c + 4);
    if (net_multiplies(n) && model->assign[i].level > ASSIGN_FILTER && !net_is_raw(net, n))
      scratch[i] = (uint32_t)(net_shape_size(n->shape) * 4);
  }
  if (total > (int64_t)1 << 28)
    return diag_error(d, "%s: its activations do not fit the FGPU target's memory", net->file ? net->file : net->name);
  fgpu_layout(mem, p, scratch);
  p->constant_base = p->memory_bytes;
  for (size_t i = 0; i < net->count && ok; i++) {
    s.index = (int)i;
    s.node = &net->nodes[i];
    s.scratch = scratch[i];
    ok = net->nodes[i].op == NET_INPUT || plan_node(&s, d);
  }
  if (ok && p->code.count > FGPU_MAX_CODE)
    ok = diag_error(d, "%s: its program has %zu instructions, at most %d fit", net->name, p->code.count, FGPU_MAX_CODE);
  p->constants = s.constants;
  p->constant_bytes = (uint32_t)s.constant_bytes;
  uint32_t burst = FGPU_BURST * FGPU_LINE;
  p->memory_bytes = (p->memory_bytes + p->constant_bytes + burst - 1) / burst * burst;
  *out = p;
  return ok;
}
