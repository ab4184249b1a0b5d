// SPDX-License-Identifier: Apache-2.0
#include "compiler/config/config_parts.h"

const char *config_existing_file(arena *mem, const config *c, const yaml *y, diag *d) {
  const char *path;
  if (!yaml_string(y, &path, d))
    return NULL;
  path = path_beside(mem, c->file, path);
  if (file_exists(path))
    return path;
  diag_at(d, y->pos, "%s: no such file (paths are relative to the config's folder)", path);
  return NULL;
}
