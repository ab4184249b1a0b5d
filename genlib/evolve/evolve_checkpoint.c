// SPDX-License-Identifier: Apache-2.0
//
// A search as text. For each island its random numbers' state, its counts, its outputs and its nodes:
//
//     axgen-evolve 1 IDENTITY
//     round 17 islands 4
//     island NODES CANDIDATES SIMULATED COMPLETE S0 S1 S2 S3
//     out 25 31 ...
//     2 18 3 0                    kind and nets of a node
#include "genlib/evolve/evolve_internal.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

void evolve_save(const evolve_state *s, str *out) {
  str_printf(out, "axgen-evolve 1 %s\nround %llu islands %d\n", s->id, (unsigned long long)s->round, s->islands);
  for (int i = 0; i < s->islands; i++) {
    const evolve_island *k = &s->island[i];
    const cgp *c = k->c;
    str_printf(out, "island %d %llu %llu %llu %llu %llu %llu %llu\nout", c->nodes,
               (unsigned long long)(k->candidates + c->candidates), (unsigned long long)(k->simulated + c->simulated),
               (unsigned long long)(k->complete + c->complete), (unsigned long long)k->r.s[0],
               (unsigned long long)k->r.s[1], (unsigned long long)k->r.s[2], (unsigned long long)k->r.s[3]);
    for (int b = 0; b < s->p->out_bits; b++)
      str_printf(out, " %d", c->out[b]);
    str_add(out, "\n");
    for (int n = 0; n < c->nodes; n++)
      str_printf(out, "%d %d %d %d\n", c->node[n].kind, c->node[n].in[0], c->node[n].in[1], c->node[n].in[2]);
  }
}

typedef struct {
  const char *start, *p, *path;
  diag *d;
} reader;

static bool damaged(reader *r, const char *expected) {
  src_pos pos = {.file = r->path, .line = 1, .column = 1, .text = r->start};
  for (const char *p = r->start; p < r->p; p++)
    pos.column = *p == '\n' ? (pos.line++, 1) : pos.column + 1;
  return diag_at(r->d, pos, "the checkpoint is damaged: %s was expected", expected);
}

static bool word(reader *r, const char *text) {
  r->p += strspn(r->p, " \n");
  size_t n = strlen(text);
  if (strncmp(r->p, text, n) != 0 || !isspace((unsigned char)r->p[n]))
    return damaged(r, text);
  r->p += n;
  return true;
}

static bool number(reader *r, uint64_t most, uint64_t *value) {
  r->p += strspn(r->p, " \n");
  char *end = NULL;
  errno = 0;
  bool digit = isdigit((unsigned char)*r->p);
  unsigned long long v = digit ? strtoull(r->p, &end, 10) : 0;
  if (!digit || errno || v > most || (*end && !isspace((unsigned char)*end))) {
    char text[64];
    snprintf(text, sizeof text, "a number 0..%llu", (unsigned long long)most);
    return damaged(r, text);
  }
  r->p = end;
  *value = v;
  return true;
}

static bool gene(reader *r, int32_t below, int32_t *value) {
  uint64_t v = 0;
  if (!number(r, (uint64_t)below - 1, &v))
    return false;
  *value = (int32_t)v;
  return true;
}

static bool read_island(reader *r, const cgp_problem *p, evolve_island *k) {
  cgp *c = k->c;
  uint64_t nodes = 0;
  if (!word(r, "island") || !number(r, (uint64_t)c->cap, &nodes) || !number(r, UINT64_MAX, &k->candidates) ||
      !number(r, UINT64_MAX, &k->simulated) || !number(r, UINT64_MAX, &k->complete))
    return false;
  c->nodes = (int)nodes;
  for (int i = 0; i < 4; i++)
    if (!number(r, UINT64_MAX, &k->r.s[i]))
      return false;
  if (!word(r, "out"))
    return false;
  for (int i = 0; i < p->out_bits; i++)
    if (!gene(r, p->first + 2 * c->nodes, &c->out[i]))
      return false;
  for (int i = 0; i < c->nodes; i++) {
    if (!gene(r, GATE_KINDS, &c->node[i].kind))
      return false;
    for (int j = 0; j < 3; j++)
      if (!gene(r, p->first + 2 * i, &c->node[i].in[j]))
        return false;
  }
  return true;
}

bool evolve_restore(evolve_state *s, const char *path, const char *text, diag *d) {
  reader r = {.start = text, .p = text, .path = path, .d = d};
  uint64_t islands = 0;
  if (!word(&r, "axgen-evolve") || !word(&r, "1"))
    return false;
  r.p += strspn(r.p, " ");
  if (strncmp(r.p, s->id, strlen(s->id)) != 0)
    return diag_error(d, "%s: the checkpoint of another search (other circuit, bounds, objective or seed)", path);
  r.p += strlen(s->id);
  if (!word(&r, "round") || !number(&r, UINT64_MAX, &s->round) || !word(&r, "islands") ||
      !number(&r, (uint64_t)s->islands, &islands))
    return false;
  if (islands != (uint64_t)s->islands)
    return damaged(&r, "the search's number of islands");
  for (int i = 0; i < s->islands; i++)
    if (!read_island(&r, s->p, &s->island[i]))
      return false;
  r.p += strspn(r.p, " \n");
  return !*r.p || damaged(&r, "the end of the file");
}
