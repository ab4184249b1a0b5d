// SPDX-License-Identifier: Apache-2.0
//
// A look over the protobuf wire format before protobuf-c unpacks it: a file that is cut off, nests without end or holds
// millions of empty messages is refused here, with the byte offset, before it can use up the stack or the memory.
#include "compiler/onnx/onnx_internal.h"

typedef struct {
  const char *path;
  diag *d;
  const uint8_t *start;
  int64_t fields;
} wire;

static bool at(wire *w, const uint8_t *p, const char *what) {
  return diag_at(w->d, (src_pos){.file = w->path}, "not a valid ONNX file: byte %td: %s", p - w->start, what);
}

static bool varint(const uint8_t **p, const uint8_t *end, uint64_t *out) {
  *out = 0;
  for (int shift = 0; shift < 70 && *p < end; shift += 7) {
    uint8_t byte = *(*p)++;
    if (shift < 64)
      *out |= (uint64_t)(byte & 127) << shift;
    if (byte < 128)
      return true;
  }
  return false;
}

static bool message(wire *w, const ProtobufCMessageDescriptor *desc, const uint8_t *p, const uint8_t *end, int depth) {
  if (depth > ONNX_MAX_DEPTH)
    return at(w, p, "messages nested too deeply");
  while (p < end) {
    const uint8_t *start = p;
    uint64_t key, length;
    if (!varint(&p, end, &key) || key >> 3 == 0 || key >> 32)
      return at(w, start, "expected a field");
    switch (key & 7) {
    case 0:
      if (!varint(&p, end, &length))
        return at(w, start, "number cut off");
      continue;
    case 1:
    case 5:
      length = (key & 7) == 1 ? 8 : 4;
      break;
    case 2:
      if (!varint(&p, end, &length))
        return at(w, start, "length cut off");
      if (++w->fields > ONNX_MAX_FIELDS)
        return at(w, start, "too many fields");
      break;
    default:
      return at(w, start, "unknown wire type");
    }
    if (length > (uint64_t)(end - p))
      return at(w, start, "field reaches beyond the end (is the file complete?)");
    const ProtobufCFieldDescriptor *field = protobuf_c_message_descriptor_get_field(desc, (unsigned)(key >> 3));
    if ((key & 7) == 2 && field && field->type == PROTOBUF_C_TYPE_MESSAGE &&
        !message(w, field->descriptor, p, p + length, depth + 1))
      return false;
    p += length;
  }
  return true;
}

bool onnx_wire_check(const char *path, bytes file, diag *d) {
  wire w = {.path = path, .d = d, .start = file.data};
  return message(&w, &onnx__model_proto__descriptor, file.data, file.data + file.size, 0);
}
