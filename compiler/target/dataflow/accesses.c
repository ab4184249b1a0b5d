// SPDX-License-Identifier: Apache-2.0
//
// How often an image reads and writes the memories of an accelerator: follows from the plan, whatever the image. Where
// nothing stalls, and but for the words that are fetched once after reset.
#include "compiler/target/dataflow/accesses.h"
#include "compiler/target/dataflow/feed.h"
#include "compiler/target/dataflow/load.h"

#include <string.h>

static int64_t pixels(const dataflow_stage *s) { return (int64_t)s->out.h * s->out.w; }

// Blocks of pixels that are computed together: each word of weights stays for one.
static int64_t blocks(const dataflow_stage *s) { return s->out.h * div_ceil(s->out.w, s->hold > 1 ? s->hold : 1); }

// Each word of a window is a read of every bank; each beat that comes is written into one.
static void line_buffer(const dataflow_stage *s, graph_memory *m) {
  int64_t words = s->kind == DATAFLOW_MVU ? s->cycles : pixels(s) * s->kh * s->kw * (s->in.c / s->wch);
  m->reads = words * m->count;
  m->writes = s->input_beats;
}

static void weights(const dataflow_stage *s, graph_memory *m) { m->reads = blocks(s) * s->nf * s->sf; }

static void bias(const dataflow_stage *s, graph_memory *m) { m->reads = blocks(s) * s->nf; }

static void factors(const dataflow_stage *s, graph_memory *m) {
  m->reads = pixels(s) * (s->by_pixel ? 1 : s->out.c / s->out_lanes);
}

// Read and written with each word of a window but those that begin a sum, or end one.
static void partial_sums(const dataflow_stage *s, graph_memory *m) {
  m->reads = m->writes = s->cycles - pixels(s) * s->nf;
}

static void results(const dataflow_stage *s, graph_memory *m) { m->reads = m->writes = pixels(s) * s->nf; }

// Of pooling: a sum or maximum is read with each beat, and written with each of a window that does not end it.
static void row(const dataflow_stage *s, graph_memory *m) {
  m->reads = s->input_beats;
  m->writes = pixels(s) * (s->kh * s->kw - 1) * (s->in.c / s->wch);
}

static const struct {
  const char *memory; // as the stages describe it
  void (*count)(const dataflow_stage *s, graph_memory *m);
} KINDS[] = {{"line buffer", line_buffer},
             {"weights", weights},
             {"bias", bias},
             {"mult", factors},
             {"partial sums", partial_sums},
             {"results of held pixels", results},
             {"row", row}};

// Every beat of the stream that leaves it was written and read.
static bool count_fifo(const graph *g, graph_memory *m) {
  for (size_t i = 0; i < g->stream_count; i++)
    if (g->streams[i]->from.instance == m->instance && g->streams[i]->entry) {
      m->reads = m->writes = graph_beats(g->streams[i]);
      return true;
    }
  return false;
}

static bool count_layer(const dataflow_stage *s, graph_memory *m) {
  for (size_t i = 0; i < BASE_COUNT(KINDS); i++)
    if (strcmp(m->name, KINDS[i].memory) == 0) {
      KINDS[i].count(s, m);
      return true;
    }
  return false;
}

// The stage of a part; NULL: it is what comes before the layers, or what lies between them.
static const dataflow_stage *stage_of(const dataflow_design *design, const graph *g, size_t part) {
  size_t before = g->part_count - 1 - design->count;
  return part >= before && part - before < design->count ? &design->stages[part - before] : NULL;
}

void accesses_count(const dataflow_design *design, graph *g) {
  for (size_t i = 0; i < g->memory_count; i++) {
    graph_memory *m = &g->memories[i];
    const dataflow_stage *s = stage_of(design, g, g->instances[m->instance].part);
    m->counted = count_fifo(g, m) || (s && count_layer(s, m));
  }
}

// Words that are loaded lie in memories of as many bits as a word of the load has (axgen_store).
static bool is_loaded(const dataflow_design *design, const graph *g, const graph_memory *m) {
  const dataflow_stage *s = stage_of(design, g, g->instances[m->instance].part);
  return m->role == SYNTH_RAM && s && s->load && !m->writes;
}

static int64_t lane_bits(const graph_memory *m, bool loaded, int64_t at) {
  return loaded && m->width - at > LOAD_WORD ? LOAD_WORD : m->width - at;
}

void accesses_of(arena *mem, const dataflow_design *design, const graph *g, memories_accesses *out) {
  *out = (memories_accesses){0};
  for (size_t i = 0; i < design->count; i++)
    if (design->stages[i].stream)
      out->external_bytes += (double)feed_image_bytes(&design->stages[i]);
  for (size_t i = 0; i < g->memory_count; i++) {
    const graph_memory *m = &g->memories[i];
    bool loaded = is_loaded(design, g, m);
    for (int64_t at = 0, bits; m->counted && at < m->width; at += bits) {
      bits = lane_bits(m, loaded, at);
      memories_add(mem, out,
                   (memories_access){g->instances[m->instance].part, m->role, bits, m->depth, (double)m->reads,
                                     (double)m->writes});
    }
  }
}

void accesses_memories(arena *mem, const dataflow_design *design, const graph *g, cost_counts *out) {
  for (size_t i = 0; i < g->memory_count; i++) {
    const graph_memory *m = &g->memories[i];
    bool loaded = is_loaded(design, g, m);
    for (int64_t at = 0, bits; at < m->width; at += bits) {
      bits = lane_bits(m, loaded, at);
      cost_add_memory(mem, out, g->instances[m->instance].part, (synth_memory){m->role, bits, m->depth, m->count});
    }
  }
}
