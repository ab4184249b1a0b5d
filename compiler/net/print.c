// SPDX-License-Identifier: Apache-2.0
//
// The table of `axgen net show`.
#include "compiler/net/print.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

enum { COLUMNS = 9, WIDTH = NET_TEXT };
typedef char row[COLUMNS][WIDTH];

static const row heading = {"layer",           "op",         "from",    "output", "window", "parameters",
                            "multiplications", "activation", "integers"};
static const bool right_aligned[COLUMNS] = {[5] = true, [6] = true};

void net_put_count(char out[WIDTH], int64_t v) {
  char digits[24];
  int n = snprintf(digits, sizeof digits, "%" PRId64, v), k = 0;
  for (int i = 0; i < n; i++) {
    if (i && (n - i) % 3 == 0)
      out[k++] = ',';
    out[k++] = digits[i];
  }
  out[k] = 0;
}

static int64_t parameters(const network *net, const net_node *n) {
  if (!net_multiplies(n))
    return 0;
  bool bias = net->quantised ? n->bias != NULL : n->bias_f != NULL;
  return n->shape.c * (net_reduction(net, n) + bias);
}

void net_put_activation(const net_node *n, char out[WIDTH]) {
  if (isinf(n->clamp_lo) && isinf(n->clamp_hi))
    return;
  if (n->clamp_lo == 0 && isinf(n->clamp_hi))
    strcpy(out, "relu");
  else if (n->clamp_lo == 0 && n->clamp_hi == 6)
    strcpy(out, "relu6");
  else
    snprintf(out, WIDTH, "[%g, %g]", n->clamp_lo, n->clamp_hi);
}

void net_put_integers(const network *net, const net_node *n, char out[WIDTH]) {
  int k = 0;
  if (net_multiplies(n)) {
    k = snprintf(out, WIDTH, "w %c%d", n->weight_signed ? 's' : 'u', n->weight_bits);
    if (n->weight_zero)
      k += snprintf(out + k, (size_t)(WIDTH - k), "%+d", n->weight_zero);
    k += snprintf(out + k, (size_t)(WIDTH - k), ", ");
  }
  if (net_is_raw(net, n))
    snprintf(out + k, (size_t)(WIDTH - k), "out accumulators");
  else {
    k += snprintf(out + k, (size_t)(WIDTH - k), "out %c%d", n->quant.is_signed ? 's' : 'u', n->quant.bits);
    if (n->quant.zero)
      k += snprintf(out + k, (size_t)(WIDTH - k), "%+d", n->quant.zero);
    snprintf(out + k, (size_t)(WIDTH - k), " *%.4g", n->quant.scale);
  }
}

static void fill(const network *net, const net_node *n, row r) {
  snprintf(r[0], WIDTH, "%s", n->name);
  snprintf(r[1], WIDTH, "%s", net_op_name(n->op));
  for (int i = 0, k = 0; i < n->input_count && k < WIDTH; i++)
    k += snprintf(r[2] + k, (size_t)(WIDTH - k), "%s%s", i ? ", " : "", net->nodes[n->inputs[i]].name);
  snprintf(r[3], WIDTH, "%dx%dx%d", n->shape.c, n->shape.h, n->shape.w);
  net_put_window(n, r[4]);
  if (net_multiplies(n)) {
    net_put_count(r[5], parameters(net, n));
    net_put_count(r[6], net_multiplications(net, n));
  }
  net_put_activation(n, r[7]);
  if (net->quantised)
    net_put_integers(net, n, r[8]);
}

static void put_row(str *s, const row r, const int *width, int columns) {
  size_t start = s->len;
  for (int c = 0; c < columns; c++)
    str_printf(s, "%s%*s", c ? "  " : "", right_aligned[c] ? width[c] : -width[c], r[c]);
  while (s->len > start && s->data[s->len - 1] == ' ')
    s->data[--s->len] = 0;
  str_add(s, "\n");
}

// What pixels stand for, unless it is p / 255.
static void put_pixels(const network *net, str *s) {
  for (int c = 0; c < (net->input_channels ? net->nodes[0].shape.c : 1); c++) {
    net_pixels p = net_input_pixels(net, c);
    if (!net->input_channels && p.scale == 1 && p.offset == 0)
      continue;
    str_add(s, "a pixel p");
    if (net->input_channels)
      str_printf(s, " of channel %d", c);
    str_printf(s, " stands for p / 255 * %.6g", p.scale);
    if (p.offset != 0)
      str_printf(s, " %c %.6g", p.offset < 0 ? '-' : '+', fabs(p.offset));
    str_add(s, "\n");
  }
}

void net_print(const network *net, FILE *out) {
  arena *mem = arena_new();
  size_t rows = net->count + 2;
  row *table = arena_calloc(mem, rows, sizeof *table);
  memcpy(table[0], heading, sizeof heading);
  int64_t all_parameters = 0, all_multiplications = 0;
  for (size_t i = 0; i < net->count; i++) {
    fill(net, &net->nodes[i], table[i + 1]);
    all_parameters += parameters(net, &net->nodes[i]);
    all_multiplications += net_multiplications(net, &net->nodes[i]);
  }
  strcpy(table[rows - 1][0], "total");
  net_put_count(table[rows - 1][5], all_parameters);
  net_put_count(table[rows - 1][6], all_multiplications);
  int width[COLUMNS] = {0};
  for (size_t i = 0; i < rows; i++)
    for (int c = 0; c < COLUMNS; c++)
      if ((int)strlen(table[i][c]) > width[c])
        width[c] = (int)strlen(table[i][c]);
  str s = {0};
  str_printf(&s, "%s: %s\n", net->name, net->quantised ? "integers" : "floating point");
  put_pixels(net, &s);
  for (size_t i = 0; i < rows; i++)
    put_row(&s, table[i], width, net->quantised ? COLUMNS : COLUMNS - 1);
  fputs(s.data, out);
  str_free(&s);
  arena_free(mem);
}
