// SPDX-License-Identifier: Apache-2.0
//
// The clock for a testbench with one input `clk` under Verilator:
//   verilator --cc --exe --build --prefix Vtb --top-module tb_dataflow -GIN_W=8 -GOUT_W=8 ... sim/tb_dataflow.v sim/main.cpp
// The program takes the testbench's plusargs and ends with its $finish. Built with --trace-fst or --trace it also takes
// +waves=FILE, for waveforms, and +waves_most=BYTES, beyond which the file grows no further.
#include "Vtb.h"
#include "verilated.h"

#if VM_TRACE && VM_TRACE_FST
#include "verilated_fst_c.h"
typedef VerilatedFstC waves_file;
#elif VM_TRACE
#include "verilated_vcd_c.h"
typedef VerilatedVcdC waves_file;
#endif

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <sys/stat.h>

// Writes down all signals, where the program was built so and is asked to.
class waves {
#if VM_TRACE
	waves_file file;
	std::string name;
	long most = 0;
	unsigned steps = 0;

	static std::string argument(VerilatedContext &context, const char *prefix)
	{
		std::string found = context.commandArgsPlusMatch(prefix);
		return found.empty() ? found : found.substr(found.find('=') + 1);
	}

public:
	void open(VerilatedContext &context, Vtb &tb)
	{
		name = argument(context, "waves=");
		most = std::atol(argument(context, "waves_most=").c_str());
		if (name.empty())
			return;
		tb.trace(&file, 99);
		file.open(name.c_str());
	}
	void step(const VerilatedContext &context)
	{
		if (!file.isOpen())
			return;
		file.dump(context.time());
		struct stat s;
		if (most && ++steps % 512 == 0 && (file.flush(), stat(name.c_str(), &s) == 0) && s.st_size >= most) {
			file.close();
			std::printf("waves end at %llu\n", (unsigned long long)context.time());
		}
	}
	void close() { file.close(); }
#else
public:
	void open(VerilatedContext &, Vtb &) {}
	void step(const VerilatedContext &) {}
	void close() {}
#endif
};

int main(int argc, char **argv)
{
	auto context = std::make_unique<VerilatedContext>();
	context->commandArgs(argc, argv);
#if VM_TRACE
	context->traceEverOn(true);
#endif
	auto tb = std::make_unique<Vtb>(context.get());
	waves all;
	all.open(*context, *tb);

	tb->clk = 0;
	while (!context->gotFinish()) {
		tb->eval();
		all.step(*context);
		context->timeInc(5);
		tb->clk = !tb->clk;
	}
	tb->final();
	all.close();
	return 0;
}
