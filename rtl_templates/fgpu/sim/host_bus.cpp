// SPDX-License-Identifier: Apache-2.0
//
// The bus between the C host (axgen_host.c, unchanged) and tb_fgpu_device under Verilator: axgen_read and axgen_write are
// accesses to the AXI4-Lite slave, the host's memory is the Verilog's. Runs the commands of script.txt:
//   0 FIRST COUNT            axgen_run_launches; logs `run FIRST COUNT CYCLES READS WRITES` as tb_fgpu does
//   1 LINE COUNT             lines of memory to output.hex
//   4 0 PIXELS               axgen_image of the bytes that follow, decimal
//   5 0 0                    axgen_logits to logits.txt
//   9 0 0                    end
// Files in the working folder: script.txt, constants.bin; output.hex, logits.txt, log.txt. All of memory holds 0xa5 at first,
// so that a host which forgets to write something is found. Plusargs: those of tb_fgpu_device, and +timeout=CYCLES of a run.
#include "Vtb.h"
#include "Vtb___024root.h"
#include "verilated.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

extern "C" {
#include "axgen_host.h"
}

static std::unique_ptr<VerilatedContext> context;
static std::unique_ptr<Vtb> tb;
static FILE *log_file;
static uint64_t cycle, deadline = UINT64_MAX, timeout = 100000000;
static const uint64_t BUS_ADDRESS = 0x7612345000; // tb_fgpu_device's BASE

// A word of 256 bits is eight words of 32, the lowest first: on a little-endian machine the bytes of the memory in order.
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the memory is used in place");
static volatile uint8_t *memory()
{
	return reinterpret_cast<volatile uint8_t *>(&tb->rootp->tb_fgpu_device__DOT__memory__DOT__memory[0]);
}

[[noreturn]] static void stop(const char *why)
{
	if (why)
		std::fprintf(log_file, "error %s\n", why);
	std::fclose(log_file);
	tb->final();
	std::exit(0);
}

static void tick()
{
	tb->clk = 0;
	tb->eval();
	context->timeInc(5);
	tb->clk = 1;
	tb->eval();
	context->timeInc(5);
	cycle++;
	if (context->gotFinish())
		stop(nullptr); // a check has said why
	if (cycle > deadline)
		stop("timeout");
}

static uint32_t bus_access(bool write, uint32_t offset, uint32_t value)
{
	tb->go = 1;
	tb->write = write;
	tb->addr = offset;
	tb->data = value;
	tick();
	tb->go = 0;
	while (!tb->done)
		tick();
	if (tb->response)
		stop("a register access was refused");
	return tb->answer;
}

extern "C" uint32_t axgen_read(uint32_t offset) { return bus_access(false, offset, 0); }
extern "C" void axgen_write(uint32_t offset, uint32_t value) { bus_access(true, offset, value); }

static std::vector<uint8_t> read_constants()
{
	std::vector<uint8_t> bytes(AXGEN_CONSTANT_BYTES + 1);
	FILE *f = std::fopen("constants.bin", "rb");
	if (!f || std::fread(bytes.data(), 1, AXGEN_CONSTANT_BYTES, f) != AXGEN_CONSTANT_BYTES)
		stop("constants.bin is short");
	std::fclose(f);
	return bytes;
}

static void run(unsigned first, unsigned count)
{
	uint32_t reads = tb->reads, writes = tb->writes;
	deadline = cycle + timeout;
	if (axgen_run_launches(first, count))
		stop("the bus answered with an error");
	deadline = UINT64_MAX;
	if (!tb->quiet || !tb->irq)
		stop("the tile is not busy, but has not ended");
	// 256 bits a beat; the tile's own count, so that the host's polling does not matter
	std::fprintf(log_file, "run %u %u %u %u %u\n", first, count, axgen_read(AXGEN_CYCLES), tb->reads - reads,
		     tb->writes - writes);
}

static void dump(FILE *out, unsigned line, unsigned count)
{
	for (; count; count--, line++) {
		for (int i = 31; i >= 0; i--)
			std::fprintf(out, "%02x", memory()[32 * (size_t)line + i]);
		std::fprintf(out, "\n");
	}
}

static void image(FILE *script, unsigned count)
{
	std::vector<uint8_t> pixels(AXGEN_PIXELS);
	if (count != pixels.size())
		stop("the image has another size");
	for (uint8_t &p : pixels) {
		unsigned v;
		if (std::fscanf(script, "%u", &v) != 1)
			stop("the script is short");
		p = (uint8_t)v;
	}
	axgen_image(memory(), pixels.data());
}

static void logits(FILE *out)
{
	std::vector<int32_t> values(AXGEN_LOGITS);
	axgen_logits(memory(), values.data());
	for (int32_t v : values)
		std::fprintf(out, "%ld\n", (long)v);
}

int main(int argc, char **argv)
{
	context = std::make_unique<VerilatedContext>();
	context->commandArgs(argc, argv);
	for (int i = 1; i < argc; i++)
		if (!std::strncmp(argv[i], "+timeout=", 9))
			timeout = std::strtoull(argv[i] + 9, nullptr, 10);
	tb = std::make_unique<Vtb>(context.get());
	log_file = std::fopen("log.txt", "w");
	FILE *script = std::fopen("script.txt", "r"), *output = std::fopen("output.hex", "w"), *values = std::fopen("logits.txt", "w");
	if (!log_file || !script || !output || !values)
		return 1;
	tb->go = 0;
	while (!tb->up)
		tick();
	for (size_t i = 0; i < AXGEN_MEMORY_BYTES; i++)
		memory()[i] = 0xa5;
	axgen_load(memory(), BUS_ADDRESS, read_constants().data());
	unsigned command, first, count;
	while (std::fscanf(script, "%u %u %u", &command, &first, &count) == 3 && command != 9)
		switch (command) {
		case 0: run(first, count); break;
		case 1: dump(output, first, count); break;
		case 4: image(script, count); break;
		default: logits(values);
		}
	std::fclose(output);
	std::fclose(values);
	std::fprintf(log_file, "done\n");
	stop(nullptr);
}
