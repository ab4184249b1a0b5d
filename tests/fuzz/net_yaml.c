// SPDX-License-Identifier: Apache-2.0
//
// net.yaml beside fixed weights: those of the seeds, each under its network's name.
#include "tests/fuzz/fuzz.h"
#include "tests/unit/net/sample.h"

#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 8 };

// Sample `i` as files: net.yaml's text with weights named samplei.safetensors.
static bytes sample_files(arena *mem, int i, bytes *weights) {
  rng r = rng_seed((uint64_t)i + 7);
  network *net = sample_network(mem, &r, (sample_scheme)(i % SAMPLE_SCHEMES), 8, 8, 2 + i);
  sample_varying_means(net, &r);
  diag d = {0};
  bytes yaml = {0};
  if (!net_write(net, "written", &d) || !file_read(mem, "written/net.yaml", 1 << 20, &yaml, &d) ||
      !file_read(mem, "written/weights.safetensors", 1 << 20, weights, &d)) {
    fputs(d.text.data, stderr);
    abort();
  }
  remove("written/net.yaml");
  remove("written/weights.safetensors");
  remove("written");
  char *at = strstr((char *)yaml.data, "weights.safetensors");
  char *text = arena_printf(mem, "%.*ssample%d.safetensors%s", (int)(at - (char *)yaml.data), (char *)yaml.data, i,
                            at + strlen("weights.safetensors"));
  return (bytes){(uint8_t *)text, strlen(text)};
}

static void prepare(arena *mem) {
  for (int i = 0; i < SAMPLES; i++) {
    bytes weights;
    sample_files(mem, i, &weights);
    fuzz_file(arena_printf(mem, "sample%d.safetensors", i), weights.data, weights.size);
  }
}

static void make_seeds(arena *mem) {
  for (int i = 0; i < SAMPLES; i++) {
    bytes weights, yaml = sample_files(mem, i, &weights);
    fuzz_seed(yaml.data, yaml.size);
  }
}

static void read(arena *mem, const uint8_t *data, size_t size, diag *d) {
  network *net;
  if (!net_read(mem, fuzz_file("net.yaml", data, size), &net, d))
    return;
  for (size_t i = 0; i < net->count; i++)
    net_multiplications(net, &net->nodes[i]);
  char *text = NULL;
  size_t n;
  FILE *out = open_memstream(&text, &n);
  net_print(net, out);
  net_dot(net, out);
  fclose(out);
  free(text);
}

const fuzz_parser fuzz_target = {16384, "tests/config/tiny/net.yaml", make_seeds, prepare, read};
