// SPDX-License-Identifier: Apache-2.0
//
// Multipliers by name: their order, from exact to most wrong, which gives their colours; maps of where they stand; and
// what is known of each.
#include "compiler/report/html.h"
#include "genlib/genlib.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 256, MADE = 64, DRAWN = 48, FIGURES_BITS = 16 }; // names; those looked up; diagrams; operand bits

struct html_mul {
  const char *name;
  const mul *mul; // NULL: a file, or nothing that axgen knows by name
  mul_errors errors;
  const report_mul *measured; // NULL: not
  size_t met; // as the how-manieth
};

// ---- the order ----

static int by_error(const void *a, const void *b) {
  const struct html_mul *p = a, *q = b;
  double x = p->mul ? p->errors.mae : INFINITY, y = q->mul ? q->errors.mae : INFINITY;
  return x != y ? (x > y) - (x < y) : (p->met > q->met) - (p->met < q->met);
}

static void meet(html_report *r, const char *name, const report_mul *measured) {
  for (size_t i = 0; i < r->mul_count; i++)
    if (!strcmp(r->muls[i].name, name)) {
      r->muls[i].measured = r->muls[i].measured ? r->muls[i].measured : measured;
      return;
    }
  if (r->mul_count == MOST)
    return;
  struct html_mul *m = &r->muls[r->mul_count];
  *m = (struct html_mul){.name = name, .measured = measured, .met = r->mul_count++};
  diag quiet = {0};
  // Only what is a name: a page about a folder opens no other files.
  m->mul = mul_is_file(name) || m->met >= MADE ? NULL : mul_make(r->mem, name, &quiet);
  if (m->mul && m->mul->sig.a_bits + m->mul->sig.b_bits > FIGURES_BITS)
    m->mul = NULL;
  if (m->mul)
    m->errors = mul_error_figures(m->mul, NULL, 1);
  diag_free(&quiet);
}

void html_find_muls(html_report *r) {
  r->muls = arena_new_array(r->mem, struct html_mul, MOST);
  for (size_t i = 0; i < r->count; i++) {
    const report_folder *f = &r->folders[i];
    for (size_t k = 0; k < f->design.mul_count; k++)
      meet(r, f->design.muls[k].name, &f->design.muls[k]);
    for (size_t k = 0; k < f->design.names.count; k++)
      meet(r, f->design.names.of[k], NULL);
    for (size_t k = 0; k < f->front.names.count; k++)
      meet(r, f->front.names.of[k], NULL);
    for (size_t k = 0; k < f->drops.count; k++)
      meet(r, f->drops.drops[k].name, NULL);
    for (size_t k = 0; k < f->scores.count; k++)
      meet(r, f->scores.blocks[k].name, NULL);
  }
  qsort(r->muls, r->mul_count, sizeof *r->muls, by_error);
}

size_t html_rank(const html_report *r, const char *name) {
  for (size_t i = 0; i < r->mul_count; i++)
    if (!strcmp(r->muls[i].name, name))
      return i;
  return r->mul_count;
}

// Names with their ranks among each other.
typedef struct {
  size_t of[REPORT_MULS];
} ranks;

static ranks ranks_of(const html_report *r, const report_names *names) {
  ranks out = {{0}};
  for (size_t i = 0; i < names->count; i++)
    for (size_t k = 0; k < names->count; k++) {
      size_t a = html_rank(r, names->of[k]), b = html_rank(r, names->of[i]);
      out.of[i] += a < b || (a == b && k < i);
    }
  return out;
}

// ---- maps ----

void html_legend(const html_report *r, const report_names *names, str *out) {
  ranks rank = ranks_of(r, names);
  const char *sorted[REPORT_MULS] = {0};
  page_part parts[REPORT_MULS] = {{0}};
  char shades[REPORT_MULS][8];
  for (size_t i = 0; i < names->count; i++) {
    size_t at = rank.of[i];
    sorted[at] = names->of[i];
    parts[at].shade = page_ramp(at, names->count, shades[at]);
  }
  page_legend(out, sorted, parts, names->count);
}

void html_maps(const html_report *r, const report_names *names, const report_places *p, str *out) {
  ranks rank = ranks_of(r, names);
  str_add(out, "<div class=\"maps\">\n");
  for (size_t i = 0; i < p->count; i++) {
    const report_map *m = &p->maps[i];
    page_map map = {m->layer, m->row_is, m->col_is, names->of, rank.of, names->count, m->cells, m->rows, m->cols};
    if (m->rows * m->cols > 1)
      page_map_figure(&map, out);
  }
  str_add(out, "</div>\n");
}

// ---- what is known of each ----

bool html_has_muls(const html_report *r) { return r->mul_count > 0; }

static void add_figures(const html_report *r, bool measured, bool timed, str *out) {
  const char *columns[] = {
      "multiplier", ">MAE",        ">greatest error", ">errors, %", ">MRE, %", ">bias",    ">area, \xc2\xb5m\xc2\xb2",
      ">delay, ns", ">fJ, random", ">nJ/image, real", ">\xc2\xb1",  ">held",   ">\xc2\xb1"};
  page_table(out, NULL, columns, timed ? 13 : measured ? 9 : 6);
  for (size_t i = 0; i < r->mul_count; i++) {
    const struct html_mul *m = &r->muls[i];
    const mul_errors *e = &m->errors;
    bool known = m->mul;
    page_row(out, NULL, NULL, m->name);
    page_number(out, known ? e->mae : NAN, 2, NULL);
    page_number(out, known ? (double)e->wce : NAN, 0, NULL);
    page_number(out, known ? 100 * e->ep : NAN, 1, NULL);
    page_number(out, known ? 100 * e->mre : NAN, 2, NULL);
    page_number(out, known ? e->bias : NAN, 2, NULL);
    const report_mul none = {NULL, NAN, NAN, NAN, NAN, NAN, NAN, NAN}, *x = m->measured ? m->measured : &none;
    if (measured || timed) {
      page_number(out, x->area, 1, NULL);
      page_number(out, x->delay_ns, 2, NULL);
      page_number(out, x->fj, 1, NULL);
    }
    if (timed) {
      page_number(out, x->moving, 2, NULL);
      page_number(out, x->moving_ci, 2, NULL);
      page_number(out, x->held, 2, NULL);
      page_number(out, x->held_ci, 2, NULL);
    }
    page_row_end(out);
  }
  page_table_end(out);
}

void html_muls(const html_report *r, str *out) {
  bool measured = false, timed = false;
  for (size_t i = 0; i < r->mul_count; i++)
    if (r->muls[i].measured) {
      measured = true;
      timed = timed || isfinite(r->muls[i].measured->moving);
    }
  add_figures(r, measured, timed, out);
  page_note(out,
            "MAE: mean of |f(a, b) - a b|, over all pairs of operands; errors: how many products are wrong; MRE: mean "
            "relative error; bias: mean of f(a, b) - a b. Files have no figures here.%s",
            timed
                ? " nJ per image by timed simulation with glitches on this hardware\xe2\x80\x99s operands, with a new "
                  "weight in every cycle and with weights held; \xc2\xb1: half of the 95 % interval."
                : "");
  size_t drawn = 0, left_out = 0;
  for (size_t i = 0; i < r->mul_count; i++) {
    str diagram = {0};
    if (r->muls[i].mul && mul_diagram_svg(r->muls[i].mul, &diagram)) {
      if (drawn++ == 0)
        page_heading(out, 3, NULL, "What is added: the partial products of those that axgen generates");
      if (drawn <= DRAWN) {
        str_add(out, drawn == 1 ? "<div class=\"dots\"><div>" : "<div>");
        str_add(out, diagram.data);
        str_add(out, "</div>\n");
      } else {
        left_out++;
      }
    }
    str_free(&diagram);
  }
  if (drawn)
    str_add(out, "</div>\n");
  if (left_out)
    page_note(out, "%zu more diagrams are left out; axgen mul show NAME prints them.", left_out);
}
