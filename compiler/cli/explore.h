// SPDX-License-Identifier: Apache-2.0
//
// The parts of `axgen explore`.
#ifndef AXGEN_CLI_EXPLORE_H
#define AXGEN_CLI_EXPLORE_H

#include "compiler/cli/session.h"
#include "compiler/explore/explore.h"

// The config's calibration images, else the validation images, with a warning.
bool verb_explore_calibration(const session *s, const dataset *validation, dataset *out, diag *d);
enum { EXPLORE_CALIBRATE = 256 }; // of them correct biases

// What one multiplication costs with each of the config's multipliers, [mul_count] in `price`, and with the cheapest
// exact one that each layer takes, [nodes] in `exact` (0 where nothing is multiplied): one of the config's, else
// axgen's own. As `explore: {cost: ...}` says, else from the catalogue, else measured now. `figure`: "energy" (fJ,
// realistic operands) or "area" (um2).
bool verb_explore_prices(const session *s, const char *figure, double *price, double *exact, diag *d);

// What a whole accelerator costs, by the model of `axgen cost`.
typedef enum { VERB_ENERGY, VERB_AREA, VERB_DELAY, VERB_FIGURES } verb_figure;
typedef struct {
  double figure[VERB_FIGURES]; // nJ an image, um2, ns, of logic alone
  double with_memories[VERB_FIGURES]; // the same of all of it; NAN: not known
} verb_design_cost;
// With an assignment [nodes] that it holds. False with a message where the config's target cannot build it.
bool verb_explore_design(const session *s, const assignment *assign, verb_design_cost *out, diag *d);
// The cheapest exact multiplier everywhere, of those allowed (bit k: multiplier k); price: [mul_count].
bool verb_explore_exact(const session *s, uint64_t allowed, const double *price, assignment *out, diag *d);
// explore_options' `cost` [nodes][mul_count] and `scale` for such a figure: what each layer adds to the exact
// accelerator with each multiplier, all else as it is.
bool verb_explore_design_costs(const session *s, const assignment *exact, verb_figure figure, double *cost,
                               double *scale, diag *d);
extern const verb_design_cost VERB_DESIGN_UNKNOWN;
// False with a message where no assignment of the multipliers allowed makes the slowest path shorter than `exact`'s.
bool verb_explore_faster(const session *s, uint64_t allowed, const assignment *exact, diag *d);

// What is known of a point beside what was searched for, relative to exact; NAN: not known.
typedef struct {
  double multipliers; // their energy, or area, alone (of two figures the first)
  double energy; // whatever was searched for: of the multipliers, or with --price design of the accelerator
  verb_design_cost design; // in its units
} verb_point_cost;

// ---- one exploration -----------------------------------------------------------------------------------------------
typedef struct {
  session s;
  explore_options o;
  dataset validation, calibration, test;
  const char *level, *database;
  int which; // level
  const char *objective; // as it was asked for
  verb_figure figure[JUDGE_FIGURES]; // [o.figures]
  bool design; // the price is the whole accelerator's, else its multipliers'
  // Of each figure: [nodes] what a layer's price counts: with the price of exact ones, all add up to 1; and
  // [nodes][mul_count] its cost by the multipliers alone.
  double *share[JUDGE_FIGURES], *cost[JUDGE_FIGURES];
  double *energy; // the same of their energy, whatever the objective; NULL: not known
  verb_design_cost exact; // of the accelerator with exact multipliers; NAN: not known
} explore_job;

extern const char *const VERB_FIGURE_NAMES[VERB_FIGURES];
const char *verb_explore_priced(const explore_job *j); // "multipliers", "design"
// Of each point of the front, [count], with both prices. After Ctrl-C the accelerators are not planned.
verb_point_cost *verb_explore_costs(const explore_job *j, const explore_result *r);
cJSON *verb_explore_json(const explore_job *j, const explore_result *r, const verb_point_cost *costs);
void verb_explore_text(const explore_job *j, const explore_result *r, const verb_point_cost *costs, str *out);

bool verb_explore_seeks(const explore_job *j, verb_figure figure); // whether it is searched for
// What a point costs in the f-th figure that is searched for.
static inline double verb_explore_figure(const judged *p, int f) { return f ? p->other : p->cost; }

// The files of a result: a folder for each point, tables and a picture, names relative to the output folder.
bool verb_explore_files(const explore_job *j, const explore_result *r, fileset *out, diag *d);
// The list of the files, from which a later exploration knows those that it takes the place of. Added last.
void verb_explore_manifest(arena *mem, fileset *files);
// The points' folders: "points/03".
const char *verb_explore_folder(arena *mem, size_t point);

#endif
