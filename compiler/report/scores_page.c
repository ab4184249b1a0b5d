// SPDX-License-Identifier: Apache-2.0
#include "compiler/report/scores_page.h"
#include "compiler/base/escape.h"
#include "compiler/plot/page.h"
#include "compiler/plot/plot.h"

#include <math.h>
#include <stdlib.h>

// plot_svg for the files, plot_figure for the page.
typedef void draw_fn(const plot *p, str *out);

// ---- Fig. 2: activations of the representatives and of all images ----

static void draw_activations(const score_report *r, draw_fn *draw, str *out) {
  const representatives *c = r->chosen;
  arena *mem = arena_new();
  plot_series *s = arena_new_array(mem, plot_series, c->count + 1);
  for (size_t k = 0; k < c->count; k++)
    s[k] = (plot_series){.name = k == 0 ? "representatives" : NULL,
                         .style = PLOT_STEPS | PLOT_FAINT,
                         .x = c->edge,
                         .y = c->each + k * (c->bins + 1),
                         .count = c->bins + 1,
                         .colour = 1};
  s[c->count] = (plot_series){
      .name = "all images", .style = PLOT_STEPS, .x = c->edge, .y = c->all, .count = c->bins + 1, .colour = 2};
  plot p = {.title = arena_printf(mem, "Activations of `%s`: %zu representative%s, %zu image%s", c->layer, c->count,
                                  plural(c->count), c->images, plural(c->images)),
            .x = {.label = "activation"},
            .y = {.label = "share of the activations", .log = true},
            .series = s,
            .count = c->count + 1};
  draw(&p, out);
  arena_free(mem);
}

// ---- Fig. 3: scores of single operations ----

// The bins from the first to the last in which any multiplier has something. False: none.
static bool used_bins(const scores *s, int *first, int *end) {
  *first = SCORE_BINS, *end = 0;
  for (int m = 0; m < s->muls; m++)
    for (int b = 0; b < SCORE_BINS; b++)
      if (s->histogram[m * SCORE_BINS + b]) {
        *first = b < *first ? b : *first;
        *end = b + 1 > *end ? b + 1 : *end;
      }
  return *first < *end;
}

static double *shares_of(arena *mem, const scores *s, int m, int first, int end) {
  double *share = arena_new_array(mem, double, (size_t)(end - first) + 1), total = (double)s->zeros[m];
  for (int b = 0; b < SCORE_BINS; b++)
    total += (double)s->histogram[m * SCORE_BINS + b];
  for (int b = first; b < end; b++)
    share[b - first] = total > 0 ? (double)s->histogram[m * SCORE_BINS + b] / total : 0;
  return share;
}

static void draw_operations(const score_report *r, draw_fn *draw, str *out) {
  const scores *s = r->scores;
  arena *mem = arena_new();
  plot_series *series = arena_new_array(mem, plot_series, (size_t)s->muls + 1);
  int first, end;
  size_t count = 0;
  if (!used_bins(s, &first, &end))
    first = 0, end = 1;
  double *edge = arena_new_array(mem, double, (size_t)(end - first) + 1);
  for (int b = first; b <= end; b++)
    edge[b - first] = pow(10, SCORE_LEAST + (double)b / SCORE_BIN_DECADE);
  for (int m = 0; m < s->muls; m++) {
    if (!(s->model[m] > 0))
      continue;
    const double *share = shares_of(mem, s, m, first, end);
    series[count] = (plot_series){
        .name = r->muls[m]->name, .style = PLOT_STEPS, .x = edge, .y = share, .count = (size_t)(end - first) + 1};
    count++;
  }
  plot p = {.title = arena_printf(mem, "hawx(o) of the multiplications of %s", r->net->name),
            .x = {.label = "hawx(o)", .log = true},
            .y = {.label = "share of the multiplications"},
            .series = series,
            .count = count};
  draw(&p, out);
  arena_free(mem);
}

// ---- Fig. 4: the model's score and its accuracy ----

typedef struct {
  double score;
  int m;
} block;

static int by_score(const void *a, const void *b) {
  const block *p = a, *q = b;
  if (p->score != q->score)
    return p->score < q->score ? -1 : 1;
  return p->m - q->m;
}

// The blocks that fit somewhere, by score.
static size_t sorted_blocks(const scores *s, block *out) {
  size_t count = 0;
  for (int m = 0; m < s->muls; m++)
    if (!isnan(s->model[m]))
      out[count++] = (block){s->model[m], m};
  qsort(out, count, sizeof *out, by_score);
  return count;
}

// In percent; with Wilson's 95 % interval.
typedef struct {
  double *top1, *lo, *hi;
} accuracies;

static accuracies accuracies_of(arena *mem, const score_report *r, const block *blocks, size_t count) {
  accuracies a = {arena_new_array(mem, double, count + 1), arena_new_array(mem, double, count + 1),
                  arena_new_array(mem, double, count + 1)};
  for (size_t i = 0; i < count; i++) {
    const evaluation *e = &r->uniform[blocks[i].m];
    double n = (double)e->images, p = score_top1(e), z = 1.96, z2 = z * z / n;
    double middle = (p + z2 / 2) / (1 + z2), half = z * sqrt(p * (1 - p) / n + z2 / 4 / n) / (1 + z2);
    a.top1[i] = 100 * p;
    a.lo[i] = 100 * (middle - half);
    a.hi[i] = 100 * (middle + half);
  }
  return a;
}

// As the paper draws it: both from 0 to 100.
static void draw_model(const score_report *r, draw_fn *draw, str *out) {
  block blocks[ASSIGNMENT_MULS] = {{0}};
  size_t count = sorted_blocks(r->scores, blocks);
  arena *mem = arena_new();
  accuracies a = accuracies_of(mem, r, blocks, count);
  double *score = arena_new_array(mem, double, count + 1), most = count ? blocks[count - 1].score : 0;
  const char **names = arena_new_array(mem, const char *, count + 1);
  for (size_t i = 0; i < count; i++) {
    score[i] = most > 0 ? 100 * blocks[i].score / most : 0;
    names[i] = r->muls[blocks[i].m]->name;
  }
  const plot_series s[] = {
      {.name = "accuracy, %", .style = PLOT_LINE | PLOT_POINTS, .y = a.top1, .count = count, .lo = a.lo, .hi = a.hi},
      {.name = "hawx(model), 0 to 100", .style = PLOT_LINE | PLOT_POINTS, .y = score, .count = count}};
  plot p = {.title = arena_printf(mem, "%s with one multiplier everywhere", r->net->name),
            .x = {.label = "multiplier, by score"},
            .y = {.label = "accuracy, score", .lo = 0, .hi = 105},
            .categories = names,
            .category_count = count,
            .series = s,
            .count = BASE_COUNT(s)};
  draw(&p, out);
  arena_free(mem);
}

static void draw_scatter(const score_report *r, draw_fn *draw, str *out) {
  block blocks[ASSIGNMENT_MULS] = {{0}};
  size_t count = sorted_blocks(r->scores, blocks);
  arena *mem = arena_new();
  accuracies a = accuracies_of(mem, r, blocks, count);
  double *score = arena_new_array(mem, double, count + 1);
  const char **names = arena_new_array(mem, const char *, count + 1);
  for (size_t i = 0; i < count; i++) {
    score[i] = blocks[i].score;
    names[i] = r->muls[blocks[i].m]->name;
  }
  const plot_series s = {
      .style = PLOT_POINTS, .x = score, .y = a.top1, .count = count, .lo = a.lo, .hi = a.hi, .labels = names};
  score_ranks ranks = report_scores_ranks(r);
  plot p = {.title = isnan(ranks.kendall)
                         ? arena_printf(mem, "%s: score and accuracy", r->net->name)
                         : arena_printf(mem, "%s: score and accuracy; Kendall's tau %.2f, Spearman's rho %.2f",
                                        r->net->name, ranks.kendall, ranks.spearman),
            .x = {.label = "hawx(model)", .log = true},
            .y = {.label = "accuracy, %"},
            .series = &s,
            .count = 1};
  draw(&p, out);
  arena_free(mem);
}

// ---- page and files ----

static const struct {
  const char *file, *caption;
  void (*draw)(const score_report *r, draw_fn *draw, str *out);
} FIGURES[] = {
    {"fig2.svg",
     "Fig. 2: the first layer's activations in the representatives and in all images. The images are clustered by mean "
     "and standard deviation of these; of each cluster the image nearest to its centre is taken.",
     draw_activations},
    {"fig3.svg",
     "Fig. 3: scores of single operations. Each multiplication counts with the score of its weight; those with score 0 "
     "are not drawn but count in the shares.",
     draw_operations},
    {"fig4.svg",
     "Fig. 4: accuracy with one multiplier in all layers that take it, with 95 % intervals, and that network's score, "
     "scaled so that the greatest is 100.",
     draw_model},
    {"fig4-scatter.svg",
     "The same as a scatter; rank correlations are of the score with the accuracy lost. Scores of 0 have no place on a "
     "logarithmic axis.",
     draw_scatter},
};

static void add_file(arena *mem, fileset *files, const char *folder, const char *name, str *text) {
  fileset_add_str(mem, files, path_join(mem, folder, name), text);
}

static void put_page(const score_report *r, str *out) {
  arena *mem = arena_new();
  page_begin(arena_printf(mem, "HAWX scores of %s", r->net->name), out);
  str text = {0};
  report_scores_text(r, &text);
  str_add(out, "<pre>");
  escape_xml(out, text.data);
  str_add(out, "</pre>\n");
  for (size_t i = 0; i < BASE_COUNT(FIGURES); i++) {
    FIGURES[i].draw(r, plot_figure, out);
    page_note(out, "%s", FIGURES[i].caption);
  }
  page_end(out);
  str_free(&text);
  arena_free(mem);
}

void report_score_page(arena *mem, const score_report *r, const char *folder, fileset *files) {
  str text = {0}, csv = {0}, page = {0};
  report_scores_csv(r, &csv);
  add_file(mem, files, folder, "table1.csv", &csv);
  report_scores_table1(r, &text);
  add_file(mem, files, folder, "table1.txt", &text);
  for (size_t i = 0; i < BASE_COUNT(FIGURES); i++) {
    str svg = {0};
    FIGURES[i].draw(r, plot_svg, &svg);
    add_file(mem, files, folder, FIGURES[i].file, &svg);
  }
  put_page(r, &page);
  add_file(mem, files, folder, "report.html", &page);
}
