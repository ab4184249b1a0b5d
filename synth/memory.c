// SPDX-License-Identifier: Apache-2.0
#include "synth/memory.h"

#include <math.h>

static double power(const memory_power *p, double words, double bits) {
  return p->scale * pow(words, p->words) * pow(bits, p->bits);
}

// As macros in rows and columns: a word's bits are spread over the columns, and lie in one of the rows.
static memory_cost macros(const memory_model *m, int64_t width, int64_t depth) {
  int64_t columns = div_ceil(width, m->bits[1]), rows = div_ceil(depth, m->words[1]);
  double words = (double)clamp64(div_ceil(depth, rows), m->words[0], m->words[1]);
  double bits = (double)clamp64(div_ceil(div_ceil(width, columns), 8) * 8, m->bits[0], m->bits[1]); // whole bytes
  double all = (double)columns * (double)rows;
  return (memory_cost){.macros = columns * rows,
                       .area = all * power(&m->area, words, bits),
                       .leakage = all * power(&m->leakage, words, bits),
                       .read = (double)columns * power(&m->read, words, bits),
                       .write = (double)columns * power(&m->write, words, bits)};
}

memory_cost memory_estimate(const memory_model *m, memory_kind kind, int64_t width, int64_t depth) {
  memory_cost sram = macros(m, width, depth);
  if (kind == MEMORY_ROM) {
    sram.area *= m->rom_area;
    sram.leakage *= m->rom_area;
    sram.read *= m->rom_read;
    sram.write = 0;
    return sram;
  }
  double bits = (double)width * (double)depth, area = bits * m->register_area;
  if (bits >= (double)m->from_bits && area > sram.area)
    return sram;
  double word = (double)width * m->register_access;
  return (memory_cost){.registers = true, .area = area, .read = word, .write = word};
}
