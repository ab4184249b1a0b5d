// SPDX-License-Identifier: Apache-2.0
#include "compiler/infer/infer.h"

#include <omp.h>

bool infer_check_data(const network *net, const dataset *data, diag *d) {
  net_shape want = net->nodes[0].shape, have = data->shape;
  // In the same order: what takes a list of numbers, or of signals.
  bool vector = want.h == 1 && want.w == 1 && net_shape_size(want) == net_shape_size(have);
  bool signals = want.h == 1 && have.c == 1 && have.h == want.c && have.w == want.w;
  if (!vector && !signals && (want.c != have.c || want.h != have.h || want.w != have.w))
    return diag_error(d, "the data set's images are %dx%dx%d (channels x height x width), the network takes %dx%dx%d",
                      have.c, have.h, have.w, want.c, want.h, want.w);
  return true;
}

bool infer_check_labels(const network *net, const dataset *data, diag *d) {
  int64_t outputs = net_shape_size(net_output(net)->shape);
  if (data->classes > outputs)
    return diag_error(d, "the data set has labels up to %d, the network only %lld outputs", data->classes - 1,
                      (long long)outputs);
  if (!data->labels)
    return diag_error(d, "the data set has no labels");
  return true;
}

bool infer_evaluate(const infer_model *m, const dataset *data, size_t first, size_t count, infer_accuracy *out) {
  assert(first <= data->count && count <= data->count - first && data->labels);
  const network *net = m->net;
  size_t image_size = (size_t)net_shape_size(data->shape), correct = 0;
  int outputs = (int)net_shape_size(net_output(net)->shape);
  double started = clock_seconds();
  progress bar = progress_begin("evaluating", count);
#pragma omp parallel reduction(+ : correct)
  {
    arena *mem = arena_new();
    int32_t **values = infer_buffers(mem, net);
#pragma omp for schedule(dynamic, 8)
    for (size_t i = first; i < first + count; i++) {
      if (interrupted())
        continue;
      ref_run(m, data->pixels + i * image_size, values);
      correct += infer_argmax(values[net->count - 1], outputs) == data->labels[i];
#pragma omp critical(infer_progress)
      progress_step(&bar, 1);
    }
    arena_free(mem);
  }
  progress_end(&bar);
  *out = (infer_accuracy){count, correct, clock_seconds() - started};
  return !interrupted();
}
