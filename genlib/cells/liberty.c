// SPDX-License-Identifier: Apache-2.0
//
// From the tree of a Liberty file to cells: pins, functions, arcs, energies, and which cells are the adders.
#include "compiler/base/escape.h"
#include "genlib/cells/liberty_table.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum { MAX_FILE = 256 << 20, MAX_PINS = 4096, MAX_ARCS = 1 << 21 }; // of all cells, with energies

typedef struct {
  liberty_reader *r;
  liberty_cell *cell;
  liberty_pin *pins;
  const char *inputs[LIBERTY_MAX_INPUTS]; // names of the variables; of a flip-flop then those of its state
  int states; // how many those are
  bool inverted[LIBERTY_MAX_INPUTS]; // of those: by variable, whether it is the complement
} cell_reader;

static bool number_in(liberty_reader *r, const liberty_node *group, const char *name, double unit, double *out) {
  const liberty_node *n = liberty_child(group, name, NULL);
  if (!n)
    return true;
  if (!n->arg_count || !liberty_number(n->args[0], out))
    return liberty_bad(r, n, "a number was expected");
  *out *= unit;
  return true;
}

// Of an area, a capacitance, a leakage.
static bool size_in(liberty_reader *r, const liberty_node *group, const char *name, double unit, double *out) {
  return number_in(r, group, name, unit, out) &&
         (*out >= 0 || liberty_bad(r, liberty_child(group, name, NULL), "a number that is not negative was expected"));
}

static bool flag(const liberty_node *group, const char *name) {
  const char *text = liberty_text(group, name);
  return text && strcmp(text, "true") == 0;
}

// A function or condition. *known is false when it uses something else than the cell's inputs.
static bool expression(cell_reader *c, const liberty_node *at, truth *out, bool *known) {
  size_t stop;
  const char *text = at->args[0];
  int count = c->cell->inputs < LIBERTY_MAX_INPUTS ? c->cell->inputs : LIBERTY_MAX_INPUTS;
  *known = liberty_expression(text, c->inputs, count + c->states, out, &stop);
  for (int v = count + 1; *known && v < count + c->states; v++) { // the state under its other names
    truth state = truth_variable(count), other = c->inverted[v] ? truth_not(state) : state;
    *out = truth_or(truth_and(other, truth_cofactor(*out, v, true)),
                    truth_and(truth_not(other), truth_cofactor(*out, v, false)));
  }
  if (*known || isalpha((unsigned char)text[stop]) || text[stop] == '_')
    return true;
  return liberty_bad(c->r, at, "this is not a Boolean expression of pins");
}

static bool read_when(cell_reader *c, const liberty_node *group, bool *has, truth *when) {
  const liberty_node *n = liberty_child(group, "when", NULL);
  *has = false;
  return !n || !n->arg_count || expression(c, n, when, has);
}

static bool word_at(const char **text, char *word, size_t size) {
  *text += strspn(*text, " \t\r\n,");
  size_t n = strcspn(*text, " \t\r\n,");
  if (n == 0 || n >= size)
    return false;
  memcpy(word, *text, n);
  word[n] = 0;
  *text += n;
  return true;
}

static bool read_arc(cell_reader *c, const liberty_node *group, liberty_arc *arc) {
  liberty_reader *r = c->r;
  const char *type = liberty_text(group, "timing_type"), *sense = liberty_text(group, "timing_sense");
  arc->clocked = type && (strcmp(type, "rising_edge") == 0 || strcmp(type, "falling_edge") == 0);
  arc->sense = !sense                                 ? LIBERTY_NON_UNATE
               : strcmp(sense, "positive_unate") == 0 ? LIBERTY_POSITIVE
               : strcmp(sense, "negative_unate") == 0 ? LIBERTY_NEGATIVE
                                                      : LIBERTY_NON_UNATE;
  return read_when(c, group, &arc->has_when, &arc->when) &&
         liberty_table_read(r, group, "cell_rise", r->time, &arc->rise) &&
         liberty_table_read(r, group, "cell_fall", r->time, &arc->fall) &&
         liberty_table_read(r, group, "rise_transition", r->time, &arc->rise_slew) &&
         liberty_table_read(r, group, "fall_transition", r->time, &arc->fall_slew);
}

// Kinds of arc that carry data from an input to the output; the others are checks, sets, resets and three states.
static bool carries_data(const liberty_node *timing) {
  static const char *const TYPES[] = {"combinational", "combinational_rise", "combinational_fall", "rising_edge",
                                      "falling_edge"};
  const char *type = liberty_text(timing, "timing_type");
  for (size_t i = 0; type && i < BASE_COUNT(TYPES); i++)
    if (strcmp(type, TYPES[i]) == 0)
      return true;
  return !type;
}

// One more arc or energy.
static bool count_arc(liberty_reader *r, const liberty_node *at) {
  return r->arcs++ < MAX_ARCS || liberty_bad(r, at, "more than 2,097,152 delays and energies between pins");
}

static bool read_arcs(cell_reader *c, const liberty_node *group, liberty_pin *pin) {
  liberty_arc *arcs = NULL;
  size_t n = 0, cap = 0;
  for (const liberty_node *t = NULL; (t = liberty_child(group, "timing", t));) {
    const char *related = liberty_text(t, "related_pin");
    liberty_arc arc = {0};
    if (!t->group || !related || !carries_data(t))
      continue;
    if (!read_arc(c, t, &arc))
      return false;
    char word[256];
    while (word_at(&related, word, sizeof word)) {
      arc.input = liberty_pin_index(c->cell, word);
      if (arc.input < 0)
        return liberty_bad(c->r, t, "related_pin names no pin of the cell");
      if (!count_arc(c->r, t))
        return false;
      arena_grow(c->r->mem, arcs, n, cap);
      arcs[n++] = arc;
    }
  }
  pin->arcs = arcs, pin->arc_count = n;
  return true;
}

static bool read_energies(cell_reader *c, const liberty_node *group, liberty_pin *pin) {
  liberty_reader *r = c->r;
  liberty_energy *energies = NULL;
  size_t n = 0, cap = 0;
  for (const liberty_node *p = NULL; (p = liberty_child(group, "internal_power", p));) {
    liberty_energy e = {.related = -1};
    const char *related = liberty_text(p, "related_pin");
    char word[256];
    if (!p->group)
      continue;
    if (!read_when(c, p, &e.has_when, &e.when) || !liberty_table_read(r, p, "rise_power", r->energy, &e.rise) ||
        !liberty_table_read(r, p, "fall_power", r->energy, &e.fall))
      return false;
    if (!e.rise.slews && !e.fall.slews) { // `power`: both edges
      if (!liberty_table_read(r, p, "power", r->energy, &e.rise))
        return false;
      e.fall = e.rise;
    }
    if (!count_arc(r, p))
      return false;
    if (!related) {
      arena_grow(r->mem, energies, n, cap);
      energies[n++] = e;
    }
    while (related && word_at(&related, word, sizeof word)) {
      e.related = liberty_pin_index(c->cell, word);
      if (e.related < 0)
        return liberty_bad(r, p, "related_pin names no pin of the cell");
      if (!count_arc(r, p))
        return false;
      arena_grow(r->mem, energies, n, cap);
      energies[n++] = e;
    }
  }
  pin->energies = energies, pin->energy_count = n;
  return true;
}

// First pass over a pin: what kind it is. Functions and arcs need all pins' names and come later.
static bool read_pin(cell_reader *c, const liberty_node *group, const char *name) {
  liberty_cell *cell = c->cell;
  liberty_pin *pin = &c->pins[cell->pin_count];
  const char *direction = liberty_text(group, "direction");
  *pin = (liberty_pin){.name = name, .variable = -1};
  pin->direction = !direction || strcmp(direction, "input") == 0 ? LIBERTY_INPUT
                   : strcmp(direction, "internal") == 0          ? LIBERTY_INTERNAL
                                                                 : LIBERTY_OUTPUT;
  pin->clock = flag(group, "clock");
  pin->three_state = liberty_child(group, "three_state", NULL) != NULL;
  if (!size_in(c->r, group, "capacitance", c->r->cap, &pin->cap) ||
      !size_in(c->r, group, "max_capacitance", c->r->cap, &pin->max_cap))
    return false;
  if (pin->direction == LIBERTY_INPUT) {
    if (cell->inputs < LIBERTY_MAX_INPUTS) {
      pin->variable = cell->inputs;
      c->inputs[cell->inputs] = name;
      cell->input[cell->inputs] = (int)cell->pin_count;
    }
    cell->inputs++;
  } else if (pin->direction == LIBERTY_OUTPUT) {
    if (cell->outputs < LIBERTY_MAX_OUTPUTS)
      cell->output[cell->outputs] = (int)cell->pin_count;
    cell->outputs++;
  }
  cell->pin_count++;
  return true;
}

static bool finish_pin(cell_reader *c, const liberty_node *group, liberty_pin *pin) {
  const liberty_node *function = liberty_child(group, "function", NULL);
  if (pin->direction == LIBERTY_OUTPUT && function && function->arg_count &&
      !expression(c, function, &pin->function, &pin->has_function))
    return false;
  return read_arcs(c, group, pin) && read_energies(c, group, pin);
}

static bool read_leakage(liberty_reader *r, const liberty_node *group, double *out) {
  if (liberty_child(group, "cell_leakage_power", NULL))
    return size_in(r, group, "cell_leakage_power", r->leakage, out);
  int n = 0;
  double sum = 0, v;
  for (const liberty_node *p = NULL; (p = liberty_child(group, "leakage_power", p)); n++, sum += v) {
    v = 0;
    if (!number_in(r, p, "value", r->leakage, &v))
      return false;
  }
  *out = n ? sum / n : 0;
  return *out >= 0 || liberty_bad(r, group, "leakage that is not negative in the mean was expected");
}

// Names go into Verilog, where an identifier has neither blanks nor characters that are not shown.
static bool check_name(liberty_reader *r, const liberty_node *group, const char *name) {
  bool good = *name && strlen(name) <= 256;
  for (const char *p = name; *p; p++)
    good &= *p > ' ' && *p < 0x7f;
  return good || liberty_bad(r, group, "a name of up to 256 printable ASCII characters without blanks was expected");
}

// Names of cells, or of a cell's pins, and where they stand: each must be there once.
typedef struct {
  const char *name;
  const liberty_node *at;
} place;

static int by_name(const void *a, const void *b) {
  const place *x = a, *y = b;
  int order = strcmp(x->name, y->name);
  return order ? order : (x->at->offset > y->at->offset) - (x->at->offset < y->at->offset);
}

static bool each_once(liberty_reader *r, place *places, size_t count, const char *what) {
  if (count)
    qsort(places, count, sizeof *places, by_name);
  for (size_t i = 1; i < count; i++)
    if (strcmp(places[i].name, places[i - 1].name) == 0) {
      diag_at(r->d, liberty_place(r->source, places[i].at->offset), "the %s `%s` is there twice", what, places[i].name);
      diag_note(r->d, "first in line %d", liberty_place(r->source, places[i - 1].at->offset).line);
      return false;
    }
  return true;
}

// What a flip-flop's state is called: in its group, and as outputs whose function is one of these alone.
static void name_states(cell_reader *c, const liberty_node *cell, const liberty_node *ff) {
  if (ff->arg_count != 2 || c->cell->inputs + 2 + c->cell->outputs > LIBERTY_MAX_INPUTS)
    return;
  int v = c->cell->inputs;
  for (int i = 0; i < 2; i++, v++)
    c->inputs[v] = ff->args[i], c->inverted[v] = i;
  for (const liberty_node *p = NULL; (p = liberty_child(cell, "pin", p));) {
    const char *function = p->group && p->arg_count == 1 ? liberty_text(p, "function") : NULL;
    for (int i = 0; function && i < 2; i++)
      if (strcmp(function, ff->args[i]) == 0)
        c->inputs[v] = p->args[0], c->inverted[v++] = i;
  }
  c->states = v - c->cell->inputs;
}

static bool read_ff(cell_reader *c, const liberty_node *ff) {
  liberty_ff *out = arena_new_object(c->r->mem, liberty_ff);
  const struct {
    const char *name;
    truth *to;
    bool needed;
  } PARTS[] = {{"next_state", &out->next, true},
               {"clocked_on", &out->clock, true},
               {"clear", &out->clear, false},
               {"preset", &out->preset, false}};
  bool understood = c->states > 0;
  for (size_t i = 0; i < BASE_COUNT(PARTS); i++) {
    const liberty_node *n = liberty_child(ff, PARTS[i].name, NULL);
    bool known = !PARTS[i].needed;
    if (n && n->arg_count && !expression(c, n, PARTS[i].to, &known))
      return false;
    understood = understood && known;
  }
  c->cell->ff = understood ? out : NULL;
  return true;
}

static bool is_plain(const liberty_cell *cell, const liberty_node *ff) {
  const char *next = ff ? liberty_text(ff, "next_state") : NULL, *clock = ff ? liberty_text(ff, "clocked_on") : NULL;
  return next && clock && liberty_pin_index(cell, next) >= 0 && liberty_pin_index(cell, clock) >= 0 &&
         !liberty_child(ff, "clear", NULL) && !liberty_child(ff, "preset", NULL);
}

static bool read_pins(cell_reader *c, const liberty_node *group, size_t count) {
  arena *scratch = arena_new();
  place *places = arena_new_array(scratch, place, count + 1);
  bool ok = true;
  size_t k = 0;
  for (const liberty_node *p = NULL; ok && (p = liberty_child(group, "pin", p));)
    for (size_t i = 0; ok && p->group && i < p->arg_count; i++) {
      places[k++] = (place){p->args[i], p};
      ok = check_name(c->r, p, p->args[i]) && read_pin(c, p, p->args[i]);
    }
  ok = ok && each_once(c->r, places, k, "pin");
  arena_free(scratch);
  return ok;
}

static bool read_cell(liberty_reader *r, const liberty_node *group, liberty_cell *cell) {
  if (group->arg_count != 1)
    return liberty_bad(r, group, "a cell has one name");
  if (!check_name(r, group, group->args[0]))
    return false;
  if (strncmp(group->args[0], "axgen_", 6) == 0)
    return liberty_bad(r, group, "cells must not have names that begin with `axgen_`, as modules of axgen's do");
  cell->name = group->args[0];
  cell_reader c = {.r = r, .cell = cell};
  size_t count = 0;
  for (const liberty_node *p = NULL; (p = liberty_child(group, "pin", p));)
    count += p->group ? p->arg_count : 0;
  if (count > MAX_PINS)
    return liberty_bad(r, group, "too many pins");
  cell->pins = c.pins = arena_new_array(r->mem, liberty_pin, count + 1);
  cell->sequential = liberty_child(group, "ff", NULL) || liberty_child(group, "latch", NULL) ||
                     liberty_child(group, "statetable", NULL) || liberty_child(group, "ff_bank", NULL) ||
                     liberty_child(group, "latch_bank", NULL);
  cell->dont_use = flag(group, "dont_use");
  if (!size_in(r, group, "area", 1, &cell->area) || !read_leakage(r, group, &cell->leakage))
    return false;
  if (!read_pins(&c, group, count))
    return false;
  const liberty_node *ff = liberty_child(group, "ff", NULL);
  cell->plain_ff = is_plain(cell, ff);
  if (ff && ff->group)
    name_states(&c, group, ff);
  if (ff && ff->group && !read_ff(&c, ff))
    return false;
  cell->combinational = !cell->sequential && cell->inputs <= LIBERTY_MAX_INPUTS && cell->outputs > 0 &&
                        cell->outputs <= LIBERTY_MAX_OUTPUTS && !liberty_child(group, "bus", NULL) &&
                        !liberty_child(group, "bundle", NULL);
  size_t k = 0;
  for (const liberty_node *p = NULL; (p = liberty_child(group, "pin", p));)
    for (size_t i = 0; p->group && i < p->arg_count; i++, k++) {
      if (!finish_pin(&c, p, &c.pins[k]))
        return false;
      if (c.pins[k].direction == LIBERTY_OUTPUT && (!c.pins[k].has_function || c.pins[k].three_state))
        cell->combinational = false;
    }
  return true;
}

static bool read_cells(liberty_reader *r, liberty *lib) {
  size_t count = 0;
  for (const liberty_node *n = r->library->first; n; n = n->next)
    count += n->group && strcmp(n->name, "cell") == 0;
  liberty_cell *cells = arena_new_array(r->mem, liberty_cell, count + 1);
  place *places = arena_new_array(r->mem, place, count + 1);
  for (const liberty_node *n = r->library->first; n; n = n->next)
    if (n->group && strcmp(n->name, "cell") == 0) {
      if (!read_cell(r, n, &cells[lib->cell_count]))
        return false;
      places[lib->cell_count] = (place){cells[lib->cell_count].name, n};
      lib->cell_count++;
    }
  lib->cells = cells;
  return each_once(r, places, count, "cell");
}

// ---- cells that the flows ask for by what they do ------------------------------------------------------------------
static bool smaller(const liberty_cell *a, const liberty_cell *than) {
  return !a->dont_use && (!than || a->area < than->area);
}

// The cell as an adder of `inputs` bits, or false. The carry of two bits is AND, of three the majority; the sum is the
// exclusive or; inputs are interchangeable.
static bool as_adder(const liberty_cell *cell, int inputs, liberty_adder *out) {
  if (!cell->combinational || cell->inputs != inputs || cell->outputs != 2)
    return false;
  truth a = truth_variable(0), b = truth_variable(1), c = inputs == 3 ? truth_variable(2) : truth_const(false);
  truth sum = truth_xor(truth_xor(a, b), c), carry = truth_or(truth_and(a, b), truth_and(c, truth_or(a, b)));
  *out = (liberty_adder){.cell = cell, .sum = -1, .carry = -1};
  for (int i = 0; i < inputs; i++)
    out->in[i] = cell->input[i];
  for (int i = 0; i < 2; i++) {
    truth f = cell->pins[cell->output[i]].function;
    bool is_sum = truth_equal(f, sum), is_carry = truth_equal(f, carry);
    if (is_sum || truth_equal(f, truth_not(sum)))
      out->sum = cell->output[i], out->sum_inverted = !is_sum;
    else if (is_carry || truth_equal(f, truth_not(carry)))
      out->carry = cell->output[i], out->carry_inverted = !is_carry;
  }
  return out->sum >= 0 && out->carry >= 0;
}

static void find_special(liberty *lib) {
  assert(lib->cells || !lib->cell_count);
  for (size_t i = 0; i < lib->cell_count; i++) {
    const liberty_cell *c = &lib->cells[i];
    truth f = c->combinational ? c->pins[c->output[0]].function : truth_const(false);
    bool one_out = c->combinational && c->outputs == 1;
    liberty_adder adder;
    if (one_out && c->inputs == 1 && truth_equal(f, truth_not(truth_variable(0))) && smaller(c, lib->inverter))
      lib->inverter = c;
    if (one_out && c->inputs == 0 && truth_equal(f, truth_const(true)) && smaller(c, lib->tie1))
      lib->tie1 = c;
    if (one_out && c->inputs == 0 && truth_equal(f, truth_const(false)) && smaller(c, lib->tie0))
      lib->tie0 = c;
    if (c->plain_ff && smaller(c, lib->ff))
      lib->ff = c;
    if (as_adder(c, 3, &adder) && smaller(c, lib->full_adder.cell))
      lib->full_adder = adder;
    if (as_adder(c, 2, &adder) && smaller(c, lib->half_adder.cell))
      lib->half_adder = adder;
  }
}

static bool has_gate(const liberty *lib) {
  truth both = truth_and(truth_variable(0), truth_variable(1)), any = truth_or(truth_variable(0), truth_variable(1));
  for (size_t i = 0; i < lib->cell_count; i++) {
    const liberty_cell *c = &lib->cells[i];
    if (c->combinational && !c->dont_use && c->inputs == 2 && c->outputs == 1) {
      truth f = c->pins[c->output[0]].function;
      if (truth_equal(f, truth_not(both)) || truth_equal(f, truth_not(any)) || truth_equal(f, both) ||
          truth_equal(f, any))
        return true;
    }
  }
  return false;
}

static bool read_voltage(liberty_reader *r, double *out) {
  static const double LEAST = 0.05, MOST = 50;
  if (!number_in(r, r->library, "nom_voltage", r->volt, out))
    return false;
  const char *chosen = liberty_text(r->library, "default_operating_conditions");
  for (const liberty_node *n = NULL; chosen && (n = liberty_child(r->library, "operating_conditions", n));)
    if (n->group && n->arg_count && strcmp(n->args[0], chosen) == 0 && !number_in(r, n, "voltage", r->volt, out))
      return false;
  if (*out == 0)
    return liberty_bad(r, r->library, "no nom_voltage or operating_conditions with a voltage");
  return (*out >= LEAST && *out <= MOST) ||
         liberty_bad(r, r->library,
                     "a nom_voltage, or a voltage of its operating_conditions, of 0.05 to 50 V was "
                     "expected, in the file's voltage_unit");
}

static bool check_usable(liberty_reader *r, const liberty *lib) {
  if (!lib->inverter)
    return liberty_bad(r, r->library, "no inverter in this library: a cell with one input A and the function \"!A\"");
  if (!has_gate(lib))
    return liberty_bad(r, r->library, "no two-input NAND, NOR, AND or OR gate in this library");
  if (lib->inverter->area <= 0)
    return liberty_bad(r, r->library, "the inverter has no area");
  const liberty_pin *y = &lib->inverter->pins[lib->inverter->output[0]];
  if (!y->arc_count || !y->arcs[0].rise.slews || !y->arcs[0].fall.slews)
    return liberty_bad(r, r->library, "the inverter has no delays: a timing group with cell_rise and cell_fall");
  return true;
}

// What a library may lack, and what then is not in the figures.
static void warn_of_gaps(const liberty *lib, diag *d) {
  bool energies = false, leakage = false;
  for (size_t i = 0; i < lib->cell_count; i++) {
    leakage |= lib->cells[i].leakage > 0;
    for (size_t k = 0; k < lib->cells[i].pin_count; k++)
      energies |= lib->cells[i].pins[k].energy_count > 0;
  }
  if (!energies)
    diag_warn(d, "%s: no cell has an internal_power group: energies are those of the nets' capacitances alone",
              lib->file);
  if (!leakage)
    diag_warn(d, "%s: no cell has a cell_leakage_power: leakage counts as 0", lib->file);
}

bool liberty_read(arena *mem, const char *path, const liberty **out, diag *d) {
  bytes file;
  if (!file_read(mem, path, MAX_FILE, &file, d))
    return false;
  liberty_source source = {path, (const char *)file.data, file.size};
  liberty_reader r = {.mem = mem, .source = &source, .d = d};
  liberty_node *root;
  if (!liberty_parse(mem, &source, &root, d))
    return false;
  r.library = root;
  liberty *lib = arena_new_object(mem, liberty);
  lib->file = path;
  lib->text = file;
  lib->hash = hash_hex(mem, file.data, file.size);
  lib->name = root->arg_count ? root->args[0] : "";
  if (text_fault(lib->name))
    return liberty_bad(&r, root,
                       "the library's name is text with what no name may have: control characters, or bytes "
                       "that are not UTF-8");
  liberty_templates(&r);
  if (!liberty_units(&r) || !read_voltage(&r, &lib->voltage) || !read_cells(&r, lib))
    return false;
  find_special(lib);
  if (!check_usable(&r, lib))
    return false;
  const liberty_pin *y = &lib->inverter->pins[lib->inverter->output[0]];
  lib->input_slew = y->arcs[0].rise.slew[0];
  warn_of_gaps(lib, d);
  *out = lib;
  return true;
}

const liberty_cell *liberty_find(const liberty *lib, const char *cell) {
  for (size_t i = 0; i < lib->cell_count; i++)
    if (strcmp(lib->cells[i].name, cell) == 0)
      return &lib->cells[i];
  return NULL;
}

int liberty_pin_index(const liberty_cell *cell, const char *pin) {
  for (size_t i = 0; i < cell->pin_count; i++)
    if (strcmp(cell->pins[i].name, pin) == 0)
      return (int)i;
  return -1;
}
