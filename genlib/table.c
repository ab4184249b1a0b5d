// SPDX-License-Identifier: Apache-2.0
//
// Product tables in the formats of other projects.
#include "compiler/base/npy.h"
#include "genlib/genlib.h"

#include <string.h>

static void add_word(uint32_t v, int size, str *out) {
  char word[4];
  for (int i = 0; i < size; i++)
    word[i] = (char)(v >> (8 * i));
  str_add_n(out, word, (size_t)size);
}

static uint32_t cells(const mul *m) {
  assert(m->table);
  return 1u << (m->sig.a_bits + m->sig.b_bits);
}

bool mul_table_bin(const mul *m, str *out) {
  if (m->sig.p_bits > 16)
    return false;
  for (uint32_t i = 0; i < cells(m); i++)
    add_word((uint32_t)m->table[i], 2, out);
  return true;
}

void mul_table_header(const mul *m, str *out) {
  const char *type = m->sig.p_bits > 16 ? "int32_t" : m->sig.p_signed ? "int16_t" : "uint16_t";
  uint32_t rows = 1u << m->sig.a_bits, columns = 1u << m->sig.b_bits;
  str_printf(out, "#include <stdint.h>\n\nconst %s lut [%u][%u] = {", type, rows, columns);
  for (uint32_t i = 0; i < cells(m); i++)
    str_printf(out, "%s%d%s", i % columns ? ", " : "{", m->table[i],
               (i + 1) % columns   ? ""
               : i + 1 == cells(m) ? "}};\n"
                                   : "},\n");
}

void mul_table_npy(const mul *m, str *out) {
  char shape[32];
  snprintf(shape, sizeof shape, "%u, %u", 1u << m->sig.a_bits, 1u << m->sig.b_bits);
  npy_header("<i4", shape, out);
  for (uint32_t i = 0; i < cells(m); i++)
    add_word((uint32_t)m->table[i], 4, out);
}

void mul_table_hex(const mul *m, str *out) {
  uint32_t mask = m->sig.p_bits == 32 ? ~0u : (1u << m->sig.p_bits) - 1;
  for (uint32_t i = 0; i < cells(m); i++)
    str_printf(out, "%x\n", (uint32_t)m->table[i] & mask);
}

static bool as_bin(const mul *m, str *out, diag *d) {
  return mul_table_bin(m, out) ||
         diag_error(d, "%s: its products take %d bits, TFApprox's words have 16; npy or hex takes it", m->name,
                    m->sig.p_bits);
}
static bool as_header(const mul *m, str *out, diag *d) { return (void)d, mul_table_header(m, out), true; }
static bool as_npy(const mul *m, str *out, diag *d) { return (void)d, mul_table_npy(m, out), true; }
static bool as_hex(const mul *m, str *out, diag *d) { return (void)d, mul_table_hex(m, out), true; }
static bool as_c(const mul *m, str *out, diag *d) { return (void)d, mul_c_model(m, out), true; }

bool mul_format(const mul *m, const char *format, str *out, diag *d) {
  static const struct {
    const char *name;
    bool table; // needs one
    bool (*write)(const mul *, str *, diag *);
  } FORMATS[] = {
      {"bin", true, as_bin}, {"h", true, as_header}, {"npy", true, as_npy}, {"hex", true, as_hex}, {"c", false, as_c}};
  size_t k = 0;
  while (k < BASE_COUNT(FORMATS) && strcmp(FORMATS[k].name, format) != 0)
    k++;
  if (k == BASE_COUNT(FORMATS))
    return diag_error(d, "format %s: expected bin, h, npy, hex or c", format);
  if (FORMATS[k].table && !m->table)
    return diag_error(d, "%s: its product table has 2^%d entries; format %s writes up to 2^16", m->name,
                      m->sig.a_bits + m->sig.b_bits, format);
  return FORMATS[k].write(m, out, d);
}
