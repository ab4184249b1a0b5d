// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_cv: a compute vector: 8 PEs with their multipliers, the wavefronts' issue, the memory unit.
//
// Function    Runs wavefronts of 64 lanes: lane i on PE i % 8 in phase i / 8. Keeps the lanes' active bits.
// Latency     as in axgen_fgpu_issue, axgen_fgpu_pe and axgen_fgpu_mem, which this connects.
// Throughput  one instruction in 8 cycles.
// Handshake   start: see axgen_fgpu_issue; p_*: see axgen_fgpu_mem.
// Legal       CV 0..7; DOT4 1: four multipliers a PE; the rest as in the parts.
`default_nettype none
`include "fgpu_isa.vh"

module axgen_fgpu_cv #(
    parameter CV          = 0,
    parameter DOT4        = 0,
    parameter SLOTS       = 8,
    parameter LINES       = 256,
    parameter LOCAL_BYTES = 4096,
    parameter ADDR_W      = 24,
    parameter PC_W        = 12
) (
    input  wire              clk,
    input  wire              rst,
    input  wire              flush,
    input  wire              start,
    input  wire [PC_W-1:0]   start_pc,
    input  wire [15:0]       start_group0,
    input  wire [15:0]       start_group1,
    input  wire [15:0]       groups0,
    input  wire [15:0]       groups1,
    output wire              free,
    output wire              idle,
    output wire [PC_W-1:0]   code_addr,
    input  wire [31:0]       code_word,
    output wire [3:0]        desc_index,
    input  wire [31:0]       desc_word,
    output wire              p_valid,
    input  wire              p_ready,
    output wire              p_write,
    output wire [ADDR_W-6:0] p_line,
    output wire [255:0]      p_wdata,
    output wire [31:0]       p_wstrb,
    input  wire              p_rvalid,
    input  wire [255:0]      p_rdata
);

    localparam SLOT_W = $clog2(SLOTS);

    wire              r_valid, r_all_on, mem_room, mem_reserve, mem_done, issue_idle, mem_idle, x_any;
    wire [2:0]        r_phase, n_phase;
    wire [SLOT_W-1:0] r_slot, n_slot, ld_slot;
    wire [31:0]       r_word, r_imm;

    axgen_fgpu_issue #(.SLOTS(SLOTS), .PC_W(PC_W), .FIRST((8 - CV) % 8)) u_issue (
        .clk(clk), .rst(rst),
        .start(start), .start_pc(start_pc), .start_group0(start_group0), .start_group1(start_group1),
        .groups0(groups0), .groups1(groups1), .free(free), .idle(issue_idle),
        .code_addr(code_addr), .code_word(code_word), .desc_index(desc_index), .desc_word(desc_word),
        .n_phase(n_phase), .n_slot(n_slot), .mem_room(mem_room), .mem_reserve(mem_reserve), .mem_done(mem_done), .mem_done_slot(ld_slot),
        .r_valid(r_valid), .r_phase(r_phase), .r_slot(r_slot), .r_word(r_word), .r_imm(r_imm), .r_all_on(r_all_on),
        .x_any(x_any)
    );

    // ---- decode
    wire [5:0] op      = r_word[31:26];
    wire       is_alu  = !op[5];
    wire       is_work = (op >= `FGPU_LANE);
    wire       is_mem  = (op >= `FGPU_LB) && (op <= `FGPU_SW);
    wire       dot     = (DOT4 != 0) && (op == `FGPU_DOT4);
    wire       macc    = (op == `FGPU_MACC) || dot;
    wire       accb    = (op == `FGPU_ACCB);
    wire       accbu   = (op == `FGPU_ACCBU);
    wire       rq      = (op == `FGPU_RQ);
    wire       use_imm = is_mem || is_work || (is_alu && op[4]);
    wire [3:0] fn      = is_alu ? op[3:0] : 4'd0;
    wire       writes  = is_alu || is_work || macc || accb || accbu || rq;

    // ---- active bits, addressed a cycle before stage R
    reg               x_exec;
    reg  [SLOT_W-1:0] x_slot;
    reg  [2:0]        x_phase;
    wire [7:0]        kept, x_nonzero;
    axgen_ram #(.WIDTH(8), .DEPTH(SLOTS*8)) u_exec (
        .clk(clk), .we(x_exec), .waddr({x_slot, x_phase}), .wdata(x_nonzero), .re(1'b1),
        .raddr({n_slot, n_phase}), .rdata(kept)
    );
    wire [7:0] on = r_all_on ? 8'hff : kept;

    // ---- the pipeline's controls beside the PEs
    reg               x_mem, x_writes, y_writes, w_writes;
    reg  [31:0]       x_imm;
    reg  [7:0]        x_on, y_on, w_on;
    reg  [4:0]        x_rd, y_rd, w_rd;
    reg  [2:0]        y_phase, w_phase;
    reg  [SLOT_W-1:0] y_slot, w_slot;
    reg  [5:0]        x_op;
    reg  [1:0]        x_flags;
    always @(posedge clk) begin
        x_exec   <= !rst && r_valid && (op == `FGPU_EXEC);
        x_mem    <= !rst && r_valid && is_mem;
        x_writes <= !rst && r_valid && writes && (r_word[25:21] != 5'd0);
        x_on     <= on;
        x_rd     <= r_word[25:21];
        x_slot   <= r_slot;
        x_phase  <= r_phase;
        x_op     <= op;
        x_flags  <= r_word[15:14];
        x_imm    <= r_imm;
        y_writes <= x_writes && !rst;
        y_on     <= x_on;
        y_rd     <= x_rd;
        y_slot   <= x_slot;
        y_phase  <= x_phase;
        w_writes <= y_writes && !rst;
        w_on     <= y_on;
        w_rd     <= y_rd;
        w_slot   <= y_slot;
        w_phase  <= y_phase;
    end
    assign x_any = |(x_on & x_nonzero);

    // ---- PEs
    wire [8*ADDR_W-1:0] x_addr;
    wire [255:0]        x_data, w_result, ld_data;
    wire                ld_valid;
    wire [2:0]          ld_phase;
    wire [4:0]          ld_rd;
    wire [7:0]          ld_mask;
    localparam MULS = (DOT4 != 0) ? 4 : 1;
    reg    x_dot;
    always @(posedge clk)
        x_dot <= dot;
    genvar g, m;
    generate
        if (DOT4 == 0) begin : g_no_dot
            wire unused = &{1'b0, x_dot};
        end
        for (g = 0; g < 8; g = g + 1) begin : g_pe
            wire [31:0] address, product;
            wire [8*MULS-1:0]   mul_a, mul_b;
            wire [32*MULS-1:0]  products;
            for (m = 0; m < MULS; m = m + 1) begin : g_mul
                axgen_fgpu_mul #(.CV(CV), .PE(g)) u_mul (
                    .a(mul_a[8*m +: 8]), .b(mul_b[8*m +: 8]), .p(products[32*m +: 32])
                );
            end
            if (DOT4 != 0) begin : g_sum
                wire signed [31:0] p0 = products[31:0], p1 = products[63:32], p2 = products[95:64], p3 = products[127:96];
                assign product = x_dot ? (p0 + p1) + (p2 + p3) : p0;
            end else begin : g_one
                assign product = products;
            end
            axgen_fgpu_pe #(.SLOTS(SLOTS), .DOT4(DOT4)) u_pe (
                .clk(clk), .number(g[2:0]), .mul_a(mul_a), .mul_b(mul_b), .product(product),
                .r_slot(r_slot), .r_phase(r_phase), .r_rd(r_word[25:21]), .r_rs(r_word[20:16]), .r_rt(r_word[15:11]),
                .r_low(r_word[5:0]), .r_use_imm(use_imm), .r_use_lane(op == `FGPU_LANE), .r_fn(fn),
                .r_macc(macc), .r_accb(accb), .r_accbu(accbu), .r_rq(rq), .r_on(r_valid && macc && on[g]),
                .r_dot_on(r_valid && dot && on[g]),
                .x_imm(x_imm), .x_phase(x_phase), .x_address(address), .x_data(x_data[32*g +: 32]), .x_nonzero(x_nonzero[g]),
                .w_we(w_writes && w_on[g]), .w_slot(w_slot), .w_phase(w_phase), .w_rd(w_rd),
                .w_result(w_result[32*g +: 32]),
                .m_we(ld_valid && !w_writes && ld_mask[g]), .m_slot(ld_slot), .m_phase(ld_phase), .m_rd(ld_rd),
                .m_data(ld_data[32*g +: 32])
            );
            assign x_addr[ADDR_W*g +: ADDR_W] = address[ADDR_W-1:0];
            if (ADDR_W < 32) begin : g_high
                wire unused = &{1'b0, address[31:ADDR_W]};
            end
        end
    endgenerate

    axgen_fgpu_mem #(.SLOTS(SLOTS), .LINES(LINES), .LOCAL_BYTES(LOCAL_BYTES), .ADDR_W(ADDR_W)) u_mem (
        .clk(clk), .rst(rst), .flush(flush), .idle(mem_idle), .room(mem_room), .reserve(mem_reserve),
        .in_valid(x_mem), .in_op(x_op), .in_local(x_flags[1]), .in_wait(!x_flags[0]), .in_slot(x_slot),
        .in_phase(x_phase), .in_rd(x_rd), .in_mask(x_on), .in_addr(x_addr), .in_data(x_data),
        .w_valid(ld_valid), .w_ready(!w_writes), .w_slot(ld_slot), .w_phase(ld_phase), .w_rd(ld_rd), .w_mask(ld_mask),
        .w_data(ld_data), .w_done(mem_done),
        .p_valid(p_valid), .p_ready(p_ready), .p_write(p_write), .p_line(p_line), .p_wdata(p_wdata), .p_wstrb(p_wstrb),
        .p_rvalid(p_rvalid), .p_rdata(p_rdata)
    );
    assign idle = issue_idle && mem_idle;

    wire unused_word = &{1'b0, r_word[10:6]};

`ifdef AXGEN_TRACE
    wire [PC_W-1:0] trace_pc = u_issue.pc[r_slot] - 1'b1;
    axgen_fgpu_trace #(.CV(CV)) u_trace (
        .clk(clk), .rst(rst), .flush(flush), .r_valid(r_valid), .r_phase(r_phase),
        .r_pc({{(16-PC_W){1'b0}}, trace_pc}), .group0(u_issue.group0[r_slot]), .group1(u_issue.group1[r_slot]),
        .w_we(w_writes), .w_phase(w_phase), .w_rd(w_rd), .w_mask(w_on), .w_data(w_result),
        .ld_we(ld_valid && !w_writes), .ld_phase(ld_phase), .ld_rd(ld_rd), .ld_mask(ld_mask), .ld_data(ld_data),
        .ld_group0(u_issue.group0[ld_slot]), .ld_group1(u_issue.group1[ld_slot])
    );
    // The ports inside, in the tests that trace; data of lanes that are off do not count.
    wire [255:0] ld_bytes;
    generate
        for (g = 0; g < 8; g = g + 1) begin : g_on
            assign ld_bytes[32*g +: 32] = {32{ld_mask[g]}};
        end
    endgenerate
    axgen_stable #(.WIDTH(1 + ADDR_W-5 + 256 + 32), .NAME("p_write, p_line, p_wdata, p_wstrb")) u_stable_p (
        .clk(clk), .rst(rst), .valid(p_valid), .ready(p_ready), .data({p_write, p_line, p_wdata, p_wstrb})
    );
    axgen_stable #(.WIDTH(SLOT_W + 3 + 5 + 8 + 256), .NAME("ld_slot, ld_phase, ld_rd, ld_mask, ld_data")) u_stable_ld (
        .clk(clk), .rst(rst), .valid(ld_valid), .ready(!w_writes),
        .data({ld_slot, ld_phase, ld_rd, ld_mask, ld_data & ld_bytes})
    );
`else
    wire unused_result = &{1'b0, w_result};
`endif

endmodule

`default_nettype wire
