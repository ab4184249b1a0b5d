// SPDX-License-Identifier: Apache-2.0
#include "compiler/cli/explore.h"

bool verb_explore_calibration(const session *s, const dataset *validation, dataset *out, diag *d) {
  const config *c = s->cfg;
  if (c->calibration.image_files) {
    if (!dataset_read(s->mem, &c->calibration, out, d))
      return false;
    if (!infer_check_data(c->net, out, d)) {
      diag_note(d, "%s, `explore: {calibration: ...}`: %s", c->file, c->calibration.images[0]);
      return false;
    }
    return true;
  }
  *out = *validation;
  diag_warn(d, "%s: no `explore: {calibration: ...}`: the validation images serve for that too", c->file);
  return true;
}
