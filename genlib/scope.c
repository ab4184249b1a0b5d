// SPDX-License-Identifier: Apache-2.0
#include "genlib/scope.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

// clang-format off
static const char KEYWORDS[] =
    " accept_on alias always always_comb always_ff always_latch and assert assign assume automatic before begin bind bins binsof"
    " bit break buf bufif0 bufif1 byte case casex casez cell chandle checker class clocking cmos config const constraint context"
    " continue cover covergroup coverpoint cross deassign default defparam design disable dist do edge else end endcase"
    " endchecker endclass endclocking endconfig endfunction endgenerate endgroup endinterface endmodule endpackage endprimitive"
    " endprogram endproperty endspecify endsequence endtable endtask enum event eventually expect export extends extern final"
    " first_match for force foreach forever fork forkjoin function generate genvar global highz0 highz1 if iff ifnone"
    " ignore_bins illegal_bins implements implies import incdir include initial inout input inside instance int integer"
    " interconnect interface intersect join join_any join_none large let liblist library local localparam logic longint"
    " macromodule matches medium modport module nand negedge nettype new nexttime nmos nor noshowcancelled not notif0 notif1 null"
    " or output package packed parameter pmos posedge primitive priority program property protected pull0 pull1 pulldown pullup"
    " pulsestyle_ondetect pulsestyle_onevent pure rand randc randcase randsequence rcmos real realtime ref reg reject_on release"
    " repeat restrict return rnmos rpmos rtran rtranif0 rtranif1 s_always s_eventually s_nexttime s_until s_until_with scalared"
    " sequence shortint shortreal showcancelled signed small soft solve specify specparam static string strong strong0 strong1"
    " struct super supply0 supply1 sync_accept_on sync_reject_on table tagged task this throughout time timeprecision timeunit"
    " tran tranif0 tranif1 tri tri0 tri1 triand trior trireg type typedef union unique unique0 unsigned until until_with untyped"
    " use uwire var vectored virtual void wait wait_order wand weak weak0 weak1 while wildcard wire with within wor xnor xor ";
// clang-format on

// Names in an open hash table, half full at most.
struct scope {
  arena *mem;
  const char **slots;
  size_t size, count;
};

static size_t hash_of(const char *name) {
  uint64_t h = 14695981039346656037u;
  for (; *name; name++)
    h = (h ^ (uint64_t)tolower((unsigned char)*name)) * 1099511628211u;
  return (size_t)(h >> 16);
}

static const char **slot_of(const scope *s, const char *name) {
  size_t i = hash_of(name) & (s->size - 1);
  while (s->slots[i] && strcasecmp(s->slots[i], name) != 0)
    i = (i + 1) & (s->size - 1);
  return &s->slots[i];
}

static void insert(scope *s, const char *name) {
  if (2 * ++s->count > s->size) {
    scope old = *s;
    s->size *= 2;
    s->slots = arena_new_array(s->mem, const char *, s->size);
    for (size_t i = 0; i < old.size; i++)
      if (old.slots[i])
        *slot_of(s, old.slots[i]) = old.slots[i];
  }
  *slot_of(s, name) = name;
}

scope *scope_new(arena *mem) {
  scope *s = arena_new_object(mem, scope);
  *s = (scope){.mem = mem, .slots = arena_new_array(mem, const char *, 1024), .size = 1024};
  for (const char *p = KEYWORDS + 1; *p;) {
    size_t n = strcspn(p, " ");
    insert(s, arena_strndup(mem, p, n));
    p += n + 1;
  }
  return s;
}

bool scope_keyword(const char *word, size_t n) {
  for (const char *p = KEYWORDS + 1; *p; p += strcspn(p, " ") + 1)
    if (strncmp(p, word, n) == 0 && p[n] == ' ')
      return true;
  return false;
}

const char *scope_take(scope *s, const char *name) {
  assert(!*slot_of(s, name));
  insert(s, arena_strdup(s->mem, name));
  return name;
}

// Letters, digits and `_`; n before a digit and before what is not ours to give.
static char *clean(arena *mem, const char *wish) {
  bool reserved = strncasecmp(wish, "axgen_", 6) == 0 || strncasecmp(wish, "tb_", 3) == 0;
  bool prefix = reserved || !*wish || isdigit((unsigned char)*wish);
  char *name = arena_printf(mem, "%s%.*s", reserved ? "n_" : prefix ? "n" : "", SCOPE_LONGEST - 8, wish);
  for (char *p = name; *p; p++)
    if ((unsigned char)*p >= 128 || !isalnum((unsigned char)*p))
      *p = '_';
  return name;
}

const char *scope_name(scope *s, const char *format, ...) {
  va_list ap;
  va_start(ap, format);
  str wish = {0};
  str_vprintf(&wish, format, ap);
  va_end(ap);
  const char *base = clean(s->mem, wish.data ? wish.data : ""), *name = base;
  str_free(&wish);
  for (int i = 2; *slot_of(s, name); i++)
    name = arena_printf(s->mem, "%s_%d", base, i);
  insert(s, name);
  return name;
}

static bool same_gates(const netlist *x, const netlist *y) {
  if (x->count != y->count || x->out_bits != y->out_bits || x->nets != y->nets)
    return false;
  for (size_t i = 0; i < x->count; i++) {
    const gate *g = &x->gates[i], *h = &y->gates[i];
    if (g->kind != h->kind || g->out != h->out)
      return false;
    for (int k = 0; k < gate_inputs[g->kind]; k++)
      if (g->in[k] != h->in[k])
        return false;
  }
  return memcmp(x->out, y->out, (size_t)x->out_bits * sizeof *x->out) == 0;
}

bool mul_same_circuit(const mul *x, const mul *y) {
  if (x == y)
    return true;
  const mul_sig *a = &x->sig, *b = &y->sig;
  if (a->a_bits != b->a_bits || a->b_bits != b->b_bits || a->p_bits != b->p_bits || a->a_signed != b->a_signed ||
      a->b_signed != b->b_signed || a->p_signed != b->p_signed || !x->net != !y->net)
    return false;
  if (x->net)
    return same_gates(x->net, y->net);
  return x->table && y->table && memcmp(x->table, y->table, sizeof *x->table << (a->a_bits + a->b_bits)) == 0;
}

const mul **scope_multipliers(arena *mem, scope *s, const mul *const *muls, size_t count) {
  const mul **list = arena_new_array(mem, const mul *, count);
  for (size_t i = 0; i < count; i++) {
    for (size_t k = 0; muls[i] && !list[i] && k < i; k++)
      if (muls[k] && strcmp(muls[k]->ident, muls[i]->ident) == 0 && mul_same_circuit(muls[k], muls[i]))
        list[i] = list[k];
    if (!muls[i] || list[i])
      continue;
    mul *m = arena_memdup(mem, muls[i], sizeof *m);
    m->ident = scope_name(s, "%s", muls[i]->ident);
    list[i] = m;
  }
  return list;
}
