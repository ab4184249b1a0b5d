// SPDX-License-Identifier: Apache-2.0
//
// Every stream of the simulated accelerator against the reference interpreter.
#include "compiler/target/dataflow/cosim_internal.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool dataflow_beats_open(dataflow_beat_reader *r, const char *path, diag *d) {
  *r = (dataflow_beat_reader){.file = fopen(path, "r"), .path = path};
  return r->file || diag_tool(d, "%s: the simulation left no such file: %s", path, strerror(errno));
}

void dataflow_beats_close(dataflow_beat_reader *r) {
  if (r->file)
    fclose(r->file);
  free(r->line);
  *r = (dataflow_beat_reader){0};
}

static int digit(char c) {
  return c >= '0' && c <= '9'   ? c - '0'
         : c >= 'a' && c <= 'f' ? c - 'a' + 10
         : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                : -1;
}

bool dataflow_beats_next(dataflow_beat_reader *r, int lanes, int bits, bool is_signed, int32_t *values) {
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

static int64_t count_beats(const char *path, diag *d) {
  dataflow_beat_reader r;
  if (!dataflow_beats_open(&r, path, d))
    return -1;
  int64_t beats = 0;
  while (getline(&r.line, &r.cap, r.file) > 0)
    beats++;
  dataflow_beats_close(&r);
  return beats;
}

// Streams before the one that stands still wait for it, those behind it for its beats: it is the first that lacks beats
// and does not wait.
static const graph_stream *standing(const graph *g, const char *stuck, size_t count) {
  const graph_stream *s, *last = NULL;
  const char *complete = stuck + count - 1, *blocked = complete + 1 + count; // of the first stream
  for (size_t i = 0, n = 0; (s = graph_next_traced(g, &i)); n++, last = s)
    if (!s->branch && complete[-(ptrdiff_t)n] != '1' && blocked[-(ptrdiff_t)n] != '1')
      return s;
  return last; // every stream has given all, or waits: the last one's receiver
}

bool dataflow_sim_stuck(arena *mem, const dataflow_design *design, const graph *g, const char *dir, const char *stuck,
                        size_t first_image, int64_t limit, diag *d) {
  static const char LEAD[] = "stuck ";
  size_t count = graph_traced_count(g), fields = strlen(LEAD) + 2 * count + 1;
  if (!stuck || strncmp(stuck, LEAD, strlen(LEAD)) != 0 || strlen(stuck) != fields)
    return diag_check(d, "the simulation stands still: no image was finished in %lld cycle%s", (long long)limit,
                      plural((size_t)limit));
  const graph_stream *s = standing(g, stuck + strlen(LEAD), count);
  int64_t beats = count_beats(path_join(mem, dir, graph_trace_file(mem, s)), d), each = graph_beats(s);
  if (beats < 0)
    return false;
  int64_t first = beats % each * s->lanes, pixel = first / s->shape.c; // what the next beat should have carried
  return diag_check(d,
                    "layer %s stands still: its beat %lld of image %lld (row %lld, column %lld, channels from %lld on) "
                    "did not come, and no image was finished in %lld cycle%s",
                    design->cfg->net->nodes[s->node].name, (long long)(beats % each),
                    (long long)first_image + beats / each, (long long)(pixel / s->shape.w),
                    (long long)(pixel % s->shape.w), (long long)(first % s->shape.c), (long long)limit,
                    plural((size_t)limit));
}

// A file of beats that is compared: a stream of the graph, or the accelerator's output as the testbench saw it.
typedef struct {
  const graph_stream *s;
  const char *layer;
  int bits; // of a value in the file
  dataflow_beat_reader reader;
} stream_file;

// One image of one stream.
static bool compare_stream(stream_file *f, const int32_t *expected, size_t image, dataflow_sim_result *out,
                           int32_t *beat, int32_t *got, diag *d) {
  const graph_stream *s = f->s;
  int plane = s->shape.h * s->shape.w;
  for (int p = 0; p < plane; p++)
    for (int c = 0; c < s->shape.c; c += s->lanes) {
      bool read = dataflow_beats_next(&f->reader, s->lanes, f->bits, s->is_signed, beat);
      for (int i = 0; i < s->lanes; i++) {
        int ch = s->order ? s->order[c + i] : c + i, y = p / s->shape.w, x = p % s->shape.w;
        int32_t want = expected[ch * plane + p];
        if (!read)
          return diag_check(d,
                            "image %zu, layer %s, channel %d, row %d, column %d: the hardware gave no defined value, "
                            "the reference %d",
                            image, f->layer, ch, y, x, want);
        if (beat[i] != want)
          return diag_check(d,
                            "image %zu, layer %s, channel %d, row %d, column %d: the hardware gave %d, the reference "
                            "%d",
                            image, f->layer, ch, y, x, beat[i], want);
        got[ch * plane + p] = beat[i];
        out->values_compared++;
      }
    }
  return true;
}

// All streams that were written down, and last the output; opens them.
static bool open_streams(arena *mem, const dataflow_design *design, const graph *g, const char *dir, stream_file *files,
                         diag *d) {
  const graph_stream *s;
  size_t n = 0;
  bool ok = true;
  for (size_t i = 0; (s = graph_next_traced(g, &i)); n++) {
    const char *layer = design->cfg->net->nodes[s->node].name;
    files[n] = (stream_file){.s = s,
                             .layer = s->branch ? arena_printf(mem, "%s on its way to %s", layer, s->branch) : layer,
                             .bits = s->bits};
    ok = ok && dataflow_beats_open(&files[n].reader, path_join(mem, dir, graph_trace_file(mem, s)), d);
  }
  s = graph_result(g);
  files[n] = (stream_file){
      .s = s, .layer = design->cfg->net->nodes[s->node].name, .bits = 8 * dataflow_emit_value_bytes(design)};
  return ok && dataflow_beats_open(&files[n].reader, path_join(mem, dir, "output.hex"), d);
}

bool dataflow_sim_compare(arena *mem, const dataflow_design *design, const graph *g, const dataset *data,
                          const dataflow_sim_options *opt, const char *dir, dataflow_sim_result *out, diag *d) {
  size_t count = graph_traced_count(g) + 1;
  stream_file *files = arena_new_array(mem, stream_file, count);
  bool ok = open_streams(mem, design, g, dir, files, d);
  int64_t most = 0;
  for (size_t i = 0; ok && i < count; i++)
    most = net_shape_size(files[i].s->shape) > most ? net_shape_size(files[i].s->shape) : most;
  int32_t **values = infer_buffers(mem, design->cfg->net);
  int32_t *beat = arena_new_array(mem, int32_t, (size_t)most), *got = arena_new_array(mem, int32_t, (size_t)most);
  size_t pixels = (size_t)net_shape_size(data->shape);
  out->outputs = (size_t)net_shape_size(graph_result(g)->shape);
  int32_t *logits = arena_new_array(mem, int32_t, opt->images * out->outputs);
  out->logits = logits;
  for (size_t n = 0; ok && n < opt->images; n++) {
    size_t image = opt->first + n;
    ref_run(design->model, data->pixels + image * pixels, values);
    for (size_t i = 0; ok && i < count; i++)
      ok = compare_stream(&files[i], values[files[i].s->node], image, out, beat, got, d);
    if (ok && data->labels)
      out->correct += infer_argmax(got, (int)out->outputs) == data->labels[image];
    memcpy(logits + n * out->outputs, got, out->outputs * sizeof *got);
    out->images += ok;
    if (interrupted())
      ok = diag_tool(d, "interrupted");
  }
  for (size_t i = 0; ok && i < count; i++)
    if (getline(&files[i].reader.line, &files[i].reader.cap, files[i].reader.file) > 0)
      ok = diag_check(d, "%s: more values than %zu image%s would give", files[i].reader.path, opt->images,
                      plural(opt->images));
  for (size_t i = 0; i < count; i++)
    dataflow_beats_close(&files[i].reader);
  return ok;
}

bool dataflow_sim_fill(arena *mem, const dataflow_design *design, const graph *g, const char *dir,
                       dataflow_sim_result *out, diag *d) {
  const graph_stream *s;
  size_t count = 0;
  for (size_t i = 0; graph_next_watched(g, &i);)
    count++;
  dataflow_sim_fifo *fifos = arena_new_array(mem, dataflow_sim_fifo, count);
  for (size_t i = 0, n = 0; (s = graph_next_watched(g, &i)); n++) {
    bytes text;
    if (!file_read(mem, path_join(mem, dir, graph_watch_file(mem, s)), 1 << 28, &text, d))
      return diag_blame(d, "the simulator");
    fifos[n] = (dataflow_sim_fifo){design->cfg->net->nodes[s->node].name, s->branch, s->depth, 0};
    for (char *line = strtok((char *)text.data, "\n"); line; line = strtok(NULL, "\n"))
      fifos[n].most = strtoll(line, NULL, 10);
  }
  for (size_t n = 0; n < count && out->fifos; n++) // of two runs
    fifos[n].most = fifos[n].most > out->fifos[n].most ? fifos[n].most : out->fifos[n].most;
  out->fifos = fifos;
  out->fifo_count = count;
  return true;
}
