// SPDX-License-Identifier: Apache-2.0
//
// axt_icarus: the clock of the core tests under Icarus (under Verilator: rtl_templates/sim/main.cpp).
`default_nettype none

module axt_icarus;

    reg clk = 1'b0;
    always #5 clk = ~clk;

    tb u_tb (.clk(clk));

endmodule

`default_nettype wire
