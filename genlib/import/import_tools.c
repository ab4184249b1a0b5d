// SPDX-License-Identifier: Apache-2.0
//
// Refusals, and the tools, run in the temporary folder.
#include "genlib/import/import_internal.h"
#include "synth/internal.h"
#include "compiler/tool/tool.h"

#include <string.h>

static const size_t MEMORY = (size_t)4 << 30; // a source can ask for any amount

bool import_refuse(import_job *j, const char *fmt, ...) {
  str text = {0};
  va_list ap;
  va_start(ap, fmt);
  str_vprintf(&text, fmt, ap);
  va_end(ap);
  diag_error(j->d, "%s: %s %s: %s", j->path, j->function ? "function" : "module", j->module ? j->module : "?",
             text.data);
  str_free(&text);
  return false;
}

void import_start_time(import_job *j, const import_options *o, double *left) {
  j->time_limit = *left = o->time_limit > 0 ? o->time_limit : IMPORT_TIME_LIMIT;
  j->time_left = left;
}

static bool out_of_time(import_job *j) {
  return diag_tool(j->d, "%s: Yosys and Icarus did not finish within %g s together; --time-limit SECONDS gives more",
                   j->path, j->time_limit);
}

// Runs a tool in the temporary folder. What it says about the file (a line with `mark`) is the file's fault.
static bool tool(import_job *j, const char *const *argv, const char *mark) {
  diag said = {0};
  bytes log;
  tool_job job = {.argv = argv, .dir = j->dir, .log = path_join(j->mem, j->dir, "tool.log")};
  job.memory = MEMORY;
  job.timeout_s = *j->time_left;
  if (*j->time_left <= 0)
    return out_of_time(j);
  double start = clock_seconds();
  bool ok = tool_run(&job, &said);
  *j->time_left -= clock_seconds() - start;
  if (!ok && *j->time_left <= 0) {
    diag_free(&said);
    return out_of_time(j);
  }
  diag ignored = {0};
  const char *error = NULL;
  if (!ok && mark && file_read(j->mem, job.log, 64 << 20, &log, &ignored))
    error = strstr((const char *)log.data, mark);
  diag_free(&ignored);
  if (ok) {
    diag_free(&said);
    return true;
  }
  if (error) {
    while (error > (const char *)log.data && error[-1] != '\n')
      error--;
    static const char no_param[] = "Can't find object for defparam ";
    const char *line = arena_strndup(j->mem, error, strcspn(error, "\n")), *param = strstr(line, no_param);
    if (param || strstr(line, "is used with parameters but is not parametric"))
      import_refuse(j, "it has no parameter %s", param ? param + sizeof no_param - 1 : "that --param names");
    else
      diag_error(j->d, "%s: %s does not take it: %s", j->path, argv[0], source_translate(j->source, line, "in.v"));
  } else {
    diag_tool(j->d, "%s: %s", j->path, said.text.data ? said.text.data : argv[0]);
  }
  diag_free(&said);
  return false;
}

bool import_yosys(import_job *j, str *script) {
  const char *argv[] = {"yosys", "-Q", "-T", "-s", "import.ys", NULL};
  return synth_write(j->mem, j->dir, "import.ys", script, j->d) && tool(j, argv, "ERROR: ");
}

void import_add_read(const import_job *j, str *script) {
  str_printf(script, "read_verilog %s in.v\n", j->system_verilog ? "-sv" : "");
}

void import_add_hierarchy(const import_job *j, bool check, str *script) {
  str_printf(script, "hierarchy%s -top %s", check ? " -check" : "", j->module);
  for (size_t i = 0; i < j->param_count; i++) {
    size_t n = strcspn(j->params[i], "=");
    str_printf(script, " -chparam %.*s %s", (int)n, j->params[i], j->params[i] + n + 1);
  }
  str_add(script, "\n");
}

bool import_icarus(import_job *j, str *bench, const char *const *files) {
  const char *compile[16] = {
      "iverilog", j->system_verilog ? "-g2012" : "-g2005", "-s", "axgen_import_tb", "-o", "tb.vvp", "tb.v"};
  for (int n = 7; *files; files++)
    compile[n++] = *files;
  const char *run[] = {"vvp", "-n", "tb.vvp", NULL};
  return synth_write(j->mem, j->dir, "tb.v", bench, j->d) && tool(j, compile, "error") && tool(j, run, NULL);
}
