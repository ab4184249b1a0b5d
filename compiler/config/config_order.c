// SPDX-License-Identifier: Apache-2.0
//
// An order of filters or channels: a list, or a file of one. Each number once.
#include "compiler/config/config_parts.h"

#include <string.h>

typedef struct {
  arena *mem;
  const yaml *y; // its key says of what: "filters" or "channels"
  const char *layer;
  int count;
} order;

void config_add_to_hash(arena *mem, config *c, const npy *n) {
  const char *own = hash_hex(mem, n->data, n->count * (size_t)n->width);
  const char *both = arena_printf(mem, "%s%s", c->text_hash, own);
  c->text_hash = hash_hex(mem, both, strlen(both));
}

static const char *expected(const order *o) {
  return arena_printf(o->mem, "expected each of the %s 0 to %d of layer `%s` once", o->y->key, o->count - 1, o->layer);
}

static const int *from_list(const order *o, diag *d) {
  int *out = arena_new_array(o->mem, int, (size_t)o->count), at = 0;
  bool *seen = arena_new_array(o->mem, bool, (size_t)o->count);
  if (o->y->count != o->count) {
    diag_at(d, o->y->pos, "%s: found %d number%s; %s", o->y->key, o->y->count, plural((size_t)o->y->count),
            expected(o));
    return NULL;
  }
  bool ok = true;
  for (const yaml *e = o->y->first; e; e = e->next, at++) {
    int32_t v;
    if (!yaml_int32(e, 0, o->count - 1, &v, d))
      ok = false;
    else if (seen[v])
      ok = diag_at(d, e->pos, "%s: %d stands here again; %s", o->y->key, v, expected(o));
    else
      seen[out[at] = v] = true;
  }
  return ok ? out : NULL;
}

static const int *from_values(const order *o, const char *path, npy *n, diag *d) {
  bool *seen = arena_new_array(o->mem, bool, (size_t)o->count);
  if (!npy_open(o->mem, path, n, d))
    return NULL;
  if (n->rank != 1 || n->count != (size_t)o->count) {
    diag_error(d, "%s: its shape is %s; expected [%d], the %s of layer `%s`", path, npy_list(o->mem, n->dims, n->rank),
               o->count, o->y->key, o->layer);
    return NULL;
  }
  const int32_t *out = npy_ints(o->mem, n, 0, o->count - 1, d);
  for (int i = 0; out && i < o->count; i++) {
    if (seen[out[i]]) {
      diag_error(d, "%s: element [%d] is %d, which stands before it; %s", path, i, out[i], expected(o));
      return NULL;
    }
    seen[out[i]] = true;
  }
  return out;
}

static const int *from_file(const order *o, config *c, diag *d) {
  const char *path = config_existing_file(o->mem, c, o->y, d);
  if (!path)
    return NULL;
  diag inner = {0};
  npy n;
  const int *out = from_values(o, path, &n, &inner);
  if (out)
    config_add_to_hash(o->mem, c, &n);
  else
    config_report(o->y, &inner, d);
  diag_free(&inner);
  return out;
}

const int *config_read_order(arena *mem, config *c, const yaml *y, const char *layer, int count, diag *d) {
  order o = {mem, y, layer, count};
  if (y->kind == YAML_LIST)
    return from_list(&o, d);
  if (y->kind == YAML_SCALAR)
    return from_file(&o, c, d);
  diag_at(d, y->pos, "%s: expected a list of numbers or a .npy file; %s", y->key, expected(&o));
  return NULL;
}
