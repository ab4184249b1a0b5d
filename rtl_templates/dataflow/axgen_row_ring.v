// SPDX-License-Identifier: Apache-2.0
//
// axgen_row_ring: position of a row in a line buffer of TH*GROUPS row slots, TH of them side by side in TH banks.
//
// Function    The slot is group*TH + phase: bank row `phase`, at address base = group*STRIDE of that bank. Every en advances
//             the slot by STEP rows, or by LAST_STEP when `last` is high, modulo TH*GROUPS. base_next is the base
//             after the step. Steps are constants: there is no division or modulo in hardware.
// Latency     base and phase are registered, base_next combinational behind them (and behind last).
// Throughput  one step per cycle.
// Handshake   none.
// Legal       TH, GROUPS, STRIDE >= 1; START, STEP, LAST_STEP >= 0; ADDR_W wide enough for GROUPS*STRIDE-1.
`default_nettype none

module axgen_row_ring #(
    parameter TH        = 1,
    parameter GROUPS    = 4,
    parameter STRIDE    = 1,
    parameter START     = 0,
    parameter STEP      = 1,
    parameter LAST_STEP = 1,
    parameter ADDR_W    = 2,
    parameter PHASE_W   = (TH > 1) ? $clog2(TH) : 1
) (
    input  wire               clk,
    input  wire               rst,
    input  wire               en,
    input  wire               last,
    output wire [PHASE_W-1:0] phase,
    output wire [ADDR_W-1:0]  base,
    output wire [ADDR_W-1:0]  base_next
);

    localparam ROWS = TH * GROUPS;
    // a step is (rows % TH) phases and (rows / TH) groups, one group more when the phase wraps
    localparam [31:0] PHASE_0 = (START % ROWS) % TH;
    localparam [31:0] PHASE_A = (STEP % ROWS) % TH;
    localparam [31:0] PHASE_B = (LAST_STEP % ROWS) % TH;
    localparam [31:0] BASE_0  = (START % ROWS) / TH * STRIDE;
    localparam [31:0] BASE_A  = (STEP % ROWS) / TH * STRIDE;
    localparam [31:0] BASE_B  = (LAST_STEP % ROWS) / TH * STRIDE;
    localparam [31:0] CARRY_A = BASE_A + STRIDE;
    localparam [31:0] CARRY_B = BASE_B + STRIDE;
    localparam [31:0] SIZE    = GROUPS * STRIDE;
    localparam [31:0] TH_32   = TH;

    generate
        if (TH < 1 || GROUPS < 1 || STRIDE < 1 || START < 0 || STEP < 0 || LAST_STEP < 0) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_row_ring illegal ();
        end
    endgenerate

    wire carry;

    generate
        if (PHASE_A == 0 && PHASE_B == 0) begin : g_fixed
            assign phase = PHASE_0[PHASE_W-1:0];
            assign carry = 1'b0;
        end else begin : g_phase
            reg  [PHASE_W-1:0] now;
            wire [PHASE_W:0]   sum  = {1'b0, now} + (last ? PHASE_B[PHASE_W:0] : PHASE_A[PHASE_W:0]);
            wire [PHASE_W-1:0] wrap = sum[PHASE_W-1:0] - TH_32[PHASE_W-1:0];
            assign phase = now;
            assign carry = (sum >= TH_32[PHASE_W:0]);
            always @(posedge clk)
                if (rst)
                    now <= PHASE_0[PHASE_W-1:0];
                else if (en)
                    now <= carry ? wrap : sum[PHASE_W-1:0];
        end
    endgenerate

    reg  [ADDR_W-1:0] at;
    wire [ADDR_W:0]   step = last ? (carry ? CARRY_B[ADDR_W:0] : BASE_B[ADDR_W:0])
                                  : (carry ? CARRY_A[ADDR_W:0] : BASE_A[ADDR_W:0]);
    wire [ADDR_W:0]   sum  = {1'b0, at} + step;
    wire [ADDR_W-1:0] wrap = sum[ADDR_W-1:0] - SIZE[ADDR_W-1:0];

    assign base      = at;
    assign base_next = (sum >= SIZE[ADDR_W:0]) ? wrap : sum[ADDR_W-1:0];

    always @(posedge clk)
        if (rst)
            at <= BASE_0[ADDR_W-1:0];
        else if (en)
            at <= base_next;

endmodule

`default_nettype wire
