// SPDX-License-Identifier: Apache-2.0
//
// Reading an adder's name: FAMILY, then for each parameter _ and its letter and number.
#include "genlib/adders/adder.h"

#include <string.h>

// "adder `NAME`: WHAT; there are: EXAMPLES". Always NULL.
static const adder *wrong(const char *name, const char *what, src_pos pos, diag *d) {
  str list = {0};
  for (size_t i = 0; i < adder_family_count; i++)
    str_printf(&list, "%s%s", i ? ", " : "", adder_families[i].example);
  diag_at(d, pos, "adder `%.64s`: %s; there are such as %s, with 1 to %d for each number, and imported ones, FILE.net",
          name, what, list.data, ADDER_MOST_BITS - 1);
  str_free(&list);
  return NULL;
}

static const adder_family *family_of(const char *name, size_t length) {
  for (size_t i = 0; i < adder_family_count; i++)
    if (strlen(adder_families[i].name) == length && memcmp(adder_families[i].name, name, length) == 0)
      return &adder_families[i];
  return NULL;
}

// One _xN at *at, which moves behind it.
static bool take_option(const char **at, adder *a) {
  const char *p = *at + 1;
  int which = 0, value = 0, digits = 0;
  while (which < ADDER_PARAMETERS && (!a->family->parameter[which].letter || a->family->parameter[which].letter != *p))
    which++;
  if (which == ADDER_PARAMETERS || a->value[which])
    return false;
  for (p++; *p >= '0' && *p <= '9' && digits < 3; p++, digits++)
    value = 10 * value + (*p - '0');
  *at = p;
  a->value[which] = value;
  return value >= 1 && value < ADDER_MOST_BITS && (!*p || *p == '_');
}

const adder *adder_make(arena *mem, const char *name, src_pos pos, diag *d) {
  adder *a = arena_new_object(mem, adder);
  const char *at = name + strcspn(name, "_");
  *a = (adder){.name = arena_strdup(mem, name), .family = family_of(name, (size_t)(at - name))};
  if (!a->family)
    return wrong(name, "no such family", pos, d);
  while (*at == '_')
    if (!take_option(&at, a))
      return wrong(name, "a number is wrong, or there twice, or none of this family's", pos, d);
  for (int i = 0; i < ADDER_PARAMETERS; i++)
    if (a->family->parameter[i].least && !a->value[i])
      return wrong(name, arena_printf(mem, "no %cN: %s", a->family->parameter[i].letter, a->family->parameter[i].what),
                   pos, d);
  return a;
}

int adder_core(const adder *a) { return 1 + (int)(a->net ? adder_family_count : (size_t)(a->family - adder_families)); }

// K low bits need one above them.
int adder_least_bits(const adder *a) { return a->family->parameter[0].letter == 'k' ? a->value[0] + 1 : 1; }
