// SPDX-License-Identifier: Apache-2.0
#include "compiler/plot/page.h"
#include "compiler/base/escape.h"
#include "compiler/plot/style.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

// ---- the page ----

// The style's hash, so that a browser takes no other.
static void add_policy(const str *css, str *out) {
  arena *mem = arena_new();
  const char *hex = hash_hex(mem, css->data, css->len);
  uint8_t bytes[32];
  for (size_t i = 0; i < sizeof bytes; i++) {
    const char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
    bytes[i] = (uint8_t)strtoul(digits, NULL, 16);
  }
  str_add(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; img-src data:; style-src "
               "'sha256-");
  page_base64(bytes, sizeof bytes, out);
  str_add(out, "'; base-uri 'none'; form-action 'none'\">\n");
  arena_free(mem);
}

void page_begin(const char *title, str *out) {
  str css = {0};
  style_sheet(&css);
  str_add(out, "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\n");
  add_policy(&css, out);
  str_add(out, "<meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n"
               "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
  escape_xml(out, title);
  str_printf(out, "</title>\n<style>%s</style></head>\n<body>\n<h1>", css.data);
  escape_xml(out, title);
  str_add(out, "</h1>\n");
  str_free(&css);
}

void page_end(str *out) { str_add(out, "</body></html>\n"); }

// ---- text ----

static void add_escaped(str *out, const char *fmt, va_list ap) {
  str text = {0};
  str_vprintf(&text, fmt, ap);
  escape_xml(out, text.data ? text.data : "");
  str_free(&text);
}

void page_heading(str *out, int level, const char *id, const char *fmt, ...) {
  str_printf(out, "<h%d", level);
  if (id)
    str_printf(out, " id=\"%s\"", id);
  str_add(out, ">");
  va_list ap;
  va_start(ap, fmt);
  add_escaped(out, fmt, ap);
  va_end(ap);
  str_printf(out, "</h%d>\n", level);
}

void page_note(str *out, const char *fmt, ...) {
  str_add(out, "<p class=\"note\">");
  va_list ap;
  va_start(ap, fmt);
  add_escaped(out, fmt, ap);
  va_end(ap);
  str_add(out, "</p>\n");
}

// The digits before the point in groups of three, from five on.
void page_value(str *out, double v, int digits) {
  if (!isfinite(v)) {
    str_add(out, "&ndash;");
    return;
  }
  if (fabs(v) >= 1e15 || (v != 0 && fabs(v) < 0.5 * pow(10, -digits))) {
    str_printf(out, "%.3g", v);
    return;
  }
  char text[64];
  snprintf(text, sizeof text, "%.*f", digits, fabs(v));
  size_t whole = strcspn(text, ".");
  if (v < 0)
    str_add(out, "&minus;");
  for (size_t i = 0; text[i]; i++) {
    if (i && i < whole && whole > 4 && (whole - i) % 3 == 0)
      str_add(out, "\xe2\x80\xaf"); // a narrow space
    str_add_n(out, &text[i], 1);
  }
}

// ---- tables ----

void page_table(str *out, const char *caption, const char *const *columns, size_t count) {
  str_add(out, "<div class=\"scroll\"><table>");
  if (caption) {
    str_add(out, "<caption>");
    escape_xml(out, caption);
    str_add(out, "</caption>");
  }
  str_add(out, "<thead><tr>");
  for (size_t i = 0; i < count; i++) {
    bool number = columns[i][0] == '>';
    str_add(out, number ? "<th scope=\"col\" class=\"n\">" : "<th scope=\"col\">");
    escape_xml(out, columns[i] + number);
    str_add(out, "</th>");
  }
  str_add(out, "</tr></thead><tbody>\n");
}

void page_row(str *out, const char *id, const char *link, const char *head) {
  str_add(out, "<tr");
  if (id)
    str_printf(out, " id=\"%s\"", id);
  str_add(out, "><th scope=\"row\" title=\"");
  escape_xml(out, head);
  str_add(out, "\">");
  if (link)
    str_printf(out, "<a href=\"#%s\">", link);
  escape_xml(out, head);
  str_add(out, link ? "</a></th>" : "</th>");
}

void page_text(str *out, const char *text) {
  str_add(out, "<td class=\"w\">");
  escape_xml(out, text);
  str_add(out, "</td>");
}

void page_number(str *out, double v, int digits, const char *unit) {
  str_add(out, "<td class=\"n\">");
  page_value(out, v, digits);
  if (unit && isfinite(v)) {
    str_add(out, " <span class=\"u\">");
    escape_xml(out, unit);
    str_add(out, "</span>");
  }
  str_add(out, "</td>");
}

void page_heat(str *out, double v, int digits, double share) {
  int step = isfinite(v) && isfinite(share) ? (int)ceil(fmin(fabs(share), 1) * STYLE_HEATS - 1e-9) : 0;
  str_add(out, "<td");
  if (step)
    str_printf(out, " class=\"%c%d\"", share < 0 ? 'c' : 'h', step);
  str_add(out, ">");
  page_value(out, v, digits);
  str_add(out, "</td>");
}

void page_row_end(str *out) { str_add(out, "</tr>\n"); }
void page_table_end(str *out) { str_add(out, "</tbody></table></div>\n"); }

// ---- bars ----

static void add_colour(const page_part *part, str *out) {
  if (part->shade)
    str_printf(out, " color=\"%s\"", part->shade);
  else
    str_printf(out, " class=\"k%d\"", part->colour);
}

void page_bar(str *out, const page_part *parts, size_t count, double most) {
  double x = 0;
  str_add(out, "<td><svg class=\"bar\" aria-hidden=\"true\">");
  for (size_t i = 0; i < count; i++) {
    double share = most > 0 && isfinite(parts[i].value) ? 100 * parts[i].value / most : 0;
    if (share < 0.005)
      continue;
    str_add(out, "<rect");
    add_colour(&parts[i], out);
    str_printf(out, " x=\"%.2f%%\" width=\"%.2f%%\" height=\"100%%\"", x, share);
    if (parts[i].tip) {
      str_add(out, "><title>");
      escape_xml(out, parts[i].tip);
      str_add(out, "</title></rect>");
    } else {
      str_add(out, "/>");
    }
    x += share;
  }
  str_add(out, "</svg></td>");
}

void page_bars(str *out, const char *caption) {
  str_add(out, "<div><table class=\"bars\"><caption>");
  escape_xml(out, caption);
  str_add(out, "</caption><tbody>\n");
}

void page_legend(str *out, const char *const *names, const page_part *parts, size_t count) {
  str_add(out, "<ul class=\"legend\">");
  for (size_t i = 0; i < count; i++) {
    str_add(out, "<li><svg class=\"key\" aria-hidden=\"true\"><rect");
    add_colour(&parts[i], out);
    str_add(out, " width=\"100%\" height=\"100%\" rx=\"2\"/></svg><span>");
    escape_xml(out, names[i]);
    str_add(out, "</span></li>");
  }
  str_add(out, "</ul>\n");
}
