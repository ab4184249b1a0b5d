// SPDX-License-Identifier: Apache-2.0
//
// Product tables from files. What the indices and the words mean is not written in such files: it is asked for,
// remembered from an import, or found out by comparing with a * b under each convention. How wide the operands are
// follows from the number of products where both have as many bits.
#include "compiler/base/json.h"
#include "compiler/base/npy.h"
#include "genlib/genlib.h"

#include <cjson/cJSON.h>
#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { CELLS_MAX = 1 << 16, FILE_MAX = 1 << 24, MOST = 2 * CELLS_MAX };

const char *const mul_table_index_word[TABLE_INDICES] = {NULL, "signed", "unsigned", "offset", "us", "su"};
static const struct {
  bool a_signed, b_signed, offset;
  const char *text;
} conventions[TABLE_INDICES] = {
    [TABLE_SIGNED] = {true, true, false, "signed"},
    [TABLE_UNSIGNED] = {false, false, false, "unsigned"},
    [TABLE_OFFSET] = {true, true, true, "signed with offset 128"},
    [TABLE_US] = {false, true, false, "a unsigned and b signed"},
    [TABLE_SU] = {true, false, false, "a signed and b unsigned"},
};

// What a name, an import's note or a file's shape says; 0: nothing.
typedef struct {
  table_index index;
  int a_bits, b_bits;
} table_note;

typedef struct {
  const char *path;
  const mul_table_options *options;
  table_note named, noted, shape;
  int a_bits, b_bits;
  int32_t *raw; // in the file's order
  int word_bits; // the words are codes of so many bits, whose sign is not known; 0: they are values
  diag *d;
} reader;

static size_t cells(const reader *r) { return (size_t)1 << (r->a_bits + r->b_bits); }

// ---- widths ------------------------------------------------------------------------------------------------------
// Of a table of `count` products, or of `other` (0: only of `count`): as asked for, as its shape, its import or its
// name says, or equal ones.
static bool find_widths(reader *r, size_t count, size_t other) {
  const mul_table_options *o = r->options;
  table_note asked = {.a_bits = o->a_bits, .b_bits = o->b_bits};
  const table_note *say[] = {&asked, &r->shape, &r->noted, &r->named};
  for (size_t i = 0; i < BASE_COUNT(say); i++) {
    size_t n = say[i]->a_bits ? (size_t)1 << (say[i]->a_bits + say[i]->b_bits) : 0;
    if (n && (n == count || n == other)) {
      r->a_bits = say[i]->a_bits, r->b_bits = say[i]->b_bits;
      return true;
    }
    if (n && i == 0)
      return false;
  }
  for (int bits = 2; bits <= 8; bits++)
    if ((size_t)1 << 2 * bits == count || (size_t)1 << 2 * bits == other) {
      r->a_bits = r->b_bits = bits;
      return true;
    }
  return false;
}

static const char *const other_widths = "; of N x N bits 2^2N; of other widths as many as --bits (bits: in a "
                                        "configuration), a header's or an array's shape or the file's name say";

// ---- files -------------------------------------------------------------------------------------------------------
static bool read_binary(reader *r, const bytes *file) {
  if (!find_widths(r, file->size / 2, file->size / 4) || file->size % cells(r))
    return diag_error(r->d,
                      "%s: %zu byte%s; a table of 8 x 8 bits has %d (65,536 little-endian words of 16 bits) or %d (of "
                      "32 bits)%s",
                      r->path, file->size, plural(file->size), 2 * CELLS_MAX, 4 * CELLS_MAX, other_widths);
  size_t width = file->size / cells(r);
  for (size_t i = 0; i < cells(r); i++) {
    const uint8_t *p = file->data + width * i;
    if (width == 2) {
      r->raw[i] = p[0] | p[1] << 8;
      continue;
    }
    r->raw[i] = (int32_t)(p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24);
    if (r->raw[i] < -MOST || r->raw[i] > MOST)
      return diag_error(r->d, "%s: byte %zu: %d is no product of %d x %d bits (other widths: --bits)", r->path,
                        width * i, r->raw[i], r->a_bits, r->b_bits);
  }
  r->word_bits = width == 2 ? 16 : 0;
  return true;
}

static int log2_of(int64_t n) {
  for (int bits = 2; bits <= 14; bits++)
    if ((int64_t)1 << bits == n)
      return bits;
  return 0;
}

// [rows][columns] of a file; no widths where they are not of a table.
static table_note shape_of(const reader *r, int64_t rows, int64_t columns) {
  int a = log2_of(r->options->b_major ? columns : rows), b = log2_of(r->options->b_major ? rows : columns);
  return a && b && a + b <= 16 ? (table_note){.a_bits = a, .b_bits = b} : (table_note){0};
}

static bool read_npy(reader *r) {
  npy n;
  arena *mem = arena_new();
  const int32_t *values = NULL;
  if (npy_open(mem, r->path, &n, r->d)) {
    r->shape = n.rank == 2 ? shape_of(r, (int64_t)n.dims[0], (int64_t)n.dims[1]) : (table_note){0};
    if (r->shape.a_bits && find_widths(r, (size_t)1 << (r->shape.a_bits + r->shape.b_bits), 0))
      values = npy_ints(mem, &n, -MOST, MOST, r->d);
    else
      diag_error(r->d, "%s: its shape is %s; a table of 8 x 8 bits has [256, 256]%s", r->path,
                 npy_list(mem, n.dims, n.rank), other_widths);
  }
  for (size_t i = 0; values && i < cells(r); i++)
    r->raw[i] = values[i];
  bool codes = values && n.kind == 'u' && n.width <= 2 && 8 * (int)n.width >= r->a_bits + r->b_bits;
  r->word_bits = codes ? 8 * (int)n.width : 0;
  arena_free(mem);
  return values != NULL;
}

// Comments and, in a header, everything up to the first opening brace become blanks; lines stay lines.
static void blank_out(char *text, bool header) {
  if (header)
    for (char *p = text; *p && *p != '{'; p++)
      if (*p != '\n')
        *p = ' ';
  for (char *p = text; *p; p++) {
    size_t n = 0;
    if (*p == '#' || (p[0] == '/' && p[1] == '/'))
      n = strcspn(p, "\n");
    else if (p[0] == '/' && p[1] == '*') {
      char *end = strstr(p + 2, "*/");
      n = end ? (size_t)(end + 2 - p) : strlen(p);
    }
    for (; n; n--, p++)
      if (*p != '\n')
        *p = ' ';
    if (!*p)
      break;
  }
}

// Whether a file of C is an array (of a table) and no function: its first brace follows a `=`.
static bool is_array(const char *source) {
  char *text = strdup(source);
  blank_out(text, false);
  for (char *p = text; *p; p++) // directives
    if (*p == '#')
      for (; *p && *p != '\n'; p++)
        *p = ' ';
  char *brace = strchr(text, '{');
  bool array = !brace;
  for (char *p = brace; p && p > text && !array;)
    if (!isspace((unsigned char)*--p)) {
      array = *p == '=';
      break;
    }
  free(text);
  return array;
}

bool mul_is_function(arena *mem, const char *path, bool *function, diag *d) {
  bytes file;
  *function = false;
  if (!str_ends_with(path, ".c") && !str_ends_with(path, ".h"))
    return true;
  if (!file_read(mem, path, FILE_MAX, &file, d))
    return false;
  *function = !is_array((const char *)file.data);
  return true;
}

// The last two of the array's dimensions, before its `=`: [256][256].
static void read_shape(reader *r, const char *text) {
  long dims[2] = {0};
  for (const char *p = text; *p && *p != '{' && *p != '='; p++)
    if (*p == '[') {
      dims[0] = dims[1];
      dims[1] = strtol(p + 1, NULL, 0);
    }
  r->shape = shape_of(r, dims[0], dims[1]);
}

static bool read_numbers(reader *r, const bytes *file, bool header, int base) {
  char *text = strdup((const char *)file->data);
  if (header)
    read_shape(r, text);
  src_pos pos = {.file = r->path, .line = 1, .text = (const char *)file->data};
  blank_out(text, header);
  const char *line = text;
  int count = 0;
  int32_t least = 0, greatest = 0;
  bool good = true;
  for (char *p = text; good && *p;) {
    if (*p == '\n') {
      pos.line++;
      line = ++p;
    } else if (isspace((unsigned char)*p) || strchr(",;{}", *p)) {
      p++;
    } else {
      char *end;
      long v = strtol(p, &end, base);
      pos.column = (int)(p - line) + 1;
      if (end == p || (*end && !isspace((unsigned char)*end) && !strchr(",;{}", *end)))
        good = diag_at(r->d, pos, "a number was expected");
      else if (v < -MOST || v > MOST)
        good = diag_at(r->d, pos, "%ld is no product of 8 x 8 bits", v);
      else if (count == CELLS_MAX)
        good = diag_at(r->d, pos, "more than %d numbers", CELLS_MAX);
      else
        r->raw[count++] = (int32_t)v;
      if (good) {
        least = v < least ? (int32_t)v : least;
        greatest = v > greatest ? (int32_t)v : greatest;
      }
      p = end;
    }
  }
  free(text);
  if (good && !find_widths(r, (size_t)count, 0))
    good = diag_error(r->d, "%s: %d number%s; a table of 8 x 8 bits has %d%s", r->path, count, plural((size_t)count),
                      CELLS_MAX, other_widths);
  // Nothing negative: they may be two's complement words, of the product's bits or of more.
  int bits = bits_unsigned((uint64_t)greatest), product = r->a_bits + r->b_bits;
  r->word_bits = least < 0 ? 0 : bits > product ? bits : product;
  return good;
}

static bool read_file(reader *r, const bytes *file) {
  const char *text = (const char *)file->data;
  if (str_ends_with(r->path, ".bin"))
    return read_binary(r, file);
  if (str_ends_with(r->path, ".npy"))
    return read_npy(r);
  if (str_ends_with(r->path, ".hex"))
    return read_numbers(r, file, false, 16);
  bool source = str_ends_with(r->path, ".h") || str_ends_with(r->path, ".c");
  if (source && !is_array(text))
    return diag_error(r->d,
                      "%s: this is a C function and no table: `axgen mul import %s -o DIR` makes a netlist of it; then "
                      "name DIR/FUNCTION.net",
                      r->path, r->path);
  return read_numbers(r, file, source, 0);
}

// ---- conventions -------------------------------------------------------------------------------------------------
static int32_t raw_at(const reader *r, table_index index, int a, int b) {
  int row = a ^ (conventions[index].offset ? 1 << (r->a_bits - 1) : 0);
  int column = b ^ (conventions[index].offset ? 1 << (r->b_bits - 1) : 0);
  return r->options->b_major ? r->raw[column << r->a_bits | row] : r->raw[row << r->b_bits | column];
}

static int32_t exact_at(const reader *r, table_index index, int a, int b) {
  return mul_value((uint32_t)a, r->a_bits, conventions[index].a_signed) *
         mul_value((uint32_t)b, r->b_bits, conventions[index].b_signed);
}

static double mean_size(int bits, bool is_signed) { return is_signed ? (1 << bits) / 4.0 : ((1 << bits) - 1) / 2.0; }

// Mean |a * b|.
static double mean_product(const reader *r, int index) {
  return mean_size(r->a_bits, conventions[index].a_signed) * mean_size(r->b_bits, conventions[index].b_signed);
}

// The table in our own order under a convention, and its mean distance from a * b.
static double arrange(const reader *r, table_index index, int32_t *table) {
  double distance = 0;
  bool is_signed = conventions[index].a_signed || conventions[index].b_signed;
  for (int a = 0; a < 1 << r->a_bits; a++)
    for (int b = 0; b < 1 << r->b_bits; b++) {
      int32_t v = raw_at(r, index, a, b);
      // With an offset the words are what is stored, of no sign.
      if (r->word_bits && is_signed && !r->options->product_offset)
        v = mul_value((uint32_t)v, r->word_bits, true);
      v -= r->options->product_offset;
      table[a << r->b_bits | b] = v;
      distance += abs(v - exact_at(r, index, a, b));
    }
  return distance / (double)cells(r);
}

// The convention whose words, less one constant, are near a * b: how such a table could be read.
static void suggest_offset(const reader *r) {
  double best = 0.25;
  int index = 0, offset = 0;
  int n = (int)cells(r), low = r->b_bits, mask = (1 << low) - 1;
  for (int k = TABLE_SIGNED; k < TABLE_INDICES && !r->options->product_offset; k++) {
    double mean = 0, far = 0;
    for (int i = 0; i < n; i++)
      mean += raw_at(r, (table_index)k, i >> low, i & mask) - exact_at(r, (table_index)k, i >> low, i & mask);
    int c = (int)lround(mean / n);
    for (int i = 0; i < n; i++)
      far += abs(raw_at(r, (table_index)k, i >> low, i & mask) - c - exact_at(r, (table_index)k, i >> low, i & mask));
    if (c && far / n / mean_product(r, k) < best)
      best = far / n / mean_product(r, k), index = k, offset = c;
  }
  if (index)
    diag_note(r->d, "less about %d the products would be near a * b, with the index %s: is that a product offset?",
              offset, mul_table_index_word[index]);
}

// What a name such as mul8u_FTA or exact5x7s says.
static table_note read_name(const char *path) {
  const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path;
  for (const char *p = start; *p; p++) {
    if (!isdigit((unsigned char)*p) || (p > start && isdigit((unsigned char)p[-1])))
      continue;
    int a, b;
    const char *end = mul_read_bits(p, 14, &a, &b);
    size_t n = end ? strspn(end, "su") : 0;
    if (n < 1 || n > 2 || (end[n] && !strchr("_.", end[n])) || a + b > 16)
      continue;
    bool a_signed = end[0] == 's', b_signed = end[n - 1] == 's';
    table_index index = a_signed ? b_signed ? TABLE_SIGNED : TABLE_SU : b_signed ? TABLE_US : TABLE_UNSIGNED;
    return (table_note){index, a, b};
  }
  return (table_note){0};
}

static int noted_bits(const cJSON *table, const char *key) {
  const cJSON *bits = cJSON_GetObjectItemCaseSensitive(table, key);
  int64_t n = 0;
  return json_whole(bits, 2, 14, &n) ? (int)n : 0;
}

// An import writes STEM.import.json beside its STEM.bin, with the convention, the widths and the hash of the table that
// it is for.
static table_note remembered(const char *path, const bytes *file) {
  table_note found = {0};
  if (!str_ends_with(path, ".bin"))
    return found;
  arena *mem = arena_new();
  diag ignored = {0};
  bytes json;
  const char *beside = arena_printf(mem, "%.*s.import.json", (int)(strlen(path) - strlen(".bin")), path);
  cJSON *root = file_exists(beside) && file_read(mem, beside, 1 << 22, &json, &ignored)
                    ? cJSON_ParseWithLength((const char *)json.data, json.size)
                    : NULL;
  const cJSON *table = cJSON_GetObjectItemCaseSensitive(root, "table");
  const cJSON *hash = cJSON_GetObjectItemCaseSensitive(table, "sha256");
  const cJSON *index = cJSON_GetObjectItemCaseSensitive(table, "index");
  if (cJSON_IsString(hash) && cJSON_IsString(index) &&
      !strcmp(hash->valuestring, hash_hex(mem, file->data, file->size)))
    for (int k = TABLE_SIGNED; k < TABLE_INDICES; k++)
      if (!strcmp(index->valuestring, mul_table_index_word[k]))
        found = (table_note){(table_index)k, noted_bits(table, "a_bits"), noted_bits(table, "b_bits")};
  if (!found.a_bits || !found.b_bits || found.a_bits + found.b_bits > 16)
    found.a_bits = found.b_bits = 0;
  cJSON_Delete(root);
  diag_free(&ignored);
  arena_free(mem);
  return found;
}

// Of the two signed conventions, which a name does not tell apart, the nearer one; they may be the same function.
static table_index nearer_signed(const reader *r, const double *relative, int32_t *table) {
  table_index best = relative[TABLE_OFFSET] < relative[TABLE_SIGNED] ? TABLE_OFFSET : TABLE_SIGNED;
  if (2 * relative[best] <= relative[best == TABLE_SIGNED ? TABLE_OFFSET : TABLE_SIGNED])
    return best;
  int32_t *other = malloc(cells(r) * sizeof *other);
  arrange(r, TABLE_SIGNED, table);
  arrange(r, TABLE_OFFSET, other);
  bool same = !memcmp(table, other, cells(r) * sizeof *other);
  free(other);
  return same ? TABLE_SIGNED : TABLE_DETECT;
}

static bool refuse(const reader *r, const double *distance) {
  str far = {0};
  for (int k = TABLE_SIGNED; k < TABLE_INDICES; k++)
    str_printf(&far, "%s%.0f %s", k > TABLE_SIGNED ? ", " : "", distance[k], conventions[k].text);
  diag_error(r->d,
             "%s: what the indices mean cannot be told from the values: mean distance from a * b is %s; say which "
             "(mul import: --index; in a configuration: {file: .., index: ..})",
             r->path, far.data);
  str_free(&far);
  suggest_offset(r);
  return false;
}

// As for Verilog: found from the values, a convention beats the others by a factor of two and is below 0.5.
static bool choose(reader *r, int32_t *table, mul_table_reading *out) {
  double distance[TABLE_INDICES] = {0}, relative[TABLE_INDICES] = {0};
  int best = TABLE_SIGNED;
  for (int k = TABLE_SIGNED; k < TABLE_INDICES; k++) {
    distance[k] = arrange(r, (table_index)k, table);
    // Relative to the products' own size, or the signed readings would look better than they are.
    relative[k] = distance[k] / mean_product(r, k);
    best = relative[k] < relative[best] ? k : best;
  }
  bool clear = relative[best] < 0.5;
  for (int k = TABLE_SIGNED; k < TABLE_INDICES; k++)
    clear = clear && (k == best || 2 * relative[best] <= relative[k]);
  table_index known = r->options->index ? TABLE_DETECT : r->noted.index;
  bool name_fits = r->named.a_bits == r->a_bits && r->named.b_bits == r->b_bits;
  table_index named = name_fits ? r->named.index : TABLE_DETECT;
  *out = (mul_table_reading){.index = (table_index)best, .from = TABLE_BY_VALUES};
  if (r->options->index) {
    *out = (mul_table_reading){.index = r->options->index, .from = TABLE_BY_OPTION};
  } else if (known) {
    *out = (mul_table_reading){.index = known, .from = TABLE_BY_IMPORT};
  } else if (!clear) {
    named = named == TABLE_SIGNED ? nearer_signed(r, relative, table) : named;
    if (!named || relative[named] > 2 * relative[best])
      return refuse(r, distance);
    *out = (mul_table_reading){.index = named, .from = TABLE_BY_NAME};
  }
  if (relative[out->index] > 0.5 && out->from != TABLE_BY_IMPORT)
    diag_warn(r->d, "%s: read as %s%s the products are far from a * b (mean distance %.0f)", r->path,
              conventions[out->index].text, out->from == TABLE_BY_NAME ? ", as its name says," : "",
              distance[out->index]);
  arrange(r, out->index, table);
  return true;
}

static const char *stem(arena *mem, const char *path) {
  const char *slash = strrchr(path, '/'), *start = slash ? slash + 1 : path, *dot = strrchr(start, '.');
  return dot && dot > start ? arena_strndup(mem, start, (size_t)(dot - start)) : start;
}

const mul *mul_import_table(arena *mem, const char *path, const mul_table_options *options, diag *d) {
  static const mul_table_options defaults = {0};
  reader r = {.path = path, .options = options ? options : &defaults, .d = d};
  bytes file;
  if (!file_read(mem, path, FILE_MAX, &file, d))
    return NULL;
  r.raw = malloc(CELLS_MAX * sizeof *r.raw);
  r.named = read_name(path);
  r.noted = remembered(path, &file);
  int32_t *table = malloc(CELLS_MAX * sizeof *table);
  mul_table_reading reading;
  const mul *m = NULL;
  if (read_file(&r, &file) && choose(&r, table, &reading)) {
    mul_sig sig = {.a_bits = r.a_bits, .b_bits = r.b_bits};
    sig.a_signed = conventions[reading.index].a_signed, sig.b_signed = conventions[reading.index].b_signed;
    m = mul_from_table(mem, r.options->name ? r.options->name : stem(mem, path), sig, table);
    if (r.options->reading)
      *r.options->reading = reading;
  }
  free(table);
  free(r.raw);
  return m;
}

bool mul_is_table_file(const char *name) {
  static const char *const endings[] = {".bin", ".h", ".c", ".txt", ".hex", ".npy"};
  for (size_t i = 0; i < BASE_COUNT(endings); i++)
    if (str_ends_with(name, endings[i]))
      return true;
  return false;
}

const char *mul_read_bits(const char *text, int most, int *a_bits, int *b_bits) {
  int64_t a, b;
  const char *end;
  if (!isdigit((unsigned char)*text) || !whole_text(text, 10, 2, most, &a, &end))
    return NULL;
  b = a;
  if (*end == 'x' && isdigit((unsigned char)end[1]) && !whole_text(end + 1, 10, 2, most, &b, &end))
    return NULL;
  *a_bits = (int)a, *b_bits = (int)b;
  return end;
}

bool mul_read_widths(const char *text, int *a_bits, int *b_bits) {
  int a, b;
  const char *end = mul_read_bits(text, 14, &a, &b);
  bool good = end && !*end && a + b <= 16;
  *a_bits = good ? a : 0, *b_bits = good ? b : 0;
  return good;
}
