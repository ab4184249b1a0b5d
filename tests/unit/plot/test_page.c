// SPDX-License-Identifier: Apache-2.0
//
// Pages: well-formed whatever names and numbers they are given, numbers written for people, pictures that hold what
// the cells do, marks where the numbers say.
#include "compiler/plot/page.h"
#include "compiler/plot/plot.h"

#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <zlib.h>
#include <cmocka.h>

static const char *const HOSTILE = "</title><script>alert(1)</script>\"&\x01";

// Tags close in the order in which they opened; none but those that pages are built of.
static void assert_well_formed(const char *html) {
  char open[32][16];
  int depth = 0;
  for (const char *p = html; (p = strchr(p, '<')); p++) {
    const char *end = strchr(p, '>');
    assert_non_null(end);
    char tag[16] = "", name[20];
    sscanf(p + 1 + (p[1] == '/'), "%15[a-z0-9!]", tag);
    snprintf(name, sizeof name, " %s ", tag);
    if (!strstr(" figure figcaption ul li svg span div line text circle path rect title a b img table caption thead "
                "tbody tr th td p h2 h3 html head body style !doctype meta h1 ",
                name))
      fail_msg("<%s> in %.200s", tag, p);
    if (strstr(" img meta !doctype ", name))
      continue;
    if (p[1] == '/') {
      assert_true(depth > 0);
      assert_string_equal(open[--depth], tag);
    } else if (end[-1] != '/') {
      assert_true(depth < 32);
      strcpy(open[depth++], tag);
    }
  }
  assert_int_equal(depth, 0);
}

static void test_values(void **state) {
  (void)state;
  static const struct {
    double v;
    int digits;
    const char *text;
  } CASES[] = {{0, 0, "0"},
               {1234, 0, "1234"},
               {12345, 0,
                "12\xe2\x80\xaf"
                "345"},
               {1234567.891, 2,
                "1\xe2\x80\xaf"
                "234\xe2\x80\xaf"
                "567.89"},
               {-12.345, 1, "&minus;12.3"},
               {NAN, 2, "&ndash;"},
               {INFINITY, 2, "&ndash;"},
               {0.0001, 2, "0.0001"},
               {1e18, 0, "1e+18"}};
  for (size_t i = 0; i < BASE_COUNT(CASES); i++) {
    str out = {0};
    page_value(&out, CASES[i].v, CASES[i].digits);
    assert_string_equal(out.data, CASES[i].text);
    str_free(&out);
  }
}

static void test_base64(void **state) { // RFC 4648, 10
  (void)state;
  static const char *const CASES[][2] = {{"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foobar", "Zm9vYmFy"}};
  for (size_t i = 0; i < BASE_COUNT(CASES); i++) {
    str out = {0};
    page_base64(CASES[i][0], strlen(CASES[i][0]), &out);
    assert_string_equal(out.data, CASES[i][1]);
    str_free(&out);
  }
}

static uint32_t word(const char *p) {
  const uint8_t *b = (const uint8_t *)p;
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

// Chunk by chunk, sums and all, back to the pixels.
static void test_png(void **state) {
  (void)state;
  enum { W = 130, H = 70 };
  static uint8_t pixels[W * H], back[(W + 1) * H];
  const uint8_t palette[3][3] = {{1, 2, 3}, {4, 5, 6}, {7, 8, 9}};
  rng r = rng_seed(1);
  for (size_t i = 0; i < sizeof pixels; i++)
    pixels[i] = (uint8_t)rng_below(&r, 3);
  str png = {0};
  page_png(pixels, W, H, palette, 3, &png);
  assert_memory_equal(png.data, "\x89PNG\r\n\x1a\n", 8);
  const char *const order[] = {"IHDR", "PLTE", "IDAT", "IEND"};
  size_t at = 8;
  for (int k = 0; k < 4; k++) {
    uint32_t size = word(png.data + at);
    const char *data = png.data + at + 8;
    assert_true(at + 12 + size <= png.len);
    assert_memory_equal(data - 4, order[k], 4);
    assert_int_equal(word(data + size), crc32(0, (const Bytef *)data - 4, size + 4));
    if (k == 0) {
      assert_int_equal(word(data), W);
      assert_int_equal(word(data + 4), H);
      assert_memory_equal(data + 8, "\x08\x03\0\0\0", 5);
    } else if (k == 1) {
      assert_int_equal(size, sizeof palette);
      assert_memory_equal(data, palette, size);
    } else if (k == 2) {
      uLongf length = sizeof back;
      assert_int_equal(uncompress(back, &length, (const Bytef *)data, size), Z_OK);
      assert_int_equal(length, sizeof back);
      for (size_t y = 0; y < H; y++) {
        assert_int_equal(back[y * (W + 1)], 0);
        assert_memory_equal(back + y * (W + 1) + 1, pixels + y * W, W);
      }
    }
    at += 12 + size;
  }
  assert_int_equal(at, png.len);
  str_free(&png);
}

// Small maps as shapes, each cell where it belongs; large ones by what most of a block's cells hold.
static void test_maps(void **state) {
  (void)state;
  static const char *const names[] = {"plain", "</title><script>"};
  const size_t rank[] = {1, 0};
  const uint8_t few[] = {0, 1, 1, 0, 0, 0};
  page_map m = {HOSTILE, "filter", "channel", names, rank, 2, few, 2, 3};
  str out = {0};
  page_map_figure(&m, &out);
  assert_well_formed(out.data);
  assert_non_null(strstr(out.data, "viewBox=\"0 0 3 2\""));
  char bright[8], dark[8], want[128];
  snprintf(want, sizeof want, "<path fill=\"%s\" d=\"M0 0h1v1h-1zM0 1h1v1h-1zM1 1h1v1h-1zM2 1h1v1h-1z\"><title>plain<",
           page_ramp(1, 2, bright));
  assert_non_null(strstr(out.data, want));
  snprintf(want, sizeof want, "<path fill=\"%s\" d=\"M1 0h1v1h-1zM2 0h1v1h-1z\"><title>&lt;", page_ramp(0, 2, dark));
  assert_non_null(strstr(out.data, want));
  assert_string_equal(bright, "#fde725");
  assert_string_equal(dark, "#440154");
  assert_non_null(strstr(out.data, "2 filters &times; 3 channels"));
  str_free(&out);

  // 300 x 200: blocks of 3; the last column of blocks is 2 wide.
  static uint8_t many[300 * 200];
  for (size_t r = 0; r < 300; r++)
    for (size_t c = 0; c < 200; c++)
      many[r * 200 + c] = r / 3 % 2 ? (r % 3 == 0 || c % 3 == 1) : 0;
  m = (page_map){"big", "filter", "channel", names, rank, 2, many, 300, 200};
  page_map_figure(&m, &out);
  assert_well_formed(out.data);
  assert_non_null(strstr(out.data, "data:image/png;base64,"));
  assert_non_null(strstr(out.data, "a cell: the most frequent of 3&times;3"));
  static uint8_t blocks[100 * 67];
  for (size_t r = 0; r < 100; r++) // 5 of 9 in the odd rows; 4 of 6 in the last column
    memset(blocks + r * 67, (int)(r % 2), 67);
  uint8_t palette[2][3] = {{253, 231, 37}, {68, 1, 84}};
  str png = {0}, text = {0};
  page_png(blocks, 67, 100, (const uint8_t(*)[3])palette, 2, &png);
  page_base64(png.data, png.len, &text);
  assert_non_null(strstr(out.data, text.data));
  str_free(&png);
  str_free(&text);
  str_free(&out);

  // One column is laid in lines of 16.
  m = (page_map){"line", "filter", "", names, rank, 2, many, 40, 1};
  page_map_figure(&m, &out);
  assert_non_null(strstr(out.data, "viewBox=\"0 0 16 3\""));
  assert_null(strstr(out.data, "M8 2h")); // the last line has 8
  str_free(&out);
}

static void test_bars(void **state) {
  (void)state;
  const page_part parts[] = {
      {25, 1, NULL, HOSTILE}, {0, 2, NULL, "none"}, {50, 3, "#123456", NULL}, {NAN, 4, NULL, ""}};
  str out = {0};
  page_bars(&out, HOSTILE);
  page_row(&out, "an-id", "to", HOSTILE);
  page_bar(&out, parts, 4, 200);
  page_row_end(&out);
  page_table_end(&out);
  assert_well_formed(out.data);
  assert_non_null(strstr(out.data, "class=\"k1\" x=\"0.00%\" width=\"12.50%\""));
  assert_non_null(strstr(out.data, "color=\"#123456\" x=\"12.50%\" width=\"25.00%\""));
  assert_null(strstr(out.data, "none"));
  assert_null(strstr(out.data, "nan"));
  str_free(&out);
}

// Marks at percentages of the ranges; what lies beyond is left out; links and labels.
static void test_figure(void **state) {
  (void)state;
  const double x[] = {0, 5, 10, 20, NAN}, y[] = {0, 50, 100, 50, 3};
  const char *const labels[] = {HOSTILE, "b", "c", "d", "e"}, *const links[] = {"#one", NULL, NULL, NULL, NULL};
  const plot_series s = {
      .name = HOSTILE, .style = PLOT_POINTS | PLOT_LINE, .x = x, .y = y, .count = 5, .labels = labels, .links = links};
  const plot p = {
      .title = HOSTILE, .x = {"x", .lo = 0, .hi = 10}, .y = {"y", .lo = 0, .hi = 100}, .series = &s, .count = 1};
  str out = {0}, again = {0};
  plot_figure(&p, &out);
  plot_figure(&p, &again);
  assert_string_equal(out.data, again.data);
  assert_well_formed(out.data);
  assert_non_null(strstr(out.data, "<a href=\"#one\"><circle class=\"k1 mark\" cx=\"0.00%\" cy=\"100.00%\""));
  assert_non_null(strstr(out.data, "cx=\"50.00%\" cy=\"50.00%\" r=\"4.5\"><title>b</title>"));
  assert_null(strstr(out.data, "<title>d</title>"));
  assert_non_null(strstr(out.data, "d=\"M0.0 1000.0L500.0 500.0L1000.0 0.0L1000.0 500.0\""));
  str_free(&out);
  str_free(&again);
}

// As plots for files: whatever numbers and names.
static void test_any_figure(void **state) {
  (void)state;
  static const double NUMBERS[] = {0, -0.0, 1, -1, 1e300, -1e300, 5e-324, INFINITY, NAN, 1e15, 1e-15, 0.1, -INFINITY};
  enum { N = 9, SERIES = 14 };
  rng r = rng_seed(7);
  for (int round = 0; round < 300; round++) {
    double v[SERIES][4][N];
    const char *names[N];
    plot_series s[SERIES];
    size_t count = rng_below(&r, SERIES + 1);
    bool by_name = rng_below(&r, 2);
    for (size_t i = 0; i < N; i++)
      names[i] = rng_below(&r, 2) ? HOSTILE : "plain";
    for (size_t k = 0; k < count; k++) {
      for (int j = 0; j < 4; j++)
        for (size_t i = 0; i < N; i++)
          v[k][j][i] = NUMBERS[rng_below(&r, BASE_COUNT(NUMBERS))];
      s[k] = (plot_series){.name = rng_below(&r, 4) ? HOSTILE : NULL,
                           .style = (int)rng_below(&r, 64),
                           .x = by_name ? NULL : v[k][0],
                           .y = v[k][1],
                           .count = rng_below(&r, N + 1),
                           .lo = v[k][2],
                           .hi = v[k][3],
                           .colour = (int)rng_below(&r, 20),
                           .labels = rng_below(&r, 2) ? names : NULL};
      if (!by_name)
        s[k].style &= ~PLOT_BARS;
    }
    plot p = {.title = HOSTILE, .series = s, .count = count};
    p.x = (plot_axis){.label = HOSTILE, .log = !by_name && rng_below(&r, 2)};
    p.y = (plot_axis){.label = HOSTILE, .log = rng_below(&r, 2)};
    if (by_name)
      p.categories = names, p.category_count = rng_below(&r, N + 1);
    str out = {0};
    plot_figure(&p, &out);
    assert_well_formed(out.data);
    if (strstr(out.data, "nan%") || strstr(out.data, "inf%") || strstr(out.data, ">nan<") || strstr(out.data, ">inf<"))
      fail_msg("%s", out.data);
    str_free(&out);
  }
}

static void test_page(void **state) {
  (void)state;
  str out = {0};
  page_begin(HOSTILE, &out);
  page_heading(&out, 2, "here", "%s", HOSTILE);
  page_note(&out, "%s", HOSTILE);
  page_end(&out);
  assert_well_formed(out.data);
  assert_null(strstr(out.data, "<script"));
  // The policy's hash is that of the style.
  const char *style = strstr(out.data, "<style>"), *end = strstr(out.data, "</style>");
  assert_non_null(end);
  arena *mem = arena_new();
  const char *hex = hash_hex(mem, style + 7, (size_t)(end - style - 7));
  uint8_t bytes[32];
  for (size_t i = 0; i < 32; i++) {
    unsigned v;
    assert_int_equal(sscanf(hex + 2 * i, "%2x", &v), 1);
    bytes[i] = (uint8_t)v;
  }
  str want = {0};
  str_add(&want, "'sha256-");
  page_base64(bytes, 32, &want);
  assert_non_null(strstr(out.data, want.data));
  str_free(&want);
  str_free(&out);
  arena_free(mem);
}

int main(void) {
  const struct CMUnitTest tests[] = {cmocka_unit_test(test_values),     cmocka_unit_test(test_base64),
                                     cmocka_unit_test(test_png),        cmocka_unit_test(test_maps),
                                     cmocka_unit_test(test_bars),       cmocka_unit_test(test_figure),
                                     cmocka_unit_test(test_any_figure), cmocka_unit_test(test_page)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
