/* SPDX-License-Identifier: Apache-2.0
 *
 * A host for the tile in portable C99: program in, image in, run, logits out. Copied beside a network's axgen_network.h
 * by `axgen rtl`; `axgen sim --axi` runs this very code against the Verilog.
 */
#ifndef AXGEN_HOST_H
#define AXGEN_HOST_H

#include "axgen_network.h"

#include <stdint.h>

/* Registers, bytes from the slave's base address. */
#define AXGEN_CONTROL 0x00u /* write: start, [15:0] first launch, [31:16] how many; read: see below */
#define AXGEN_CYCLES 0x04u /* read: cycles since the start */
#define AXGEN_LAUNCH 0x08u /* read: the launch that runs */
#define AXGEN_IRQ 0x0cu /* bit 0: a run has ended; cleared by writing 1 */
#define AXGEN_ERROR 0x10u /* AXGEN_READ_SLVERR ..., cleared by writing 1 */
#define AXGEN_ERROR_AT 0x14u /* read: where in the tile's memory the first error was */
#define AXGEN_BASE_LOW 0x18u /* the memory's address on the tile's bus, a multiple of 4096 */
#define AXGEN_BASE_HIGH 0x1cu /* its upper 32 bits */
#define AXGEN_PROGRAM 0x100000u
#define AXGEN_DESCRIPTORS 0x200000u

#define AXGEN_BUSY 1u /* in AXGEN_CONTROL */

#define AXGEN_READ_SLVERR 1u
#define AXGEN_READ_DECERR 2u
#define AXGEN_WRITE_SLVERR 4u
#define AXGEN_WRITE_DECERR 8u

#define AXGEN_PIXELS (AXGEN_IN_CHANNELS * AXGEN_IN_HEIGHT * AXGEN_IN_WIDTH)
#define AXGEN_LOGITS (AXGEN_OUT_CHANNELS * AXGEN_OUT_HEIGHT * AXGEN_OUT_WIDTH)

/* The platform provides these two: a register of the tile. An access must have reached the tile before the next one
 * and, for a start, after all writes to memory (on cached memory: flush before axgen_run, invalidate before
 * axgen_logits). */
uint32_t axgen_read(uint32_t offset);
void axgen_write(uint32_t offset, uint32_t value);

/* Once: tells the tile where its memory is on its bus, writes program and descriptors, puts the constants (the file
 * program/constants.bin, AXGEN_CONSTANT_BYTES) into the memory (AXGEN_MEMORY_BYTES). Nothing else of it need be set. */
void axgen_load(volatile uint8_t *memory, uint64_t bus_address, const uint8_t *constants);

/* Before each run: AXGEN_PIXELS pixels 0..255 in the order [channel][row][column]. */
void axgen_image(volatile uint8_t *memory, const uint8_t *pixels);

/* Runs the network on the image; returns the bits of AXGEN_ERROR, 0 where all went well. */
uint32_t axgen_run(void);

/* A part of it: launches [first, first + count). */
uint32_t axgen_run_launches(uint32_t first, uint32_t count);

/* After a run: AXGEN_LOGITS values, in the order [channel][row][column]. */
void axgen_logits(const volatile uint8_t *memory, int32_t *logits);

#endif
