// SPDX-License-Identifier: Apache-2.0
//
// axgen_fork gives every receiver every beat once, whatever the others do; nobody's beat changes while it waits.
module proof_axgen_fork #(
    parameter WIDTH = 2,
    parameter N     = 3
) (
    input wire             clk,
    input wire             rst,
    input wire             s_valid,
    input wire [N-1:0]     m_ready,
    input wire [WIDTH-1:0] s_data
);
    wire             s_ready;
    wire [N-1:0]     m_valid;
    wire [WIDTH-1:0] m_data;

    proof_start start (.clk(clk), .rst(rst));
    axgen_fork #(.WIDTH(WIDTH), .N(N)) dut (
        .clk(clk), .rst(rst), .s_valid(s_valid), .s_ready(s_ready), .s_data(s_data), .m_valid(m_valid), .m_ready(m_ready), .m_data(m_data)
    );
    proof_stream #(.WIDTH(WIDTH), .ASSUMED(1)) given (.clk(clk), .rst(rst), .valid(s_valid), .ready(s_ready), .data(s_data));

    (* hierconn *) wire [N-1:0] \dut.done ;
    wire [N-1:0] done = \dut.done ;
    genvar i;
    generate
        for (i = 0; i < N; i = i + 1) begin : g_receiver
            reg has;                                            // the beat that is there
            proof_stream #(.WIDTH(WIDTH)) sent (.clk(clk), .rst(rst), .valid(m_valid[i]), .ready(m_ready[i]), .data(m_data));
            always @(posedge clk)
                has <= !rst && !(s_valid && s_ready) && (has || (m_valid[i] && m_ready[i]));
            always @*
                if (!rst) begin
                    assert(done[i] == has);
                    assert(!(has && m_valid[i]));               // none twice
                    assert(!(m_valid[i] && !s_valid) && m_data == s_data);
                    if (s_valid && s_ready)
                        assert(has || (m_valid[i] && m_ready[i])); // none lost
                end
        end
    endgenerate
endmodule
