// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/dataflow/load.h"

#include <stdlib.h>
#include <string.h>

void dataflow_emit_hex_word(const int64_t *fields, int count, int bits, str *out) {
  int digits = (int)div_ceil((int64_t)count * bits, 4);
  char *text = malloc((size_t)digits + 2);
  if (!text)
    abort();
  memset(text, 0, (size_t)digits + 1);
  for (int i = 0; i < count; i++)
    for (int b = 0; b < bits; b++) {
      int64_t at = (int64_t)i * bits + b;
      if (fields[i] >> b & 1)
        text[digits - 1 - at / 4] |= (char)(1 << (at % 4));
    }
  for (int i = 0; i < digits; i++)
    text[i] = "0123456789abcdef"[(int)text[i]];
  text[digits] = '\n';
  str_add_n(out, text, (size_t)digits + 1);
  free(text);
}

void stage_add_rom(const stage_roms *r, const char *what, str *text) {
  if (r->s->load) {
    load_add_words(text->data, r->words);
    str_free(text);
    return;
  }
  fileset_add_str(r->mem, r->out, arena_printf(r->mem, "rom/%s_%s.hex", r->s->id, what), text);
}

void stage_channel_rom(const stage_roms *r, const char *what, const int64_t *values, int lanes, int bits) {
  int64_t *word = arena_new_array(r->mem, int64_t, (size_t)lanes);
  str text = {0};
  for (int first = 0; first < r->s->out.c; first += lanes) {
    for (int i = 0; i < lanes; i++)
      word[i] = values[stage_channel(r->s->order, first + i)];
    dataflow_emit_hex_word(word, lanes, bits, &text);
  }
  stage_add_rom(r, what, &text);
}

const char *dataflow_emit_roms(arena *mem, const dataflow_design *design, fileset *out) {
  str words = {0};
  for (size_t i = 0; i < design->count; i++) {
    const stage_roms r = {mem, design, &design->stages[i], out, &words};
    if (STAGE_KINDS[r.s->kind].roms)
      STAGE_KINDS[r.s->kind].roms(&r);
  }
  const char *loaded = words.len ? arena_strdup(mem, words.data) : NULL;
  str_free(&words);
  return loaded;
}

void dataflow_emit_input_beats(const dataflow_design *design, const int32_t *codes, str *out) {
  const dataflow_image *s = &design->image;
  int plane = s->shape.h * s->shape.w, bits = dataflow_emit_input_bytes(design) * 8;
  int64_t *word = calloc((size_t)s->lanes, sizeof *word);
  if (!word)
    abort();
  for (int p = 0; p < plane; p++)
    for (int c = 0; c < s->shape.c; c += s->lanes) {
      str beat = {0};
      for (int i = 0; i < s->lanes; i++)
        word[i] = codes[(c + i) * plane + p];
      dataflow_emit_hex_word(word, s->lanes, s->bits, &beat);
      for (int have = (int)beat.len - 1; have < bits / 4; have++)
        str_add(out, "0");
      str_add(out, beat.data);
      str_free(&beat);
    }
  free(word);
}

void dataflow_emit_output_beats(arena *mem, const dataflow_design *design, const int32_t *values, str *out) {
  const dataflow_stage *s = dataflow_last(design);
  int plane = s->out.h * s->out.w;
  int64_t *word = arena_new_array(mem, int64_t, (size_t)s->out_lanes);
  for (int p = 0; p < plane; p++)
    for (int c = 0; c < s->out.c; c += s->out_lanes) {
      for (int i = 0; i < s->out_lanes; i++)
        word[i] = values[stage_channel(s->order, c + i) * plane + p];
      dataflow_emit_hex_word(word, s->out_lanes, 8 * dataflow_emit_value_bytes(design), out);
    }
}

int dataflow_emit_input_bytes(const dataflow_design *design) {
  return (int)div_ceil((int64_t)design->image.lanes * design->image.bits, 8);
}

int dataflow_emit_output_bytes(const dataflow_design *design) {
  return dataflow_last(design)->out_lanes * dataflow_emit_value_bytes(design);
}

int dataflow_emit_value_bytes(const dataflow_design *design) {
  return (int)div_ceil(dataflow_last(design)->out_bits, 8);
}
