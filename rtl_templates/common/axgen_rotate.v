// SPDX-License-Identifier: Apache-2.0
//
// axgen_rotate: rotation network.
//
// Function    m_data[i] = s_data[(i + amount) mod N], elements of WIDTH bits; ceil(log2 N) levels of 2-way multiplexers.
// Latency     0 (combinational).
// Throughput  one rotation per cycle.
// Handshake   none.
// Legal       N >= 1, WIDTH >= 1, amount < N. AMOUNT_W is derived: leave it alone.
`default_nettype none

module axgen_rotate #(
    parameter N        = 3,
    parameter WIDTH    = 8,
    parameter AMOUNT_W = (N > 1) ? $clog2(N) : 1
) (
    input  wire [AMOUNT_W-1:0] amount,
    input  wire [N*WIDTH-1:0]  s_data,
    output wire [N*WIDTH-1:0]  m_data
);

    generate
        if (N < 1 || WIDTH < 1 || AMOUNT_W != ((N > 1) ? $clog2(N) : 1)) begin : g_illegal
            ILLEGAL_PARAMETER_axgen_rotate illegal ();
        end

        if (N == 1) begin : g_one
            wire unused = &{1'b0, amount};
            assign m_data = s_data;
        end else begin : g_many
            genvar b;
            for (b = 0; b < AMOUNT_W; b = b + 1) begin : g_stage
                localparam R = 1 << b;                          // < N
                wire [N*WIDTH-1:0] now, next;
                if (b == 0) begin : g_first
                    assign now = s_data;
                end else begin : g_later
                    assign now = g_stage[b-1].next;
                end
                assign next = amount[b] ? {now[R*WIDTH-1:0], now[N*WIDTH-1:R*WIDTH]} : now;
            end
            assign m_data = g_stage[AMOUNT_W-1].next;
        end
    endgenerate

endmodule

`default_nettype wire
