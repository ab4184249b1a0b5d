// SPDX-License-Identifier: Apache-2.0
//
// The table of methods.
#include "compiler/explore/method_parts.h"

#include <string.h>

const search_method SEARCH_METHODS[] = {
    {"hawx", "HAWX: a boundary on scores, then in each unit the cheapest inside", true, false, search_hawx},
    {"nsga2", "NSGA-II over all decisions", false, true, search_nsga2},
    {"alwann", "ALWANN: NSGA-II over a few multipliers and which unit takes which", false, true, search_alwann},
    {"greedy", "the change that saves most for what it loses, again and again", false, false, search_greedy},
    {"random", "random decisions, from cheap to dear", false, true, search_random},
    {"exhaustive", "all decisions there are", false, true, search_exhaustive},
};
const size_t SEARCH_METHOD_COUNT = BASE_COUNT(SEARCH_METHODS);

const search_method *search_method_named(const char *name, diag *d) {
  str known = {0};
  for (size_t i = 0; i < SEARCH_METHOD_COUNT; i++) {
    if (!strcmp(SEARCH_METHODS[i].name, name)) {
      str_free(&known);
      return &SEARCH_METHODS[i];
    }
    str_printf(&known, "%s%s", i ? ", " : "", SEARCH_METHODS[i].name);
  }
  diag_error(d, "there is no search method `%s'; there are %s", name, known.data);
  str_free(&known);
  return NULL;
}
