// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_arbiter: N requesters share one memory port.
//
// Function    Requesters are served in turn; once shown, a request stays until it is taken. The requester's number goes out
//             with it (m_id) and comes back with a read's answer (r_id).
// Latency     0.
// Throughput  one request per cycle.
// Handshake   valid/ready as in AXI4-Stream; answers are taken at once.
// Legal       N 1..8, ADDR_W 6..32.
`default_nettype none

module axgen_fgpu_arbiter #(
    parameter N      = 2,
    parameter ADDR_W = 24
) (
    input  wire                    clk,
    input  wire                    rst,
    input  wire [N-1:0]            s_valid,
    output wire [N-1:0]            s_ready,
    input  wire [N-1:0]            s_write,
    input  wire [N*(ADDR_W-5)-1:0] s_line,
    input  wire [N*256-1:0]        s_wdata,
    input  wire [N*32-1:0]         s_wstrb,
    output wire [N-1:0]            s_rvalid,
    output wire                    m_valid,
    input  wire                    m_ready,
    output wire                    m_write,
    output wire [ADDR_W-1:0]       m_addr,
    output wire [2:0]              m_id,
    output wire [255:0]            m_wdata,
    output wire [31:0]             m_wstrb,
    input  wire                    r_valid,
    input  wire [2:0]              r_id
);

    generate
        if (N < 1 || N > 8 || ADDR_W < 6 || ADDR_W > 32) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_fgpu_arbiter illegal ();
        end
    endgenerate

    reg  [2:0] last, pick, held;
    reg        hold;
    wire [7:0] valid = {{(8-N){1'b0}}, s_valid};
    integer    i;
    always @* begin
        pick = last;
        for (i = 0; i < 8; i = i + 1)              // the one after the last comes first
            if (valid[last - i[2:0]])
                pick = last - i[2:0];
        if (hold)
            pick = held;
    end
    assign m_valid = valid[pick];
    assign m_id    = pick;
    wire [N-1:0] one = {{(N-1){1'b0}}, 1'b1};
    assign s_ready  = m_ready ? one << pick : {N{1'b0}};
    assign s_rvalid = r_valid ? one << r_id : {N{1'b0}};
    assign m_write  = s_write[pick];
    assign m_addr   = {s_line[pick*(ADDR_W-5) +: ADDR_W-5], 5'd0};
    assign m_wdata  = s_wdata[pick*256 +: 256];
    assign m_wstrb  = s_wstrb[pick*32 +: 32];
    always @(posedge clk)
        if (rst) begin
            last <= 3'd0;
            hold <= 1'b0;
        end else begin
            hold <= m_valid && !m_ready;
            held <= pick;
            if (m_valid && m_ready)
                last <= pick;
        end

endmodule

`default_nettype wire
