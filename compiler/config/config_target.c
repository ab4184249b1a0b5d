// SPDX-License-Identifier: Apache-2.0
//
// `target` of config.yaml: what is built. Its other keys are read by the target itself.
#include "compiler/config/config_parts.h"
#include "genlib/scope.h"

#include <string.h>

int config_layer(const config *c, const yaml *entry, diag *d) {
  int node = net_find(c->net, entry->key);
  if (node >= 0 && net_multiplies(&c->net->nodes[node]))
    return node;
  arena *mem = arena_new();
  const char **names = arena_new_array(mem, const char *, c->net->count);
  size_t n = 0;
  for (size_t i = 0; i < c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]))
      names[n++] = c->net->nodes[i].name;
  if (node >= 0)
    diag_at(d, entry->key_pos, "layer `%s` (%s) multiplies nothing; layers that do: %s", entry->key,
            net_op_name(c->net->nodes[node].op), strchr(yaml_suggest(mem, "", names, n), ':') + 2);
  else
    diag_at(d, entry->key_pos, "no layer `%s` in this network%s", entry->key, yaml_suggest(mem, entry->key, names, n));
  arena_free(mem);
  return -1;
}

static void read_clock(config *c, const yaml *clock, diag *d) {
  double ns = c->clock_ns;
  enum { MOST = 1000000 };
  if (clock && yaml_real(clock, &ns, d) && !(ns > 0 && ns <= MOST))
    diag_at(d, clock->pos, "clock_ns: expected nanoseconds above 0 and at most %d, found `%.64s`", MOST, clock->text);
  c->clock_ns = ns;
}

// A name that needs no change to be an identifier, and no keyword; axgen_* and tb_* are modules of ours.
static void read_name(arena *mem, config *c, const yaml *y, diag *d) {
  const char *name;
  if (!y || !yaml_string(y, &name, d))
    return;
  if (strlen(name) > CONFIG_LONGEST_NAME || strcmp(scope_name(scope_new(mem), "%s", name), name) != 0)
    diag_at(d, y->pos,
            "name: expected a Verilog module's name (at most %d letters, digits and _, no digit first, no keyword, not "
            "axgen_* or tb_*), found `%.64s`",
            CONFIG_LONGEST_NAME, name);
  c->name = name;
}

static void unknown_target(const yaml *kind, const target_reader *const *targets, diag *d) {
  str names = {0};
  for (size_t i = 0; targets[i]; i++)
    str_printf(&names, "%s%s", !i ? "" : targets[i + 1] ? ", " : " or ", targets[i]->name);
  diag_at(d, kind->pos, "unknown target `%.64s`; expected %s", kind->text, names.data);
  str_free(&names);
}

void config_read_target(arena *mem, config *c, const yaml *y, const target_reader *const *targets, diag *d) {
  const char *name;
  if (!yaml_is(y, YAML_MAP, d))
    return;
  const yaml *kind = yaml_need(y, "kind", d);
  if (!kind || !yaml_string(kind, &name, d))
    return;
  size_t i = 0;
  while (targets[i] && strcmp(name, targets[i]->name) != 0)
    i++;
  if (!targets[i]) { // its other keys would be unknown too
    unknown_target(kind, targets, d);
    return;
  }
  c->target = targets[i];
  yaml_keys(y, arena_printf(mem, "the %s target", name), c->target->keys, d);
  for (const char *const *r = c->target->refused; r && *r; r += 2)
    if (yaml_get(y, r[0]))
      diag_note(d, "`%s`: %s", r[0], r[1]);
  read_clock(c, yaml_get(y, "clock_ns"), d);
  read_name(mem, c, yaml_get(y, "name"), d);
  c->target_options = c->target->read(mem, c, y, d);
}
