// SPDX-License-Identifier: Apache-2.0
#include "compiler/ranks/transport.h"
#include "compiler/base/base.h"

#include <dlfcn.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool program_folder(char *out, size_t room) {
  ssize_t n = readlink("/proc/self/exe", out, room - 1);
  if (n <= 0)
    return false;
  out[n] = '\0';
  *strrchr(out, '/') = '\0';
  return true;
}

const transport *transport_load(const char **why) {
  static const char *const PLACES[] = {"%s/" TRANSPORT_FILE, "%s/../lib/axgen/" TRANSPORT_FILE};
  static char said[2 * PATH_MAX];
  char folder[PATH_MAX], path[PATH_MAX + 32];
  snprintf(said, sizeof said, "it was built without MPI");
  if (why)
    *why = said;
  for (size_t i = 0; program_folder(folder, sizeof folder) && i < BASE_COUNT(PLACES); i++) {
    snprintf(path, sizeof path, i ? PLACES[1] : PLACES[0], folder);
    if (access(path, F_OK) != 0)
      continue;
    // Global, since Open MPI loads components of its own that look for its symbols.
    void *plugin = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    const transport *t = plugin ? dlsym(plugin, TRANSPORT_SYMBOL) : NULL;
    if (t)
      return t;
    const char *error = dlerror();
    snprintf(said, sizeof said, "%s", error ? error : path);
    return NULL;
  }
  return NULL;
}

// What Open MPI's mpirun, and Slurm's srun by PMIx or PMI, tell their processes.
bool transport_started(void) {
  static const char *const SIZES[] = {"OMPI_COMM_WORLD_SIZE", "PMI_SIZE", "SLURM_STEP_NUM_TASKS"};
  static const char *const RANKS[] = {"OMPI_COMM_WORLD_RANK", "PMI_RANK", "PMIX_RANK"};
  for (size_t i = 0; i < BASE_COUNT(SIZES); i++) {
    const char *size = getenv(SIZES[i]);
    if (getenv(RANKS[i]) && size && atoi(size) > 1)
      return true;
  }
  return false;
}
