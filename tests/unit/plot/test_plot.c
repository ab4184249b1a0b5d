// SPDX-License-Identifier: Apache-2.0
//
// Pictures are well-formed whatever names and numbers they are given, marks lie where the numbers say, and histograms
// and rank correlations are what their definitions say.
#include "compiler/base/rank.h"
#include "compiler/plot/plot.h"

#include <float.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

// Tags close in order and attributes' quotes too; what a name may not add: a tag of its own.
static void assert_well_formed(const char *xml) {
  char open[32][16];
  int depth = 0;
  for (const char *p = xml; (p = strchr(p, '<'));) {
    const char *end = strchr(p, '>');
    assert_non_null(end);
    int quotes = 0;
    for (const char *q = p; q < end; q++)
      quotes += *q == '"';
    assert_int_equal(quotes % 2, 0);
    char tag[16] = "";
    sscanf(p + 1 + (p[1] == '/'), "%15[a-z]", tag);
    assert_non_null(strstr(" svg rect text path circle title ", tag));
    if (p[1] == '/') {
      assert_true(depth > 0);
      assert_string_equal(open[--depth], tag);
    } else if (end[-1] != '/') {
      assert_true(depth < 32);
      strcpy(open[depth++], tag);
    }
    p = end;
  }
  assert_int_equal(depth, 0);
  if (strstr(xml, "nan") || strstr(xml, "inf"))
    fail_msg("%s", xml);
}

static int count_of(const char *text, const char *what) {
  int n = 0;
  for (const char *p = text; (p = strstr(p, what)); p += strlen(what))
    n++;
  return n;
}

static void test_points(void **state) {
  (void)state;
  const double x[] = {0, 5, 10, NAN}, y[] = {0, 50, 100, 3};
  const plot_series s = {.name = "a", .style = PLOT_POINTS | PLOT_LINE, .x = x, .y = y, .count = 4};
  const plot p = {
      .title = "t", .x = {"x", .lo = 0, .hi = 10}, .y = {"y", .lo = 0, .hi = 100}, .series = &s, .count = 1};
  str out = {0}, again = {0};
  plot_svg(&p, &out);
  plot_svg(&p, &again);
  assert_string_equal(out.data, again.data);
  assert_well_formed(out.data);
  double width, height;
  const char *area = strstr(out.data, "<svg x=");
  assert_non_null(area);
  assert_int_equal(sscanf(area, "<svg x=\"%*d\" y=\"%*d\" width=\"%lf\" height=\"%lf\"", &width, &height), 2);
  char want[128];
  snprintf(want, sizeof want, "d=\"M0.0 %.1fL%.1f %.1fL%.1f 0.0\"", height, width / 2, height / 2, width);
  assert_non_null(strstr(out.data, want));
  assert_int_equal(count_of(out.data, "<circle"), 4); // three, and the legend's
  assert_non_null(strstr(out.data, "<title>a: 5, 50</title>"));
  str_free(&out);
  str_free(&again);
}

static void test_logarithmic(void **state) {
  (void)state;
  const double x[] = {0, -1, 1e-3, 1, 1e3}, y[] = {1, 1, 1, 1, 1};
  const plot_series s = {.style = PLOT_POINTS, .x = x, .y = y, .count = 5};
  const plot p = {.x = {"x", .log = true, .lo = 1e-3, .hi = 1e3}, .y = {"y"}, .series = &s, .count = 1};
  str out = {0};
  plot_svg(&p, &out);
  assert_well_formed(out.data);
  assert_int_equal(count_of(out.data, "<circle"), 3); // 0 and -1 are not shown
  double width;
  assert_int_equal(sscanf(strstr(out.data, "<svg x="), "<svg x=\"%*d\" y=\"%*d\" width=\"%lf\"", &width), 1);
  char want[64];
  snprintf(want, sizeof want, "cx=\"%.1f\"", width / 2); // of 1
  assert_non_null(strstr(out.data, want));
  assert_non_null(strstr(out.data, ">1000</text>"));
  str_free(&out);
}

static void test_bars(void **state) {
  (void)state;
  const char *const names[] = {"one", "two", "a long name, longer than there is room for", "four"};
  const double a[] = {1, 2, 3, 4}, b[] = {4, -3, NAN, 1}, lo[] = {0, 1, 2, 3}, hi[] = {2, 3, 4, 5};
  const plot_series s[] = {{.name = "a", .style = PLOT_BARS, .y = a, .count = 4, .lo = lo, .hi = hi},
                           {.name = "b", .style = PLOT_BARS, .y = b, .count = 4}};
  const plot p = {.title = "t", .categories = names, .category_count = 4, .series = s, .count = 2};
  str out = {0};
  plot_svg(&p, &out);
  assert_well_formed(out.data);
  assert_int_equal(count_of(out.data, "<rect"), 1 + 7 + 2); // the ground, bars, the legend's
  assert_non_null(strstr(out.data, "<title>b: two, -3</title>"));
  assert_non_null(strstr(out.data, "…"));
  str_free(&out);
}

// One below the other, as high as both.
static void test_several(void **state) {
  (void)state;
  static const double y[] = {1, 2};
  static const char *const names[] = {"a", "b"};
  const plot_series s = {.style = PLOT_LINE, .y = y, .count = 2};
  const plot p = {.title = "one", .categories = names, .category_count = 2, .series = &s, .count = 1}, both[] = {p, p};
  str one = {0}, two = {0};
  double width, height, wide, high;
  plot_svg(&p, &one);
  plot_panels_svg(both, 2, &two);
  assert_well_formed(two.data);
  assert_int_equal(count_of(two.data, "<svg"), 1 + 2 * count_of(one.data, "<svg"));
  const char *form = "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%lf\" height=\"%lf\"";
  assert_int_equal(sscanf(one.data, form, &width, &height), 2);
  assert_int_equal(sscanf(two.data, form, &wide, &high), 2);
  assert_true(wide == width && high == 2 * height);
  str_free(&one);
  str_free(&two);
}

// Whatever numbers and names: no crash, no NaN in the picture, no tag that a name brought.
static void test_anything(void **state) {
  (void)state;
  static const double NUMBERS[] = {0,       -0.0,      1,         -1,     1e300,  -1e300,  1e308,    -1e308,
                                   DBL_MIN, 5e-324,    INFINITY,  NAN,    1e15,   1e-15,   123456.7, 0.1,
                                   0.3,     -INFINITY, 1 + 1e-15, 1e-300, 2e-300, DBL_MAX, -7};
  static const char *const NAMES[] = {"plain",
                                      "</title><script>alert(1)</script>",
                                      "\"><svg onload=\"x\">",
                                      "a&b",
                                      "\xff\xfe",
                                      "\xe2\x82",
                                      "",
                                      "%s%n",
                                      "gr\xc3\xbc\xc3\x9f",
                                      "x\ny\x1b[1m"};
  enum { N = 12, SERIES = 24 };
  rng r = rng_seed(5);
  for (int round = 0; round < 400; round++) {
    double v[SERIES][4][N];
    const char *labels[N], *categories[N];
    plot_series s[SERIES];
    size_t count = rng_below(&r, SERIES + 1);
    for (size_t i = 0; i < N; i++) {
      labels[i] = NAMES[rng_below(&r, BASE_COUNT(NAMES))];
      categories[i] = NAMES[rng_below(&r, BASE_COUNT(NAMES))];
    }
    bool by_name = rng_below(&r, 2);
    for (size_t k = 0; k < count; k++) {
      for (int j = 0; j < 4; j++)
        for (size_t i = 0; i < N; i++)
          v[k][j][i] = round % 3 ? NUMBERS[rng_below(&r, BASE_COUNT(NUMBERS))] : NUMBERS[round % BASE_COUNT(NUMBERS)];
      s[k] = (plot_series){.name = rng_below(&r, 4) ? NAMES[rng_below(&r, BASE_COUNT(NAMES))] : NULL,
                           .style = (int)rng_below(&r, 64),
                           .x = by_name || rng_below(&r, 4) == 0 ? NULL : v[k][0],
                           .y = v[k][1],
                           .count = rng_below(&r, N + 1),
                           .labels = rng_below(&r, 2) ? labels : NULL};
      if (rng_below(&r, 2))
        s[k].lo = v[k][2], s[k].hi = v[k][3];
      if (!by_name)
        s[k].style &= ~PLOT_BARS;
    }
    plot p = {.title = labels[0], .series = s, .count = count};
    p.x = (plot_axis){.label = labels[1], .log = !by_name && rng_below(&r, 2)};
    p.y = (plot_axis){.label = labels[2], .log = rng_below(&r, 2)};
    if (by_name)
      p.categories = categories, p.category_count = rng_below(&r, N + 1);
    str out = {0};
    plot_svg(&p, &out);
    assert_well_formed(out.data);
    str_free(&out);
    const plot both[] = {p, p};
    plot_panels_svg(both, round % 3, &out);
    assert_well_formed(out.data);
    str_free(&out);
  }
}

static void test_histogram(void **state) {
  (void)state;
  const double v[] = {0, 0.5, 1, 1.5, 3.99, 4, -1, NAN, 5, 2};
  double edge[5], share[5];
  plot_histogram(v, 10, false, 0, 4, 4, edge, share);
  const double want[] = {0.2, 0.2, 0.1, 0.2, 0};
  for (int i = 0; i < 5; i++) {
    assert_float_equal(edge[i], i, 1e-12);
    assert_float_equal(share[i], want[i], 1e-12);
  }
  const double w[] = {1e-3, 5e-3, 0.02, 1, 0};
  plot_histogram(w, 5, true, 1e-3, 1, 3, edge, share);
  assert_float_equal(edge[1], 1e-2, 1e-9);
  assert_float_equal(share[0], 0.4, 1e-12);
  assert_float_equal(share[1], 0.2, 1e-12);
  assert_float_equal(share[2], 0.2, 1e-12);
}

// The published example of Kendall (1945) would do as well: here values computed by hand.
static void test_rank(void **state) {
  (void)state;
  const double x[] = {1, 2, 3, 4, 5}, up[] = {10, 20, 30, 40, 500}, down[] = {5, 4, 3, 2, -100};
  assert_float_equal(rank_kendall(x, up, 5), 1, 1e-12);
  assert_float_equal(rank_spearman(x, up, 5), 1, 1e-12);
  assert_float_equal(rank_kendall(x, down, 5), -1, 1e-12);
  assert_float_equal(rank_spearman(x, down, 5), -1, 1e-12);
  assert_true(rank_pearson(x, up, 5) < 0.9);
  const double y[] = {2, 1, 3, 5, 4}; // two of ten pairs discordant
  assert_float_equal(rank_kendall(x, y, 5), 0.6, 1e-12);
  assert_float_equal(rank_spearman(x, y, 5), 0.8, 1e-12);
  const double ties[] = {1, 1, 2, 2, 3}; // 8 concordant; two pairs tied
  assert_float_equal(rank_kendall(x, ties, 5), 8 / sqrt(80), 1e-12);
  const double same[] = {1, 1, 1, 1, 1}, holes[] = {1, NAN, 3, INFINITY, 5};
  assert_true(isnan(rank_kendall(x, same, 5)) && isnan(rank_spearman(x, same, 5)));
  assert_float_equal(rank_kendall(x, holes, 5), 1, 1e-12);
  assert_true(isnan(rank_kendall(x, up, 1)) && isnan(rank_pearson(x, up, 0)));
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_points),   cmocka_unit_test(test_logarithmic),
                                     cmocka_unit_test(test_bars),     cmocka_unit_test(test_several),
                                     cmocka_unit_test(test_anything), cmocka_unit_test(test_histogram),
                                     cmocka_unit_test(test_rank)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
