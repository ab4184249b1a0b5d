// SPDX-License-Identifier: Apache-2.0
//
// Images in and out of a program's memory; running it in the simulator; the schedule as text.
#include "compiler/target/fgpu/fgpu.h"

#include <stdlib.h>
#include <string.h>

void fgpu_memory(const fgpu_program *p, const int32_t *codes, uint8_t *memory) {
  const net_node *in = &p->model->net->nodes[0];
  const fgpu_tensor *t = &p->tensors[0];
  memset(memory, 0, p->memory_bytes);
  if (p->constant_bytes)
    memcpy(memory + p->constant_base, p->constants, p->constant_bytes);
  memset(memory + t->base, in->quant.zero & 255, t->bytes);
  for (int c = 0; c < in->shape.c; c++)
    for (int y = 0; y < in->shape.h; y++)
      for (int x = 0; x < in->shape.w; x++)
        memory[t->origin + (uint32_t)(y * t->row + x * t->cp + c)] = (uint8_t)*codes++;
}

int fgpu_value_bytes(const fgpu_program *p, int node) { return p->tensors[node].words ? 4 : 1; }

uint32_t fgpu_address(const fgpu_program *p, int node, int c, int y, int x) {
  const fgpu_tensor *t = &p->tensors[node];
  return t->origin + (uint32_t)y * (uint32_t)t->row + (uint32_t)x * (uint32_t)t->cp +
         (uint32_t)(c * fgpu_value_bytes(p, node));
}

void fgpu_values(const fgpu_program *p, int node, const uint8_t *memory, int32_t *values) {
  const net_node *n = &p->model->net->nodes[node];
  const fgpu_tensor *t = &p->tensors[node];
  for (int c = 0; c < n->shape.c; c++)
    for (int y = 0; y < n->shape.h; y++)
      for (int x = 0; x < n->shape.w; x++) {
        const uint8_t *at = memory + fgpu_address(p, node, c, y, x);
        uint32_t word = 0;
        for (int i = 0; t->words && i < 4; i++)
          word |= (uint32_t)at[i] << 8 * i;
        *values++ = t->words ? (int32_t)word : n->quant.is_signed ? (int8_t)*at : *at;
      }
}

bool fgpu_run(const fgpu_program *p, int32_t **values, fgpu_stats *stats, const fgpu_watch *watch, diag *d) {
  uint8_t *memory = malloc(p->memory_bytes);
  if (!memory)
    abort();
  fgpu_memory(p, values[0], memory);
  fgpu_sim sim = {.hw = &p->hw,
                  .code = &p->code,
                  .launches = (const fgpu_descriptor *)p->descriptors,
                  .launch_count = p->launch_count,
                  .memory = memory,
                  .memory_bytes = p->memory_bytes,
                  .latency = FGPU_LATENCY,
                  .watch = watch};
  bool ok = true;
  for (size_t i = 0; i < p->launch_count && ok; i++) {
    ok = fgpu_sim_run(&sim, i, 1, stats ? &stats[i] : NULL, d);
    if (ok && (i + 1 == p->launch_count || p->launches[i + 1].node != p->launches[i].node))
      fgpu_values(p, p->launches[i].node, memory, values[p->launches[i].node]);
  }
  free(memory);
  return ok;
}

void fgpu_print(const fgpu_program *p, const char *const *keys, const fgpu_stats *stats, str *out) {
  const fgpu_hw *hw = &p->hw;
  str_printf(out,
             "%d compute vector%s of %d PEs%s, %d wavefront slot%s, cache of %d bytes, scratchpad of %d bytes each\n",
             hw->cvs, plural((size_t)hw->cvs), FGPU_PES, hw->dot4 ? " with four multipliers each" : "", hw->slots,
             plural((size_t)hw->slots), hw->cache_lines * FGPU_LINE, hw->local_bytes);
  for (int cv = 0; cv < hw->cvs; cv++) {
    str_printf(out, "  cv%d: [", cv);
    for (int pe = 0; pe < FGPU_PES; pe++)
      str_printf(out, "%s%s", pe ? ", " : "", keys[p->pe_mul[cv][pe]]);
    str_printf(out, "]%s\n", p->lids_chosen ? " (chosen from the assignment)" : "");
  }
  str_printf(out,
             "%zu instruction%s, %zu launch%s; memory %u bytes: constants %u, activations %u (%u without sharing)\n\n",
             p->code.count, plural(p->code.count), p->launch_count, p->launch_count == 1 ? "" : "es", p->memory_bytes,
             p->constant_bytes, p->activation_bytes, p->unshared_bytes);
  str_printf(out, "%-24s %-16s %10s %8s %12s%s\n", "launch", "kernel", "wavefronts", "lanes", "macs",
             stats ? "       cycles   macc" : "");
  fgpu_stats sum = {0};
  int64_t all = 0;
  for (size_t i = 0; i < p->launch_count; i++) {
    const fgpu_launch *l = &p->launches[i];
    str_printf(out, "%-24s %-16s %10u %6.1f %% %12lld", l->name, l->kernel, l->groups,
               l->groups ? 100.0 * (double)l->lanes / ((double)l->groups * FGPU_LANES) : 0.0, (long long)l->macs);
    if (stats) {
      const fgpu_stats *s = &stats[i];
      int64_t macs = 0;
      for (int cv = 0; cv < hw->cvs; cv++) {
        macs += s->macs[cv];
        sum.issued[cv] += s->issued[cv];
        sum.macs[cv] += s->macs[cv];
      }
      str_printf(out, " %12lld %4.1f %%", (long long)s->cycles,
                 100.0 * (double)macs / ((double)s->cycles * FGPU_PES * fgpu_units(hw) * hw->cvs));
      sum.cycles += s->cycles;
      sum.held += s->held;
      all += macs;
      sum.reads += s->reads;
      sum.writes += s->writes;
    }
    str_add(out, "\n");
  }
  if (!stats)
    return;
  str_printf(out, "\n%lld cycle%s an image; memory port: %lld line%s read, %lld written\n", (long long)sum.cycles,
             plural((size_t)sum.cycles), (long long)sum.reads, plural((size_t)sum.reads), (long long)sum.writes);
  str_printf(out, "in %.1f %% of the multiplications the weight is the one before on that PE\n",
             all ? 100.0 * (double)sum.held / (double)all : 0.0);
  for (int cv = 0; cv < hw->cvs; cv++)
    str_printf(out, "  cv%d: issues in %.1f %% of its slots, multipliers busy %.1f %%\n", cv,
               100.0 * 8 * (double)sum.issued[cv] / (double)sum.cycles,
               100.0 * (double)sum.macs[cv] / ((double)sum.cycles * FGPU_PES * fgpu_units(hw)));
}
