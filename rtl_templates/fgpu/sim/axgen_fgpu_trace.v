// SPDX-License-Identifier: Apache-2.0
//
// axgen_fgpu_trace: writes down what a compute vector does. Simulation only (define AXGEN_TRACE).
//
// Function    To trace_cvN.txt, as fgpu_sim_run does: `LAUNCH GROUP1 GROUP0 P <tab> PC` for each instruction,
//             `LAUNCH GROUP1 GROUP0 W PHASE REGISTER <tab> 8 values` for each write of a register, - for lanes that are off.
// Latency, throughput, handshake: it watches. Legal: CV 0..7.
`default_nettype none

module axgen_fgpu_trace #(
    parameter CV = 0
) (
    input wire              clk,
    input wire              rst,
    input wire              flush,
    input wire              r_valid,
    input wire [2:0]        r_phase,
    input wire [15:0]       r_pc,
    input wire [15:0]       group0,
    input wire [15:0]       group1,
    input wire              w_we,
    input wire [2:0]        w_phase,
    input wire [4:0]        w_rd,
    input wire [7:0]        w_mask,
    input wire [255:0]      w_data,
    input wire              ld_we,
    input wire [2:0]        ld_phase,
    input wire [4:0]        ld_rd,
    input wire [7:0]        ld_mask,
    input wire [255:0]      ld_data,
    input wire [15:0]       ld_group0,
    input wire [15:0]       ld_group1
);

    integer file, launch, i;
    reg [8*16-1:0] name;
    initial begin
        $sformat(name, "trace_cv%0d.txt", CV);
        file   = $fopen(name, "w");
        launch = -1;
    end

    reg [31:0] x_group, y_group, w_group;          // as the pipeline goes
    always @(posedge clk) begin
        if (flush && !rst)
            launch = launch + 1;
        x_group <= {group1, group0};
        y_group <= x_group;
        w_group <= y_group;
        if (!rst && r_valid && r_phase == 3'd0)
            $fwrite(file, "%0d %0d %0d P\t %0d\n", launch, group1, group0, r_pc);
        if (!rst && w_we && w_mask != 8'd0) begin
            $fwrite(file, "%0d %0d %0d W %0d %0d\t", launch, w_group[31:16], w_group[15:0], w_phase, w_rd);
            for (i = 0; i < 8; i = i + 1)
                if (w_mask[i])
                    $fwrite(file, " %h", w_data[32*i +: 32]);
                else
                    $fwrite(file, " -");
            $fwrite(file, "\n");
        end
        if (!rst && ld_we && ld_mask != 8'd0) begin
            $fwrite(file, "%0d %0d %0d W %0d %0d\t", launch, ld_group1, ld_group0, ld_phase, ld_rd);
            for (i = 0; i < 8; i = i + 1)
                if (ld_mask[i])
                    $fwrite(file, " %h", ld_data[32*i +: 32]);
                else
                    $fwrite(file, " -");
            $fwrite(file, "\n");
        end
    end

endmodule

`default_nettype wire
