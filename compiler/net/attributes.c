// SPDX-License-Identifier: Apache-2.0
//
// Attributes of layers: how each is read, written and shown.
#include "compiler/net/operators.h"
#include "compiler/net/print.h"

#include <string.h>

// Appends to a text of NET_TEXT bytes.
static void put(char *out, const char *fmt, ...) BASE_PRINTF(2, 3);
static void put(char *out, const char *fmt, ...) {
  size_t at = strnlen(out, NET_TEXT - 1);
  va_list ap;
  va_start(ap, fmt);
  vsnprintf(out + at, NET_TEXT - at, fmt, ap);
  va_end(ap);
}

static void show_kernel(const net_node *n, char *out) { put(out, "%dx%d", n->kh, n->kw); }

static void show_stride(const net_node *n, char *out) {
  if (n->sh != n->sw)
    put(out, " /%d,%d", n->sh, n->sw);
  else if (n->sh != 1)
    put(out, " /%d", n->sh);
}

static void show_pads(const net_node *n, char *out) {
  if (n->pt == n->pb && n->pl == n->pr && n->pt == n->pl) {
    if (n->pt)
      put(out, " pad %d", n->pt);
  } else
    put(out, " pad %d,%d,%d,%d", n->pt, n->pb, n->pl, n->pr);
}

static void show_groups(const net_node *n, char *out) {
  if (n->groups != 1)
    put(out, " groups %d", n->groups);
}

static void show_channels(const net_node *n, char *out) {
  if (n->pad_c0 || n->pad_c1)
    put(out, " channels %d,%d", n->pad_c0, n->pad_c1);
}

typedef enum { FLAG, NUMBER, LIST } attribute_form;
typedef struct {
  const char *key;
  attribute_form form;
  int count; // of numbers
  size_t at[4]; // where net_node has them
  int32_t least, most, otherwise; // otherwise: of an operator without the attribute
  void (*show)(const net_node *n, char *out); // NULL: not shown
} attribute;

#define AT(field) offsetof(net_node, field)
// clang-format off
#define ROWS(X)                                                                                                                        \
  X(NET_KERNEL,       "kernel",     LIST,   2, {AT(kh), AT(kw)},                   1, 4096,           1, show_kernel)                  \
  X(NET_STRIDE,       "stride",     LIST,   2, {AT(sh), AT(sw)},                   1, 4096,           1, show_stride)                  \
  X(NET_PADS,         "pads",       LIST,   4, {AT(pt), AT(pb), AT(pl), AT(pr)},   0, 4096,           0, show_pads)                    \
  X(NET_GROUPS,       "groups",     NUMBER, 1, {AT(groups)},                       1, NET_MAX_TENSOR, 1, show_groups)                  \
  X(NET_PAD_CHANNELS, "channels",   LIST,   2, {AT(pad_c0), AT(pad_c1)},           0, 65536,          0, show_channels)                \
  X(NET_COUNT_PADS,   "count_pads", FLAG,   1, {AT(count_pad)},                    0, 1,              0, NULL)
// clang-format on
static const attribute attributes[NET_ATTRIBUTES] = {ROWS(BASE_ROW)};
_Static_assert(BASE_ROWS(ROWS) == NET_ATTRIBUTES, "a row for each attribute");

static int *number(net_node *n, const attribute *a, int i) { return (int *)(void *)((char *)n + a->at[i]); }
static bool *flag(net_node *n, const attribute *a) { return (bool *)(void *)((char *)n + a->at[0]); }

size_t net_attribute_keys(net_op op, const char **keys) {
  size_t count = 0;
  for (int i = 0; i < NET_ATTRIBUTES; i++)
    if (net_operators[op].attributes >> i & 1)
      keys[count++] = attributes[i].key;
  return count;
}

static bool read(const yaml *layer, net_node *n, const attribute *a, diag *d) {
  const yaml *y = yaml_need(layer, a->key, d);
  if (a->form == FLAG)
    return yaml_bool(y, flag(n, a), d);
  int32_t values[4];
  if (a->form == NUMBER ? !yaml_int32(y, a->least, a->most, values, d)
                        : !yaml_ints(y, a->count, a->least, a->most, values, d))
    return false;
  for (int i = 0; i < a->count; i++)
    *number(n, a, i) = values[i];
  return true;
}

bool net_read_attributes(const yaml *layer, net_node *n, diag *d) {
  for (int i = 0; i < NET_ATTRIBUTES; i++) {
    const attribute *a = &attributes[i];
    for (int k = 0; a->form != FLAG && k < a->count; k++)
      *number(n, a, k) = a->otherwise;
    if (net_has(n, (net_attribute)i) && !read(layer, n, a, d))
      return false;
  }
  return true;
}

void net_write_attributes(const net_node *n, str *out) {
  net_node own = *n;
  for (int i = 0; i < NET_ATTRIBUTES; i++) {
    const attribute *a = &attributes[i];
    if (!net_has(n, (net_attribute)i))
      continue;
    str_printf(out, "  %s: %s", a->key, a->form == LIST ? "[" : "");
    for (int k = 0; a->form != FLAG && k < a->count; k++)
      str_printf(out, "%s%d", k ? ", " : "", *number(&own, a, k));
    str_add(out, a->form == LIST ? "]\n" : a->form == NUMBER ? "\n" : *flag(&own, a) ? "true\n" : "false\n");
  }
}

void net_put_window(const net_node *n, char out[NET_TEXT]) {
  static const net_attribute order[] = {NET_KERNEL, NET_STRIDE, NET_GROUPS, NET_PADS, NET_PAD_CHANNELS};
  for (size_t i = 0; i < BASE_COUNT(order); i++)
    if (net_has(n, order[i]))
      attributes[order[i]].show(n, out);
}
