// SPDX-License-Identifier: Apache-2.0
//
// The keys of `target: {kind: dataflow, ...}`: each layer's folding, register slices, where weights lie.
#include "compiler/config/reader.h"
#include "compiler/target/dataflow/fold.h"

#include <string.h>

// What is no integer, or one of more than 18 digits, is refused with its range alone.
static bool is_integer(const yaml *y) {
  int64_t v;
  return y->kind == YAML_SCALAR && !y->quoted && whole_text(y->text, 10, 1, INT64_MAX, &v, NULL);
}

// A value that the number may have, or an error that lists them.
static void read_number(const config *c, const yaml *y, const net_node *n, fold_number which, int *out, src_pos *pos,
                        diag *d) {
  static const char *const OF[] = {"filters", "multiplications of one output"};
  enum { SHOWN = 48 };
  int64_t v;
  if (!y)
    return;
  *pos = y->pos;
  int most = which == FOLD_PE ? n->shape.c : (int)net_reduction(c->net, n);
  if (!yaml_int(y, 1, is_integer(y) ? INT64_MAX : most, &v, d))
    return;
  arena *mem = arena_new();
  int *list;
  size_t count = fold_values(mem, c->net, n, which, &list), i = 0;
  while (i < count && list[i] != v)
    i++;
  if (i < count) { // else it may be larger than an int
    *out = (int)v;
  } else {
    str text = {0};
    for (size_t k = 0; k < count && k < SHOWN; k++)
      str_printf(&text, "%s%d", k ? ", " : "", list[k]);
    if (which == FOLD_PE && v <= most && most % v == 0)
      diag_at(
          d, y->pos,
          "pe: %lld is neither a divisor of the %d filters of a group nor all filters of several groups that divide "
          "the %d groups; possible: %s%s",
          (long long)v, n->shape.c / n->groups, n->groups, text.data, count > SHOWN ? ", ..." : "");
    else
      diag_at(d, y->pos, "%s: %lld does not divide the %d %s; possible: %s%s", y->key, (long long)v, list[count - 1],
              OF[which], text.data, count > SHOWN ? ", ..." : "");
    str_free(&text);
  }
  arena_free(mem);
}

// At most the output pixels of a row.
static void read_hold(const yaml *y, const net_node *n, int *out, diag *d) {
  int64_t v;
  if (!y || !yaml_int(y, 1, is_integer(y) ? INT64_MAX : n->shape.w, &v, d))
    return;
  if (v <= n->shape.w)
    *out = (int)v;
  else
    diag_at(d, y->pos, "hold: %lld is more than the %d output pixel%s in a row of %s", (long long)v, n->shape.w,
            plural((size_t)n->shape.w), n->name);
}

const char *const dataflow_weights_word[] = {
    [DATAFLOW_ROM] = "rom", [DATAFLOW_LOAD] = "load", [DATAFLOW_STREAM] = "stream"};

const char *const dataflow_accumulate_word[] = {
    [DATAFLOW_CARRY_PROPAGATE] = "carry_propagate", [DATAFLOW_CARRY_SAVE] = "carry_save"};

// Which of the words stands there; `was` where nothing does.
static int read_word(const yaml *y, const char *const *words, int count, int was, diag *d) {
  const char *text;
  if (!y || !yaml_string(y, &text, d))
    return was;
  str list = {0};
  for (int i = 0; i < count; i++) {
    if (strcmp(text, words[i]) == 0) {
      str_free(&list);
      return i;
    }
    str_printf(&list, "%s%s", i == 0 ? "" : i < count - 1 ? ", " : " or ", words[i]);
  }
  diag_at(d, y->pos, "%s: expected %s, found `%.64s`", y->key, list.data, text);
  str_free(&list);
  return was;
}

const char *const dataflow_adder_in_word[] = {
    [DATAFLOW_IN_BOTH] = "both", [DATAFLOW_IN_SUM] = "sum", [DATAFLOW_IN_TREE] = "tree"};

static const adder *imported_adder(arena *mem, const config *c, const yaml *y, const char *path, diag *d) {
  diag inner = {0};
  const adder *a = adder_read(mem, path_beside(mem, c->file, path), &inner);
  if (inner.errors)
    config_report(y, &inner, d);
  diag_free(&inner);
  return a;
}

// An approximate adder, or `exact`.
static void read_adder(arena *mem, const config *c, const yaml *y, folding *f, diag *d) {
  const yaml *name = yaml_get(y, "adder"), *at = name ? name : yaml_get(y, "accumulate");
  const char *text;
  if (name && yaml_string(name, &text, d))
    f->adder = strcmp(text, "exact") == 0 ? NULL
               : adder_is_file(text)      ? imported_adder(mem, c, name, text, d)
                                          : adder_make(mem, text, name->pos, d);
  f->adder_in = (dataflow_adder_in)read_word(yaml_get(y, "adder_in"), dataflow_adder_in_word,
                                             BASE_COUNT(dataflow_adder_in_word), (int)f->adder_in, d);
  if (f->adder && f->accumulate == DATAFLOW_CARRY_SAVE && at)
    diag_at(d, at->pos,
            "adder %s adds up two numbers, and with `accumulate: carry_save` many are added up at once; expected "
            "`accumulate: carry_propagate` beside it, or `adder: exact`",
            f->adder->name);
}

// What stands in `target`, and for a layer in its folding.
static void read_words(arena *mem, const config *c, const yaml *y, folding *f, diag *d) {
  f->weights = (dataflow_weights)read_word(yaml_get(y, "weights"), dataflow_weights_word,
                                           BASE_COUNT(dataflow_weights_word), (int)f->weights, d);
  f->accumulate = (dataflow_accumulate)read_word(yaml_get(y, "accumulate"), dataflow_accumulate_word,
                                                 BASE_COUNT(dataflow_accumulate_word), (int)f->accumulate, d);
  read_adder(mem, c, y, f, d);
}

static void read_folding(arena *mem, const config *c, const yaml *y, folding *fold, diag *d) {
  static const char *const known[] = {"pe", "simd", "hold", "weights", "accumulate", "adder", "adder_in", NULL};
  if (!yaml_is(y, YAML_MAP, d))
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    int node = config_layer(c, e, d);
    if (node < 0 || !yaml_keys(e, "a folding", known, d))
      continue;
    const net_node *n = &c->net->nodes[node];
    folding *f = &fold[node];
    read_number(c, yaml_get(e, "pe"), n, FOLD_PE, &f->pe, &f->pe_pos, d);
    read_number(c, yaml_get(e, "simd"), n, FOLD_SIMD, &f->simd, &f->simd_pos, d);
    read_hold(yaml_get(e, "hold"), n, &f->hold, d);
    read_words(mem, c, e, f, d);
  }
}

// PEs of several groups side by side need all channels of theirs in a word.
static void check_side(const network *net, const net_node *n, const folding *f, diag *d) {
  if (dataflow_side(net, n, f->pe, f->simd))
    return;
  int channels = net_input_shape(net, n).c / n->groups, filters = n->shape.c / n->groups;
  arena *mem = arena_new();
  int *list;
  size_t count = fold_values(mem, net, n, FOLD_SIMD, &list);
  str text = {0};
  for (size_t i = 0; i < count; i++)
    if (list[i] % channels == 0)
      str_printf(&text, "%s%d", text.len ? ", " : "", list[i]);
  diag_at(
      d, f->simd_pos.line ? f->simd_pos : f->pe_pos,
      "simd: %d is no multiple of the %d channels of a group; with pe %d the filters of %d groups work side by side "
      "and need all channels of theirs; possible: %s, or any with a pe that divides %d",
      f->simd, channels, f->pe, f->pe / filters, text.data, filters);
  str_free(&text);
  arena_free(mem);
}

// true: behind every layer; or a list of layers.
static void read_pipeline(const config *c, const yaml *y, folding *fold, diag *d) {
  bool all = false;
  if (y->kind != YAML_LIST) {
    if (yaml_bool(y, &all, d))
      for (size_t i = 1; i < c->net->count; i++)
        fold[i].slice = all;
    return;
  }
  for (const yaml *e = y->first; e; e = e->next) {
    const char *name;
    if (!yaml_string(e, &name, d))
      continue;
    int node = net_find(c->net, name);
    if (node < 1)
      diag_at(d, e->pos, "pipeline: expected a layer of the network behind its input, found `%.64s`", name);
    else
      fold[node].slice = true;
  }
}

static const double AMOUNT_MOST = 1e15; // integers up to here are exact, and so are their sums

static void read_amount(const yaml *y, double *out, src_pos *pos, diag *d) {
  double v;
  if (!y || !yaml_real(y, &v, d))
    return;
  if (v > 0 && v <= AMOUNT_MOST)
    *out = v, *pos = y->pos;
  else
    diag_at(d, y->pos, "%s: expected a number above 0 and at most %g, found `%.64s`", y->key, AMOUNT_MOST, y->text);
}

// Whether anything is wished for.
static bool read_wish(const yaml *y, fold_wish *wish, diag *d) {
  read_amount(yaml_get(y, "fps"), &wish->fps, &wish->fps_pos, d);
  const yaml *first = NULL;
  for (int k = 0; k < FOLD_COSTS; k++) {
    const yaml *budget = yaml_get(y, fold_budget_key[k]);
    if (budget && first)
      diag_at(d, budget->key_pos, "%s: there is a %s already; expected one budget", budget->key, first->key);
    first = first ? first : budget;
    read_amount(budget, &wish->most[k], &wish->most_pos[k], d);
  }
  return wish->fps > 0 || first;
}

// {LAYER: {INPUT: beats}}
static void read_fifos(arena *mem, const config *c, const yaml *y, folding *fold, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  for (const yaml *e = y->first; e; e = e->next) {
    int node = net_find(c->net, e->key);
    if (node < 1) {
      diag_at(d, e->pos, "fifos: expected a layer of the network behind its input, found `%.64s`", e->key);
      continue;
    }
    if (!yaml_is(e, YAML_MAP, d))
      continue;
    const net_node *n = &c->net->nodes[node];
    for (const yaml *f = e->first; f; f = f->next) {
      int64_t depth;
      int from = net_find(c->net, f->key), k = 0;
      while (k < n->input_count && n->inputs[k] != from)
        k++;
      if (k == n->input_count)
        diag_at(d, f->pos, "fifos: %s: expected a layer that it takes as an input, found `%.64s`", n->name, f->key);
      else if (yaml_int(f, 0, NET_MAX_TENSOR, &depth, d)) {
        dataflow_fifo *one = arena_new_object(mem, dataflow_fifo);
        *one = (dataflow_fifo){from, depth, f->pos, fold[node].fifos};
        fold[node].fifos = one;
      }
    }
  }
}

// A file that several layers name is one adder.
static void unite_adders(folding *layers, size_t count) {
  for (size_t i = 1; i < count; i++)
    for (size_t k = 0; k < i && layers[i].adder && layers[i].adder->path; k++)
      if (layers[k].adder && layers[k].adder->path && strcmp(layers[k].adder->path, layers[i].adder->path) == 0)
        layers[i].adder = layers[k].adder;
}

static const void *read_options(arena *mem, const config *c, const yaml *y, diag *d) {
  if (!c->net) // reported already
    return NULL;
  dataflow_options *o = arena_new_object(mem, dataflow_options);
  o->layers = arena_new_array(mem, folding, c->net->count);
  bool wished = read_wish(y, &o->wish, d);
  folding all = {0};
  read_words(mem, c, y, &all, d);
  for (size_t i = 0; i < c->net->count; i++)
    o->layers[i] = all;
  if (yaml_get(y, "folding"))
    read_folding(mem, c, yaml_get(y, "folding"), o->layers, d);
  unite_adders(o->layers, c->net->count);
  if (yaml_get(y, "fifos"))
    read_fifos(mem, c, yaml_get(y, "fifos"), o->layers, d);
  if (yaml_get(y, "pipeline"))
    read_pipeline(c, yaml_get(y, "pipeline"), o->layers, d);
  if (wished && !d->errors) // an assignment in error, say, would be no good to choose by
    o->chosen = fold_choose(c, &o->wish, o->layers, &o->choice, d);
  for (size_t i = 0; i < c->net->count; i++) { // what is left open
    o->layers[i].pe += !o->layers[i].pe;
    o->layers[i].simd += !o->layers[i].simd;
    o->layers[i].hold += !o->layers[i].hold;
    if (net_multiplies(&c->net->nodes[i]) && !d->errors)
      check_side(c->net, &c->net->nodes[i], &o->layers[i], d);
  }
  return o;
}

const target_reader DATAFLOW_READER = {.name = "dataflow",
                                       .keys = (const char *const[]){"kind", "name", "clock_ns", "folding", "fifos",
                                                                     "fps", "max_multipliers", "max_area_um2",
                                                                     "max_luts", "pipeline", "weights", "accumulate",
                                                                     "adder", "adder_in", NULL},
                                       .read = read_options,
                                       .places = dataflow_weight_places};
