// SPDX-License-Identifier: Apache-2.0
//
// evaluator: a network on a data set under changing assignments. What a search asks thousands of times; whatever is
// kept from one question to the next, every answer is ref_run's, bit for bit.
#ifndef AXGEN_EVALUATOR_H
#define AXGEN_EVALUATOR_H

#include "compiler/infer/infer.h"

typedef struct evaluator evaluator;

typedef struct {
  size_t plan_bytes; // of layers' plans that are kept, those in use included; 0: EVALUATOR_PLAN_BYTES
  const char *isa; // the engine's instruction set; NULL: this machine's best
  bool thorough; // each plan on its own, as engine_new's: for few changes and many images
  const assignment *assign; // to begin with, [nodes]; NULL: every product exact
  const infer_accumulation *accumulate; // [nodes] as infer_model's, whatever is assigned; NULL: all sums exact
} evaluator_options;
enum { EVALUATOR_PLAN_BYTES = 256 << 20 };

// The network, the multipliers (at most ASSIGNMENT_MULS) and the data set must outlive
// it; none of them is changed. The images are turned into input codes once. NULL with a message where the network
// has no integers, the data set or a multiplier does not fit it, or accumulators would be too wide.
evaluator *evaluator_new(const network *net, const mul *const *muls, int mul_count, const dataset *data,
                         const evaluator_options *options, diag *d);
// Another one with the same assignments and biases, for another thread: they share the input codes and nothing that
// changes. An evaluator is one thread's at a time; its work is spread over OpenMP's threads (omp_set_num_threads(1) in
// a thread of a search that runs several).
evaluator *evaluator_fork(const evaluator *e);
void evaluator_free(evaluator *e); // NULL is fine

// The assignment of one node that multiplies, from now on; NULL: exact products. It is copied. False with a message,
// and no change, where a multiplier does not fit the layer's codes or accumulators would be too wide.
bool evaluator_set(evaluator *e, int node, const assignment *a, diag *d);
// The biases of one node that multiplies, [F] as net_node's; NULL: the network's own. Plans are kept whatever the
// biases. False as above.
bool evaluator_set_bias(evaluator *e, int node, const int32_t *bias, diag *d);
// The same for the multipliers of its requantisation, [F] as net_node's, all at least 1. Not of a node whose
// accumulators are the output.
bool evaluator_set_mult(evaluator *e, int node, const uint16_t *mult, diag *d);
// What is evaluated: the network as changed, the multipliers, the assignments. Valid until the next change.
const infer_model *evaluator_model(const evaluator *e);

typedef struct {
  size_t images, correct; // correct 0 without labels (that the network can give: infer_check_labels)
  // Mean over the images of -ln softmax(logits)[label], the logits in the network's own scale (evaluator_scale); summed
  // in the images' order. NAN without labels or scale.
  double loss;
  double seconds, planning; // all, and that part of it which went into plans
} evaluation;
// For each image, where not NULL.
typedef struct {
  int32_t *logits; // [count][outputs], outputs as C x H x W
  bool *right; // [count] whether the first greatest logit is the label's
  double *loss; // [count]
} evaluation_details;
// Images [first, first + count) of the data set. Small ranges cost little more than their share, so a search may stop
// as soon as it has seen enough. The result does not depend on the number of threads. False when interrupted.
bool evaluator_accuracy(evaluator *e, size_t first, size_t count, const evaluation_details *details, evaluation *out);
// The same with a progress bar on a terminal.
bool evaluator_accuracy_shown(evaluator *e, size_t first, size_t count, const evaluation_details *details,
                              evaluation *out);

// The same by ref_run, image by image, for comparison; with labels that the network can give.
bool evaluation_by_reference(const infer_model *m, const dataset *data, size_t first, size_t count, evaluation *out);

// The real value of logit i is scale[i] * (logit - zero). False where the network does not say (weight_scale NULL).
bool evaluator_scale(const network *net, double *scale, int32_t *zero);

// ---- what comes to a layer, and the errors that it makes ----

// How often each tap of a layer multiplied each activation code, over some images and all output pixels, with the nodes
// before it as they are assigned now. A tap is (input channel, kernel row, kernel column); where it lies beyond the
// image's edge it multiplies the zero code, which counts.
typedef struct {
  const network *net;
  int node;
  int64_t taps; // input channels (of all groups) x kh x kw
  int32_t lo; // the least code that occurs
  size_t codes; // from there
  uint64_t products; // of each tap: images x output pixels
  const uint32_t *count; // [taps][codes]
} layer_inputs;
// Only what the layer depends on is run. In `mem`. False with a message when interrupted, or where codes have more than
// 12 bits or the counts would take more than LAYER_INPUTS_BYTES.
enum { LAYER_INPUTS_BYTES = 1 << 30 };
bool evaluator_inputs(evaluator *e, arena *mem, int node, size_t first, size_t count, layer_inputs *out, diag *d);

// The error of a product is f(a, w) - a * w. Of each weight of the layer with multiplier m (NULL: exact): its mean and
// its variance over those inputs; [weights] as net_node's weight. Either may be NULL.
void layer_weight_errors(const layer_inputs *in, const mul *m, double *mean, double *variance);
// Of each filter's sum, [F], with an assignment (NULL: exact). The mean is that of the sum of its products' errors,
// exactly: so much is to be taken off the filter's bias. The variance is the sum of its products' variances, as if they
// were independent.
void layer_filter_errors(const layer_inputs *in, const mul *const *muls, const assignment *a, double *mean,
                         double *variance);
// Mean of each filter's accumulator, [F], with these biases (NULL: the network's), exactly: what sequential matching
// compares with the exact network's.
void layer_filter_means(const layer_inputs *in, const mul *const *muls, const assignment *a, const int32_t *bias,
                        double *mean);

// ---- for people and tests ----

typedef struct {
  size_t made, found, dropped; // plans of layers so far
  size_t kept, bytes; // now
} evaluator_plans;
evaluator_plans evaluator_statistics(const evaluator *e);
void evaluator_explain(evaluator *e, FILE *out); // engine_explain

#endif
