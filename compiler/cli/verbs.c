// SPDX-License-Identifier: Apache-2.0
//
// The table of verbs, from which help and man page are printed, and how one is run: by the program (main.c), and by
// other programs through the library.
#include "compiler/cli/cli.h"
#include "compiler/tool/cache.h"

#include <omp.h>
#include <string.h>

// clang-format off
const cli_verb CLI_VERBS[] = {
    {"mul", "list | show NAME | gen NAME | measure NAME | evolve NAME | import FILE ... | catalogue", "the multiplier library",
     "list           the catalogue of measured multipliers (--filter, --sort, --pareto, --csv, --svg);\n"
     "               without --filter the signed 8-bit ones\n"
     "show NAME      signature, gates, error figures, ranks and partial products of one multiplier (--table: all its\n"
     "               products; --svg FILE: the partial products as a picture; --operands: errors under these;\n"
     "               --all-pairs: nothing sampled)\n"
     "gen NAME       writes NAME's Verilog, C model and product table (8 bits) to the folder given by --output; with --for, of the\n"
     "               circuit that is best among those that the name leaves open; with --format only bin (TFApprox), h\n"
     "               (AdaPT), npy (NumPy), hex (Verilog's $readmemh) or c (a C function), as --name\n"
     "measure NAME   area, delay, and energy under operand streams, glitches included; with --for by the recipe that is\n"
     "               best for this goal (without: energy)\n"
     "evolve NAME    a smaller circuit than NAME within --mae and --wce, by Cartesian genetic programming, to the file\n"
     "               given by --output; with --operands the bounds hold for these operands\n"
     "import FILE... a circuit as Verilog (.v, .sv; --signed, --a, --module, --param, -I, --time-limit, --name), or a product table (.bin, .h, .c, .txt,\n"
     "               .hex, .npy; --index, --bits, --b-major, --product-offset, --name): proven, compared with what its header says, and written as a netlist or\n"
     "               Verilog to the folder given by --output (default: here). docs/import.md\n"
     "catalogue      measures what the catalogue lacks, or where something changed (`make catalogue`)",
     "--output --for --operands --hold --filter --sort --pareto --csv --svg --mae --wce --objective --generations --seed "
     "--checkpoint --table --all-pairs --signed --a --module --include --param --time-limit --name --index --bits --b-major --product-offset --format --cache --no-cache --json --jobs --quiet", 1, 64, verb_mul},
    {"adder", "list | show NAME | gen NAME | import FILE ...", "approximate adders",
     "list           the families of adders that `target: {adder: NAME}` takes (docs/adders.md)\n"
     "show NAME      error figures, gates, area and delay of an adder, a family's such as loa_k6 or an imported one, FILE.net, on\n"
     "               unsigned operands of --bits bits (an imported one: its own); above 12 bits sampled without --all-pairs\n"
     "gen NAME       writes its Verilog to the folder given by --output\n"
     "import FILE... an adder of unsigned numbers as Verilog (.v, .sv; --a, --module, --param, -I, --time-limit, --name): proven, compared with\n"
     "               what its header says, and written as a netlist, which `adder` of a config names, to the folder given by\n"
     "               --output (default: here)",
     "--output --bits --all-pairs --a --module --include --param --time-limit --name --cache --no-cache --json --jobs --quiet", 1, 64, verb_adder},
    {"net", "import MODEL.onnx | quantize NET.yaml | export NET.yaml|CONFIG.yaml | show NET.yaml|MODEL.onnx", "networks: import from ONNX and quantise, export, show",
     "import MODEL.onnx   reads a float model, folds and fuses, calibrates on images, quantises and writes net.yaml and\n"
     "                    weights.safetensors to --output. Where labels are known it prints float and integer accuracy\n"
     "                    (--images N: on the first N images; 0: not at all). A model that says how it is quantised\n"
     "                    needs no images. With --float it is not quantised. --input-range, or --mean and --std, say what pixels\n"
     "                    are for the model's input where the model itself does not show it.\n"
     "quantize NET.yaml   the same from a float network that was imported with --float\n"
     "export FILE         writes the integer network of net.yaml or config.yaml as an ONNX model to the file given by --output:\n"
     "                    pixels in, logits out, QuantizeLinear and DequantizeLinear (--qonnx: Quant) between the layers. An\n"
     "                    import of it has the same integers\n"
     "show FILE           layers, shapes, parameters, multiplications and quantisation; --dot and --svg: the graph",
     "--output --format --pictures --labels --calibrate --calibration --scheme --act-bits --weight-bits --layer-bits "
     "--per-tensor --no-bias-correction --input-range --mean --std --float --qonnx --images --name --dot --svg --json --jobs --quiet", 2, 2,
     verb_net},
    {"eval", "config.yaml", "accuracy by emulation",
     "Runs the network with the multipliers that the config assigns to layers, filters, kernels or single weights, over\n"
     "the config's data set, and prints top-1; the result is kept in DIR/eval.json, with the mean cross-entropy as `loss`.\n"
     "With --logits the data set needs no labels.",
     "--images --first --explain --reference --logits --legalize --output --json --jobs --quiet", 1, 1, verb_eval},
    {"score", "config.yaml", "HAWX scores: how much each multiplier's errors matter, by layer and filter",
     "Chooses representatives among the images (k-means on mean and deviation of the first layer's activations), derives\n"
     "the loss by every product and multiplies with each multiplier's errors: scores by layer, filter and network, for all\n"
     "the config's multipliers at once; beside them the accuracy with each one everywhere, on the images given by --first\n"
     "and --images. The result is kept in DIR/score.json, tables and pictures in DIR/score. docs/score.md",
     "--images --first --representatives --seed --output --json --jobs --quiet", 1, 1, verb_score},
    {"sensitivity", "config.yaml", "what each multiplier loses in one layer, and from one layer on",
     "Measures, with each of the config's multipliers in one layer at a time and in all layers from each one on, what the\n"
     "network loses against the exact one on the config's data set (--images, --first), with biases and gains corrected\n"
     "(on `explore: {calibration: ...}`) and as it is. Layers in `explore: {freeze: ...}` keep their multiplier. Prints\n"
     "tables; DIR gets sensitivity.csv, sensitivity.json and sensitivity.svg, and sensitivity.db, from which a run that\n"
     "was stopped goes on (docs/explore.md).",
     "--images --first --no-bias-correction --output --json --jobs --quiet", 1, 1, verb_sensitivity},
    {"explore", "config.yaml", "find which multiplier goes where",
     "Searches for assignments of the config's multipliers that save the most for what they lose, on the config's data set\n"
     "(validation images) and, for bias correction and sensitivities, `explore: {calibration: ...}`. The front is measured\n"
     "on `explore: {test: ...}` with a 95 % interval. DIR gets a folder for each point of the front, with a config for\n"
     "eval, rtl, sim and synth and the corrected network; explore.json, front.csv, history.csv and front.svg; and\n"
     "explore.db, from which a search that was stopped goes on. `mpirun -n N axgen explore ...` spreads the evaluations over\n"
     "N processes, where `axgen --version` says `MPI: yes` (docs/explore.md).",
     "--level --method --max-loss --max-evaluations --max-multipliers --objective --price --no-bias-correction --tune --plan --seed "
     "--cache --no-cache --output --json --jobs --quiet", 1, 1, verb_explore},
    {"predict", "config.yaml", "predict what an assignment loses, and how well that is predicted",
     "Predicts the loss of accuracy of the config's assignment without running it, on its data set, from the multipliers'\n"
     "errors and the network's sensitivities (`explore: {calibration: ...}`), and prints what others go by: HAWX's score,\n"
     "sums of errors. With --assignments N it draws N random assignments of the config's multipliers, predicts each and\n"
     "measures each, and prints rank correlations and errors: DIR gets predict.json, predict.csv, predict.svg, and\n"
     "predict.db, from which a run that was stopped goes on (docs/predict.md).",
     "--assignments --level --images --first --no-bias-correction --seed --output --json --jobs --quiet", 1, 1, verb_predict},
    {"rtl", "config.yaml", "write the Verilog of the accelerator",
     "Writes DIR/rtl (DIR: the config's `output`): Verilog-2005, ROM images, the file list axgen.f, constraints, a FuseSoC core,\n"
     "a script for Vivado, a testbench with the data set's first images, and manifest.json. With --legalize (as in eval, sim\n"
     "and synth) weights whose multipliers the folding cannot hold get those of the nearest assignment that it can; how many\n"
     "in each layer, and the accuracy before and after, is said on standard error.",
     "--legalize --output --json", 1, 1, verb_rtl},
    {"sim", "config.yaml", "simulate the Verilog and compare it with the emulator, bit for bit",
     "Builds the accelerator with Verilator (or Icarus), runs it on images of the data set and compares every value of\n"
     "every layer with the reference interpreter. Exit status 4 and the place when anything differs. Without stalls it\n"
     "also measures the cycles per image. With --gates it is synthesised too, and the whole mapped netlist must give what\n"
     "the Verilog gives, on every pin in every cycle (docs/synthesis.md). With --output or the config's `output`, the result\n"
     "is kept in DIR/sim.json.",
     "--images --first --stalls --icarus --axi --gates --mul-gates --legalize --trace --keep --cache --no-cache --output --json --quiet", 1, 1, verb_sim},
    {"fgpu", "asm FILE | disasm FILE | run config.yaml", "programs of the fgpu target: assemble, print, simulate",
     "asm FILE     assembles FILE (docs/fgpu-isa.md): words in hexadecimal, one a line\n"
     "disasm FILE  the assembly of such words, or of the program/host.txt that rtl writes\n"
     "run CONFIG   runs the config's network in the simulator in C, compares every value of every layer with the\n"
     "             reference, and prints LIDs, launches, cycles and utilisation; kept in DIR/fgpu-run.json",
     "--images --first --output --json --quiet", 2, 2, verb_fgpu},
    {"synth", "config.yaml", "area, delay and energy by Yosys and OpenSTA",
     "Maps the accelerator to the config's Liberty library (default: the project's own 45 nm class library), reports\n"
     "area by layer and by kind, delay, and a zero-delay estimate of the multipliers' energy on real images.\n"
     "Each multiplier is mapped by the recipe that is best for the goal: --for, else the config's technology:\n"
     "{synth: GOAL}, else energy, for which the catalogue's figures are.\n"
     "Each distinct module is synthesised once, and kept for the next run (docs/cost.md: --cache, --no-cache).\n"
     "With --energy the mapped netlist runs on images, glitches included: the whole design's energy by layer and kind.\n"
     "The result is kept in DIR/synth.json. With --family F the same Verilog is mapped to an FPGA by Yosys alone (xcup:\n"
     "UltraScale+, xc7: 7 series, ice40, ecp5), and the result is kept in DIR/synth-F.json: LUTs and the like by layer and\n"
     "kind, and what exact multipliers would take in LUTs and in DSPs. --dsp makes DSPs of those that are exact. --place\n"
     "(or --device) also places and routes it with nextpnr, on ice40 and ecp5: clock frequency, use of the chip.",
     "--for --images --first --energy --icarus --family --dsp --place --device --package --legalize --cache --no-cache --output --json --jobs --quiet", 1, 1, verb_synth},
    {"cost", "config.yaml ...", "area, delay, energy, cycles and memory, predicted from the configuration alone",
     "Counts the blocks that the accelerator is built of and how often they work for an image, and multiplies with figures\n"
     "that `make calibrate` found from synthesised designs: an estimate of what `axgen synth` measures, at once. Needs no\n"
     "data set and no tools, and prints how far such estimates are off (docs/cost.md). The result is kept in DIR/cost.json;\n"
     "depths of FIFOs that were found are kept for designs with the same streams (--cache, --no-cache).\n"
     "Of several configurations it prints a line each, beside what synth.json in their folders says, how far the prediction\n"
     "is off, and the papers' model; --svg FILE: the same as a picture.",
     "--svg --legalize --cache --no-cache --output --json --quiet", 1, CLI_LIST_MAX, verb_cost},
    {"energy", "config.yaml", "energy of the config's multipliers on the accelerator's operands, glitches included",
     "Takes stretches of what single multipliers of a dataflow accelerator see for real images, in the order of the\n"
     "schedule, and runs each of the config's multipliers on them by timed simulation of its mapped netlist: with a new\n"
     "weight in every cycle, and with weights held as the folding's `hold` says (docs/dataflow.md). With --output or the\n"
     "config's `output`, the result is kept in DIR/energy.json.",
     "--images --first --legalize --cache --no-cache --output --json --jobs --quiet", 1, 1, verb_energy},
    {"report", "DIR ...", "what folders hold, side by side: a table, an SVG picture, a page",
     "Reads what the other verbs left in each folder: eval.json, sim.json, synth.json, cost.json, energy.json and\n"
     "rtl/manifest.json of a design; explore.json, history.csv and points/ of an exploration; sensitivity.json; score.json. Prints a table of\n"
     "the designs and a line for each of the others; with --output it writes report.svg, report.json and report.html\n"
     "there, a page that needs no network and runs no script (docs/report.md). The first design is what the others are\n"
     "compared with.",
     "--output --json", 1, 32, verb_report},
    {"help", "[VERB | --man]", "this list, or what a verb does", "", "--man --json", 0, 1, verb_help},
};
// clang-format on
const size_t CLI_VERB_COUNT = BASE_COUNT(CLI_VERBS);

const cli_verb *cli_find(const char *name) {
  for (size_t i = 0; i < CLI_VERB_COUNT; i++)
    if (strcmp(CLI_VERBS[i].name, name) == 0)
      return &CLI_VERBS[i];
  return NULL;
}

bool verb_help(const cli_options *o, diag *d) {
  if (o->man && o->json) {
    d->exit_code = EXIT_USAGE;
    return diag_error(d, "help: --man and --json do not go together");
  }
  if (o->man) {
    cli_man(o->out);
    return true;
  }
  if (o->arg_count == 0) {
    (o->json ? cli_help_json : cli_help)(o->out);
    return true;
  }
  const cli_verb *verb = cli_find(o->args[0]);
  if (!verb)
    return diag_error(d, "no verb %s; `axgen help` lists them", o->args[0]);
  (o->json ? cli_help_verb_json : cli_help_verb)(verb, o->out);
  return true;
}

// What the verb's tools make is kept for the next run.
static bool open_cache(const cli_verb *verb, const cli_options *o, diag *d) {
  cache_close(); // another verb's
  return o->no_cache || !cli_takes(verb, "--cache") || cache_open(o->cache, d);
}

bool cli_run(const cli_verb *verb, int argc, char **argv, FILE *out, FILE *err, diag *d) {
  cli_options o;
  bool ok = cli_parse(verb, argc, argv, &o, d);
  o.out = out;
  o.err = err;
  if (ok && o.quiet)
    progress_quiet = true;
  if (ok && o.threads > 0)
    threads_use((int)o.threads);
  return ok && open_cache(verb, &o, d) && verb->run(&o, d);
}
