// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/json.h"
#include "compiler/cli/cli.h"
#include "compiler/report/report.h"

#include <string.h>

bool verb_report(const cli_options *o, diag *d) {
  arena *mem = arena_new();
  size_t count = (size_t)o->arg_count;
  report_folder *r = arena_new_array(mem, report_folder, count);
  bool ok = report_load(mem, o->args, count, r, d);
  const char *json = ok && (o->json || o->output) ? json_text(mem, report_json(r, count)) : "";
  if (ok && o->output) {
    fileset fs = {0};
    str svg = {0}, html = {0};
    report_svg(r, count, &svg);
    report_html(r, count, &html);
    fileset_add_str(mem, &fs, "report.svg", &svg);
    fileset_add_str(mem, &fs, "report.html", &html);
    fileset_add(mem, &fs, "report.json", json, strlen(json));
    ok = fileset_write(&fs, o->output, d);
  }
  if (ok) {
    str text = {0};
    if (!o->json)
      report_text(r, count, &text);
    cli_print(o->out, o->json ? json : text.data);
    str_free(&text);
    if (o->output)
      fprintf(o->json ? o->err : o->out, "%swritten: %s/report.svg, %s/report.html, %s/report.json\n",
              o->json ? "" : "\n", o->output, o->output, o->output);
  }
  arena_free(mem);
  return ok;
}
