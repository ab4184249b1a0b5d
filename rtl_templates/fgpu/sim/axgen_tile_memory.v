// SPDX-License-Identifier: Apache-2.0
//
// axgen_tile_memory: the global memory at a tile's memory port. Simulation only.
//
// Function    Writes bytes, answers reads in their order. Who instantiates it fills and reads `memory`, lines of 32 bytes, and the
//             counters `reads` and `writes` of lines, while the tile rests. A request beyond the memory raises `outside` and is
//             otherwise lost; `outside_addr` is its address.
// Latency     `latency` cycles from a read's handshake to its answer, at least 1.
// Throughput  one request per cycle; with `seed` not 0 random gaps of m_ready and later answers.
// Handshake   m_valid/m_ready; r_valid alone.
// Legal       ADDR_W 13..32, LINES >= 1. `latency` and `seed` keep their values from before the first cycle on.
`default_nettype none

module axgen_tile_memory #(
    parameter ADDR_W = 24,
    parameter LINES  = 4096
) (
    input  wire              clk,
    input  wire              rst,
    input  wire [31:0]       latency,
    input  wire [31:0]       seed,
    input  wire              m_valid,
    output reg               m_ready,
    input  wire              m_write,
    input  wire [ADDR_W-1:0] m_addr,
    input  wire [2:0]        m_id,
    input  wire [255:0]      m_wdata,
    input  wire [31:0]       m_wstrb,
    output reg               r_valid,
    output reg  [2:0]        r_id,
    output reg  [255:0]      r_data,
    output reg               outside
);

    reg [255:0]      memory [0:LINES-1];
    reg [ADDR_W-1:0] outside_addr;
    integer          reads, writes;

    // answers wait in a ring, each with the cycle from which on it may go
    reg [255:0] ring_data [0:63];
    reg [2:0]   ring_id   [0:63];
    integer     ring_when [0:63];
    integer     head, tail, cycle, line, i;
    reg [31:0]  random;
    function [31:0] shuffle(input [31:0] x);
        reg [31:0] t;
        begin
            t = x;
            t = t ^ (t << 13);
            t = t ^ (t >> 17);
            shuffle = t ^ (t << 5);
        end
    endfunction

    initial begin
        m_ready = 1'b0;
        r_valid = 1'b0;
        r_id    = 3'd0;
        r_data  = 256'd0;
        outside = 1'b0;
        reads   = 0;
        writes  = 0;
        head    = 0;
        tail    = 0;
        cycle   = 0;
        random  = 32'h9e3779b9;
    end

    always @(posedge clk) begin
        random = shuffle((cycle == 0) ? random ^ seed : random);
        cycle  = cycle + 1;
        if (!rst && m_valid && m_ready) begin
            line = {{(32-ADDR_W){1'b0}}, m_addr} >> 5;
            if (line >= LINES) begin
                outside      <= 1'b1;
                outside_addr <= m_addr;
            end else if (m_write) begin
                writes = writes + 1;
                for (i = 0; i < 32; i = i + 1)
                    if (m_wstrb[i])
                        memory[line][8*i +: 8] = m_wdata[8*i +: 8];
            end else begin
                reads = reads + 1;
                ring_data[tail % 64] = memory[line];
                ring_id[tail % 64]   = m_id;
                ring_when[tail % 64] = cycle + latency - 1 + ((seed != 0) ? {28'd0, random[11:8]} : 0);
                tail = tail + 1;
            end
        end
        m_ready <= (tail - head < 60) && (seed == 0 || random[0]);
        r_valid <= 1'b0;
        if (head != tail && ring_when[head % 64] <= cycle) begin
            r_valid <= 1'b1;
            r_id    <= ring_id[head % 64];
            r_data  <= ring_data[head % 64];
            head = head + 1;
        end
    end

endmodule

`default_nettype wire
