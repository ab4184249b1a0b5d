// SPDX-License-Identifier: Apache-2.0
//
// Images in the simulator in C, compared with the reference; what the CVs did.
#include "compiler/target/fgpu/target.h"

static bool compare(const network *net, size_t image, int32_t *const *got, int32_t *const *want, fgpu_counts *r,
                    diag *d) {
  for (size_t n = 1; n < net->count; n++) {
    int64_t size = net_shape_size(net->nodes[n].shape);
    for (int64_t i = 0; i < size; i++)
      if (got[n][i] != want[n][i])
        return diag_check(d, "image %zu, layer %s, element %lld: %d, expected %d", image, net->nodes[n].name,
                          (long long)i, got[n][i], want[n][i]);
    r->values_compared += (size_t)size;
  }
  return true;
}

static void sum_up(const fgpu_program *p, fgpu_counts *r) {
  for (size_t i = 0; i < p->launch_count; i++) {
    const fgpu_stats *l = &r->stats[i];
    r->sum.cycles += l->cycles;
    r->sum.reads += l->reads;
    r->sum.writes += l->writes;
    r->sum.held += l->held;
    for (int cv = 0; cv < p->hw.cvs; cv++) {
      r->sum.issued[cv] += l->issued[cv];
      r->sum.macs[cv] += l->macs[cv];
    }
  }
}

bool fgpu_count(arena *mem, const fgpu_build *b, const target_images *in, size_t count, fgpu_counts *out, diag *d) {
  const fgpu_program *p = b->program;
  const network *net = p->model->net;
  const dataset *data = in->data;
  int outputs = (int)net_shape_size(net_output(net)->shape);
  int32_t **got = infer_buffers(mem, net), **want = infer_buffers(mem, net);
  *out = (fgpu_counts){.stats = arena_new_array(mem, fgpu_stats, p->launch_count)};
  for (size_t i = 0; i < count; i++) {
    size_t image = in->first + i;
    const uint8_t *pixels = data->pixels + image * (size_t)net_shape_size(data->shape);
    if (interrupted())
      return diag_tool(d, "interrupted");
    infer_input_codes(net, pixels, got[0]);
    ref_run(p->model, pixels, want);
    if (!fgpu_run(p, got, i ? NULL : out->stats, NULL, d) || !compare(net, image, got, want, out, d))
      return false;
    out->correct += data->labels && infer_argmax(got[net->count - 1], outputs) == data->labels[image];
  }
  sum_up(p, out);
  return true;
}

double fgpu_issue_share(const fgpu_stats *s, int cv, int64_t cycles) {
  return cycles ? 8.0 * (double)s->issued[cv] / (double)cycles : 0;
}

double fgpu_busy_share(const fgpu_program *p, const fgpu_stats *s, int cv, int64_t cycles) {
  return cycles ? (double)s->macs[cv] / ((double)cycles * FGPU_PES * fgpu_units(&p->hw)) : 0;
}

void fgpu_add_cvs(const fgpu_build *b, const fgpu_stats *stats, int64_t cycles, cJSON *json) {
  const fgpu_program *p = b->program;
  cJSON *list = cJSON_AddArrayToObject(json, "cvs");
  for (int cv = 0; cv < p->hw.cvs; cv++) {
    cJSON *o = cJSON_CreateObject(), *lids = cJSON_AddArrayToObject(o, "lids");
    for (int pe = 0; pe < FGPU_PES; pe++)
      cJSON_AddItemToArray(lids, cJSON_CreateString(b->cfg->mul_keys[p->pe_mul[cv][pe]]));
    cJSON_AddNumberToObject(o, "issue_slots_used", fgpu_issue_share(stats, cv, cycles));
    cJSON_AddNumberToObject(o, "multipliers_busy", fgpu_busy_share(p, stats, cv, cycles));
    cJSON_AddItemToArray(list, o);
  }
}

bool fgpu_count_report(arena *mem, const fgpu_build *b, const target_images *in, cJSON **json, str *text, diag *d) {
  const fgpu_program *p = b->program;
  fgpu_counts r;
  if (!fgpu_count(mem, b, in, in->count, &r, d))
    return false;
  *json = target_result_json(FGPU_READER.name, p->model->net, "axgen's own, in C", in, r.values_compared, r.correct);
  cJSON_AddNumberToObject(*json, "compute_vectors", p->hw.cvs);
  cJSON_AddNumberToObject(*json, "cycles_per_image", (double)r.sum.cycles);
  cJSON_AddNumberToObject(*json, "lines_read", (double)r.sum.reads);
  cJSON_AddNumberToObject(*json, "lines_written", (double)r.sum.writes);
  fgpu_add_cvs(b, &r.sum, r.sum.cycles, *json);
  fgpu_print(p, b->cfg->mul_keys, r.stats, text);
  str_printf(text, "\nbit-exact: %zu image%s, %zu value%s of all layers equal to the reference (simulator in C)\n",
             in->count, plural(in->count), r.values_compared, plural(r.values_compared));
  if (in->data->labels)
    str_printf(text, "top-1 %.2f %% (%zu of %zu)\n", 100.0 * (double)r.correct / (double)in->count, r.correct,
               in->count);
  return true;
}
