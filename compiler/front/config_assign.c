// SPDX-License-Identifier: Apache-2.0
//
// `multipliers` and `assignment` of config.yaml: every (filter, input channel) kernel gets exactly one multiplier.
#include "compiler/front/config_parts.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { UNASSIGNED = 0xff };

// A file rather than a name: a path, or one of the table formats.
static bool is_file(const char *name) {
  return strchr(name, '/') || str_ends_with(name, ".bin") || str_ends_with(name, ".h") || str_ends_with(name, ".txt") ||
         str_ends_with(name, ".v");
}

// mul_make's complaint, at the place of the name.
static void report_mul(const yaml *y, diag *inner, diag *d) {
  static const char prefix[] = "axgen: error: ";
  char *text = inner->text.data ? inner->text.data : "cannot make this multiplier";
  if (strncmp(text, prefix, strlen(prefix)) == 0)
    text += strlen(prefix);
  size_t first = strcspn(text, "\n");
  diag_at(d, y->pos, "%.*s", (int)first, text);
  if (text[first] && text[first + 1])
    str_add(&d->text, text + first + 1);
}

void config_read_muls(arena *mem, config *c, const yaml *y, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  if (y->count < 1 || y->count > CONFIG_MAX_MULS) {
    diag_at(d, y->pos, "%d multipliers, expected 1 to %d", y->count, CONFIG_MAX_MULS);
    return;
  }
  for (const yaml *e = y->first; e; e = e->next) {
    const char *name;
    size_t i = c->mul_count++;
    c->mul_keys[i] = e->key; // also when its name is wrong, so that uses of the key are not errors
    if (!yaml_string(e, &name, d))
      continue;
    diag inner = {0};
    c->muls[i] = mul_make(mem, is_file(name) ? path_beside(mem, c->file, name) : name, &inner);
    if (!c->muls[i])
      report_mul(e, &inner, d);
    diag_free(&inner);
  }
}

int config_mul(const config *c, const yaml *y, diag *d) {
  const char *key;
  if (!yaml_string(y, &key, d))
    return -1;
  for (size_t i = 0; i < c->mul_count; i++)
    if (strcmp(c->mul_keys[i], key) == 0)
      return (int)i;
  arena *mem = arena_new();
  diag_at(d, y->pos, "no `%.64s` in `multipliers`%s", key, yaml_suggest(mem, key, c->mul_keys, c->mul_count));
  arena_free(mem);
  return -1;
}

typedef struct {
  const config *c;
  const net_node *node;
  int filters, channels;
  uint8_t *kernel; // [filters][channels]
  diag *d;
} layer;

static const char *sign(bool is_signed) { return is_signed ? "signed" : "unsigned"; }

static bool fits(const layer *l, int which, src_pos pos) {
  const mul *m = l->c->muls[which];
  if (!m) // reported already
    return true;
  net_quant a = net_input_quant(l->c->net, l->node);
  const net_node *n = l->node;
  if (m->sig.a_bits == a.bits && m->sig.a_signed == a.is_signed && m->sig.b_bits == n->weight_bits &&
      m->sig.b_signed == n->weight_signed)
    return true;
  return diag_at(
      l->d, pos,
      "`%s` (%s) multiplies %s %d-bit activations by %s %d-bit weights; layer `%s` has %s %d-bit activations "
      "and %s %d-bit weights",
      l->c->mul_keys[which], m->name, sign(m->sig.a_signed), m->sig.a_bits, sign(m->sig.b_signed), m->sig.b_bits,
      n->name, sign(a.is_signed), a.bits, sign(n->weight_signed), n->weight_bits);
}

// "12" or "0-59", from *p on, within [0, count).
static bool read_range(const layer *l, const yaml *entry, const char **p, int count, const char *what, int out[2]) {
  src_pos pos = entry->key_pos;
  const char *start = *p;
  bool ok = true;
  for (int i = 0; i < 2; i++) {
    char *end;
    long long v = isdigit((unsigned char)**p) ? strtoll(*p, &end, 10) : -1;
    if (v < 0)
      return diag_at(l->d, pos, "`%s`: expected a %s number or a range like 0-%d", entry->key, what, count - 1);
    ok = ok && v < count;
    out[i] = v < count ? (int)v : count;
    *p = end;
    if (i == 0 && **p != '-') {
      out[1] = out[0];
      break;
    }
    if (i == 0)
      ++*p;
  }
  if (!ok)
    return diag_at(l->d, pos, "`%.*s`: layer `%s` has the %ss 0 to %d", (int)(*p - start), start, l->node->name, what,
                   count - 1);
  return out[0] <= out[1] || diag_at(l->d, pos, "`%.*s`: the range is empty", (int)(*p - start), start);
}

static bool set(const layer *l, const yaml *entry, int f, int ch, int which) {
  uint8_t *k = &l->kernel[(int64_t)f * l->channels + ch];
  if (*k != UNASSIGNED)
    return diag_at(l->d, entry->key_pos, "`%s`: filter %d%s of layer `%s` has a multiplier already", entry->key, f,
                   l->channels > 1 && strchr(entry->key, ',') ? arena_printf(l->c->net->mem, ", channel %d", ch) : "",
                   l->node->name);
  *k = (uint8_t)which;
  return true;
}

// One entry of `filters` ("0-59": KEY) or `kernels` ("0-5,0": KEY).
static void read_entry(const layer *l, const yaml *entry, bool kernels) {
  const char *p = entry->key;
  int f[2], ch[2] = {0, l->channels - 1};
  if (!read_range(l, entry, &p, l->filters, "filter", f))
    return;
  if (kernels && *p == ',') {
    p++;
    p += strspn(p, " ");
    if (!read_range(l, entry, &p, l->channels, "input channel", ch))
      return;
  } else if (kernels) {
    diag_at(l->d, entry->key_pos, "`%s`: expected filters and input channels, like \"0-5,0\"", entry->key);
    return;
  }
  if (*p) {
    diag_at(l->d, entry->key_pos, "`%s`: unexpected `%s`; expected %s", entry->key, p,
            kernels ? "like \"0-5,0\"" : "like 0-59");
    return;
  }
  int which = config_mul(l->c, entry, l->d);
  if (which < 0 || !fits(l, which, entry->pos))
    return;
  for (int i = f[0]; i <= f[1]; i++)
    for (int k = ch[0]; k <= ch[1]; k++)
      if (!set(l, entry, i, k, which))
        return;
}

static void read_layer(const layer *l, const yaml *y, int *own_default, src_pos *default_pos) {
  static const char *const known[] = {"default", "filters", "kernels", NULL};
  if (y->kind == YAML_SCALAR) {
    *own_default = config_mul(l->c, y, l->d);
    *default_pos = y->pos;
    return;
  }
  if (!yaml_keys(y, "a layer's assignment", known, l->d))
    return;
  const yaml *filters = yaml_get(y, "filters"), *kernels = yaml_get(y, "kernels"), *rest = yaml_get(y, "default");
  if (filters && kernels)
    diag_at(l->d, kernels->key_pos, "a layer is assigned by `filters` or by `kernels`, not both");
  const yaml *entries = filters ? filters : kernels;
  if (entries && yaml_is(entries, YAML_MAP, l->d))
    for (const yaml *e = entries->first; e; e = e->next)
      read_entry(l, e, !filters);
  if (rest) {
    *own_default = config_mul(l->c, rest, l->d);
    *default_pos = rest->pos;
  }
}

// Kernels without a multiplier get the default, if there is one.
static void fill(const layer *l, int which, src_pos default_pos, src_pos layer_pos) {
  int64_t kernels = (int64_t)l->filters * l->channels, first = 0;
  while (first < kernels && l->kernel[first] != UNASSIGNED)
    first++;
  if (first == kernels)
    return;
  if (which < 0) {
    diag_at(l->d, layer_pos, "layer `%s`: filter %lld has no multiplier; assign it, or give a `default`", l->node->name,
            (long long)(first / l->channels));
    return;
  }
  if (fits(l, which, default_pos))
    for (int64_t i = first; i < kernels; i++)
      if (l->kernel[i] == UNASSIGNED)
        l->kernel[i] = (uint8_t)which;
}

static void summarise(const layer *l, assignment *a) {
  a->kernel = l->kernel;
  a->uniform = a->by_filter = true;
  for (int f = 0; f < l->filters; f++)
    for (int ch = 0; ch < l->channels; ch++) {
      uint8_t k = l->kernel[f * (int64_t)l->channels + ch];
      a->uniform = a->uniform && k == l->kernel[0];
      a->by_filter = a->by_filter && k == l->kernel[f * (int64_t)l->channels];
    }
}

void config_read_assignment(arena *mem, config *c, const yaml *y, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  const yaml *rest = yaml_get(y, "default");
  int before = d->errors, fallback = rest ? config_mul(c, rest, d) : -1;
  for (const yaml *e = y->first; e; e = e->next)
    if (e != rest)
      config_layer(c, e, d);
  for (size_t i = 0; i < c->net->count; i++) {
    const net_node *n = &c->net->nodes[i];
    if (!net_multiplies(n))
      continue;
    layer l = {c, n, n->shape.c, net_input_shape(c->net, n).c / n->groups, NULL, d};
    size_t kernels = (size_t)l.filters * (size_t)l.channels;
    l.kernel = arena_alloc(mem, kernels);
    memset(l.kernel, UNASSIGNED, kernels);
    const yaml *e = yaml_get(y, n->name);
    int which = -1, errors = d->errors;
    src_pos pos = y->key_pos;
    if (e)
      read_layer(&l, e, &which, &pos);
    if (which < 0 && rest) {
      which = fallback;
      pos = rest->pos;
    }
    if (d->errors == errors && (which >= 0 || !rest))
      fill(&l, which, pos, e ? e->key_pos : y->key_pos);
    if (d->errors == before)
      summarise(&l, &c->assign[i]);
  }
}
