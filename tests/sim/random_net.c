// SPDX-License-Identifier: Apache-2.0
//
// random_net SEED DIR [NAME...]: writes a random small network, images and a configuration with random folding and
// multipliers (net.yaml, weights.safetensors, images.idx, labels.idx, config.yaml) for the co-simulation test. NAMEs
// are those of the layers, the input first, where they are to have others. From seed 100 on pads may be higher than
// the kernel; from 200 on multipliers are chosen by (PE, lane) in files NODE.npy; from 300 on filters and channels are
// in an order of their own besides. From seed 1000 on there are none of these, but networks have any scheme and any
// widths, and each layer that multiplies has multipliers of its own. From seed 2000 on there are branches: with
// positions in some layers, from seed 3000 on with any scheme and widths instead, from 4000 on with positions in most
// layers, filters and channels in an order of their own. From 5000 on chains again, with multipliers
// anywhere; from 6000 on as from 3000 on, with groups.
#include "compiler/base/npy.h"
#include "compiler/infer/infer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES = 4 };

static arena *mem;
static rng r;
static uint64_t seed;
static int high; // rows and columns that pads may exceed the kernel by: 3 from seed 100 on
static bool any; // schemes and widths: from seed 1000 on
static enum { S8, U8, U8S8 } scheme;

static int pick(int lo, int hi) { return lo + (int)rng_below(&r, (uint32_t)(hi - lo + 1)); }
static bool chance(int percent) { return (int)rng_below(&r, 100) < percent; }

static int divisor(int n) {
  int d;
  do
    d = pick(1, n);
  while (n % d);
  return d;
}

static net_node *add(network *n, const char *name, net_op op) {
  arena_grow(mem, n->nodes, n->count, n->cap);
  net_node *node = &n->nodes[n->count];
  *node = (net_node){
      .name = name, .op = op, .sh = 1, .sw = 1, .kh = 1, .kw = 1, .groups = 1, .input_count = op != NET_INPUT};
  node->inputs[0] = (int)n->count - 1;
  node->clamp_lo = -INFINITY;
  node->clamp_hi = INFINITY;
  n->count++;
  return node;
}

static void window(net_node *n, net_shape in, int max_k, bool pads) {
  n->kh = pick(1, in.h < max_k ? in.h : max_k);
  n->kw = pick(1, in.w < max_k ? in.w : max_k);
  n->sh = pick(1, 3);
  n->sw = pick(1, 3);
  if (pads) {
    n->pt = pick(0, n->kh - 1 + high);
    n->pb = pick(0, n->kh - 1 + high);
    n->pl = pick(0, n->kw - 1 + high);
    n->pr = pick(0, n->kw - 1 + high);
  }
  n->shape.h = (in.h + n->pt + n->pb - n->kh) / n->sh + 1;
  n->shape.w = (in.w + n->pl + n->pr - n->kw) / n->sw + 1;
}

static void clamp_any(net_node *n, bool relu) {
  int lo = net_quant_lo(n->quant), hi = net_quant_hi(n->quant);
  n->lo = relu ? n->quant.zero : chance(20) ? pick(lo, hi) : lo;
  n->hi = chance(20) ? pick(n->lo, hi) : hi;
  n->clamp_lo = relu ? 0 : -INFINITY;
}

// Codes of any width under the scheme, clamped to any part of them.
static void any_codes(net_node *n, bool relu) {
  bool is_signed = scheme == S8 || (scheme == U8S8 && chance(20));
  net_quant q = {.bits = chance(50) ? 8 : chance(80) ? pick(2, 8) : pick(9, 12), .is_signed = is_signed, .scale = 0.01};
  if (scheme == U8)
    q.zero = chance(80) ? pick(0, net_quant_hi(q)) : chance(50) ? 0 : net_quant_hi(q);
  n->quant = q;
  clamp_any(n, relu);
}

static void codes(net_node *n, bool relu) {
  if (any) {
    any_codes(n, relu);
    return;
  }
  n->quant = (net_quant){.bits = 8, .is_signed = true, .scale = 1.0 / 127};
  n->lo = relu ? 0 : -127;
  n->hi = 127;
  n->clamp_lo = relu ? 0 : -INFINITY;
}

static void weights(network *net, net_node *n, bool last) {
  int f = n->shape.c;
  int64_t k = net_reduction(net, n);
  int16_t *w = arena_new_array(mem, int16_t, (size_t)(f * k));
  int32_t *b = arena_new_array(mem, int32_t, (size_t)f);
  uint16_t *m = arena_new_array(mem, uint16_t, (size_t)f);
  for (int64_t i = 0; i < f * k; i++)
    w[i] = (int16_t)(chance(5) ? (chance(50) ? -127 : 127) : pick(-100, 100));
  // Sums of k products of about 60 x 40 brought back to about 60.
  double scale = 60 / (60 * 40 * sqrt((double)k));
  n->shift = 15;
  while (scale * ldexp(1, n->shift) < 20000)
    n->shift++;
  for (int i = 0; i < f; i++) {
    b[i] = pick(-4000, 4000);
    m[i] = (uint16_t)(scale * ldexp(1, n->shift) * (0.5 + rng_unit(&r)));
  }
  n->weight = w;
  n->bias = b;
  n->mult = last ? NULL : m;
  n->weight_bits = 8;
  n->weight_signed = true;
  if (last) {
    n->quant = (net_quant){.is_signed = true, .scale = 0.01};
    n->shift = 0;
    n->lo = INT32_MIN;
    n->hi = INT32_MAX;
  }
}

// Weights of any width under the scheme; factors that bring the sums to about the range of the output's codes.
static void any_weights(network *net, net_node *n, bool last) {
  int f = n->shape.c;
  int64_t k = net_reduction(net, n);
  net_quant in = net_input_quant(net, n);
  net_quant q = {.bits = chance(50) ? 8 : pick(2, in.bits > 9 ? 7 : 9), .is_signed = scheme != U8};
  int lo = net_quant_lo(q), hi = net_quant_hi(q), middle = (hi + 1) / 2;
  int16_t *w = arena_new_array(mem, int16_t, (size_t)(f * k));
  int32_t *b = arena_new_array(mem, int32_t, (size_t)f);
  uint16_t *m = arena_new_array(mem, uint16_t, (size_t)f);
  for (int64_t i = 0; i < f * k; i++)
    w[i] = (int16_t)(chance(5) ? (chance(50) ? lo : hi) : pick(lo, hi));
  double sums = ldexp(sqrt((double)k), in.bits + q.bits - 4), out = ldexp(1, n->quant.bits - 2), scale = out / sums;
  n->shift = 1;
  while (n->shift < 47 && scale * ldexp(1, n->shift) < 15000)
    n->shift++;
  for (int i = 0; i < f; i++) {
    b[i] = pick(-(int)sums, (int)sums);
    m[i] = (uint16_t)clamp64((int64_t)(scale * ldexp(1, n->shift) * (0.5 + rng_unit(&r))), 1, 65535);
  }
  n->weight = w;
  n->bias = b;
  n->mult = last ? NULL : m;
  n->weight_bits = q.bits;
  n->weight_signed = q.is_signed;
  n->weight_zero = scheme != U8 ? 0 : chance(70) ? pick(middle / 2, middle + middle / 2) : pick(lo, hi);
  if (last) {
    n->quant = (net_quant){.is_signed = true, .scale = 0.01};
    n->shift = 0;
    n->lo = INT32_MIN;
    n->hi = INT32_MAX;
  }
}

static void average(net_node *n) {
  n->shift = 14;
  n->count_pad = !any || chance(40);
  uint16_t *m = arena_new_array(mem, uint16_t, (size_t)net_multipliers(n));
  for (int i = 0; i < net_multipliers(n); i++)
    m[i] = (uint16_t)((1 << 14) / (net_mean_varies(n) ? i + 1 : n->kh * n->kw) + (any ? i : 0));
  n->mult = m;
}

static network *new_net(void) {
  network *n = arena_new_object(mem, network);
  n->mem = mem;
  n->name = "random";
  n->input_scale_255 = 1;
  n->quantised = true;
  net_node *in = add(n, "image", NET_INPUT);
  in->shape = (net_shape){chance(50) ? 1 : pick(2, 6), pick(3, 12), pick(3, 12)};
  if (any)
    scheme = pick(S8, U8S8);
  codes(in, true);
  return n;
}

static void add_output(network *n) {
  net_shape s = n->nodes[n->count - 1].shape;
  net_node *out = add(n, "out", NET_DENSE);
  out->kh = s.h;
  out->kw = s.w;
  out->shape = (net_shape){pick(2, 10), 1, 1};
  (any ? any_weights : weights)(n, out, true);
}

static network *make_net(void) {
  network *n = new_net();
  int layers = pick(1, 4);
  for (int i = 0; i < layers; i++) {
    net_shape s = n->nodes[n->count - 1].shape;
    int kind = pick(0, 5);
    char *name = arena_printf(mem, "%s%d", kind < 3 ? "conv" : kind == 3 ? "max" : "avg", i);
    net_node *x = add(n, name, kind < 3 ? NET_CONV : kind == 3 ? NET_MAXPOOL : NET_AVGPOOL);
    window(x, s, 5, kind < 3 || (kind == 3 && chance(50)) || (kind > 3 && chance(30)));
    if (kind >= 3 && chance(50)) { // the plain pool
      x->pt = x->pb = x->pl = x->pr = 0;
      x->sh = x->kh;
      x->sw = x->kw;
      x->shape.h = s.h / x->kh;
      x->shape.w = s.w / x->kw;
    }
    x->shape.c = kind < 3 ? pick(1, 12) : s.c;
    if (any && kind < 3 && chance(50)) { // a part of them depthwise
      x->groups = chance(40) ? s.c : divisor(s.c);
      x->shape.c = x->groups * pick(1, chance(50) ? 2 : 4);
    }
    codes(x, kind < 3 && chance(70));
    if (kind < 3)
      (any ? any_weights : weights)(n, x, false);
    if (kind == 3 && any)
      x->quant = net_input_quant(n, x), clamp_any(x, chance(30));
    else if (kind == 3 && chance(70)) { // codes pass as they are, or through a ReLU
      x->lo = chance(50) ? -128 : 0;
      x->clamp_lo = x->lo ? -INFINITY : 0;
    }
    if (kind > 3)
      average(x);
  }
  add_output(n);
  return n;
}

// ---- networks with branches -----------------------------------------------------------------------------------------
static int from(network *n, net_op op, int input) { // a node that takes this one, of its shape; returns its index
  static const char *const NAMES[NET_OPS] = {[NET_CONV] = "conv", [NET_MAXPOOL] = "max",   [NET_AVGPOOL] = "avg",
                                             [NET_ADD] = "add",   [NET_CONCAT] = "concat", [NET_PAD] = "pad"};
  net_node *x = add(n, arena_printf(mem, "%s%zu", NAMES[op], n->count), op);
  x->inputs[0] = input;
  x->shape = n->nodes[input].shape;
  codes(x, chance(50));
  return (int)n->count - 1;
}

// A convolution that gives pixels of this size, or as large as its input where 0; coded like `like` (NULL: anyhow).
static int conv(network *n, int input, int channels, net_shape size, const net_quant *like) {
  int i = from(n, NET_CONV, input);
  net_node *x = &n->nodes[i];
  net_shape in = n->nodes[input].shape;
  int h = size.h ? size.h : in.h, w = size.w ? size.w : in.w;
  x->sh = (in.h + h - 1) / h;
  x->sw = (in.w + w - 1) / w;
  x->kh = pick(0, 2) * 2 + 1;
  x->kw = pick(0, 2) * 2 + 1;
  int rows = (h - 1) * x->sh + x->kh - in.h, columns = (w - 1) * x->sw + x->kw - in.w;
  while (rows < 0)
    x->kh++, rows++;
  while (columns < 0)
    x->kw++, columns++;
  x->pt = rows / 2, x->pb = rows - rows / 2;
  x->pl = columns / 2, x->pr = columns - columns / 2;
  x->shape = (net_shape){channels, h, w};
  if (seed >= 6000 && chance(60))
    x->groups = divisor((int)gcd64(in.c, channels));
  if (like && any)
    x->quant = *like, clamp_any(x, false);
  (any ? any_weights : weights)(n, x, false);
  return i;
}

static int sum(network *n, int a, int b) {
  int i = from(n, NET_ADD, a);
  net_node *x = &n->nodes[i];
  uint16_t *m = arena_new_array(mem, uint16_t, 2);
  x->inputs[1] = b;
  x->input_count = 2;
  x->mult = m;
  x->shift = pick(12, 16);
  for (int k = 0; k < 2; k++) // terms of about the range of the output's codes
    m[k] = (uint16_t)clamp64(
        (int64_t)(ldexp(rng_unit(&r) + 0.2, x->shift + x->quant.bits - n->nodes[x->inputs[k]].quant.bits)), 1, 65535);
  return i;
}

// Pooling, or channels and pixels of zeros around: where lines of ResNets with a size of their own get the others'
// shape.
static int pooled(network *n, int input) {
  int i = from(n, chance(50) ? NET_MAXPOOL : NET_AVGPOOL, input);
  net_node *x = &n->nodes[i];
  x->kh = x->sh = pick(1, 2);
  x->kw = x->sw = pick(1, 2);
  x->shape.h /= x->kh;
  x->shape.w /= x->kw;
  if (x->op == NET_AVGPOOL)
    average(x);
  else if (any)
    x->quant = n->nodes[input].quant, clamp_any(x, chance(30));
  return i;
}

static int padded(network *n, int input) {
  int i = from(n, NET_PAD, input);
  net_node *x = &n->nodes[i];
  if (any)
    x->quant = n->nodes[input].quant, clamp_any(x, chance(30));
  x->pad_c0 = pick(0, 2) * x->shape.c / pick(1, 2);
  x->pad_c1 = pick(0, 3);
  if (chance(50))
    x->pt = pick(0, 2), x->pb = pick(0, 2), x->pl = pick(0, 1), x->pr = pick(0, 1);
  x->shape.c += x->pad_c0 + x->pad_c1;
  x->shape.h += x->pt + x->pb;
  x->shape.w += x->pl + x->pr;
  return i;
}

static int joined(network *n, const int *inputs, int count) {
  int i = from(n, NET_CONCAT, inputs[0]);
  net_node *x = &n->nodes[i];
  x->input_count = count;
  if (any)
    x->quant = n->nodes[inputs[0]].quant, clamp_any(x, chance(30));
  for (int k = 1; k < count; k++) {
    x->inputs[k] = inputs[k];
    x->shape.c += n->nodes[inputs[k]].shape.c;
  }
  return i;
}

// One block: from node `x` on several ways that meet again.
static int block(network *n, int x) {
  net_shape in = n->nodes[x].shape;
  int y = x, longer = pick(1, 3), z = x;
  int kind = pick(0, 5);
  if (kind == 3) { // a shorter way of pooling and padding
    z = padded(n, chance(70) ? pooled(n, x) : x);
    net_shape out = n->nodes[z].shape;
    for (int i = 0; i < longer; i++)
      y = conv(n, y, i + 1 == longer ? out.c : pick(1, 8), i ? out : (net_shape){0, out.h, out.w}, NULL);
  } else if (kind >= 4) { // convolutions, and the input itself, side by side
    int inputs[4] = {x}, count = 0;
    net_quant quant = n->nodes[x].quant;
    for (int ways = pick(1, 3); ways; ways--) {
      for (int i = 0, to = x; i < longer; i++, inputs[count] = to)
        to = conv(n, to, pick(1, 8), in, i + 1 == longer ? &quant : NULL);
      count++;
    }
    if (chance(60))
      inputs[count++] = x;
    return joined(n, inputs, count);
  } else if (kind == 0) { // identity beside convolutions
    for (int i = 0; i < longer; i++)
      y = conv(n, y, i + 1 == longer ? in.c : pick(1, 8), in, NULL);
  } else { // a shorter way with another size
    net_shape out = {pick(1, 8), (in.h + 1) / pick(1, 2), (in.w + 1) / pick(1, 2)};
    for (int i = 0; i < longer; i++)
      y = conv(n, y, i + 1 == longer ? out.c : pick(1, 8), i ? out : (net_shape){0, out.h, out.w}, NULL);
    z = conv(n, x, out.c, out, NULL);
  }
  return chance(50) ? sum(n, y, z) : sum(n, z, y);
}

static network *make_branches(void) {
  network *n = new_net();
  net_shape *s = &n->nodes[0].shape;
  s->h = pick(4, 12);
  s->w = pick(4, 12);
  int x = chance(50) ? 0 : conv(n, 0, pick(1, 8), *s, NULL);
  for (int blocks = pick(1, 3); blocks; blocks--)
    x = block(n, x);
  add_output(n);
  return n;
}

// A multiplier of the layer's widths.
static char *any_multiplier(const network *net, const net_node *n) {
  net_quant a = net_input_quant(net, n);
  const char *sign = a.is_signed ? n->weight_signed ? "s" : "su" : n->weight_signed ? "us" : "u";
  char *widths = arena_printf(mem, "%dx%d%s", a.bits, n->weight_bits, sign);
  if (a.bits == n->weight_bits)
    widths = arena_printf(mem, "%d%s", a.bits, sign);
  switch (pick(0, 3)) {
  case 0:
    return arena_printf(mem, "exact%s", widths);
  case 1:
    return arena_printf(mem, "roup%s_p0_c%d", widths, pick(0, 3));
  default:
    return arena_printf(mem, "trunc%s_k%d", widths, pick(1, (a.bits + n->weight_bits) / 2));
  }
}

static char *random_roup(void) {
  int p = pick(0, 3);
  if (chance(40))
    return arena_printf(mem, "roup8s_p%d_c%d", p, pick(0, 10));
  return arena_printf(mem, "roup8s_p%d_r%d.%d.%d.%d", p, pick(0, 7), pick(0, 6), pick(0, 5), pick(0, 3));
}

static int gcd(int a, int b) { return b ? gcd(b, a % b) : a; }

static int *shuffled(int count, bool really) {
  int *order = arena_new_array(mem, int, (size_t)count);
  for (int i = 0; i < count; i++) {
    int j = really ? pick(0, i) : i;
    order[i] = order[j];
    order[j] = i;
  }
  return order;
}

// The weights of a layer by a multiplier for each (PE, lane), which lanes, channels' lanes only, or neither change: as
// docs/dataflow.md says which lane a weight comes to.
static void by_position(const network *n, const net_node *x, int pe, int simd, const char *file, fileset *fs) {
  int f = x->shape.c, c = net_input_shape(n, x).c, kh = x->kh, kw = x->kw, what = pick(0, 3);
  bool moved = (seed >= 300 && seed < 2000) || seed >= 4000;
  int g = gcd(simd, c), tw = gcd(simd / g, kw), th = simd / g / tw, *row = shuffled(f, moved),
      *column = shuffled(c, moved);
  uint8_t *map = arena_alloc(mem, (size_t)(pe * simd)), *all = arena_alloc(mem, (size_t)(f * c * kh * kw));
  for (int i = 0; i < pe * simd; i++)
    map[i] = (uint8_t)pick(0, 2);
  bool any_place = seed >= 5000; // nothing that a folding could hold
  for (int i = 0; i < f; i++)
    for (int k = 0; k < c; k++)
      for (int t = 0; t < kh * kw; t++) {
        int lane = (t / kw % th * tw + t % kw % tw) * g + k % g;
        lane = what == 0 ? 0 : what == 1 ? k % g : lane;
        all[(row[i] * c + column[k]) * kh * kw + t] = map[i % pe * simd + lane];
        if (any_place && what > 0) // by filter, kernel or weight
          all[(i * c + k) * kh * kw + t] = what == 1 && k + t ? all[i * c * kh * kw]
                                           : what == 2 && t   ? all[(i * c + k) * kh * kw]
                                                              : (uint8_t)pick(0, 2);
      }
  str npy = {0};
  npy_header("|u1", arena_printf(mem, "%d, %d, %d, %d", f, c, kh, kw), &npy);
  str_add_n(&npy, (const char *)all, (size_t)(f * c * kh * kw));
  fileset_add_str(mem, fs, file, &npy);
}

// A folding that groups allow: PEs in one of them at a time, or in several whole ones with all their channels.
static void random_folding(const network *n, const net_node *x, int *pe, int *simd) {
  int f = x->shape.c / x->groups, c = net_input_shape(n, x).c / x->groups;
  bool whole = x->groups > 1 && chance(60);
  *pe = whole ? f * divisor(x->groups) : divisor(f);
  *simd = whole && *pe > f ? c * divisor(x->kh * x->kw) : divisor((int)net_reduction(n, x));
}

static void config_text(const network *n, fileset *fs, str *out) {
  static const char *const EXACT[] = {"exact8s", "exact8s_booth", "bam8s_h0_v3_t0", "mul8s_1KVP"};
  str_printf(out, "network: net.yaml\n"
                  "dataset: {format: idx, images: images.idx, labels: labels.idx}\n"
                  "multipliers:\n");
  for (size_t i = 1; any && i < n->count; i++)
    if (net_multiplies(&n->nodes[i]))
      str_printf(out, "  B%zu: %s\n  C%zu: %s\n", i, any_multiplier(n, &n->nodes[i]), i,
                 any_multiplier(n, &n->nodes[i]));
  if (any)
    str_add(out, "assignment:\n");
  else
    str_printf(out, "  A: %s\n  B: %s\n  C: %s\nassignment:\n  default: A\n", EXACT[pick(0, 3)], random_roup(),
               random_roup());
  str fold = {0};
  for (size_t i = 1; i < n->count; i++) {
    const net_node *x = &n->nodes[i];
    if (!net_multiplies(x))
      continue;
    int f = x->shape.c, pe, simd = 0;
    const char *sums = (seed + i) % 3 ? "" : ", accumulate: carry_save";
    if (any)
      random_folding(n, x, &pe, &simd);
    else
      pe = divisor(f);
    int nf = f / pe, split = pick(0, pe) * nf;
    const char *own = any ? arena_printf(mem, "%zu", i) : "";
    if (seed >= 200 && !any && (seed < 2000 || chance(seed < 4000 ? 40 : 80))) {
      const char *file = arena_printf(mem, "%zu.npy", i);
      simd = divisor((int)net_reduction(n, x));
      by_position(n, x, pe, simd, file, fs);
      str_printf(out, "  %s: {weights: {file: %s, multipliers: [A, B, C]}}\n", x->name, file);
      str_printf(&fold, "    %s: {pe: %d, simd: %d, hold: %d%s}\n", x->name, pe, simd,
                 chance(40) ? pick(1, x->shape.w) : 1, sums);
      continue;
    }
    // Filter-level: any order of filters, each multiplier a multiple of nf of them.
    if (chance(50) && split > 0 && split < f) {
      uint8_t *second = arena_new_array(mem, uint8_t, (size_t)f);
      for (int left = split; left > 0;) {
        int at = pick(0, f - 1);
        left -= !second[at];
        second[at] = 1;
      }
      for (int j = 0; x->groups > 1 && j < f; j++) // those keep their order
        second[j] = second[j % pe];
      str_printf(out, "  %s:\n    filters:\n", x->name);
      for (int j = 0; j < f; j++)
        str_printf(out, "      \"%d\": %s%s\n", j, second[j] ? "C" : "B", own);
    } else if (any || chance(60)) {
      str_printf(out, "  %s: %s%s\n", x->name, chance(50) ? "B" : "C", own);
    }
    str_printf(&fold, "    %s: {pe: %d, simd: %d, hold: %d%s}\n", x->name, pe,
               simd ? simd : divisor((int)net_reduction(n, x)), chance(60) ? pick(1, x->shape.w) : 1, sums);
  }
  str_printf(out, "target:\n  kind: dataflow\n  clock_ns: 4\n  folding:\n%soutput: out\n", fold.data);
  str_free(&fold);
}

static void be32(uint8_t *p, uint32_t v) {
  for (int i = 0; i < 4; i++)
    p[i] = (uint8_t)(v >> (24 - 8 * i));
}

int main(int argc, char **argv) {
  if (argc < 3)
    return 2;
  mem = arena_new();
  seed = strtoull(argv[1], NULL, 10);
  r = rng_seed(seed);
  any = seed >= 1000 && (seed < 2000 || (seed >= 3000 && seed < 4000) || seed >= 6000);
  high = any || seed < 100 ? 0 : 3;
  diag d = {0};
  network *n = seed < 2000 || (seed >= 5000 && seed < 6000) ? make_net() : make_branches();
  for (size_t i = 0; i < n->count && (int)i + 3 < argc; i++)
    n->nodes[i].name = argv[i + 3];
  net_shape s = n->nodes[0].shape;
  fileset fs = {0};
  size_t size = (size_t)net_shape_size(s);
  // IDX with one byte a pixel has one channel; more channels come as npy.
  str text = {0};
  config_text(n, &fs, &text);
  uint8_t *labels = arena_alloc(mem, 8 + IMAGES);
  be32(labels, 0x801);
  be32(labels + 4, IMAGES);
  for (int i = 0; i < IMAGES; i++)
    labels[8 + i] = (uint8_t)pick(0, n->nodes[n->count - 1].shape.c - 1);
  uint8_t *pixels = arena_alloc(mem, IMAGES * size);
  for (size_t i = 0; i < IMAGES * size; i++)
    pixels[i] = (uint8_t)(chance(30) ? (chance(50) ? 0 : 255) : pick(0, 255));
  if (s.c == 1) {
    uint8_t *images = arena_alloc(mem, 16 + IMAGES * size);
    be32(images, 0x803);
    be32(images + 4, IMAGES);
    be32(images + 8, (uint32_t)s.h);
    be32(images + 12, (uint32_t)s.w);
    memcpy(images + 16, pixels, IMAGES * size);
    fileset_add(mem, &fs, "images.idx", images, 16 + IMAGES * size);
    fileset_add(mem, &fs, "labels.idx", labels, 8 + IMAGES);
  } else {
    str npy = {0};
    for (int pass = 0; pass < 2; pass++) {
      char head[128];
      if (pass == 0)
        snprintf(head, sizeof head, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d, %d, %d, %d), }", IMAGES,
                 s.c, s.h, s.w);
      else
        snprintf(head, sizeof head, "{'descr': '|u1', 'fortran_order': False, 'shape': (%d,), }", IMAGES);
      str_add_n(&npy, "\x93NUMPY\x01\x00", 8);
      uint8_t len[2] = {118, 0};
      str_add_n(&npy, (char *)len, 2);
      str_printf(&npy, "%-117s\n", head);
      str_add_n(&npy, pass ? (char *)labels + 8 : (char *)pixels, pass ? IMAGES : IMAGES * size);
      fileset_add_str(mem, &fs, pass ? "labels.npy" : "images.npy", &npy);
    }
    char *at = strstr(text.data, "dataset:");
    str changed = {0};
    str_add_n(&changed, text.data, (size_t)(at - text.data));
    str_add(&changed, "dataset: {format: npy, images: images.npy, labels: labels.npy}\n");
    str_add(&changed, strchr(at, '\n') + 1);
    str_free(&text);
    text = changed;
  }
  fileset_add_str(mem, &fs, "config.yaml", &text);
  bool ok = net_write(n, argv[2], &d) && fileset_write(&fs, argv[2], &d);
  if (!ok)
    fputs(d.text.data, stderr);
  diag_free(&d);
  arena_free(mem);
  return ok ? 0 : 1;
}
