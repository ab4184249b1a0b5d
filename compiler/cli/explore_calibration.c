// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/explore.h"

bool verb_explore_calibration(const session *s, const dataset *validation, dataset *out, diag *d) {
  const config *c = s->cfg;
  if (c->calibration.image_files)
    return dataset_read(s->mem, &c->calibration, out, d) && infer_check_data(c->net, out, d);
  *out = *validation;
  diag_warn(d, "%s: no `explore: {calibration: ...}`: the validation images serve for that too", c->file);
  return true;
}
