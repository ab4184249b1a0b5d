// SPDX-License-Identifier: Apache-2.0
//
// Inside of the FGPU's compiler.
#ifndef AXGEN_FGPU_PLAN_H
#define AXGEN_FGPU_PLAN_H

#include "compiler/target/fgpu/fgpu.h"

// ---- checks -------------------------------------------------------------------------------------------------------
bool fgpu_plan_refuse(const net_node *n, diag *d, const char *fmt, ...) BASE_PRINTF(3, 4); // always false
bool fgpu_plan_supported(const infer_model *m, int node, diag *d);
// Sets the hardware and each PE's multiplier; canonical: CONFIG_MAX_MULS, see fgpu_lids_canonical.
bool fgpu_plan_options(arena *mem, fgpu_program *p, const fgpu_options *o, uint8_t *canonical, diag *d);

// ---- LIDs and lanes -----------------------------------------------------------------------------------------------
// One filter on one lane with one multiplier; with an assignment by kernels, some of its input channels.
typedef struct {
  int filter, mul; // mul: canonical, see fgpu_lids_canonical
  const int *channels; // NULL: all of its group, in order
  int channel_count;
} fgpu_task;

// The tasks of one launch placed on lanes. A filter group is 8 tasks, one a PE; a wavefront takes `pixels` output
// pixels and 8 / pixels filter groups. Wavefronts of dimension 1: [first[k], end[k]) run on the CVs of class k.
typedef struct {
  int pixels; // 1, 2, 4 or 8
  int groups; // filter groups in all, a multiple of 8 / pixels
  const int *task; // [groups * 8], -1: no task
  int classes, class_of[FGPU_MAX_CVS];
  int first[FGPU_MAX_CVS], end[FGPU_MAX_CVS];
  int64_t rounds; // wavefronts that the busiest CV runs
} fgpu_placement;

// Multipliers with the same function count as one: the first index of each.
void fgpu_lids_canonical(const infer_model *m, size_t mul_count, uint8_t *canonical);
// Places tasks for a layer with so many output pixels. Returns the index of a multiplier that no PE has, or -1.
int fgpu_lids_place(arena *mem, const uint8_t (*lids)[FGPU_PES], int cvs, const fgpu_task *tasks, int count,
                    int64_t pixels, fgpu_placement *out);
// The tasks of a layer, round after round: round r has each filter's r-th multiplier. *rounds: how many.
fgpu_task **fgpu_lids_tasks(arena *mem, const infer_model *m, int node, const uint8_t *canonical, int *rounds,
                            int **counts);
// Chooses a multiplier for each PE. Returns false when the assignment uses more multipliers than there are PEs.
// area: by multiplier, so that the product of cycles and the PEs' areas is least; NULL: the fewest cycles.
bool fgpu_lids_choose(arena *mem, const infer_model *m, const uint8_t *canonical, const int64_t *area, int cvs,
                      uint8_t (*lids)[FGPU_PES]);

// ---- memory -------------------------------------------------------------------------------------------------------
// Lays out all tensors from address 0 on; tensors that are never needed together share memory. scratch[node]: bytes
// that the node needs while it runs; their addresses replace them. Sets the tensors and the memory's size.
void fgpu_layout(arena *mem, fgpu_program *p, uint32_t *scratch);

// ---- kernels ------------------------------------------------------------------------------------------------------
// What a conv kernel does with its taps: bodies of straight code inside up to three loops.
typedef struct {
  int channels; // of the filter's group; with lists 1
  bool bytes; // activations are loaded one by one, else by words of four
  bool packed; // for dot4: each pixel's channels begin a word of weights, so that the bytes of both words fit
  int body_rows, body_columns, body_channels; // taps of a body: rows and columns of the window, channels
  int weight_words; // of a body
  int64_t words; // of a filter
} conv_shape;
conv_shape fgpu_kernel_conv_shape(const fgpu_program *p, int node, bool list);
// The (channel, ky, kx) of each tap of body `index`, and how many there are; bodies run in the order of their index.
// Channel -1: a byte that fills up a word.
int fgpu_kernel_conv_body(const net_node *n, const conv_shape *s, int index, int (*taps)[3]);

enum { CONV_HEADER = 5 * FGPU_LINE, CONV_BODY_TAPS = 256 }; // channel offset, bias, multiplier, input offset, count

typedef struct {
  int node;
  const fgpu_placement *place;
  uint32_t stride; // bytes of a filter group
  bool list; // by lists of channels, with partial sums in memory
  bool resume; // the partial sums of an earlier launch are there
  bool raw; // accumulators are stored as words
} conv_kernel;

// Each appends a kernel to `code`. Parameters: 12 input, 13 constants, 14 output, 15 second input or partial sums.
void fgpu_kernel_conv(arena *mem, const fgpu_program *p, const conv_kernel *k, fgpu_code *code);
void fgpu_kernel_requantise(arena *mem, const fgpu_program *p, int node, fgpu_code *code);
void fgpu_kernel_pool(arena *mem, const fgpu_program *p, int node, fgpu_code *code);
void fgpu_kernel_add(arena *mem, const fgpu_program *p, int node, fgpu_code *code);
void fgpu_kernel_copy(arena *mem, const fgpu_program *p, int node, int input, fgpu_code *code); // concat and pad
void fgpu_kernel_fill(arena *mem, int items, int unit, uint32_t row, uint32_t value,
                      fgpu_code *code); // unit: 1 or 4 bytes

#endif
