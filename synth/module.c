// SPDX-License-Identifier: Apache-2.0
//
// A design in RTLIL, Yosys's own format, as modules that can be mapped one by one: each with names that do not depend
// on the rest of the design (internal.h says how).
#include "synth/internal.h"

#include <stdlib.h>
#include <string.h>

const char *synth_base_name(arena *mem, const char *name) {
  if (strncmp(name, "$paramod", 8) != 0)
    return name;
  const char *start = strchr(name, '\\');
  start = start ? start + 1 : name;
  return arena_strndup(mem, start, strcspn(start, "\\"));
}

const synth_core *synth_core_of(const synth_structure *s, const char *module) {
  size_t prefix = strlen(s->prefix);
  if (strncmp(module, s->prefix, prefix) == 0)
    module += prefix;
  for (size_t i = 0; i < s->core_count; i++) {
    const char *name = s->cores[i].name;
    size_t n = strcspn(name, "*");
    if (strncmp(module, name, n) == 0 && (name[n] || !module[n]))
      return &s->cores[i];
  }
  return NULL;
}

// A line is a list of words with single blanks between them; texts are in quotes.
typedef struct {
  const char *at, *end;
} cursor;

static cursor next_word(cursor *line) {
  while (line->at < line->end && *line->at == ' ')
    line->at++;
  cursor word = {line->at, line->at};
  if (word.at < line->end && *word.at == '"')
    for (word.end++; word.end < line->end && *word.end != '"'; word.end++)
      word.end += *word.end == '\\' && word.end + 1 < line->end;
  while (word.end < line->end && *word.end != ' ')
    word.end++;
  line->at = word.end;
  return word;
}

static size_t length(cursor c) { return (size_t)(c.end - c.at); }
static bool is(cursor c, const char *text) { return strlen(text) == length(c) && memcmp(c.at, text, length(c)) == 0; }
static bool begins(cursor c, const char *text) {
  return strlen(text) <= length(c) && memcmp(c.at, text, strlen(text)) == 0;
}

// The next line without its end, from *at on; false: no more.
static bool next_line(const char **at, cursor *line) {
  if (!**at)
    return false;
  *line = (cursor){*at, *at + strcspn(*at, "\n")};
  *at = line->end + (*line->end != 0);
  return true;
}

// ---- all modules of the file ---------------------------------------------------------------------------------------
typedef struct {
  const char *name; // as RTLIL writes it
  const char *body, *end; // lines between `module` and `end`
  bool blackbox;
} section;

typedef struct {
  arena *mem;
  const liberty *lib;
  const char *rtl;
  section *sections; // in the file's order, which is by name
  size_t count, cap;
} design;

static void read_sections(design *g, const char *text) {
  cursor line;
  bool blackbox = false;
  while (next_line(&text, &line)) {
    cursor rest = line, first = next_word(&rest);
    if (is(first, "attribute"))
      blackbox = blackbox || is(next_word(&rest), "\\blackbox");
    if (!is(first, "module"))
      continue;
    cursor name = next_word(&rest);
    section s = {arena_strndup(g->mem, name.at, length(name)), text, text, blackbox};
    while (next_line(&text, &line) && !is(line, "end"))
      s.end = text;
    blackbox = false;
    arena_grow(g->mem, g->sections, g->count, g->cap);
    g->sections[g->count++] = s;
  }
}

static const section *find_section(const design *g, cursor name) {
  for (size_t i = 0; i < g->count; i++)
    if (is(name, g->sections[i].name))
      return &g->sections[i];
  return NULL;
}

// "\name": name. Others begin with a dollar sign, which stays.
static const char *plain(const char *name) { return *name == '\\' ? name + 1 : name; }

// ---- one module ----------------------------------------------------------------------------------------------------
typedef struct {
  const design *g;
  synth_module *m;
  str text;
  const char **children, **texts;
  size_t child_cap, text_cap;
  // Names without a meaning, by hash: where each stands first, and its number.
  struct private_name {
    cursor name;
    size_t number;
  } * names;
  size_t name_count, name_room; // room: a power of two
} writer;

static struct private_name *slot(const writer *w, cursor name) {
  size_t i = hash_64(1, name.at, length(name)) & (w->name_room - 1);
  while (w->names[i].name.at &&
         (length(w->names[i].name) != length(name) || memcmp(w->names[i].name.at, name.at, length(name)) != 0))
    i = (i + 1) & (w->name_room - 1);
  return &w->names[i];
}

static size_t number_of(writer *w, cursor name) {
  if (2 * (w->name_count + 1) > w->name_room) {
    struct private_name *old = w->names;
    size_t room = w->name_room;
    w->name_room = room ? 2 * room : 256;
    w->names = calloc(w->name_room, sizeof *w->names);
    assert(w->names);
    for (size_t i = 0; i < room; i++)
      if (old[i].name.at)
        *slot(w, old[i].name) = old[i];
    free(old);
  }
  struct private_name *s = slot(w, name);
  if (!s->name.at)
    *s = (struct private_name){name, w->name_count++};
  return s->number;
}

// Words of a line, private names numbered.
static void add_words(writer *w, cursor rest) {
  for (cursor word; length(word = next_word(&rest)) > 0;) {
    str_add(&w->text, " ");
    if (*word.at == '$')
      str_printf(&w->text, "$%07zu", number_of(w, word)); // of one length: Yosys sorts names
    else
      str_add_n(&w->text, word.at, length(word));
  }
}

static int child_of(writer *w, const char *name) {
  synth_module *m = w->m;
  for (size_t i = 0; i < m->child_count; i++)
    if (strcmp(w->children[i], name) == 0)
      return (int)i;
  arena_grow(w->g->mem, w->children, m->child_count, w->child_cap);
  w->children[m->child_count] = name;
  return (int)m->child_count++;
}

static void add_text(writer *w, cursor text) {
  synth_module *m = w->m;
  str_printf(&w->text, " \"" SYNTH_TEXT "%zu\"", m->text_count);
  arena_grow(w->g->mem, w->texts, m->text_count, w->text_cap);
  w->texts[m->text_count++] = arena_strndup(w->g->mem, text.at, length(text));
}

// `cell TYPE NAME` and what belongs to it.
static void add_cell(writer *w, cursor rest, const char **at, const char *end) {
  cursor type = next_word(&rest), line;
  const section *s = *type.at != '$' || begins(type, "$paramod") ? find_section(w->g, type) : NULL;
  bool child = s && !liberty_find(w->g->lib, plain(s->name));
  str_add(&w->text, "cell ");
  if (child)
    str_printf(&w->text, "\\" SYNTH_CHILD "%d", child_of(w, s->name));
  else
    str_add_n(&w->text, type.at, length(type));
  add_words(w, rest);
  str_add(&w->text, "\n");
  while (*at < end && next_line(at, &line)) {
    cursor first = next_word(&line);
    if (is(first, "attribute"))
      continue;
    str_add_n(&w->text, first.at, length(first));
    if (is(first, "parameter") && child) { // parameter [signed] NAME VALUE
      for (cursor word; length(word = next_word(&line)) > 0;) {
        if (*word.at == '"') {
          add_text(w, word);
        } else {
          str_add(&w->text, " ");
          str_add_n(&w->text, word.at, length(word));
        }
      }
    } else {
      add_words(w, line);
    }
    str_add(&w->text, "\n");
    if (is(first, "end"))
      break;
  }
}

// Attributes that mean something to what follows; the others say where something came from.
static bool means(cursor rest) {
  cursor name = next_word(&rest);
  return is(name, "\\keep") || is(name, "\\init");
}

static void add_body(writer *w, const section *s) {
  const char *at = s->body;
  for (cursor line; at < s->end && next_line(&at, &line);) {
    cursor rest = line, first = next_word(&rest);
    if (is(first, "parameter") || (is(first, "attribute") && !means(rest)))
      continue;
    if (is(first, "cell")) {
      add_cell(w, rest, &at, s->end);
      continue;
    }
    str_add_n(&w->text, first.at, length(first));
    add_words(w, rest);
    str_add(&w->text, "\n");
  }
}

// The wires that are ports.
static void add_ports(writer *w, const section *s) {
  const char *at = s->body;
  for (cursor line; at < s->end && next_line(&at, &line);) {
    cursor rest = line, all = line;
    if (!is(next_word(&rest), "wire"))
      continue;
    bool port = false;
    for (cursor word; length(word = next_word(&rest)) > 0;)
      port = port || is(word, "input") || is(word, "output") || is(word, "inout");
    if (!port)
      continue;
    str_add_n(&w->text, all.at, length(all));
    str_add(&w->text, "\n");
  }
}

static void write_module(const design *g, const section *s, const synth_structure *structure, synth_module *m) {
  writer w = {.g = g, .m = m};
  *m = (synth_module){.name = plain(s->name)};
  const synth_core *core = synth_core_of(structure, synth_base_name(g->mem, m->name));
  m->recipe = synth_recipes;
  for (size_t i = 0; i < structure->mapping_count; i++)
    if (strcmp(structure->mappings[i].module, m->name) == 0)
      m->recipe = structure->mappings[i].recipe;
  if (core && core->role == SYNTH_GATES)
    m->gates = path_join(g->mem, g->rtl, arena_printf(g->mem, "%s.v", m->name));
  str_add(&w.text, "module \\" SYNTH_SELF "\n");
  add_body(&w, s);
  str_add(&w.text, "end\n");
  for (size_t i = 0; i < m->child_count; i++) {
    const section *child = find_section(g, (cursor){w.children[i], w.children[i] + strlen(w.children[i])});
    str_printf(&w.text, "attribute \\blackbox 1\nmodule \\" SYNTH_CHILD "%zu\n", i);
    add_ports(&w, child);
    str_add(&w.text, "end\n");
    w.children[i] = plain(child->name);
  }
  m->children = w.children;
  m->texts = w.texts;
  m->size = w.text.len;
  m->text = arena_strndup(g->mem, w.text.data, w.text.len);
  str_free(&w.text);
  free(w.names);
}

static int by_name(const void *a, const void *b) {
  return strcmp(((const synth_module *)a)->name, ((const synth_module *)b)->name);
}

synth_module *synth_find_module(const synth_elaboration *e, const char *name) {
  synth_module key = {.name = name};
  return e->count ? bsearch(&key, e->modules, e->count, sizeof key, by_name) : NULL;
}

static int by_text(const void *a, const void *b) {
  const synth_module *x = *(synth_module *const *)a, *y = *(synth_module *const *)b;
  if (x->size != y->size)
    return x->size < y->size ? -1 : 1;
  int order = memcmp(x->text, y->text, x->size);
  return order ? order : x < y ? -1 : x > y;
}

static void find_same(arena *mem, synth_elaboration *e) {
  synth_module **sorted = arena_new_array(mem, synth_module *, e->count);
  for (size_t i = 0; i < e->count; i++)
    sorted[i] = &e->modules[i];
  qsort(sorted, e->count, sizeof(synth_module *), by_text);
  for (size_t i = 1; i < e->count; i++) {
    synth_module *before = sorted[i - 1], *m = sorted[i];
    if (!m->gates && !before->gates && m->size == before->size && memcmp(m->text, before->text, m->size) == 0)
      m->same = before->same ? before->same : before;
  }
}

bool synth_modules(arena *mem, const char *text, const char *rtl, const synth_structure *s, const liberty *lib,
                   synth_elaboration *out, diag *d) {
  design g = {.mem = mem, .lib = lib, .rtl = rtl};
  *out = (synth_elaboration){0};
  read_sections(&g, text);
  out->modules = arena_new_array(mem, synth_module, g.count + 1);
  for (size_t i = 0; i < g.count; i++) {
    const liberty_cell *cell = g.sections[i].blackbox ? NULL : liberty_find(lib, plain(g.sections[i].name));
    if (cell)
      out->clash = cell->name;
    else if (!g.sections[i].blackbox)
      write_module(&g, &g.sections[i], s, &out->modules[out->count++]);
  }
  if (!out->count)
    return diag_tool(d, "Yosys wrote a design without modules");
  qsort(out->modules, out->count, sizeof *out->modules, by_name);
  find_same(mem, out);
  for (size_t i = 1; i < out->count; i++)
    if (strcmp(out->modules[i].name, out->modules[i - 1].name) == 0)
      return diag_tool(d, "Yosys wrote module %s twice", out->modules[i].name);
  return true;
}
