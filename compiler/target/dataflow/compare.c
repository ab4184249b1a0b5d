// SPDX-License-Identifier: Apache-2.0
//
// Every stream of the simulated accelerator against the reference interpreter.
#include "compiler/target/dataflow/cosim_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool beats_open(beat_reader *r, const char *path, diag *d) {
  *r = (beat_reader){.file = fopen(path, "r"), .path = path};
  return r->file || diag_tool(d, "%s: the simulation left no such file: %s", path, strerror(errno));
}

void beats_close(beat_reader *r) {
  if (r->file)
    fclose(r->file);
  free(r->line);
  *r = (beat_reader){0};
}

static int digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool beats_next(beat_reader *r, int lanes, int bits, bool is_signed, int32_t *values) {
  ssize_t n = getline(&r->line, &r->cap, r->file);
  while (n > 0 && (r->line[n - 1] == '\n' || r->line[n - 1] == '\r'))
    n--;
  if (n <= 0)
    return false;
  for (int i = 0; i < lanes; i++) {
    uint64_t field = 0;
    for (int b = 0; b < bits; b++) {
      int64_t at = (int64_t)i * bits + b;
      int v = at / 4 < n ? digit(r->line[n - 1 - at / 4]) : 0;
      if (v < 0)
        return false;
      field |= (uint64_t)(v >> (at % 4) & 1) << b;
    }
    bool negative = is_signed && (field >> (bits - 1) & 1);
    values[i] = (int32_t)((int64_t)field - (negative ? (int64_t)1 << bits : 0));
  }
  return true;
}

static const char *trace_file(arena *mem, const hw_stage *s) { return arena_printf(mem, "trace/%s.hex", s->id); }

static int64_t count_beats(const char *path, diag *d) {
  beat_reader r;
  if (!beats_open(&r, path, d))
    return -1;
  int64_t beats = 0;
  while (getline(&r.line, &r.cap, r.file) > 0)
    beats++;
  beats_close(&r);
  return beats;
}

// Stages before the one that stands still wait for it, those behind it for its beats: it is the first that lacks beats
// and does not wait.
bool sim_stuck(arena *mem, const hw_design *design, const char *dir, const char *stuck, size_t first_image,
               int64_t limit, diag *d) {
  size_t count = design->count, fields = strlen("stuck ") + 2 * count + 1;
  if (!stuck || strncmp(stuck, "stuck ", 6) != 0 || strlen(stuck) != fields)
    return diag_check(d, "the simulation stands still: no image was finished in %lld cycles", (long long)limit);
  size_t at = count - 1; // where every stage has given all, or waits: the last one's receiver
  for (size_t i = count; i-- > 0;)
    if (stuck[fields - count - 2 - i] != '1' && stuck[fields - 1 - i] != '1')
      at = i;
  const hw_stage *s = &design->stages[at];
  int64_t beats = count_beats(path_join(mem, dir, trace_file(mem, s)), d), each = hw_output_beats(s);
  if (beats < 0)
    return false;
  int64_t first = beats % each * s->out_lanes, pixel = first / s->out.c; // what the next beat should have carried
  return diag_check(d,
                    "layer %s stands still: its beat %lld of image %lld (row %lld, column %lld, channels from %lld on) "
                    "did not come, and no image was finished in %lld cycles",
                    s->name, (long long)(beats % each), (long long)first_image + beats / each,
                    (long long)(pixel / s->out.w), (long long)(pixel % s->out.w), (long long)(first % s->out.c),
                    (long long)limit);
}

// One image of one stream, whose values have `bits` bits.
static bool compare_stage(const hw_stage *s, int bits, beat_reader *r, const int32_t *expected, size_t image,
                          sim_result *out, int32_t *beat, int32_t *got, diag *d) {
  int plane = s->out.h * s->out.w;
  for (int p = 0; p < plane; p++)
    for (int c = 0; c < s->out.c; c += s->out_lanes) {
      bool read = beats_next(r, s->out_lanes, bits, s->out_signed, beat);
      for (int i = 0; i < s->out_lanes; i++) {
        int ch = s->order ? s->order[c + i] : c + i, y = p / s->out.w, x = p % s->out.w;
        int32_t want = expected[ch * plane + p];
        if (!read)
          return diag_check(d,
                            "image %zu, layer %s, channel %d, row %d, column %d: the hardware gave no defined value, "
                            "the reference %d",
                            image, s->name, ch, y, x, want);
        if (beat[i] != want)
          return diag_check(d,
                            "image %zu, layer %s, channel %d, row %d, column %d: the hardware gave %d, the reference "
                            "%d",
                            image, s->name, ch, y, x, beat[i], want);
        got[ch * plane + p] = beat[i];
        out->values_compared++;
      }
    }
  return true;
}

bool sim_compare(arena *mem, const hw_design *design, const dataset *data, const sim_options *opt, const char *dir,
                 sim_result *out, diag *d) {
  size_t streams = design->count + 1; // every layer's stream, and the accelerator's output as the testbench saw it
  beat_reader *readers = arena_new_array(mem, beat_reader, streams);
  bool ok = true;
  int64_t most = 0;
  for (size_t i = 0; ok && i < streams; i++) {
    const char *name = i < design->count ? trace_file(mem, &design->stages[i]) : "output.hex";
    ok = beats_open(&readers[i], path_join(mem, dir, name), d);
    int64_t size = i < design->count ? net_shape_size(design->stages[i].out) : 0;
    most = size > most ? size : most;
  }
  int32_t **values = infer_buffers(mem, design->cfg->net);
  int32_t *beat = arena_new_array(mem, int32_t, (size_t)most), *got = arena_new_array(mem, int32_t, (size_t)most);
  const hw_stage *last = &design->stages[design->count - 1];
  size_t pixels = (size_t)net_shape_size(data->shape);
  out->outputs = (size_t)net_shape_size(last->out);
  int32_t *logits = arena_new_array(mem, int32_t, opt->images * out->outputs);
  out->logits = logits;
  for (size_t n = 0; ok && n < opt->images; n++) {
    size_t image = opt->first + n;
    ref_run(design->model, data->pixels + image * pixels, values);
    for (size_t i = 0; ok && i < streams; i++) {
      const hw_stage *s = i < design->count ? &design->stages[i] : last;
      int bits = i < design->count ? s->out_bits : 8 * emit_value_bytes(design);
      ok = compare_stage(s, bits, &readers[i], values[s->node], image, out, beat, got, d);
    }
    if (ok && data->labels)
      out->correct += infer_argmax(got, (int)net_shape_size(last->out)) == data->labels[image];
    memcpy(logits + n * out->outputs, got, out->outputs * sizeof *got);
    out->images += ok;
    if (interrupted())
      ok = diag_tool(d, "interrupted");
  }
  for (size_t i = 0; ok && i < streams; i++)
    if (getline(&readers[i].line, &readers[i].cap, readers[i].file) > 0)
      ok = diag_check(d, "%s: more values than %zu image%s would give", readers[i].path, opt->images,
                      plural(opt->images));
  for (size_t i = 0; i < streams; i++)
    beats_close(&readers[i]);
  return ok;
}
