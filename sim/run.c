// SPDX-License-Identifier: Apache-2.0
#include "compiler/tool/tool.h"
#include "sim/sim.h"

bool sim_tool(arena *mem, const char *dir, const char *const *argv, const char *log_name, size_t images, diag *d) {
  double limit = 3600 + 60 * (double)images;
  return tool_run(&(tool_job){.argv = argv, .dir = dir, .log = path_join(mem, dir, log_name), .timeout_s = limit}, d);
}
