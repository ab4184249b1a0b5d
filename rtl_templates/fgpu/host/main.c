/* SPDX-License-Identifier: Apache-2.0
 *
 * An example on a processor that sees registers and memory at fixed addresses:
 *   cc -std=c99 -DAXGEN_REGISTERS=0xa0000000 -DAXGEN_MEMORY=0x70000000 main.c axgen_host.c
 * usage: PROGRAM constants.bin IMAGE      IMAGE: AXGEN_PIXELS bytes; prints the logits, one a line
 */
#include "axgen_host.h"

#include <stdio.h>

#ifndef AXGEN_REGISTERS
#define AXGEN_REGISTERS 0xa0000000 /* of the AXI4-Lite slave, as the processor sees it */
#endif
#ifndef AXGEN_MEMORY
#define AXGEN_MEMORY 0x70000000 /* AXGEN_MEMORY_BYTES, a multiple of 4096, not cached */
#endif
#ifndef AXGEN_MEMORY_ON_BUS
#define AXGEN_MEMORY_ON_BUS AXGEN_MEMORY /* the same memory as the tile's master sees it */
#endif

uint32_t axgen_read(uint32_t offset) { return *(volatile uint32_t *)(uintptr_t)(AXGEN_REGISTERS + offset); }

void axgen_write(uint32_t offset, uint32_t value) {
  *(volatile uint32_t *)(uintptr_t)(AXGEN_REGISTERS + offset) = value;
}

static uint8_t constants[AXGEN_CONSTANT_BYTES + 1];
static uint8_t pixels[AXGEN_PIXELS];
static int32_t logits[AXGEN_LOGITS];

static int read_file(const char *name, uint8_t *to, size_t bytes) {
  FILE *f = fopen(name, "rb");
  size_t got = f ? fread(to, 1, bytes, f) : 0;
  if (f)
    fclose(f);
  if (!f || got != bytes)
    fprintf(stderr, "%s: %lu bytes were expected\n", name, (unsigned long)bytes);
  return f && got == bytes;
}

int main(int argc, char **argv) {
  volatile uint8_t *memory = (volatile uint8_t *)(uintptr_t)AXGEN_MEMORY;
  uint32_t error;
  size_t i;
  if (argc != 3) {
    fprintf(stderr, "usage: %s constants.bin IMAGE\n", argc ? argv[0] : "main");
    return 2;
  }
  if (!read_file(argv[1], constants, AXGEN_CONSTANT_BYTES) || !read_file(argv[2], pixels, AXGEN_PIXELS))
    return 1;
  axgen_load(memory, (uint64_t)AXGEN_MEMORY_ON_BUS, constants);
  axgen_image(memory, pixels);
  error = axgen_run();
  if (error) {
    fprintf(stderr, "bus errors 0x%x, the first at 0x%lx of the tile's memory\n", (unsigned)error,
            (unsigned long)axgen_read(AXGEN_ERROR_AT));
    return 1;
  }
  axgen_logits(memory, logits);
  for (i = 0; i < AXGEN_LOGITS; i++)
    printf("%ld\n", (long)logits[i]);
  return 0;
}
