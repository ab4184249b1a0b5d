// SPDX-License-Identifier: Apache-2.0
#include "compiler/target/common/cores.h"
#include "compiler/target/common/rename.h"

#include <ctype.h>
#include <string.h>

const synth_core CORES[CORE_IDS] = {
#define X(id, module, folder, kind, keep, role) {module, folder, SYNTH_##kind, keep, SYNTH_##role},
    CORE_ROWS(X)
#undef X
};

// ---- which cores a text names -------------------------------------------------------------------------------------
static const char *past_comment(const char *p) {
  const char *end = p[1] == '/' ? strchr(p, '\n') : strstr(p + 2, "*/");
  return !end ? p + strlen(p) : end + (p[1] == '/' ? 1 : 2);
}

static bool in_word(char c) { return isalnum((unsigned char)c) || c == '_' || c == '$'; }

static void add_names(const char *text, bool *named) {
  for (const char *p = text; *p;) {
    if (p[0] == '/' && (p[1] == '/' || p[1] == '*')) {
      p = past_comment(p);
      continue;
    }
    size_t n = 0;
    while (in_word(p[n]))
      n++;
    for (size_t i = 0; n && i < CORE_IDS; i++)
      if (CORES[i].folder && strlen(CORES[i].name) == n && strncmp(p, CORES[i].name, n) == 0)
        named[i] = true;
    p += n ? n : 1;
  }
}

// ---- copies -------------------------------------------------------------------------------------------------------
// A core's text, the `include lines replaced.
static bool read_core(arena *mem, const synth_core *core, const char **out, diag *d) {
  static const char INCLUDE[] = "`include \"";
  char *folder = data_path(mem, arena_printf(mem, "rtl_templates/%s", core->folder));
  bytes text, included;
  if (!file_read(mem, path_join(mem, folder, arena_printf(mem, "%s.v", core->name)), 1 << 20, &text, d))
    return diag_tool(d, "%s: a Verilog core is missing from this installation", folder);
  const char *at = (const char *)text.data;
  str all = {0};
  for (const char *line; (line = strstr(at, INCLUDE));) {
    const char *name = line + strlen(INCLUDE);
    size_t n = strcspn(name, "\"\n");
    if (!file_read(mem, path_join(mem, folder, arena_strndup(mem, name, n)), 1 << 20, &included, d))
      return str_free(&all), false;
    str_add_n(&all, at, (size_t)(line - at));
    str_add_n(&all, (const char *)included.data, included.size);
    at = name + n + strspn(name + n, "\"");
    at += *at == '\n';
  }
  str_add(&all, at);
  *out = arena_strdup(mem, all.data);
  str_free(&all);
  return true;
}

bool cores_add(arena *mem, const fileset *own, fileset *out, diag *d) {
  bool *named = arena_new_array(mem, bool, CORE_IDS);
  const char **text = arena_new_array(mem, const char *, CORE_IDS);
  for (size_t i = 0; i < own->count; i++)
    if (str_ends_with(own->files[i].name, ".v"))
      add_names(arena_strndup(mem, (const char *)own->files[i].data, own->files[i].size), named);
  for (size_t i = 0; i < CORE_IDS; i++)
    if (named[i] && !text[i]) {
      if (!read_core(mem, &CORES[i], &text[i], d))
        return false;
      add_names(text[i], named);
      i = (size_t)-1; // those that it names may stand before it
    }
  for (size_t i = 0; i < CORE_IDS; i++)
    if (text[i])
      fileset_add(mem, out, arena_printf(mem, "cores/%s.v", CORES[i].name), text[i], strlen(text[i]));
  return true;
}

void cores_file_list(arena *mem, const char *name, const char *comment, fileset *files) {
  str list = {0};
  str_printf(&list, "# %s\n", comment);
  for (size_t i = 0; i < files->count; i++)
    if (str_ends_with(files->files[i].name, ".v"))
      str_printf(&list, "%s\n", renamed_file(mem, name, files->files[i].name));
  fileset_add_str(mem, files, "axgen.f", &list);
}
