// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_arbiter: N requesters share one memory port.
//
// Function    Requesters are served in turn; once shown, a request stays until it is taken. Reads of the 4 lines of an
//             aligned 128 bytes, which a requester shows one after the other, are not parted: after a line that is not the
//             last of its 4 the same requester goes on. The requester's number goes out with a request (m_id) and comes
//             back with a read's answer (r_id).
// Latency     0.
// Throughput  one request per cycle.
// Handshake   valid/ready as in AXI4-Stream; answers are taken at once.
// Legal       N 1..8, ADDR_W 8..32.
`default_nettype none

module axgen_fgpu_arbiter #(
    parameter N      = 2,
    parameter ADDR_W = 24
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [N-1:0]            s_valid,
    output reg  [N-1:0]            s_ready,
    input  wire [N-1:0]            s_write,
    input  wire [N*(ADDR_W-5)-1:0] s_line,
    input  wire [N*256-1:0]        s_wdata,
    input  wire [N*32-1:0]         s_wstrb,
    output reg  [N-1:0]            s_rvalid,
    output wire                    m_valid,
    input  wire                    m_ready,
    output reg                     m_write,
    output wire [ADDR_W-1:0]       m_addr,
    output wire [2:0]              m_id,
    output reg  [255:0]            m_wdata,
    output reg  [31:0]             m_wstrb,
    input  wire                    r_valid,
    input  wire [2:0]              r_id
);

    generate
        if (N < 1 || N > 8 || ADDR_W < 8 || ADDR_W > 32) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_arbiter illegal ();
        end
    endgenerate

    reg  [2:0] last, pick, held;
    reg        hold;
    reg  [ADDR_W-6:0] line;
    wire [7:0] valid = {{(8-N){1'b0}}, s_valid};
    integer    i, k;
    always @* begin
        pick = last;
        for (k = 0; k < 8; k = k + 1)              // the one after the last comes first
            if (valid[last - k[2:0]])
                pick = last - k[2:0];
        if (hold)
            pick = held;
    end
    assign m_valid = valid[pick];
    assign m_id    = pick;
    assign m_addr  = {line, 5'd0};
    always @* begin
        m_write = 1'b0;
        line    = {(ADDR_W-5){1'b0}};
        m_wdata = 256'd0;
        m_wstrb = 32'd0;
        for (i = 0; i < N; i = i + 1) begin
            s_ready[i]  = m_ready && (pick == i[2:0]);
            s_rvalid[i] = r_valid && (r_id == i[2:0]);
            if (pick == i[2:0]) begin
                m_write = s_write[i];
                line    = s_line[i*(ADDR_W-5) +: ADDR_W-5];
                m_wdata = s_wdata[i*256 +: 256];
                m_wstrb = s_wstrb[i*32 +: 32];
            end
        end
    end
    always @(posedge clk)
        if (rst) begin
            last <= 3'd0;
            hold <= 1'b0;
        end else begin
            hold <= m_valid && (!m_ready || (!m_write && line[1:0] != 2'd3));
            held <= pick;
            if (m_valid && m_ready)
                last <= pick;
        end

endmodule

`default_nettype wire
