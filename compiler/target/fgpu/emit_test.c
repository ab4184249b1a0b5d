// SPDX-License-Identifier: Apache-2.0
//
// The testbench that goes along with a tile and its program.
#include "compiler/target/common/package.h"
#include "compiler/target/fgpu/emit_internal.h"

// Cycles after which an image has surely not ended: far more than a tile takes for a tap of a window, and than it takes
// to begin.
static int64_t cycle_limit(const network *net) {
  enum { EACH = 64, BEGIN = 20000, MOST = 100000000 };
  int64_t taps = 0;
  for (size_t i = 1; i < net->count; i++) {
    const net_node *n = &net->nodes[i];
    int64_t each = net_multiplies(n) ? net_reduction(net, n) : (int64_t)n->kh * n->kw * n->input_count;
    taps += net_shape_size(n->shape) * each;
  }
  return clamp64(BEGIN + EACH * taps, 0, MOST);
}

bool fgpu_add_test(arena *mem, const fgpu_program *p, const origin *made_from, const target_test *test, fileset *out,
                   diag *d) {
  const network *net = p->model->net;
  const fgpu_tensor *in = &p->tensors[0];
  const fgpu_tile tile = fgpu_tile_of(p, made_from);
  const package_parameter parameters[] = {
      {"ADDR_W", arena_printf(mem, "%d", fgpu_address_bits(&tile))},
      {"LINES", arena_printf(mem, "%lld", (long long)div_ceil(p->memory_bytes, FGPU_LINE))},
      {"LAUNCHES", arena_printf(mem, "%zu", p->launch_count)},
      {"IMAGES", arena_printf(mem, "%zu", test->images.count)},
      {"INPUT_LINE", arena_printf(mem, "%u", in->base / FGPU_LINE)},
      {"INPUT_LINES", arena_printf(mem, "%u", in->bytes / FGPU_LINE)},
      {"VALUES", arena_printf(mem, "%lld", (long long)net_shape_size(net_output(net)->shape))},
      {"VALUE_BYTES", arena_printf(mem, "%d", fgpu_value_bytes(p, (int)net->count - 1))},
      {"TIMEOUT", arena_printf(mem, "%lld", (long long)cycle_limit(net))},
      {"HOST", "{FOLDER, \"/program/host.txt\"}"},
      {"CONSTANTS", "{FOLDER, \"/program/memory.hex\"}"},
      {"INPUT", "{FOLDER, \"/tb/images.hex\"}"},
      {"EXPECTED", "{FOLDER, \"/tb/expected.hex\"}"},
      {NULL, NULL}};
  bytes memory;
  if (!file_read(mem, data_path(mem, "rtl_templates/fgpu/sim/axgen_tile_memory.v"), 1 << 20, &memory, d))
    return false;
  const package_test t = {"fgpu/sim/axgen_check_tile",
                          parameters,
                          test->images.count,
                          test->source,
                          NULL,
                          arena_strndup(mem, (const char *)memory.data, memory.size)};
  return package_add_test(mem, made_from, &t, out, d);
}

static void write_expected(const fgpu_program *p, const int32_t *values, str *out) {
  int node = (int)p->model->net->count - 1;
  net_shape s = p->model->net->nodes[node].shape;
  uint32_t mask = fgpu_value_bytes(p, node) == 4 ? UINT32_MAX : 255;
  for (int c = 0; c < s.c; c++)
    for (int y = 0; y < s.h; y++)
      for (int x = 0; x < s.w; x++)
        str_printf(out, "%08x%08x\n", fgpu_address(p, node, c, y, x), (uint32_t)*values++ & mask);
}

void fgpu_add_test_data(arena *mem, const fgpu_program *p, const target_images *in, fileset *out) {
  const network *net = p->model->net;
  const fgpu_tensor *t = &p->tensors[0];
  size_t size = (size_t)net_shape_size(net->nodes[0].shape);
  int32_t **values = infer_buffers(mem, net), *codes = arena_new_array(mem, int32_t, size);
  uint8_t *memory = arena_alloc(mem, p->memory_bytes);
  str input = {0}, expected = {0};
  for (size_t i = in->first; i < in->first + in->count; i++) {
    const uint8_t *pixels = in->data->pixels + i * size;
    infer_input_codes(net, pixels, codes);
    fgpu_memory(p, codes, memory);
    fgpu_write_lines(memory + t->base, t->bytes, &input);
    ref_run(p->model, pixels, values);
    write_expected(p, values[net->count - 1], &expected);
  }
  fileset_add_str(mem, out, "tb/images.hex", &input);
  fileset_add_str(mem, out, "tb/expected.hex", &expected);
}
