/* SPDX-License-Identifier: Apache-2.0 */
#include "axgen_host.h"

#include <stddef.h>

static void words(uint32_t offset, const uint32_t *from, size_t count) {
  size_t i;
  for (i = 0; i < count; i++)
    axgen_write(offset + 4u * (uint32_t)i, from[i]);
}

void axgen_load(volatile uint8_t *memory, uint64_t bus_address, const uint8_t *constants) {
  size_t i, bytes = AXGEN_CONSTANT_BYTES;
  axgen_write(AXGEN_BASE_LOW, (uint32_t)bus_address);
  axgen_write(AXGEN_BASE_HIGH, (uint32_t)(bus_address >> 32));
  words(AXGEN_PROGRAM, axgen_program, sizeof axgen_program / sizeof *axgen_program);
  words(AXGEN_DESCRIPTORS, axgen_descriptors, sizeof axgen_descriptors / sizeof *axgen_descriptors);
  for (i = 0; i < bytes; i++)
    memory[AXGEN_CONSTANT_BASE + i] = constants[i];
}

/* The border is written for every image: later layers use the same memory. */
void axgen_image(volatile uint8_t *memory, const uint8_t *pixels) {
  size_t c, y, x, i;
  for (i = 0; i < AXGEN_IN_BYTES; i++)
    memory[AXGEN_IN_BASE + i] = AXGEN_IN_ZERO;
  for (c = 0; c < AXGEN_IN_CHANNELS; c++)
    for (y = 0; y < AXGEN_IN_HEIGHT; y++)
      for (x = 0; x < AXGEN_IN_WIDTH; x++)
        memory[AXGEN_IN_FIRST_PIXEL + y * AXGEN_IN_ROW_BYTES + x * AXGEN_IN_PIXEL_BYTES + c] =
            axgen_code_of_pixel[*pixels++];
}

uint32_t axgen_run_launches(uint32_t first, uint32_t count) {
  axgen_write(AXGEN_ERROR, 0xfu);
  axgen_write(AXGEN_CONTROL, count << 16 | first);
  while (axgen_read(AXGEN_CONTROL) & AXGEN_BUSY) {
  }
  return axgen_read(AXGEN_ERROR);
}

uint32_t axgen_run(void) { return axgen_run_launches(0, AXGEN_LAUNCHES); }

void axgen_logits(const volatile uint8_t *memory, int32_t *logits) {
  size_t c, y, x, i;
  for (c = 0; c < AXGEN_OUT_CHANNELS; c++)
    for (y = 0; y < AXGEN_OUT_HEIGHT; y++)
      for (x = 0; x < AXGEN_OUT_WIDTH; x++) {
        const volatile uint8_t *at = memory + AXGEN_OUT_FIRST_PIXEL + y * AXGEN_OUT_ROW_BYTES +
                                     x * AXGEN_OUT_PIXEL_BYTES + c * AXGEN_OUT_VALUE_BYTES;
        int64_t value = 0;
        for (i = 0; i < AXGEN_OUT_VALUE_BYTES; i++)
          value += (int64_t)at[i] << 8 * i;
        if (AXGEN_OUT_SIGNED && at[AXGEN_OUT_VALUE_BYTES - 1] & 0x80)
          value -= (int64_t)1 << 8 * AXGEN_OUT_VALUE_BYTES;
        *logits++ = (int32_t)value;
      }
}
