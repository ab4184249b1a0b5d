// SPDX-License-Identifier: Apache-2.0
//
// fgpu asm, disasm, run; and rtl and sim for configurations whose target is fgpu
#include "compiler/cli/session.h"
#include "compiler/target/fgpu/fgpu.h"
#include "compiler/tool/tool.h"

#include <stdlib.h>
#include <string.h>

_Static_assert((int)TARGET_CVS == (int)FGPU_MAX_CVS && (int)TARGET_PES == (int)FGPU_PES, "front.h and fgpu.h agree");

bool fgpu_target_plan(session *s, fgpu_program **out, diag *d) {
  const config *c = s->cfg;
  if (c->target != TARGET_FGPU)
    return diag_error(d, "%s: no `target: {kind: fgpu, ...}`, which this verb needs", c->file);
  const target_fgpu *f = &c->fgpu;
  fgpu_options opt = {.cvs = f->cvs,
                      .slots = f->slots,
                      .cache_lines = f->cache_lines,
                      .local_bytes = f->local_bytes,
                      .dot4 = f->dot4,
                      .lids = f->has_lids ? f->lids : NULL,
                      .area_cycles = f->area_cycles};
  return fgpu_plan(s->mem, &s->model, c->mul_count, &opt, out, d);
}

static const uint8_t *pixels_of(const session *s, size_t image) {
  return s->data.pixels + (s->first + image) * (size_t)net_shape_size(s->data.shape);
}

// ---- rtl ----------------------------------------------------------------------------------------------------------
bool fgpu_target_rtl(session *s, const cli_options *o, diag *d) {
  fgpu_program *p = NULL;
  fileset files = {0};
  const char *slash = strrchr(s->cfg->file, '/'), *name = slash ? slash + 1 : s->cfg->file;
  char *dir = path_join(s->mem, s->dir, "rtl");
  if (!fgpu_target_plan(s, &p, d) || !fgpu_emit(s->mem, p, name, &files, d) || !fileset_write(&files, dir, d))
    return false;
  if (o->json)
    fwrite(files.files[files.count - 1].data, 1, files.files[files.count - 1].size, stdout); // the manifest
  else {
    str text = {0};
    fgpu_print(p, s->cfg->mul_keys, NULL, &text);
    printf("%s\n%zu files in %s\n", text.data, files.count, dir);
    str_free(&text);
  }
  return true;
}

// ---- the C simulator ----------------------------------------------------------------------------------------------
typedef struct {
  fgpu_stats *stats; // [launch_count], of the first image
  fgpu_stats sum;
  size_t values_compared, correct;
} simulated;

static bool compare(const network *net, size_t image, int32_t *const *got, int32_t *const *want, simulated *r,
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

static size_t output_count(const session *s) {
  const network *net = s->cfg->net;
  return (size_t)net_shape_size(net->nodes[net->count - 1].shape);
}

static bool correct(const session *s, size_t image, const int32_t *logits) {
  return s->data.labels && infer_argmax(logits, (int)output_count(s)) == s->data.labels[s->first + image];
}

// Images [0, count), every value of every layer compared with the reference.
static bool simulate(session *s, const fgpu_program *p, size_t count, simulated *r, diag *d) {
  const network *net = s->cfg->net;
  int32_t **got = infer_buffers(s->mem, net), **want = infer_buffers(s->mem, net);
  *r = (simulated){.stats = arena_new_array(s->mem, fgpu_stats, p->launch_count)};
  for (size_t i = 0; i < count; i++) {
    if (interrupted())
      return diag_tool(d, "interrupted");
    infer_input_codes(net, pixels_of(s, i), got[0]);
    ref_run(&s->model, pixels_of(s, i), want);
    if (!fgpu_run(p, got, i ? NULL : r->stats, NULL, d) || !compare(net, s->first + i, got, want, r, d))
      return false;
    r->correct += correct(s, i, got[net->count - 1]);
  }
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
  return true;
}

// What a CV did in `cycles` cycles: shares of its issue slots and of its multipliers' cycles.
static double issue_share(const fgpu_stats *s, int cv, int64_t cycles) {
  return cycles ? 8.0 * (double)s->issued[cv] / (double)cycles : 0;
}
static double busy_share(const fgpu_program *p, const fgpu_stats *s, int cv, int64_t cycles) {
  return cycles ? (double)s->macs[cv] / ((double)cycles * FGPU_PES * fgpu_units(&p->hw)) : 0;
}

static cJSON *result_json(const session *s, const fgpu_program *p, const char *simulator, size_t values, size_t right) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "network", s->cfg->net->name);
  cJSON_AddStringToObject(json, "target", "fgpu");
  cJSON_AddStringToObject(json, "simulator", simulator);
  cJSON_AddBoolToObject(json, "bit_exact", true);
  cJSON_AddNumberToObject(json, "images", (double)s->images);
  cJSON_AddNumberToObject(json, "values_compared", (double)values);
  if (s->data.labels) {
    cJSON_AddNumberToObject(json, "correct", (double)right);
    cJSON_AddNumberToObject(json, "top1", (double)right / (double)s->images);
  }
  cJSON_AddNumberToObject(json, "compute_vectors", p->hw.cvs);
  return json;
}

static void add_cvs(const session *s, const fgpu_program *p, const fgpu_stats *stats, int64_t cycles, cJSON *json) {
  cJSON *list = cJSON_AddArrayToObject(json, "cvs");
  for (int cv = 0; cv < p->hw.cvs; cv++) {
    cJSON *o = cJSON_CreateObject(), *lids = cJSON_AddArrayToObject(o, "lids");
    for (int pe = 0; pe < FGPU_PES; pe++)
      cJSON_AddItemToArray(lids, cJSON_CreateString(s->cfg->mul_keys[p->lid_mul[cv][pe]]));
    cJSON_AddNumberToObject(o, "issue_slots_used", issue_share(stats, cv, cycles));
    cJSON_AddNumberToObject(o, "multipliers_busy", busy_share(p, stats, cv, cycles));
    cJSON_AddItemToArray(list, o);
  }
}

// ---- sim ----------------------------------------------------------------------------------------------------------
static void sim_text(const session *s, const fgpu_program *p, const fgpu_cosim *c, const simulated *iss, size_t right,
                     const fgpu_rtl_options *opt, str *out) {
  uint32_t stalls = opt->stalls;
  str_printf(out, "bit-exact: %zu images, %zu values equal to the reference (%s%s)\n", s->images, c->values_compared,
             c->rtl.simulator,
             !stalls    ? ""
             : opt->axi ? ", random stalls on all AXI channels"
                        : ", random stalls on the memory port");
  if (opt->axi)
    str_add(out, "  behind the AXI ports; reads and writes are counted on the AXI bus\n");
  str_add(out, "  all layers of the first image, launch by launch; the outputs of all images in one go\n");
  if (s->data.labels)
    str_printf(out, "top-1 of the hardware   %.2f %% (%zu of %zu)\n", 100.0 * (double)right / (double)s->images, right,
               s->images);
  str_printf(out, "cycles per image        %lld%s (simulator in C: %lld)\n", (long long)c->cycles,
             stalls ? " with the stalls" : "", (long long)iss->sum.cycles);
  str_printf(out, "memory port             %lld lines of %d bytes read, %lld written\n", (long long)c->reads, FGPU_LINE,
             (long long)c->writes);
  for (int cv = 0; cv < p->hw.cvs; cv++) {
    str_printf(out, "cv%d ", cv);
    for (int pe = 0; pe < FGPU_PES; pe++)
      str_printf(out, "%s%s", pe ? "," : "[", s->cfg->mul_keys[p->lid_mul[cv][pe]]);
    str_printf(out, "]   issues in %.1f %% of its slots, multipliers busy %.1f %%\n",
               100 * issue_share(&iss->sum, cv, c->cycles), 100 * busy_share(p, &iss->sum, cv, c->cycles));
  }
  str_printf(out, "\n%-24s %-16s %10s %12s\n", "launch", "kernel", "wavefronts", "cycles");
  for (size_t i = 0; i < p->launch_count; i++)
    str_printf(out, "%-24s %-16s %10u %12lld\n", p->launches[i].name, p->launches[i].kernel, p->launches[i].groups,
               (long long)c->launch_cycles[i]);
  str_printf(out, "built in %.1f s, ran %.1f s\n", c->rtl.build_seconds, c->rtl.run_seconds);
}

static cJSON *sim_json(const session *s, const fgpu_program *p, const fgpu_cosim *c, const simulated *iss, size_t right,
                       const fgpu_rtl_options *opt) {
  cJSON *json = result_json(s, p, c->rtl.simulator, c->values_compared, right);
  cJSON_AddNumberToObject(json, "stalls", opt->stalls);
  cJSON_AddBoolToObject(json, "axi", opt->axi);
  cJSON_AddNumberToObject(json, "cycles_per_image", (double)c->cycles);
  cJSON_AddNumberToObject(json, "predicted_cycles_per_image", (double)iss->sum.cycles);
  cJSON_AddNumberToObject(json, "lines_read", (double)c->reads);
  cJSON_AddNumberToObject(json, "lines_written", (double)c->writes);
  add_cvs(s, p, &iss->sum, c->cycles, json);
  cJSON *list = cJSON_AddArrayToObject(json, "launches");
  for (size_t i = 0; i < p->launch_count; i++) {
    cJSON *o = cJSON_CreateObject();
    cJSON_AddStringToObject(o, "name", p->launches[i].name);
    cJSON_AddStringToObject(o, "kernel", p->launches[i].kernel);
    cJSON_AddNumberToObject(o, "wavefronts", p->launches[i].groups);
    cJSON_AddNumberToObject(o, "cycles", (double)c->launch_cycles[i]);
    cJSON_AddItemToArray(list, o);
  }
  session_add_logits(json, c->logits, s->images, output_count(s));
  return json;
}

bool fgpu_target_sim(session *s, const cli_options *o, diag *d) {
  fgpu_program *p = NULL;
  simulated iss;
  fgpu_cosim c;
  char *dir = NULL;
  if (!fgpu_target_plan(s, &p, d) || !simulate(s, p, 1, &iss, d) || (o->keep && !tool_temp_dir(s->mem, &dir, d)))
    return false;
  const uint8_t **pixels = arena_new_array(s->mem, const uint8_t *, s->images);
  for (size_t i = 0; i < s->images; i++)
    pixels[i] = pixels_of(s, i);
  fgpu_rtl_options opt = {.icarus = o->icarus, .axi = o->axi, .stalls = (uint32_t)o->stalls, .dir = dir};
  bool ok = fgpu_simulate(s->mem, p, pixels, s->images, &opt, &c, d);
  if (dir) {
    tool_temp_keep(dir);
    fprintf(stderr, "the simulation is kept in %s\n", dir);
  }
  if (!ok)
    return false;
  size_t right = 0;
  for (size_t i = 0; i < s->images; i++)
    right += correct(s, i, c.logits + i * output_count(s));
  str text = {0};
  sim_text(s, p, &c, &iss, right, &opt, &text);
  ok =
      session_result(s, o, o->icarus ? "sim-icarus.json" : "sim.json", sim_json(s, p, &c, &iss, right, &opt), &text, d);
  str_free(&text);
  return ok;
}

// ---- fgpu ---------------------------------------------------------------------------------------------------------
static bool run(const cli_options *o, diag *d) {
  cli_options at = *o; // the config comes second
  at.args++;
  session s;
  if (!session_open(&s, &at, true, 1, d))
    return false;
  fgpu_program *p = NULL;
  simulated r;
  bool ok = fgpu_target_plan(&s, &p, d) && simulate(&s, p, s.images, &r, d);
  if (ok) {
    cJSON *json = result_json(&s, p, "axgen's own, in C", r.values_compared, r.correct);
    cJSON_AddNumberToObject(json, "cycles_per_image", (double)r.sum.cycles);
    cJSON_AddNumberToObject(json, "lines_read", (double)r.sum.reads);
    cJSON_AddNumberToObject(json, "lines_written", (double)r.sum.writes);
    add_cvs(&s, p, &r.sum, r.sum.cycles, json);
    str text = {0};
    fgpu_print(p, s.cfg->mul_keys, r.stats, &text);
    str_printf(&text, "\nbit-exact: %zu images, %zu values of all layers equal to the reference (simulator in C)\n",
               s.images, r.values_compared);
    if (s.data.labels)
      str_printf(&text, "top-1 %.2f %% (%zu of %zu)\n", 100.0 * (double)r.correct / (double)s.images, r.correct,
                 s.images);
    ok = session_result(&s, o, "fgpu-run.json", json, &text, d);
    str_free(&text);
  }
  session_close(&s);
  return ok;
}

static bool assemble(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  bytes text;
  fgpu_code code = {0};
  bool ok = file_read(mem, o->args[1], 1 << 24, &text, d) &&
            fgpu_assemble(mem, o->args[1], (const char *)text.data, &code, d);
  for (size_t i = 0; ok && i < code.count; i++)
    printf("%08x\n", code.words[i]);
  arena_free(mem);
  return ok;
}

// A line is a word, or an address of the host port and a word (program/host.txt): descriptors are passed over.
static bool read_words(arena *mem, const char *file, const char *text, fgpu_code *code, diag *d) {
  enum { PROGRAM = 0x40000, DESCRIPTORS = 0x80000 };
  int number = 1;
  for (const char *line = text; *line; number++) {
    unsigned long long v[2] = {0};
    int n = 0;
    const char *p = line;
    while (*p && *p != '\n') {
      size_t blank = strspn(p, " \t\r"), digits = strspn(p + blank, "0123456789abcdefABCDEF");
      p += blank;
      if (!*p || *p == '\n')
        break;
      if (!digits || digits > 8 || n == 2 || !strchr(" \t\r\n", p[digits]))
        return diag_at(d, (src_pos){file, number, (int)(p - line) + 1, text},
                       "expected a word of up to 8 hexadecimal digits on each line, perhaps with an address before it");
      v[n++] = strtoull(p, NULL, 16);
      p += digits;
    }
    if (n == 1 || (n == 2 && v[0] >= PROGRAM && v[0] < DESCRIPTORS))
      fgpu_code_add(mem, code, (uint32_t)v[n - 1]);
    line = *p ? p + 1 : p;
  }
  return true;
}

static bool disassemble(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  bytes text;
  fgpu_code code = {0};
  bool ok =
      file_read(mem, o->args[1], 1 << 24, &text, d) && read_words(mem, o->args[1], (const char *)text.data, &code, d);
  for (size_t i = 0; ok && i < code.count; i++) {
    str line = {0};
    fgpu_disassemble(code.words[i], &line);
    printf("%-32s ; %5zx %08x\n", line.data, i, code.words[i]);
    str_free(&line);
  }
  arena_free(mem);
  return ok;
}

bool verb_fgpu(const cli_options *o, diag *d) {
  static const struct {
    const char *name;
    bool (*run)(const cli_options *, diag *);
  } SUB[] = {{"asm", assemble}, {"disasm", disassemble}, {"run", run}};
  for (size_t i = 0; i < BASE_COUNT(SUB); i++)
    if (strcmp(o->args[0], SUB[i].name) == 0)
      return SUB[i].run(o, d);
  diag_error(d, "axgen fgpu: expected asm FILE, disasm FILE or run config.yaml");
  d->exit_code = EXIT_USAGE;
  return false;
}
