// SPDX-License-Identifier: Apache-2.0
//
// axgen_fifo: stream FIFO that holds DEPTH beats.
//
// Function    beats leave in the order they came.
//             DEPTH 1   a register stage.
//             DEPTH 2   an axgen_slice (two registers).
//             DEPTH 3+  an axgen_ram of DEPTH-1 words, whose read register holds one more beat.
// Latency     1 cycle (DEPTH 1, 2), 2 cycles (DEPTH 3+).
// Throughput  one beat per cycle.
// Handshake   valid/ready. DEPTH 1: s_ready is combinational from m_ready. DEPTH 2+: no path from m_ready to s_ready.
// Legal       WIDTH >= 1, DEPTH >= 1.
`default_nettype none

module axgen_fifo #(
    parameter WIDTH = 8,
    parameter DEPTH = 4
) (
    input  wire             clk,
    input  wire             rst,
    input  wire             s_valid,
    output wire             s_ready,
    input  wire [WIDTH-1:0] s_data,
    output wire             m_valid,
    input  wire             m_ready,
    output wire [WIDTH-1:0] m_data
);

    generate
        if (WIDTH < 1 || DEPTH < 1) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fifo illegal ();
        end
    endgenerate

    generate
        if (DEPTH <= 1) begin : g_register
            reg             out_valid;
            reg [WIDTH-1:0] out_data;
            wire            out_free = !out_valid || m_ready;
            assign m_valid = out_valid;
            assign m_data  = out_data;
            assign s_ready = out_free;
            always @(posedge clk) begin
                if (rst)
                    out_valid <= 1'b0;
                else if (out_free)
                    out_valid <= s_valid;
                if (out_free)
                    out_data <= s_data;
            end
        end else if (DEPTH == 2) begin : g_slice
            axgen_slice #(.WIDTH(WIDTH)) u_slice (
                .clk(clk), .rst(rst),
                .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data),
                .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
            );
        end else begin : g_ram
            localparam WORDS   = DEPTH - 1;
            localparam ADDR_W  = $clog2(WORDS);
            localparam COUNT_W = $clog2(WORDS + 1);
            localparam [31:0] FULL = WORDS;
            reg                out_valid;
            wire               out_free = !out_valid || m_ready;
            wire [ADDR_W-1:0]  waddr, raddr;
            reg  [COUNT_W-1:0] count;                           // words in the memory
            wire push = s_valid && s_ready;
            wire pop  = out_free && (count != {COUNT_W{1'b0}});
            assign s_ready = (count != FULL[COUNT_W-1:0]);
            assign m_valid = out_valid;

            axgen_count_value #(.N(WORDS)) u_write (
                .clk(clk), .rst(rst), .en(push), .value(waddr)
            );
            axgen_count_value #(.N(WORDS)) u_read (
                .clk(clk), .rst(rst), .en(pop), .value(raddr)
            );
            axgen_ram #(.WIDTH(WIDTH), .DEPTH(WORDS)) u_ram (
                .clk(clk), .we(push), .waddr(waddr), .wdata(s_data), .re(pop), .raddr(raddr), .rdata(m_data)
            );
            always @(posedge clk) begin
                if (rst)
                    count <= {COUNT_W{1'b0}};
                else if (push && !pop)
                    count <= count + 1'b1;
                else if (pop && !push)
                    count <= count - 1'b1;
                if (rst)
                    out_valid <= 1'b0;
                else if (out_free)
                    out_valid <= pop;
            end
        end
    endgenerate

endmodule

`default_nettype wire
