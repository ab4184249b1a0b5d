// SPDX-License-Identifier: Apache-2.0
#include "tests/bench/bench.h"

#ifdef BENCH_DNNL
#include <oneapi/dnnl/dnnl.h>
#include <stdlib.h>
#include <string.h>

struct bench_dnnl {
  dnnl_engine_t engine;
  dnnl_stream_t stream;
  dnnl_primitive_t conv;
  dnnl_memory_t src, weights, bias, dst;
  dnnl_exec_arg_t args[4];
  char name[128];
};

static void must(dnnl_status_t s) {
  if (s != dnnl_success) {
    fprintf(stderr, "oneDNN: status %d\n", s);
    abort();
  }
}

static dnnl_memory_t memory(bench_dnnl *d, const dnnl_memory_desc_t *desc) {
  dnnl_memory_t m;
  must(dnnl_memory_create(&m, desc, d->engine, DNNL_MEMORY_ALLOCATE));
  return m;
}

// Plain data in the layout that the primitive wants.
static dnnl_memory_t ordered(bench_dnnl *d, const dnnl_memory_desc_t *plain, const void *data, size_t bytes,
                             const dnnl_memory_desc_t *want) {
  dnnl_memory_t from = memory(d, plain), to = memory(d, want);
  void *p;
  must(dnnl_memory_get_data_handle(from, &p));
  memcpy(p, data, bytes);
  dnnl_primitive_desc_t pd;
  dnnl_primitive_t reorder;
  must(dnnl_reorder_primitive_desc_create(&pd, plain, d->engine, want, d->engine, NULL));
  must(dnnl_primitive_create(&reorder, pd));
  dnnl_exec_arg_t args[] = {{DNNL_ARG_FROM, from}, {DNNL_ARG_TO, to}};
  must(dnnl_primitive_execute(reorder, d->stream, 2, args));
  must(dnnl_stream_wait(d->stream));
  dnnl_primitive_destroy(reorder);
  dnnl_primitive_desc_destroy(pd);
  dnnl_memory_destroy(from);
  return to;
}

static dnnl_memory_desc_t described(int n, const dnnl_dim_t *dims, dnnl_data_type_t type, dnnl_format_tag_t tag) {
  dnnl_memory_desc_t m;
  must(dnnl_memory_desc_init_by_tag(&m, n, dims, type, tag));
  return m;
}

bench_dnnl *bench_dnnl_new(const bench_case *c) {
  const bench_layer *l = c->layer;
  bench_dnnl *d = calloc(1, sizeof *d);
  must(dnnl_engine_create(&d->engine, dnnl_cpu, 0));
  must(dnnl_stream_create(&d->stream, d->engine, dnnl_stream_default_flags));
  int oh = l->height + 2 * l->pad - l->kernel + 1, ow = l->width + 2 * l->pad - l->kernel + 1;
  dnnl_dims_t sd = {c->images, l->channels, l->height, l->width}, wd = {l->filters, l->channels, l->kernel, l->kernel};
  dnnl_dims_t dd = {c->images, l->filters, oh, ow}, bd = {l->filters}, stride = {1, 1}, pad = {l->pad, l->pad};
  dnnl_memory_desc_t src = described(4, sd, dnnl_u8, dnnl_format_tag_any),
                     dst = described(4, dd, dnnl_u8, dnnl_format_tag_any);
  dnnl_memory_desc_t w = described(4, wd, dnnl_s8, dnnl_format_tag_any), b = described(1, bd, dnnl_s32, dnnl_a);
  dnnl_convolution_desc_t desc;
  must(dnnl_convolution_forward_desc_init(&desc, dnnl_forward_inference, dnnl_convolution_direct, &src, &w, &b, &dst,
                                          stride, pad, pad));
  dnnl_primitive_attr_t attr;
  must(dnnl_primitive_attr_create(&attr));
  float *scale = calloc((size_t)l->filters, sizeof *scale);
  for (int f = 0; f < l->filters; f++)
    scale[f] = 0.001f + 0.00001f * (float)f;
  must(dnnl_primitive_attr_set_output_scales(attr, l->filters, 1 << 1, scale));
  free(scale);
  dnnl_primitive_desc_t pd;
  must(dnnl_primitive_desc_create(&pd, &desc, attr, d->engine, NULL));
  const char *name;
  must(dnnl_primitive_desc_query(pd, dnnl_query_impl_info_str, 0, &name));
  snprintf(d->name, sizeof d->name, "%s", name);
  must(dnnl_primitive_create(&d->conv, pd));
  dnnl_memory_desc_t plain_src = described(4, sd, dnnl_u8, dnnl_nchw), plain_w = described(4, wd, dnnl_s8, dnnl_oihw);
  size_t taps = (size_t)(l->filters * l->channels * l->kernel * l->kernel);
  int8_t *bytes = malloc(taps);
  for (size_t i = 0; i < taps; i++)
    bytes[i] = (int8_t)c->weights[i];
  d->src = ordered(d, &plain_src, c->pixels, (size_t)(c->images * l->channels * l->height * l->width),
                   dnnl_primitive_desc_query_md(pd, dnnl_query_src_md, 0));
  d->weights = ordered(d, &plain_w, bytes, taps, dnnl_primitive_desc_query_md(pd, dnnl_query_weights_md, 0));
  free(bytes);
  d->bias = memory(d, &b);
  d->dst = memory(d, dnnl_primitive_desc_query_md(pd, dnnl_query_dst_md, 0));
  dnnl_exec_arg_t args[] = {
      {DNNL_ARG_SRC, d->src}, {DNNL_ARG_WEIGHTS, d->weights}, {DNNL_ARG_BIAS, d->bias}, {DNNL_ARG_DST, d->dst}};
  memcpy(d->args, args, sizeof args);
  dnnl_primitive_desc_destroy(pd);
  dnnl_primitive_attr_destroy(attr);
  return d;
}

void bench_dnnl_run(bench_dnnl *d) {
  must(dnnl_primitive_execute(d->conv, d->stream, 4, d->args));
  must(dnnl_stream_wait(d->stream));
}

const char *bench_dnnl_name(const bench_dnnl *d) { return d->name; }

void bench_dnnl_free(bench_dnnl *d) {
  dnnl_memory_destroy(d->src);
  dnnl_memory_destroy(d->weights);
  dnnl_memory_destroy(d->bias);
  dnnl_memory_destroy(d->dst);
  dnnl_primitive_destroy(d->conv);
  dnnl_stream_destroy(d->stream);
  dnnl_engine_destroy(d->engine);
  free(d);
}
#else
bench_dnnl *bench_dnnl_new(const bench_case *c) { return (void)c, NULL; }
void bench_dnnl_run(bench_dnnl *d) { (void)d; }
const char *bench_dnnl_name(const bench_dnnl *d) { return (void)d, ""; }
void bench_dnnl_free(bench_dnnl *d) { (void)d; }
#endif
