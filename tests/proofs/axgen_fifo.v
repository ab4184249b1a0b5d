// SPDX-License-Identifier: Apache-2.0
//
// axgen_fifo with a memory (DEPTH >= 3) is a queue of DEPTH words: DEPTH - 1 in the memory, one at the output.
module proof_axgen_fifo #(
    parameter WIDTH = 2
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire             m_ready,
    input wire [WIDTH-1:0] s_data
);
    localparam DEPTH   = 4;
    localparam WORDS   = DEPTH - 1;
    localparam ADDR_W  = $clog2(WORDS);
    localparam COUNT_W = $clog2(WORDS + 1);
    wire                   s_ready, m_valid;
    wire [WIDTH-1:0]       m_data;
    wire [7:0]             count;
    wire [DEPTH*WIDTH-1:0] word;

    proof_start start (.clk(clk), .rst(rst));
    axgen_fifo #(.WIDTH(WIDTH), .DEPTH(DEPTH)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(WIDTH)) sent (.clk(clk), .rst(rst), .valid(m_valid), .ready(m_ready), .data(m_data));
    proof_queue #(.WIDTH(WIDTH), .ROOM(DEPTH)) queue (
        .clk(clk), .rst(rst), .push(s_valid && s_ready), .s_data(s_data),
        .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data), .count(count), .word(word)
    );

    (* hierconn *) wire [COUNT_W-1:0] \dut.genblk2.g_ram.count ;
    (* hierconn *) wire [ADDR_W-1:0]  \dut.genblk2.g_ram.waddr ;
    (* hierconn *) wire [ADDR_W-1:0]  \dut.genblk2.g_ram.raddr ;
    (* hierconn *) wire [WIDTH-1:0]   \dut.genblk2.g_ram.u_ram.mem[0] ;
    (* hierconn *) wire [WIDTH-1:0]   \dut.genblk2.g_ram.u_ram.mem[1] ;
    (* hierconn *) wire [WIDTH-1:0]   \dut.genblk2.g_ram.u_ram.mem[2] ;
    wire [3*WIDTH-1:0] memory = {\dut.genblk2.g_ram.u_ram.mem[2] , \dut.genblk2.g_ram.u_ram.mem[1] , \dut.genblk2.g_ram.u_ram.mem[0] };
    wire [COUNT_W-1:0] held   = \dut.genblk2.g_ram.count ;
    wire [7:0]         first  = \dut.genblk2.g_ram.raddr , next = \dut.genblk2.g_ram.waddr ;
    integer i;
    always @*
        if (!rst) begin
            assert(count == m_valid + held);
            assert(held <= WORDS && first < WORDS && next == (first + held) % WORDS);
            for (i = 0; i < WORDS; i = i + 1)
                if (i < held)
                    assert(memory[(first + i) % WORDS * WIDTH +: WIDTH] == word[(i + m_valid) * WIDTH +: WIDTH]);
        end
endmodule
