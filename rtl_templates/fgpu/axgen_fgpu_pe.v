// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_pe: one processing element: registers of its lanes, ALU, requantiser. Its multiplier stands beside it
// (axgen_fgpu_cv), so that all PEs are one module.
//
// Function    Each cycle takes one phase of the current instruction (r_*) and writes the lane's result. Three copies of the
//             register file give three reads; one write port serves results and loads (m_we, only when w_we is low).
//             r0 reads 0. The multiplier's operands change only for an active macc: otherwise they are held. With DOT4
//             there are four multipliers: macc uses the first, dot4 all of them.
// Latency     R: registers are addressed. X: ALU, products; x_* are valid for the memory unit, branches and exec. Y: accumulate,
//             round, shift. W: the register is written, 3 cycles after R.
// Throughput  one phase per cycle.
// Handshake   none.
// Legal       SLOTS a power of two, 2..16; DOT4 0 or 1.
`default_nettype none

module axgen_fgpu_pe #(
    parameter SLOTS  = 8,
    parameter DOT4   = 0,
    parameter SLOT_W = $clog2(SLOTS),
    parameter MULS   = (DOT4 != 0) ? 4 : 1
) (
    input  wire              clk,
    input  wire [2:0]        number,      // of the PE
    // the multipliers: operands in stage X, their product (dot4: the sum of all four) in the same cycle
    output wire [8*MULS-1:0] mul_a,
    output wire [8*MULS-1:0] mul_b,
    input  wire [31:0]       product,
    // stage R: one phase of an instruction
    input  wire [SLOT_W-1:0] r_slot,
    input  wire [2:0]        r_phase,
    input  wire [4:0]        r_rd,
    input  wire [4:0]        r_rs,
    input  wire [4:0]        r_rt,
    input  wire [5:0]        r_low,       // the word's low bits: bytes of macc, shift of rq
    input  wire              r_use_imm,   // second operand: x_imm
    input  wire              r_use_lane,  // second operand: the lane's number
    input  wire [3:0]        r_fn,        // ALU function
    input  wire              r_macc,
    input  wire              r_accb,
    input  wire              r_accbu,
    input  wire              r_rq,
    input  wire              r_on,        // a macc or dot4 of an active lane: the first multiplier takes new operands
    input  wire              r_dot_on,    // a dot4 of an active lane: all take new operands
    // stage X
    input  wire [31:0]       x_imm,
    input  wire [2:0]        x_phase,
    output wire [31:0]       x_address,
    output wire [31:0]       x_data,      // rd
    output wire              x_nonzero,   // rs
    // stage W, and loads
    input  wire              w_we,
    input  wire [SLOT_W-1:0] w_slot,
    input  wire [2:0]        w_phase,
    input  wire [4:0]        w_rd,
    output wire [31:0]       w_result,
    input  wire              m_we,
    input  wire [SLOT_W-1:0] m_slot,
    input  wire [2:0]        m_phase,
    input  wire [4:0]        m_rd,
    input  wire [31:0]       m_data
);

    localparam ADDR_W = SLOT_W + 8;

    generate
        if (SLOTS < 2 || SLOTS > 16 || SLOTS != 1 << SLOT_W || MULS != ((DOT4 != 0) ? 4 : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_pe illegal ();
        end
    endgenerate

    // ---- registers
    reg  [31:0]       w_data;
    wire              we    = w_we || m_we;
    wire [ADDR_W-1:0] waddr = w_we ? {w_slot, w_phase, w_rd} : {m_slot, m_phase, m_rd};
    wire [31:0]       wdata = w_we ? w_data : m_data;
    wire [31:0]       a_read, b_read, c_read;
    axgen_ram #(.WIDTH(32), .DEPTH(SLOTS*256)) u_a (
        .clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(1'b1), .raddr({r_slot, r_phase, r_rs}), .rdata(a_read)
    );
    axgen_ram #(.WIDTH(32), .DEPTH(SLOTS*256)) u_b (
        .clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(1'b1), .raddr({r_slot, r_phase, r_rt}), .rdata(b_read)
    );
    axgen_ram #(.WIDTH(32), .DEPTH(SLOTS*256)) u_c (
        .clk(clk), .we(we), .waddr(waddr), .wdata(wdata), .re(1'b1), .raddr({r_slot, r_phase, r_rd}), .rdata(c_read)
    );

    function [7:0] byte_of(input [31:0] word, input [1:0] which);
        case (which)
            2'd0: byte_of = word[7:0];
            2'd1: byte_of = word[15:8];
            2'd2: byte_of = word[23:16];
            default: byte_of = word[31:24];
        endcase
    endfunction

    // ---- R to X
    reg        x_no_a, x_no_rt, x_no_c;  // r0
    wire [31:0] x_a  = x_no_a ? 32'd0 : a_read;
    wire [31:0] x_rt = x_no_rt ? 32'd0 : b_read;
    wire [31:0] x_c  = x_no_c ? 32'd0 : c_read;
    reg [3:0]  x_fn;
    reg [5:0]  x_low;
    reg        x_macc, x_accb, x_accbu, x_rq, x_on, x_use_imm, x_use_lane;
    always @(posedge clk) begin
        x_no_a  <= (r_rs == 5'd0);
        x_no_rt <= (r_rt == 5'd0);
        x_no_c  <= (r_rd == 5'd0);
        x_fn    <= r_fn;
        x_low   <= r_low;
        x_macc  <= r_macc;
        x_accb  <= r_accb;
        x_accbu <= r_accbu;
        x_rq    <= r_rq;
        x_on    <= r_on;
        x_use_imm <= r_use_imm;
        x_use_lane <= r_use_lane;
    end

    // ---- X: operands; those of the multiplier are held where it has nothing to do
    wire [31:0] x_b = x_use_lane ? {26'd0, x_phase, number} : x_use_imm ? x_imm : x_rt;
    wire [7:0]  x_byte = byte_of(x_a, x_low[1:0]);
    reg  [8*MULS-1:0] held_a, held_b;
    assign mul_a[7:0] = x_on ? x_byte : held_a[7:0];
    assign mul_b[7:0] = x_on ? byte_of(x_rt, x_low[3:2]) : held_b[7:0];
    always @(posedge clk) begin
        held_a <= mul_a;
        held_b <= mul_b;
    end
    generate
        if (DOT4 != 0) begin : g_dot
            reg x_dot_on;
            always @(posedge clk)
                x_dot_on <= r_dot_on;
            assign mul_a[8*MULS-1:8] = x_dot_on ? x_a[31:8] : held_a[8*MULS-1:8];
            assign mul_b[8*MULS-1:8] = x_dot_on ? x_rt[31:8] : held_b[8*MULS-1:8];
        end else begin : g_one
            wire unused = &{1'b0, r_dot_on};
        end
    endgenerate

    // ---- X to Y
    wire signed [31:0] sa = x_a;
    wire signed [31:0] sb = x_b;
    wire               less = sa < sb;
    wire signed [31:0] clamp_lo = {{16{x_b[15]}}, x_b[15:0]};
    wire signed [31:0] clamp_hi = {{16{x_b[31]}}, x_b[31:16]};
    wire [31:0]        sum = x_a + x_b;
    reg  [31:0]        alu;
    always @* begin
        case (x_fn)
            4'd0: alu = sum;
            4'd1: alu = x_a - x_b;
            4'd2: alu = x_a & x_b;
            4'd3: alu = x_a | x_b;
            4'd4: alu = x_a ^ x_b;
            4'd5: alu = x_a << x_b[4:0];
            4'd6: alu = x_a >> x_b[4:0];
            4'd7: alu = sa >>> x_b[4:0];
            4'd8: alu = {31'd0, less};
            4'd9: alu = {31'd0, x_a < x_b};
            4'd10: alu = less ? x_a : x_b;
            4'd11: alu = (sa > sb) ? x_a : x_b;
            4'd13: alu = (sa < clamp_lo) ? clamp_lo : (sa > clamp_hi) ? clamp_hi : x_a;
            default: alu = {x_b[15:0], 16'd0};
        endcase
        if (x_accb || x_accbu)
            alu = x_c + {{24{x_accb && x_byte[7]}}, x_byte};
    end

    wire signed [16:0] factor = {1'b0, x_b[15:0]};
    reg  signed [48:0] y_wide;
    reg  [31:0]        y_alu, y_product, y_c;
    reg  [5:0]         y_shift;
    reg                y_macc, y_rq, y_mul;
    always @(posedge clk) begin
        y_wide    <= sa * factor;
        y_alu     <= alu;
        y_product <= product;
        y_c       <= x_c;
        y_shift   <= x_low;
        y_macc    <= x_macc;
        y_rq      <= x_rq;
        y_mul     <= (x_fn == 4'd12);
    end
    assign x_address = sum;
    assign x_data    = x_c;
    assign x_nonzero = (x_a != 32'd0);

    // ---- Y to W
    wire signed [48:0] half    = 49'sd1 <<< (y_shift - 6'd1);
    wire signed [48:0] rounded = (y_wide + half) >>> y_shift;
    wire               fits    = (&rounded[48:23]) || !(|rounded[48:23]);
    wire [31:0]        rq      = fits ? rounded[31:0] : {{9{rounded[48]}}, {23{!rounded[48]}}};
    always @(posedge clk)
        w_data <= y_macc ? y_c + y_product : y_rq ? rq : y_mul ? y_wide[31:0] : y_alu;
    assign w_result = w_data;

endmodule

`default_nettype wire
