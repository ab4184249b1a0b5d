// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/cli/verb_cost_table.h"
#include "compiler/cli/session.h"

static bool predict(session *s, cost_estimate *out, diag *d) {
  cost_counts *counts = arena_new_object(s->mem, cost_counts);
  const memory_model *memories = s->cfg->memories ? s->cfg->memories : config_memories(s->mem, NULL, d);
  if (!memories || !session_plan(s, d) || !s->target->cost(s->mem, s->plan, counts, d))
    return false;
  cost_predict(s->mem, s->cfg, counts, memories, out);
  return true;
}

static bool print_one(session *s, const cli_options *o, diag *d) {
  cost_estimate estimate;
  if (!predict(s, &estimate, d))
    return false;
  str text = {0};
  cost_text(&estimate, &text);
  bool ok = session_result(s, o, "cost.json", cost_json(&estimate), &text, d);
  str_free(&text);
  return ok;
}

// A line of the table, in `mem`.
static bool add_line(arena *mem, const cli_options *o, const char *path, cost_table *table, diag *d) {
  session s;
  cli_options one = *o;
  one.args = &path;
  if (!session_open(&s, &one, false, 0, d))
    return false;
  cost_estimate estimate;
  bool ok =
      predict(&s, &estimate, d) && verb_cost_table_add(mem, table, path, s.cfg->target->name, &estimate, s.dir, d);
  session_close(&s);
  return ok;
}

static bool print_several(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  cost_table table = {0};
  bool ok = true;
  for (int i = 0; i < o->arg_count && ok; i++)
    ok = add_line(mem, o, o->args[i], &table, d);
  str text = {0}, svg = {0};
  if (ok && o->json)
    str_add(&text, json_text(mem, verb_cost_table_json(&table)));
  else if (ok)
    verb_cost_table_text(&table, &text);
  if (ok && o->svg) {
    verb_cost_table_svg(mem, &table, &svg);
    ok = file_write(o->svg, svg.data, svg.len, d);
  }
  if (ok)
    cli_print(o->out, text.data);
  str_free(&text);
  str_free(&svg);
  arena_free(mem);
  return ok;
}

bool verb_cost(const cli_options *o, diag *d) {
  session s;
  if (o->arg_count > 1 || o->svg)
    return print_several(o, d);
  if (!session_open(&s, o, false, 0, d))
    return false;
  bool ok = print_one(&s, o, d);
  session_close(&s);
  return ok;
}
