// SPDX-License-Identifier: Apache-2.0
//
// target: what every kind of hardware can do, as functions on a plan of its own. compiler/target/list.h has all of
// them; the verbs know no other way to one.
#ifndef AXGEN_TARGET_H
#define AXGEN_TARGET_H

#include "compiler/config/config.h"
#include "compiler/explore/pricing.h"
#include "compiler/infer/infer.h"
#include "compiler/target/common/cost.h"
#include "compiler/target/common/energy.h"
#include "compiler/target/common/graph.h"
#include "compiler/target/common/memories.h"
#include "compiler/target/common/operands.h"

#include <cjson/cJSON.h>

// Images [first, first + count) of the data set: at least one.
typedef struct {
  const dataset *data;
  size_t first, count;
} target_images;

// Images for the testbench that goes along with the Verilog.
typedef struct {
  target_images images;
  const char *source; // what they are, for people: "of the data set"
} target_test;

typedef struct {
  uint32_t stalls; // seed of random gaps on the ports; 0: none
  bool icarus; // instead of Verilator
  bool axi; // behind AXI ports, where the target has others too
  bool mul_gates; // multipliers as gates inside the accelerator too
  bool all_pairs; // no multiplier compared with its model on samples only
  const char *waves; // file that takes the waveforms of the run (*.fst, *.vcd), or NULL
  const char *recorder; // gates_recorder's text, which then writes all pins down, or NULL
  bool steady; // more images than asked for, until those pass while the hardware is busy throughout (target_sim.from)
  const char *pins; // the file that takes them, in a folder that tool_temp_dir made
  bool keep; // leave the simulation's folder behind
} target_sim_options;

// What a simulation found. Everything that was compared was equal.
typedef struct {
  const char *simulator; // its version line
  size_t values_compared, correct; // correct: of the images, where labels are there
  size_t outputs; // values of the last layer
  const int32_t *logits; // [images][outputs]: what the hardware gave
  double build_seconds, run_seconds;
  const char *folder; // when kept, also after an error; else NULL
  // Cycles [from, to), counted from the first without reset, in which the hardware does the work of so many images.
  int64_t from, to;
  size_t images_inside;
  const char *scope; // which values were compared: "" or " of all layers"
  const char *stalled; // where random stalls were: "the memory port"
  str notes, figures; // the target's own lines, after the first and after the accuracy; target_sim_free
  cJSON *json; // the target's own figures, an object; target_sim_json takes it
} target_sim;

// Which assignments the hardware of a configuration holds, apart from what its places say.
typedef struct {
  assignment_level finest; // ASSIGN_KERNEL: all weights of a kernel have one multiplier
  uint64_t muls; // bit k: it may have the config's multiplier k
  uint64_t named; // bit k: its options name it
  int most; // different ones in one network; 0: any number
  bool shared; // place i of all layers is the same multiplier
} target_limits;

typedef struct target {
  const target_reader *reader; // its name; reads `target: {kind: NAME, ...}`
  // Plans the hardware of a configuration whose target it is. Refuses, with the layer and the reason, what it cannot
  // build. cfg and model must outlive the plan, which lies in `mem`.
  bool (*plan)(arena *mem, const config *cfg, const infer_model *model, void **plan, diag *d);
  // Whether the sums of any layer are not exact. NULL: all are.
  bool (*approximates)(const config *cfg);
  // If so: how the layers add up, by node, for infer_model; in `mem`. model: without it.
  bool (*accumulations)(arena *mem, const config *cfg, const infer_model *model, const infer_accumulation **out,
                        diag *d);
  // Adds all files of the hardware to `out`: Verilog with the top axgen_top (or the configuration's name), axgen.f,
  // what integration needs (package.h), with `test` (may be NULL) a testbench, and last manifest.json. The same
  // configuration and images give the same bytes.
  bool (*emit)(arena *mem, const void *plan, const target_test *test, fileset *out, diag *d);
  // What the hardware is, as lines; `summary` goes on in the line that says how many files were written: "" or "; ...".
  void (*print)(const void *plan, str *out, str *summary);
  // What emit's files are built of: graph_structure makes of it what the synthesis must know. It lies in `mem`.
  graph *(*describe)(arena *mem, const void *plan);
  // used[i] for each of the config's multipliers that is built in; the others stay as they are.
  void (*multipliers)(const void *plan, bool *used);
  // NULL: any assignment.
  void (*limits)(const config *cfg, target_limits *out);
  // The multipliers that the hardware has for a node, whichever filters come to them: a team is the filters that share
  // processing elements, a part the weights that come to one lane. Filters may be exchanged between teams. NULL: which
  // weight comes to which multiplier is not fixed.
  void (*places)(arena *mem, const config *cfg, int node, pricing_layer *out);
  // The nearest assignment of a node that those multipliers can hold, in `mem`; `a` itself where it fits. Returns how
  // many of its weights get another multiplier. NULL: nothing of the kind.
  int64_t (*nearest)(arena *mem, const config *cfg, int node, const assignment *a, assignment *out);
  // Counts what the hardware is built of and how often that works for an image; looks at no image.
  bool (*cost)(arena *mem, const void *plan, cost_counts *out, diag *d);
  // Runs the hardware and compares it with the reference (ref_run). False with exit code 4 and image, layer and element
  // named when anything differs; 3 when a tool fails.
  bool (*simulate)(arena *mem, const void *plan, const target_images *in, const target_sim_options *opt,
                   target_sim *out, diag *d);
  // The multipliers' energy under the operands of real images. muls[i] belongs to the config's multiplier i
  // (synth_multipliers_used). Zero delay: no glitches. Deterministic.
  bool (*energy)(arena *mem, const void *plan, const synth_mul *muls, const target_images *in, proxy_result *out,
                 diag *d);
  // How often memories are read and written for an image (the first of `in`, where that matters).
  bool (*accesses)(arena *mem, const void *plan, const target_images *in, memories_accesses *out, diag *d);
  // Stretches of the operands that the schedule brings to the multipliers of each layer that multiplies, for real
  // images, with weights held and not. NULL: its schedule holds no weights. Deterministic.
  bool (*operands)(arena *mem, const void *plan, const target_images *in, operands_layer **out, size_t *layers,
                   diag *d);
} target;

// Counts the images whose largest output is the label's; none without labels.
size_t target_correct(const target_images *in, const int32_t *logits, size_t outputs);
// A result as JSON and as lines. `stalls`: as in the options.
cJSON *target_sim_json(const target *t, const network *net, const target_images *in, uint32_t stalls, target_sim *r);
void target_sim_text(const target_images *in, uint32_t stalls, const target_sim *r, str *out);
// The beginning of any result of running images on a target's hardware.
cJSON *target_result_json(const char *target, const network *net, const char *simulator, const target_images *in,
                          size_t values, size_t correct);
void target_sim_free(target_sim *r); // also what target_sim_json did not take

#endif
