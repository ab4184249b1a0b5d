// SPDX-License-Identifier: Apache-2.0
//
// fgpu: programs of that target: asm, disasm, run
#include "compiler/base/json.h"
#include "compiler/cli/session.h"
#include "compiler/target/fgpu/target.h"

#include <stdlib.h>
#include <string.h>

static bool run_program(session *s, const cli_options *o, diag *d) {
  target_images images = session_images(s);
  cJSON *json;
  str text = {0};
  if (s->cfg->target != &FGPU_READER)
    return diag_error(d, "%s: no `target: {kind: fgpu, ...}`, which this verb needs", s->cfg->file);
  bool ok = session_plan(s, d) && fgpu_count_report(s->mem, s->plan, &images, &json, &text, d) &&
            session_result(s, o, "fgpu-run.json", json, &text, d);
  str_free(&text);
  return ok;
}

static bool run(const cli_options *o, diag *d) {
  cli_options at = *o; // the config comes second
  at.args++;
  session s;
  if (!session_open(&s, &at, true, 1, d))
    return false;
  bool ok = run_program(&s, o, d);
  session_close(&s);
  return ok;
}

// {"file": ..., "instructions": [{"address": 0, "word": "0000002a", "assembly": "..."}, ...]}
static void print_json(arena *mem, FILE *out, const char *file, const fgpu_code *code) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "file", file);
  cJSON *list = cJSON_AddArrayToObject(json, "instructions");
  for (size_t i = 0; i < code->count; i++) {
    cJSON *o = cJSON_CreateObject();
    str line = {0};
    fgpu_disassemble(code->words[i], &line);
    cJSON_AddNumberToObject(o, "address", (double)i);
    cJSON_AddStringToObject(o, "word", arena_printf(mem, "%08x", code->words[i]));
    cJSON_AddStringToObject(o, "assembly", line.data);
    cJSON_AddItemToArray(list, o);
    str_free(&line);
  }
  fputs(json_text(mem, json), out);
}

static bool assemble(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  bytes text;
  fgpu_code code = {0};
  bool ok = file_read(mem, o->args[1], 1 << 24, &text, d) &&
            fgpu_assemble(mem, o->args[1], (const char *)text.data, &code, d);
  if (ok && o->json)
    print_json(mem, o->out, o->args[1], &code);
  for (size_t i = 0; ok && !o->json && i < code.count; i++)
    fprintf(o->out, "%08x\n", code.words[i]);
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
  if (ok && o->json)
    print_json(mem, o->out, o->args[1], &code);
  for (size_t i = 0; ok && !o->json && i < code.count; i++) {
    str line = {0};
    fgpu_disassemble(code.words[i], &line);
    fprintf(o->out, "%-32s ; %5zx %08x\n", line.data, i, code.words[i]);
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
