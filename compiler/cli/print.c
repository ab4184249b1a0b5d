// SPDX-License-Identifier: Apache-2.0
#include "compiler/base/escape.h"
#include "compiler/cli/cli.h"

void cli_print(FILE *out, const char *text) {
  str shown = {0};
  escape_terminal(&shown, text);
  fputs(shown.data ? shown.data : "", out);
  str_free(&shown);
}
