// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/base/json.h"
#include "compiler/cli/cli.h"

#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(cli_options, field)
// clang-format off
const cli_option CLI_OPTIONS[] = {
    {"--images",    'n', CLI_COUNT, AT(images), "N", "use the first N images of the data set (default: all; sim: 1, energy: 8)"},
    {"--first",     0,   CLI_COUNT, AT(first), "I", "start at image I (default 0)"},
    {"--representatives", 0, CLI_COUNT, AT(representatives), "K", "clusters of images, one of each is scored (default 32)"},
    {"--stalls",    0,   CLI_COUNT, AT(stalls), "SEED", "random gaps on both streams, from this seed (0: none)"},
    {"--icarus",    0,   CLI_FLAG,  AT(icarus), NULL, "simulate with Icarus Verilog instead of Verilator"},
    {"--axi",       0,   CLI_FLAG,  AT(axi), NULL, "the fgpu target behind its AXI ports; in Verilator the C host drives it"},
    {"--gates",     0,   CLI_FLAG,  AT(gates), NULL, "synthesise, and run the whole mapped netlist too: all pins equal in every cycle"},
    {"--energy",    0,   CLI_FLAG,  AT(whole), NULL, "measure the whole design's energy: its mapped netlist runs on images"},
    {"--mul-gates", 0,   CLI_FLAG,  AT(mul_gates), NULL, "multipliers as gates inside the simulated Verilog too (slow)"},
    {"--trace",     0,   CLI_TEXT,  AT(trace), "FILE", "write the run's waveforms, FST (*.fst) or VCD (*.vcd), at most about 1 GiB"},
    {"--legalize",  0,   CLI_FLAG,  AT(legalize), NULL, "what the folding's multipliers cannot hold is moved to the nearest assignment that they can"},
    {"--keep",      0,   CLI_FLAG,  AT(keep), NULL, "leave the simulation folder behind and print its name"},
    {"--man",       0,   CLI_FLAG,  AT(man), NULL, "print the man page (roff)"},
    {"--explain",   0,   CLI_FLAG,  AT(explain), NULL, "print to stderr how the engine runs each layer"},
    {"--reference", 0,   CLI_FLAG,  AT(reference), NULL, "run the reference interpreter instead of the fast engine"},
    {"--logits",    0,   CLI_TEXT,  AT(logits), "FILE", "write the logits as .npy: int32, images x classes"},
    {"--for",       0,   CLI_TEXT,  AT(goal), "GOAL", "area, energy or delay: mul gen: build the circuits that the name leaves open, keep the best; synth, mul measure: the recipe"},
    {"--operands",  0,   CLI_TEXT,  AT(operands), "WHAT", "uniform, realistic, or a file with a pair of numbers on each line"},
    {"--hold",      0,   CLI_COUNT, AT(hold), "N", "b stays for N operations"},
    {"--filter",    0,   CLI_TEXT,  AT(filter), "COND", "e.g. mae<20,family=roup (docs/measurement.md)"},
    {"--sort",      0,   CLI_TEXT,  AT(sort), "KEY", "by a figure; -KEY: greatest first"},
    {"--pareto",    0,   CLI_TEXT,  AT(pareto), "X,Y", "only what nothing beats in both figures"},
    {"--csv",       0,   CLI_FLAG,  AT(csv), NULL, "print CSV"},
    {"--svg",       0,   CLI_TEXT,  AT(svg), "FILE", "write a picture: mul list of --pareto's figures (default mae,energy), net show of the graph"},
    {"--mae",       0,   CLI_TEXT,  AT(mae), "E", "bound on the mean absolute error"},
    {"--wce",       0,   CLI_TEXT,  AT(wce), "E", "bound on the worst-case error"},
    {"--objective", 0,   CLI_TEXT,  AT(objective), "O", "area or energy; explore: delay too, and two of them as in energy,area (default: mul evolve area, explore energy)"},
    {"--price",     0,   CLI_TEXT,  AT(price), "P", "of what: multipliers (alone), design (the whole accelerator, as axgen cost has it)"},
    {"--level",     0,   CLI_TEXT,  AT(level), "L", "what has one multiplier: layer, filter, kernel, weight or position (default kernel; predict: layer)"},
    {"--method",    0,   CLI_TEXT,  AT(method), "M", "model, hawx, nsga2, alwann, greedy, random or exhaustive (default model)"},
    {"--max-loss",  0,   CLI_TEXT,  AT(max_loss), "X", "the drop in accuracy that is allowed, 0.01 is one point (default 0.01)"},
    {"--max-evaluations", 0, CLI_COUNT, AT(max_evaluations), "N", "evaluations on all validation images at most (default 100)"},
    {"--max-multipliers", 0, CLI_COUNT, AT(max_multipliers), "T", "different multipliers at most in one design (default: all)"},
    {"--assignments", 0, CLI_COUNT, AT(assignments), "N", "draw and measure N random ones"},
    {"--plan",      0,   CLI_FLAG,  AT(plan), NULL, "say what would be evaluated and about how long it takes, and stop"},
    {"--generations", 0, CLI_COUNT, AT(generations), "N", "generations of each island (default 200000)"},
    {"--seed",      0,   CLI_COUNT, AT(seed), "S", "of the random numbers (default 1)"},
    {"--checkpoint", 0,  CLI_TEXT,  AT(checkpoint), "FILE", "go on from here, and write it as the search goes on"},
    {"--family",    0,   CLI_TEXT,  AT(family), "F", "LUTs, flip-flops, block RAMs, DSPs and carries of this FPGA family instead: xcup, xc7, ice40, ecp5"},
    {"--dsp",       0,   CLI_FLAG,  AT(dsp), NULL, "with --family: exact multipliers become DSP blocks"},
    {"--place",     0,   CLI_FLAG,  AT(place), NULL, "with --family ice40 or ecp5: place and route with nextpnr, for a clock frequency"},
    {"--device",    0,   CLI_TEXT,  AT(device), "CHIP", "place and route on this chip, such as hx8k or 45k (default: the smallest that it fits on)"},
    {"--package",   0,   CLI_TEXT,  AT(package), "P", "of --device, such as ct256 (default: a usual one)"},
    {"--table",     0,   CLI_FLAG,  AT(table), NULL, "print the product table"},
    {"--all-pairs", 0,   CLI_FLAG,  AT(all_pairs), NULL, "all pairs at every width: mul and adder show's error figures (16 x 16 bits: about half a minute), sim's proofs (minutes)"},
    {"--signed",    0,   CLI_TEXT,  AT(operand_signs), "HOW", "yes, no, us (a unsigned, b signed) or su (default: as the module's name or the values say)"},
    {"--a",         0,   CLI_TEXT,  AT(a_port), "PORT", "the input that is a, the activation (default: the first of the port list)"},
    {"--module",    0,   CLI_TEXT,  AT(module), "NAME", "the module to import (default: the one that no other instantiates)"},
    {"--include",   'I', CLI_LIST,  AT(folders), "DIR", "a folder in which Verilog's `include looks too; may be repeated"},
    {"--param",     0,   CLI_LIST,  AT(params), "N=V", "a parameter of the module, such as W=8; may be repeated"},
    {"--time-limit", 0,  CLI_COUNT, AT(time_limit), "S", "seconds that Yosys and Icarus may take together over an import (default 120)"},
    {"--index",     0,   CLI_TEXT,  AT(table_index), "HOW", "a table's indices: signed, unsigned, us, su or offset, i.e. value + 128 (default: from the values)"},
    {"--bits",      0,   CLI_TEXT,  AT(table_bits), "AxB", "a table's operands, 8x4 or 4 (default: as its shape, import or name says, else equal ones); those of an adder (default 16)"},
    {"--product-offset", 0, CLI_TEXT, AT(product_offset), "N", "a table stores the products plus N (default 0)"},
    {"--b-major",   0,   CLI_FLAG,  AT(b_major), NULL, "a table's rows are b (default: a)"},
    {"--output",    'o', CLI_TEXT,  AT(output), "DIR", "write here instead of the config's `output`"},
    {"--pictures",  0,   CLI_TEXT,  AT(pictures), "FILE", "calibration images; for cifar also several files: A,B,C"},
    {"--format",    0,   CLI_TEXT,  AT(format), "F", "of the pictures: idx, cifar or npy (default idx; docs/data.md); mul gen: bin, h, npy, hex or c"},
    {"--labels",    0,   CLI_TEXT,  AT(labels), "FILE", "their labels, to print the accuracy as well"},
    {"--calibrate", 0,   CLI_COUNT, AT(calibrate), "N", "calibrate on the first N images (default 1000)"},
    {"--calibration", 0, CLI_TEXT,  AT(calibration), "HOW", "minmax, percentile, percentile:P or mse (default mse; docs/quantisation.md)"},
    {"--tune", 0, CLI_FLAG, AT(tune), NULL, "put other weights where they give approximate products nearer to the exact ones (ALWANN)"},
    {"--no-bias-correction", 0, CLI_FLAG, AT(no_bias_correction), NULL, "leave the mean shift that rounded weights give; explore, sensitivity: and what multipliers do"},
    {"--per-tensor", 0,  CLI_FLAG,  AT(per_tensor), NULL, "one weight scale a layer instead of one a filter"},
    {"--layer-bits", 0,  CLI_TEXT,  AT(layer_bits), "L=A,W", "bits of layer L's output and weights; several: L=A,W,M=A,W"},
    {"--input-range", 0, CLI_TEXT,  AT(input_range), "R", "what pixels are for the model's input: 0..255, 0..1 or -1..1 (default: as the model shows, else 0..1)"},
    {"--mean",      0,   CLI_TEXT,  AT(mean), "M", "the model's input is (pixel / 255 - M) / S; one for each channel: R,G,B"},
    {"--std",       0,   CLI_TEXT,  AT(std), "S", "see --mean (default 1)"},
    {"--float",     0,   CLI_FLAG,  AT(as_float), NULL, "do not quantise: write the float network"},
    {"--qonnx",     0,   CLI_FLAG,  AT(qonnx), NULL, "with QONNX's Quant, which has codes of any number of bits, instead of QuantizeLinear"},
    {"--dot",       0,   CLI_FLAG,  AT(dot), NULL, "print the graph for Graphviz (dot -Tsvg)"},
    {"--scheme",    0,   CLI_TEXT,  AT(scheme), "S", "s8, u8 or u8s8 (default s8; docs/numerics.md)"},
    {"--act-bits",  0,   CLI_COUNT, AT(act_bits), "N", "bits of activations, 4..16 (default 8)"},
    {"--weight-bits", 0, CLI_COUNT, AT(weight_bits), "N", "bits of weights, 4..16 (default 8)"},
    {"--name",      0,   CLI_TEXT,  AT(name), "NAME", "of the network (default: the output folder's) or multiplier (default: the module's or file's)"},
    {"--cache",     0,   CLI_TEXT,  AT(cache), "DIR", "keep what Yosys and OpenSTA made here (default $AXGEN_CACHE, else ~/.cache/axgen; docs/cost.md)"},
    {"--no-cache",  0,   CLI_FLAG,  AT(no_cache), NULL, "keep nothing, and use nothing that was kept"},
    {"--json",      0,   CLI_FLAG,  AT(json), NULL, "print JSON instead of text"},
    {"--jobs",      'j', CLI_COUNT, AT(threads), "N", "threads (default: all cores)"},
    {"--quiet",     'q', CLI_FLAG,  AT(quiet), NULL, "no progress"},
};
// clang-format on
const size_t CLI_OPTION_COUNT = BASE_COUNT(CLI_OPTIONS);

static bool usage_error(const cli_verb *verb, diag *d) {
  d->exit_code = EXIT_USAGE;
  diag_note(d, "usage: axgen %s %s   (axgen help %s)", verb->name, verb->usage, verb->name);
  return false;
}

bool cli_takes(const cli_verb *verb, const char *name) {
  size_t n = strlen(name);
  for (const char *p = verb->options; (p = strstr(p, name)); p += n)
    if (p[n] == 0 || p[n] == ' ')
      return true;
  return false;
}

static const cli_option *find(const cli_verb *verb, const char *arg, size_t n) {
  for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
    const cli_option *o = &CLI_OPTIONS[i];
    bool is_long = strlen(o->name) == n && strncmp(o->name, arg, n) == 0;
    bool is_short = n == 2 && o->letter && arg[1] == o->letter;
    if ((is_long || is_short) && cli_takes(verb, o->name))
      return o;
  }
  return NULL;
}

static bool set(const cli_option *o, const char *value, cli_options *out, diag *d) {
  char *field = (char *)out + o->offset;
  switch (o->kind) {
  case CLI_FLAG:
    *(bool *)field = true;
    return true;
  case CLI_TEXT:
    *(const char **)field = value;
    return true;
  case CLI_LIST:
    if (((cli_list *)field)->count == CLI_LIST_MAX)
      return diag_error(d, "%s is given more than %d times", o->name, CLI_LIST_MAX);
    ((cli_list *)field)->item[((cli_list *)field)->count++] = value;
    return true;
  case CLI_COUNT:
    return whole_text(value, 10, 0, INT32_MAX, (int64_t *)field, NULL) ||
           diag_error(d, "%s %s: expected a whole number from 0 to %d", o->name, value, INT32_MAX);
  }
  return false;
}

bool cli_parse(const cli_verb *verb, int argc, char **argv, cli_options *out, diag *d) {
  *out = (cli_options){.args = (const char **)argv,
                       .images = -1,
                       .time_limit = -1,
                       .representatives = -1,
                       .calibrate = 1000,
                       .act_bits = 8,
                       .weight_bits = 8,
                       .generations = 200000,
                       .max_evaluations = -1,
                       .assignments = -1,
                       .max_multipliers = -1,
                       .seed = 1};
  bool options_end = false;
  for (int i = 0; i < argc; i++) {
    char *arg = argv[i];
    if (text_fault(arg)) { // it would be a name of something, or part of one
      diag_error(d, "argument %d, `%s`: expected text without control characters, found %s", i + 1, arg,
                 text_fault(arg));
      return usage_error(verb, d);
    }
    if (options_end || arg[0] != '-' || !arg[1]) {
      argv[out->arg_count++] = arg; // packs the positional ones to the front
      continue;
    }
    if (strcmp(arg, "--") == 0) {
      options_end = true;
      continue;
    }
    // --jobs 4, --jobs=4, -j 4, -j4 and -j=4
    bool is_long = arg[1] == '-';
    size_t n = is_long ? strcspn(arg, "=") : 2;
    const cli_option *o = find(verb, arg, n);
    if (!o) {
      diag_error(d, "axgen %s does not take %s", verb->name, arg);
      return usage_error(verb, d);
    }
    const char *value = arg[n] ? arg + n + (arg[n] == '=') : NULL;
    if (o->kind == CLI_FLAG ? value != NULL : !value && i + 1 == argc) {
      diag_error(d, "%s expects %s", o->name, o->kind == CLI_FLAG ? "no value" : o->value);
      return usage_error(verb, d);
    }
    if (o->kind != CLI_FLAG && !value)
      value = argv[++i];
    if (!set(o, value, out, d))
      return usage_error(verb, d);
  }
  if (out->arg_count < verb->min_args || out->arg_count > verb->max_args) {
    diag_error(d, "axgen %s expects %s", verb->name, verb->usage);
    return usage_error(verb, d);
  }
  return true;
}

static void print_options(const cli_verb *verb, const char *fmt, FILE *out) {
  for (size_t i = 0; i < CLI_OPTION_COUNT; i++) {
    const cli_option *o = &CLI_OPTIONS[i];
    if (!cli_takes(verb, o->name))
      continue;
    char left[64], letter[8] = "";
    if (o->letter)
      snprintf(letter, sizeof letter, "-%c, ", o->letter);
    snprintf(left, sizeof left, "%s%s%s%s", letter, o->name, o->value ? " " : "", o->value ? o->value : "");
    fprintf(out, fmt, left, o->help);
  }
}

void cli_help_verb(const cli_verb *verb, FILE *out) {
  fprintf(out, "usage: axgen %s %s\n\n%s\n", verb->name, verb->usage, verb->details);
  if (verb->options[0])
    fputs("\n", out);
  print_options(verb, "  %-22s %s\n", out);
}

void cli_help(FILE *out) {
  fputs("axgen " AXGEN_VERSION ": a hardware compiler for approximate neural-network accelerators\n\n"
        "usage: axgen VERB ...\n\n",
        out);
  for (size_t i = 0; i < CLI_VERB_COUNT; i++)
    fprintf(out, "  %-11s %s\n", CLI_VERBS[i].name, CLI_VERBS[i].summary);
  fputs(
      "\n`axgen help VERB` says more. Exit status: 0 done, 1 the input is at fault, 2 wrong usage, 3 a tool is\n"
      "missing or failed, 4 a check did not hold (for example, hardware and emulator differ); after SIGINT (Ctrl-C),\n"
      "SIGTERM or SIGHUP 128 + the signal's number.\n",
      out);
}

static cJSON *option_json(const cli_option *o) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "name", o->name);
  if (o->letter)
    cJSON_AddStringToObject(json, "short", (const char[]){'-', o->letter, 0});
  if (o->value)
    cJSON_AddStringToObject(json, "value", o->value);
  cJSON_AddStringToObject(json, "help", o->help);
  return json;
}

static cJSON *verb_json(const cli_verb *verb) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "name", verb->name);
  cJSON_AddStringToObject(json, "usage", verb->usage);
  cJSON_AddStringToObject(json, "summary", verb->summary);
  cJSON_AddStringToObject(json, "details", verb->details);
  cJSON *options = cJSON_AddArrayToObject(json, "options");
  for (size_t i = 0; i < CLI_OPTION_COUNT; i++)
    if (cli_takes(verb, CLI_OPTIONS[i].name))
      cJSON_AddItemToArray(options, option_json(&CLI_OPTIONS[i]));
  return json;
}

static void put_json(cJSON *json, FILE *out) {
  arena *mem = arena_new();
  fputs(json_text(mem, json), out);
  arena_free(mem);
}

void cli_help_verb_json(const cli_verb *verb, FILE *out) { put_json(verb_json(verb), out); }

void cli_help_json(FILE *out) {
  cJSON *json = cJSON_CreateObject();
  cJSON_AddStringToObject(json, "version", AXGEN_VERSION);
  cJSON *verbs = cJSON_AddArrayToObject(json, "verbs");
  for (size_t i = 0; i < CLI_VERB_COUNT; i++)
    cJSON_AddItemToArray(verbs, verb_json(&CLI_VERBS[i]));
  put_json(json, out);
}

// Lines of a roff page must not start with a dot, and a minus must be typed as one.
static void roff(const char *text, FILE *out) {
  for (const char *p = text; *p; p++) {
    if (*p == '-')
      fputs("\\-", out);
    else if (*p == '\\')
      fputs("\\e", out);
    else
      fputc(*p, out);
    if (*p == '\n' && (p[1] == '.' || p[1] == '\''))
      fputs("\\&", out);
  }
}

void cli_man(FILE *out) {
  fputs(".TH AXGEN 1 \"\" \"axgen " AXGEN_VERSION "\"\n.SH NAME\naxgen \\- hardware compiler for approximate "
        "neural\\-network accelerators\n.SH SYNOPSIS\n.B axgen\n.I VERB\n[arguments]\n.SH VERBS\n",
        out);
  for (size_t i = 0; i < CLI_VERB_COUNT; i++) {
    const cli_verb *v = &CLI_VERBS[i];
    fprintf(out, ".SS %s ", v->name);
    roff(v->usage, out);
    fputs("\n.nf\n", out);
    roff(v->details, out);
    fputs("\n", out);
    print_options(v, "  %-22s %s\n", out);
    fputs(".fi\n", out);
  }
  fputs(".SH EXIT STATUS\n0 done, 1 the input is at fault, 2 wrong usage, 3 a tool is missing or failed, 4 a check "
        "did not hold; after SIGINT, SIGTERM or SIGHUP 128 + the signal's number.\n.SH SIGNALS\nThe first SIGINT "
        "(Ctrl\\-C), SIGTERM or SIGHUP ends the running tools and what they started (SIGTERM, two seconds later "
        "SIGKILL), "
        "removes temporary folders and ends axgen; a long search writes what it found first. The second ends axgen at "
        "once. "
        "Tools and folders go as well when axgen is killed. Ctrl\\-Z stops the tools too, and their time limits.\n"
        ".SH ENVIRONMENT\n.TP\n.B AXGEN_DATA\nfolder that holds rtl_templates/, synth/ and genlib/ "
        "(default: ../share/axgen beside the program's folder, else the source tree that the program lies in)\n.TP\n"
        ".B TMPDIR\nfolder for temporary folders (default: /tmp)\n.TP\n.B PATH\nwhere tools are looked for\n",
        out);
}
