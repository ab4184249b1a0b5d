// SPDX-License-Identifier: Apache-2.0
//
// quant: from a float network to an integer one: calibration, then conversion (docs/quantisation.md).
#ifndef AXGEN_QUANT_H
#define AXGEN_QUANT_H

#include "compiler/infer/infer.h"

typedef enum { QUANT_S8, QUANT_U8, QUANT_U8S8 } quant_scheme; // docs/numerics.md
typedef enum { QUANT_MINMAX, QUANT_PERCENTILE, QUANT_MSE } quant_calibration;

// Bits of one layer; 0: as everywhere else.
typedef struct {
  const char *layer;
  int act_bits, weight_bits; // of its output, of its weights
} quant_layer_bits;

// How near the integers are to what a quantised model states. A layer is exact where its sums become codes as the model
// says, but for single precision and for how halves are rounded.
typedef struct {
  // That are requantised and whose weights, or whose inputs and output, the model states; and where it states all
  // activations' codes, those whose weights are quantised anew.
  int layers, exact;
  double worst; // how far a value is off before it is rounded, at most, in codes
  const char *worst_layer;
} quant_exactness;

typedef struct {
  quant_scheme scheme;
  quant_calibration calibration;
  double percentile; // for QUANT_PERCENTILE, e.g. 99.99
  int act_bits, weight_bits; // 2..16 (weights of scheme u8: 2..15)
  size_t images; // calibration images: the first of the given set; all of them when there are fewer
  bool per_tensor; // one weight scale a layer, as in ALWANN, instead of one a filter
  bool no_bias_correction; // leave the shift that rounded weights give to a channel's mean
  const quant_layer_bits *layers;
  size_t layer_count;
  quant_exactness *exactness; // is added to; NULL: not asked for
} quant_options;
quant_options quant_defaults(void); // s8, least squared error, 8 bits, 1000 images

// Float inference of one image (the definition for calibration and for accuracy before quantisation): values[n] is
// node n's output [C][H][W].
float **float_buffers(arena *mem, const network *net);
void float_run(const network *net, const uint8_t *pixels, float **values);
bool float_evaluate(const network *net, const dataset *data, size_t first, size_t count, infer_accuracy *out);

// Makes the integer network; `net` stays as it is. The result is verified. What a quantised ONNX model states about its
// codes is kept; `calibration` may be NULL when it states them for all tensors (quant_is_stated).
bool quant_is_stated(const network *net);
bool quantize(arena *mem, const network *net, const dataset *calibration, const quant_options *opt, network **out,
              diag *d);

#endif
