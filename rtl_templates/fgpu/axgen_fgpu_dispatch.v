// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_dispatch: runs launches: reads a descriptor, hands its work-groups to the compute vectors, waits for the last.
//
// Function    `go` starts `count` launches from number `first` on. Each launch: the caches are flushed, words 0..11 of its
//             descriptor are read, then the CVs are asked in turn: one with a free slot and groups left in its queue gets
//             the queue's next group (dimension 0 counts fastest). When all queues are empty and all CVs idle, the next.
// Latency     17 cycles from one launch to the next one's first group.
// Throughput  one group a cycle.
// Handshake   go: a pulse while not busy. start[cv]: a pulse, only while free[cv].
// Legal       CVS 1..8; LAUNCH_W 1..16; PC_W 1..16.
`default_nettype none

module axgen_fgpu_dispatch #(
    parameter CVS      = 1,
    parameter PC_W     = 12,
    parameter LAUNCH_W = 6
) (
    input  wire                clk,
    input  wire                rst,
    input  wire                go,
    input  wire [LAUNCH_W-1:0] first,
    input  wire [LAUNCH_W:0]   count,
    output wire                busy,
    output reg  [LAUNCH_W-1:0] launch,
    // descriptor memory, whose word comes in the cycle after; index is 0 but while a descriptor is read
    output wire [3:0]          desc_index,
    input  wire [31:0]         desc_word,
    // compute vectors
    output wire                flush,
    output wire [CVS-1:0]      start,
    output reg  [PC_W-1:0]     start_pc,
    output wire [15:0]         start_group0,
    output wire [15:0]         start_group1,
    output reg  [15:0]         groups0,
    output reg  [15:0]         groups1,
    input  wire [CVS-1:0]      free,
    input  wire [CVS-1:0]      idle
);

    generate
        if (CVS < 1 || CVS > 8 || LAUNCH_W < 1 || LAUNCH_W > 16 || PC_W < 1 || PC_W > 16) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_dispatch illegal ();
        end
    endgenerate

    localparam [1:0] IDLE = 2'd0, READ = 2'd1, RUN = 2'd2, DRAIN = 2'd3;
    localparam [31:0] CVS_ = CVS;
    localparam [2:0] LAST = CVS_[2:0] - 3'd1;

    reg [1:0]        state;
    reg [3:0]        word;                         // that is addressed; the one before it has come
    reg [LAUNCH_W:0] left;
    reg [31:0]       queue_of;
    reg [15:0]       next0 [0:7];
    reg [15:0]       next1 [0:7];
    reg [15:0]       end1  [0:7];
    reg [7:0]        open_;                        // queues with groups left
    reg [2:0]        cv;
    reg [2:0]        settle;                       // cycles until the CVs' idle counts

    assign busy       = (state != IDLE);
    assign flush      = (state == READ) && (word == 4'd0);
    assign desc_index = (state == READ) ? word : 4'd0;

    // ---- the CV that is asked now
    wire [7:0]  free_ = {{(8-CVS){1'b0}}, free};
    wire [3:0]  queue = queue_of[{cv, 2'd0} +: 4];
    wire [2:0]  q     = queue[2:0];
    wire        give  = (state == RUN) && !queue[3] && open_[q] && free_[cv];
    genvar g;
    generate
        for (g = 0; g < CVS; g = g + 1) begin : g_start
            assign start[g] = give && (cv == g[2:0]);
        end
    endgenerate
    assign start_group0 = next0[q];
    assign start_group1 = next1[q];
    wire        row_end = (next0[q] + 16'd1 == groups0);

    wire [2:0] w = word[2:0] - 3'd5;
    always @(posedge clk)
        if (rst)
            state <= IDLE;
        else
            case (state)
                IDLE:
                    if (go && count != 0) begin
                        state  <= READ;
                        word   <= 4'd0;
                        launch <= first;
                        left   <= count;
                    end
                READ: begin
                    word <= word + 4'd1;
                    case (word)
                        4'd0: ;
                        4'd1: start_pc <= desc_word[PC_W-1:0];
                        4'd2: groups0  <= desc_word[15:0];
                        4'd3: groups1  <= desc_word[15:0];
                        4'd4: queue_of <= desc_word;
                        default: begin
                            next0[w] <= 16'd0;
                            next1[w] <= desc_word[15:0];
                            end1[w]  <= desc_word[31:16];
                            open_[w] <= (desc_word[15:0] < desc_word[31:16]) && (groups0 != 16'd0);
                        end
                    endcase
                    cv <= 3'd0;
                    if (word == 4'd12)
                        state <= RUN;
                end
                RUN: begin
                    cv <= (cv == LAST) ? 3'd0 : cv + 3'd1;
                    if (give) begin
                        next0[q] <= row_end ? 16'd0 : next0[q] + 16'd1;
                        if (row_end) begin
                            next1[q] <= next1[q] + 16'd1;
                            if (next1[q] + 16'd1 == end1[q])
                                open_[q] <= 1'b0;
                        end
                    end
                    settle <= 3'd7;
                    if (!waited)
                        state <= DRAIN;
                end
                DRAIN: begin                       // what a wavefront issued last is still on its way to the memory unit
                    settle <= (&idle) ? settle - 3'd1 : 3'd7;
                    if (settle == 3'd0) begin
                        launch <= launch + 1'b1;
                        left   <= left - 1'b1;
                        word   <= 4'd0;
                        state  <= (left == 1) ? IDLE : READ;
                    end
                end
            endcase

    // whether some CV has a queue with groups left
    reg     waited;
    integer i;
    always @* begin
        waited = 1'b0;
        for (i = 0; i < CVS; i = i + 1)
            if (!queue_of[4*i+3] && open_[queue_of[4*i +: 3]])
                waited = 1'b1;
    end

endmodule

`default_nettype wire
