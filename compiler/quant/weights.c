// SPDX-License-Identifier: Apache-2.0
//
// Weights, bias and requantisation of a conv or dense node.
//
// A filter's multiplier m is chosen first, and its weight scale follows from it exactly: m / 2^shift =
// scale_in * scale_w / scale_out. So requantisation adds no error of gain, however small m is.
#include "compiler/quant/quant_internal.h"

#include <math.h>

enum { M_MAX = 65535, SHIFT_MAX = 47 };
static const double bias_max = 1 << 30; // of a bias code: leaves room for the products

int quant_multipliers(const double *factor, int count, bool up, uint16_t *m) {
  double largest = 0;
  for (int i = 0; i < count; i++)
    largest = fmax(largest, factor[i]);
  int shift = SHIFT_MAX;
  while (shift > 1 && ldexp(largest, shift) > (up ? M_MAX : M_MAX + 0.499))
    shift--;
  for (int i = 0; i < count; i++) {
    double v = ldexp(factor[i], shift);
    m[i] = (uint16_t)fmin(fmax(up ? ceil(v) : round(v), 1), M_MAX);
  }
  return shift;
}

static void note(quant_exactness *e, const net_node *n, double off) {
  e->layers++;
  e->exact += off == 0;
  if (off > e->worst) {
    e->worst = off;
    e->worst_layer = n->name;
  }
}

void quant_note_exactness(const quant_options *opt, const net_node *n, const double *factor, int count, double off) {
  enum { SINGLE = 1 << 20 }; // what single precision leaves of a number
  quant_exactness *e = opt->exactness;
  double gain = 0;
  for (int i = 0; i < count; i++) {
    double own = ldexp(n->mult[i], -n->shift);
    bool saturates = fmin(own, factor[i]) > n->hi - n->lo; // one unit more or less decides
    gain = fmax(gain, saturates ? 0 : fabs(own / factor[i] - 1));
  }
  off += gain < 1.0 / SINGLE ? 0 : gain * (n->hi - n->lo);
  if (e)
    note(e, n, off);
}

// Of weights that the model states as numbers, or as codes that the network cannot have (a product with a factor for
// each channel before them, more than 16 bits): how far the sums of theirs are off at most.
static void note_new_weights(const quant_options *opt, const network *net, const net_node *n, const double *scale) {
  const net_node *before = &net->nodes[n->inputs[0]];
  net_quant in = net_input_quant(net, n);
  int64_t reduction = net_reduction(net, n);
  double most = fmax(fabs((double)before->lo - in.zero), fabs((double)before->hi - in.zero)), off = 0;
  for (int64_t f = 0; f < n->shape.c; f++) {
    double unit = in.scale * scale[f], code = net_is_raw(net, n) ? unit : n->quant.scale, sum = 0;
    for (int64_t i = f * reduction; i < (f + 1) * reduction; i++)
      sum += fabs(scale[f] * (n->weight[i] - n->weight_zero) - n->weight_f[i]) * in.scale * most;
    sum += fabs(n->bias[f] * unit - (n->bias_f ? n->bias_f[f] : 0));
    off = fmax(off, sum / code);
  }
  note(opt->exactness, n, off < 1e-6 ? 0 : off);
}

static int32_t code_of(double real, double scale, int32_t zero, int32_t lo, int32_t hi) {
  return (int32_t)fmin(fmax(round(real / scale) + zero, lo), hi);
}

// Mean squared error of symmetric codes up to `most` with this scale.
static double rounding_error(const float *w, int64_t count, double scale, int32_t most) {
  double sum = 0;
  for (int64_t i = 0; i < count; i++) {
    double e = w[i] - scale * code_of(w[i], scale, 0, -most, most);
    sum += e * e;
  }
  return sum;
}

// At few bits, cutting off the largest weights costs less than coarse steps.
static double symmetric_scale(const float *w, int64_t count, int bits) {
  int32_t most = (1 << (bits - 1)) - 1;
  double peak = 0;
  for (int64_t i = 0; i < count; i++)
    peak = fmax(peak, fabs(w[i]));
  double best = peak / most;
  if (bits >= 8 || peak == 0)
    return best;
  double least = rounding_error(w, count, best, most);
  for (int percent = 98; percent >= 40; percent -= 2) {
    double scale = peak * percent / 100 / most, error = rounding_error(w, count, scale, most);
    if (error < least) {
      least = error;
      best = scale;
    }
  }
  return best;
}

// ---- unsigned codes: one zero point for all filters ----------------------------------------------------------------
// The scale with which codes 0..top around `zero` reach from lo to hi.
static double reach(quant_range r, double zero, int32_t top) {
  return fmax(zero > 0   ? -r.lo / zero
              : r.lo < 0 ? INFINITY
                         : 0,
              zero < top ? r.hi / (top - zero)
              : r.hi > 0 ? INFINITY
                         : 0);
}

// The zero point for which the filters' steps are, in the mean of squares, least above what each could have alone.
static int32_t common_zero(const quant_range *range, int filters, int32_t top) {
  double least = INFINITY;
  int32_t best = 0;
  for (int i = 0; i <= 256; i++) {
    int32_t zero = (int32_t)round(i / 256.0 * top);
    double sum = 0;
    for (int f = 0; f < filters; f++) {
      double alone = (range[f].hi - range[f].lo) / top, step = reach(range[f], zero, top);
      sum += alone > 0 ? step / alone * (step / alone) : 0;
    }
    if (sum < least) {
      least = sum;
      best = zero;
    }
  }
  return best;
}

static int32_t unsigned_scales(const net_node *n, int64_t reduction, bool per_tensor, int bits, double *scale) {
  arena *mem = arena_new();
  quant_range *range = arena_new_array(mem, quant_range, (size_t)n->shape.c), all = {0, 0};
  int32_t top = (1 << bits) - 1;
  for (int f = 0; f < n->shape.c; f++) {
    for (int64_t i = f * reduction; i < (f + 1) * reduction; i++) {
      range[f].lo = fmin(range[f].lo, n->weight_f[i]);
      range[f].hi = fmax(range[f].hi, n->weight_f[i]);
    }
    all.lo = fmin(all.lo, range[f].lo);
    all.hi = fmax(all.hi, range[f].hi);
  }
  int32_t zero = common_zero(per_tensor ? &all : range, per_tensor ? 1 : n->shape.c, top);
  for (int f = 0; f < n->shape.c; f++)
    scale[f] = reach(per_tensor ? all : range[f], zero, top);
  arena_free(mem);
  return zero;
}

// First scales of the weights; the zero point comes back.
static int32_t first_scales(const net_node *n, int64_t reduction, bool per_tensor, int bits, double *scale) {
  if (!n->weight_signed)
    return unsigned_scales(n, reduction, per_tensor, bits, scale);
  for (int f = 0; f < n->shape.c; f++)
    scale[f] = per_tensor && f > 0 ? scale[0]
                                   : symmetric_scale(n->weight_f + f * reduction,
                                                     per_tensor ? n->shape.c * reduction : reduction, bits);
  return 0;
}

// ---- all codes -----------------------------------------------------------------------------------------------------
// A filter's scale must not be so small that its bias overflows; nor 0.
static void raise_scales(const net_node *n, bool per_tensor, double scale_in, double *scale) {
  double largest = 0;
  for (int f = 0; f < n->shape.c; f++) {
    if (n->bias_f)
      scale[f] = fmax(scale[f], fabs(n->bias_f[f]) / (scale_in * bias_max));
    largest = fmax(largest, scale[f]);
  }
  for (int f = 0; f < n->shape.c; f++)
    scale[f] = largest == 0 ? 1 : per_tensor ? largest : fmax(scale[f], largest / M_MAX);
}

// Mean of the input under each tap of group g's filters, over all output pixels: [C/groups][kh][kw].
static void tap_means(const network *net, const net_node *n, const double *mean, int g, double *out) {
  net_shape in = net_input_shape(net, n);
  int channels = in.c / n->groups;
  for (int c = g * channels; c < (g + 1) * channels; c++)
    for (int ky = 0; ky < n->kh; ky++)
      for (int kx = 0; kx < n->kw; kx++) {
        double sum = 0;
        for (int y = 0; y < n->shape.h; y++)
          for (int x = 0; x < n->shape.w; x++) {
            int iy = y * n->sh - n->pt + ky, ix = x * n->sw - n->pl + kx;
            if (iy >= 0 && iy < in.h && ix >= 0 && ix < in.w)
              sum += mean[((int64_t)c * in.h + iy) * in.w + ix];
          }
        *out++ = sum / ((double)n->shape.h * n->shape.w);
      }
}

// How far the rounded weights move each filter's mean output.
static void mean_shift(const network *net, const net_node *n, const double *scale, const double *mean, double *out) {
  int64_t reduction = net_reduction(net, n);
  int filters = n->shape.c / n->groups;
  arena *mem = arena_new();
  double *taps = arena_new_array(mem, double, (size_t)reduction);
  for (int f = 0; f < n->shape.c; f++) {
    if (f % filters == 0)
      tap_means(net, n, mean, f / filters, taps);
    out[f] = 0;
    for (int64_t i = 0; i < reduction; i++)
      out[f] += (scale[f] * (n->weight[f * reduction + i] - n->weight_zero) - n->weight_f[f * reduction + i]) * taps[i];
  }
  arena_free(mem);
}

// Weights by our own choice, or as the model states them (weight_scale is set).
static void choose_scales(const network *net, net_node *n, const quant_options *opt, int bits, double scale_in,
                          double *scale) {
  if (n->weight_scale) {
    for (int f = 0; f < n->shape.c; f++)
      scale[f] = n->weight_scale[f];
    return;
  }
  bool per_tensor = net_is_raw(net, n) || opt->per_tensor;
  n->weight_bits = bits;
  n->weight_signed = opt->scheme != QUANT_U8;
  n->weight_zero = first_scales(n, net_reduction(net, n), per_tensor, bits, scale);
  raise_scales(n, per_tensor, scale_in, scale);
}

// Is a bias the one that the model states, but for single precision?
static bool same_bias(int32_t a, int32_t b) { return fabs((double)a - b) <= 1 + 1e-6 * fabs((double)b); }

// How far a bias is from `real`, if it is more than single precision leaves of it.
static double off_by(int32_t bias, double real) {
  return fabs(bias - real) > 1e-4 + 1e-5 * fabs(real) ? fabs(bias - real) : 0;
}

static bool same_factor(uint16_t m, int shift, double factor) { return fabs(ldexp(m, -shift) / factor - 1) < 1e-6; }

// Is a code 2, 4, 8 ... units of the sum? Then it is rounded as with any bias that is less than one unit greater.
static bool halves(uint16_t m, int shift, double factor) {
  double exact = ldexp(m, -shift);
  return (m & (m - 1)) == 0 && exact <= 0.5 && fabs(factor / exact - 1) < 1e-6;
}

// ---- codes of few bits ----------------------------------------------------------------------------------------------
// The multipliers m >= 1 with (sum + bias) * m >= least where sum is `from` or more, and not below.
static void narrow_multipliers(int64_t from, int64_t bias, int64_t least, int64_t *lo, int64_t *hi) {
  int64_t p = from + bias, below = p - 1;
  if (least > 0) {
    *lo = p < 1 ? M_MAX + 1 : (least + p - 1) / p > *lo ? (least + p - 1) / p : *lo;
    if (below > 0 && (least - 1) / below < *hi)
      *hi = (least - 1) / below;
  } else {
    if (p < 0 && -least / -p < *hi)
      *hi = -least / -p;
    *lo = below >= 0 ? M_MAX + 1 : -least / -below + 1 > *lo ? -least / -below + 1 : *lo;
  }
}

// Sums are whole numbers: what counts is from which one on each code comes. Is there a multiplier and a whole bias,
// near the given ones, that have all codes of (sum + real) * factor come from the same sums on?
static bool same_thresholds(const net_node *n, double factor, double real, uint16_t *m, int32_t *bias) {
  enum { CODES = 256, TRIES = 9, LARGEST = 1 << 30 };
  if (n->hi - n->lo >= CODES || fabs(real) > LARGEST || factor < 1e-6 || factor > n->hi - n->lo)
    return false;
  for (int i = 0; i < TRIES; i++) {
    int64_t b = (int64_t)round(real) + (i % 2 ? (i + 1) / 2 : -i / 2), lo = 1, hi = M_MAX;
    for (int k = n->lo - n->quant.zero + 1; lo <= hi && k <= n->hi - n->quant.zero; k++) {
      double from = (k - 0.5) / factor - real;
      from = ceil(from - 1e-7 * fmax(1, fmax(fabs(from), fabs(real))));
      narrow_multipliers((int64_t)from, b, (2 * (int64_t)k - 1) * ((int64_t)1 << (n->shift - 1)), &lo, &hi);
    }
    if (lo > hi)
      continue;
    *m = (uint16_t)clamp64(*m, lo, hi);
    *bias = (int32_t)b;
    return true;
  }
  return false;
}

void quant_weights(arena *mem, const network *net, net_node *n, const quant_options *opt, int bits, bool all_stated,
                   const double *mean) {
  size_t f_count = (size_t)n->shape.c;
  int64_t reduction = net_reduction(net, n);
  bool raw = net_is_raw(net, n), stated = n->weight_scale != NULL;
  double *scale = arena_new_array(mem, double, f_count), *shift = arena_new_array(mem, double, f_count);
  double scale_in = net_input_quant(net, n).scale, scale_out = raw ? 1 : n->quant.scale;
  choose_scales(net, n, opt, bits, scale_in, scale);
  if (!raw) {
    uint16_t *m = arena_new_array(mem, uint16_t, f_count);
    for (size_t f = 0; f < f_count; f++)
      shift[f] = scale_in * scale[f] / scale_out;
    n->shift = quant_multipliers(shift, n->shape.c, !stated, m);
    for (size_t f = 0; !stated && f < f_count; f++)
      scale[f] = ldexp(m[f], -n->shift) * scale_out / scale_in;
    n->mult = m;
  }
  net_quant codes = {.bits = n->weight_bits, .is_signed = n->weight_signed};
  int32_t hi = net_quant_hi(codes), lo = n->weight_signed && !stated ? -hi : net_quant_lo(codes);
  int16_t *weight = arena_new_array(mem, int16_t, f_count * (size_t)reduction);
  for (size_t i = 0; i < f_count * (size_t)reduction; i++)
    weight[i] = (int16_t)code_of(n->weight_f[i], scale[i / (size_t)reduction], n->weight_zero, lo, hi);
  n->weight = weight;
  n->weight_scale = scale;
  double *factor = arena_memdup(mem, shift, f_count * sizeof *factor), off = 0;
  for (size_t f = 0; f < f_count; f++)
    shift[f] = 0;
  if (mean)
    mean_shift(net, n, scale, mean, shift);
  int32_t *bias = arena_new_array(mem, int32_t, f_count);
  for (size_t f = 0; f < f_count; f++) {
    double real = (n->bias_f ? n->bias_f[f] : 0) - shift[f];
    bias[f] = code_of(real, scale_in * scale[f], 0, -INT32_MAX, INT32_MAX);
    bool whole = !raw && halves(n->mult[f], n->shift, factor[f]);
    if (stated && whole)
      bias[f] = (int32_t)fmin(fmax(floor(real / (scale_in * scale[f]) + 1e-4), -INT32_MAX), INT32_MAX);
    if (stated && n->bias && same_bias(bias[f], n->bias[f]))
      bias[f] = n->bias[f];
    double beside = raw || whole ? 0 : off_by(bias[f], real / (scale_in * scale[f]));
    if (stated && !raw && (beside != 0 || !same_factor(n->mult[f], n->shift, factor[f])) &&
        same_thresholds(n, factor[f], real / (scale_in * scale[f]), (uint16_t *)&n->mult[f], &bias[f])) {
      beside = 0;
      factor[f] = ldexp(n->mult[f], -n->shift);
    }
    off = fmax(off, beside * factor[f]);
  }
  if (stated && !raw)
    quant_note_exactness(opt, n, factor, n->shape.c, off);
  n->bias = bias;
  if (!stated && all_stated && opt->exactness)
    note_new_weights(opt, net, n, scale);
}
