// SPDX-License-Identifier: Apache-2.0
//
// A thread's tensors and buffers.
#include "compiler/engine/engine_parts.h"

#include <stdlib.h>
#include <time.h>

tensor_type engine_type(const network *net, int node) {
  int bits = net->nodes[node].quant.bits;
  return bits == 0 ? RAW32 : bits <= 8 ? CODES8 : CODES16;
}

_Noreturn void engine_out_of_memory(void) {
  fputs("axgen: out of memory\n", stderr);
  exit(EXIT_TOOL);
}

void *engine_large(size_t bytes) {
  void *p = aligned_alloc(64, (bytes + PANEL_SLACK + 63) / 64 * 64);
  if (!p)
    engine_out_of_memory();
  return p;
}

void *engine_worker_buffer(worker *w, int which, size_t bytes) {
  if (bytes > w->size[which]) {
    free(w->buffer[which]);
    w->buffer[which] = engine_large(bytes);
    w->size[which] = bytes;
  }
  return w->buffer[which];
}

worker *engine_worker_new(const engine *e) {
  worker *w = calloc(1, sizeof *w);
  void **slot = calloc((size_t)e->slots, sizeof *slot), **tensor = calloc(e->model->net->count, sizeof *tensor);
  if (!w || !slot || !tensor)
    engine_out_of_memory();
  *w = (worker){.e = e, .slot = slot, .tensor = tensor};
  for (int s = 1; s < e->slots; s++)
    slot[s] = engine_large(e->slot_bytes[s] * (size_t)e->batch);
  return w;
}

void engine_worker_free(worker *w) {
  if (!w)
    return;
  for (int i = 0; i < BUFFERS; i++)
    free(w->buffer[i]);
  for (int s = 1; s < w->e->slots; s++)
    free(w->slot[s]);
  free(w->slot);
  free(w->tensor);
  free(w);
}

double engine_cpu_seconds(void) {
  struct timespec t;
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}
