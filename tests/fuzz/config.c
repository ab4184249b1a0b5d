// SPDX-License-Identifier: Apache-2.0
//
// config.yaml, beside a small network and an assignment file.
#include "tests/fuzz/fuzz.h"

#include "compiler/target/list.h"

static void copy(arena *mem, const char *from, const char *to) {
  diag d = {0};
  bytes file;
  if (file_read(mem, fuzz_tree(mem, from), 1 << 20, &file, &d))
    fuzz_file(to, file.data, file.size);
  diag_free(&d);
}

static void prepare(arena *mem) {
  copy(mem, "tests/config/tiny/net.yaml", "tiny/net.yaml");
  copy(mem, "tests/config/tiny/weights.safetensors", "tiny/weights.safetensors");
  copy(mem, "tests/config/errors/conv2.npy", "errors/conv2.npy");
}

static void make_seeds(arena *mem) {
  (void)mem;
  fuzz_seed_text("network: ../tiny/net.yaml\n"
                 "dataset: {format: idx, images: i.idx, labels: l.idx}\n"
                 "multipliers: {E: exact8s, L: roup8s_p0_c4, H: roup8s_p1_r7.5.3.1}\n"
                 "assignment:\n  default: E\n  conv1: {filters: {0-1: L, 2-3: H}}\n"
                 "  conv2: {kernels: {\"0-3,0\": L}}\n  fc1: {weights: {\"0-2,0-5,0,0\": L}}\n"
                 "target: {kind: dataflow, clock_ns: 4, folding: {conv1: {pe: 2, simd: 3}}}\n"
                 "technology: {liberty: none.lib}\noutput: out\n");
  fuzz_seed_text("network: ../tiny/net.yaml\nmultipliers: {E: exact8s, L: bam8s_h0_v3_t0}\nassignment: {default: E}\n"
                 "target: {kind: fgpu, cvs: 2, slots: 8, cache_lines: 64, local_bytes: 4096, dot4: true,\n"
                 "  lids: {cv0: [E, E, E, E, L, L, L, L], cv1: [E, E, E, E, L, L, L, L]}}\n");
  fuzz_seed_text("network: ../tiny/net.yaml\nmultipliers: {E: exact8s, L: trunc8s_k4}\n"
                 "assignment:\n  default: E\n  conv2: {kernels: {file: conv2.npy, multipliers: [E, L]}}\n"
                 "dataset: {format: cifar, images: [a.bin, b.bin]}\ntarget: {kind: fgpu, goal: area_cycles}\n");
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  config *c;
  config_read(mem, fuzz_file("errors/config.yaml", data, size), TARGET_READERS, &c, d);
}

const fuzz_parser fuzz_target = {4096, "tests/config/errors/*.yaml flows/*.yaml flows/demo/*.yaml", make_seeds, prepare,
                                 read};
