// SPDX-License-Identifier: Apache-2.0
//
// Demands (rings) are added one by one in the network's order, each kept where all so far can be met together.
#include "compiler/target/dataflow/orders.h"
#include "compiler/target/dataflow/legal.h"
#include "compiler/target/dataflow/slots.h"
#include "compiler/target/dataflow/stage.h"

#include <string.h>

// A tensor: spaces side by side.
typedef struct {
  slots_part *parts;
  int count;
} stream;

typedef struct {
  arena *mem;
  const config *cfg;
  const network *net;
  slots_space *spaces;
  int *same_as; // [spaces] which one this has become; itself
  size_t space_count;
  slots_ring *rings;
  size_t ring_count;
  stream *out; // [nodes]
  const int **own; // [nodes] an order of its own in which a node takes its first input; NULL: as it comes
  bool *natural; // [nodes] takes its first input in the network's order
  bool *follows; // [nodes] an addition whose second input is brought into the order of the first
  int **order; // [spaces] as found last
} planner;

static int root(const planner *p, int space) {
  while (p->same_as[space] != space)
    space = p->same_as[space];
  return space;
}

static int *natural_order(arena *mem, int size) {
  int *order = arena_new_array(mem, int, (size_t)size);
  for (int i = 0; i < size; i++)
    order[i] = i;
  return order;
}

// fixed: [size] its order; NULL: any.
static stream new_space(planner *p, int size, const int *fixed) {
  p->same_as[p->space_count] = (int)p->space_count;
  p->spaces[p->space_count] = (slots_space){size, fixed};
  stream s = {arena_new_object(p->mem, slots_part), 1};
  s.parts[0] = (slots_part){(int)p->space_count++, 0};
  return s;
}

// Also in this order; false where it has another one already.
static bool fix_space(slots_space *s, const int *order) {
  if (s->fixed && memcmp(s->fixed, order, (size_t)s->size * sizeof *order) != 0)
    return false;
  s->fixed = order;
  return true;
}

// All demands on the spaces as they have become.
static bool solve(planner *p) {
  arena *own = arena_new();
  slots_space *spaces = arena_memdup(own, p->spaces, p->space_count * sizeof *spaces);
  slots_ring *rings = arena_memdup(own, p->rings, p->ring_count * sizeof *rings);
  bool ok = true;
  for (size_t i = 0; i < p->space_count; i++)
    ok = ok && (!p->spaces[i].fixed || fix_space(&spaces[root(p, (int)i)], p->spaces[i].fixed));
  for (size_t r = 0; r < p->ring_count; r++) {
    slots_part *parts = arena_memdup(own, rings[r].parts, (size_t)rings[r].part_count * sizeof *parts);
    for (int k = 0; k < rings[r].part_count; k++)
      parts[k].space = root(p, parts[k].space);
    rings[r].parts = parts;
  }
  p->order = arena_new_array(p->mem, int *, p->space_count);
  ok = ok && slots_solve(p->mem, spaces, (int)p->space_count, rings, (int)p->ring_count, p->order);
  arena_free(own);
  return ok;
}

// Demands that slots of equal number mod `modulus` be of one class; false, and nothing is demanded, where that cannot
// be met beside the others.
static bool demand(planner *p, const stream *s, int modulus, const int *class) {
  p->rings[p->ring_count++] = (slots_ring){modulus, class, s->parts, s->count};
  if (solve(p))
    return true;
  p->ring_count--;
  return false;
}

// The channels come in this very order; false, and nothing is fixed, where they cannot.
static bool fix(planner *p, const stream *s, const int *order) {
  slots_space *before = arena_memdup(p->mem, p->spaces, p->space_count * sizeof *before);
  bool ok = true;
  for (int i = 0; ok && i < s->count; i++) {
    slots_space *space = &p->spaces[s->parts[i].space];
    int *own = arena_new_array(p->mem, int, (size_t)space->size), from = s->parts[i].from;
    for (int k = 0; k < space->size; k++) {
      own[k] = order[from + k] - from;
      ok &= own[k] >= 0 && own[k] < space->size;
    }
    ok = ok && fix_space(space, own);
  }
  if (ok && solve(p))
    return true;
  memcpy(p->spaces, before, p->space_count * sizeof *before);
  return false;
}

// The order in which a demand is met that stands alone.
static int *order_alone(planner *p, int size, int modulus, const int *class) {
  slots_space space = {size, NULL};
  slots_part part = {0, 0};
  slots_ring ring = {modulus, class, &part, 1};
  int *order = NULL;
  bool ok = slots_solve(p->mem, &space, 1, &ring, 1, &order);
  assert(ok); // its classes fill the lanes
  return ok ? order : NULL;
}

// ---- why not ------------------------------------------------------------------------------------------------------
static const char *mul_of(const planner *p, const classes *c, int f, int ch, int tap) {
  const classes_layout *l = &c->layout;
  return p->cfg->mul_keys[c->wanted[((size_t)f * (size_t)l->channels + (size_t)ch) * (size_t)l->taps + (size_t)tap]];
}

// Whether everything that member `first` wants is one multiplier: at [i * step].
static bool uniform(const uint8_t *wanted, int count, int step) {
  for (int i = 1; i < count; i++)
    if (wanted[(size_t)i * (size_t)step] != wanted[0])
      return false;
  return true;
}

static const char *taps_text(const planner *p, const net_node *n, const classes *c) {
  const classes_layout *l = &c->layout;
  const assignment *a = &p->cfg->assign[n - p->net->nodes];
  int64_t kernel = ((int64_t)c->filter * l->channels + c->channel) * l->kh * l->kw;
  return arena_printf(p->mem,
                      "in filter %d, channel %d, the weights (%d,%d) and (%d,%d) come to the same multiplier and have "
                      "%s and %s; expected one for all weights that come to a lane",
                      c->filter, c->channel, c->tap[0] / l->kw, c->tap[0] % l->kw, c->tap[1] / l->kw, c->tap[1] % l->kw,
                      p->cfg->mul_keys[assignment_mul(a, kernel + c->tap[0])],
                      p->cfg->mul_keys[assignment_mul(a, kernel + c->tap[1])]);
}

static const char *filters_text(const planner *p, const classes *c, int k) {
  const classes_layout *l = &c->layout;
  int first = c->filters.first[k], size = c->filters.size[k];
  bool one = uniform(c->wanted + (size_t)first * (size_t)l->channels * (size_t)l->taps, l->channels * l->taps, 1);
  return arena_printf(p->mem,
                      "%d filter%s %s %s, and with pe %d each PE computes %d filters; expected a multiple of %d "
                      "filters for each %s",
                      size, plural((size_t)size), size == 1 ? "uses" : "use",
                      one ? arena_printf(p->mem, "multiplier %s", mul_of(p, c, first, 0, 0))
                          : arena_printf(p->mem, "the multipliers of filter %d, weight by weight", first),
                      l->pe, l->nf, l->nf, one ? "multiplier" : "such choice of multipliers");
}

static const char *channels_text(const planner *p, const classes *c, int k) {
  const classes_layout *l = &c->layout;
  int first = c->channels.first[k], size = c->channels.size[k];
  return arena_printf(p->mem,
                      "%d input channel%s %s the multipliers of channel %d, filter by filter, and a lane takes %d "
                      "channels; expected a multiple of %d channels for each such choice",
                      size, plural((size_t)size), size == 1 ? "uses" : "use", first, l->each, l->each);
}

static const char *groups_text(const planner *p, const classes *c) {
  return arena_printf(p->mem,
                      "a grouped convolution keeps its filters and channels in their places, where filters %d apart "
                      "share a PE and channels %d apart a lane; expected the same multipliers for them",
                      c->layout.pe, c->layout.block.g);
}

static bool refuse(const planner *p, const net_node *n, const classes *c, diag *d) {
  int filters = classes_unfit(&c->filters, c->layout.nf);
  const folding *fold = dataflow_folding(p->cfg, (int)(n - p->net->nodes));
  int pe = fold->pe, simd = fold->simd;
  classes_next_folding(p->net, n, &p->cfg->assign[n - p->net->nodes], &pe, &simd);
  const char *why = !c->taps_fit         ? taps_text(p, n, c)
                    : c->layout.in_place ? groups_text(p, c)
                    : filters >= 0       ? filters_text(p, c, filters)
                                         : channels_text(p, c, classes_unfit(&c->channels, c->layout.each));
  const assignment *a = &p->cfg->assign[n - p->net->nodes];
  assignment near;
  int64_t moved = legal_layer(p->mem, p->net, n, p->cfg->muls, a, fold->pe, fold->simd, &near);
  return stage_refuse(p->cfg, n, d,
                      arena_printf(p->mem,
                                   "%s; it fits {pe: %d, simd: %d}, or with another multiplier for %lld of its %lld "
                                   "weights (--legalize)",
                                   why, pe, simd, (long long)moved, (long long)(a->count * a->each)));
}

// ---- node by node -------------------------------------------------------------------------------------------------
static bool is_natural(const int *order, int size) {
  for (int i = 0; i < size; i++)
    if (order[i] != i)
      return false;
  return true;
}

// The channels of the first input come to lanes by `class`, or in the order that is given.
static void take_input(planner *p, int node, int modulus, const int *class, const int *given) {
  const net_node *n = &p->net->nodes[node];
  if (given) {
    p->natural[node] = is_natural(given, net_input_shape(p->net, n).c);
    p->own[node] = fix(p, &p->out[n->inputs[0]], given) || p->natural[node] ? NULL : given;
  } else if (!demand(p, &p->out[n->inputs[0]], modulus, class))
    p->own[node] = order_alone(p, net_input_shape(p->net, n).c, modulus, class);
}

// Whether slots of equal number mod `modulus` are of one class. order NULL: not given.
static bool in_turn(const int *order, int size, int modulus, const int *class) {
  for (int i = modulus; order && i < size; i++)
    if (class[order[i]] != class[order[i - modulus]])
      return false;
  return true;
}

// Each filter stands where its channel comes.
static void plan_depthwise(planner *p, int node, int pe, const int *class) {
  const net_node *n = &p->net->nodes[node];
  p->out[node] = p->out[n->inputs[0]];
  if (demand(p, &p->out[node], pe, class))
    return;
  const int *own = order_alone(p, n->shape.c, pe, class);
  p->natural[node] = is_natural(own, n->shape.c);
  p->own[node] = p->natural[node] ? NULL : own;
  p->out[node] = new_space(p, n->shape.c, own);
}

static bool plan_multiplying(planner *p, int node, diag *d) {
  const net_node *n = &p->net->nodes[node];
  const folding *fold = dataflow_folding(p->cfg, node);
  const classes *c = classes_of(p->mem, p->net, n, &p->cfg->assign[node], fold->pe, fold->simd);
  config_order given = p->cfg->orders ? p->cfg->orders[node] : (config_order){0};
  if (!classes_fit(c))
    return refuse(p, n, c, d);
  if (!in_turn(given.filters, n->shape.c, fold->pe, c->filters.of) ||
      !in_turn(given.channels, c->layout.channels, c->layout.block.g, c->channels.of))
    return stage_refuse(p->cfg, n, d, "its multipliers do not fit the order of filters and channels in `positions`");
  if (classes_depthwise(p->net, n)) {
    plan_depthwise(p, node, fold->pe, c->filters.of);
    return true;
  }
  if (n->groups > 1) { // groups stay where they are
    p->natural[node] = true;
    p->out[node] = new_space(p, n->shape.c, natural_order(p->mem, n->shape.c));
    return true;
  }
  take_input(p, node, c->layout.block.g, c->channels.of, given.channels);
  p->out[node] = new_space(p, n->shape.c, given.filters);
  bool alone = demand(p, &p->out[node], fold->pe, c->filters.of);
  assert(alone); // its classes fill the PEs
  return alone;
}

// Both inputs in one order: the second one's spaces are the first one's, where that meets all demands.
static void plan_add(planner *p, int node) {
  const net_node *n = &p->net->nodes[node];
  const stream *a = &p->out[n->inputs[0]], *b = &p->out[n->inputs[1]];
  p->out[node] = *a;
  int *before = arena_memdup(p->mem, p->same_as, p->space_count * sizeof *before);
  bool same = a->count == b->count;
  for (int i = 0; same && i < a->count; i++) {
    same = a->parts[i].from == b->parts[i].from;
    p->same_as[root(p, b->parts[i].space)] = root(p, a->parts[i].space);
  }
  if (same && solve(p))
    return;
  memcpy(p->same_as, before, p->space_count * sizeof *before);
  p->follows[node] = true;
}

static void plan_side_by_side(planner *p, int node) {
  const net_node *n = &p->net->nodes[node];
  stream *streams = arena_new_array(p->mem, stream, (size_t)n->input_count + 2);
  int count = 0, parts = 0, from = 0;
  if (n->pad_c0)
    streams[count++] = new_space(p, n->pad_c0, natural_order(p->mem, n->pad_c0));
  for (int k = 0; k < n->input_count; k++)
    streams[count++] = p->out[n->inputs[k]];
  if (n->pad_c1)
    streams[count++] = new_space(p, n->pad_c1, natural_order(p->mem, n->pad_c1));
  for (int i = 0; i < count; i++)
    parts += streams[i].count;
  stream s = {arena_new_array(p->mem, slots_part, (size_t)parts), 0};
  for (int i = 0; i < count; i++) {
    int size = 0;
    for (int k = 0; k < streams[i].count; k++) {
      s.parts[s.count] = streams[i].parts[k];
      s.parts[s.count++].from += from;
      size += p->spaces[streams[i].parts[k].space].size;
    }
    from += size;
  }
  p->out[node] = s;
}

static bool plan_node(planner *p, int node, diag *d) {
  const net_node *n = &p->net->nodes[node];
  switch (STAGE_OPERATORS[n->op].channels) {
  case CHANNELS_FIXED:
    p->out[node] = new_space(p, n->shape.c, natural_order(p->mem, n->shape.c));
    break;
  case CHANNELS_OWN:
    return plan_multiplying(p, node, d);
  case CHANNELS_THROUGH:
    p->out[node] = p->out[n->inputs[0]];
    break;
  case CHANNELS_TOGETHER:
    plan_add(p, node);
    break;
  case CHANNELS_SIDE_BY_SIDE:
    plan_side_by_side(p, node);
    break;
  }
  return true;
}

// ---- what was found -----------------------------------------------------------------------------------------------
static const int *order_of(const planner *p, const stream *s, int size) {
  int *order = arena_new_array(p->mem, int, (size_t)size);
  bool moved = false;
  for (int i = 0; i < s->count; i++) {
    const slots_part *part = &s->parts[i];
    int space = root(p, part->space);
    for (int k = 0; k < p->spaces[space].size; k++) {
      order[part->from + k] = part->from + p->order[space][k];
      moved |= p->order[space][k] != k;
    }
  }
  return moved ? order : NULL;
}

bool orders_plan(arena *mem, const config *cfg, orders_node **out, diag *d) {
  size_t nodes = cfg->net->count;
  enum { SPACES = 3, RINGS = 2 }; // of a node, at most: what a pad adds and one for a layer that is refused
  planner p = {.mem = mem,
               .spaces = arena_new_array(mem, slots_space, SPACES * nodes),
               .same_as = arena_new_array(mem, int, SPACES *nodes),
               .rings = arena_new_array(mem, slots_ring, RINGS * nodes),
               .cfg = cfg,
               .net = cfg->net,
               .out = arena_new_array(mem, stream, nodes),
               .own = arena_new_array(mem, const int *, nodes),
               .natural = arena_new_array(mem, bool, nodes),
               .follows = arena_new_array(mem, bool, nodes)};
  bool ok = true;
  for (size_t i = 0; i < nodes; i++)
    if (!plan_node(&p, (int)i, d)) {
      ok = false;
      p.out[i] = new_space(&p, cfg->net->nodes[i].shape.c, NULL); // for the messages of those behind it
    }
  if (!ok)
    return false;
  bool solved = solve(&p); // as after the last demand that was kept
  assert(solved);
  *out = arena_new_array(mem, orders_node, nodes);
  for (size_t i = 0; solved && i < nodes; i++) {
    const net_node *n = &cfg->net->nodes[i];
    orders_node *o = &(*out)[i];
    o->out = order_of(&p, &p.out[i], n->shape.c);
    o->in = arena_new_array(mem, const int *, (size_t)n->input_count + 1);
    for (int k = 0; k < n->input_count; k++)
      o->in[k] = (*out)[n->inputs[k]].out;
    if (p.own[i] || p.natural[i])
      o->in[0] = p.own[i];
    if (p.follows[i])
      o->in[1] = o->in[0];
  }
  return solved;
}
