// SPDX-License-Identifier: Apache-2.0
//
// proof_queue: what a core between two streams should hold: words in their order, oldest first. Asserts that no more come out than
// went in, each as it came, and no more are inside than there is room for. `word` and `count` are there for invariants.
module proof_queue #(
    parameter WIDTH = 1,                                        // bits of a word
    parameter IN    = 1,                                        // words of a beat that comes
    parameter OUT   = 1,                                        // ... that goes
    parameter ROOM  = 2                                         // words
) (
    input  wire                  clk,
    input  wire                  rst,
    input  wire                  push,
    input  wire [IN*WIDTH-1:0]   s_data,
    input  wire                  m_valid,
    input  wire                  m_ready,
    input  wire [OUT*WIDTH-1:0]  m_data,
    output reg  [7:0]            count,
    output reg  [ROOM*WIDTH-1:0] word
);
    wire                  pop  = m_valid && m_ready;
    wire [7:0]            left = count - (pop ? OUT : 0);
    wire [ROOM*WIDTH-1:0] kept = pop ? word >> (OUT * WIDTH) : word;
    integer i;

    always @(posedge clk)
        if (rst) begin
            count <= 0;
        end else begin
            count <= left + (push ? IN : 0);
            for (i = 0; i < ROOM; i = i + 1)
                if (i < left)
                    word[i*WIDTH +: WIDTH] <= kept[i*WIDTH +: WIDTH];
                else if (push && i < left + IN)
                    word[i*WIDTH +: WIDTH] <= s_data >> ((i - left) * WIDTH);
        end

    always @*
        if (!rst) begin
            assert(count <= ROOM);
            if (m_valid) begin
                assert(count >= OUT);
                assert(m_data == word[OUT*WIDTH-1:0]);
            end
        end
endmodule
