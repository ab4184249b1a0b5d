// SPDX-License-Identifier: Apache-2.0
//
// mul import: a multiplier from elsewhere, as Verilog (docs/import.md) or as a table, becomes ours.
#include "compiler/base/json.h"
#include "compiler/cli/measure.h"
#include "genlib/genlib.h"
#include "genlib/import/import.h"

#include <stdlib.h>
#include <string.h>

static bool add_verilog(arena *mem, fileset *fs, const mul *m, diag *d) {
  str text = {0};
  mul_verilog(m, &text);
  fileset_add_str(mem, fs, arena_printf(mem, "%s.v", m->ident), &text);
  return !m->net || mul_add_adders(mem, fs, d);
}

// NAME.bin, in words of 16 bits where they tell the products' sign, else of 32; and what the report says of it, so that
// whoever names the file later reads it the same way.
static void add_table(arena *mem, fileset *fs, const char *stem, const mul *m, cJSON *report) {
  size_t n = (size_t)1 << (m->sig.a_bits + m->sig.b_bits);
  bool operand_signed = m->sig.a_signed || m->sig.b_signed;
  size_t width = m->sig.p_bits <= 16 && m->sig.p_signed == operand_signed ? 2 : 4;
  uint8_t *words = arena_new_array(mem, uint8_t, width * n);
  for (size_t i = 0; i < width * n; i++)
    words[i] = (uint8_t)((uint32_t)m->table[i / width] >> (8 * (i % width)));
  const char *name = arena_printf(mem, "%s.bin", stem);
  fileset_add(mem, fs, name, words, width * n);
  table_index index = m->sig.a_signed   ? m->sig.b_signed ? TABLE_SIGNED : TABLE_SU
                      : m->sig.b_signed ? TABLE_US
                                        : TABLE_UNSIGNED;
  cJSON *o = cJSON_AddObjectToObject(report, "table");
  cJSON_AddStringToObject(o, "file", name);
  cJSON_AddNumberToObject(o, "a_bits", m->sig.a_bits);
  cJSON_AddNumberToObject(o, "b_bits", m->sig.b_bits);
  cJSON_AddStringToObject(o, "sha256", hash_hex(mem, words, width * n));
  cJSON_AddStringToObject(o, "index", mul_table_index_word[index]);
}

// The report goes into the folder, and to standard output, with --json together with what was written.
static bool finish(arena *mem, const cli_options *o, fileset *fs, const char *stem, const char *dir, cJSON *report,
                   str *text, diag *d) {
  const char *kept = json_text(mem, cJSON_Duplicate(report, true));
  fileset_add(mem, fs, arena_printf(mem, "%s.import.json", stem), kept, strlen(kept));
  bool ok = fileset_write(fs, dir, d);
  cJSON_AddStringToObject(report, "folder", dir);
  json_add_files(mem, report, fs);
  const char *printed = json_text(mem, report);
  if (ok && o->json)
    fputs(printed, o->out);
  if (ok && !o->json) {
    cli_print(o->out, text->data);
    for (size_t i = 0; i < fs->count; i++)
      fprintf(o->out, "%s/%s\n", dir, fs->files[i].name);
  }
  str_free(text);
  return ok;
}

// The place of `text` in a list of words; -1 and an error that lists them where it is none. NULL text: 0.
static int choice(const char *option, const char *text, const char *const *words, int count, diag *d) {
  str expected = {0};
  int found = text ? -1 : 0;
  for (int i = 1; text && i < count; i++) {
    str_printf(&expected, "%s%s", i == 1 ? "" : i == count - 1 ? " or " : ", ", words[i]);
    if (!strcmp(text, words[i]))
      found = i;
  }
  if (found < 0)
    diag_error(d, "%s %s: expected %s", option, text, expected.data);
  str_free(&expected);
  return found;
}

static bool without(const char *what, const char *option, bool given, diag *d) {
  return !given || diag_error(d, "mul import: %s does not take %s", what, option);
}

// A circuit: Verilog, or a C function.
static bool from_circuit(arena *mem, const cli_options *o, const char *dir, bool adder, diag *d) {
  static const char *const signs[IMPORT_READINGS] = {NULL, "yes", "no", "us", "su"};
  const char *path = o->args[1];
  int reading = choice("--signed", o->operand_signs, signs, IMPORT_READINGS, d);
  bool function = str_ends_with(path, ".c") || str_ends_with(path, ".h");
  const char *what = function ? "a C function" : "Verilog";
  if (reading < 0 || !without(what, "--index", o->table_index, d) || !without(what, "--b-major", o->b_major, d) ||
      !without(what, "--product-offset", o->product_offset, d))
    return false;
  if (function && (!without(what, "-I", o->folders.count, d) || !without(what, "--param", o->params.count, d) ||
                   !without(what, "a second file", o->arg_count > 2, d)))
    return false;
  import_options options = {.name = o->name, .module = o->module, .a_port = o->a_port};
  options.more = o->args + 2, options.more_count = (size_t)o->arg_count - 2;
  options.folders = o->folders.item, options.folder_count = (size_t)o->folders.count;
  options.params = o->params.item, options.param_count = (size_t)o->params.count;
  options.reading = (import_reading)reading;
  options.adder = adder;
  if (o->time_limit == 0)
    return diag_error(d, "--time-limit 0: expected at least 1 second");
  options.time_limit = (double)(o->time_limit > 0 ? o->time_limit : 0);
  options.measure = true;
  import_report report = {0};
  const mul *m = NULL;
  fileset fs = {0};
  str text = {0};
  if (!(function ? import_c : import_verilog)(mem, path, &options, &m, &report, d) || !add_verilog(mem, &fs, m, d))
    return false;
  char *stem = arena_strdup(mem, m->name);
  for (char *p = stem; *p; p++)
    *p = strchr("/\\ $", *p) ? '_' : *p;
  import_print(m, &report, &text);
  fileset_add_str(mem, &fs, arena_printf(mem, "%s.net", stem), &text);
  cJSON *json = import_json(m, &report);
  if (m->table && !adder)
    add_table(mem, &fs, stem, m, json);
  import_text(m, &report, &text);
  return finish(mem, o, &fs, stem, dir, json, &text, d);
}

static bool product_offset(const char *text, int32_t *out, diag *d) {
  int64_t v = 0;
  if (text && !whole_text(text, 0, -65536, 65536, &v, NULL))
    return diag_error(d, "--product-offset %s: expected a number from -65536 to 65536", text);
  *out = (int32_t)v;
  return true;
}

static bool operand_bits(const char *text, mul_table_options *out, diag *d) {
  return !text || mul_read_widths(text, &out->a_bits, &out->b_bits) ||
         diag_error(d, "--bits %s: expected the operands' widths, such as 4 or 8x4, of at most 16 bits together", text);
}

// A table's options: those of Verilog are refused.
static bool table_options(const cli_options *cli, mul_table_options *out, diag *d) {
  int asked = choice("--index", cli->table_index, mul_table_index_word, TABLE_INDICES, d);
  if (asked < 0 || !without("a table", "--signed (--index says what the indices are)", cli->operand_signs, d) ||
      !without("a table", "--a (--b-major says that its rows are b)", cli->a_port, d) ||
      !without("a table", "--module", cli->module, d) || !without("a table", "-I", cli->folders.count, d) ||
      !without("a table", "--param", cli->params.count, d) ||
      !without("a table", "--time-limit", cli->time_limit >= 0, d) ||
      !without("a table", "a second file", cli->arg_count > 2, d))
    return false;
  out->index = (table_index)asked;
  return product_offset(cli->product_offset, &out->product_offset, d) && operand_bits(cli->table_bits, out, d);
}

// The share of pairs with f(a,b) = f(b,a); negative where the operands differ in width, so that it means nothing.
static double commuting_pairs(const mul *m) {
  int bits = m->sig.a_bits;
  if (bits != m->sig.b_bits)
    return -1;
  uint32_t same = 0, side = 1u << bits;
  for (uint32_t a = 0; a < side; a++)
    for (uint32_t b = 0; b < side; b++)
      same += m->table[a << bits | b] == m->table[b << bits | a];
  return (double)same / (side * side);
}

static bool from_table(arena *mem, const cli_options *cli, const char *dir, diag *d) {
  static const char *const conventions[TABLE_INDICES] = {[TABLE_SIGNED] = "two's complement codes",
                                                         [TABLE_UNSIGNED] = "unsigned codes",
                                                         [TABLE_OFFSET] = "value + 128",
                                                         [TABLE_US] = "codes, a unsigned and b signed",
                                                         [TABLE_SU] = "codes, a signed and b unsigned"};
  static const char *const sources[] = {[TABLE_BY_VALUES] = "found from the values",
                                        [TABLE_BY_NAME] = "as its name says",
                                        [TABLE_BY_IMPORT] = "as its import noted",
                                        [TABLE_BY_OPTION] = "as asked for"};
  const char *path = cli->args[1], *rows = cli->b_major ? "b" : "a";
  mul_table_reading reading;
  mul_table_options options = {.name = cli->name, .b_major = cli->b_major, .reading = &reading};
  if (!table_options(cli, &options, d))
    return false;
  const mul *m = mul_import_table(mem, path, &options, d);
  fileset fs = {0};
  str text = {0};
  if (!m || !add_verilog(mem, &fs, m, d))
    return false;
  double commutes = commuting_pairs(m);
  mul_errors e = mul_error_figures(m, NULL, 1);
  str_printf(&text, "%-18s %s, a table of %d x %d bits: indices are %s (%s), rows are %s\n", m->name, path,
             m->sig.a_bits, m->sig.b_bits, conventions[reading.index], sources[reading.from], rows);
  if (commutes >= 0)
    str_printf(&text, "%-18s %.2f %% of the pairs\n", "f(a,b) = f(b,a)", 100 * commutes);
  str_printf(&text, "%-18s MAE %.4f, WCE %lld, EP %.3f %%, MRE %.4f %%, MSE %.3f, bias %.4f\n", "errors", e.mae,
             (long long)e.wce, 100 * e.ep, 100 * e.mre, e.mse, e.bias);
  cJSON *o = cJSON_CreateObject();
  cJSON_AddStringToObject(o, "name", m->name);
  cJSON_AddStringToObject(o, "file", path);
  cJSON_AddStringToObject(o, "index", conventions[reading.index]);
  cJSON_AddStringToObject(o, "index_from", sources[reading.from]);
  if (options.product_offset)
    cJSON_AddNumberToObject(o, "product_offset", options.product_offset);
  cJSON_AddStringToObject(o, "rows", rows);
  cJSON_AddBoolToObject(o, "a_signed", m->sig.a_signed);
  cJSON_AddBoolToObject(o, "b_signed", m->sig.b_signed);
  if (commutes >= 0)
    cJSON_AddNumberToObject(o, "commutes", commutes);
  mul_errors_json(o, &e);
  add_table(mem, &fs, m->name, m, o);
  return finish(mem, cli, &fs, m->name, dir, o, &text, d);
}

bool verb_plain_name(const char *name, diag *d) {
  static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-";
  return !name || (*name && *name != '.' && !name[strspn(name, plain)]) ||
         diag_error(d, "--name %s: expected letters, digits, `_`, `.` and `-`", name);
}

bool verb_mul_import(arena *mem, const cli_options *o, diag *d) {
  const char *path = o->args[1], *dir = o->output ? o->output : ".";
  if (!verb_plain_name(o->name, d))
    return false;
  for (int i = 2; i < o->arg_count; i++)
    if (!str_ends_with(o->args[i], ".v") && !str_ends_with(o->args[i], ".sv") && !str_ends_with(o->args[i], ".vh"))
      return diag_error(d, "%s: beside a first file only Verilog is taken (.v, .sv, .vh)", o->args[i]);
  bool function;
  if (!mul_is_function(mem, path, &function, d))
    return false;
  if (function)
    return from_circuit(mem, o, dir, false, d);
  if (mul_is_table_file(path))
    return from_table(mem, o, dir, d);
  if (str_ends_with(path, ".v") || str_ends_with(path, ".sv"))
    return from_circuit(mem, o, dir, false, d);
  return diag_error(
      d, "%s: a file with Verilog (.v, .sv) a C function (.c) or a table (.bin, .h, .c, .txt, .hex, .npy) was expected",
      path);
}

bool verb_adder_import(arena *mem, const cli_options *o, diag *d) {
  if (!verb_plain_name(o->name, d))
    return false;
  for (int i = 1; i < o->arg_count; i++)
    if (!str_ends_with(o->args[i], ".v") && !str_ends_with(o->args[i], ".sv") &&
        (i == 1 || !str_ends_with(o->args[i], ".vh")))
      return diag_error(d, "%s: expected Verilog (.v, .sv)", o->args[i]);
  return from_circuit(mem, o, o->output ? o->output : ".", true, d);
}
