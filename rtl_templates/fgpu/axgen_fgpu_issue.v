// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_issue: the wavefronts of a compute vector: their program counters, who is next, decoding.
//
// Function    Time goes in windows of 8 cycles, numbered 0..7 by `phase` (FIRST after reset). In cycle 4 the next wavefront
//             that is not waiting is picked, in turn; in cycle 5 its instruction is addressed, in cycle 6 a descriptor word
//             for lp; each word comes in the cycle after; after cycle 7 the instruction's 8 phases go out on r_* in the next window. A load or store for which the
//             memory unit has no room is dropped and picked again later.
// Latency     4 cycles from the pick to the first phase. After a branch a wavefront misses one window.
// Throughput  one instruction in 8 cycles.
// Handshake   start: a pulse, only while `free`. code_addr and desc_index are 0 but in cycles 5 and 6, the latter also while
//             no wavefront is picked, so that the CVs' addresses can be ORed into one memory each.
// Legal       SLOTS a power of two, 2..16; FIRST 0..7; PC_W 1..16.
`default_nettype none
`include "fgpu_isa.vh"

module axgen_fgpu_issue #(
    parameter SLOTS  = 8,
    parameter PC_W   = 12,
    parameter FIRST  = 0,
    parameter SLOT_W = $clog2(SLOTS)
) (
    input  wire              clk,
    input  wire              rst,
    // from the dispatcher
    input  wire              start,
    input  wire [PC_W-1:0]   start_pc,
    input  wire [15:0]       start_group0,
    input  wire [15:0]       start_group1,
    input  wire [15:0]       groups0,
    input  wire [15:0]       groups1,
    output wire              free,
    output wire              idle,
    // program and descriptor memories
    output wire [PC_W-1:0]   code_addr,
    input  wire [31:0]       code_word,
    output wire [3:0]        desc_index,
    input  wire [31:0]       desc_word,
    // memory unit
    input  wire              mem_room,
    output wire              mem_reserve,
    input  wire              mem_done,
    input  wire [SLOT_W-1:0] mem_done_slot,
    // stage R
    output reg               r_valid,
    output wire [2:0]        r_phase,
    output reg  [SLOT_W-1:0] r_slot,
    output reg  [31:0]       r_word,
    output reg  [31:0]       r_imm,
    output reg               r_all_on,    // every lane is active: no exec so far
    output wire [2:0]        n_phase,     // r_phase and r_slot of the next cycle
    output wire [SLOT_W-1:0] n_slot,
    // stage X: whether any active lane of the phase has rs != 0
    input  wire              x_any
);

    localparam [31:0] FIRST_ = FIRST;
    localparam [2:0]  START  = FIRST_[2:0];

    generate
        if (SLOTS < 2 || SLOTS > 16 || SLOTS != 1 << SLOT_W || FIRST < 0 || FIRST > 7 || PC_W < 1 || PC_W > 16)
        begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_issue illegal ();
        end
    endgenerate

    reg [2:0] phase;
    always @(posedge clk)
        phase <= rst ? START : phase + 3'd1;
    assign r_phase = phase;
    assign n_phase = phase + 3'd1;
    assign n_slot  = (phase == 3'd7) ? last : r_slot;

    // ---- wavefronts
    reg [SLOTS-1:0] active, waiting, branching, all_on;
    reg [PC_W-1:0]  pc     [0:SLOTS-1];
    reg [15:0]      group0 [0:SLOTS-1];
    reg [15:0]      group1 [0:SLOTS-1];

    wire [SLOTS-1:0] ready = active & ~waiting & ~branching;
    assign free = !(&active);
    assign idle = !(|active);

    reg [SLOT_W-1:0] empty;
    integer i;
    always @* begin
        empty = {SLOT_W{1'b0}};
        for (i = SLOTS - 1; i >= 0; i = i - 1)
            if (!active[i])
                empty = i[SLOT_W-1:0];
    end

    // ---- cycle 4: pick, the slot after the last one first
    reg [SLOT_W-1:0] last, next, candidate;
    integer k;
    always @* begin
        next = last;
        candidate = last;
        for (k = 0; k < SLOTS; k = k + 1) begin
            candidate = last - k[SLOT_W-1:0];
            if (ready[candidate])
                next = candidate;
        end
    end
    reg picked;
    always @(posedge clk)
        if (rst) begin
            picked <= 1'b0;
            last   <= {SLOT_W{1'b0}};
        end else if (phase == 3'd4) begin
            picked <= |ready;
            last   <= next;
        end

    // ---- cycle 5: the instruction's address
    assign code_addr = (phase == 3'd5) ? pc[last] : {PC_W{1'b0}};

    // ---- cycle 6: the instruction; the second operand where it is neither a register nor the lane's number
    wire [5:0] code_op = code_word[31:26];
    wire       bitwise = (code_op == `FGPU_ANDI) || (code_op == `FGPU_ORI) || (code_op == `FGPU_XORI);
    reg [31:0] word, imm;
    assign desc_index = (phase == 3'd6 && picked) ? code_word[3:0] : 4'd0;
    always @(posedge clk)
        if (phase == 3'd6) begin
            word <= code_word;
            case (code_op)
                `FGPU_WGID:   imm <= {16'd0, code_word[0] ? group1[last] : group0[last]};
                `FGPU_WGOFF:  imm <= code_word[0] ? {16'd0, group1[last]} : {10'd0, group0[last], 6'd0};
                `FGPU_WGSIZE: imm <= code_word[0] ? 32'd1 : 32'd64;
                `FGPU_SIZE:   imm <= code_word[0] ? {16'd0, groups1} : {10'd0, groups0, 6'd0};
                default:
                    if (code_op >= `FGPU_LB && code_op <= `FGPU_SW)
                        imm <= {{18{code_word[13]}}, code_word[13:0]};
                    else
                        imm <= {{16{code_word[15] && !bitwise}}, code_word[15:0]};
            endcase
        end

    // ---- cycle 7: go, with the descriptor word for lp
    wire [5:0] op     = word[31:26];
    wire       is_mem = (op >= `FGPU_LB) && (op <= `FGPU_SW);
    wire fire = (phase == 3'd7) && picked && (!is_mem || mem_room);
    assign mem_reserve = fire && is_mem;
    wire is_branch = (op == `FGPU_BANY) || (op == `FGPU_BNONE);
    always @(posedge clk)
        if (rst)
            r_valid <= 1'b0;
        else if (phase == 3'd7) begin
            r_valid  <= fire;
            r_slot   <= last;
            r_word   <= word;
            r_imm    <= (op == `FGPU_LP) ? desc_word : imm;
            r_all_on <= all_on[last];
        end

    // ---- branches: decided in stage X of phase 7
    reg              x_branch, x_want, x_seen;
    reg [2:0]        x_phase;
    reg [SLOT_W-1:0] x_slot;
    reg  [PC_W-1:0]   x_offset;
    wire             any  = x_any || (x_seen && x_phase != 3'd0);
    wire             over = x_branch && (x_phase == 3'd7);
    always @(posedge clk) begin
        x_branch <= !rst && r_valid && (r_word[31:26] == `FGPU_BANY || r_word[31:26] == `FGPU_BNONE);
        x_want   <= (r_word[31:26] == `FGPU_BANY);
        x_phase  <= phase;
        x_slot   <= r_slot;
        x_offset <= r_word[PC_W-1:0];
        x_seen   <= any;
    end

    // ---- all that changes a wavefront's state
    always @(posedge clk) begin
        if (mem_done)
            waiting[mem_done_slot] <= 1'b0;
        if (over) begin
            branching[x_slot] <= 1'b0;
            if (any == x_want)
                pc[x_slot] <= pc[x_slot] + x_offset;
        end
        if (fire) begin
            pc[last] <= pc[last] + 1'b1;
            if (op == `FGPU_RET)
                active[last] <= 1'b0;
            if (op == `FGPU_EXEC)
                all_on[last] <= 1'b0;
            if (is_branch)
                branching[last] <= 1'b1;
            if (is_mem && !word[14])
                waiting[last] <= 1'b1;
        end
        if (start) begin
            active[empty]    <= 1'b1;
            waiting[empty]   <= 1'b0;
            branching[empty] <= 1'b0;
            all_on[empty]    <= 1'b1;
            pc[empty]        <= start_pc;
            group0[empty]    <= start_group0;
            group1[empty]    <= start_group1;
        end
        if (rst)
            active <= {SLOTS{1'b0}};
    end

endmodule

`default_nettype wire
