// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: short legal names. `/conv1/Conv` -> conv1, `/layer1/0/conv1/Conv` -> layer1_0_conv1; a node without a
// telling name takes its weight's (`conv1.weight` -> conv1), else conv_1, conv_2 ...
#include "compiler/onnx/onnx_internal.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 48 };

// Letters, digits and single underscores; nothing at the ends.
static char *clean(arena *mem, const char *text, size_t len) {
  char *name = arena_alloc(mem, len + 1);
  size_t n = 0;
  for (size_t i = 0; i < len; i++)
    if (isalnum((unsigned char)text[i]))
      name[n++] = text[i];
    else if (n && name[n - 1] != '_')
      name[n++] = '_';
  while (n && (name[n - 1] == '_' || n > LONGEST))
    n--;
  name[n] = 0;
  return name;
}

// Does the last part of `label` only repeat the operator, as in Conv, Conv_12 or Conv__12?
static bool is_operator(const char *part, const char *op) {
  size_t n = strlen(op);
  return !strncmp(part, op, n) && part[n + strspn(part + n, "_0123456789")] == 0;
}

static char *from_name(arena *mem, const onnx_layer *l, const char *kind) {
  const char *last = l->name + strlen(l->name);
  while (last > l->name && !strchr("/.:", last[-1]))
    last--;
  if (!strncmp(l->name, "node_", 5)) // PyTorch's newer exporter: node_conv2d_3, node_Conv_649
    return arena_strdup(mem, "");
  if (!is_operator(last, l->op_type))
    return clean(mem, l->name, strlen(l->name));
  char *name = clean(mem, l->name, (size_t)(last - l->name));
  // An addition, concatenation or pad is a step of the module it stands in, not the module itself.
  bool step = l->node.op == NET_ADD || l->node.op == NET_CONCAT || l->node.op == NET_PAD;
  return *name && step ? arena_printf(mem, "%s_%s", name, kind) : name;
}

const char *onnx_layer_name(arena *mem, const onnx_layer *l, const network *used) {
  const char *kind = net_op_name(l->node.op);
  char *name = from_name(mem, l, kind);
  if (!*name && l->weight_name) {
    const char *dot = strrchr(l->weight_name, '.');
    if (dot && !strcmp(dot, ".weight") && !strstr(l->weight_name, "::"))
      name = clean(mem, l->weight_name, (size_t)(dot - l->weight_name));
  }
  if (*name && !isalpha((unsigned char)*name))
    name = arena_printf(mem, "%s_%s", kind, name);
  if (*name && net_find(used, name) < 0)
    return name;
  for (int i = *name ? 2 : 1;; i++) {
    char *numbered = arena_printf(mem, "%s_%d", *name ? name : kind, i);
    if (net_find(used, numbered) < 0)
      return numbered;
  }
}
