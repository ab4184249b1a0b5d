// SPDX-License-Identifier: Apache-2.0
//
// What the target cannot run, and the options.
#include "compiler/target/fgpu/plan.h"
#include "genlib/evolve/evolve.h"

bool fgpu_plan_refuse(const net_node *n, diag *d, const char *fmt, ...) {
  str why = {0};
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&why, fmt, ap);
  va_end(ap);
  diag_at(d, n->pos, "layer %s: the FGPU target cannot run it: %s", n->name, why.data);
  str_free(&why);
  return false;
}

static bool check_multipliers(const infer_model *m, int node, diag *d) {
  const net_node *n = &m->net->nodes[node];
  if (n->weight_bits > 8)
    return fgpu_plan_refuse(n, d, "weights of %d bits; the PEs' macc takes 8", n->weight_bits);
  if (m->assign[node].level == ASSIGN_WEIGHT) // a lane's list is of input channels (fgpu_lids_tasks)
    return fgpu_plan_refuse(n, d,
                            "its kernels mix multipliers (weight-level assignment); expected one multiplier for each "
                            "filter and input channel");
  for (int64_t i = 0; i < m->assign[node].count; i++) {
    const mul *mul = m->muls[m->assign[node].mul[i]];
    if (mul->sig.a_bits > 8 || mul->sig.b_bits > 8)
      return fgpu_plan_refuse(n, d, "multiplier %s is %d x %d bits; the PEs' macc takes 8 x 8", mul->name,
                              mul->sig.a_bits, mul->sig.b_bits);
  }
  return true;
}

bool fgpu_plan_supported(const infer_model *m, int node, diag *d) {
  const network *net = m->net;
  const net_node *n = &net->nodes[node];
  bool raw = net_is_raw(net, n);
  if (!raw && n->quant.bits > 8)
    return fgpu_plan_refuse(n, d, "codes of %d bits; activations are bytes", n->quant.bits);
  if (net_mean_varies(n))
    return fgpu_plan_refuse(n, d, "average pooling whose pads do not count");
  if (net_multiplies(n) && !check_multipliers(m, node, d))
    return false;
  if (net_accumulates(n)) {
    infer_range r = infer_node_range(m, node);
    int bits = bits_signed(r.acc_lo, r.acc_hi);
    if (bits > 32)
      return fgpu_plan_refuse(n, d, "its accumulators need %d bits, registers have 32", bits);
  }
  int64_t pixels = (int64_t)n->shape.h * n->shape.w, row = (int64_t)n->shape.w * (n->shape.c + 3);
  if (net_multiplies(n) ? pixels > 32767 : row > 32767)
    return fgpu_plan_refuse(n, d,
                            "%dx%d pixels of %d channels; at most 32767 pixels of a convolution and 32767 codes a row",
                            n->shape.h, n->shape.w, n->shape.c);
  if (n->shape.h > 16384 || n->shape.w > 16384 || n->shape.c > 32767)
    return fgpu_plan_refuse(n, d, "at most 16384 rows and columns, and 32767 channels");
  return true;
}

// In um2, rounded up: whole numbers, so that products of them with cycles compare alike everywhere.
static bool multiplier_areas(const fgpu_program *p, const uint8_t *canonical, int64_t *area, diag *d) {
  for (size_t i = 0; i < p->mul_count; i++) {
    const mul *m = p->model->muls[canonical[i]];
    if (!m->net)
      return diag_error(d, "FGPU: goal area_cycles: multiplier %s is a table, which has no area", m->name);
    double um2, fj;
    if (m->sig.a_bits + m->sig.b_bits > 16)
      um2 = 0; // too wide for a PE: refused below when it is used
    else
      evolve_estimate(m->net, &um2, &fj);
    area[i] = 1 + (int64_t)um2;
  }
  return true;
}

bool fgpu_plan_options(arena *mem, fgpu_program *p, const fgpu_options *o, uint8_t *canonical, diag *d) {
  fgpu_hw *hw = &p->hw;
  hw->cvs = o->cvs ? o->cvs : 1;
  hw->slots = o->slots ? o->slots : 8;
  hw->cache_lines = o->cache_lines ? o->cache_lines : 256;
  hw->local_bytes = o->local_bytes ? o->local_bytes : 4096;
  hw->dot4 = o->dot4;
#define POWER(v) ((v) > 0 && !((v) & ((v)-1)))
  if (hw->cvs < 1 || hw->cvs > FGPU_MAX_CVS)
    return diag_error(d, "FGPU: %d compute vectors, expected 1 to %d", hw->cvs, FGPU_MAX_CVS);
  if (hw->slots < 2 || hw->slots > FGPU_MAX_SLOTS || !POWER(hw->slots))
    return diag_error(d, "FGPU: %d wavefront slots, expected 2, 4, 8 or 16", hw->slots);
  if (hw->cache_lines < 8 || hw->cache_lines > 4096 || !POWER(hw->cache_lines))
    return diag_error(d, "FGPU: %d cache lines, expected a power of two, 8 to 4096", hw->cache_lines);
  if (hw->local_bytes < 2 * FGPU_LINE * hw->slots || hw->local_bytes > 65536 || !POWER(hw->local_bytes))
    return diag_error(d, "FGPU: a scratchpad of %d bytes, expected a power of two, %d to 65536", hw->local_bytes,
                      2 * FGPU_LINE * hw->slots);
#undef POWER
  fgpu_lids_canonical(p->model, p->mul_count, canonical);
  if (o->lids) {
    for (int i = 0; i < hw->cvs * FGPU_PES; i++) {
      size_t m = o->lids[i / FGPU_PES][i % FGPU_PES];
      if (m >= p->mul_count)
        return diag_error(d, "FGPU: PE %d of CV %d: no multiplier %zu", i % FGPU_PES, i / FGPU_PES, m);
      p->pe_mul[i / FGPU_PES][i % FGPU_PES] = canonical[m];
    }
  } else {
    int64_t area[CONFIG_MAX_MULS];
    p->lids_chosen = true;
    if (o->area_cycles && !multiplier_areas(p, canonical, area, d))
      return false;
    if (!fgpu_lids_choose(mem, p->model, canonical, o->area_cycles ? area : NULL, hw->cvs, p->pe_mul))
      return diag_error(d, "FGPU: the assignment uses more multipliers than the %d PEs of %d compute vectors",
                        hw->cvs * FGPU_PES, hw->cvs);
  }
  for (int cv = 0; cv < hw->cvs; cv++)
    for (int pe = 0; pe < FGPU_PES; pe++) {
      const mul *m = hw->mul[cv][pe] = p->model->muls[p->pe_mul[cv][pe]];
      if (m->sig.a_bits > 8 || m->sig.b_bits > 8)
        return diag_error(d, "FGPU: PE %d of CV %d has multiplier %s of %d x %d bits; macc takes 8 x 8", pe, cv,
                          m->name, m->sig.a_bits, m->sig.b_bits);
    }
  return true;
}
