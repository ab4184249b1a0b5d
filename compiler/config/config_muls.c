// SPDX-License-Identifier: Apache-2.0
//
// `multipliers` of config.yaml: short names for multipliers.
#include "compiler/config/config_parts.h"

#include <string.h>

void config_report(const yaml *y, diag *inner, diag *d) {
  static const char prefix[] = "axgen: error: ";
  char *text = inner->text.data ? inner->text.data : "cannot use this";
  if (strncmp(text, prefix, strlen(prefix)) == 0)
    text += strlen(prefix);
  size_t first = strcspn(text, "\n");
  diag_at(d, y->pos, "%.*s", (int)first, text);
  if (text[first] && text[first + 1])
    str_add(&d->text, text + first + 1);
}

// {file: FILE, index: .., rows: .., bits: .., product_offset: ..}: a table, and what its indices and words mean.
static const mul *read_table(arena *mem, const config *c, const yaml *y, diag *inner, diag *d) {
  static const char *const known[] = {"file", "index", "rows", "bits", "product_offset", NULL};
  mul_table_options options = {0};
  const yaml *index = yaml_get(y, "index"), *rows = yaml_get(y, "rows"), *offset = yaml_get(y, "product_offset");
  const char *path, *word;
  bool good = yaml_keys(y, "a table", known, d);
  if (!yaml_string(yaml_need(y, "file", d), &path, d))
    return NULL;
  if (!mul_is_table_file(path)) {
    diag_at(d, yaml_get(y, "file")->pos, "expected a table: .bin, .h, .c, .txt, .hex or .npy");
    return NULL;
  }
  good &= !index || yaml_string(index, &word, d);
  if (index && index->kind == YAML_SCALAR) {
    word = index->text;
    for (int k = TABLE_SIGNED; k < TABLE_INDICES; k++)
      if (!strcmp(word, mul_table_index_word[k]))
        options.index = (table_index)k;
    if (!options.index)
      good = diag_at(d, index->pos, "expected signed, unsigned, offset (value + 128), us or su (a, then b)");
  }
  good &= !rows || yaml_string(rows, &word, d);
  if (rows && rows->kind == YAML_SCALAR) {
    word = rows->text;
    options.b_major = !strcmp(word, "b");
    if (!options.b_major && strcmp(word, "a") != 0)
      good = diag_at(d, rows->pos, "expected a or b: what the table's rows are");
  }
  const yaml *bits = yaml_get(y, "bits");
  if (bits && (bits->kind != YAML_SCALAR || !mul_read_widths(bits->text, &options.a_bits, &options.b_bits)))
    good = diag_at(d, bits->pos, "expected the operands' widths, such as 4 or 8x4, of at most 16 bits together");
  if (offset)
    good &= yaml_int32(offset, -65536, 65536, &options.product_offset, d);
  return good ? mul_import_table(mem, path_beside(mem, c->file, path), &options, inner) : NULL;
}

static const mul *read_mul(arena *mem, const config *c, const yaml *y, diag *inner, diag *d) {
  const char *name;
  if (y->kind == YAML_MAP)
    return read_table(mem, c, y, inner, d);
  if (!yaml_string(y, &name, d))
    return NULL;
  return mul_make(mem, mul_is_file(name) ? path_beside(mem, c->file, name) : name, inner);
}

void config_read_muls(arena *mem, config *c, const yaml *y, diag *d) {
  if (!yaml_is(y, YAML_MAP, d))
    return;
  if (y->count < 1 || y->count > CONFIG_MAX_MULS) {
    diag_at(d, y->pos, "%d multipliers, expected 1 to %d", y->count, CONFIG_MAX_MULS);
    return;
  }
  for (const yaml *e = y->first; e; e = e->next) {
    size_t i = c->mul_count++;
    c->mul_keys[i] = e->key; // also when its name is wrong, so that uses of the key are not errors
    diag inner = {0};
    c->muls[i] = read_mul(mem, c, e, &inner, d);
    if (inner.errors)
      config_report(e, &inner, d);
    else if (inner.text.len) // a warning
      str_add(&d->text, inner.text.data);
    diag_free(&inner);
  }
}

int config_mul(const config *c, const yaml *y, diag *d) {
  const char *key;
  if (!yaml_string(y, &key, d))
    return -1;
  for (size_t i = 0; i < c->mul_count; i++)
    if (strcmp(c->mul_keys[i], key) == 0)
      return (int)i;
  arena *mem = arena_new();
  diag_at(d, y->pos, "no `%.64s` in `multipliers`%s", key, yaml_suggest(mem, key, c->mul_keys, c->mul_count));
  arena_free(mem);
  return -1;
}
