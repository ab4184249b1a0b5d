// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/base/json.h"
#include "compiler/base/npy.h"
#include "compiler/cli/explore.h"
#include "compiler/net/yaml.h"
#include "compiler/explore/method.h"
#include "compiler/plot/plot.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char *verb_explore_folder(arena *mem, size_t point) { return arena_printf(mem, "points/%02zu", point + 1); }

// ---- YAML ----

static const char *quoted(arena *mem, const char *text) { return escaped(mem, escape_yaml, text); }

// An absolute path, so that the config means the same files wherever it lies.
static const char *absolute(arena *mem, const config *c, const char *path) {
  const char *beside = path_beside(mem, c->file, path);
  char *real = realpath(beside, NULL);
  const char *out = real ? arena_strdup(mem, real) : beside;
  free(real);
  return out;
}

// In flow style, its scalars that are paths made absolute. (The tree's depth is bounded: yaml.h.)
static void print_tree(arena *mem, const config *c, const yaml *y, bool paths, str *out) {
  if (y->kind == YAML_SCALAR) {
    const char *text = paths ? absolute(mem, c, y->text) : y->text;
    // What was written plainly may be a number or a word such as true; what was quoted stays a text.
    str_add(out, y->quoted || paths ? quoted(mem, text) : text);
    return;
  }
  str_add(out, y->kind == YAML_MAP ? "{" : "[");
  for (const yaml *e = y->first; e; e = e->next) {
    if (y->kind == YAML_MAP)
      str_printf(out, "%s: ", quoted(mem, e->key));
    print_tree(mem, c, e, paths || (y->kind == YAML_MAP && !strcmp(e->key, "file")), out);
    str_add(out, e->next ? ", " : "");
  }
  str_add(out, y->kind == YAML_MAP ? "}" : "]");
}

static void print_dataset(arena *mem, const dataset_files *f, str *out) {
  static const char *const format[] = {[DATASET_IDX] = "idx", [DATASET_CIFAR] = "cifar", [DATASET_NPY] = "npy"};
  str_printf(out, "dataset:\n  format: %s\n  images: [", format[f->format]);
  for (size_t i = 0; i < f->image_files; i++) {
    char *real = realpath(f->images[i], NULL);
    str_printf(out, "%s%s", i ? ", " : "", quoted(mem, real ? real : f->images[i]));
    free(real);
  }
  str_add(out, "]\n");
  if (f->labels) {
    char *real = realpath(f->labels, NULL);
    str_printf(out, "  labels: %s\n", quoted(mem, real ? real : f->labels));
    free(real);
  }
  if (f->first)
    str_printf(out, "  first: %zu\n", f->first);
  if (f->count)
    str_printf(out, "  count: %zu\n", f->count);
}

static void print_multipliers(arena *mem, const config *c, uint64_t used, str *out) {
  const yaml *muls = yaml_get(c->tree, "multipliers");
  str_add(out, "multipliers:\n");
  for (size_t i = 0; i < c->mul_count; i++) {
    const yaml *y = yaml_get(muls, c->mul_keys[i]);
    if (!(used >> i & 1))
      continue;
    str_printf(out, "  %s: ", quoted(mem, c->mul_keys[i]));
    print_tree(mem, c, y, y->kind == YAML_SCALAR && mul_is_file(y->text), out);
    str_add(out, "\n");
  }
}

// ---- a point ----

typedef struct {
  const char *key, *shape; // in the config; of the .npy file
} form;

static form form_of(arena *mem, const network *net, const net_node *n, assignment_level level) {
  int channels = net_input_shape(net, n).c / n->groups;
  switch (level) {
  case ASSIGN_FILTER:
    return (form){"filters", arena_printf(mem, "%d,", n->shape.c)};
  case ASSIGN_KERNEL:
    return (form){"kernels", arena_printf(mem, "%d, %d", n->shape.c, channels)};
  default:
    return (form){"weights", arena_printf(mem, "%d, %d, %d, %d", n->shape.c, channels, n->kh, n->kw)};
  }
}

static void print_assignment(arena *mem, const config *c, int node, const assignment *a, const char *folder,
                             fileset *files, str *out) {
  const net_node *n = &c->net->nodes[node];
  str_printf(out, "  %s: ", quoted(mem, n->name));
  if (a->level == ASSIGN_LAYER) {
    str_printf(out, "%s\n", quoted(mem, c->mul_keys[a->mul[0]]));
    return;
  }
  uint8_t place[CONFIG_MAX_MULS] = {0};
  uint64_t used = assignment_used(a, 0, a->count * a->each);
  form f = form_of(mem, c->net, n, a->level);
  str_printf(out, "{%s: {file: %s.npy, multipliers: [", f.key, n->name);
  for (size_t i = 0, at = 0; i < c->mul_count; i++)
    if (used >> i & 1) {
      str_printf(out, "%s%s", at ? ", " : "", quoted(mem, c->mul_keys[i]));
      place[i] = (uint8_t)at++;
    }
  str_add(out, "]}}\n");
  str npy = {0};
  npy_header("|u1", f.shape, &npy);
  uint8_t *values = arena_alloc(mem, (size_t)a->count);
  for (int64_t i = 0; i < a->count; i++)
    values[i] = place[a->mul[i]];
  str_add_n(&npy, (const char *)values, (size_t)a->count);
  fileset_add_str(mem, files, arena_printf(mem, "%s/%s.npy", folder, n->name), &npy);
}

static void add_config(const session *s, const explore_options *o, const judged *p, const char *folder,
                       fileset *files) {
  arena *mem = s->mem;
  const config *c = s->cfg;
  uint64_t used = 0;
  for (size_t i = 0; i < c->net->count; i++)
    if (p->assign[i].level)
      used |= assignment_used(&p->assign[i], 0, p->assign[i].count * p->assign[i].each);
  str out = {0};
  str_printf(&out, "# Found by axgen explore --method %s; top-1 %.2f %% on %zu validation images.\nnetwork: net.yaml\n",
             o->method, 100 * (double)p->result.correct / (double)p->result.images, p->result.images);
  print_dataset(mem, o->judge.test ? &c->test : &c->data, &out);
  print_multipliers(mem, c, used | o->named, &out);
  str_add(&out, "assignment:\n");
  for (size_t i = 0; i < c->net->count; i++)
    if (net_multiplies(&c->net->nodes[i]))
      print_assignment(mem, c, (int)i, &p->assign[i], folder, files, &out);
  const yaml *target = yaml_get(c->tree, "target");
  if (target) {
    str_add(&out, "target: ");
    print_tree(mem, c, target, false, &out);
    str_add(&out, "\n");
  }
  if (c->liberty)
    str_printf(&out, "technology: {liberty: %s}\n", quoted(mem, absolute(mem, c, c->liberty)));
  str_add(&out, "output: out\n");
  fileset_add_str(mem, files, arena_printf(mem, "%s/config.yaml", folder), &out);
}

static bool add_network(const session *s, const explore_options *o, judge *j, const judged *p, const char *folder,
                        fileset *files, diag *d) {
  const network *net = s->cfg->net;
  correction c;
  if (!judge_correct(j, p->assign, s->mem, &c, d))
    return false;
  network corrected = matching_corrected(s->mem, net, &c);
  for (size_t i = 0; i < net->count; i++) {
    net_node *n = &corrected.nodes[i];
    if (o->tuned && net_multiplies(n) &&
        !tune_layer(s->mem, net, &net->nodes[i], &p->assign[i], o->tuned, c.bias[i], &n->weight, &n->bias, d))
      return false;
  }
  return net_files(s->mem, &corrected, arena_printf(s->mem, "%s/", folder), files, d);
}

// ---- tables and the picture ----

// The header's names of the figures, and of what is saved of them: `saving` is of the first.
static void add_names(const explore_job *j, bool savings, str *out) {
  for (int f = 0; f < j->o.figures; f++)
    str_printf(out, ",%s", VERB_FIGURE_NAMES[j->figure[f]]);
  for (int f = 0; savings && f < j->o.figures; f++)
    str_printf(out, f ? ",%s_saving" : ",saving", VERB_FIGURE_NAMES[j->figure[f]]);
}

static void add_front(const explore_job *j, const explore_result *r, fileset *files) {
  arena *mem = j->s.mem;
  str out = {0};
  str_add(&out, "point");
  add_names(j, true, &out);
  str_add(&out, ",validation_images,validation_top1,validation_drop,test_images,test_top1,test_drop,test_low,test_high,"
                "meets\n");
  for (size_t i = 0; i < r->count; i++) {
    const explore_point *p = &r->points[i];
    const evaluation *v = &p->found->result, *t = &p->test.result;
    str_add(&out, verb_explore_folder(mem, i));
    for (int f = 0; f < j->o.figures; f++)
      str_printf(&out, ",%.6f", verb_explore_figure(p->found, f));
    for (int f = 0; f < j->o.figures; f++)
      str_printf(&out, ",%.6f", 1 - verb_explore_figure(p->found, f));
    str_printf(&out, ",%zu,%.6f,%.6f,", v->images, (double)v->correct / (double)v->images, p->found->drop);
    if (j->o.judge.test && !r->interrupted)
      str_printf(&out, "%zu,%.6f,%.6f,%.6f,%.6f,", t->images, (double)t->correct / (double)t->images, p->test.drop,
                 p->test.lo, p->test.hi);
    else
      str_add(&out, ",,,,,");
    str_printf(&out, "%s\n", p->meets ? "yes" : "no");
  }
  fileset_add_str(mem, files, "front.csv", &out);
}

static void add_history(const explore_job *j, const explore_result *r, fileset *files) {
  str out = {0};
  str_add(&out, "evaluation");
  add_names(j, false, &out);
  str_add(&out, ",images,correct,drop,cross_entropy\n");
  size_t count;
  const judged *const *all = judge_all(r->judge, &count);
  for (size_t i = 0; i < count; i++) {
    str_printf(&out, "%zu", i + 1);
    for (int f = 0; f < j->o.figures; f++)
      str_printf(&out, ",%.6f", verb_explore_figure(all[i], f));
    str_printf(&out, ",%zu,%zu,%.6f,%.6f\n", all[i]->result.images, all[i]->result.correct, all[i]->drop,
               all[i]->result.loss);
  }
  fileset_add_str(j->s.mem, files, "history.csv", &out);
}

// What is drawn of the front in one figure.
typedef struct {
  double *x, *y, *test, *lo, *hi;
  size_t count;
  double *line_x, *line_y; // with two figures: of these points, those that nothing beats in this figure
  size_t line;
} drawn;

static drawn drawn_of(arena *mem, const explore_result *r, int f, double worst) {
  size_t n = r->count;
  drawn d = {arena_new_array(mem, double, n), arena_new_array(mem, double, n), arena_new_array(mem, double, n),
             arena_new_array(mem, double, n), arena_new_array(mem, double, n), 0,
             arena_new_array(mem, double, n), arena_new_array(mem, double, n), 0};
  front_point *points = arena_new_array(mem, front_point, n);
  bool *on = arena_new_array(mem, bool, n);
  for (size_t i = 0; i < n; i++) {
    const explore_point *p = &r->points[i];
    if (100 * p->found->drop > worst)
      continue;
    points[d.count] = (front_point){verb_explore_figure(p->found, f), p->found->drop};
    d.x[d.count] = 100 * (1 - verb_explore_figure(p->found, f)), d.y[d.count] = 100 * p->found->drop;
    d.test[d.count] = 100 * p->test.drop, d.lo[d.count] = 100 * p->test.lo, d.hi[d.count++] = 100 * p->test.hi;
  }
  front_mark(points, d.count, on);
  for (size_t i = 0; i < d.count; i++) {
    size_t at = d.line;
    if (!on[i])
      continue;
    for (; at && d.line_x[at - 1] > d.x[i]; at--)
      d.line_x[at] = d.line_x[at - 1], d.line_y[at] = d.line_y[at - 1];
    d.line_x[at] = d.x[i], d.line_y[at] = d.y[i];
    d.line++;
  }
  return d;
}

enum { SERIES = 4, GREY = 7 /* plot_colour's, once around */ };

// Accuracy against one of the figures; `series` [SERIES] is where the plot's are.
static plot picture_of(const explore_job *j, const explore_result *r, int f, plot_series *series) {
  size_t count, shown = 0;
  const judged *const *all = judge_all(r->judge, &count);
  arena *mem = j->s.mem;
  double *x = arena_new_array(mem, double, count), *y = arena_new_array(mem, double, count);
  double worst = 100 * EXPLORE_CORNER;
  for (size_t i = 0; i < count; i++)
    if (100 * all[i]->drop <= worst)
      x[shown] = 100 * (1 - verb_explore_figure(all[i], f)), y[shown++] = 100 * all[i]->drop;
  drawn d = drawn_of(mem, r, f, worst);
  bool test = j->o.judge.test && !r->interrupted, both = j->o.figures > 1;
  size_t n = 0;
  series[n] = (plot_series){.name = "evaluated", .style = PLOT_POINTS, .x = x, .y = y, .count = shown};
  if (both) // no line tells the front from it
    series[n].style |= PLOT_FAINT, series[n].colour = GREY;
  n++;
  series[n++] = (plot_series){.name = "front, validation images",
                              .style = both ? PLOT_POINTS : PLOT_LINE | PLOT_POINTS,
                              .x = d.x,
                              .y = d.y,
                              .count = d.count,
                              .colour = 1};
  if (test)
    series[n++] = (plot_series){.name = "front, test images, 95 % interval",
                                .style = PLOT_POINTS,
                                .x = d.x,
                                .y = d.test,
                                .count = d.count,
                                .lo = d.lo,
                                .hi = d.hi,
                                .colour = 2};
  if (both)
    series[n++] = (plot_series){.name = "front, were this all that counts",
                                .style = PLOT_LINE,
                                .x = d.line_x,
                                .y = d.line_y,
                                .count = d.line,
                                .colour = 1};
  const char *priced = verb_explore_priced(j);
  return (plot){.title = arena_printf(mem, "%s: %s level, %s", j->s.cfg->net->name, j->level, j->o.method),
                .x = {.label = arena_printf(mem, "%s%s %s saved, %%", priced, !strcmp(priced, "design") ? "'s" : "'",
                                            VERB_FIGURE_NAMES[j->figure[f]])},
                .y = {.label = "accuracy lost, points"},
                .series = series,
                .count = n};
}

// With two figures one below the other.
static void add_picture(const explore_job *j, const explore_result *r, fileset *files) {
  plot panels[JUDGE_FIGURES];
  plot_series series[JUDGE_FIGURES][SERIES];
  for (int f = 0; f < j->o.figures; f++)
    panels[f] = picture_of(j, r, f, series[f]);
  str svg = {0};
  if (j->o.figures > 1)
    plot_panels_svg(panels, (size_t)j->o.figures, &svg);
  else
    plot_svg(panels, &svg);
  str_add(&svg, "\n");
  fileset_add_str(j->s.mem, files, "front.svg", &svg);
}

bool verb_explore_files(const explore_job *j, const explore_result *r, fileset *out, diag *d) {
  for (size_t i = 0; i < r->count; i++) {
    const char *folder = verb_explore_folder(j->s.mem, i);
    add_config(&j->s, &j->o, r->points[i].found, folder, out);
    if (!add_network(&j->s, &j->o, r->judge, r->points[i].found, folder, out, d))
      return false;
  }
  add_front(j, r, out);
  add_history(j, r, out);
  add_picture(j, r, out);
  return true;
}

void verb_explore_manifest(arena *mem, fileset *files) {
  cJSON *json = cJSON_CreateObject(), *list = cJSON_AddArrayToObject(json, "files");
  for (size_t i = 0; i < files->count; i++) {
    cJSON *file = cJSON_CreateObject();
    cJSON_AddStringToObject(file, "name", files->files[i].name);
    cJSON_AddItemToArray(list, file);
  }
  const char *text = json_text(mem, json);
  fileset_add(mem, files, "manifest.json", text, strlen(text));
}
