// SPDX-License-Identifier: Apache-2.0
#include "tests/fuzz/fuzz.h"

#include "compiler/onnx/onnx.h"

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  network *net;
  onnx_read(mem, fuzz_file("model.onnx", data, size), &net, d);
}

const fuzz_parser fuzz_target = {16384, "tests/onnx/*.onnx tests/onnx/errors/*.onnx tests/onnx/quantised/*.onnx", NULL,
                                 NULL, read};
