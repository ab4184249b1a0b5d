// SPDX-License-Identifier: Apache-2.0
//
// `assignment` of config.yaml: every weight of every layer gets exactly one multiplier.
#include "compiler/base/npy.h"
#include "compiler/config/config_parts.h"
#include "compiler/net/fit.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { UNASSIGNED = 0xff, MAX_RANK = 4 };

// What a layer may be assigned by.
typedef struct {
  const char *key;
  int rank; // ranges in a key; dimensions of a file
  const char *parts, *example; // of a key
  assignment_level as;
} level;
static const level LEVELS[] = {
    {"filters", 1, "filters", "0-59", ASSIGN_KERNEL},
    {"kernels", 2, "filters and input channels", "\"0-5,0\"", ASSIGN_KERNEL},
    {"weights", 4, "filters, input channels, kernel rows and kernel columns", "\"0-5,0,2,0-4\"", ASSIGN_WEIGHT},
};
static const char *const PARTS[MAX_RANK] = {"filter", "input channel", "kernel row", "kernel column"};

typedef struct {
  arena *mem;
  config *c;
  const net_node *node;
  const level *level;
  int size[MAX_RANK]; // filters, input channels; the kernel's rows and columns by weight, else 1 and 1
  size_t count;
  uint8_t *mul; // [count]
  diag *d;
} layer;

static bool fits(const layer *l, int which, src_pos pos) {
  const mul *m = l->c->muls[which]; // NULL: reported already
  return !m || net_check_fit(l->c->net, l->node, m, l->c->mul_keys[which], pos, l->d);
}

// The multiplier that a value names, or -1 after an error.
static int fitting_mul(const layer *l, const yaml *y) {
  int which = config_mul(l->c, y, l->d);
  return which >= 0 && fits(l, which, y->pos) ? which : -1;
}

// Where multiplier i stands: "filter 2, channel 0".
static const char *place(const layer *l, size_t i) {
  static const char *const names[MAX_RANK] = {"filter", "channel", "row", "column"};
  size_t at[MAX_RANK];
  for (int k = MAX_RANK - 1; k >= 0; i /= (size_t)l->size[k--])
    at[k] = i % (size_t)l->size[k];
  const char *text = "";
  for (int k = 0; k < l->level->rank; k++)
    text = arena_printf(l->mem, "%s%s%s %zu", text, k ? ", " : "", names[k], at[k]);
  return text;
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

// A range for each dimension; what the key does not name is whole.
static bool read_ranges(const layer *l, const yaml *entry, int range[MAX_RANK][2]) {
  const char *p = entry->key;
  for (int k = 0; k < MAX_RANK; k++) {
    range[k][0] = 0;
    range[k][1] = l->size[k] - 1;
    if (k >= l->level->rank)
      continue;
    if (k && *p++ != ',')
      return diag_at(l->d, entry->key_pos, "`%s`: expected %s, like %s", entry->key, l->level->parts,
                     l->level->example);
    p += k ? strspn(p, " ") : 0;
    if (!read_range(l, entry, &p, l->size[k], PARTS[k], range[k]))
      return false;
  }
  return !*p ||
         diag_at(l->d, entry->key_pos, "`%s`: unexpected `%s`; expected like %s", entry->key, p, l->level->example);
}

static bool set(const layer *l, const yaml *entry, size_t i, int which) {
  if (l->mul[i] != UNASSIGNED)
    return diag_at(l->d, entry->key_pos, "`%s`: %s of layer `%s` has a multiplier already", entry->key, place(l, i),
                   l->node->name);
  l->mul[i] = (uint8_t)which;
  return true;
}

// One entry, like "0-5,0": NAME.
static void read_entry(const layer *l, const yaml *entry) {
  int r[MAX_RANK][2];
  if (!read_ranges(l, entry, r))
    return;
  int which = fitting_mul(l, entry);
  if (which < 0)
    return;
  for (int f = r[0][0]; f <= r[0][1]; f++)
    for (int c = r[1][0]; c <= r[1][1]; c++)
      for (int y = r[2][0]; y <= r[2][1]; y++)
        for (int x = r[3][0]; x <= r[3][1]; x++) {
          int64_t row = ((int64_t)f * l->size[1] + c) * l->size[2] + y;
          if (!set(l, entry, (size_t)(row * l->size[3] + x), which))
            return;
        }
}

// A value of the file is a position in the list.
static bool assign_values(const layer *l, const char *path, const int *muls, int mul_count, diag *d) {
  npy n;
  int rank = l->level->rank;
  size_t size[MAX_RANK];
  for (int k = 0; k < MAX_RANK; k++)
    size[k] = (size_t)l->size[k];
  if (!npy_open(l->mem, path, &n, d))
    return false;
  if (n.rank != rank || memcmp(n.dims, size, (size_t)rank * sizeof *size) != 0)
    return diag_error(d, "%s: its shape is %s; expected %s, the %s of layer `%s`", path,
                      npy_list(l->mem, n.dims, n.rank), npy_list(l->mem, size, rank), l->level->parts, l->node->name);
  const uint8_t *values = npy_bytes(l->mem, &n, mul_count - 1, d);
  if (!values)
    return false;
  size_t each = l->count / n.count; // by filter a value is for all its kernels
  for (size_t i = 0; i < l->count; i++)
    l->mul[i] = (uint8_t)muls[values[i / each]];
  config_add_to_hash(l->mem, l->c, &n);
  return true;
}

static bool read_list(const layer *l, const yaml *list, int *muls) {
  if (!list || !yaml_is(list, YAML_LIST, l->d))
    return false;
  if (list->count < 1 || list->count > CONFIG_MAX_MULS)
    return diag_at(l->d, list->pos, "%d multipliers, expected 1 to %d", list->count, CONFIG_MAX_MULS);
  bool ok = true;
  for (const yaml *e = list->first; e; e = e->next, muls++) {
    *muls = fitting_mul(l, e);
    ok = ok && *muls >= 0;
  }
  return ok;
}

// {file: X.npy, multipliers: [E, L]}
static void read_file(const layer *l, const yaml *y) {
  static const char *const known[] = {"file", "multipliers", NULL};
  if (!yaml_keys(y, "an assignment in a file", known, l->d))
    return;
  const yaml *file = yaml_get(y, "file"), *list = yaml_need(y, "multipliers", l->d);
  int muls[CONFIG_MAX_MULS];
  bool listed = read_list(l, list, muls);
  const char *path = config_existing_file(l->mem, l->c, file, l->d);
  if (!listed || !path)
    return;
  diag inner = {0};
  if (!assign_values(l, path, muls, list->count, &inner))
    config_report(file, &inner, l->d);
  diag_free(&inner);
}

static void read_entries(const layer *l, const yaml *y) {
  if (y && y->kind != YAML_MAP)
    diag_at(l->d, y->pos, "expected {%s: NAME, ...} or {file: FILE.npy, multipliers: [NAME, ...]}", l->level->example);
  else if (y && yaml_get(y, "file"))
    read_file(l, y);
  else
    for (const yaml *e = y ? y->first : NULL; e; e = e->next)
      read_entry(l, e);
}

static void read_layer(const layer *l, const yaml *y, int *own_default, src_pos *default_pos) {
  static const char *const known[] = {"default", "filters", "kernels", "weights", NULL};
  const yaml *rest = y;
  if (y->kind != YAML_SCALAR) {
    if (!yaml_keys(y, "a layer's assignment", known, l->d))
      return;
    for (size_t i = 0; i < BASE_COUNT(LEVELS); i++) {
      const yaml *other = yaml_get(y, LEVELS[i].key);
      if (other && &LEVELS[i] != l->level)
        diag_at(l->d, other->key_pos, "a layer is assigned by `filters`, by `kernels` or by `weights`, not by several");
    }
    read_entries(l, yaml_get(y, l->level->key));
    rest = yaml_get(y, "default");
  }
  if (rest) {
    *own_default = config_mul(l->c, rest, l->d);
    *default_pos = rest->pos;
  }
}

// What has no multiplier gets the default, if there is one.
static void fill(const layer *l, int which, src_pos default_pos, src_pos layer_pos) {
  const uint8_t *first = memchr(l->mul, UNASSIGNED, l->count);
  if (!first)
    return;
  if (which < 0) {
    diag_at(l->d, layer_pos, "layer `%s`: %s has no multiplier; assign it, or give a `default`", l->node->name,
            place(l, (size_t)(first - l->mul)));
    return;
  }
  if (fits(l, which, default_pos))
    for (size_t i = 0; i < l->count; i++)
      if (l->mul[i] == UNASSIGNED)
        l->mul[i] = (uint8_t)which;
}

static const level *level_of(const yaml *y) {
  for (size_t i = 0; y && y->kind == YAML_MAP && i < BASE_COUNT(LEVELS); i++)
    if (yaml_get(y, LEVELS[i].key))
      return &LEVELS[i];
  return &LEVELS[0];
}

static layer start_layer(arena *mem, config *c, const net_node *n, const level *of, diag *d) {
  layer l = {.mem = mem, .c = c, .node = n, .level = of, .d = d};
  bool by_weight = l.level->rank == MAX_RANK;
  l.size[0] = n->shape.c;
  l.size[1] = net_input_shape(c->net, n).c / n->groups;
  l.size[2] = by_weight ? n->kh : 1;
  l.size[3] = by_weight ? n->kw : 1;
  l.count = 1;
  for (int k = 0; k < MAX_RANK; k++)
    l.count *= (size_t)l.size[k];
  l.mul = arena_alloc(mem, l.count);
  memset(l.mul, UNASSIGNED, l.count);
  return l;
}

static const yaml *positions_of(const yaml *y) { return y->kind == YAML_MAP ? yaml_get(y, "positions") : NULL; }

// The orders beside a layer's positions; false after an error.
static bool read_orders(const layer *l, int node, const yaml *y, diag *d) {
  config *c = l->c;
  const yaml *filters = yaml_get(y, "filters"), *channels = yaml_get(y, "channels");
  if (!filters && !channels)
    return true;
  if (l->node->groups > 1)
    return diag_at(d, (filters ? filters : channels)->key_pos,
                   "layer `%s` is grouped: its filters and channels keep their places; expected no `filters` or "
                   "`channels` here",
                   l->node->name);
  config_order o = {filters ? config_read_order(l->mem, c, filters, l->node->name, l->size[0], d) : NULL,
                    channels ? config_read_order(l->mem, c, channels, l->node->name, l->size[1], d) : NULL};
  if (!c->orders)
    c->orders = arena_new_array(l->mem, config_order, c->net->count);
  c->orders[node] = o;
  return (o.filters || !filters) && (o.channels || !channels);
}

// The slot of each filter or channel.
static int *slots_of(arena *mem, const int *order, int count) {
  int *slot = arena_new_array(mem, int, (size_t)count);
  for (int i = 0; i < count; i++)
    slot[order ? order[i] : i] = i;
  return slot;
}

// Each weight gets the value of its place; places are those of slots.
static void place_values(layer *l, int node, const int32_t *place, const uint8_t *values, const int *muls) {
  config *c = l->c;
  config_order o = c->orders ? c->orders[node] : (config_order){0};
  const int *filter = slots_of(l->mem, o.filters, l->size[0]), *channel = slots_of(l->mem, o.channels, l->size[1]);
  size_t kernel = (size_t)l->size[2] * (size_t)l->size[3], channels = (size_t)l->size[1];
  for (size_t i = 0; i < l->count; i++) {
    size_t f = i / kernel / channels, ch = i / kernel % channels;
    size_t at = ((size_t)filter[f] * channels + (size_t)channel[ch]) * kernel + i % kernel;
    l->mul[i] = (uint8_t)muls[values[place[at]]];
  }
  c->assign[node] = assignment_make(l->mem, c->net, l->node, l->level->as, l->mul);
}

// A value for each of the target's multipliers; NULL after an error.
static const uint8_t *position_values(const layer *l, const yaml *file, const int size[2], int most) {
  const char *path = config_existing_file(l->mem, l->c, file, l->d);
  if (!path)
    return NULL;
  diag inner = {0};
  npy n;
  size_t want[2] = {(size_t)size[0], (size_t)size[1]};
  const uint8_t *values = NULL;
  if (npy_open(l->mem, path, &n, &inner) && (n.rank != 2 || n.dims[0] != want[0] || n.dims[1] != want[1]))
    diag_error(&inner, "%s: its shape is %s; expected %s, the PEs and lanes of layer `%s`", path,
               npy_list(l->mem, n.dims, n.rank), npy_list(l->mem, want, 2), l->node->name);
  if (!inner.errors)
    values = npy_bytes(l->mem, &n, most, &inner);
  if (values)
    config_add_to_hash(l->mem, l->c, &n);
  else
    config_report(file, &inner, l->d);
  diag_free(&inner);
  return values;
}

// {positions: {file: X.npy, multipliers: [E, L], filters: [...], channels: [...]}}
static void read_positions(layer *l, int node, const yaml *e) {
  static const char *const alone[] = {"positions", NULL};
  static const char *const known[] = {"file", "multipliers", "filters", "channels", NULL};
  const yaml *y = positions_of(e);
  config *c = l->c;
  if (!c->target || !c->target->places) {
    diag_at(l->d, y->key_pos,
            "`positions` needs a target whose multipliers have fixed places: `target: {kind: dataflow}`");
    return;
  }
  if (!yaml_keys(e, "a layer assigned by positions", alone, l->d) || !yaml_is(y, YAML_MAP, l->d) ||
      !yaml_keys(y, "positions", known, l->d))
    return;
  const yaml *file = yaml_need(y, "file", l->d), *list = yaml_need(y, "multipliers", l->d);
  int muls[CONFIG_MAX_MULS], size[2];
  bool listed = read_list(l, list, muls), ordered = read_orders(l, node, y, l->d);
  if (!listed || !file)
    return;
  const int32_t *place = c->target->places(l->mem, c, node, size);
  const uint8_t *values = position_values(l, file, size, list->count - 1);
  if (values && ordered)
    place_values(l, node, place, values, muls);
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
    const yaml *e = yaml_get(y, n->name);
    if (e && positions_of(e))
      continue;
    layer l = start_layer(mem, c, n, level_of(e), d);
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
      c->assign[i] = assignment_make(mem, c->net, n, l.level->as, l.mul);
  }
}

void config_read_positions(arena *mem, config *c, const yaml *y, diag *d) {
  for (size_t i = 0; i < c->net->count; i++) {
    const net_node *n = &c->net->nodes[i];
    const yaml *e = net_multiplies(n) ? yaml_get(y, n->name) : NULL;
    if (!e || !positions_of(e))
      continue;
    layer l = start_layer(mem, c, n, &LEVELS[BASE_COUNT(LEVELS) - 1], d); // by weight
    read_positions(&l, (int)i, e);
  }
}
