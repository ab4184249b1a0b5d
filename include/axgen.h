/* SPDX-License-Identifier: Apache-2.0
 *
 * axgen.h: approximate neural-network accelerators from C: multipliers, networks, their emulation, and all that the
 * program `axgen` does. Link with `pkg-config --cflags --libs axgen` (libaxgen.so), or with libaxgen.a.
 *
 * Handles are opaque. One handle is used by one thread at a time; different handles by any number of threads. Handles
 * that are made of others (an evaluator of a network and multipliers) keep these alive: the order of freeing is free.
 * Functions that free take NULL. Work is spread over OpenMP's threads (OMP_NUM_THREADS, omp_set_num_threads); set
 * OMP_WAIT_POLICY=passive where others share the cores. A process that was forked from one which used the library
 * computes with one thread.
 *
 * Errors: a function that can fail returns NULL, false or a negative number, and where its `error` is not NULL puts a
 * new axgen_error there, whose text is what the program would have printed. It has changed nothing on disk. Where a
 * function succeeds, *error becomes NULL, or, when there is something to be warned of, an object with code 0.
 * A name, path or array that is NULL where nothing allows it is such an error; a handle must be one.
 * Nothing is printed, no signal handler is set. Out of memory ends the process, as it does the program.
 *
 * The ABI is stable within a major version (from 1.0 on; before, within a minor one).
 */
#ifndef AXGEN_H
#define AXGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AXGEN_VERSION "0.1.0"

#ifdef __cplusplus
extern "C" {
#endif

#define AXGEN_API __attribute__((visibility("default")))

AXGEN_API const char *axgen_version(void); /* of the library that runs: "0.1.0" */

/* ---- errors ---- */
typedef struct axgen_error axgen_error;
typedef enum {
  AXGEN_OK = 0, /* only warnings */
  AXGEN_INPUT = 1, /* what was given is at fault */
  AXGEN_USAGE = 2, /* of axgen_run: unknown verbs and options */
  AXGEN_TOOL = 3, /* Yosys, Verilator ... is missing or failed */
  AXGEN_CHECK = 4, /* what was checked does not hold: Verilog and emulator differ */
  AXGEN_STOPPED = 130 /* axgen_watch said so */
} axgen_code;
AXGEN_API axgen_code axgen_error_code(const axgen_error *error); /* NULL: AXGEN_OK */
AXGEN_API const char *axgen_error_text(const axgen_error *error); /* lines; NULL: "" */
AXGEN_API void axgen_error_free(axgen_error *error);

AXGEN_API void axgen_free(void *memory); /* text that a function here returned */

/* Asked about ten times a second, in the thread that called, while a function works: `label` says at what, of `total`
 * (0: not known) it has done `done`. false: the function stops as soon as it can, and fails with AXGEN_STOPPED; a
 * search keeps what it has found on disk, and succeeds where it has a front to show. */
typedef struct {
  bool (*go_on)(void *user, const char *label, uint64_t done, uint64_t total);
  void *user;
} axgen_watch;

/* ---- multipliers ---- */
typedef struct axgen_mul axgen_mul;
typedef struct {
  int a_bits, b_bits, p_bits; /* of the activation (2..16), the weight (2..16), the product (at most 32) */
  bool a_signed, b_signed, p_signed;
  bool exact; /* f(a, b) == a * b everywhere */
} axgen_signature;
/* Over all pairs of operands (up to 12 x 12 bits; beyond, of seeded random ones), which are equally likely; in units of
 * the product. */
typedef struct {
  double mae, wce, mse, variance, bias; /* mean absolute, worst-case, mean squared error; bias: mean of f - a * b */
  double error_probability; /* 0..1 */
  double mre; /* mean relative error where a * b is not 0; 1 is 100 % */
  bool exhaustive;
} axgen_errors;

/* By name ("roup8s_p1_c7"; docs/multipliers.md), or from a file: a product table (.bin, .h, .c, .npy, .txt, .hex) or a
 * netlist (.net). */
AXGEN_API axgen_mul *axgen_mul_new(const char *name, axgen_error **error);
/* From all its products (copied): table[(a_code << b_bits) | b_code], codes in two's complement where signed;
 * a_bits + b_bits at most 16. The p_ members of `s` and `exact` follow from the table and are not read. */
AXGEN_API axgen_mul *axgen_mul_from_table(const char *name, const axgen_signature *s, const int32_t *table,
                                          axgen_error **error);
AXGEN_API void axgen_mul_free(axgen_mul *m);
AXGEN_API const char *axgen_mul_name(const axgen_mul *m);
AXGEN_API axgen_signature axgen_mul_signature(const axgen_mul *m);
/* All products as in axgen_mul_from_table, 2^(a_bits + b_bits) of them, which live as long as the multiplier; NULL
 * where that would be more than 2^16. */
AXGEN_API const int32_t *axgen_mul_table(const axgen_mul *m);
AXGEN_API int64_t axgen_mul_product(const axgen_mul *m, int32_t a, int32_t b); /* of values in range */
AXGEN_API axgen_errors axgen_mul_errors(const axgen_mul *m);
AXGEN_API char *axgen_mul_verilog(const axgen_mul *m, axgen_error **error); /* the module, Verilog-2005 */
/* Its product table as a file: format "bin" (TFApprox's words of 16 bits), "h" (AdaPT's header), "npy" (int32), "hex",
 * or "c", a C function (of any width). NULL: as the name ends. */
AXGEN_API bool axgen_mul_write(const axgen_mul *m, const char *path, const char *format, axgen_error **error);

/* ---- networks ---- */
typedef struct axgen_net axgen_net;
typedef struct {
  const char *name, *op; /* "conv1", "conv" */
  int channels, height, width; /* of its output */
  int64_t weights; /* 0: none */
  /* In what multiplies, else 0: how many filters there are, kernels (filters x input channels of a group), and
   * multiplications for an image. */
  int64_t filters, kernels, multiplications;
} axgen_layer;

/* net.yaml, or an ONNX model: quantised (QDQ) or float. */
AXGEN_API axgen_net *axgen_net_read(const char *path, axgen_error **error);
/* From a float network an integer one (docs/quantisation.md). `options`: as on the command line of `axgen net
 * quantize`, a list of "--scheme", "s8", "--weight-bits", "6", ... that ends with NULL; NULL: none. Calibrated on
 * `count` images, uint8 [count][channels][height][width]. */
AXGEN_API axgen_net *axgen_net_quantize(const axgen_net *net, const uint8_t *images, size_t count,
                                        const char *const *options, axgen_error **error);
/* The same, watched. */
AXGEN_API axgen_net *axgen_net_quantize_watched(const axgen_net *net, const uint8_t *images, size_t count,
                                                const char *const *options, const axgen_watch *watch,
                                                axgen_error **error);
AXGEN_API bool axgen_net_write(const axgen_net *net, const char *folder,
                               axgen_error **error); /* net.yaml and weights */
/* A quantised network as an ONNX model, FILE.onnx (docs/onnx.md, "Export"): QuantizeLinear and DequantizeLinear, or
 * with `qonnx` Quant. Its products are exact: of a network with approximate multipliers see axgen_evaluator_corrected.
 */
AXGEN_API bool axgen_net_export(const axgen_net *net, const char *path, bool qonnx, axgen_error **error);
AXGEN_API void axgen_net_free(axgen_net *net);
AXGEN_API const char *axgen_net_name(const axgen_net *net);
AXGEN_API bool axgen_net_is_quantised(const axgen_net *net);
/* Layer 0 is the input; what the strings say lives as long as the network. */
AXGEN_API size_t axgen_net_layers(const axgen_net *net);
AXGEN_API axgen_layer axgen_net_layer(const axgen_net *net, size_t layer);
AXGEN_API int axgen_net_find(const axgen_net *net, const char *layer); /* its number, or -1 */
/* All that docs/numerics.md says of a layer, as JSON: name, op, inputs (numbers of layers), shape, kernel, stride, pads
 * (top, bottom, left, right), groups, channels (pad), count_pads, activation (its limits); of a quantised network codes
 * (bits, signed, zero, scale), clamp, multiplier and shift of the requantisation, weights (shape, bits, signed, zero,
 * scale, bias); of layer 0 input_scale and input_offset by channel. axgen_free. NULL: there is no such layer. */
AXGEN_API char *axgen_net_describe(const axgen_net *net, size_t layer, axgen_error **error);
/* Weight codes [filters][channels of a group][rows][columns] of a quantised network, which live as long as it; NULL:
 * the layer has none. */
AXGEN_API const int16_t *axgen_net_weights(const axgen_net *net, size_t layer);
/* The same network with other weight codes and biases (copied): each an array [layers] of arrays as axgen_net_weights
 * and `bias` of axgen_net_describe have them; NULL, or a NULL in it: as they are. */
AXGEN_API axgen_net *axgen_net_with(const axgen_net *net, const int16_t *const *weights, const int32_t *const *bias,
                                    axgen_error **error);

/* ---- images ---- */
typedef struct axgen_images axgen_images;
/* Labelled images from files, plain or gzip. format: "idx" (MNIST: one file, and one of labels), "cifar" (CIFAR-10's
 * .bin files: images and labels), "npy" (uint8 [N][C][H][W] or [N][H][W], integer labels [N]). `files` ends with NULL;
 * labels: NULL, or a file. Images [first, first + count) of these; count 0: all from there on. */
AXGEN_API axgen_images *axgen_images_read(const char *format, const char *const *files, const char *labels,
                                          size_t first, size_t count, axgen_error **error);
AXGEN_API void axgen_images_free(axgen_images *images);
AXGEN_API size_t axgen_images_count(const axgen_images *images);
AXGEN_API void axgen_images_shape(const axgen_images *images, int shape[3]); /* channels, height, width */
AXGEN_API const uint8_t *axgen_images_pixels(const axgen_images *images); /* [count][channels][height][width] */
AXGEN_API const uint8_t *axgen_images_labels(const axgen_images *images); /* [count], or NULL */

/* ---- evaluators: a network on images under changing assignments of multipliers ---- */
typedef struct axgen_evaluator axgen_evaluator;
typedef enum { AXGEN_LAYER = 1, AXGEN_FILTER, AXGEN_KERNEL, AXGEN_WEIGHT } axgen_level;
typedef struct {
  size_t images, correct; /* correct: 0 without labels */
  double loss; /* mean cross-entropy; NAN without labels */
} axgen_result;
/* images: uint8 [count][channels][height][width], labels: uint8 [count] or NULL; both are read as long as the evaluator
 * lives, not copied. At most 64 multipliers. At first every product is exact. */
AXGEN_API axgen_evaluator *axgen_evaluator_new(const axgen_net *net, const axgen_mul *const *muls, size_t mul_count,
                                               const uint8_t *images, const uint8_t *labels, size_t count,
                                               axgen_error **error);
AXGEN_API void axgen_evaluator_free(axgen_evaluator *e);
/* From now on layer `layer` multiplies with muls[mul[i]] in its i-th unit: the layer, its filters, its kernels (filter
 * by filter) or its weights (filters x channels x rows x columns). `units`: how many there are, for a check. mul NULL:
 * exact products. */
AXGEN_API bool axgen_evaluator_set(axgen_evaluator *e, int layer, axgen_level level, const uint8_t *mul, size_t units,
                                   axgen_error **error);
/* Runs images [first, first + count). logits: NULL, or int32 [count][outputs]; result: NULL, or where it goes. Exactly
 * what the accelerator computes. */
AXGEN_API bool axgen_evaluator_run(axgen_evaluator *e, size_t first, size_t count, int32_t *logits,
                                   axgen_result *result, const axgen_watch *watch, axgen_error **error);
/* The real value of logit i is scale[i] * (logit - *zero). scale: [outputs]. False where the network does not say. */
AXGEN_API bool axgen_evaluator_scale(const axgen_evaluator *e, double *scale, int32_t *zero);
/* The network corrected for the multipliers that its layers have now, as a search corrects each of its points
 * (docs/explore.md): biases and requantisation take back, layer by layer, what the multipliers change in each filter's
 * mean and gain on the first `count` images (fewer where these would take more than 1 GiB). */
AXGEN_API axgen_net *axgen_evaluator_corrected(axgen_evaluator *e, size_t count, const axgen_watch *watch,
                                               axgen_error **error);

/* ---- configurations: what a config.yaml, such as a point of a search, says of network and multipliers ---- */
typedef struct axgen_config axgen_config;
/* Not one with approximate adders, which only axgen_run computes with. */
AXGEN_API axgen_config *axgen_config_read(const char *path, axgen_error **error);
AXGEN_API void axgen_config_free(axgen_config *c);
/* Handles of the caller's, which keep the configuration alive. mul: number below axgen_config_muls, else NULL. */
AXGEN_API axgen_net *axgen_config_net(const axgen_config *c);
AXGEN_API size_t axgen_config_muls(const axgen_config *c);
AXGEN_API axgen_mul *axgen_config_mul(const axgen_config *c, size_t number);
/* Which of them a layer has, in the order of axgen_evaluator_set: *mul[*units], which live as long as the
 * configuration, by the level that is returned. 0: exact products, or nothing multiplies. */
AXGEN_API axgen_level axgen_config_assignment(const axgen_config *c, size_t layer, const uint8_t **mul, size_t *units);

/* ---- operators: one layer of a network by itself, whose weights change (training) ---- */
typedef struct axgen_operator axgen_operator;
typedef enum { AXGEN_U8, AXGEN_I8, AXGEN_I16, AXGEN_I32, AXGEN_F32 } axgen_type;
/* Values of a layer for some images, [image][channel][row][column], or with channels_last
 * [image][row][column][channel]. Integers are codes (accumulators, of a last layer that has no codes). AXGEN_F32: code
 * - zero, so that the real value is scale times it; whole numbers. */
typedef struct {
  void *data;
  axgen_type type;
  bool channels_last;
} axgen_tensor;
/* Layer `layer` (from 1 on, of any kind) of a quantised network, at first with its own weights and exact products. At
 * most 64 multipliers. */
AXGEN_API axgen_operator *axgen_operator_new(const axgen_net *net, int layer, const axgen_mul *const *muls,
                                             size_t mul_count, axgen_error **error);
AXGEN_API void axgen_operator_free(axgen_operator *o);
/* As axgen_evaluator_set. */
AXGEN_API bool axgen_operator_set(axgen_operator *o, axgen_level level, const uint8_t *mul, size_t units,
                                  axgen_error **error);
/* Weight codes and biases from now on, copied, as axgen_net_with has them. Accumulators that could overflow are an
 * error, which changes nothing. */
AXGEN_API bool axgen_operator_weights(axgen_operator *o, const int16_t *weights, const int32_t *bias,
                                      axgen_error **error);
/* Exactly what the accelerator computes: inputs[] of `count` images, one for each of the layer's inputs, are read,
 * *out is written. A value that the layer before cannot give is an error. */
AXGEN_API bool axgen_operator_run(axgen_operator *o, const axgen_tensor *inputs, size_t count, const axgen_tensor *out,
                                  axgen_error **error);

/* ---- everything else: eval, score, sensitivity, explore, predict, rtl, sim, synth, energy, report, mul, net ---- */
/* A verb as the program runs it, with what follows its name on the command line (`axgen help VERB`); `arguments` ends
 * with NULL. Returns what the program prints with --json, which is added where the verb knows it; axgen_free. One verb
 * runs at a time in a process, others wait; `go_on` cannot run another. `watch` may be NULL. Remarks and warnings are
 * in *error, with code 0. axgen_run("explore", (const char *[]){"config.yaml", "--max-loss", "0.01", "-o", "out",
 * NULL}, NULL, &error) */
AXGEN_API char *axgen_run(const char *verb, const char *const *arguments, const axgen_watch *watch,
                          axgen_error **error);

#ifdef __cplusplus
}
#endif
#endif
