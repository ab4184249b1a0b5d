// SPDX-License-Identifier: Apache-2.0
//
// The clock for a testbench with one input `clk` under Verilator:
//   verilator --cc --exe --build --prefix Vtb --top-module tb_dataflow -GIN_W=8 -GOUT_W=8 ... sim/tb_dataflow.v sim/main.cpp
// The program takes the testbench's plusargs and ends with its $finish.
#include "Vtb.h"
#include "verilated.h"

#include <memory>

int main(int argc, char **argv)
{
	auto context = std::make_unique<VerilatedContext>();
	context->commandArgs(argc, argv);
	auto tb = std::make_unique<Vtb>(context.get());

	tb->clk = 0;
	while (!context->gotFinish()) {
		tb->eval();
		context->timeInc(5);
		tb->clk = !tb->clk;
	}
	tb->final();
	return 0;
}
