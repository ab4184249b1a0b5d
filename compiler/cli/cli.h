// SPDX-License-Identifier: Apache-2.0
//
// cli: the command line. One table of verbs (verbs.c); help and the man page are printed from it.
#ifndef AXGEN_CLI_H
#define AXGEN_CLI_H

#include "compiler/base/base.h"

// An option that may be given several times.
enum { CLI_LIST_MAX = 64 };
typedef struct {
  const char *item[CLI_LIST_MAX];
  int count;
} cli_list;

// What the options of all verbs set. A verb reads those that it lists.
typedef struct {
  FILE *out, *err; // for what the verb was asked, and for remarks on it; the program's: standard output and error
  const char **args; // positional
  int arg_count;
  bool json, quiet, icarus, axi, gates, mul_gates, whole, keep, man, table, explain, reference, csv;
  int64_t images, first, stalls, threads, calibrate, representatives;
  int64_t act_bits, weight_bits;
  const char *logits, *trace, *goal, *operands, *filter, *sort, *pareto, *svg, *mae, *wce, *objective, *price,
      *checkpoint;
  int64_t hold, generations, seed;
  const char *output, *pictures, *labels, *scheme, *name, *format, *calibration, *layer_bits, *family, *device,
      *package;
  const char *input_range, *mean, *std, *level, *method, *max_loss;
  int64_t max_evaluations, max_multipliers, assignments;
  bool plan, legalize, no_cache, dsp, place;
  const char *cache;
  bool no_bias_correction, tune, per_tensor, as_float, qonnx, dot, b_major, all_pairs;
  const char *operand_signs, *a_port, *module, *table_index, *table_bits, *product_offset;
  cli_list folders, params;
  int64_t time_limit; // seconds; -1: not given
} cli_options;

typedef struct {
  const char *name; // "--images"
  char letter; // 'n' or 0
  enum { CLI_FLAG, CLI_COUNT, CLI_TEXT, CLI_LIST } kind;
  size_t offset; // into cli_options
  const char *value, *help;
} cli_option;

typedef struct {
  const char *name, *usage, *summary, *details;
  const char *options; // names of the options it takes, separated by spaces, e.g. "--images --json"
  int min_args, max_args;
  bool (*run)(const cli_options *o, diag *d);
} cli_verb;

extern const cli_verb CLI_VERBS[];
extern const size_t CLI_VERB_COUNT;
extern const cli_option CLI_OPTIONS[];
extern const size_t CLI_OPTION_COUNT;

const cli_verb *cli_find(const char *name); // NULL: there is none
bool cli_takes(const cli_verb *verb, const char *option); // "--images"
// Runs a verb with what follows its name; argv is rearranged.
bool cli_run(const cli_verb *verb, int argc, char **argv, FILE *out, FILE *err, diag *d);
// To `out`, what a terminal would obey escaped: versions of tools, names from libraries and foreign files.
void cli_print(FILE *out, const char *text);
// Parses what follows the verb. False: usage error, already reported through `d` with exit code 2.
bool cli_parse(const cli_verb *verb, int argc, char **argv, cli_options *out, diag *d);
void cli_help(FILE *out);
void cli_help_verb(const cli_verb *verb, FILE *out);
void cli_man(FILE *out);
// The same as JSON: an object for the verb with its options; the version and all of these under `verbs`.
void cli_help_verb_json(const cli_verb *verb, FILE *out);
void cli_help_json(FILE *out);

bool verb_mul(const cli_options *o, diag *d);
bool verb_adder(const cli_options *o, diag *d);
bool verb_net(const cli_options *o, diag *d);
bool verb_eval(const cli_options *o, diag *d);
bool verb_score(const cli_options *o, diag *d);
bool verb_sensitivity(const cli_options *o, diag *d);
bool verb_explore(const cli_options *o, diag *d);
bool verb_predict(const cli_options *o, diag *d);
bool verb_rtl(const cli_options *o, diag *d);
bool verb_sim(const cli_options *o, diag *d);
bool verb_fgpu(const cli_options *o, diag *d);
bool verb_cost(const cli_options *o, diag *d);
bool verb_synth(const cli_options *o, diag *d);
bool verb_energy(const cli_options *o, diag *d);
bool verb_report(const cli_options *o, diag *d);
bool verb_help(const cli_options *o, diag *d);

#endif
