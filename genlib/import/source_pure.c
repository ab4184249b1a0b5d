// SPDX-License-Identifier: Apache-2.0
//
// What can do no more than compute.
#include "genlib/import/source.h"

#include <ctype.h>
#include <string.h>

static bool is_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

// Functions of their arguments and nothing else.
static const char *const pure[] = {"signed", "unsigned", "clog2", "bits",  "size",      "high",   "low",
                                   "left",   "right",    "ln",    "log10", "exp",       "sqrt",   "pow",
                                   "floor",  "ceil",     "rtoi",  "itor",  "countones", "onehot", "onehot0"};

bool source_is_pure_function(const char *word, size_t n) {
  for (size_t i = 0; i < BASE_COUNT(pure); i++)
    if (strlen(pure[i]) == n && !strncmp(pure[i], word, n))
      return true;
  return false;
}

bool source_is_pure(const char *text) {
  for (const char *p = text; *p; p++) {
    size_t n = 0;
    while (is_word(p[1 + n]))
      n++;
    if (*p == '$' && (!source_is_pure_function(p + 1, n) || (p > text && (is_word(p[-1]) || p[-1] == '\\'))))
      return false;
    bool own = (p == text || p[-1] == '\n') && (!strncmp(p, "`timescale ", 11) || !strncmp(p, "`default_nettype ", 17));
    if (*p == '`' && !own)
      return false;
  }
  return true;
}
