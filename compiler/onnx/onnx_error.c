// SPDX-License-Identifier: Apache-2.0
//
// ONNX import: how errors name the file and a node.
#define ONNX_NODE_ERROR_C
#include "compiler/onnx/onnx_internal.h"

#include <string.h>

// Names come from the file: nothing but printable characters goes to the terminal, and not too many of them.
const char *onnx_printable(arena *mem, const char *text) {
  char *copy = arena_strndup(mem, text ? text : "", text ? strnlen(text, 200) : 0);
  for (char *p = copy; *p; p++)
    if ((unsigned char)*p < 32 || (unsigned char)*p > 126)
      *p = '?';
  return copy;
}

bool onnx_error(onnx_import *im, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  str text = {0};
  str_vprintf(&text, fmt, ap);
  va_end(ap);
  diag_at(im->d, (src_pos){.file = im->path}, "%s", text.data);
  str_free(&text);
  return false;
}

bool onnx_node_error(const onnx_node *n, const char *fmt, ...) {
  va_list ap;
  va_start(ap, fmt);
  str text = {0};
  str_vprintf(&text, fmt, ap);
  va_end(ap);
  diag_at(n->im->d, (src_pos){.file = n->im->path}, "%s (node %s): %s", n->op, n->label, text.data);
  str_free(&text);
  return false;
}
